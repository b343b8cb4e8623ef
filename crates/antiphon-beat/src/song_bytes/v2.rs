//! Format 2: the whole sequencer.
//!
//! What has a name in documents and on the command line has it here too, so that the form does not hang on the
//! order in which a later program lists its parameters or speeds.

mod patterns;

use std::collections::{BTreeMap, BTreeSet};

use antiphon_model::{
    Bars, ChokeGroup, Colour, Gain, Groove, Link, LinkId, OrderKey, Pan, Param, Params, PatternId, Percent,
    PlayMode, Scene, SceneId, SessionId, Song, Strip, Swing, Switch, Track, TrackId, TriggerMode,
    limits::{LINKS_MAX, PATTERNS_MAX, SAMPLES_MAX, SCENES_MAX, TRACKS_MAX},
};
use antiphon_timeline::{GrooveTemplate, Tempo};
use serde::{Deserialize, Serialize};

use super::{ENTRY, WireSample, malformed, name, sample, sound, wire_sample};
use crate::{canonical, error::OpenBeatError};
use patterns::WirePattern;

pub(super) const FORMAT: u8 = 2;

#[derive(Serialize, Deserialize)]
pub(super) struct WireSong {
    session: [u8; 16],
    name: String,
    micro_bpm: u64,
    seed: u64,
    swing: u8,
    groove: WireGroove,
    fill: bool,
    mode: String,
    master: i16,
    tracks: Vec<WireTrack>,
    scenes: Vec<WireScene>,
    chain: Vec<WireLink>,
    samples: Vec<WireSample>,
}

#[derive(Serialize, Deserialize)]
struct WireGroove {
    template: String,
    amount: u8,
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
    swing: Option<u8>,
    groove: Option<WireGroove>,
    trigger: String,
    choke: u8,
    params: Vec<(String, i16)>,
    current: [u8; 16],
    patterns: Vec<WirePattern>,
}

#[derive(Serialize, Deserialize)]
struct WireScene {
    id: [u8; 16],
    name: String,
    order: String,
    slots: Vec<([u8; 16], [u8; 16])>,
}

#[derive(Serialize, Deserialize)]
struct WireLink {
    id: [u8; 16],
    scene: [u8; 16],
    bars: u16,
    order: String,
}

pub(super) fn encode(song: &Song) -> Vec<u8> {
    canonical::encode(FORMAT, &wire_song(song))
}

pub(super) fn wire_song(song: &Song) -> WireSong {
    WireSong {
        session: song.session.0,
        name: song.name.as_str().to_owned(),
        micro_bpm: song.tempo.micro_bpm(),
        seed: song.seed,
        swing: song.swing.get(),
        groove: wire_groove(song.groove),
        fill: song.fill.to,
        mode: song.mode.to.key().to_owned(),
        master: song.master.get(),
        tracks: song.tracks.iter().map(wire_track).collect(),
        scenes: song.scenes.iter().map(wire_scene).collect(),
        chain: song.chain.iter().map(wire_link).collect(),
        samples: song.samples.iter().map(|(id, info)| wire_sample(*id, info)).collect(),
    }
}

fn wire_groove(groove: Groove) -> WireGroove {
    WireGroove { template: groove.template.key().to_owned(), amount: groove.amount.get() }
}

fn wire_track(track: &Track) -> WireTrack {
    let mut params: Vec<(String, i16)> =
        track.params.iter().map(|(param, value)| (param.key().to_owned(), *value)).collect();
    params.sort();
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
        swing: track.swing.map(Swing::get),
        groove: track.groove.map(wire_groove),
        trigger: track.trigger.key().to_owned(),
        choke: track.choke.get(),
        params,
        current: track.current.to.0,
        patterns: track.patterns.iter().map(|(id, pattern)| patterns::wire(*id, pattern)).collect(),
    }
}

fn wire_scene(scene: &Scene) -> WireScene {
    WireScene {
        id: scene.id.0,
        name: scene.name.as_str().to_owned(),
        order: scene.order.as_str().to_owned(),
        slots: scene.slots.iter().map(|(track, pattern)| (track.0, pattern.0)).collect(),
    }
}

fn wire_link(link: &Link) -> WireLink {
    let order = link.order.as_str().to_owned();
    WireLink { id: link.id.0, scene: link.scene.0, bars: link.bars.get(), order }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Song, OpenBeatError> {
    let song = song(canonical::decode(ENTRY, FORMAT, bytes)?)?;
    // Everything in order and once each, names trimmed, hashes in lower case.
    if encode(&song) == bytes { Ok(song) } else { Err(OpenBeatError::NotCanonical) }
}

/// The song, as far as it was checked: whether it was written canonically is for the caller to say.
pub(super) fn song(wire: WireSong) -> Result<Song, OpenBeatError> {
    if wire.tracks.len() > TRACKS_MAX || wire.samples.len() > SAMPLES_MAX {
        return Err(malformed("it has too many tracks or samples"));
    }
    if wire.scenes.len() > SCENES_MAX || wire.chain.len() > LINKS_MAX {
        return Err(malformed("it has too many scenes or links of the chain"));
    }
    let mode = PlayMode::of_key(&wire.mode).ok_or_else(|| malformed("its play mode is not known"))?;
    let song = Song {
        tempo: Tempo::from_micro_bpm_clamped(wire.micro_bpm),
        seed: wire.seed,
        swing: Swing::new(wire.swing.into()).map_err(malformed)?,
        groove: groove(&wire.groove)?,
        fill: Switch::settled(wire.fill),
        mode: Switch::settled(mode),
        master: Gain::new(wire.master.into()).map_err(malformed)?,
        tracks: wire.tracks.into_iter().map(track).collect::<Result<_, _>>()?,
        scenes: wire.scenes.into_iter().map(scene).collect::<Result<_, _>>()?,
        chain: wire.chain.into_iter().map(link).collect::<Result<_, _>>()?,
        samples: wire.samples.into_iter().map(sample).collect::<Result<_, _>>()?,
        ..Song::empty(SessionId(wire.session), name(&wire.name)?)
    };
    check_names(&song)?;
    Ok(song)
}

/// Whatever is named is there, and only once.
fn check_names(song: &Song) -> Result<(), OpenBeatError> {
    let tracks: BTreeSet<TrackId> = song.tracks.iter().map(|track| track.id).collect();
    if tracks.len() != song.tracks.len() {
        return Err(malformed("a track is there twice"));
    }
    let scenes: BTreeSet<SceneId> = song.scenes.iter().map(|scene| scene.id).collect();
    let links: BTreeSet<LinkId> = song.chain.iter().map(|link| link.id).collect();
    if scenes.len() != song.scenes.len() || links.len() != song.chain.len() {
        return Err(malformed("a scene or a link of the chain is there twice"));
    }
    if !song.scenes.is_sorted_by(|a, b| (&a.order, a.id) < (&b.order, b.id))
        || !song.chain.is_sorted_by(|a, b| (&a.order, a.id) < (&b.order, b.id))
    {
        return Err(OpenBeatError::NotCanonical);
    }
    let mut slots = song.scenes.iter().flat_map(|scene| &scene.slots);
    if !slots.all(|(track, pattern)| song.pattern(*track, *pattern).is_ok()) {
        return Err(malformed("a scene names a pattern that is not there"));
    }
    if !song.chain.iter().all(|link| scenes.contains(&link.scene)) {
        return Err(malformed("the chain names a scene that is not there"));
    }
    Ok(())
}

fn groove(wire: &WireGroove) -> Result<Groove, OpenBeatError> {
    let template =
        GrooveTemplate::of_key(&wire.template).ok_or_else(|| malformed("a groove is not known"))?;
    Ok(Groove { template, amount: Percent::new(wire.amount.into()).map_err(malformed)? })
}

fn track(wire: WireTrack) -> Result<Track, OpenBeatError> {
    if wire.patterns.len() > PATTERNS_MAX {
        return Err(malformed("a track has too many patterns"));
    }
    let track = Track {
        id: TrackId(wire.id),
        name: name(&wire.name)?,
        colour: Colour::new(wire.colour.into()).map_err(malformed)?,
        order: order(&wire.order)?,
        sound: sound(&wire.sound)?,
        strip: Strip {
            gain: Gain::new(wire.gain.into()).map_err(malformed)?,
            pan: Pan::new(wire.pan.into()).map_err(malformed)?,
            mute: wire.mute,
            solo: wire.solo,
        },
        swing: wire.swing.map(|swing| Swing::new(swing.into())).transpose().map_err(malformed)?,
        groove: wire.groove.as_ref().map(groove).transpose()?,
        trigger: TriggerMode::of_key(&wire.trigger)
            .ok_or_else(|| malformed("a trigger mode is not known"))?,
        choke: ChokeGroup::new(wire.choke.into()).map_err(malformed)?,
        params: params(wire.params)?,
        current: Switch::settled(PatternId(wire.current)),
        patterns: wire.patterns.into_iter().map(patterns::read).collect::<Result<_, _>>()?,
    };
    if !track.patterns.contains_key(&track.current.to) {
        return Err(malformed("a track plays a pattern that it does not have"));
    }
    Ok(track)
}

fn params(wire: Vec<(String, i16)>) -> Result<Params, OpenBeatError> {
    let mut params = BTreeMap::new();
    for (key, value) in wire {
        let (param, value) = param(&key, value)?;
        if param == Param::Pan || value == param.neutral() {
            return Err(malformed("a track sets what it should not"));
        }
        params.insert(param, value);
    }
    Ok(params)
}

fn param(key: &str, value: i16) -> Result<(Param, i16), OpenBeatError> {
    let param = Param::of_key(key).ok_or_else(|| malformed("a parameter is not known"))?;
    Ok((param, param.value(value.into()).map_err(malformed)?))
}

fn scene(wire: WireScene) -> Result<Scene, OpenBeatError> {
    let slots = wire.slots.into_iter().map(|(track, pattern)| (TrackId(track), PatternId(pattern)));
    Ok(Scene {
        id: SceneId(wire.id),
        name: name(&wire.name)?,
        order: order(&wire.order)?,
        slots: slots.collect(),
    })
}

fn link(wire: WireLink) -> Result<Link, OpenBeatError> {
    let bars = Bars::new(wire.bars.into()).map_err(malformed)?;
    Ok(Link { id: LinkId(wire.id), scene: SceneId(wire.scene), bars, order: order(&wire.order)? })
}

fn order(text: &str) -> Result<OrderKey, OpenBeatError> {
    OrderKey::read(text).ok_or_else(|| malformed("a place is no order key"))
}
