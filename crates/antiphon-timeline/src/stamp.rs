//! Hybrid logical time: when an operation was made, in an order that respects cause.
//!
//! A stamp is session time with a counter behind it. Whoever has seen an operation stamps its own next
//! one later, also when its clock is a little behind, so an answer never sorts before what it answers.

use crate::{limits::STAMP_AHEAD_MAX_NS, units::SessionTime};

/// When an operation was made. Orders by time, then by counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp {
    /// Session time, or a little more when a later stamp had been seen.
    pub time: SessionTime,
    /// Distinguishes stamps of the same nanosecond.
    pub counter: u16,
}

impl Stamp {
    /// The least stamp after this one; at the very end of time it stays.
    fn successor(self) -> Self {
        match self.counter.checked_add(1) {
            Some(counter) => Self { time: self.time, counter },
            None if self.time.0 == i64::MAX => self,
            None => Self { time: self.time + 1, counter: 0 },
        }
    }

    /// Whether this stamp is too far ahead of `now` to be believed yet.
    pub fn is_ahead_of(self, now: SessionTime) -> bool {
        self.time - now > STAMP_AHEAD_MAX_NS
    }
}

/// Makes stamps that are later than every stamp made or seen before.
///
/// A stamp from the far future is not followed, or one forged operation would drag everybody's stamps
/// with it; see [`Stamp::is_ahead_of`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Hlc {
    latest: Option<Stamp>,
}

impl Hlc {
    /// A clock that has seen nothing.
    pub const fn new() -> Self {
        Self { latest: None }
    }

    /// The stamp of an operation made at `now`.
    pub fn next(&mut self, now: SessionTime) -> Stamp {
        let fresh = Stamp { time: now, counter: 0 };
        let stamp = match self.latest {
            Some(latest) if latest >= fresh && !latest.is_ahead_of(now) => latest.successor(),
            // Also after a change of timebase, whose times may be far behind the ones seen before.
            _ => fresh,
        };
        self.latest = Some(stamp);
        stamp
    }

    /// Notes a stamp seen at `now`, so that later ones sort after it.
    pub fn observe(&mut self, stamp: Stamp, now: SessionTime) {
        if !stamp.is_ahead_of(now) && self.latest.is_none_or(|latest| latest < stamp) {
            self.latest = Some(stamp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SessionTime = SessionTime(5_000_000_000);

    #[test]
    fn stamps_ascend_when_the_clock_stands_still_or_goes_back() {
        let mut hlc = Hlc::new();
        let stamps: Vec<_> = [5, 5, 4, 6, 0].map(|time| hlc.next(SessionTime(time))).into();
        assert!(stamps.is_sorted_by(|a, b| a < b), "{stamps:?}");
    }

    #[test]
    fn an_answer_sorts_after_what_it_answers() {
        let seen = Stamp { time: NOW + 1_000_000, counter: u16::MAX };
        let mut hlc = Hlc::new();
        hlc.observe(seen, NOW);
        assert!(hlc.next(NOW) > seen);
    }

    #[test]
    fn a_stamp_from_the_far_future_drags_nobody() {
        let (honest, mut hlc) = (Stamp { time: NOW + 1_000, counter: 0 }, Hlc::new());
        hlc.observe(honest, NOW);
        hlc.observe(Stamp { time: SessionTime(i64::MAX), counter: u16::MAX }, NOW);
        assert_eq!(hlc.next(NOW), Stamp { counter: 1, ..honest });
    }

    #[test]
    fn a_change_to_a_younger_timebase_starts_afresh() {
        let mut hlc = Hlc::new();
        hlc.next(SessionTime(i64::MAX / 2));
        assert_eq!(hlc.next(NOW).time, NOW);
    }

    #[test]
    fn the_end_of_time_is_no_overflow() {
        let mut hlc = Hlc::new();
        let end = SessionTime(i64::MAX);
        hlc.observe(Stamp { time: end, counter: u16::MAX }, end);
        assert_eq!(hlc.next(end).time, end);
    }
}
