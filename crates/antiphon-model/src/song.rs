//! The song: the plain value of a session, as everything that plays or shows it sees it.

use std::{collections::BTreeMap, sync::Arc};

use antiphon_timeline::{GrooveTemplate, Meter, Quantum, Speed, Tempo};

use crate::{
    condition::Condition,
    ids::{PatternId, SampleId, SessionId, TrackId},
    notes::Notes,
    param::{Param, Params},
    scene::{Link, PlayMode, Scene},
    sound::Sound,
    switch::Switch,
    values::{
        Chance, ChokeGroup, Colour, Gain, Humanise, Micro, Name, NoteLength, Pan, PatternLength, Percent,
        Pitch, Ratchet, Swing, Velocity,
    },
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
    /// The meter it starts with.
    pub meter: Meter,
    /// Where launches take effect that do not say so themselves.
    pub quantum: Quantum,
    /// Are edits made while it plays heard from the next bar on, on every peer at once?
    pub edits_at_bar: bool,
    /// Seeds every roll of the dice: the same on all peers, in all runs, and in a remix.
    pub seed: u64,
    /// Swing of every track that has none of its own.
    pub swing: Swing,
    /// Groove of every track that has none of its own.
    pub groove: Groove,
    /// Do steps with the condition `fill` sound?
    pub fill: Switch<bool>,
    /// What decides which patterns play.
    pub mode: Switch<PlayMode>,
    /// In the order they are shown.
    pub scenes: Vec<Scene>,
    /// In the order they play; only links to scenes that are there.
    pub chain: Vec<Link>,
    /// Shared gain of the whole mix.
    pub master: Gain,
    /// The tracks that are not deleted, in the order they are shown.
    pub tracks: Vec<Track>,
    /// The samples that the session refers to.
    pub samples: BTreeMap<SampleId, SampleInfo>,
}

impl Song {
    /// A session with nothing in it.
    pub fn empty(session: SessionId, name: Name) -> Self {
        Self {
            session,
            name,
            tempo: Tempo::DEFAULT,
            meter: Meter::DEFAULT,
            quantum: Quantum::default(),
            edits_at_bar: false,
            seed: 0,
            swing: Swing::DEFAULT,
            groove: Groove::default(),
            fill: Switch::default(),
            mode: Switch::default(),
            scenes: Vec::new(),
            chain: Vec::new(),
            master: Gain::DEFAULT,
            tracks: Vec::new(),
            samples: BTreeMap::new(),
        }
    }
}

/// A groove template and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Groove {
    pub template: GrooveTemplate,
    pub amount: Percent,
}

/// Does a note end with its length?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TriggerMode {
    /// Drums and samples ring to their end, the synth's release follows its note.
    #[default]
    OneShot,
    /// Cut off where the note ends.
    Gated,
}

impl TriggerMode {
    /// The name in documents and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::OneShot => "one-shot",
            Self::Gated => "gated",
        }
    }

    /// The mode called `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        [Self::OneShot, Self::Gated].into_iter().find(|mode| mode.key() == key)
    }
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
    /// Its own swing, where it does not follow the session's.
    pub swing: Option<Swing>,
    /// Its own groove, where it does not follow the session's.
    pub groove: Option<Groove>,
    pub trigger: TriggerMode,
    pub choke: ChokeGroup,
    /// Parameters that are not neutral. Never `Pan`: that is the strip's.
    pub params: Params,
    /// The pattern that was launched; both its sides are among `patterns`.
    pub current: Switch<PatternId>,
    /// Never empty, by id.
    pub patterns: BTreeMap<PatternId, Arc<Pattern>>,
}

impl Track {
    /// A track with one pattern and everything else as it comes.
    pub fn new(
        id: TrackId,
        name: Name,
        sound: Sound,
        order: OrderKey,
        pattern: (PatternId, Pattern),
    ) -> Self {
        Self {
            id,
            name,
            colour: Colour::DEFAULT,
            order,
            sound,
            strip: Strip::default(),
            swing: None,
            groove: None,
            trigger: TriggerMode::default(),
            choke: ChokeGroup::default(),
            params: Params::new(),
            current: Switch::settled(pattern.0),
            patterns: BTreeMap::from([(pattern.0, Arc::new(pattern.1))]),
        }
    }

    /// The pattern that was launched last.
    pub fn pattern(&self) -> &Arc<Pattern> {
        // `current` is held to the map by repair; the first pattern is the repair of last resort.
        self.patterns
            .get(&self.current.to)
            .or_else(|| self.patterns.values().next())
            .expect("a track has a pattern")
    }

    /// The patterns in the order they are shown.
    pub fn patterns_in_order(&self) -> Vec<(PatternId, &Arc<Pattern>)> {
        let mut patterns: Vec<_> = self.patterns.iter().map(|(id, pattern)| (*id, pattern)).collect();
        patterns.sort_by(|a, b| (&a.1.order, a.0).cmp(&(&b.1.order, b.0)));
        patterns
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

/// Steps and notes that loop by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pub name: Name,
    /// Fractional index: patterns are shown by (order, id).
    pub order: OrderKey,
    /// How many of `steps` play.
    pub length: PatternLength,
    pub speed: Speed,
    pub humanise: Humanise,
    /// Steps that were ever set, by index; those beyond `length` are kept and silent, so that a
    /// shortened pattern can be lengthened again with nothing lost.
    pub steps: BTreeMap<u16, Step>,
    /// Notes that sound with a step beside its own, by step and pitch; each has its own length.
    pub chords: BTreeMap<(u16, Pitch), NoteLength>,
    /// Parameters that a step sets for its notes.
    pub locks: BTreeMap<(u16, Param), i16>,
    /// Notes at any tick.
    pub notes: Arc<Notes>,
}

impl Pattern {
    /// Sixteen empty steps.
    pub fn empty(name: Name, order: OrderKey) -> Self {
        Self {
            name,
            order,
            length: PatternLength::DEFAULT,
            speed: Speed::default(),
            humanise: Humanise::DEFAULT,
            steps: BTreeMap::new(),
            chords: BTreeMap::new(),
            locks: BTreeMap::new(),
            notes: Arc::default(),
        }
    }

    /// The step, also where it was never set.
    pub fn step(&self, index: u16) -> Step {
        self.steps.get(&index).copied().unwrap_or_default()
    }

    /// The notes that sound with a step beside its own, lowest first.
    pub fn chord(&self, step: u16) -> impl Iterator<Item = (Pitch, NoteLength)> {
        let range = self.chords.range((step, Pitch::MIN)..=(step, Pitch::MAX));
        range.map(|((_, pitch), length)| (*pitch, *length))
    }

    /// What a step locks.
    pub fn locks_of(&self, step: u16) -> impl Iterator<Item = (Param, i16)> {
        Param::ALL.into_iter().filter_map(move |param| Some((param, *self.locks.get(&(step, param))?)))
    }

    /// Does anything of it sound?
    pub fn sounds(&self) -> bool {
        !self.notes.is_empty() || self.steps.range(..self.length.get()).any(|(_, step)| step.on)
    }
}

/// One cell of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// Does it sound? A step that is off keeps its other values.
    pub on: bool,
    pub velocity: Velocity,
    pub pitch: Pitch,
    pub length: NoteLength,
    /// Prolongs the note before it instead of striking.
    pub tie: bool,
    pub micro: Micro,
    pub ratchet: Ratchet,
    pub chance: Chance,
    pub condition: Condition,
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
