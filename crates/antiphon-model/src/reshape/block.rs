//! Ready chords ("colours") and ready rhythms that always fit one another.
//!
//! Every colour is made of C, D, E, G and A alone, counted from the track's own pitch: in that scale no two
//! notes are a semitone or a tritone apart, in any octave. So any two blocks sound well together, whoever chose
//! them.

use std::sync::Arc;

use antiphon_timeline::Ticks;

use super::cells::{self, Cell};
use crate::{
    notes::Notes,
    song::{Pattern, Step},
    values::{Block, NoteLength, Pitch, Velocity},
};

/// Notes of each colour, from low to high.
const COLOURS: [(&str, &[i8]); 12] = [
    ("Sunrise", &[0, 4, 7]),
    ("Amber", &[0, 4, 9, 14]),
    ("Meadow", &[0, 2, 7]),
    ("Dusk", &[-3, 0, 4]),
    ("Rain", &[-3, 4, 7, 12]),
    ("Mist", &[-8, -5, 2, 9]),
    ("Harbour", &[-5, 0, 2, 7]),
    ("River", &[-10, -3, 2, 7]),
    ("Lantern", &[0, 7, 14, 16]),
    ("Glass", &[-5, 4, 9, 12, 14]),
    ("Stone", &[-12, -5, 0]),
    ("Aurora", &[-12, -5, 2, 4, 9]),
];

/// Rhythms of a bar: `*` is the whole chord, a digit one of its notes counted from the lowest (beyond the
/// highest, from the lowest again an octave up), `_` goes on, `-` is silence.
const RHYTHMS: [(&str, &[u8; 16]); 12] = [
    ("Whole", b"*______________-"),
    ("Halves", b"*_____--*_____--"),
    ("Pulse", b"*_--*_--*_--*_--"),
    ("Offbeat", b"--*---*---*---*-"),
    ("Charleston", b"*__---*_--------"),
    ("Tresillo", b"*--*--*-*--*--*-"),
    ("Climb", b"1-2-3-4-1-2-3-4-"),
    ("Fall", b"4-3-2-1-4-3-2-1-"),
    ("Ripple", b"1234321234321234"),
    ("Alberti", b"1-3-2-3-1-3-2-3-"),
    ("Drops", b"1--2--3--4--3-2-"),
    ("Stride", b"1_--*---2_--*-*-"),
];

/// What the colours are called, in the order of their index.
pub const COLOUR_NAMES: [&str; 12] = names(&COLOURS);

/// What the rhythms are called, in the order of their index.
pub const RHYTHM_NAMES: [&str; 12] = names(&RHYTHMS);

/// What a colour is called.
pub fn colour_name(colour: Block) -> &'static str {
    COLOURS[usize::from(colour.get())].0
}

/// What a rhythm is called.
pub fn rhythm_name(rhythm: Block) -> &'static str {
    RHYTHMS[usize::from(rhythm.get())].0
}

const fn names<T: Copy>(named: &[(&'static str, T); 12]) -> [&'static str; 12] {
    let mut names = [""; 12];
    let mut at = 0;
    while at < names.len() {
        names[at] = named[at].0;
        at += 1;
    }
    names
}

/// Lays the block over the whole pattern, again and again; nothing else is left in it, for that might not fit.
pub(super) fn lay(pattern: &mut Pattern, colour: Block, rhythm: Block) {
    let chord = COLOURS[usize::from(colour.get())].1;
    let rhythm = RHYTHMS[usize::from(rhythm.get())].1;
    let mut cells = vec![Cell::default(); pattern.length.get().into()];
    let mut sounding = None;
    for at in 0..cells.len() {
        match rhythm[at % rhythm.len()] {
            b'_' => prolong(sounding.and_then(|at: usize| cells.get_mut(at))),
            b'-' => sounding = None,
            sign => {
                cells[at] = struck(chord, sign, at % 4 == 0);
                sounding = Some(at);
            }
        }
    }
    cells::put(pattern, cells);
    if !pattern.notes.is_empty() {
        let end = Ticks(cells::ticks(pattern));
        let beyond: Notes = pattern
            .notes
            .iter()
            .filter(|(_, note)| note.start >= end)
            .map(|(id, note)| (id, *note))
            .collect();
        pattern.notes = Arc::new(beyond);
    }
}

/// The cell of a sign; what is on a beat is a little harder.
fn struck(chord: &[i8], sign: u8, on_beat: bool) -> Cell {
    let pitches: Vec<Pitch> = match sign {
        b'*' => chord.iter().map(|pitch| Pitch::clamped((*pitch).into())).collect(),
        digit => vec![tone(chord, usize::from(digit.saturating_sub(b'1')))],
    };
    let mut pitches = pitches.into_iter();
    let velocity = Velocity::clamped(if on_beat { 104 } else { 86 });
    let pitch = pitches.next().unwrap_or_default();
    Cell {
        step: Some(Step { on: true, velocity, pitch, ..Step::default() }),
        chord: pitches.map(|pitch| (pitch, NoteLength::DEFAULT)).collect(),
        locks: Vec::new(),
    }
}

fn tone(chord: &[i8], index: usize) -> Pitch {
    let octave = index / chord.len();
    Pitch::clamped(i64::from(chord[index % chord.len()]) + 12 * octave as i64)
}

fn prolong(cell: Option<&mut Cell>) {
    let longer = |length: NoteLength| {
        NoteLength::clamped(i64::from(length.get()) + i64::from(NoteLength::DEFAULT.get()))
    };
    if let Some(cell) = cell {
        cell.step.iter_mut().for_each(|step| step.length = longer(step.length));
        cell.chord.iter_mut().for_each(|(_, length)| *length = longer(*length));
    }
}
