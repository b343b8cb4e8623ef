//! Moves pitches.

use super::cells;
use crate::{
    notes::FreeNote,
    song::Pattern,
    values::{NoteLength, Pitch},
};

/// Moves every note by `semitones`. One that would leave the range stays, and so does a chord note whose place
/// one that stays has taken: no note is lost.
pub(super) fn transpose(pattern: &mut Pattern, semitones: i8) {
    let moved = |pitch: Pitch| Pitch::new(i64::from(pitch.get()) + i64::from(semitones)).ok();
    let mut cells = cells::of(pattern);
    for cell in &mut cells {
        if let Some(step) = &mut cell.step {
            step.pitch = moved(step.pitch).unwrap_or(step.pitch);
        }
        // In the order in which they would push one another.
        if semitones > 0 {
            cell.chord.reverse();
        }
        let mut chord: Vec<(Pitch, NoteLength)> = Vec::with_capacity(cell.chord.len());
        for (pitch, length) in &cell.chord {
            let free = moved(*pitch).filter(|to| chord.iter().all(|(taken, _)| taken != to));
            chord.push((free.unwrap_or(*pitch), *length));
        }
        cell.chord = chord;
    }
    cells::put(pattern, cells);
    cells::map_notes(pattern, |note| {
        Some(FreeNote { pitch: moved(note.pitch).unwrap_or(note.pitch), ..note })
    });
}
