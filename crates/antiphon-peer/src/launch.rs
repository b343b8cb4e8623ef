//! When a launch takes effect: at the first bar that every peer can still hear of in time.
//!
//! The tick goes into the document with the launch, so whoever has it by then switches there. Where nothing plays it
//! takes effect at once.

use antiphon_model::{Edit, Moment};
use antiphon_timeline::{Run, SessionTime, TICKS_PER_BAR, Ticks, Transport};

/// The edit with the place in the music at which it takes effect, when it is one that waits for a bar.
pub(crate) fn scheduled(edit: Edit, transport: &Transport, now: SessionTime, lead_ns: i64) -> Edit {
    let next_bar = || match transport {
        Transport::Playing(run) => bar_after(run, now + lead_ns),
        Transport::Stopped { .. } => None,
    };
    match edit {
        Edit::Launch { patterns, at: None } => Edit::Launch { patterns, at: next_bar() },
        Edit::SetFill { on, at: None } => Edit::SetFill { on, at: next_bar() },
        Edit::SetPlayMode { mode, at: None } => Edit::SetPlayMode { mode, at: next_bar() },
        other => other,
    }
}

/// The first bar of the run at or after `time`; `None` where the run ends before it.
fn bar_after(run: &Run, time: SessionTime) -> Option<Moment> {
    let tick = run.tick_at(time).max(run.first_tick());
    let bar = -(-tick.0).div_euclid(TICKS_PER_BAR);
    let at = Moment { run: run.start(), tick: Ticks::from_bars(bar) };
    run.end().is_none_or(|end| at.tick < end).then_some(at)
}

#[cfg(test)]
mod tests {
    use antiphon_model::PlayMode;
    use antiphon_timeline::Tempo;

    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn at(transport: &Transport, now: i64, lead_ns: i64) -> Option<Moment> {
        let edit = Edit::SetPlayMode { mode: PlayMode::Chain, at: None };
        match scheduled(edit, transport, SessionTime(now), lead_ns) {
            Edit::SetPlayMode { at, .. } => at,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_launch_waits_for_the_first_bar_that_the_lead_reaches() {
        // A bar lasts two seconds.
        let start = SessionTime(10 * SECOND);
        let run = Run::new(start, Ticks::ZERO, Tempo::DEFAULT);
        let playing = Transport::Playing(run.clone());
        let bar = |bar| Some(Moment { run: start, tick: Ticks::from_bars(bar) });
        assert_eq!(at(&playing, 13 * SECOND, SECOND / 10), bar(2));
        assert_eq!(at(&playing, 14 * SECOND - SECOND / 20, SECOND / 10), bar(3));
        assert_eq!(at(&playing, 14 * SECOND, 0), bar(2));
        // Play was pressed, and has not begun.
        assert_eq!(at(&playing, 9 * SECOND, 0), bar(0));
        assert_eq!(at(&Transport::Playing(run.ending_at(Ticks::from_bars(2))), 13 * SECOND, 0), None);
    }

    #[test]
    fn where_nothing_plays_a_launch_takes_effect_at_once() {
        let stopped = Transport::Stopped { position: Ticks::ZERO, tempo: Tempo::DEFAULT };
        assert_eq!(at(&stopped, 0, SECOND), None);
    }
}
