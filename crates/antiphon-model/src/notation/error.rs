//! Why text is no pattern, and where.

use crate::{
    condition::ParseConditionError,
    ids::{NoteId, ParseIdError},
    limits::{CHORD_NOTES_MAX, NOTATION_BYTES_MAX, NOTES_MAX, STEPS_MAX},
    sound::ParseSoundError,
    values::{NameError, RangeError},
};

/// The first slip in a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct NotationError {
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    /// What is wrong there, and what was expected.
    pub reason: NotationReason,
}

/// What is wrong at a place of a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotationReason {
    #[error("the text has {bytes} bytes, at most {NOTATION_BYTES_MAX} are read")]
    TooLong { bytes: usize },
    #[error("there is no step; write x for one that sounds and - for a rest")]
    Empty,
    #[error("{found:?} stands where {expected} should be")]
    Unexpected { found: char, expected: &'static str },
    #[error("the line ends where {expected} should be")]
    Ended { expected: &'static str },
    #[error("a chat has made one long dash of several -; write rests as . instead")]
    LongDash,
    #[error("a note's number stands by itself; put a blank before it")]
    NoteNeedsBlank,
    #[error("_ prolongs the note right before it, and there is none")]
    NothingToProlong,
    #[error("{0} is given twice")]
    Twice(&'static str),
    #[error("the loop ends before its first step")]
    LoopOfNothing,
    #[error("a pattern has at most {STEPS_MAX} steps")]
    TooManySteps,
    #[error("a step has at most {CHORD_NOTES_MAX} notes beside its own")]
    TooManyChordNotes,
    #[error("a pattern has at most {NOTES_MAX} free notes")]
    TooManyNotes,
    #[error(
        "a free note starts at a step from 1 to {STEPS_MAX}, and lasts more than 0 and at most {STEPS_MAX} steps"
    )]
    NotePlace,
    #[error("note {0} is there already")]
    NoteExists(NoteId),
    #[error(
        "no parameter is called {0:?}; there are level, pan, tune, cutoff, resonance, attack, decay, release, drive and start"
    )]
    NoParam(String),
    #[error("{0:?} is no speed; there are 1/8, 1/4, 1/2, 3/4, 1, 3/2 and 2")]
    NoSpeed(String),
    #[error("{0:?} begins no line; steps do (x - and the like), and track, speed, humanise, @ and #")]
    NoSuchLine(String),
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(transparent)]
    Condition(#[from] ParseConditionError),
    #[error(transparent)]
    Id(#[from] ParseIdError),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Sound(#[from] ParseSoundError),
}
