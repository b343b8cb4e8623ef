//! Noticing that this machine stood still, and for how long.
//!
//! The host's clock stops while the machine sleeps; another of the system's clocks counts on. What the second has
//! gained on the first is the sleep. A machine that was halted from outside (a virtual one, or a stopped process)
//! may lose time that no clock counts: that shows only as a deadline long missed.

use antiphon_timeline::HostTime;

use crate::limits::{CLOCK_LATE_NS, CLOCK_SLEEP_NS};

/// How long this machine has slept since it was started, in nanoseconds. Only differences count.
pub(crate) type SleptNs = Box<dyn Fn() -> i64 + Send>;

/// How a machine stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standstill {
    /// It slept, and the host's clock did not count this.
    Slept { gap_ns: i64 },
    /// It was away, and nobody knows what its clock did meanwhile.
    Away { late_ns: i64 },
}

impl Standstill {
    /// What to tell the clock of it.
    pub(crate) fn known_gap_ns(self) -> Option<i64> {
        match self {
            Self::Slept { gap_ns } => Some(gap_ns),
            Self::Away { .. } => None,
        }
    }
}

/// Compares the clocks at each wake-up.
pub(crate) struct StandstillWatch {
    slept_ns: SleptNs,
    seen_ns: i64,
}

impl StandstillWatch {
    pub(crate) fn new(slept_ns: SleptNs) -> Self {
        let seen_ns = slept_ns();
        Self { slept_ns, seen_ns }
    }

    /// To be asked after each wait, which was to end at `wake_at` at the latest.
    pub(crate) fn notice(&mut self, wake_at: HostTime, now: HostTime) -> Option<Standstill> {
        let slept_ns = (self.slept_ns)();
        let gap_ns = slept_ns.saturating_sub(self.seen_ns);
        if gap_ns > CLOCK_SLEEP_NS {
            self.seen_ns = slept_ns;
            return Some(Standstill::Slept { gap_ns });
        }
        // Small changes are the reading's own noise; they must not add up to a sleep over days.
        self.seen_ns = self.seen_ns.saturating_add(gap_ns);
        let late_ns = now.saturating_since(wake_at);
        (late_ns > CLOCK_LATE_NS).then_some(Standstill::Away { late_ns })
    }
}

/// What the system says.
#[cfg(target_os = "linux")]
pub(crate) fn system() -> SleptNs {
    use rustix::time::{ClockId, Timespec, clock_gettime};

    let nanos = |at: Timespec| at.tv_sec.saturating_mul(1_000_000_000).saturating_add(at.tv_nsec);
    Box::new(move || {
        let awake = nanos(clock_gettime(ClockId::Monotonic));
        nanos(clock_gettime(ClockId::Boottime)) - awake
    })
}

/// The monotonic clock of other systems counts sleep itself, so that it shows as a missed deadline.
#[cfg(not(target_os = "linux"))]
pub(crate) fn system() -> SleptNs {
    Box::new(|| 0)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use super::*;

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn a_sleep_is_noticed_once_with_its_length() {
        let slept = Arc::new(AtomicI64::new(77));
        let read = Arc::clone(&slept);
        let mut watch = StandstillWatch::new(Box::new(move || read.load(Ordering::Relaxed)));
        let on_time = HostTime(SECOND);
        assert_eq!(watch.notice(on_time, on_time), None);
        slept.fetch_add(30 * SECOND, Ordering::Relaxed);
        assert_eq!(watch.notice(on_time, on_time), Some(Standstill::Slept { gap_ns: 30 * SECOND }));
        assert_eq!(watch.notice(on_time, on_time), None);
    }

    #[test]
    fn noise_of_the_reading_never_becomes_a_sleep() {
        let slept = Arc::new(AtomicI64::new(0));
        let read = Arc::clone(&slept);
        let mut watch = StandstillWatch::new(Box::new(move || read.load(Ordering::Relaxed)));
        for _ in 0..1_000 {
            slept.fetch_add(1_000_000, Ordering::Relaxed);
            assert_eq!(watch.notice(HostTime(0), HostTime(0)), None);
        }
    }

    #[test]
    fn a_deadline_missed_by_seconds_is_a_standstill_of_unknown_length() {
        let mut watch = StandstillWatch::new(Box::new(|| 0));
        assert_eq!(watch.notice(HostTime(0), HostTime(2 * SECOND)), None);
        let away = watch.notice(HostTime(0), HostTime(2 * SECOND + 1));
        assert_eq!(away, Some(Standstill::Away { late_ns: 2 * SECOND + 1 }));
        assert_eq!(away.and_then(Standstill::known_gap_ns), None);
    }

    #[test]
    fn the_system_reads_a_steady_length_while_awake() {
        let slept = system();
        let first = slept();
        assert!((slept() - first).abs() < CLOCK_SLEEP_NS);
    }
}
