//! A place in a line of text, moving to the right.

use std::str::Chars;

use super::error::{NotationError, NotationReason};

/// Numbers are read up to this: far outside every range, so a longer one is no more wrong.
const NUMBER_MAX: i64 = 1_000_000_000_000;
/// Most characters of a word that an error repeats.
const WORD_CHARS_MAX: usize = 96;

/// Where something stands, for the error about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    line: u32,
    column: u32,
}

impl Place {
    /// The first character of the text.
    pub(super) const BEGIN: Self = Self { line: 1, column: 1 };

    /// An error about what stands here.
    pub(super) fn error(self, reason: impl Into<NotationReason>) -> NotationError {
        NotationError { line: self.line, column: self.column, reason: reason.into() }
    }
}

/// What is left of a line.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    rest: Chars<'a>,
    place: Place,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, line: u32) -> Self {
        Self { rest: text.chars(), place: Place { line, column: 1 } }
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest.as_str()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    /// Does a number follow, its sign included?
    pub(super) fn is_at_number(&self) -> bool {
        let mut ahead = self.rest.clone();
        match ahead.next() {
            Some('+' | '-') => ahead.next().is_some_and(|c| c.is_ascii_digit()),
            first => first.is_some_and(|c| c.is_ascii_digit()),
        }
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.place.column = self.place.column.saturating_add(1);
        Some(next)
    }

    /// Passes `wanted` if it is next.
    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.bump();
        }
        found
    }

    /// Passes what `skipped` says; was there any?
    pub(super) fn skip(&mut self, skipped: impl Fn(char) -> bool) -> bool {
        let before = self.place;
        while self.peek().is_some_and(&skipped) {
            self.bump();
        }
        self.place != before
    }

    /// Passes white space.
    pub(super) fn skip_blanks(&mut self) -> bool {
        self.skip(char::is_whitespace)
    }

    /// The error that something else should be here.
    pub(super) fn expected(&self, expected: &'static str) -> NotationError {
        self.place.error(match self.peek() {
            Some('—' | '–' | '―') => NotationReason::LongDash,
            Some(found) => NotationReason::Unexpected { found, expected },
            None => NotationReason::Ended { expected },
        })
    }

    /// Passes `wanted` or fails.
    pub(super) fn require(&mut self, wanted: char, expected: &'static str) -> Result<(), NotationError> {
        if self.eat(wanted) { Ok(()) } else { Err(self.expected(expected)) }
    }

    /// A whole number without a sign.
    pub(super) fn number(&mut self, expected: &'static str) -> Result<i64, NotationError> {
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return Err(self.expected(expected));
        }
        let mut value: i64 = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            value = (value * 10 + i64::from(digit)).min(NUMBER_MAX);
            self.bump();
        }
        Ok(value)
    }

    /// A whole number with or without a sign.
    pub(super) fn signed(&mut self, expected: &'static str) -> Result<i64, NotationError> {
        if self.eat('-') {
            return Ok(-self.number(expected)?);
        }
        self.eat('+');
        self.number(expected)
    }

    /// The characters up to the first that `belongs` refuses.
    pub(super) fn word(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let from = self.rest();
        self.skip(belongs);
        &from[..from.len() - self.rest().len()]
    }
}

/// As much of a word as an error repeats.
pub(super) fn shortened(word: &str) -> String {
    word.chars().take(WORD_CHARS_MAX).collect()
}
