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
//! | a missing or unusable order key | the first place | everything must stand somewhere |
//! | two tracks, patterns, scenes or links in one place | ordered by id | the same on every screen |
//! | more tracks than fit | those first in order stay | nobody's groove jumps when a friend adds one too many |
//! | a sound that this version does not know | kept as text, silent | an older peer must not rewrite a newer song |
//! | a sample the session does not know | kept as text, silent | its announcement may still be on its way |
//! | more samples than fit | those in use stay, then the lowest ids | what is heard goes before what is not |
//! | the pattern that plays is deleted or unknown | the first live one, at once | the track keeps playing something |
//! | the pattern that was to play until a launch is deleted or unknown | the launched one, at once | silence would not be what anybody launched |
//! | no live pattern | the first deleted one, else an empty one | a track always has a grid to play on |
//! | more patterns than fit | the lowest ids and those that play | a bound that all peers draw alike |
//! | a step beyond the pattern's length | kept, silent | lengthening again brings it back |
//! | a step with some fields only | defaults for the others | its first touch set only those |
//! | a step whose condition is not known | sounds always | a note too many is noticed, one too few is not |
//! | a chord note, lock, parameter, slot or a track's own swing or groove of another type | not set | that is how it is taken away |
//! | more chord notes at a step than fit | the lowest stay | the bass of a chord is its name |
//! | a parameter at its neutral value | not set | it sounds the same, and so it is the same |
//! | a free note without its making | none | it was taken back by who made it |
//! | more free notes than fit | those that start first stay, then the lowest ids | what was there first goes on |
//! | an unknown speed, trigger mode, groove, play mode, quantum, or a switch that is not one | the default | the music goes on in step |
//! | a switch that waits for a place off the sixteenths | it has happened | patterns change on sixteenths |
//! | a meter that is none | 4/4 | the bars go on |
//! | more scenes or links than fit | those first in order stay | the beginning of the song goes on |
//! | a slot with a track or pattern that is not in the song | left out until that returns | the track goes on with its own pattern |
//! | a link to a scene that is not in the song | skipped until that returns | the next section follows at once |

mod patterns;
mod scenes;
mod tracks;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use antiphon_model::{
    Gain, Groove, Link, LinkId, Name, OrderKey, PatternId, PlayMode, SampleId, SampleInfo, Scene, SceneId,
    SessionId, Song, Sound, Swing, Switch, Track, TrackId,
    limits::{LINKS_MAX, SAMPLES_MAX, SCENES_MAX, TRACKS_MAX},
};
use antiphon_timeline::{Meter, Quantum, Tempo};

use crate::{
    codes,
    raw::{RawMap, RawSong},
    schema,
    touched::Touched,
};

/// The song that a document means.
pub fn repair(session: SessionId, raw: &RawSong) -> Song {
    let mut repaired = Repaired::new(session);
    repaired.read_all(raw);
    repaired.song
}

/// A song and what it was assembled from, so that a part can be repaired alone.
///
/// A pattern that did not change keeps its [`Arc`]: by it the engine knows what need not be compiled again.
#[derive(Debug, Clone)]
pub(crate) struct Repaired {
    /// Every live track by id, also those beyond what a song holds.
    live: BTreeMap<TrackId, Track>,
    /// Every sample that can be read, also those beyond what a song holds.
    samples: BTreeMap<SampleId, SampleInfo>,
    /// Every live scene, with slots that may name what the song does not have.
    scenes: BTreeMap<SceneId, Scene>,
    /// Every live link, with scenes that the song may not have.
    links: BTreeMap<LinkId, Link>,
    pub(crate) song: Song,
}

impl Repaired {
    pub(crate) fn new(session: SessionId) -> Self {
        let mut song = Song::empty(session, Name::repaired("", UNTITLED));
        read_meta(&RawMap::new(), &mut song);
        Self {
            live: BTreeMap::new(),
            samples: BTreeMap::new(),
            scenes: BTreeMap::new(),
            links: BTreeMap::new(),
            song,
        }
    }

    /// Reads the whole document.
    pub(crate) fn read_all(&mut self, raw: &RawSong) {
        self.read_meta(raw);
        self.samples = samples(raw);
        let tracks = raw.map(schema::TRACKS).into_iter().flat_map(RawMap::maps);
        self.live = tracks
            .filter_map(|(key, map)| {
                let id = id(key)?;
                Some((id, tracks::track(id, map, &self.samples, BTreeMap::new())?))
            })
            .collect();
        self.scenes = scenes::scenes(raw);
        self.links = scenes::links(raw);
        self.assemble();
    }

    /// Reads again what `touched` names. The result is the same as reading all.
    pub(crate) fn update(&mut self, raw: &RawSong, touched: &Touched) {
        if touched.song {
            self.read_meta(raw);
        }
        let samples_changed = touched.samples && self.read_samples(raw);
        for track in &touched.tracks {
            self.read_track(raw, *track, touched);
        }
        let touched_patterns: BTreeSet<(TrackId, PatternId)> =
            touched.steps.keys().chain(touched.notes.keys()).copied().collect();
        for (track, pattern) in &touched_patterns {
            self.read_in_pattern(raw, *track, *pattern, touched);
        }
        if touched.scenes {
            self.scenes = scenes::scenes(raw);
        }
        if touched.chain {
            self.links = scenes::links(raw);
        }
        if samples_changed || !touched.tracks.is_empty() {
            return self.assemble();
        }
        for (track, pattern) in &touched_patterns {
            self.show_pattern(*track, *pattern);
        }
        if touched.scenes || touched.chain {
            self.assemble_scenes();
        }
    }

    fn read_meta(&mut self, raw: &RawSong) {
        read_meta(raw.map(schema::META).unwrap_or(&RawMap::new()), &mut self.song);
    }

    /// A sample that became known gives its tracks their sound. Says whether any sample changed.
    fn read_samples(&mut self, raw: &RawSong) -> bool {
        let samples = samples(raw);
        if samples == self.samples {
            return false;
        }
        self.samples = samples;
        let maps = raw.map(schema::TRACKS);
        for (id, track) in &mut self.live {
            if let Some(map) = maps.and_then(|maps| maps.map(&id.to_string())) {
                track.sound = tracks::sound(map, &self.samples);
            }
        }
        true
    }

    fn read_track(&mut self, raw: &RawSong, id: TrackId, touched: &Touched) {
        let known = self.live.remove(&id).map(|track| track.patterns).unwrap_or_default();
        let known = known.into_iter().filter(|(pattern, _)| !touched.whole_pattern(id, *pattern)).collect();
        let map = raw.at([schema::TRACKS, &id.to_string()]);
        if let Some(track) = map.and_then(|map| tracks::track(id, map, &self.samples, known)) {
            self.live.insert(id, track);
        }
    }

    fn read_in_pattern(&mut self, raw: &RawSong, track: TrackId, id: PatternId, touched: &Touched) {
        if touched.whole_pattern(track, id) {
            return;
        }
        let path = [schema::TRACKS, &track.to_string(), schema::PATTERNS, &id.to_string()];
        // A deleted pattern is not in the song; it is read when it returns.
        let pattern = self.live.get_mut(&track).and_then(|track| track.patterns.get_mut(&id));
        let (Some(map), Some(pattern)) = (raw.at(path), pattern) else { return };
        let pattern = Arc::make_mut(pattern);
        for step in touched.steps.get(&(track, id)).into_iter().flatten() {
            patterns::read_step(pattern, map, *step);
        }
        if let Some(notes) = touched.notes.get(&(track, id)) {
            patterns::read_notes(pattern, map, notes);
        }
    }

    /// Brings a pattern of the song to what was read of it.
    fn show_pattern(&mut self, id: TrackId, pattern: PatternId) {
        let Some(read) = self.live.get(&id).and_then(|track| track.patterns.get(&pattern)) else { return };
        let shown = self.song.tracks.iter_mut().find(|shown| shown.id == id);
        if let Some(shown) = shown.and_then(|track| track.patterns.get_mut(&pattern)) {
            *shown = read.clone();
        }
    }

    /// Chooses which tracks, samples, scenes and links the song holds, and in which order.
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
        self.assemble_scenes();
    }

    fn assemble_scenes(&mut self) {
        let mut scenes: Vec<&Scene> = self.scenes.values().collect();
        scenes.sort_by(|a, b| (&a.order, a.id).cmp(&(&b.order, b.id)));
        scenes.truncate(SCENES_MAX);
        let tracks = &self.song.tracks;
        let patterns: BTreeMap<TrackId, &BTreeMap<PatternId, _>> =
            tracks.iter().map(|track| (track.id, &track.patterns)).collect();
        let plays = |track: &TrackId, pattern: &PatternId| {
            patterns.get(track).is_some_and(|patterns| patterns.contains_key(pattern))
        };
        let mut scenes: Vec<Scene> = scenes.into_iter().cloned().collect();
        scenes.iter_mut().for_each(|scene| scene.slots.retain(|track, pattern| plays(track, pattern)));

        let known: BTreeSet<SceneId> = scenes.iter().map(|scene| scene.id).collect();
        let mut links: Vec<&Link> = self.links.values().filter(|link| known.contains(&link.scene)).collect();
        links.sort_by(|a, b| (&a.order, a.id).cmp(&(&b.order, b.id)));
        links.truncate(LINKS_MAX);
        self.song.chain = links.into_iter().cloned().collect();
        self.song.scenes = scenes;
    }
}

const UNTITLED: &str = "Untitled";

fn read_meta(map: &RawMap, song: &mut Song) {
    song.name = Name::repaired(map.text(schema::NAME).unwrap_or_default(), UNTITLED);
    song.tempo = map.int(schema::TEMPO).map_or(Tempo::DEFAULT, |micro| {
        Tempo::from_micro_bpm_clamped(u64::try_from(micro).unwrap_or_default())
    });
    song.meter = map.text(schema::METER).and_then(|text| text.parse().ok()).unwrap_or(Meter::DEFAULT);
    song.quantum = map.text(schema::QUANTUM).and_then(Quantum::of_key).unwrap_or_default();
    song.edits_at_bar = map.bool(schema::EDITS_AT_BAR).unwrap_or(false);
    song.seed = map.int(schema::SEED).unwrap_or_default().cast_unsigned();
    song.swing = map.int(schema::SWING).map_or(Swing::DEFAULT, Swing::clamped);
    song.groove = groove(map).unwrap_or_default();
    song.fill = switch(map, schema::FILL, codes::read_on).unwrap_or_default();
    song.mode = switch(map, schema::MODE, PlayMode::of_key).unwrap_or_default();
    song.master = map.int(schema::MASTER).map_or(Gain::DEFAULT, Gain::clamped);
}

fn groove(map: &RawMap) -> Option<Groove> {
    map.text(schema::GROOVE).and_then(codes::read_groove)
}

fn switch<T: Copy + PartialEq>(
    map: &RawMap,
    key: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Option<Switch<T>> {
    codes::read_switch(map.text(key)?, read)
}

fn sample_of(track: &Track) -> Option<SampleId> {
    match &track.sound {
        Sound::Sample(id) => Some(*id),
        _ => None,
    }
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

fn order(map: &RawMap) -> OrderKey {
    map.text(schema::ORDER).and_then(OrderKey::read).unwrap_or_else(OrderKey::first)
}

fn is_deleted(map: &RawMap) -> bool {
    map.bool(schema::DELETED).unwrap_or(false)
}

/// An id as documents write it: lower case, so that no two keys mean one track.
fn id<T: std::str::FromStr + ToString>(key: &str) -> Option<T> {
    key.parse::<T>().ok().filter(|id| id.to_string() == key)
}
