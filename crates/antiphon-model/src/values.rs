//! Small checked values: each holds its range by construction.

use crate::limits::{COLOURS, NAME_CHARS_MAX, NOTE_LENGTH_MAX, STEPS_MAX};

/// A number outside its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {value} is outside {min} to {max}")]
pub struct RangeError {
    /// What the number was for.
    pub what: &'static str,
    /// The number.
    pub value: i64,
    /// The least allowed.
    pub min: i64,
    /// The greatest allowed.
    pub max: i64,
}

macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident($repr:ty), $what:literal, $min:expr, $max:expr, $default:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($repr);

        impl $name {
            /// The least value.
            pub const MIN: Self = Self($min);
            /// The greatest value.
            pub const MAX: Self = Self($max);
            /// The value where none was given.
            pub const DEFAULT: Self = Self($default);

            /// Checks a number.
            pub fn new(value: i64) -> Result<Self, RangeError> {
                let (min, max) = (i64::from(Self::MIN.0), i64::from(Self::MAX.0));
                if !(min..=max).contains(&value) {
                    return Err(RangeError { what: $what, value, min, max });
                }
                Ok(Self(value as $repr))
            }

            /// Holds a number to the range: the repair of a value read from a document.
            pub fn clamped(value: i64) -> Self {
                Self(value.clamp(i64::from(Self::MIN.0), i64::from(Self::MAX.0)) as $repr)
            }

            /// The plain number.
            pub const fn get(self) -> $repr {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::DEFAULT
            }
        }
    };
}

ranged!(
    /// How hard a step is struck, 1 to 127.
    Velocity(u8), "velocity", 1, 127, 100
);
ranged!(
    /// Semitones from the track's own pitch.
    Pitch(i8), "pitch", -36, 36, 0
);
ranged!(
    /// A MIDI note number; 60 is middle C.
    Note(u8), "note", 0, 127, 60
);
ranged!(
    /// Length of a step's note in sixteenths of a step; 16 is one whole step.
    NoteLength(u16), "note length", 1, NOTE_LENGTH_MAX, 16
);
ranged!(
    /// Steps in a pattern.
    PatternLength(u16), "pattern length", 1, STEPS_MAX, 16
);
ranged!(
    /// Swing in percent: how far every second step moves towards the next, 100 % being a triplet feel's far end
    /// (the step sounds at two thirds of its pair at 67 %).
    Swing(u8), "swing", 0, 100, 0
);
ranged!(
    /// Gain in hundredths of a decibel; the least value is silence.
    Gain(i16), "gain", -6000, 600, 0
);
ranged!(
    /// Stereo position in percent, left negative.
    Pan(i8), "pan", -100, 100, 0
);
ranged!(
    /// Index into the track palette.
    Colour(u8), "colour", 0, COLOURS - 1, 0
);

ranged!(
    /// How far a step sounds from its place, in 128ths of a step; negative is early.
    Micro(i8), "micro-timing", -127, 127, 0
);
ranged!(
    /// How often a step strikes within its time.
    Ratchet(u8), "ratchet", 1, 8, 1
);
ranged!(
    /// How likely a step sounds, in percent.
    Chance(u8), "chance", 0, 100, 100
);
ranged!(
    /// A part of a whole.
    Percent(u8), "percentage", 0, 100, 100
);
ranged!(
    /// How loosely a pattern is played, in percent: at most an eighth of a step and a fifth of the velocity either way.
    Humanise(u8), "humanise", 0, 100, 0
);
ranged!(
    /// Tracks in the same group cut one another off; 0 is none.
    ChokeGroup(u8), "choke group", 0, 8, 0
);
ranged!(
    /// Whole bars of a link of the chain.
    Bars(u16), "bars", 1, 256, 4
);
ranged!(
    /// One of twelve ready chords ("colours") or of twelve ready rhythms.
    Block(u8), "block", 0, 11, 0
);

impl Velocity {
    /// The velocity that a mark of the notation stands for.
    pub(crate) const fn of_mark(value: u8) -> Self {
        assert!(value >= Self::MIN.0 && value <= Self::MAX.0);
        Self(value)
    }
}

impl Gain {
    /// The default of a new track: about 0.8 of full, as faders are usually left.
    pub const TRACK_DEFAULT: Self = Self(-200);

    /// Is this the silent end of the fader?
    pub fn is_silent(self) -> bool {
        self == Self::MIN
    }
}

/// A name a person gave: trimmed, without control or invisible characters, at most [`NAME_CHARS_MAX`] characters, not empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing visible is left.
    #[error("a name needs at least one visible character")]
    Empty,
    /// Too long.
    #[error("a name has {chars} characters, at most {NAME_CHARS_MAX} fit")]
    TooLong {
        /// How many there were.
        chars: usize,
    },
}

impl Name {
    /// Checks a name that a person typed.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let clean = clean(text);
        match clean.chars().count() {
            0 => Err(NameError::Empty),
            chars if chars > NAME_CHARS_MAX => Err(NameError::TooLong { chars }),
            _ => Ok(Self(clean)),
        }
    }

    /// The nearest name to text read from a document, `fallback` where nothing is left of it.
    pub fn repaired(text: &str, fallback: &str) -> Self {
        let short: String = clean(text).chars().take(NAME_CHARS_MAX).collect();
        // Cutting may leave a space at the end, or nothing that can be seen.
        let clean = clean(&short);
        Self(if clean.is_empty() { fallback.to_owned() } else { clean })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn clean(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control() && !is_unwanted(*c)).collect();
    // Joiners and selectors shape what they stand beside; alone they would be a name that nobody can see.
    if kept.chars().all(|c| c.is_whitespace() || is_shaping(c)) {
        return String::new();
    }
    kept.trim().to_owned()
}

/// Characters that nobody types into a name on purpose: those that reorder the text around them (a peer's
/// name must not rewrite the line it stands in), break it, or take no place in it (two names that look the
/// same must not differ).
fn is_unwanted(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{2028}' | '\u{2029}'
        | '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e001f}')
}

/// Joiners, variation selectors and emoji tags: parts of a visible character.
fn is_shaping(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}
