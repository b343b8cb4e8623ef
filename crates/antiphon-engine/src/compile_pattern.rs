//! One pattern, with ties, chords, locks and what its conditions refer to looked up.

use antiphon_model::{NoteLength, Pattern, Step, limits::CHORD_NOTES_MAX};
use antiphon_timeline::{TICKS_PER_STEP, Ticks};

use crate::{
    note_params::NoteParams,
    plan::{PlanPattern, PlanStep, Tone},
};

/// Compiles `pattern` for a track that plays with `params`.
pub(crate) fn compile_pattern(pattern: &Pattern, params: NoteParams) -> PlanPattern {
    let grid = Grid::new(pattern);
    let (mut chords, mut locks) = (Vec::new(), Vec::new());
    let mut steps: Box<[Option<PlanStep>]> = (0..grid.steps.len())
        .map(|at| {
            let step = grid.striking(at)?;
            let index = at as u16;
            let tied = grid.tied_length(at);
            let from = chords.len();
            let others = pattern.chord(index).filter(|(pitch, _)| *pitch != step.pitch);
            chords.extend(others.take(CHORD_NOTES_MAX).map(|(pitch, length)| Tone {
                pitch: pitch.get(),
                length: tied.unwrap_or(ticks_of(length)),
            }));
            let lock = pattern.locks_of(index).fold(None, |locked: Option<NoteParams>, (param, value)| {
                Some(locked.unwrap_or(params).with(param, value))
            });
            locks.extend(lock);
            Some(PlanStep {
                velocity: step.velocity.get(),
                micro: step.micro.get(),
                ratchet: step.ratchet.get(),
                chance: step.chance.get(),
                condition: step.condition,
                tone: Tone { pitch: step.pitch.get(), length: tied.unwrap_or(ticks_of(step.length)) },
                chord: (from as u16, (chords.len() - from) as u8),
                lock: lock.map(|_| (locks.len() - 1) as u16),
                pre_back: 0,
            })
        })
        .collect();
    let counting_back = counting_back(&steps);
    look_back(&mut steps, &counting_back);
    PlanPattern {
        speed: pattern.speed,
        step_ticks: pattern.speed.stretched(Ticks(TICKS_PER_STEP)).0,
        humanise: pattern.humanise.get(),
        sounds: steps.iter().any(Option::is_some) || !pattern.notes.is_empty(),
        steps,
        chords: chords.into(),
        locks: locks.into(),
        counting_back,
        notes: pattern.notes.clone(),
    }
}

/// The steps of a pattern that are on, by index.
struct Grid {
    steps: Vec<Option<Step>>,
}

impl Grid {
    fn new(pattern: &Pattern) -> Self {
        let mut steps = vec![None; usize::from(pattern.length.get())];
        for (index, step) in pattern.steps.range(..pattern.length.get()) {
            if let Some(slot) = steps.get_mut(usize::from(*index)) {
                *slot = step.on.then_some(*step);
            }
        }
        Self { steps }
    }

    fn striking(&self, at: usize) -> Option<&Step> {
        self.steps.get(at)?.as_ref().filter(|step| !step.tie)
    }

    /// How long the notes of the striking step `at` last, when tied steps prolong them: full steps up to the last tied
    /// one, and that one's own length.
    fn tied_length(&self, at: usize) -> Option<i64> {
        let after = self.steps.iter().cycle().skip(at + 1).take(self.steps.len() - 1);
        let tied = after.map_while(|step| step.as_ref().filter(|step| step.tie));
        let (full, last) = (1..).zip(tied).last()?;
        Some(full * TICKS_PER_STEP + ticks_of(last.length))
    }
}

/// A length at speed 1.
fn ticks_of(length: NoteLength) -> i64 {
    i64::from(length.get()) * (TICKS_PER_STEP / 16)
}

fn counting_back(steps: &[Option<PlanStep>]) -> Box<[u16]> {
    let counts = |step: &Option<PlanStep>| step.is_some_and(|step| step.condition.counts());
    let Some(last) = steps.iter().rposition(counts) else { return Box::default() };
    let mut back = steps.len() - 1 - last;
    let distance = |step| {
        back = if counts(step) { 0 } else { back + 1 };
        back as u16
    };
    steps.iter().map(distance).collect()
}

/// Tells every step how far back the one before it lies whose condition counts.
fn look_back(steps: &mut [Option<PlanStep>], counting_back: &[u16]) {
    // The step before the first is the last.
    let before = counting_back.iter().cycle().skip(counting_back.len().saturating_sub(1));
    for (step, back) in steps.iter_mut().zip(before) {
        if let Some(step) = step {
            step.pre_back = back + 1;
        }
    }
}
