//! Short songs that between them use everything the sequencer and the voices can do, for golden renders.
//!
//! They must not change: their hashes do with them.

use std::{collections::BTreeMap, sync::Arc};

use antiphon_model::{
    Bars, Chance, ChokeGroup, Condition, Drum, FreeNote, Gain, Groove, Humanise, Link, LinkId, Micro, Name,
    NoteId, NoteLength, OrderKey, Param, Pattern, PatternId, PatternLength, Percent, Pitch, PlayMode, Preset,
    Ratchet, SampleId, Scene, SceneId, Song, Sound, Step, Swing, Switch, Track, TriggerMode, Velocity,
};
use antiphon_timeline::{GrooveTemplate, Speed, Ticks};

use super::{SongBuilder, strip};
use crate::sample::{SampleData, SamplePool};

const SAMPLE: SampleId = SampleId([0x5a; 32]);

/// Every song of the corpus, by name.
pub fn corpus() -> Vec<(&'static str, Song)> {
    vec![
        ("speeds", speeds()),
        ("feel", feel()),
        ("ratchets", ratchets()),
        ("ties-and-chords", ties_and_chords()),
        ("locks", locks()),
        ("chances", chances()),
        ("free-notes", free_notes()),
        ("chain", chain()),
        ("gates-and-chokes", gates_and_chokes()),
        ("crowd", crowd()),
    ]
}

/// The samples that the corpus plays: a plucked tone in stereo, made here.
pub fn corpus_samples() -> SamplePool {
    let frame = |at: usize| {
        let fading = (12_000 - at) as f32 / 12_000.0;
        let tone = |hz: f32| antiphon_dsp::sin_turns((at as f32 * hz / 48_000.0).fract()) * fading * fading;
        [tone(220.0) * 0.6, tone(331.0) * 0.4]
    };
    let frames: Vec<f32> = (0..12_000).flat_map(frame).collect();
    SamplePool::from([(SAMPLE, Arc::new(SampleData { channels: 2, frames: frames.into() }))])
}

/// Changes the pattern of the last track.
fn with_pattern(mut song: Song, track: usize, change: impl FnOnce(&mut Pattern)) -> Song {
    if let Some(pattern) = song.tracks.get_mut(track).and_then(|track| track.patterns.values_mut().next()) {
        change(Arc::make_mut(pattern));
    }
    song
}

fn with_track(mut song: Song, track: usize, change: impl FnOnce(&mut Track)) -> Song {
    if let Some(track) = song.tracks.get_mut(track) {
        change(track);
    }
    song
}

/// Changes one step.
fn at(pattern: &mut Pattern, index: u16, change: impl FnOnce(&mut Step)) {
    change(pattern.steps.entry(index).or_default());
}

fn speeds() -> Song {
    let sounds = [
        Sound::Drum(Drum::Kick),
        Sound::Synth(Preset::Bass),
        Sound::Drum(Drum::Tom),
        Sound::Drum(Drum::Rim),
        Sound::Drum(Drum::ClosedHat),
        Sound::Synth(Preset::Pluck),
        Sound::Drum(Drum::Cowbell),
    ];
    let rows = [
        "0 3",
        "0 . 5 7",
        "0 . 0:60 .",
        "0 . 2 0",
        "0 . 0:70 . 0 .",
        "0 7 . 12 . 3",
        "0 . 0:50 0 . 0:80 . 0",
    ];
    let song = sounds
        .into_iter()
        .zip(rows)
        .fold(SongBuilder::new(240.0, 0), |song, (sound, row)| song.track(sound, strip(-6, 0), row));
    let song = song.build();
    Speed::ALL
        .into_iter()
        .enumerate()
        .fold(song, |song, (track, speed)| with_pattern(song, track, |pattern| pattern.speed = speed))
}

fn feel() -> Song {
    let row = "0:110 0:70 0:90 0:60 0:100 0:70 0:90 0:60";
    let templates = GrooveTemplate::ALL.into_iter().zip(Drum::ALL);
    let song = templates.clone().fold(SongBuilder::new(200.0, 30), |song, (_, drum)| {
        song.track(Sound::Drum(drum), strip(-8, 10), row)
    });
    let mut song = song.build();
    song.groove = Groove { template: GrooveTemplate::Samba, amount: Percent::clamped(80) };
    for (index, (template, _)) in templates.enumerate() {
        let amount = Percent::clamped(25 * (index as i64 % 5));
        song = with_track(song, index, |track| {
            track.swing = (index % 2 == 0).then(|| Swing::clamped(index as i64 * 14));
            track.groove = (index % 3 != 0).then_some(Groove { template, amount });
        });
        song = with_pattern(song, index, |pattern| {
            pattern.humanise = Humanise::clamped(index as i64 * 14);
            at(pattern, 1, |step| step.micro = Micro::clamped(-127 + 36 * index as i64));
            at(pattern, 7, |step| step.micro = Micro::clamped(127));
        });
    }
    song
}

fn ratchets() -> Song {
    let song = SongBuilder::new(180.0, 20)
        .track(Sound::Drum(Drum::ClosedHat), strip(-6, 20), "0 0 0 0 0 0 0 0")
        .track(Sound::Synth(Preset::Acid), strip(-8, -20), "0:100:24 . 12:110:8 . 3:90:64 . . .")
        .track(Sound::Sample(SAMPLE), strip(-6, 0), "0 . 5 . -7 . 12 .")
        .build();
    (0..3).fold(song, |song, track| {
        with_pattern(song, track, |pattern| {
            for index in 0..8 {
                at(pattern, index, |step| step.ratchet = Ratchet::clamped(i64::from(index) + 1));
            }
        })
    })
}

fn ties_and_chords() -> Song {
    let song = SongBuilder::new(170.0, 0)
        .track(Sound::Synth(Preset::Pad), strip(-6, 0), "0:90:4 . . . 5:80 . . . 7:90:100 . . . . . . 3")
        .track(Sound::Synth(Preset::Acid), strip(-8, 0), "0 3 7 12 0 3 7 10")
        .build();
    let song = with_pattern(song, 0, |pattern| {
        for tied in [1, 2, 3, 5, 12] {
            at(pattern, tied, |step| (step.on, step.tie, step.length) = (true, true, NoteLength::clamped(9)));
        }
        for (step, pitch, length) in
            [(0, 4, 16), (0, 7, 200), (0, 0, 3), (4, -5, 8), (8, 12, 30), (15, 10, 16)]
        {
            pattern.chords.insert((step, Pitch::clamped(pitch)), NoteLength::clamped(length));
        }
    });
    with_pattern(song, 1, |pattern| {
        for tied in [0, 3, 7] {
            at(pattern, tied, |step| step.tie = true);
        }
    })
}

fn locks() -> Song {
    let values = [
        (Param::Level, -900),
        (Param::Pan, -80),
        (Param::Tune, 350),
        (Param::Cutoff, -2400),
        (Param::Resonance, 60),
        (Param::Attack, 40),
        (Param::Decay, 40),
        (Param::Release, 250),
        (Param::Drive, 70),
        (Param::Start, 300),
    ];
    let row = "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0";
    let sounds = [Sound::Drum(Drum::Snare), Sound::Synth(Preset::Lead), Sound::Sample(SAMPLE)];
    let song = sounds
        .into_iter()
        .fold(SongBuilder::new(190.0, 0), |song, sound| song.track(sound, strip(-6, 30), row));
    (0..3).fold(song.build(), |song, track| {
        let song = with_track(song, track, |track| {
            track.params = BTreeMap::from([(Param::Cutoff, -600), (Param::Drive, 20), (Param::Decay, 150)]);
        });
        with_pattern(song, track, |pattern| {
            for (step, (param, value)) in (2..).zip(values) {
                pattern.locks.insert((step, param), value);
                pattern.locks.insert((14, param), value / 2 + 1);
            }
        })
    })
}

fn chances() -> Song {
    let song = SongBuilder::new(240.0, 0)
        .track(Sound::Drum(Drum::Kick), strip(-4, 0), "0 0 0 0")
        .track(Sound::Drum(Drum::Rim), strip(-6, 30), "0 0 0 0 0 0 0")
        .track(Sound::Drum(Drum::ClosedHat), strip(-8, -30), "0 0 0 0 0 0 0 0 0 0 0 0 0 0")
        .build();
    let conditions = [
        "1st", "!1st", "1:2", "pre", "3:4", "!pre", "nei", "fill", "!nei", "!fill", "2:7", "always", "nei",
        "!4:8",
    ];
    (0..3).fold(Song { seed: 0xd1ce, fill: Switch::settled(true), ..song }, |song, track| {
        with_pattern(song, track, |pattern| {
            for index in 0..pattern.length.get() {
                let word = conditions[(usize::from(index) + track * 3) % conditions.len()];
                at(pattern, index, |step| {
                    step.condition = word.parse().unwrap_or(Condition::ALWAYS);
                    step.chance = Chance::clamped(if index % 3 == 2 { 55 } else { 100 });
                });
            }
        })
    })
}

fn free_notes() -> Song {
    let song = SongBuilder::new(160.0, 50)
        .track(Sound::Synth(Preset::Pluck), strip(-6, -10), ". . 0 . . . . . . . . . . . . .")
        .track(Sound::Sample(SAMPLE), strip(-6, 10), ". . . . . . . .")
        .build();
    let note = |index: i64| FreeNote {
        start: Ticks(index * 377_000_017 % (Ticks::from_steps(18).0)),
        length: Ticks(1 + index * 91_000_003 % (1 << 31)),
        pitch: Pitch::clamped(index * 5 % 25 - 12),
        velocity: Velocity::clamped(40 + index * 7 % 80),
    };
    (0..2).fold(song, |song, track| {
        with_pattern(song, track, |pattern| {
            let notes = (0..60).map(|index| (NoteId([index as u8; 16]), note(index)));
            pattern.notes = Arc::new(notes.collect());
            pattern.humanise = Humanise::clamped(50 * track as i64);
        })
    })
}

fn chain() -> Song {
    let song = SongBuilder::new(260.0, 25)
        .track(Sound::Drum(Drum::Kick), strip(-4, 0), "0 . . . 0 . . .")
        .track(Sound::Synth(Preset::Bass), strip(-6, 0), "0 . 0 . 7 .")
        .track(Sound::Drum(Drum::OpenHat), strip(-8, 0), ". . 0 . 0")
        .build();
    let name = || Name::repaired("B", "B");
    let other = |track: usize| PatternId([0xb0 + track as u8; 16]);
    let mut song = (0..2).fold(song, |song, index| {
        with_track(song, index, |track| {
            let mut pattern = Pattern::clone(track.pattern());
            pattern.length = PatternLength::clamped(7);
            at(&mut pattern, 3, |step| (step.on, step.chance) = (true, Chance::clamped(60)));
            track.patterns.insert(other(index), Arc::new(pattern));
        })
    });
    let slots = |song: &Song, all: bool| -> BTreeMap<_, _> {
        let ids = song.tracks.iter().take(2).enumerate();
        ids.filter(|(index, _)| all || *index == 1).map(|(index, track)| (track.id, other(index))).collect()
    };
    for (number, all) in [(1, true), (2, false)] {
        let slots = slots(&song, all);
        song.scenes.push(Scene { id: SceneId([number; 16]), name: name(), order: OrderKey::first(), slots });
    }
    for (number, scene, bars) in [(1, 2, 1), (2, 1, 2), (3, 2, 1)] {
        let (id, scene) = (LinkId([number; 16]), SceneId([scene; 16]));
        song.chain.push(Link { id, scene, bars: Bars::clamped(bars), order: OrderKey::first() });
    }
    song.mode = Switch::settled(PlayMode::Chain);
    song
}

fn gates_and_chokes() -> Song {
    let sounds = [
        Sound::Drum(Drum::OpenHat),
        Sound::Sample(SAMPLE),
        Sound::Synth(Preset::Pad),
        Sound::Drum(Drum::Cowbell),
    ];
    let rows = [
        "0:100:8 . . . 0:100:3 . . .",
        ". . 0:100:12 . . . 5:90:4 .",
        "0:90:20 . . . . 7:80:2 . .",
        ". 0 . . . . 0 .",
    ];
    let song = sounds
        .into_iter()
        .zip(rows)
        .fold(SongBuilder::new(150.0, 0), |song, (sound, row)| song.track(sound, strip(-5, 0), row));
    (0..4).fold(song.build(), |song, index| {
        with_track(song, index, |track| {
            track.trigger = if index < 3 { TriggerMode::Gated } else { TriggerMode::OneShot };
            track.choke = ChokeGroup::clamped([0, 2, 2, 1][index]);
        })
    })
}

/// More notes than there are voices, through the limiter.
fn crowd() -> Song {
    let mut song = super::full_song(Gain::clamped(0));
    song.tempo = antiphon_timeline::Tempo::from_bpm(300.0).unwrap_or_default();
    (0..song.tracks.len()).fold(song, |song, track| {
        with_pattern(song, track, |pattern| {
            pattern.length = PatternLength::clamped(8);
            for step in 0..8 {
                pattern.chords.insert((step, Pitch::clamped(7)), NoteLength::clamped(60));
                pattern.chords.insert((step, Pitch::clamped(-5)), NoteLength::clamped(90));
            }
        })
    })
}
