//! Waiting: a condition and a deadline.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// Between two looks at a condition that nobody tells of.
const LOOK_EVERY: Duration = Duration::from_millis(3);

/// Time since a moment of the test.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    #[expect(clippy::disallowed_methods, reason = "tests of real processes live in real time; the one read")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// The time from this start to another moment.
    pub fn to(&self, later: &Self) -> Duration {
        later.0.saturating_duration_since(self.0)
    }

    /// What is left of `limit`.
    pub fn left(&self, limit: Duration) -> Duration {
        limit.saturating_sub(self.elapsed())
    }
}

/// The machine's monotonic clock, nanoseconds: the one truth that every process on it shares.
pub fn true_now_ns() -> i64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec)
}

/// Waits until `condition` gives something; panics with `what` when it does not within `limit`.
#[track_caller]
pub fn until_some<T>(what: &str, limit: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let watch = Stopwatch::start();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(watch.elapsed() < limit, "not within {limit:?}: {what}");
        thread::park_timeout(LOOK_EVERY);
    }
}

/// Waits until `condition` holds, and tells how long that took.
#[track_caller]
pub fn until(what: &str, limit: Duration, mut condition: impl FnMut() -> bool) -> Duration {
    let watch = Stopwatch::start();
    until_some(what, limit, || condition().then_some(()));
    watch.elapsed()
}

/// Lets this much time pass. For measurements, where passing time is what is measured; a test waits for a
/// condition instead.
pub fn let_pass(length: Duration) {
    let watch = Stopwatch::start();
    while watch.elapsed() < length {
        thread::park_timeout(watch.left(length));
    }
}

/// Microseconds, for the lines that tell what was measured.
pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
