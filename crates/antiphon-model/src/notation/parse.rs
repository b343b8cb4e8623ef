//! Reads text, line by line.

use super::{
    cursor::{Cursor, Place, shortened},
    error::{NotationError, NotationReason},
    free_note, row,
    sheet::Sheet,
};
use crate::{
    ids::FreshId,
    limits::NOTATION_BYTES_MAX,
    song::Pattern,
    sound::Sound,
    values::{Humanise, Name},
};
use antiphon_timeline::Speed;

/// A track as text says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackText {
    /// What the line `track` calls it, if there is one.
    pub name: Option<Name>,
    /// What the line `track` plays it with, if it says so.
    pub sound: Option<Sound>,
    /// What it plays.
    pub pattern: Pattern,
}

/// The pattern that `text` stands for. A line `track` is read and passed over.
///
/// Free notes without an id get one from `fresh`. The name and place of the pattern are those of a first
/// pattern: text does not tell them.
pub fn parse(text: &str, fresh: &mut FreshId) -> Result<Pattern, NotationError> {
    parse_track(text, fresh).map(|track| track.pattern)
}

/// The track that `text` stands for: a pattern, and before it `track "Kick" drum:kick` where somebody gave it.
pub fn parse_track(text: &str, fresh: &mut FreshId) -> Result<TrackText, NotationError> {
    if text.len() > NOTATION_BYTES_MAX {
        return Err(Place::BEGIN.error(NotationReason::TooLong { bytes: text.len() }));
    }
    let mut reader = Reader::new();
    for (number, line) in (1..).zip(text.lines()) {
        reader.line(Cursor::new(line, number))?;
    }
    if reader.sheet.is_empty() && reader.words.is_empty() {
        return Err(Place::BEGIN.error(NotationReason::Empty));
    }
    Ok(TrackText { name: reader.name, sound: reader.sound, pattern: reader.sheet.finish(fresh)? })
}

struct Reader {
    sheet: Sheet,
    name: Option<Name>,
    sound: Option<Sound>,
    /// Those that opened a line already; each may once.
    words: Vec<&'static str>,
}

impl Reader {
    fn new() -> Self {
        Self { sheet: Sheet::new(), name: None, sound: None, words: Vec::new() }
    }

    fn line(&mut self, mut cursor: Cursor) -> Result<(), NotationError> {
        cursor.skip(|c| c.is_whitespace() || c == '\u{feff}');
        match cursor.peek() {
            // Comments, and the fences that chats put around code.
            None | Some('#' | '`') => Ok(()),
            Some('@') => free_note::read(&mut cursor, &mut self.sheet),
            Some('x' | 'X' | 'o' | 'O') => row::read(&mut cursor, &mut self.sheet),
            Some(letter) if letter.is_alphabetic() => self.words(&mut cursor),
            Some(_) => row::read(&mut cursor, &mut self.sheet),
        }
    }

    fn words(&mut self, cursor: &mut Cursor) -> Result<(), NotationError> {
        while cursor.peek().is_some() {
            let place = cursor.place();
            let word = match cursor.word(|c| !c.is_whitespace()) {
                "track" => "track",
                "speed" => "speed",
                "humanise" | "humanize" => "humanise",
                other => return Err(place.error(NotationReason::NoSuchLine(shortened(other)))),
            };
            if self.words.contains(&word) {
                return Err(place.error(NotationReason::Twice(word)));
            }
            self.words.push(word);
            cursor.skip_blanks();
            match word {
                "track" => self.track(cursor)?,
                "speed" => self.sheet.pattern_mut().speed = speed(cursor)?,
                _ => self.sheet.pattern_mut().humanise = humanise(cursor)?,
            }
            cursor.skip_blanks();
        }
        Ok(())
    }

    fn track(&mut self, cursor: &mut Cursor) -> Result<(), NotationError> {
        let place = cursor.place();
        let name =
            if cursor.eat('"') { quoted(cursor)? } else { cursor.word(|c| !c.is_whitespace()).to_owned() };
        self.name = Some(Name::new(&name).map_err(|error| place.error(error))?);
        cursor.skip_blanks();
        let place = cursor.place();
        let mut ahead = cursor.clone();
        let word = ahead.word(|c| !c.is_whitespace());
        if word.contains(':') {
            self.sound =
                Some(word.parse().map_err(|error: crate::sound::ParseSoundError| place.error(error))?);
            *cursor = ahead;
        }
        Ok(())
    }
}

/// Text up to `"`; `\` before that, or before itself, takes its meaning away.
fn quoted(cursor: &mut Cursor) -> Result<String, NotationError> {
    let mut text = String::new();
    while let Some(c) = cursor.peek() {
        cursor.bump();
        match c {
            '"' => return Ok(text),
            '\\' => text.extend(cursor.bump()),
            _ => text.push(c),
        }
    }
    Err(cursor.expected("\" after a name"))
}

fn speed(cursor: &mut Cursor) -> Result<Speed, NotationError> {
    let place = cursor.place();
    let key = cursor.word(|c| !c.is_whitespace());
    Speed::of_key(key).ok_or_else(|| place.error(NotationReason::NoSpeed(shortened(key))))
}

fn humanise(cursor: &mut Cursor) -> Result<Humanise, NotationError> {
    let place = cursor.place();
    Humanise::new(cursor.number("how loosely it is played, in percent")?).map_err(|error| place.error(error))
}
