//! The song: the plain value of a session, as everything that plays or shows it sees it.

use std::collections::BTreeMap;

use antiphon_timeline::Tempo;

use crate::{
    ids::{PatternId, SampleId, SessionId, TrackId},
    sound::Sound,
    values::{Colour, Gain, Name, NoteLength, Pan, PatternLength, Pitch, Swing, Velocity},
};

/// A valid song. Built only by repairing a document or by the song builders of tests and demos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Song {
    /// The session it belongs to.
    pub session: SessionId,
    /// What people call it.
    pub name: Name,
    /// The tempo it starts with.
    pub tempo: Tempo,
    /// Swing of every track.
    pub swing: Swing,
    /// Shared gain of the whole mix.
    pub master: Gain,
    /// The tracks that are not deleted, in the order they are shown.
    pub tracks: Vec<Track>,
    /// The samples that the session refers to.
    pub samples: BTreeMap<SampleId, SampleInfo>,
}

/// One track: a sound, a strip and its patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    pub id: TrackId,
    pub name: Name,
    pub colour: Colour,
    /// Fractional index: tracks are shown by (order, id).
    pub order: OrderKey,
    pub sound: Sound,
    pub strip: Strip,
    /// The pattern that plays; always one of `patterns`.
    pub current: PatternId,
    /// Never empty, by id.
    pub patterns: BTreeMap<PatternId, Pattern>,
}

impl Track {
    /// The pattern that plays.
    pub fn pattern(&self) -> &Pattern {
        // `current` is held to the map by repair; the first pattern is the repair of last resort.
        self.patterns
            .get(&self.current)
            .or_else(|| self.patterns.values().next())
            .expect("a track has a pattern")
    }
}

/// The shared mixer strip of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strip {
    pub gain: Gain,
    pub pan: Pan,
    pub mute: bool,
    pub solo: bool,
}

impl Default for Strip {
    fn default() -> Self {
        Self { gain: Gain::TRACK_DEFAULT, pan: Pan::DEFAULT, mute: false, solo: false }
    }
}

/// Steps that loop by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pub name: Name,
    /// How many of `steps` play.
    pub length: PatternLength,
    /// Steps that were ever set, by index; those beyond `length` are kept and silent, so that a
    /// shortened pattern can be lengthened again with nothing lost.
    pub steps: BTreeMap<u16, Step>,
}

/// One cell of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// Does it sound? A step that is off keeps its other values.
    pub on: bool,
    pub velocity: Velocity,
    pub pitch: Pitch,
    pub length: NoteLength,
}

/// What a session knows of a sample; the bytes are a blob elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleInfo {
    pub name: Name,
    /// Frames at 48 kHz.
    pub frames: u64,
    /// 1 or 2.
    pub channels: u8,
    /// Bytes of the blob.
    pub bytes: u64,
}

/// A position among siblings that leaves room between any two: digits `0-9A-Za-z`, never ending in `0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey(String);

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Longest key kept from a document: a hundred inserts at one place stay far below it.
const ORDER_KEY_CHARS_MAX: usize = 200;

impl OrderKey {
    /// The key of an only child.
    pub fn first() -> Self {
        Self("V".to_owned())
    }

    /// A key after `before` and before `after` (`None`: no neighbour on that side).
    ///
    /// Where the neighbours are equal (two people inserted at one place) the new key follows both.
    pub fn between(before: Option<&Self>, after: Option<&Self>) -> Self {
        let low = before.map_or("", Self::as_str).as_bytes();
        let high = after.map(Self::as_str).filter(|high| high.as_bytes() > low).map(str::as_bytes);
        let mut key = Vec::with_capacity(low.len() + 1);
        let mut bound = high;
        for place in 0.. {
            let low_digit = low.get(place).map_or(0, |c| digit(*c));
            let high_digit = bound.map_or(62, |high| high.get(place).map_or(0, |c| digit(*c)));
            if high_digit > low_digit + 1 {
                key.push(DIGITS[(low_digit + high_digit) / 2]);
                break;
            }
            key.push(DIGITS[low_digit]);
            if high_digit > low_digit {
                bound = None;
            }
        }
        Self(String::from_utf8(key).expect("digits are ASCII"))
    }

    /// The key that document text stands for; `None` where it is not one.
    pub fn read(text: &str) -> Option<Self> {
        let valid = !text.is_empty()
            && text.len() <= ORDER_KEY_CHARS_MAX
            && text.bytes().all(|b| b.is_ascii_alphanumeric())
            && !text.ends_with('0');
        valid.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn digit(c: u8) -> usize {
    DIGITS.iter().position(|d| *d == c).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::OrderKey;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_between_two_keys_lies_between_them(inserts in prop::collection::vec(any::<prop::sample::Index>(), 1..60)) {
            let mut keys = vec![OrderKey::first()];
            for at in inserts {
                let at = at.index(keys.len() + 1);
                let key = OrderKey::between(at.checked_sub(1).map(|i| &keys[i]), keys.get(at));
                prop_assert!(OrderKey::read(key.as_str()).is_some());
                keys.insert(at, key);
            }
            prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
