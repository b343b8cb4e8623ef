//! Reads rows of steps.

use super::{
    HARD, SOFT,
    cursor::{Cursor, Place, shortened},
    error::{NotationError, NotationReason},
    sheet::Sheet,
};
use crate::{
    condition::Condition,
    param::Param,
    song::Step,
    values::{Chance, Micro, NoteLength, Pitch, Ratchet, Velocity},
};

/// What may begin a step.
const STEP: &str = "a step (x X o - _ ~ [ or a note's number)";

/// Reads one line of steps into `sheet`.
pub(super) fn read(cursor: &mut Cursor, sheet: &mut Sheet) -> Result<(), NotationError> {
    let mut apart = true;
    loop {
        apart |= cursor.skip(|c| c.is_whitespace() || c == '|');
        let place = cursor.place();
        let Some(first) = cursor.peek() else { return Ok(()) };
        let numbered = cursor.is_at_number();
        if numbered && !apart {
            return Err(place.error(NotationReason::NoteNeedsBlank));
        }
        match first {
            _ if numbered => body(cursor, sheet, true)?,
            'x' | 'X' | 'o' | 'O' | '~' => body(cursor, sheet, true)?,
            '-' | '.' => rest(cursor, sheet)?,
            '[' => silent(cursor, sheet)?,
            '_' => {
                cursor.bump();
                sheet.prolong(place)?;
            }
            '/' => {
                cursor.bump();
                sheet.end_loop(place)?;
            }
            _ => return Err(cursor.expected(STEP)),
        }
        apart = first == '/';
    }
}

/// A step that was never set; chord notes and locks may wait on it.
fn rest(cursor: &mut Cursor, sheet: &mut Sheet) -> Result<(), NotationError> {
    let index = sheet.next_step(cursor.place())?;
    cursor.bump();
    let mut marks = Marks::default();
    while let Some(mark @ ('(' | '{')) = cursor.peek() {
        marks.read(mark, index, cursor, sheet)?;
    }
    Ok(())
}

/// A step that is off and remembers its values.
fn silent(cursor: &mut Cursor, sheet: &mut Sheet) -> Result<(), NotationError> {
    cursor.bump();
    body(cursor, sheet, false)?;
    cursor.require(']', "] after a step that is off")
}

/// A step with its marks.
fn body(cursor: &mut Cursor, sheet: &mut Sheet, on: bool) -> Result<(), NotationError> {
    let index = sheet.next_step(cursor.place())?;
    let mut marks = Marks { step: Step { on, ..Step::default() }, ..Marks::default() };
    marks.step.tie = cursor.eat('~');
    if !marks.step.tie || cursor.is_at_number() {
        (marks.step.pitch, marks.velocity) = head(cursor)?;
    }
    while let Some(mark) = cursor.peek() {
        if !marks.read(mark, index, cursor, sheet)? {
            break;
        }
    }
    sheet.set_step(index, Step { velocity: marks.velocity.unwrap_or_default(), ..marks.step });
    Ok(())
}

/// How a note begins: `x` and its like, or a pitch.
pub(super) fn head(cursor: &mut Cursor) -> Result<(Pitch, Option<Velocity>), NotationError> {
    let place = cursor.place();
    let velocity = match cursor.peek() {
        Some('x') => None,
        Some('X' | 'O') => Some(HARD),
        Some('o') => Some(SOFT),
        _ => {
            let pitch = cursor.signed("a note: x, X, o or its number")?;
            return Ok((Pitch::new(pitch).map_err(|error| place.error(error))?, None));
        }
    };
    cursor.bump();
    Ok((Pitch::DEFAULT, velocity))
}

/// The velocity that `!` (hard, or as the number says) and `'` (soft) stand for, if one of them is next.
pub(super) fn velocity(cursor: &mut Cursor) -> Result<Option<Velocity>, NotationError> {
    if cursor.eat('\'') || cursor.eat('’') {
        return Ok(Some(SOFT));
    }
    if !cursor.eat('!') {
        return Ok(None);
    }
    if !cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
        return Ok(Some(HARD));
    }
    let place = cursor.place();
    Velocity::new(cursor.number("a velocity")?).map(Some).map_err(|error| place.error(error))
}

/// What the marks of a step have set so far.
#[derive(Default)]
struct Marks {
    step: Step,
    velocity: Option<Velocity>,
    given: Vec<&'static str>,
}

impl Marks {
    /// Reads `mark`, which is next, and what belongs to it. Was it one?
    fn read(
        &mut self,
        mark: char,
        index: u16,
        cursor: &mut Cursor,
        sheet: &mut Sheet,
    ) -> Result<bool, NotationError> {
        let place = cursor.place();
        if let '!' | '\'' | '’' = mark {
            if self.velocity.is_some() {
                return Err(place.error(NotationReason::Twice("the velocity")));
            }
            self.velocity = velocity(cursor)?;
            return Ok(true);
        }
        let what = match mark {
            '=' => "the length",
            '*' => "the ratchet",
            '%' => "the chance",
            '?' => "the condition",
            '<' | '>' => "the micro-timing",
            '(' => "the chord",
            '{' => "the list of parameters",
            _ => return Ok(false),
        };
        if self.given.contains(&what) {
            return Err(place.error(NotationReason::Twice(what)));
        }
        self.given.push(what);
        cursor.bump();
        let at = cursor.place();
        match mark {
            '=' => self.step.length = length(cursor)?,
            '*' => self.step.ratchet = ranged(at, Ratchet::new(cursor.number("how often it strikes")?))?,
            '%' => self.step.chance = ranged(at, Chance::new(cursor.number("a chance in percent")?))?,
            '>' => self.step.micro = ranged(at, Micro::new(cursor.number(LATE)?))?,
            '<' => self.step.micro = ranged(at, Micro::new(-cursor.number(LATE)?))?,
            '?' => self.step.condition = condition(cursor)?,
            '(' => chord(cursor, index, sheet)?,
            _ => locks(cursor, index, sheet)?,
        }
        Ok(true)
    }
}

const LATE: &str = "how late or early it is, in 128ths of a step";

fn ranged<T>(place: Place, value: Result<T, crate::values::RangeError>) -> Result<T, NotationError> {
    value.map_err(|error| place.error(error))
}

fn length(cursor: &mut Cursor) -> Result<NoteLength, NotationError> {
    let place = cursor.place();
    ranged(place, NoteLength::new(cursor.number("a length in sixteenths of a step")?))
}

fn condition(cursor: &mut Cursor) -> Result<Condition, NotationError> {
    let place = cursor.place();
    let word = cursor.word(|c| c.is_ascii_alphanumeric() || c == ':' || c == '!');
    if word.is_empty() {
        return Err(cursor.expected("a condition (fill, pre, nei, 1st, 1:2 and the like)"));
    }
    word.parse().map_err(|error: crate::condition::ParseConditionError| place.error(error))
}

/// The items of a list up to `end`, between commas or blanks.
fn list(
    cursor: &mut Cursor,
    end: char,
    expected: &'static str,
    mut item: impl FnMut(&mut Cursor) -> Result<(), NotationError>,
) -> Result<(), NotationError> {
    cursor.skip_blanks();
    loop {
        item(cursor)?;
        let apart = cursor.skip(|c| c == ',' || c.is_whitespace());
        if cursor.eat(end) {
            return Ok(());
        }
        if !apart {
            return Err(cursor.expected(expected));
        }
    }
}

fn chord(cursor: &mut Cursor, index: u16, sheet: &mut Sheet) -> Result<(), NotationError> {
    list(cursor, ')', "a comma or )", |cursor| {
        let place = cursor.place();
        let pitch = ranged(place, Pitch::new(cursor.signed("a note's number")?))?;
        let length = if cursor.eat('=') { Some(length(cursor)?) } else { None };
        sheet.add_chord_note(place, index, pitch, length)
    })
}

fn locks(cursor: &mut Cursor, index: u16, sheet: &mut Sheet) -> Result<(), NotationError> {
    list(cursor, '}', "a comma or }", |cursor| {
        let place = cursor.place();
        let key = cursor.word(|c| c.is_alphanumeric());
        if key.is_empty() {
            return Err(cursor.expected("the name of a parameter"));
        }
        let param = Param::of_key(key).ok_or_else(|| place.error(NotationReason::NoParam(shortened(key))))?;
        cursor.require(':', ": after the name of a parameter")?;
        let at = cursor.place();
        let value = ranged(at, param.value(cursor.signed("a parameter's value")?))?;
        sheet.lock(place, index, param, value)
    })
}
