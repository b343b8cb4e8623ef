//! Values that change at a place in the music, the same place on every peer.
//!
//! A launch is written into the session together with the bar it takes effect at. Whoever has heard of it by
//! then switches on the very tick; whoever hears of it later plays what the others play from then on. What
//! holds at a tick is a pure function of the value, so nobody needs to remember what was launched when.

use antiphon_timeline::{SessionTime, Ticks};

/// A place in one run of the music.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// When the run started; names it.
    pub run: SessionTime,
    pub tick: Ticks,
}

/// A value that may be about to change.
///
/// ```
/// use antiphon_model::{Moment, Switch};
/// use antiphon_timeline::{SessionTime, Ticks};
///
/// let run = SessionTime(5);
/// let fill = Switch::scheduled(false, true, Moment { run, tick: Ticks::from_bars(4) });
/// assert!(!fill.at(run, Ticks::from_bars(3)));
/// assert!(fill.at(run, Ticks::from_bars(4)));
/// // In another run it has happened already.
/// assert!(fill.at(SessionTime(6), Ticks::ZERO));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switch<T> {
    /// What holds in the end.
    pub to: T,
    /// Until when something else holds.
    pub change: Option<Change<T>>,
}

/// What holds before a switch, and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<T> {
    pub from: T,
    pub at: Moment,
}

impl<T: Copy + PartialEq> Switch<T> {
    /// A value that holds everywhere.
    pub const fn settled(to: T) -> Self {
        Self { to, change: None }
    }

    /// `from` until `at`, then `to`.
    pub fn scheduled(from: T, to: T, at: Moment) -> Self {
        Self { to, change: (from != to).then_some(Change { from, at }) }
    }

    /// The switch to `to` at `at` (`None`: at once) that follows this one: what sounds just before stays until then.
    pub fn followed_by(&self, to: T, at: Option<Moment>) -> Self {
        match at {
            Some(at) => Self::scheduled(self.at(at.run, at.tick + -1), to, at),
            None => Self::settled(to),
        }
    }

    /// What holds at `tick` of the run that started at `run`.
    pub fn at(&self, run: SessionTime, tick: Ticks) -> T {
        match self.change {
            Some(change) if change.at.run == run && tick < change.at.tick => change.from,
            _ => self.to,
        }
    }

    /// The tick of the run at which it changes, when it does.
    pub fn change_in(&self, run: SessionTime) -> Option<Ticks> {
        self.change.filter(|change| change.at.run == run).map(|change| change.at.tick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: SessionTime = SessionTime(7);

    #[test]
    fn a_switch_that_follows_another_keeps_what_sounds_until_then() {
        let bar = |bar| Moment { run: RUN, tick: Ticks::from_bars(bar) };
        let first = Switch::settled(1).followed_by(2, Some(bar(4)));
        // Before the first took effect, another mind: the first never sounds.
        let second = first.followed_by(3, Some(bar(4)));
        assert_eq!((second.at(RUN, Ticks::from_bars(3)), second.at(RUN, Ticks::from_bars(4))), (1, 3));
        let later = first.followed_by(3, Some(bar(6)));
        assert_eq!((later.at(RUN, Ticks::from_bars(5)), later.at(RUN, Ticks::from_bars(6))), (2, 3));
    }

    #[test]
    fn a_switch_to_what_holds_already_is_no_change() {
        let at = Moment { run: RUN, tick: Ticks::ZERO };
        assert_eq!(Switch::settled(1).followed_by(1, Some(at)), Switch::settled(1));
        assert_eq!(Switch::scheduled(1, 2, at).change_in(SessionTime(8)), None);
    }
}
