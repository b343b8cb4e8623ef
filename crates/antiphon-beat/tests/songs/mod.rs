//! Songs, any and certain.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::BTreeMap;

use antiphon_beat::{BeatId, FreezeOptions, Licence};
use antiphon_identity::DeviceKey;
use antiphon_model::{
    Colour, Drum, Gain, Name, NoteLength, OrderKey, Pan, Pattern, PatternId, PatternLength, Pitch, Preset,
    SampleId, SampleInfo, SessionId, Song, Sound, Step, Strip, Swing, Track, TrackId, Velocity,
};
use antiphon_timeline::Tempo;
use proptest::{collection::vec, prelude::*};

pub type Blobs = BTreeMap<SampleId, Vec<u8>>;

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_seed(&[seed; 32])
}

pub fn options() -> FreezeOptions {
    FreezeOptions {
        title: name("Night bus"),
        author: name("Ada"),
        licence: Licence::new("CC-BY-4.0").unwrap(),
        created_at_ms: 1_790_000_000_000,
        engine_version: 1,
        bars: 4,
        frames: 384_000,
        parents: vec![BeatId([4; 32])],
        pcm_hash: [5; 32],
    }
}

fn step(on: bool, pitch: i64) -> Step {
    Step { on, velocity: Velocity::DEFAULT, pitch: Pitch::new(pitch).unwrap(), length: NoteLength::DEFAULT }
}

fn track(number: u8, sound: Sound, steps: &[u16]) -> Track {
    let pattern = Pattern {
        name: name("A"),
        length: PatternLength::DEFAULT,
        steps: steps.iter().map(|at| (*at, step(true, 0))).collect(),
    };
    Track {
        id: TrackId([number; 16]),
        name: name("Track"),
        colour: Colour::new(i64::from(number % 12)).unwrap(),
        order: OrderKey::first(),
        sound,
        strip: Strip::default(),
        current: PatternId([number; 16]),
        patterns: BTreeMap::from([(PatternId([number; 16]), pattern)]),
    }
}

/// A small song: a kick, a bass, and a sample that is as short as samples get.
pub fn small_song() -> (Song, Blobs) {
    let blob = b"not audio, but bytes".to_vec();
    let sample = SampleId(*blake3::hash(&blob).as_bytes());
    let info = SampleInfo { name: name("Hit"), frames: 100, channels: 1, bytes: blob.len() as u64 };
    let song = Song {
        session: SessionId([3; 16]),
        name: name("Night bus"),
        tempo: Tempo::from_bpm(97.5).unwrap(),
        swing: Swing::new(20).unwrap(),
        master: Gain::DEFAULT,
        tracks: vec![
            track(1, Sound::Drum(Drum::Kick), &[0, 4, 8, 12]),
            track(2, Sound::Synth(Preset::Bass), &[2, 10]),
            track(3, Sound::Sample(sample), &[7]),
        ],
        samples: BTreeMap::from([(sample, info)]),
    };
    (song, BTreeMap::from([(sample, blob)]))
}

fn any_name() -> impl Strategy<Value = Name> {
    "\\PC{1,70}".prop_map(|text| Name::repaired(&text, "Name"))
}

fn any_sound() -> impl Strategy<Value = Sound> {
    prop_oneof![
        prop::sample::select(Drum::ALL.to_vec()).prop_map(Sound::Drum),
        prop::sample::select(Preset::ALL.to_vec()).prop_map(Sound::Synth),
        // Sounds of a newer version are kept as they are.
        "(granular|fm|sample)?:?\\PC{0,60}".prop_map(|text| Sound::read(&text)),
    ]
}

fn any_step() -> impl Strategy<Value = (u16, Step)> {
    (0_u16..256, any::<bool>(), 1_i64..=127, -36_i64..=36, 1_i64..=4096).prop_map(
        |(at, on, velocity, pitch, length)| {
            let step = Step {
                on,
                velocity: Velocity::new(velocity).unwrap(),
                pitch: Pitch::new(pitch).unwrap(),
                length: NoteLength::new(length).unwrap(),
            };
            (at, step)
        },
    )
}

fn any_pattern() -> impl Strategy<Value = (PatternId, Pattern)> {
    (any::<[u8; 16]>(), any_name(), 1_i64..=256, vec(any_step(), 0..20)).prop_map(
        |(id, name, length, steps)| {
            let length = PatternLength::new(length).unwrap();
            (PatternId(id), Pattern { name, length, steps: steps.into_iter().collect() })
        },
    )
}

fn any_track() -> impl Strategy<Value = Track> {
    let strip = (-6000_i64..=600, -100_i64..=100, any::<bool>(), any::<bool>()).prop_map(
        |(gain, pan, mute, solo)| Strip {
            gain: Gain::new(gain).unwrap(),
            pan: Pan::new(pan).unwrap(),
            mute,
            solo,
        },
    );
    let patterns = vec(any_pattern(), 1..4).prop_map(BTreeMap::from_iter);
    (any::<[u8; 16]>(), any_name(), 0_i64..12, "[1-9A-Za-z]{1,8}", any_sound(), strip, patterns).prop_map(
        |(id, name, colour, order, sound, strip, patterns)| Track {
            id: TrackId(id),
            name,
            colour: Colour::new(colour).unwrap(),
            order: OrderKey::read(&order).unwrap(),
            sound,
            strip,
            current: *patterns.keys().next().unwrap(),
            patterns,
        },
    )
}

/// Any song without samples.
pub fn any_song() -> impl Strategy<Value = Song> {
    let head = (any::<[u8; 16]>(), any_name(), 20_000_000_u64..=999_000_000, 0_i64..=100, -6000_i64..=600);
    (head, vec(any_track(), 0..6)).prop_map(|((session, name, tempo, swing, master), tracks)| Song {
        session: SessionId(session),
        name,
        tempo: Tempo::from_micro_bpm_clamped(tempo),
        swing: Swing::new(swing).unwrap(),
        master: Gain::new(master).unwrap(),
        // A sound "sample:..." would need its sample.
        tracks: tracks.into_iter().filter(|track| !matches!(track.sound, Sound::Sample(_))).collect(),
        samples: BTreeMap::new(),
    })
}
