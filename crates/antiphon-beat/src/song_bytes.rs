//! A song as bytes, in the one form it has: the entry `song` of a beat.
//!
//! The form is this crate's own and does not follow `antiphon-model` when that grows: a new field is a new
//! format number here, and beats of the old one open for ever.

use std::{collections::BTreeSet, fmt};

use antiphon_model::{
    Colour, Gain, Name, NoteLength, OrderKey, Pan, Pattern, PatternId, PatternLength, Pitch, SampleId,
    SampleInfo, SessionId, Song, Sound, Step, Strip, Swing, Track, TrackId, Velocity,
    limits::{PATTERNS_MAX, SAMPLES_MAX, STEPS_MAX, TRACKS_MAX},
};
use antiphon_timeline::Tempo;
use serde::{Deserialize, Serialize};

use crate::{canonical, error::OpenBeatError, limits::SONG_BYTES_MAX};

const ENTRY: &str = "song";
const FORMAT: u8 = 1;
/// Text of an unknown sound: what the model keeps of one.
const SOUND_CHARS_MAX: usize = 96;

#[derive(Serialize, Deserialize)]
struct WireSong {
    session: [u8; 16],
    name: String,
    micro_bpm: u64,
    swing: u8,
    master: i16,
    tracks: Vec<WireTrack>,
    samples: Vec<WireSample>,
}

#[derive(Serialize, Deserialize)]
struct WireTrack {
    id: [u8; 16],
    name: String,
    colour: u8,
    order: String,
    sound: String,
    gain: i16,
    pan: i8,
    mute: bool,
    solo: bool,
    current: [u8; 16],
    patterns: Vec<WirePattern>,
}

#[derive(Serialize, Deserialize)]
struct WirePattern {
    id: [u8; 16],
    name: String,
    length: u16,
    steps: Vec<WireStep>,
}

#[derive(Serialize, Deserialize)]
struct WireStep {
    at: u16,
    on: bool,
    velocity: u8,
    pitch: i8,
    length: u16,
}

#[derive(Serialize, Deserialize)]
struct WireSample {
    id: [u8; 32],
    name: String,
    frames: u64,
    channels: u8,
    bytes: u64,
}

/// The bytes of a song. Equal songs have equal bytes.
pub fn encode_song(song: &Song) -> Vec<u8> {
    let wire = WireSong {
        session: song.session.0,
        name: song.name.as_str().to_owned(),
        micro_bpm: song.tempo.micro_bpm(),
        swing: song.swing.get(),
        master: song.master.get(),
        tracks: song.tracks.iter().map(wire_track).collect(),
        samples: song.samples.iter().map(|(id, info)| wire_sample(*id, info)).collect(),
    };
    canonical::encode(FORMAT, &wire)
}

fn wire_track(track: &Track) -> WireTrack {
    WireTrack {
        id: track.id.0,
        name: track.name.as_str().to_owned(),
        colour: track.colour.get(),
        order: track.order.as_str().to_owned(),
        sound: track.sound.to_string(),
        gain: track.strip.gain.get(),
        pan: track.strip.pan.get(),
        mute: track.strip.mute,
        solo: track.strip.solo,
        current: track.current.to.0,
        patterns: track.patterns.iter().map(|(id, pattern)| wire_pattern(*id, pattern)).collect(),
    }
}

fn wire_pattern(id: PatternId, pattern: &Pattern) -> WirePattern {
    let step = |(at, step): (&u16, &Step)| WireStep {
        at: *at,
        on: step.on,
        velocity: step.velocity.get(),
        pitch: step.pitch.get(),
        length: step.length.get(),
    };
    WirePattern {
        id: id.0,
        name: pattern.name.as_str().to_owned(),
        length: pattern.length.get(),
        steps: pattern.steps.iter().map(step).collect(),
    }
}

fn wire_sample(id: SampleId, info: &SampleInfo) -> WireSample {
    WireSample {
        id: id.0,
        name: info.name.as_str().to_owned(),
        frames: info.frames,
        channels: info.channels,
        bytes: info.bytes,
    }
}

/// The song of these bytes. Anything but what [`encode_song`] gives for it is refused.
pub fn decode_song(bytes: &[u8]) -> Result<Song, OpenBeatError> {
    if bytes.len() > SONG_BYTES_MAX {
        return Err(OpenBeatError::TooLarge { what: ENTRY, bytes: bytes.len() as u64, max: SONG_BYTES_MAX });
    }
    let wire: WireSong = canonical::decode(ENTRY, FORMAT, bytes)?;
    if wire.tracks.len() > TRACKS_MAX || wire.samples.len() > SAMPLES_MAX {
        return Err(malformed("it has too many tracks or samples"));
    }
    let song = Song {
        tempo: Tempo::from_micro_bpm_clamped(wire.micro_bpm),
        swing: Swing::new(wire.swing.into()).map_err(malformed)?,
        master: Gain::new(wire.master.into()).map_err(malformed)?,
        tracks: wire.tracks.into_iter().map(track).collect::<Result<_, _>>()?,
        samples: wire.samples.into_iter().map(sample).collect::<Result<_, _>>()?,
        ..Song::empty(SessionId(wire.session), name(&wire.name)?)
    };
    let ids: BTreeSet<TrackId> = song.tracks.iter().map(|track| track.id).collect();
    if ids.len() != song.tracks.len() {
        return Err(malformed("a track is there twice"));
    }
    // Steps, patterns and samples in order and once each, names trimmed, hashes in lower case.
    if encode_song(&song) != bytes {
        return Err(OpenBeatError::NotCanonical);
    }
    Ok(song)
}

fn track(wire: WireTrack) -> Result<Track, OpenBeatError> {
    if wire.patterns.len() > PATTERNS_MAX {
        return Err(malformed("a track has too many patterns"));
    }
    let track = Track {
        id: TrackId(wire.id),
        name: name(&wire.name)?,
        colour: Colour::new(wire.colour.into()).map_err(malformed)?,
        order: OrderKey::read(&wire.order).ok_or_else(|| malformed("a track's place is no order key"))?,
        sound: sound(&wire.sound)?,
        strip: Strip {
            gain: Gain::new(wire.gain.into()).map_err(malformed)?,
            pan: Pan::new(wire.pan.into()).map_err(malformed)?,
            mute: wire.mute,
            solo: wire.solo,
        },
        swing: None,
        groove: None,
        trigger: antiphon_model::TriggerMode::default(),
        choke: antiphon_model::ChokeGroup::default(),
        params: antiphon_model::Params::new(),
        current: antiphon_model::Switch::settled(PatternId(wire.current)),
        patterns: wire.patterns.into_iter().map(pattern).collect::<Result<_, _>>()?,
    };
    if !track.patterns.contains_key(&track.current.to) {
        return Err(malformed("a track plays a pattern that it does not have"));
    }
    Ok(track)
}

fn pattern(wire: WirePattern) -> Result<(PatternId, std::sync::Arc<Pattern>), OpenBeatError> {
    let step = |step: WireStep| {
        if step.at >= STEPS_MAX {
            return Err(malformed("a step lies outside every pattern"));
        }
        let value = Step {
            on: step.on,
            velocity: Velocity::new(step.velocity.into()).map_err(malformed)?,
            pitch: Pitch::new(step.pitch.into()).map_err(malformed)?,
            length: NoteLength::new(step.length.into()).map_err(malformed)?,
            ..Step::default()
        };
        Ok((step.at, value))
    };
    let pattern = Pattern {
        length: PatternLength::new(wire.length.into()).map_err(malformed)?,
        steps: wire.steps.into_iter().map(step).collect::<Result<_, _>>()?,
        ..Pattern::empty(name(&wire.name)?, OrderKey::first())
    };
    Ok((PatternId(wire.id), std::sync::Arc::new(pattern)))
}

fn sample(wire: WireSample) -> Result<(SampleId, SampleInfo), OpenBeatError> {
    if !(1..=2).contains(&wire.channels) {
        return Err(malformed("a sample is neither mono nor stereo"));
    }
    let info = SampleInfo {
        name: name(&wire.name)?,
        frames: wire.frames,
        channels: wire.channels,
        bytes: wire.bytes,
    };
    Ok((SampleId(wire.id), info))
}

fn sound(text: &str) -> Result<Sound, OpenBeatError> {
    if text.chars().count() > SOUND_CHARS_MAX {
        return Err(malformed("a sound's name is too long"));
    }
    Ok(Sound::read(text))
}

fn name(text: &str) -> Result<Name, OpenBeatError> {
    Name::new(text).map_err(malformed)
}

fn malformed(cause: impl fmt::Display) -> OpenBeatError {
    OpenBeatError::Malformed { entry: ENTRY, cause: cause.to_string() }
}
