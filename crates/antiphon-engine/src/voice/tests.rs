//! What a voice sounds like, to the bit.

use std::sync::Arc;

use antiphon_dsp::{SawTables, SincTables};
use antiphon_model::Preset;

use super::*;
use crate::{note_params::NoteParams, sample::SampleData};

const TABLES: fn() -> Tables = || Tables { saw: SawTables::shared(), sinc: SincTables::shared() };

fn strike(velocity: u8) -> Strike {
    Strike { semitones: 3.0, velocity, seed: u64::from(velocity) * 77 }
}

fn note(velocity: u8, gate: u64, params: &NoteParams) -> NoteStart {
    let (origin, params) = (Origin::Step, *params);
    NoteStart { lane: 0, origin, strike: strike(velocity), gate, gated: false, choke: 0, params }
}

fn drum(drum: Drum, velocity: u8, params: &NoteParams) -> Body {
    Body::Drum(DrumBody::new(drum, strike(velocity), params, TABLES().saw))
}

fn synth(preset: Preset, velocity: u8, params: &NoteParams) -> Body {
    Body::Synth(SynthBody::new(patch(preset), strike(velocity), params, TABLES().saw))
}

/// A bank with one sample, and a voice body that plays it.
fn sampler(channels: u8, velocity: u8, params: &NoteParams) -> (SampleBank, Body) {
    let frames = (0..30_000).map(|i| antiphon_dsp::sin_turns(i as f32 * 0.013 + 0.1) * 0.7).collect();
    let mut bank = SampleBank::new();
    let slot = bank.hold(Arc::new(SampleData { channels, frames })).ok().unwrap();
    let body = SamplerBody::new(slot, &bank, strike(velocity), params, TABLES().sinc).unwrap();
    (bank, Body::Sampler(body))
}

/// Renders in segments of the sizes given, over and over; both channels, interleaved.
fn play(voice: &mut Voice, bank: &SampleBank, frames: usize, sizes: &[usize]) -> Vec<f32> {
    let tables = TABLES();
    let mut pcm = Vec::new();
    for size in sizes.iter().cycle() {
        let size = (*size).min(frames - pcm.len() / 2);
        if size == 0 {
            break;
        }
        let (mut left, mut right) = ([0.0; SEGMENT_FRAMES], [0.0; SEGMENT_FRAMES]);
        voice.render(&tables, bank, &mut left[..size], &mut right[..size]);
        pcm.extend(left.iter().zip(&right).take(size).flat_map(|(left, right)| [*left, *right]));
    }
    pcm
}

fn hash(pcm: &[f32]) -> String {
    let mut hasher = crate::PcmHasher::default();
    hasher.update(pcm);
    hasher.finish()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bits of every sound at two velocities, in the order drums, presets, samples.
fn fingerprints(params: &NoteParams) -> Vec<String> {
    let empty = SampleBank::new();
    let mut prints = Vec::new();
    let mut add = |name: String, bodies: [(SampleBank, Body); 2]| {
        let pcm: Vec<f32> = (bodies.into_iter())
            .flat_map(|(bank, body)| {
                let mut voice = Voice::new(&note(100, 20_000, params), body);
                play(&mut voice, &bank, 48_000, &[64, 17, 1, 40])
            })
            .collect();
        prints.push(format!("{name} {}", hash(&pcm)));
    };
    for kind in Drum::ALL {
        add(format!("{kind:?}"), [127, 60].map(|velocity| (SampleBank::new(), drum(kind, velocity, params))));
    }
    for preset in Preset::ALL {
        add(
            format!("{preset:?}"),
            [127, 60].map(|velocity| (SampleBank::new(), synth(preset, velocity, params))),
        );
    }
    for channels in [1, 2] {
        add(format!("sample of {channels}"), [127, 60].map(|velocity| sampler(channels, velocity, params)));
    }
    let mut slide = Voice::new(&note(100, 9_000, params), synth(Preset::Acid, 100, params));
    let mut pcm = play(&mut slide, &empty, 5_003, &[64]);
    assert!(slide.take_over(&note(127, 3_000, params), &TABLES()).is_none());
    pcm.extend(play(&mut slide, &empty, 5_003, &[64]));
    assert!(slide.take_over(&note(64, 3_000, params), &TABLES()).is_none());
    pcm.extend(play(&mut slide, &empty, 5_003, &[64]));
    prints.push(format!("slide {}", hash(&pcm)));
    prints
}

#[test]
fn every_sound_keeps_its_bits() {
    let golden: Vec<&str> = include_str!("golden.txt").lines().collect();
    let now = fingerprints(&NoteParams::NEUTRAL);
    assert_eq!(now, golden, "\n{}\n", now.join("\n"));
}

/// A pair of buffers for each voice.
struct Desk(Vec<[[f32; SEGMENT_FRAMES]; 2]>);

impl Outlets for Desk {
    fn outlet(&mut self, lane: u8, _: bool, frames: usize) -> [&mut [f32]; 2] {
        self.0[usize::from(lane)].each_mut().map(|channel| &mut channel[..frames])
    }
}

#[test]
fn a_voice_has_the_same_bits_alone_and_in_a_section() {
    const VOICES: usize = 29;
    let (tables, empty) = (TABLES(), SampleBank::new());
    let mut noise = antiphon_dsp::Noise::new(3);
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for number in 0..VOICES {
        let mut dice = |most: f32| noise.next_unipolar() * most;
        let params = NoteParams {
            cutoff_octaves: dice(4.0) - 2.0,
            resonance: if number % 3 == 0 { dice(1.0) } else { 0.0 },
            drive: if number % 4 == 0 { dice(1.0) } else { 0.0 },
            ..NoteParams::NEUTRAL
        };
        let make = || {
            let gate = 500 * number as u64;
            let note = NoteStart { lane: number as u8, gated: number % 5 == 0, ..note(100, gate, &params) };
            Voice::new(&note, synth(Preset::ALL[number % 5], 30 + 3 * number as u8, &params))
        };
        alone.push(make());
        together.push(Some(make()));
    }
    let mut section = Section::new();
    let mut from = 0;
    for round in 0..900 {
        let frames = [64, 1, 31, 64, 50][round % 5];
        // They join one by one, at any age of the others.
        let present = VOICES.min(1 + round / 3);
        let order: Vec<u8> = (0..present as u8).rev().collect();
        let mut desk = Desk(vec![[[0.0; SEGMENT_FRAMES]; 2]; VOICES]);
        section.render(&mut together, &order, frames, &tables, &mut desk);
        for (number, voice) in alone.iter_mut().enumerate().take(present) {
            let mut own = [[0.0_f32; SEGMENT_FRAMES]; 2];
            let [left, right] = own.each_mut().map(|channel| &mut channel[..frames]);
            voice.render(&tables, &empty, left, right);
            let bits = |pair: [[f32; SEGMENT_FRAMES]; 2]| pair.map(|channel| channel.map(f32::to_bits));
            assert!(bits(own) == bits(desk.0[number]), "voice {number} in round {round}, frame {from}");
            assert_eq!(together[number].as_ref().map(Voice::has_ended), Some(voice.has_ended()));
        }
        from += frames;
    }
    assert!(alone.iter().any(Voice::has_ended) && alone.iter().any(|voice| !voice.has_ended()));
}

/// The level of what lies above 2 kHz, of all, and how long it sounds, in dB and frames.
fn measure(body: (SampleBank, Body), params: &NoteParams) -> (f32, f32, usize) {
    let (bank, body) = body;
    let mut voice = Voice::new(&note(100, 9_600, params), body);
    let pcm = play(&mut voice, &bank, 96_000, &[64]);
    let left: Vec<f32> = pcm.iter().step_by(2).copied().collect();
    let mut treble = antiphon_dsp::Svf::new(2_000.0, 0.7);
    let energy = |samples: &mut dyn Iterator<Item = f32>| samples.map(|sample| sample * sample).sum::<f32>();
    let high = energy(&mut left.iter().map(|sample| treble.high(*sample)));
    let all = energy(&mut left.iter().copied());
    let decibels = |energy: f32| 0.5 * antiphon_dsp::gain_to_db(energy.max(1e-20));
    // Until 40 dB below its loudest.
    let most = left.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
    let end = left.iter().rposition(|sample| sample.abs() > most * 0.01).unwrap_or(0);
    (decibels(high), decibels(all), end)
}

#[test]
fn every_parameter_is_heard_on_every_body() {
    let neutral = NoteParams::NEUTRAL;
    for which in 0..3 {
        let sound = |params: &NoteParams| {
            let body = match which {
                0 => (SampleBank::new(), drum(Drum::Snare, 100, params)),
                1 => (SampleBank::new(), synth(Preset::Lead, 100, params)),
                _ => sampler(1, 100, params),
            };
            measure(body, params)
        };
        let (high, all, end) = sound(&neutral);
        let quieter = sound(&NoteParams { level: 0.5, ..neutral });
        assert!((all - quieter.1 - 6.02).abs() < 0.01, "level of {which}: {all} {quieter:?}");
        let darker = sound(&NoteParams { cutoff_octaves: -5.0, ..neutral });
        assert!(darker.0 < high - 4.0, "cutoff of {which}: {high} {darker:?}");
        let cut = NoteParams { cutoff_octaves: -4.0, ..neutral };
        let (flat, whistling) = (sound(&cut), sound(&NoteParams { resonance: 1.0, ..cut }));
        assert!((whistling.1 - flat.1).abs() > 0.5, "resonance of {which}: {flat:?} {whistling:?}");
        let driven = sound(&NoteParams { drive: 1.0, ..neutral });
        assert!(driven.1 > all + 1.0, "drive of {which}: {all} {driven:?}");
        let slower = sound(&NoteParams { attack_seconds: 0.1, ..neutral });
        assert!(slower.1 < all - 0.3, "attack of {which}: {all} {slower:?}");
        let shorter = sound(&NoteParams { decay: 0.2, ..neutral });
        assert!(shorter.1 < all - 0.4, "decay of {which}: {all} {shorter:?}");
        if which == 1 {
            let longer = sound(&NoteParams { release: 3.0, ..neutral });
            assert!(longer.2 > end + 4_000, "release: {end} {longer:?}");
        }
        if which == 2 {
            let later = sound(&NoteParams { start: 0.5, ..neutral });
            assert!(later.2.abs_diff(end / 2) < 200, "start: {end} {later:?}");
        }
    }
}
