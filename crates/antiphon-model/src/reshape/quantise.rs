//! Draws notes to a grid.
//!
//! A step sounds at its place and its micro-timing, both in 128ths of a step. That sum is drawn to the nearest
//! place of the grid by `strength` percent, and then written into the step that is nearest to it: so a note may
//! move to another step, with its chord and locks and with the ties that prolong it. It does not move where a
//! step that sounds has its place, or a note that is nearer to its aim; then it stays exactly as it is. A tie
//! that prolongs nothing makes no sound and is switched off, lest a note moves to before it.
//!
//! The grid begins with the pattern, and its last place is the pattern's beginning again.

use std::cmp::Reverse;

use antiphon_timeline::{TICKS_PER_STEP, Ticks};

use super::{
    QuantiseGrid,
    cells::{self, Cell, Span},
};
use crate::{
    notes::FreeNote,
    song::Pattern,
    values::{Micro, Percent},
};

/// Parts of a step in which micro-timing is counted.
const PARTS: i64 = 128;

impl QuantiseGrid {
    /// From one place to the next in steps: a fraction.
    const fn steps(self) -> (i64, i64) {
        match self {
            Self::ThirtySecond => (1, 2),
            Self::Sixteenth => (1, 1),
            Self::SixteenthTriplet => (2, 3),
            Self::Eighth => (2, 1),
            Self::EighthTriplet => (4, 3),
            Self::Quarter => (4, 1),
        }
    }

    /// The place nearest to `at` where a step has `unit` parts and the loop `total`; the later of two as near.
    fn nearest(self, at: i64, unit: i64, total: i64) -> i64 {
        let (above, below) = self.steps();
        let place = |index: i64| (2 * index * above * unit + below).div_euclid(2 * below).min(total);
        let index = (at * below).div_euclid(above * unit);
        // Rounding may have put a place before the parts it was counted from.
        let around = (index - 1..=index + 1).map(place);
        around.min_by_key(|place| ((place - at).abs(), Reverse(*place))).unwrap_or(at)
    }

    /// Where `at` is drawn to.
    fn drawn(self, at: i64, strength: Percent, unit: i64, total: i64) -> i64 {
        let round = at.rem_euclid(total);
        let way = i128::from(self.nearest(round, unit, total) - round) * i128::from(strength.get());
        // Half a part goes to the later side.
        at + (2 * way + 100).div_euclid(200) as i64
    }
}

/// Draws every note of the pattern.
pub(super) fn quantise(pattern: &mut Pattern, grid: QuantiseGrid, strength: Percent) {
    if strength == Percent::MIN {
        return;
    }
    let mut cells = cells::of(pattern);
    cells::silence_lone_ties(&mut cells);
    let total = cells.len() as i64 * PARTS;
    let mut notes: Vec<Drawn> = cells::spans(&cells)
        .into_iter()
        .filter(|span| cells[span.first].strikes())
        .map(|span| Drawn::new(&cells, span, |at| grid.drawn(at, strength, PARTS, total)))
        .collect();
    hold_back(&mut notes, cells.len());
    move_cells(&mut cells, &notes);
    cells::put(pattern, cells);
    let total = cells::ticks(pattern);
    cells::map_notes(pattern, |note| {
        let start = grid.drawn(note.start.0, strength, TICKS_PER_STEP, total);
        Some(FreeNote { start: Ticks(start.rem_euclid(total)), ..note })
    });
}

/// A note and where it is drawn to.
struct Drawn {
    span: Span,
    /// The step it would move to.
    to: usize,
    micro: i64,
    /// How far it is drawn, in parts.
    way: i64,
    stays: bool,
}

impl Drawn {
    fn new(cells: &[Cell], span: Span, drawn: impl Fn(i64) -> i64) -> Self {
        let micro = cells[span.first].step.map_or(0, |step| i64::from(step.micro.get()));
        let from = span.first as i64;
        let at = from * PARTS + micro;
        let aim = drawn(at);
        let beside = aim - from * PARTS;
        // Half way between two steps it stays in its own.
        let step = if beside.abs() <= PARTS / 2 { from } else { (2 * aim + PARTS).div_euclid(2 * PARTS) };
        let to = step.rem_euclid(cells.len() as i64) as usize;
        Self { span, to, micro: aim - step * PARTS, way: (aim - at).abs(), stays: false }
    }

    /// The cells it takes, `steps` being how many there are.
    fn takes(&self, steps: usize) -> impl Iterator<Item = usize> + use<> {
        let first = if self.stays { self.span.first } else { self.to };
        (first..first + self.span.cells).map(move |at| at % steps)
    }
}

/// Lets notes stay until no two want one cell.
///
/// One that stays may be in the way of another, so this goes on until nothing changes; every round but the last
/// holds at least one note back. Notes that change places do.
fn hold_back(notes: &mut [Drawn], steps: usize) {
    // Those that stay come first, then those that have the shorter way.
    loop {
        notes.sort_by_key(|note| (!note.stays, note.to != note.span.first, note.way, note.span.first));
        let mut taken = vec![false; steps];
        let mut held = false;
        for note in notes.iter_mut() {
            let blocked = !note.stays && note.takes(steps).any(|at| taken[at]);
            note.stays |= blocked;
            held |= blocked;
            note.takes(steps).for_each(|at| taken[at] = true);
        }
        if !held {
            return;
        }
    }
}

/// Puts the notes into their cells. Silent cells whose place was taken go where notes have left.
fn move_cells(cells: &mut [Cell], notes: &[Drawn]) {
    let steps = cells.len();
    let mut after: Vec<Option<Cell>> = vec![None; steps];
    let mut left: Vec<Cell> = cells.to_vec();
    let mut is_note = vec![false; steps];
    for note in notes {
        for (from, to) in (note.span.first..).zip(note.takes(steps)) {
            is_note[from % steps] = true;
            let mut cell = std::mem::take(&mut left[from % steps]);
            if let Some(step) = cell.step.as_mut().filter(|_| from == note.span.first && !note.stays) {
                step.micro = Micro::clamped(note.micro);
            }
            after[to] = Some(cell);
        }
    }
    let mut homeless = Vec::new();
    for at in (0..steps).filter(|at| !is_note[*at]) {
        let silent = std::mem::take(&mut left[at]);
        if after[at].is_none() {
            after[at] = Some(silent);
        } else {
            homeless.push(silent);
        }
    }
    let mut homeless = homeless.into_iter();
    for (cell, after) in cells.iter_mut().zip(after) {
        *cell = after.or_else(|| homeless.next()).unwrap_or_default();
    }
}
