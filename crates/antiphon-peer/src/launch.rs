//! When a launch takes effect: at the first place on its grid that every peer can still hear of in time.
//!
//! The tick goes into the document with the launch, so whoever has it by then switches there. Where nothing plays it
//! takes effect at once.

use antiphon_model::{Edit, Moment};
use antiphon_timeline::{Quantum, Run, SessionTime, Transport};

/// The edit with the place in the music at which it takes effect, when it is one that waits for its quantum, or else the
/// `session`'s: the first that is not before `heard`, when everybody has heard of it.
pub(crate) fn scheduled(edit: Edit, transport: &Transport, session: Quantum, heard: SessionTime) -> Edit {
    let place = |quantum: Option<Quantum>| match transport {
        Transport::Playing(run) => place_after(run, quantum.unwrap_or(session), heard),
        Transport::Stopped { .. } => None,
    };
    match edit {
        Edit::Launch { patterns, at: None, quantum } => {
            Edit::Launch { patterns, at: place(quantum), quantum }
        }
        Edit::SetFill { on, at: None, quantum } => Edit::SetFill { on, at: place(quantum), quantum },
        Edit::SetPlayMode { mode, at: None, quantum } => {
            Edit::SetPlayMode { mode, at: place(quantum), quantum }
        }
        other => other,
    }
}

/// The first place of the run on the grid of `quantum` at or after `time`; `None` where the run ends before it.
pub(crate) fn place_after(run: &Run, quantum: Quantum, time: SessionTime) -> Option<Moment> {
    let tick = run.next(quantum, run.tick_at(time).max(run.first_tick()));
    run.end().is_none_or(|end| tick < end).then_some(Moment { run: run.start(), tick })
}

#[cfg(test)]
mod tests {
    use antiphon_model::PlayMode;
    use antiphon_timeline::{Meter, TICKS_PER_STEP, Tempo, Ticks};

    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn at(transport: &Transport, now: i64, lead_ns: i64) -> Option<Moment> {
        on_the(None, transport, now + lead_ns)
    }

    fn on_the(quantum: Option<Quantum>, transport: &Transport, heard: i64) -> Option<Moment> {
        let edit = Edit::SetPlayMode { mode: PlayMode::Chain, at: None, quantum };
        match scheduled(edit, transport, Quantum::Bar, SessionTime(heard)) {
            Edit::SetPlayMode { at, .. } => at,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_launch_may_have_a_grid_of_its_own() {
        let run = Run::new(SessionTime(0), Ticks::ZERO, Tempo::DEFAULT)
            .with_meter(Ticks::ZERO, Meter::new(3, 4).unwrap());
        let playing = Transport::Playing(run);
        // At 120 BPM a bar of 3/4 lasts 1.5 s and a sixteenth 125 ms; this is in bar 4.
        let step = |quantum| on_the(quantum, &playing, 6_130_000_000).unwrap().tick.0 / TICKS_PER_STEP;
        assert_eq!(step(Some(Quantum::Now)), 50);
        assert_eq!(step(Some(Quantum::Beat)), 52);
        assert_eq!(step(Some(Quantum::Bar)), 60);
        assert_eq!(step(None), 60);
        assert_eq!(step(Some(Quantum::FourBars)), 96);
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
        let stopped =
            Transport::Stopped { position: Ticks::ZERO, tempo: Tempo::DEFAULT, meter: Meter::DEFAULT };
        assert_eq!(at(&stopped, 0, SECOND), None);
    }
}
