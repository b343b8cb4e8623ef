//! Onsets of peers held against the run and against each other.
//!
//! Session time exists only in the peers' beliefs, so one of them is taken to tell which onset is which: triggers
//! are tenths of seconds apart and beliefs differ by microseconds. How far apart two onsets are is then said in
//! true time, which nobody believes but the lab knows.

use std::collections::BTreeMap;

use antiphon_testkit::Errors;
use antiphon_timeline::{Frames, Run, SessionTime, Ticks};

use crate::{jam::STEP, member::STEPS_APART, onsets::TOP};

/// Recordings are complete until this long before their end.
const MARGIN_NS: i64 = 100_000_000;
/// An onset further from every trigger than this belongs to none: more than any clock here is off, less than ears
/// take for one sound.
const NEAR_NS: i64 = 5_000_000;

/// Session time as one peer believed it at the end of each step of true time.
#[derive(Default)]
pub struct SessionTrace(Vec<SessionTime>);

impl SessionTrace {
    pub fn push(&mut self, session: SessionTime) {
        self.0.push(session);
    }

    /// Session time at a true time within the trace.
    fn at(&self, true_ns: f64) -> SessionTime {
        let steps = true_ns / STEP as f64;
        // The first value is that of the end of the first step.
        let place = (steps as usize).clamp(1, self.0.len() - 1);
        let (before, after) = (self.0[place - 1], self.0[place]);
        before + ((after - before) as f64 * (steps - place as f64)).round() as i64
    }
}

pub struct Comparison {
    /// How many triggers the run has in the interval.
    pub triggers: usize,
    /// Triggers without an onset, on any side.
    pub missed: usize,
    /// Onsets beyond the first of a trigger, on any side.
    pub doubled: usize,
    /// Onsets where the run has no trigger, on any side.
    pub stray: usize,
    /// What lies between the onsets of each trigger, of any two sides, in true time.
    pub differences: Errors,
    /// How far the onsets of each side are from where the run has them, in the trace's session time.
    pub errors: Vec<Errors>,
}

impl Comparison {
    /// Compares the true times at which peers were `heard` over a true interval.
    pub fn of(run: &Run, trace: &SessionTrace, heard: &[&[f64]], [from_ns, to_ns]: [i64; 2]) -> Self {
        let [from, to] = [from_ns, to_ns - MARGIN_NS].map(|true_ns| trace.at(true_ns as f64));
        let tops = (0..).map(|trigger| (trigger, top_of(run, trigger)));
        let judged: Vec<_> =
            tops.skip_while(|(_, top)| *top < from).take_while(|(_, top)| *top < to).collect();
        let sides: Vec<Side> = heard.iter().map(|heard| by_trigger(run, trace, heard)).collect();
        let mut comparison = Self {
            triggers: judged.len(),
            missed: 0,
            doubled: 0,
            stray: sides.iter().flat_map(|side| &side.stray).filter(|at| (from..to).contains(at)).count(),
            differences: Errors::new(),
            errors: vec![Errors::new(); sides.len()],
        };
        for (trigger, top) in judged {
            let onsets: Vec<_> = sides.iter().map(|side| side.onsets.get(&trigger)).collect();
            comparison.judge(top, trace, &onsets);
        }
        comparison
    }

    fn judge(&mut self, due: SessionTime, trace: &SessionTrace, sides: &[Option<&Vec<f64>>]) {
        for (side, errors) in sides.iter().zip(&mut self.errors) {
            let onsets: &[f64] = side.map_or(&[], |onsets| onsets);
            self.missed += usize::from(onsets.is_empty());
            self.doubled += onsets.len().saturating_sub(1);
            onsets.iter().for_each(|at| errors.add(trace.at(*at) - due));
        }
        let firsts: Vec<f64> = sides.iter().filter_map(|side| side.map(|onsets| onsets[0])).collect();
        for (at, one) in firsts.iter().enumerate() {
            firsts[at + 1..].iter().for_each(|other| self.differences.add((one - other).round() as i64));
        }
    }
}

/// When the click of a trigger is due to be loudest.
fn top_of(run: &Run, trigger: i64) -> SessionTime {
    let frame = run.stream_frame_at(Ticks::from_steps(trigger * STEPS_APART)) + TOP;
    SessionTime(frame.nanos())
}

/// What was heard of one peer.
#[derive(Default)]
struct Side {
    /// True times of the onsets of each trigger.
    onsets: BTreeMap<i64, Vec<f64>>,
    /// Session times of those that belong to none.
    stray: Vec<SessionTime>,
}

fn by_trigger(run: &Run, trace: &SessionTrace, heard: &[f64]) -> Side {
    let apart = Ticks::from_steps(STEPS_APART).0;
    let mut side = Side::default();
    for at in heard {
        let session = trace.at(*at);
        let tick = run.tick_at(session + -Frames(TOP).nanos());
        let nearest = (tick.0 + apart / 2).div_euclid(apart);
        if (session - top_of(run, nearest)).abs() <= NEAR_NS {
            side.onsets.entry(nearest).or_default().push(*at);
        } else {
            side.stray.push(session);
        }
    }
    side
}
