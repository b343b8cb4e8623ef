//! One pass over the operations, in their order. Pure: reads nothing but the operations.
//!
//! Every operation says when it takes effect, and what was to happen before that time happens, whoever has heard of the
//! later operation already. So whoever hears of each of them before its time is at the same place as everybody else at
//! every moment, in whatever order they came: an operation never touches what lies before its own time.

use crate::{
    limits::{PLAY_LEAD_MAX_NS, POSITION_MAX, RUNS_MAX},
    meter::Meter,
    op::{OpKind, TimelineOp},
    run::Run,
    tempo::Tempo,
    timeline::Transport,
    units::{SessionTime, Ticks},
};

pub(crate) struct Fold {
    phase: Phase,
    /// Where the playhead rests, or will rest when the run ends.
    position: Ticks,
}

enum Phase {
    Stopped {
        tempo: Tempo,
        meter: Meter,
    },
    /// Never empty, by start: what sounds (or will first), and what takes over from it, one after the other.
    Playing(Vec<Run>),
}

impl Fold {
    pub(crate) fn new(tempo: Tempo, meter: Meter) -> Self {
        Self { phase: Phase::Stopped { tempo, meter }, position: Ticks::ZERO }
    }

    /// Applies an operation, at `now`. A clock that is a little ahead stamps it later than that: what ends until then has
    /// not ended yet.
    pub(crate) fn apply(&mut self, op: &TimelineOp, now: SessionTime) {
        let made = op.stamp.time;
        self.settle(made.min(now));
        match op.kind {
            OpKind::Play { at, from, count_in } => self.play(made, at, from, count_in),
            OpKind::Stop { at, position } => self.stop(made, at, position),
            OpKind::Locate { to } => self.position = held(to),
            OpKind::Tempo { at, tempo, ramp_ns } => self.set_tempo(made, at, tempo, ramp_ns),
            OpKind::Meter { at, meter } => self.set_meter(made, at, meter),
        }
    }

    /// Lets what has ended by `now` be ended.
    pub(crate) fn settle(&mut self, now: SessionTime) {
        let Phase::Playing(runs) = &mut self.phase else { return };
        while let [first, next, ..] = runs.as_slice()
            && (next.start() <= now || first.is_over(now))
        {
            runs.remove(0);
        }
        if let [run] = runs.as_slice()
            && run.is_over(now)
        {
            let end = run.end().unwrap_or(POSITION_MAX);
            self.phase = Phase::Stopped { tempo: run.tempo_at(end), meter: run.last_meter() };
        }
    }

    /// The transport at the time of the last settling.
    pub(crate) fn transport(self) -> Transport {
        match self.phase {
            Phase::Stopped { tempo, meter } => Transport::Stopped { position: self.position, tempo, meter },
            Phase::Playing(runs) => {
                let next = runs.get(1).map(Run::start);
                let sounding = runs.into_iter().next().map(|run| match next {
                    Some(next) => cut(run, next),
                    None => run,
                });
                sounding.map_or_else(Transport::default, Transport::Playing)
            }
        }
    }

    pub(crate) fn upcoming(self) -> Option<Run> {
        let Phase::Playing(mut runs) = self.phase else { return None };
        let next = runs.get(2).map(Run::start);
        let upcoming = (runs.len() > 1).then(|| runs.swap_remove(1))?;
        Some(match next {
            Some(next) => cut(upcoming, next),
            None => upcoming,
        })
    }

    pub(crate) fn next_change(&self) -> Option<SessionTime> {
        let Phase::Playing(runs) = &self.phase else { return None };
        let over = runs.first().and_then(Run::over_at);
        over.into_iter().chain(runs.get(1).map(Run::start)).min()
    }

    /// A new run from `at` on, in the tempo and meter that the old one would have had there.
    fn play(&mut self, made: SessionTime, at: SessionTime, from: Ticks, count_in: Ticks) {
        let start = at.clamp(made + -PLAY_LEAD_MAX_NS, made + PLAY_LEAD_MAX_NS);
        let from = held(from);
        match &mut self.phase {
            Phase::Stopped { tempo, meter } => {
                let run = Run::new(start, from, *tempo).with_meter(Ticks::ZERO, *meter);
                self.phase = Phase::Playing(vec![run.with_count_in(count_in)]);
            }
            Phase::Playing(runs) => {
                let Some(next) = sounding(runs, start).map(|run| run.moved_to(start, from)) else { return };
                // Whatever was to start at this time or later never does.
                runs.retain(|run| run.start() < start);
                runs.truncate(RUNS_MAX - 1);
                runs.push(next.with_count_in(count_in));
            }
        }
    }

    /// Ends the music at the time of tick `at` of what sounds. A run that was to start by then does, and ends there.
    fn stop(&mut self, made: SessionTime, at: Ticks, position: Ticks) {
        self.position = held(position);
        let Phase::Playing(runs) = &mut self.phase else { return };
        let Some(first) = runs.first_mut() else { return };
        let at = at.max(first.tick_at(made)).max(first.first_tick());
        let time = first.time_at(at);
        if at <= first.first_tick() && first.start() > made {
            // It has not begun, and never will.
            let tick = first.first_tick();
            self.phase = Phase::Stopped { tempo: first.tempo_at(tick), meter: first.last_meter() };
            return;
        }
        // A second stop never prolongs what the first one ends.
        first.end_by(at);
        runs.retain(|run| run.start() < time || run.start() <= made);
        if let [_, .., last] = runs.as_mut_slice() {
            last.end_by(last.tick_at(time));
        }
    }

    /// Changes the tempo from the time of tick `at` of what sounds on, in whatever plays then and after.
    fn set_tempo(&mut self, made: SessionTime, at: Ticks, new: Tempo, ramp_ns: i64) {
        match &mut self.phase {
            Phase::Stopped { tempo, .. } => *tempo = new,
            Phase::Playing(runs) => {
                let Some((index, tick)) = asked(runs, made, at) else { return };
                change(runs, index, |run| run.set_ramp(tick, new, ramp_ns));
            }
        }
    }

    /// The same for the meter, which changes at a bar line.
    fn set_meter(&mut self, made: SessionTime, at: Ticks, new: Meter) {
        match &mut self.phase {
            Phase::Stopped { meter, .. } => *meter = new,
            Phase::Playing(runs) => {
                let Some((index, tick)) = asked(runs, made, at) else { return };
                change(runs, index, |run| run.set_meter(tick, new));
            }
        }
    }
}

/// The run that sounds at `time`, or the first of all.
fn sounding(runs: &[Run], time: SessionTime) -> Option<&Run> {
    let after = runs.partition_point(|run| run.start() <= time);
    runs.get(after.saturating_sub(1))
}

/// The run that plays when a change takes effect that asks for tick `at` of the first, and the tick of that run. Never
/// in what was past when it was made.
fn asked(runs: &[Run], made: SessionTime, at: Ticks) -> Option<(usize, Ticks)> {
    let first = runs.first()?;
    let tick = at.min(POSITION_MAX).max(first.tick_at(made));
    let time = first.time_at(tick);
    let index = runs.partition_point(|run| run.start() <= time).saturating_sub(1);
    if index == 0 { Some((0, tick)) } else { Some((index, runs.get(index)?.tick_at(time))) }
}

/// Changes one run, and what takes over from it goes on from there.
fn change(runs: &mut [Run], index: usize, make: impl FnOnce(&mut Run)) {
    let Some((run, rest)) = runs.get_mut(index..).and_then(<[Run]>::split_first_mut) else { return };
    make(run);
    let mut before = &*run;
    for next in rest {
        let moved = before.moved_to(next.start(), next.first_tick()).with_count_in(next.count_in());
        *next = match next.end() {
            Some(end) => moved.ending_at(end),
            None => moved,
        };
        before = next;
    }
}

/// `run` up to `time`, or to its own end when that comes first.
fn cut(run: Run, time: SessionTime) -> Run {
    let tick = run.tick_at(time);
    let end = run.end().map_or(tick, |end| end.min(tick));
    run.ending_at(end)
}

fn held(tick: Ticks) -> Ticks {
    tick.clamp(Ticks::ZERO, POSITION_MAX)
}
