//! Who sounds, who gives way, and what is heard of it.

use std::{collections::BTreeMap, sync::Arc};

use antiphon_dsp::{Noise, PanGains, SawTables, SincTables};
use antiphon_model::Preset;

use super::*;
use crate::{limits::SEGMENT_FRAMES, sample::SampleData, voice::Strike};

/// Voices and a mixer whose lanes change nothing.
struct Rig {
    voices: Voices,
    mixer: Mixer,
    bank: SampleBank,
    tables: Tables,
    heard: Vec<f32>,
}

impl Rig {
    fn new() -> Self {
        let tables = Tables { saw: SawTables::shared(), sinc: SincTables::shared() };
        let (voices, mixer, bank) = (Voices::new(), Mixer::new(), SampleBank::new());
        Self { voices, mixer, bank, tables, heard: Vec::new() }
    }

    fn start(&mut self, note: NoteStart, instrument: &Instrument) {
        if let Instrument::Sample(data) = instrument {
            self.bank.hold_for_plan(data);
        }
        self.voices.start(note, instrument, &self.tables, &mut self.bank);
    }

    /// Plays on, in segments of `size`.
    fn play_by(&mut self, frames: usize, size: usize) -> Vec<f32> {
        let from = self.heard.len();
        let mut left = frames;
        while left > 0 {
            let frames = left.min(size);
            let mut out = [0.0; SEGMENT_FRAMES * 2];
            self.voices.render(frames, &self.tables, &mut self.bank, &mut self.mixer);
            self.mixer.mix(&mut out[..frames * 2]);
            self.heard.extend_from_slice(&out[..frames * 2]);
            left -= frames;
        }
        self.heard[from..].to_vec()
    }

    fn play(&mut self, frames: usize) -> Vec<f32> {
        self.play_by(frames, SEGMENT_FRAMES)
    }

    /// The notes that sound and do not fade, in the order they started.
    fn playing(&self) -> Vec<u8> {
        let playing = self.voices.iter().filter(|voice| !voice.is_fading());
        playing.map(|voice| name(voice.origin)).collect()
    }

    fn sharpest_corner(&self) -> f32 {
        let corner = |w: &[f32]| (w[0] - 2.0 * w[2] + w[4]).abs();
        self.heard.windows(5).map(corner).fold(0.0, f32::max)
    }
}

fn name(origin: Origin) -> u8 {
    match origin {
        Origin::Live { note } => note,
        _ => u8::MAX,
    }
}

fn note(name: u8, lane: u8) -> NoteStart {
    NoteStart {
        lane,
        origin: Origin::Live { note: name },
        strike: Strike { semitones: 0.0, velocity: 100, seed: u64::from(name) },
        gate: u64::MAX,
        gated: false,
        choke: 0,
        params: NoteParams::NEUTRAL,
    }
}

fn sine(hz: f32, level: f32) -> Instrument {
    let frames = (0..96_000).map(|i| level * antiphon_dsp::sin_turns((i as f32 * hz / 48_000.0).fract()));
    Instrument::Sample(Arc::new(SampleData { channels: 1, frames: frames.collect() }))
}

fn peak(pcm: &[f32]) -> f32 {
    pcm.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

const SMOOTH: f32 = 0.01;

/// Drums, synths and samples.
fn bodies() -> Vec<Instrument> {
    vec![
        Instrument::Drum(Drum::OpenHat),
        Instrument::Drum(Drum::Tom),
        Instrument::Synth(Preset::Lead),
        Instrument::Synth(Preset::Pad),
        Instrument::Synth(Preset::Bass),
        sine(110.0, 0.5),
    ]
}

#[test]
fn a_gated_note_is_gone_three_milliseconds_after_its_gate() {
    for instrument in bodies() {
        for gate in [1, 700, 4_800, 4_801] {
            let mut rig = Rig::new();
            rig.start(NoteStart { gate, gated: true, ..note(0, 0) }, &instrument);
            let heard = rig.play(12_000);
            // The limiter delays by this.
            let end = gate as usize + antiphon_dsp::Limiter::LATENCY;
            assert_eq!(peak(&heard[(end + 144) * 2..]), 0.0, "{instrument:?} after {gate}");
            assert!(gate == 1 || peak(&heard[(end - 50) * 2..end * 2]) > 1e-4, "{instrument:?} until {gate}");
            assert_eq!(rig.voices.count(), 0);
        }
    }
}

#[test]
fn the_end_of_a_gate_does_not_click() {
    for instrument in [sine(110.0, 0.5), sine(37.0, 0.5)] {
        for gate in 5_000..5_400 {
            let mut rig = Rig::new();
            rig.start(NoteStart { gate, gated: true, ..note(0, 0) }, &instrument);
            rig.play(6_000);
            assert!(rig.sharpest_corner() < SMOOTH, "{} at {gate}", rig.sharpest_corner());
        }
    }
}

#[test]
fn one_shots_ring_on_after_their_gate() {
    for instrument in bodies() {
        let mut rig = Rig::new();
        rig.start(NoteStart { gate: 3_000, ..note(0, 0) }, &instrument);
        let heard = rig.play(6_000);
        assert!(peak(&heard[2 * 3_300..]) > 1e-3, "{instrument:?}");
    }
}

#[test]
fn a_note_with_its_own_pan_ignores_the_strips() {
    for instrument in bodies() {
        let mut rig = Rig::new();
        let params = NoteParams { pan: Some(PanGains::at(-1.0)), ..NoteParams::NEUTRAL };
        rig.start(NoteStart { params, ..note(0, 0) }, &instrument);
        let heard = rig.play(9_000);
        assert_eq!(peak(&heard.iter().skip(1).step_by(2).copied().collect::<Vec<_>>()), 0.0);
        assert!(peak(&heard) > 0.01, "{instrument:?}");
    }
}

#[test]
fn a_group_cuts_off_other_lanes_but_never_its_own() {
    let mut rig = Rig::new();
    let sound = sine(100.0, 0.1);
    let in_group = |name, lane, choke| NoteStart { choke, ..note(name, lane) };
    for lane in 0..4 {
        rig.start(in_group(lane, lane, [1, 1, 2, 0][usize::from(lane)]), &sound);
    }
    // Two on one frame: the later lane's alone sounds, and the other never did.
    assert_eq!(rig.playing(), [1, 2, 3]);
    rig.play(1_000);
    // A chord.
    rig.start(in_group(10, 0, 1), &sound);
    rig.start(in_group(11, 0, 1), &sound);
    assert_eq!(rig.playing(), [2, 3, 10, 11]);
    rig.play(192);
    assert_eq!(rig.voices.count(), 4);
    rig.start(in_group(12, 5, 2), &sound);
    assert_eq!(rig.playing(), [3, 10, 11, 12]);
    rig.play(2_000);
    assert!(rig.sharpest_corner() < SMOOTH);
}

#[test]
fn a_drum_cuts_itself_off_but_a_chord_of_it_sounds() {
    let mut rig = Rig::new();
    let drum = Instrument::Drum(Drum::OpenHat);
    rig.start(note(1, 0), &drum);
    rig.start(note(2, 0), &drum);
    rig.start(note(3, 0), &drum);
    assert_eq!(rig.playing(), [1, 2, 3]);
    rig.play(1);
    rig.start(note(4, 0), &drum);
    assert_eq!(rig.playing(), [4]);
    rig.play(1);
    rig.start(note(5, 1), &Instrument::Drum(Drum::ClosedHat));
    assert_eq!(rig.playing(), [5]);
}

#[test]
fn of_a_chord_on_a_mono_patch_the_highest_sounds() {
    for order in [[0.0, 7.0, 12.0], [12.0, 0.0, 7.0], [7.0, 12.0, 0.0]] {
        let chord = |rig: &mut Rig| {
            for semitones in order {
                let mut note = note(semitones as u8, 0);
                note.strike.semitones = semitones;
                rig.start(note, &Instrument::Synth(Preset::Acid));
            }
        };
        let mut rig = Rig::new();
        chord(&mut rig);
        assert_eq!(rig.playing(), [12]);
        rig.play(500);
        chord(&mut rig);
        assert_eq!(rig.playing(), [12]);
    }
}

#[test]
fn a_slide_into_another_pan_or_drive_does_not_click() {
    let mut rig = Rig::new();
    let acid = Instrument::Synth(Preset::Acid);
    let quiet = |params: NoteParams| NoteStart {
        params: NoteParams { cutoff_octaves: -4.0, ..params },
        ..note(0, 0)
    };
    let neutral = NoteParams::NEUTRAL;
    for params in [
        neutral,
        NoteParams { pan: Some(PanGains::at(-0.8)), ..neutral },
        NoteParams { pan: Some(PanGains::at(0.8)), ..neutral },
        NoteParams { drive: 0.5, ..neutral },
        NoteParams { level: 0.5, ..neutral },
        neutral,
    ] {
        rig.start(quiet(params), &acid);
        rig.play(4_777);
        assert_eq!(rig.playing().len(), 1);
    }
    assert!(rig.sharpest_corner() < SMOOTH, "{}", rig.sharpest_corner());
}

/// The rule of stealing, slowly: a list in order of start, and a sort.
#[derive(Default)]
struct Model {
    playing: Vec<u8>,
}

impl Model {
    fn start(&mut self, name: u8, voices: &Voices) {
        let facts: BTreeMap<u8, (u32, f32)> =
            voices.iter().map(|voice| (self::name(voice.origin), (voice.age(), voice.level()))).collect();
        self.playing.retain(|name| facts.contains_key(name));
        if self.playing.len() == VOICES_MAX {
            let mut order = self.playing.clone();
            // Stable: equals stay in the order of their start.
            order.sort_by(|a, b| facts[a].1.total_cmp(&facts[b].1));
            order.sort_by_key(|name| facts[name].0 == 0);
            self.playing.retain(|name| *name != order[0]);
        }
        self.playing.push(name);
    }
}

/// Two hundred notes of all kinds, `burst` at once with a pause between; what sounds afterwards.
fn storm(burst: usize, pause: usize, size: usize, check: bool) -> Vec<f32> {
    let mut rig = Rig::new();
    let mut model = Model::default();
    let mut noise = Noise::new(9);
    let sounds = [sine(90.0, 0.005), Instrument::Synth(Preset::Pad), Instrument::Drum(Drum::Cowbell)];
    for name in 0..200_u8 {
        let mut note = note(name, name / 4);
        // Drums of one kind on one lane cut each other; here only stealing shall.
        let sound = if name % 4 == 3 { &sounds[2] } else { &sounds[usize::from(name % 2)] };
        note.strike.velocity = 30 + (noise.next_unipolar() * 90.0) as u8;
        note.strike.semitones = f32::from(name % 12) - 24.0;
        rig.start(note, sound);
        if check {
            model.start(name, &rig.voices);
            assert_eq!(rig.playing(), model.playing, "after note {name}");
            assert!(rig.playing().len() <= VOICES_MAX);
        }
        if (usize::from(name) + 1).is_multiple_of(burst) {
            rig.play_by(pause, size);
        }
    }
    assert!(!check || rig.playing().len() > 50);
    rig.play_by(2_000, size);
    rig.heard
}

#[test]
fn two_hundred_notes_steal_in_the_order_of_the_model() {
    for (burst, pause) in [(200, 64), (64, 96), (20, 48), (7, 300), (1, 33)] {
        storm(burst, pause, SEGMENT_FRAMES, true);
    }
}

#[test]
fn stealing_does_not_depend_on_the_size_of_segments() {
    for (burst, pause) in [(200, 64), (64, 96), (7, 301)] {
        let whole = storm(burst, pause, SEGMENT_FRAMES, false);
        for size in [1, 7, 32, 63] {
            assert!(storm(burst, pause, size, false) == whole, "{burst} at once in segments of {size}");
        }
    }
}

#[test]
fn stealing_whole_pools_does_not_click() {
    for (burst, pause) in [(64, 96), (64, 1_003), (20, 48), (1, 17)] {
        let mut rig = Rig::new();
        let sound = sine(55.0, 0.5 / 64.0);
        for name in 0..250_u8 {
            rig.start(note(name, name / 8), &sound);
            assert!(rig.playing().len() <= VOICES_MAX);
            if (usize::from(name) + 1).is_multiple_of(burst) {
                rig.play(pause);
            }
        }
        rig.play(5_000);
        assert_eq!(rig.playing().len(), VOICES_MAX);
        assert!(rig.sharpest_corner() < SMOOTH, "{} for {burst}, {pause}", rig.sharpest_corner());
    }
}

#[test]
fn parameters_do_not_depend_on_the_size_of_segments() {
    let params = NoteParams {
        cutoff_octaves: -3.3,
        resonance: 0.9,
        attack_seconds: 0.013,
        decay: 0.3,
        release: 2.0,
        drive: 0.4,
        start: 0.011,
        pan: Some(PanGains::at(0.3)),
        ..NoteParams::NEUTRAL
    };
    for instrument in bodies() {
        let heard = |size: usize| {
            let mut rig = Rig::new();
            for lane in 0..5 {
                rig.start(NoteStart { gate: 5_001, params, ..note(lane, lane) }, &instrument);
                rig.play_by(99, size);
            }
            rig.play_by(30_000, size);
            (rig.heard, rig.voices.count())
        };
        let whole = heard(SEGMENT_FRAMES);
        assert!(peak(&whole.0) > 0.01, "{instrument:?}");
        for size in [1, 17, 63] {
            assert!(heard(size) == whole, "{instrument:?} in segments of {size}");
        }
    }
}
