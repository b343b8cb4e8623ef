//! One pass over the operations, in their order. Pure: reads nothing but the operations.

use crate::{
    limits::{PLAY_LEAD_MAX_NS, POSITION_MAX},
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
    Playing {
        run: Run,
        /// What sounds until `run` starts.
        before: Option<Run>,
    },
}

impl Fold {
    pub(crate) fn new(tempo: Tempo, meter: Meter) -> Self {
        Self { phase: Phase::Stopped { tempo, meter }, position: Ticks::ZERO }
    }

    pub(crate) fn apply(&mut self, op: &TimelineOp) {
        let made = op.stamp.time;
        self.settle(made);
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
        let Phase::Playing { run, before } = &mut self.phase else { return };
        if run.start() <= now || before.as_ref().is_some_and(|before| before.is_over(now)) {
            *before = None;
        }
        if run.is_over(now) {
            let end = run.end().unwrap_or(POSITION_MAX);
            self.phase = Phase::Stopped { tempo: run.tempo_at(end), meter: run.meter_at(end) };
        }
    }

    /// The transport at the time of the last settling.
    pub(crate) fn transport(self) -> Transport {
        match self.phase {
            Phase::Stopped { tempo, meter } => Transport::Stopped { position: self.position, tempo, meter },
            Phase::Playing { run, before: Some(before) } => Transport::Playing(cut(before, run.start())),
            Phase::Playing { run, before: None } => Transport::Playing(run),
        }
    }

    pub(crate) fn upcoming(self) -> Option<Run> {
        match self.phase {
            Phase::Playing { run, before: Some(_) } => Some(run),
            _ => None,
        }
    }

    pub(crate) fn next_change(&self) -> Option<SessionTime> {
        let Phase::Playing { run, before } = &self.phase else { return None };
        match before {
            Some(before) => before.over_at().into_iter().chain([run.start()]).min(),
            None => run.over_at(),
        }
    }

    fn play(&mut self, made: SessionTime, at: SessionTime, from: Ticks, count_in: Ticks) {
        let start = at.clamp(made + -PLAY_LEAD_MAX_NS, made + PLAY_LEAD_MAX_NS);
        let from = held(from);
        let new = |tempo, meter| {
            Run::new(start, from, tempo).with_meter(Ticks::ZERO, meter).with_count_in(count_in)
        };
        let stopped = Phase::Stopped { tempo: Tempo::DEFAULT, meter: Meter::DEFAULT };
        self.phase = match std::mem::replace(&mut self.phase, stopped) {
            Phase::Stopped { tempo, meter } => Phase::Playing { run: new(tempo, meter), before: None },
            Phase::Playing { run, before } => {
                let then = run.tick_at(start);
                let next = new(run.tempo_at(then), run.meter_at(then));
                let sounding = if run.start() <= made { Some(run) } else { before };
                Phase::Playing { run: next, before: sounding.filter(|_| start > made) }
            }
        };
    }

    /// Stops what sounds. A run that has not started yet never will.
    fn stop(&mut self, made: SessionTime, at: Ticks, position: Ticks) {
        self.position = held(position);
        let Phase::Playing { run, before } = &mut self.phase else { return };
        if run.start() > made {
            let Some(sounding) = before.take() else {
                let first = run.first_tick();
                self.phase = Phase::Stopped { tempo: run.tempo_at(first), meter: run.meter_at(first) };
                return;
            };
            *run = sounding;
        }
        run.end_at(at.max(run.tick_at(made)).max(run.first_tick()));
    }

    /// Changes what sounds from `at` on, and what takes over from it from its start.
    fn set_tempo(&mut self, made: SessionTime, at: Ticks, new: Tempo, ramp_ns: i64) {
        let change = |run: &mut Run| run.set_ramp(asked(run, made, at), new, ramp_ns);
        match &mut self.phase {
            Phase::Stopped { tempo, .. } => *tempo = new,
            Phase::Playing { run, before: None } => change(run),
            Phase::Playing { run, before: Some(before) } => {
                change(before);
                run.set_tempo(run.first_tick(), new);
            }
        }
    }

    /// The same for the meter.
    fn set_meter(&mut self, made: SessionTime, at: Ticks, new: Meter) {
        let change = |run: &mut Run| run.set_meter(asked(run, made, at), new);
        match &mut self.phase {
            Phase::Stopped { meter, .. } => *meter = new,
            // Nothing of it has sounded, so any bar may change.
            Phase::Playing { run, before: None } if run.start() > made => {
                run.set_meter(at.min(POSITION_MAX), new)
            }
            Phase::Playing { run, before: None } => change(run),
            Phase::Playing { run, before: Some(before) } => {
                change(before);
                run.set_meter(Ticks::ZERO, new);
            }
        }
    }
}

/// Where a change that asks for `at` may take effect: never in what was past when it was made.
fn asked(run: &Run, made: SessionTime, at: Ticks) -> Ticks {
    at.min(POSITION_MAX).max(run.tick_at(made))
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
