//! Turns a pattern round: rotation, inversion, backwards, mirrored.

use std::sync::Arc;

use antiphon_timeline::{TICKS_PER_STEP, Ticks};

use super::cells::{self, Cell, Span};
use crate::{ids::NoteId, limits::NOTES_MAX, notes::FreeNote, song::Pattern};

/// Moves everything to the right, round the loop.
pub(super) fn rotate(pattern: &mut Pattern, steps: i16) {
    let mut cells = cells::of(pattern);
    let right = i64::from(steps).rem_euclid(cells.len() as i64);
    cells.rotate_right(right as usize);
    cells::put(pattern, cells);
    let total = cells::ticks(pattern);
    cells::map_notes(pattern, |note| {
        Some(FreeNote { start: Ticks((note.start.0 + right * TICKS_PER_STEP).rem_euclid(total)), ..note })
    });
}

/// Switches every step over. One that remembers a tie takes it up again, so that twice is as before.
pub(super) fn invert(pattern: &mut Pattern) {
    let mut cells = cells::of(pattern);
    for cell in &mut cells {
        let step = cell.step.get_or_insert_default();
        step.on = !step.on;
    }
    cells::put(pattern, cells);
}

/// Plays it backwards: step by step, what was early is late.
///
/// Ties follow the step that strikes. So a note moves as a block: it begins where its end was, and what
/// prolongs it still follows. A tie that prolonged nothing is switched off, lest it now finds a note before
/// it. A note's length in sixteenths of a step goes with the step that strikes.
pub(super) fn reverse(pattern: &mut Pattern) {
    let mut cells = cells::of(pattern);
    cells::silence_lone_ties(&mut cells);
    cells::put(pattern, reversed(&cells));
    let total = cells::ticks(pattern);
    cells::map_notes(pattern, |note| {
        Some(FreeNote { start: Ticks((total - note.start.0 - note.length.0).rem_euclid(total)), ..note })
    });
}

fn reversed(cells: &[Cell]) -> Vec<Cell> {
    let length = cells.len();
    let mut after = vec![Cell::default(); length];
    for Span { first, cells: count } in cells::spans(cells) {
        // A note over the end begins before the beginning of the turned row, which is its end.
        let begin = 2 * length - first - count;
        for at in 0..count {
            after[(begin + at) % length] = cells[(first + at) % length].clone().with_time_turned();
        }
    }
    after
}

/// The first half, then the same backwards; the middle step of an odd length stays between them.
///
/// A note that reaches the middle step lasts as long on the other side. At an even length both sides strike.
pub(super) fn mirror(pattern: &mut Pattern) {
    let mut cells = cells::of(pattern);
    let length = cells.len();
    let (half, middle) = (length / 2, length % 2 == 1);
    cells.truncate(half + usize::from(middle));
    // What prolonged the end of the second half, over the end of the loop, has nothing to prolong.
    for cell in cells.iter_mut().take_while(|cell| cell.ties()) {
        cell.step.iter_mut().for_each(|step| step.on = false);
    }
    cells::silence_lone_ties(&mut cells);
    let mut turned = reversed(&cells[..half]);
    if middle && cells.last().is_some_and(Cell::ties) {
        join_over_the_middle(&mut turned);
    }
    cells.extend(turned);
    cells::put(pattern, cells);
    mirror_notes(pattern);
}

/// The first note of the second half, if it begins right there, prolongs the middle step.
fn join_over_the_middle(turned: &mut [Cell]) {
    if let Some(step) = turned.first_mut().filter(|cell| cell.is_on()).and_then(|cell| cell.step.as_mut()) {
        step.tie = true;
    }
}

/// How many free notes the pattern has once it is mirrored, at most.
pub(super) fn notes_mirrored(pattern: &Pattern) -> usize {
    let total = cells::ticks(pattern);
    let first = pattern.notes.starting_in(Ticks::ZERO..Ticks(total / 2)).count();
    let second = pattern.notes.starting_in(Ticks(total / 2)..Ticks(total)).count();
    pattern.notes.len() - second + first
}

fn mirror_notes(pattern: &mut Pattern) {
    let total = cells::ticks(pattern);
    cells::map_notes(pattern, |note| {
        let over_the_middle = note.start.0 + note.length.0 > total / 2;
        // One that sounds in the middle lasts as long on both sides of it.
        let length = if over_the_middle { Ticks(total - 2 * note.start.0) } else { note.length };
        (note.start.0 < total / 2).then_some(FreeNote { length, ..note })
    });
    let one_sided = |(_, note): &(NoteId, &FreeNote)| note.start.0 + note.length.0 <= total / 2;
    let turned = |(id, note): (NoteId, &FreeNote)| {
        (id, FreeNote { start: Ticks(total - note.start.0 - note.length.0), ..*note })
    };
    let copies: Vec<_> =
        pattern.notes.starting_in(Ticks::ZERO..Ticks(total / 2)).filter(one_sided).map(turned).collect();
    if copies.is_empty() {
        return;
    }
    let notes = Arc::make_mut(&mut pattern.notes);
    for (id, note) in copies.into_iter().take(NOTES_MAX.saturating_sub(notes.len())) {
        let mut twin = twin(id);
        while notes.get(twin).is_some() {
            twin = self::twin(twin);
        }
        notes.insert(twin, note);
    }
}

/// The id of a note's mirror image: the same on every peer, and again when it is mirrored again.
fn twin(id: NoteId) -> NoteId {
    // An odd summand passes through every id before it comes back, so a free one is found.
    const STRIDE: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    NoteId(u128::from_be_bytes(id.0).wrapping_add(STRIDE).to_be_bytes())
}
