//! Songs, any and certain.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use antiphon_beat::{BeatId, FreezeOptions, Licence};
use antiphon_identity::DeviceKey;
use antiphon_model::{
    Bars, Chance, ChokeGroup, Colour, Condition, Drum, FreeNote, Gain, Groove, Humanise, Link, LinkId, Micro,
    Name, NoteId, NoteLength, OrderKey, Pan, Param, Pattern, PatternId, PatternLength, Percent, Pitch,
    PlayMode, Preset, Ratchet, SampleId, SampleInfo, Scene, SceneId, SessionId, Song, Sound, Step, Strip,
    Swing, Switch, Track, TrackId, TriggerMode, Velocity,
};
use antiphon_timeline::{GrooveTemplate, Speed, Tempo, Ticks};
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

fn track(number: u8, sound: Sound, steps: &[u16]) -> Track {
    let step = Step { on: true, ..Step::default() };
    let mut pattern = Pattern::empty(name("A"), OrderKey::first());
    pattern.steps = steps.iter().map(|at| (*at, step)).collect();
    let colour = Colour::new(i64::from(number % 12)).unwrap();
    let id = TrackId([number; 16]);
    Track {
        colour,
        ..Track::new(id, name("Track"), sound, OrderKey::first(), (PatternId([number; 16]), pattern))
    }
}

/// A small song: a kick, a bass, and a sample that is as short as samples get.
pub fn small_song() -> (Song, Blobs) {
    let blob = b"not audio, but bytes".to_vec();
    let sample = SampleId(*blake3::hash(&blob).as_bytes());
    let info = SampleInfo { name: name("Hit"), frames: 100, channels: 1, bytes: blob.len() as u64 };
    let song = Song {
        tempo: Tempo::from_bpm(97.5).unwrap(),
        swing: Swing::new(20).unwrap(),
        master: Gain::DEFAULT,
        tracks: vec![
            track(1, Sound::Drum(Drum::Kick), &[0, 4, 8, 12]),
            track(2, Sound::Synth(Preset::Bass), &[2, 10]),
            track(3, Sound::Sample(sample), &[7]),
        ],
        samples: BTreeMap::from([(sample, info)]),
        ..Song::empty(SessionId([3; 16]), name("Night bus"))
    };
    (song, BTreeMap::from([(sample, blob)]))
}

/// A song with something of everything.
pub fn full_song() -> Song {
    let (mut song, _) = small_song();
    song.samples.clear();
    song.tracks[2].sound = Sound::read("granular:cloud");
    let rich = Step {
        on: true,
        tie: true,
        micro: Micro::clamped(-40),
        ratchet: Ratchet::clamped(3),
        chance: Chance::clamped(55),
        condition: "!2:4".parse().unwrap(),
        ..Step::default()
    };
    let note = |start| FreeNote {
        start: Ticks(start),
        length: Ticks(99),
        pitch: Pitch::clamped(-5),
        velocity: Velocity::clamped(80),
    };
    let pattern = Pattern {
        speed: Speed::ThreeHalves,
        humanise: Humanise::clamped(30),
        length: PatternLength::clamped(13),
        steps: BTreeMap::from([(0, rich), (200, Step::default())]),
        chords: BTreeMap::from([
            ((0, Pitch::clamped(-4)), NoteLength::clamped(9)),
            ((0, Pitch::clamped(7)), NoteLength::MAX),
        ]),
        locks: BTreeMap::from([((0, Param::Tune), -100), ((0, Param::Cutoff), 100), ((5, Param::Pan), 1)]),
        notes: Arc::new([(NoteId([9; 16]), note(5)), (NoteId([8; 16]), note(70))].into_iter().collect()),
        ..Pattern::empty(name("Fill"), OrderKey::first())
    };
    let (track, spare) = (song.tracks[0].id, PatternId([60; 16]));
    let first = &mut song.tracks[0];
    first.patterns.insert(spare, Arc::new(pattern));
    first.swing = Some(Swing::clamped(11));
    first.groove = Some(Groove { template: GrooveTemplate::Drunk, amount: Percent::clamped(40) });
    first.trigger = TriggerMode::Gated;
    first.choke = ChokeGroup::clamped(2);
    first.params = BTreeMap::from([(Param::Decay, 50), (Param::Attack, 3)]);
    let scene =
        |n: u8, slots| Scene { id: SceneId([n; 16]), name: name("Part"), order: OrderKey::first(), slots };
    let link = |n: u8, scene: u8| Link {
        id: LinkId([n; 16]),
        scene: SceneId([scene; 16]),
        bars: Bars::clamped(2),
        order: OrderKey::first(),
    };
    Song {
        seed: u64::MAX - 3,
        groove: Groove { template: GrooveTemplate::Samba, amount: Percent::clamped(70) },
        fill: Switch::settled(true),
        mode: Switch::settled(PlayMode::Chain),
        scenes: vec![scene(1, BTreeMap::from([(track, spare)])), scene(2, BTreeMap::new())],
        chain: vec![link(3, 1), link(5, 2), link(9, 2)],
        ..song
    }
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
    let sound = (any::<bool>(), 1_i64..=127, -36_i64..=36, 1_i64..=4096);
    let play = (any::<bool>(), -127_i64..=127, 1_i64..=8, 0_i64..=100, any_condition());
    (0_u16..256, sound, play).prop_map(
        |(at, (on, velocity, pitch, length), (tie, micro, ratchet, chance, condition))| {
            let step = Step {
                on,
                velocity: Velocity::new(velocity).unwrap(),
                pitch: Pitch::new(pitch).unwrap(),
                length: NoteLength::new(length).unwrap(),
                tie,
                micro: Micro::new(micro).unwrap(),
                ratchet: Ratchet::new(ratchet).unwrap(),
                chance: Chance::new(chance).unwrap(),
                condition,
            };
            (at, step)
        },
    )
}

fn any_condition() -> impl Strategy<Value = Condition> {
    (prop::sample::select(Condition::all().collect::<Vec<_>>()), any::<bool>())
        .prop_map(|(plain, negated)| Condition { negated: negated && plain != Condition::ALWAYS, ..plain })
}

fn any_param() -> impl Strategy<Value = (Param, i16)> {
    (prop::sample::select(Param::ALL.to_vec()), any::<i64>())
        .prop_map(|(param, value)| (param, param.clamped(value % 20_000)))
}

fn any_order() -> impl Strategy<Value = OrderKey> {
    "[1-9A-Za-z]{1,8}".prop_map(|text| OrderKey::read(&text).unwrap())
}

fn any_groove() -> impl Strategy<Value = Groove> {
    (prop::sample::select(GrooveTemplate::ALL.to_vec()), 0_i64..=100)
        .prop_map(|(template, amount)| Groove { template, amount: Percent::new(amount).unwrap() })
}

fn any_note() -> impl Strategy<Value = (NoteId, FreeNote)> {
    let end = Ticks::from_steps(256).0;
    (any::<[u8; 16]>(), 0..end, 1..=end, -36_i64..=36, 1_i64..=127).prop_map(
        |(id, start, length, pitch, velocity)| {
            let (pitch, velocity) = (Pitch::new(pitch).unwrap(), Velocity::new(velocity).unwrap());
            (NoteId(id), FreeNote { start: Ticks(start), length: Ticks(length), pitch, velocity })
        },
    )
}

fn any_pattern() -> impl Strategy<Value = (PatternId, Arc<Pattern>)> {
    let head = (any_name(), any_order(), 1_i64..=256, prop::sample::select(Speed::ALL.to_vec()), 0_i64..=100);
    let chord = (0_u16..256, -36_i64..=36, 1_i64..=4096)
        .prop_map(|(at, pitch, length)| ((at, Pitch::new(pitch).unwrap()), NoteLength::new(length).unwrap()));
    let lock = (0_u16..256, any_param()).prop_map(|(at, (param, value))| ((at, param), value));
    let inside = (vec(any_step(), 0..20), vec(chord, 0..7), vec(lock, 0..12), vec(any_note(), 0..12));
    (any::<[u8; 16]>(), head, inside).prop_map(
        |(id, (name, order, length, speed, humanise), (steps, chords, locks, notes))| {
            let pattern = Pattern {
                length: PatternLength::new(length).unwrap(),
                speed,
                humanise: Humanise::new(humanise).unwrap(),
                steps: steps.into_iter().collect(),
                chords: chords.into_iter().collect(),
                locks: locks.into_iter().collect(),
                notes: Arc::new(notes.into_iter().collect()),
                ..Pattern::empty(name, order)
            };
            (PatternId(id), Arc::new(pattern))
        },
    )
}

fn any_strip() -> impl Strategy<Value = Strip> {
    (-6000_i64..=600, -100_i64..=100, any::<bool>(), any::<bool>()).prop_map(|(gain, pan, mute, solo)| {
        Strip { gain: Gain::new(gain).unwrap(), pan: Pan::new(pan).unwrap(), mute, solo }
    })
}

fn any_track() -> impl Strategy<Value = Track> {
    let head = (any::<[u8; 16]>(), any_name(), 0_i64..12, any_order(), any_sound(), any_strip());
    let swing = prop::option::of((0_i64..=100).prop_map(|swing| Swing::new(swing).unwrap()));
    let trigger = prop::sample::select(vec![TriggerMode::OneShot, TriggerMode::Gated]);
    let params = vec(any_param(), 0..4).prop_map(|params| {
        params
            .into_iter()
            .filter(|(param, value)| *param != Param::Pan && *value != param.neutral())
            .collect()
    });
    let play = (swing, prop::option::of(any_groove()), trigger, 0_i64..=8, params);
    let patterns = vec(any_pattern(), 1..4).prop_map(BTreeMap::from_iter);
    (head, play, patterns).prop_map(
        |((id, name, colour, order, sound, strip), (swing, groove, trigger, choke, params), patterns)| {
            Track {
                id: TrackId(id),
                name,
                colour: Colour::new(colour).unwrap(),
                order,
                sound,
                strip,
                swing,
                groove,
                trigger,
                choke: ChokeGroup::new(choke).unwrap(),
                params,
                current: Switch::settled(*patterns.keys().next().unwrap()),
                patterns,
            }
        },
    )
}

/// Scenes that name what the tracks have, and a chain of them.
fn scenes(tracks: &[Track], orders: Vec<OrderKey>, picks: &[u8]) -> (Vec<Scene>, Vec<Link>) {
    let scene = |(n, order): (usize, OrderKey)| {
        let slots = tracks.iter().skip(n).map(|track| (track.id, *track.patterns.keys().last().unwrap()));
        Scene { id: SceneId([n as u8; 16]), name: name(&format!("Part {n}")), order, slots: slots.collect() }
    };
    let mut scenes: Vec<Scene> = orders.into_iter().enumerate().map(scene).collect();
    scenes.sort_by(|a, b| (&a.order, a.id).cmp(&(&b.order, b.id)));
    let link = |(n, pick): (usize, &u8)| {
        let scene = scenes.get(usize::from(*pick) % scenes.len().max(1))?.id;
        Some(Link {
            id: LinkId([n as u8; 16]),
            scene,
            bars: Bars::clamped((*pick).into()),
            order: OrderKey::first(),
        })
    };
    let chain = picks.iter().enumerate().filter_map(link).collect();
    (scenes, chain)
}

/// Any song without samples.
pub fn any_song() -> impl Strategy<Value = Song> {
    let head = (any::<[u8; 16]>(), any_name(), 20_000_000_u64..=999_000_000, 0_i64..=100, -6000_i64..=600);
    let play = (any::<u64>(), any_groove(), any::<bool>(), any::<bool>());
    let scenes_of = (vec(any_order(), 0..4), vec(any::<u8>(), 0..5));
    (head, play, vec(any_track(), 0..6), scenes_of).prop_map(
        |(
            (session, title, tempo, swing, master),
            (seed, groove, fill, chained),
            mut tracks,
            (orders, picks),
        )| {
            // A sound "sample:..." would need its sample, and tracks have ids of their own.
            let mut ids = BTreeSet::new();
            tracks.retain(|track| !matches!(track.sound, Sound::Sample(_)) && ids.insert(track.id));
            let (scenes, chain) = scenes(&tracks, orders, &picks);
            let mode = if chained { PlayMode::Chain } else { PlayMode::Live };
            Song {
                tempo: Tempo::from_micro_bpm_clamped(tempo),
                seed,
                swing: Swing::new(swing).unwrap(),
                groove,
                fill: Switch::settled(fill),
                mode: Switch::settled(mode),
                scenes,
                chain,
                master: Gain::new(master).unwrap(),
                tracks,
                ..Song::empty(SessionId(session), title)
            }
        },
    )
}
