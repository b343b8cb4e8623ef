//! The one place of the node that reads clocks.

use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_peer::Now;
use antiphon_timeline::{HostClock, HostTime};
use rustix::time::{ClockId, clock_gettime};

/// The machine's monotonic clock, which tests may offset and skew to stand for another machine's.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    offset_ns: i64,
    skew_ppb: i64,
}

impl SystemClock {
    /// The clock as it is, or bent.
    pub const fn new(offset_ns: i64, skew_ppb: i64) -> Self {
        Self { offset_ns, skew_ppb }
    }

    /// This moment on both clocks: the monotonic one for music, the calendar for people.
    pub fn moment(&self) -> Now {
        Now { host: self.now(), unix_ms: unix_ms() }
    }

    fn bend(&self, nanos: i64) -> HostTime {
        let skewed = i128::from(nanos) * i128::from(self.skew_ppb) / 1_000_000_000;
        HostTime(nanos.saturating_add(skewed as i64).saturating_add(self.offset_ns))
    }
}

impl HostClock for SystemClock {
    fn now(&self) -> HostTime {
        let time = clock_gettime(ClockId::Monotonic);
        self.bend(time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec))
    }
}

#[expect(clippy::disallowed_methods, reason = "the one calendar read: names and lists show dates")]
fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_clock_runs_by_its_offset_and_skew() {
        let clock = SystemClock::new(5, 1_000);
        assert_eq!(clock.bend(1_000_000_000), HostTime(1_000_001_005));
    }
}
