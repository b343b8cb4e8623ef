//! Free notes as text: `@5+1/2 7!90 for 2 #0f3a…`.
//!
//! Places and lengths are in steps at speed 1, places counted from 1 as people do. A fraction stands for the
//! tick at or before it, so thirds can be written; it is printed in the simplest form that reads back exactly.

use std::fmt::Write;

use antiphon_timeline::{TICKS_PER_STEP, Ticks};

use super::{
    cursor::Cursor,
    error::{NotationError, NotationReason},
    print::push_velocity,
    row,
    sheet::Sheet,
};
use crate::{
    ids::{NoteId, ParseIdError},
    notes::FreeNote,
};

/// Fractions up to these parts of a step are tried before binary ones: triplets, quintuplets, septuplets and
/// their halves.
const SIMPLE_PARTS_MAX: i64 = 96;

/// Reads a line that begins with `@`.
pub(super) fn read(cursor: &mut Cursor, sheet: &mut Sheet) -> Result<(), NotationError> {
    let place = cursor.place();
    cursor.bump();
    let start = steps(cursor, "the step it starts at, counted from 1")? - i128::from(TICKS_PER_STEP);
    if !cursor.skip_blanks() {
        return Err(cursor.expected("a blank before the note"));
    }
    let (pitch, mut velocity) = row::head(cursor)?;
    let mark = cursor.place();
    if let Some(marked) = row::velocity(cursor)?
        && velocity.replace(marked).is_some()
    {
        return Err(mark.error(NotationReason::Twice("the velocity")));
    }
    cursor.skip_blanks();
    let mut length = TICKS_PER_STEP.into();
    if cursor.peek() == Some('f') {
        for letter in "for".chars() {
            cursor.require(letter, "for and a length in steps")?;
        }
        cursor.skip_blanks();
        length = steps(cursor, "a length in steps")?;
        cursor.skip_blanks();
    }
    let id = if cursor.eat('#') { Some(id(cursor)?) } else { None };
    cursor.skip_blanks();
    if cursor.peek().is_some() {
        return Err(cursor.expected("the end of the line"));
    }
    let ticks =
        |ticks: i128| i64::try_from(ticks).map(Ticks).map_err(|_| place.error(NotationReason::NotePlace));
    let note = FreeNote {
        start: ticks(start)?,
        length: ticks(length)?,
        pitch,
        velocity: velocity.unwrap_or_default(),
    };
    if !note.is_placed() {
        return Err(place.error(NotationReason::NotePlace));
    }
    sheet.add_note(place, id, note)
}

fn id(cursor: &mut Cursor) -> Result<NoteId, NotationError> {
    let place = cursor.place();
    let word = cursor.word(|c| !c.is_whitespace());
    word.parse().map_err(|error: ParseIdError| place.error(error))
}

/// `5`, `5+1/2` or `1/2` steps in ticks.
fn steps(cursor: &mut Cursor, expected: &'static str) -> Result<i128, NotationError> {
    let whole = cursor.number(expected)?;
    if cursor.peek() == Some('/') {
        return part(whole, cursor);
    }
    let ticks = i128::from(whole) * i128::from(TICKS_PER_STEP);
    if !cursor.eat('+') {
        return Ok(ticks);
    }
    let above = cursor.number("a fraction of a step")?;
    Ok(ticks + part(above, cursor)?)
}

/// What stands below `above`, and both together in ticks.
fn part(above: i64, cursor: &mut Cursor) -> Result<i128, NotationError> {
    cursor.require('/', "/ in a fraction")?;
    let place = cursor.place();
    match cursor.number("the lower number of a fraction")? {
        0 => Err(place.error(NotationReason::NotePlace)),
        below => Ok(i128::from(above) * i128::from(TICKS_PER_STEP) / i128::from(below)),
    }
}

/// Writes the line of a note.
pub(super) fn push(text: &mut String, id: NoteId, note: &FreeNote) {
    text.push('@');
    push_steps(text, note.start + TICKS_PER_STEP);
    text.push(' ');
    let pitch = note.pitch.get();
    let _ = write!(text, "{pitch}");
    push_velocity(text, note.velocity);
    if note.length.0 != TICKS_PER_STEP {
        text.push_str(" for ");
        push_steps(text, note.length);
    }
    let _ = write!(text, " #{id}");
}

fn push_steps(text: &mut String, ticks: Ticks) {
    let (whole, part) = (ticks.0.div_euclid(TICKS_PER_STEP), ticks.0.rem_euclid(TICKS_PER_STEP));
    let fraction = (part > 0).then(|| fraction(part));
    let _ = match (whole, fraction) {
        (whole, None) => write!(text, "{whole}"),
        (0, Some((above, below))) => write!(text, "{above}/{below}"),
        (whole, Some((above, below))) => write!(text, "{whole}+{above}/{below}"),
    };
}

/// The simplest fraction of a step that reads back as `part` ticks.
fn fraction(part: i64) -> (i64, i64) {
    let simple = (2..=SIMPLE_PARTS_MAX).find_map(|below| {
        // The only fraction of so many parts that can be rounded down to it is the next at or above it.
        let above = (part * below).div_euclid(TICKS_PER_STEP) + i64::from(part * below % TICKS_PER_STEP > 0);
        (above < below && above * TICKS_PER_STEP / below == part).then_some((above, below))
    });
    simple.unwrap_or_else(|| {
        // A step has a power of two of ticks.
        let twos = part.trailing_zeros();
        (part >> twos, TICKS_PER_STEP >> twos)
    })
}
