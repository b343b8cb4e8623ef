//! The one place of the node that reads clocks.

use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_peer::Now;
use antiphon_timeline::{HostClock, HostTime};
use rustix::time::{ClockId, clock_gettime};

#[cfg(target_os = "linux")]
const CRYSTAL: ClockId = ClockId::MonotonicRaw;
#[cfg(not(target_os = "linux"))]
const CRYSTAL: ClockId = ClockId::Monotonic;

/// The machine's crystal, which tests may offset and skew to stand for another machine's.
///
/// Where the system has one, this is the clock that nothing steers: a time service may run the ordinary monotonic clock
/// faster by 500 ppm, some by percents, while it corrects the calendar, and peers would have to follow that as if a
/// crystal had changed. Sound cards are stamped by the ordinary one; the edge measures the two against each other every
/// 50 ms, which at the usual few ppm is off by less than a microsecond. On Linux it stands still while the machine sleeps.
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
        self.bend(read(CRYSTAL))
    }

    /// The monotonic clocks stand still while the machine sleeps, and another one does not.
    #[cfg(target_os = "linux")]
    fn slept_ns(&self) -> i64 {
        let awake = read(ClockId::Monotonic);
        read(ClockId::Boottime).saturating_sub(awake)
    }
}

fn read(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec)
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
