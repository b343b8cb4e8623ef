//! Tools that change a whole pattern at once. Each is an edit of its own kind, undone in one go.

mod block;
mod cells;
mod euclid;
mod quantise;
mod transpose;
mod turn;

#[cfg(test)]
mod tests;

pub use block::{COLOUR_NAMES, RHYTHM_NAMES, colour_name, rhythm_name};

use crate::{
    edit::EditError,
    limits::{NOTES_MAX, STEPS_MAX},
    song::Pattern,
    values::{Block, Percent, Pitch, RangeError},
};

/// What a tool does to a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reshape {
    /// Spreads `hits` steps as evenly as they go over the pattern, turned by `rotation` steps to the right.
    Euclid { hits: u16, rotation: i16 },
    /// Moves every step and free note to the right (negative: left); what leaves at one end enters at the other.
    Rotate { steps: i16 },
    /// Steps that sound fall silent, silent ones sound.
    Invert,
    /// Plays it backwards. A note with the ties that prolong it stays one note.
    Reverse,
    /// The first half, then the same backwards. The middle step of an odd length is in neither.
    Mirror,
    /// Moves every note by semitones; those that would leave the range stay where they are.
    Transpose { semitones: i8 },
    /// Draws micro-timing to the grid.
    Quantise { grid: QuantiseGrid, strength: Percent },
    /// A chord played as a rhythm, from ready blocks that always fit one another.
    Block { colour: Block, rhythm: Block },
}

/// What notes are drawn to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum QuantiseGrid {
    /// Two to a step.
    ThirtySecond,
    #[default]
    Sixteenth,
    /// Three in the time of two sixteenths.
    SixteenthTriplet,
    Eighth,
    /// Three in the time of two eighths.
    EighthTriplet,
    Quarter,
}

/// The pattern after the tool. Pure; what lies beyond the pattern's length stays as it is, and so do its name,
/// place, length, speed and humanise.
pub fn reshaped(pattern: &Pattern, reshape: Reshape) -> Pattern {
    let mut pattern = pattern.clone();
    match reshape {
        Reshape::Euclid { hits, rotation } => euclid::spread(&mut pattern, hits, rotation),
        Reshape::Rotate { steps } => turn::rotate(&mut pattern, steps),
        Reshape::Invert => turn::invert(&mut pattern),
        Reshape::Reverse => turn::reverse(&mut pattern),
        Reshape::Mirror => turn::mirror(&mut pattern),
        Reshape::Transpose { semitones } => transpose::transpose(&mut pattern, semitones),
        Reshape::Quantise { grid, strength } => quantise::quantise(&mut pattern, grid, strength),
        Reshape::Block { colour, rhythm } => block::lay(&mut pattern, colour, rhythm),
    }
    pattern
}

/// Checks a tool's numbers against the pattern it is for.
pub(crate) fn check(reshape: Reshape, pattern: &Pattern) -> Result<(), EditError> {
    let within = |what, value: i64, min: i64, max: i64| match (min..=max).contains(&value) {
        true => Ok(()),
        false => Err(EditError::Range(RangeError { what, value, min, max })),
    };
    let turn_max = i64::from(STEPS_MAX);
    match reshape {
        Reshape::Euclid { hits, rotation } => {
            within("number of hits", hits.into(), 0, pattern.length.get().into())?;
            within("rotation", rotation.into(), -turn_max, turn_max)
        }
        Reshape::Rotate { steps } => within("rotation", steps.into(), -turn_max, turn_max),
        Reshape::Transpose { semitones } => {
            let most = i64::from(Pitch::MAX.get()) - i64::from(Pitch::MIN.get());
            within("transposition", semitones.into(), -most, most)
        }
        Reshape::Mirror if turn::notes_mirrored(pattern) > NOTES_MAX => Err(EditError::TooManyNotes),
        _ => Ok(()),
    }
}
