//! Format 1: steps and strips. Nothing is written in it any more; what was written in it opens for ever.
//!
//! What it does not say is as it comes: no swing or groove of a track's own, no chords, locks or free notes, one
//! pattern after the other in the order of their ids, no scenes, dice seeded with 0.

use std::{collections::BTreeSet, sync::Arc};

use antiphon_model::{
    ChokeGroup, Colour, Gain, NoteLength, OrderKey, Pan, Params, Pattern, PatternId, PatternLength, Pitch,
    SessionId, Song, Step, Strip, Swing, Switch, Track, TrackId, TriggerMode, Velocity,
    limits::{PATTERNS_MAX, SAMPLES_MAX, STEPS_MAX, TRACKS_MAX},
};
use antiphon_timeline::Tempo;
use serde::{Deserialize, Serialize};

use super::{ENTRY, WireSample, malformed, name, sample, sound, wire_sample};
use crate::{canonical, error::OpenBeatError};

pub(super) const FORMAT: u8 = 1;

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

/// The bytes that it would have had: whoever opens one compares.
fn encode(song: &Song) -> Vec<u8> {
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

pub(super) fn decode(bytes: &[u8]) -> Result<Song, OpenBeatError> {
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
    if encode(&song) != bytes {
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
        trigger: TriggerMode::default(),
        choke: ChokeGroup::default(),
        params: Params::new(),
        current: Switch::settled(PatternId(wire.current)),
        patterns: wire.patterns.into_iter().map(pattern).collect::<Result<_, _>>()?,
    };
    if !track.patterns.contains_key(&track.current.to) {
        return Err(malformed("a track plays a pattern that it does not have"));
    }
    Ok(track)
}

fn pattern(wire: WirePattern) -> Result<(PatternId, Arc<Pattern>), OpenBeatError> {
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
    Ok((PatternId(wire.id), Arc::new(pattern)))
}
