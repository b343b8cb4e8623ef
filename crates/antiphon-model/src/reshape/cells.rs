//! The steps of a pattern as a row of cells, each with all that belongs to it.

use antiphon_timeline::Ticks;

use crate::{
    ids::NoteId,
    notes::FreeNote,
    param::Param,
    song::{Pattern, Step},
    values::{Micro, NoteLength, Pitch},
};

/// A step with its chord notes and locks: what a tool moves as one.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    /// `None`: never set.
    pub(super) step: Option<Step>,
    pub(super) chord: Vec<(Pitch, NoteLength)>,
    pub(super) locks: Vec<(Param, i16)>,
}

impl Cell {
    /// Does it begin a note?
    pub(super) fn strikes(&self) -> bool {
        self.step.is_some_and(|step| step.on && !step.tie)
    }

    /// Does it prolong a note, if there is one right before it?
    pub(super) fn ties(&self) -> bool {
        self.step.is_some_and(|step| step.on && step.tie)
    }

    pub(super) fn is_on(&self) -> bool {
        self.step.is_some_and(|step| step.on)
    }

    /// What was early is late, as it is when time runs backwards.
    pub(super) fn with_time_turned(mut self) -> Self {
        if let Some(step) = &mut self.step {
            step.micro = Micro::clamped(-i64::from(step.micro.get()));
        }
        self
    }
}

/// The cells that play.
pub(super) fn of(pattern: &Pattern) -> Vec<Cell> {
    let cell = |index| Cell {
        step: pattern.steps.get(&index).copied(),
        chord: pattern.chord(index).collect(),
        locks: pattern.locks_of(index).collect(),
    };
    (0..pattern.length.get()).map(cell).collect()
}

/// Puts `cells` in place of those that play.
pub(super) fn put(pattern: &mut Pattern, cells: Vec<Cell>) {
    let length = pattern.length.get();
    pattern.steps.retain(|step, _| *step >= length);
    pattern.chords.retain(|(step, _), _| *step >= length);
    pattern.locks.retain(|(step, _), _| *step >= length);
    for (index, cell) in (0..length).zip(cells) {
        pattern.steps.extend(cell.step.map(|step| (index, step)));
        pattern.chords.extend(cell.chord.into_iter().map(|(pitch, length)| ((index, pitch), length)));
        pattern.locks.extend(cell.locks.into_iter().map(|(param, value)| ((index, param), value)));
    }
}

/// A note: the cell that strikes and, after it, those that prolong it; or a cell that does neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: usize,
    pub(super) cells: usize,
}

/// The row cut into notes and single cells. Notes go on over the end into the beginning, as the loop does.
pub(super) fn spans(cells: &[Cell]) -> Vec<Span> {
    let mut taken = vec![false; cells.len()];
    let mut spans = Vec::new();
    for first in (0..cells.len()).filter(|at| cells[*at].strikes()) {
        let ties = (1..cells.len()).take_while(|ahead| cells[(first + ahead) % cells.len()].ties()).count();
        (first..=first + ties).for_each(|at| taken[at % cells.len()] = true);
        spans.push(Span { first, cells: ties + 1 });
    }
    spans.extend((0..cells.len()).filter(|at| !taken[*at]).map(|first| Span { first, cells: 1 }));
    spans
}

/// Switches the ties off that prolong nothing. They made no sound; where notes move, one could come to stand
/// right before them and last longer than it did.
pub(super) fn silence_lone_ties(cells: &mut [Cell]) {
    for span in spans(cells) {
        if let Some(step) =
            cells.get_mut(span.first).filter(|cell| cell.ties()).and_then(|cell| cell.step.as_mut())
        {
            step.on = false;
        }
    }
}

/// How long the pattern is, in ticks of its own.
pub(super) fn ticks(pattern: &Pattern) -> i64 {
    Ticks::from_steps(pattern.length.get().into()).0
}

/// Changes every free note that plays; `None` takes it away.
pub(super) fn map_notes(pattern: &mut Pattern, change: impl Fn(FreeNote) -> Option<FreeNote>) {
    let end = Ticks(ticks(pattern));
    let changed = |(id, note): (NoteId, &FreeNote)| match note.start < end {
        true => change(*note).map(|note| (id, note)),
        false => Some((id, *note)),
    };
    // Patterns without free notes go on sharing theirs.
    if !pattern.notes.is_empty() {
        pattern.notes = std::sync::Arc::new(pattern.notes.iter().filter_map(changed).collect());
    }
}
