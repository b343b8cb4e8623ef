//! From a converged document to a valid song.
//!
//! Two edits that were each valid where they were made can merge into something that is not. A song is a pure function of the converged
//! document, never of arrival order, of time or of who asks, so every peer repairs alike; and repairing what
//! was repaired changes nothing. All repairs, each with its musical reason:
//!
//! | Found | Becomes | Because |
//! |---|---|---|
//! | a number outside its range | the nearest in range | the gesture meant the end of the fader |
//! | a value of a foreign type, a float | the default (the mirror leaves it out) | it has no musical meaning here |
//! | a missing or unusable name | a plain word | everything needs a name to be talked about |
//! | a missing or unusable order key | the first place | a track must stand somewhere |
//! | two tracks in one place | ordered by id | the same on every screen |
//! | more tracks than fit | those first in order stay | nobody's groove jumps when a friend adds one too many |
//! | a sound that this version does not know | kept as text, silent | an older peer must not rewrite a newer song |
//! | a sample the session does not know | kept as text, silent | its announcement may still be on its way |
//! | more samples than fit | those in use stay, then the lowest ids | what is heard goes before what is not |
//! | the pattern that plays is deleted or unknown | the first live one | the track keeps playing something |
//! | no live pattern | the first deleted one, else an empty one | a track always has a grid to play on |
//! | more patterns than fit | the lowest ids and the one that plays | a bound that all peers draw alike |
//! | a step beyond the pattern's length | kept, silent | lengthening again brings it back |
//! | a step with some fields only | defaults for the others | its first touch set only those |

use std::collections::{BTreeMap, BTreeSet};

use antiphon_model::{
    Colour, Gain, Name, NoteLength, OrderKey, Pan, Pattern, PatternId, PatternLength, Pitch, SampleId,
    SampleInfo, SessionId, Song, Sound, Step, Strip, Swing, Track, TrackId, Velocity,
    limits::{PATTERNS_MAX, SAMPLES_MAX, STEPS_MAX, TRACKS_MAX},
};
use antiphon_timeline::Tempo;

use crate::{
    raw::{RawMap, RawSong},
    schema::{self, StepField},
    touched::Touched,
};

/// The song that a document means.
pub fn repair(session: SessionId, raw: &RawSong) -> Song {
    let mut repaired = Repaired::new(session);
    repaired.read_all(raw);
    repaired.song
}

/// A song and what it was assembled from, so that a part can be repaired alone.
#[derive(Debug)]
pub(crate) struct Repaired {
    /// Every live track by id, also those beyond what a song holds.
    live: BTreeMap<TrackId, Track>,
    /// Every sample that can be read, also those beyond what a song holds.
    samples: BTreeMap<SampleId, SampleInfo>,
    pub(crate) song: Song,
}

impl Repaired {
    pub(crate) fn new(session: SessionId) -> Self {
        let empty = RawMap::new();
        let (name, tempo, swing, master) = meta(&empty);
        let song = Song { tempo, swing, master, ..Song::empty(session, name) };
        Self { live: BTreeMap::new(), samples: BTreeMap::new(), song }
    }

    /// Reads the whole document.
    pub(crate) fn read_all(&mut self, raw: &RawSong) {
        self.read_meta(raw);
        self.samples = samples(raw);
        let tracks = raw.map(schema::TRACKS).into_iter().flat_map(RawMap::maps);
        self.live = tracks
            .filter_map(|(key, map)| {
                let id = id(key)?;
                Some((id, track(id, map, &self.samples)?))
            })
            .collect();
        self.assemble();
    }

    /// Reads again what `touched` names. The result is the same as reading all.
    pub(crate) fn update(&mut self, raw: &RawSong, touched: &Touched) {
        if touched.song {
            self.read_meta(raw);
        }
        if touched.samples && samples(raw) != self.samples {
            // A sample that became known gives its tracks their sound: all are read again.
            return self.read_all(raw);
        }
        for track in &touched.tracks {
            self.read_track(raw, *track);
        }
        if !touched.tracks.is_empty() {
            self.assemble();
        }
        for ((track, pattern), steps) in &touched.steps {
            if !touched.tracks.contains(track) {
                self.read_steps(raw, *track, *pattern, steps);
            }
        }
    }

    fn read_meta(&mut self, raw: &RawSong) {
        let empty = RawMap::new();
        let (name, tempo, swing, master) = meta(raw.map(schema::META).unwrap_or(&empty));
        self.song.name = name;
        self.song.tempo = tempo;
        self.song.swing = swing;
        self.song.master = master;
    }

    fn read_track(&mut self, raw: &RawSong, id: TrackId) {
        let map = raw.at([schema::TRACKS, &id.to_string()]);
        match map.and_then(|map| track(id, map, &self.samples)) {
            Some(track) => self.live.insert(id, track),
            None => self.live.remove(&id),
        };
    }

    fn read_steps(&mut self, raw: &RawSong, track: TrackId, pattern: PatternId, touched: &BTreeSet<u16>) {
        let path =
            [schema::TRACKS, &track.to_string(), schema::PATTERNS, &pattern.to_string(), schema::STEPS];
        let Some(pages) = raw.at(path) else { return };
        let shown = self.song.tracks.iter_mut().find(|shown| shown.id == track);
        for track in self.live.get_mut(&track).into_iter().chain(shown) {
            // A deleted pattern is not in the song; its steps are read when it returns.
            let Some(pattern) = track.patterns.get_mut(&pattern) else { continue };
            let pattern = std::sync::Arc::make_mut(pattern);
            for index in touched {
                match step(pages, *index) {
                    Some(step) => pattern.steps.insert(*index, step),
                    None => pattern.steps.remove(index),
                };
            }
        }
    }

    /// Chooses which tracks and samples the song holds, and in which order.
    fn assemble(&mut self) {
        let mut tracks: Vec<&Track> = self.live.values().collect();
        tracks.sort_by(|a, b| (&a.order, a.id).cmp(&(&b.order, b.id)));
        tracks.truncate(TRACKS_MAX);
        self.song.tracks = tracks.into_iter().cloned().collect();

        let used: BTreeSet<SampleId> = self.song.tracks.iter().filter_map(sample_of).collect();
        let mut samples: Vec<(&SampleId, &SampleInfo)> = self.samples.iter().collect();
        samples.sort_by_key(|(id, _)| (!used.contains(*id), **id));
        samples.truncate(SAMPLES_MAX);
        self.song.samples = samples.into_iter().map(|(id, info)| (*id, info.clone())).collect();
    }
}

fn sample_of(track: &Track) -> Option<SampleId> {
    match &track.sound {
        Sound::Sample(id) => Some(*id),
        _ => None,
    }
}

fn meta(map: &RawMap) -> (Name, Tempo, Swing, Gain) {
    let name = Name::repaired(map.text(schema::NAME).unwrap_or_default(), "Untitled");
    let tempo = map.int(schema::TEMPO).map_or(Tempo::DEFAULT, |micro| {
        Tempo::from_micro_bpm_clamped(u64::try_from(micro).unwrap_or_default())
    });
    let swing = map.int(schema::SWING).map_or(Swing::DEFAULT, Swing::clamped);
    let master = map.int(schema::MASTER).map_or(Gain::DEFAULT, Gain::clamped);
    (name, tempo, swing, master)
}

fn samples(raw: &RawSong) -> BTreeMap<SampleId, SampleInfo> {
    let maps = raw.map(schema::SAMPLES).into_iter().flat_map(RawMap::maps);
    maps.filter_map(|(key, map)| Some((id(key)?, sample(map)?))).collect()
}

/// A sample that cannot say how long it is, is none.
fn sample(map: &RawMap) -> Option<SampleInfo> {
    Some(SampleInfo {
        name: Name::repaired(map.text(schema::NAME).unwrap_or_default(), "Sample"),
        frames: u64::try_from(map.int(schema::FRAMES)?).ok()?,
        channels: map.int(schema::CHANNELS)?.clamp(1, 2) as u8,
        bytes: u64::try_from(map.int(schema::BYTES)?).ok()?,
    })
}

/// The track, unless it is deleted.
fn track(id: TrackId, map: &RawMap, samples: &BTreeMap<SampleId, SampleInfo>) -> Option<Track> {
    if map.bool(schema::DELETED).unwrap_or(false) {
        return None;
    }
    let (current, patterns) = patterns(id, map);
    Some(Track {
        id,
        name: Name::repaired(map.text(schema::NAME).unwrap_or_default(), "Track"),
        colour: map.int(schema::COLOUR).map_or(Colour::DEFAULT, Colour::clamped),
        order: map.text(schema::ORDER).and_then(OrderKey::read).unwrap_or_else(OrderKey::first),
        sound: sound(map.text(schema::SOUND).unwrap_or_default(), samples),
        strip: strip(map.map(schema::MIXER)),
        swing: None,
        groove: None,
        trigger: antiphon_model::TriggerMode::default(),
        choke: antiphon_model::ChokeGroup::default(),
        params: antiphon_model::Params::new(),
        current: antiphon_model::Switch::settled(current),
        patterns: patterns.into_iter().map(|(id, pattern)| (id, std::sync::Arc::new(pattern))).collect(),
    })
}

fn sound(text: &str, samples: &BTreeMap<SampleId, SampleInfo>) -> Sound {
    match Sound::read(text) {
        Sound::Sample(id) if !samples.contains_key(&id) => Sound::Unknown(Sound::Sample(id).to_string()),
        sound => sound,
    }
}

fn strip(map: Option<&RawMap>) -> Strip {
    let Some(map) = map else { return Strip::default() };
    let default = Strip::default();
    Strip {
        gain: map.int(schema::GAIN).map_or(default.gain, Gain::clamped),
        pan: map.int(schema::PAN).map_or(default.pan, Pan::clamped),
        mute: map.bool(schema::MUTE).unwrap_or(default.mute),
        solo: map.bool(schema::SOLO).unwrap_or(default.solo),
    }
}

/// The pattern that plays and all that the track has.
fn patterns(track: TrackId, map: &RawMap) -> (PatternId, BTreeMap<PatternId, Pattern>) {
    let maps: BTreeMap<PatternId, &RawMap> = map
        .map(schema::PATTERNS)
        .into_iter()
        .flat_map(RawMap::maps)
        .filter_map(|(key, map)| Some((id(key)?, map)))
        .collect();
    let mut live: BTreeSet<PatternId> = maps
        .iter()
        .filter(|(_, map)| !map.bool(schema::DELETED).unwrap_or(false))
        .map(|(id, _)| *id)
        .collect();
    if live.is_empty() {
        live.extend(maps.keys().next());
    }
    let Some(first) = live.first().copied() else {
        // No pattern was ever made: the empty one bears the track's own id, so that all peers name it alike.
        let current = PatternId(track.0);
        return (current, BTreeMap::from([(current, empty_pattern())]));
    };
    let chosen = map.text(schema::CURRENT).and_then(id).filter(|id| live.contains(id));
    let current = chosen.unwrap_or(first);
    let mut kept: BTreeSet<PatternId> = live.into_iter().take(PATTERNS_MAX).collect();
    if kept.insert(current) && kept.len() > PATTERNS_MAX {
        let last = kept.iter().rev().find(|id| **id != current).copied();
        last.map(|id| kept.remove(&id));
    }
    let patterns = maps.into_iter().filter(|(id, _)| kept.contains(id)).map(|(id, map)| (id, pattern(map)));
    (current, patterns.collect())
}

fn empty_pattern() -> Pattern {
    pattern(&RawMap::new())
}

fn pattern(map: &RawMap) -> Pattern {
    let name = Name::repaired(map.text(schema::NAME).unwrap_or_default(), "A");
    Pattern {
        length: map.int(schema::LENGTH).map_or(PatternLength::DEFAULT, PatternLength::clamped),
        steps: map.map(schema::STEPS).map(steps).unwrap_or_default(),
        ..Pattern::empty(name, OrderKey::first())
    }
}

fn steps(pages: &RawMap) -> BTreeMap<u16, Step> {
    let keys = pages
        .maps()
        .flat_map(|(page, map)| map.entries().filter_map(move |(key, _)| schema::step_of_key(page, key)));
    let indices: BTreeSet<u16> = keys.collect();
    indices.into_iter().filter_map(|index| Some((index, step(pages, index)?))).collect()
}

/// The step, if any field of it was ever set.
fn step(pages: &RawMap, index: u16) -> Option<Step> {
    if index >= STEPS_MAX {
        return None;
    }
    let page = pages.map(&schema::step_page(index))?;
    let key = |field| schema::step_key(index, field);
    let set = StepField::ALL.into_iter().any(|field| page.scalar(&key(field)).is_some());
    set.then(|| Step {
        on: page.bool(&key(StepField::On)).unwrap_or(false),
        velocity: page.int(&key(StepField::Velocity)).map_or(Velocity::DEFAULT, Velocity::clamped),
        pitch: page.int(&key(StepField::Pitch)).map_or(Pitch::DEFAULT, Pitch::clamped),
        length: page.int(&key(StepField::Length)).map_or(NoteLength::DEFAULT, NoteLength::clamped),
        ..Step::default()
    })
}

/// An id as documents write it: lower case, so that no two keys mean one track.
fn id<T: std::str::FromStr + ToString>(key: &str) -> Option<T> {
    key.parse::<T>().ok().filter(|id| id.to_string() == key)
}
