//! When to try again what did not work.

use antiphon_timeline::HostTime;

use crate::limits::{RETRY_NS_MAX, RETRY_NS_MIN};

/// Pauses that double from failure to failure.
#[derive(Debug)]
pub(crate) struct BackOff {
    due: HostTime,
    pause_ns: i64,
}

impl BackOff {
    /// The first try is due at `now`.
    pub(crate) const fn new(now: HostTime) -> Self {
        Self { due: now, pause_ns: RETRY_NS_MIN }
    }

    /// It did not work.
    pub(crate) fn fail(&mut self, now: HostTime) {
        self.due = now + self.pause_ns;
        self.pause_ns = (2 * self.pause_ns).min(RETRY_NS_MAX);
    }

    /// It never will.
    pub(crate) fn stop(&mut self) {
        self.due = HostTime(i64::MAX);
    }

    pub(crate) fn is_due(&self, now: HostTime) -> bool {
        now >= self.due
    }
}

#[test]
fn pauses_double_up_to_the_longest() {
    let mut tries = BackOff::new(HostTime(0));
    assert!(tries.is_due(HostTime(0)));
    let pauses: Vec<i64> = (0..7)
        .map(|_| {
            let before = tries.due;
            tries.fail(before);
            assert!(!tries.is_due(before));
            tries.due.saturating_since(before) / 1_000_000
        })
        .collect();
    assert_eq!(pauses, [250, 500, 1_000, 2_000, 2_000, 2_000, 2_000]);
}
