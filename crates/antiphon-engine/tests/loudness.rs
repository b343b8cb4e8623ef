//! How loud things are.
//!
//! The measure for short sounds is the loudest 125 ms, K-weighted as in EBU R 128: the "fast" time weighting of sound
//! level meters, about the time the ear sums loudness over. The usual 400 ms would ask a closed hat to be
//! twelve decibels above a pad in its peaks.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

mod support;

use antiphon_engine::{
    RenderOptions, SamplePool,
    reference::{self, SongBuilder},
};
use antiphon_model::{Drum, Gain, Preset, Sound};
use ebur128::{EbuR128, Mode};
use support::*;

fn sounds() -> impl Iterator<Item = Sound> {
    Drum::ALL.map(Sound::Drum).into_iter().chain(Preset::ALL.map(Sound::Synth))
}

/// One note at the default velocity, two steps long at 120 BPM.
fn one_note(sound: Sound) -> Vec<f32> {
    one_note_of_seed(sound, 0)
}

fn one_note_of_seed(sound: Sound, seed: u64) -> Vec<f32> {
    let steps = format!("0:100:32 {}", ". ".repeat(15));
    let mut song = one_track(120.0, sound, &steps);
    song.seed = seed;
    rendered(&song, &SamplePool::new(), &RenderOptions::bars(1))
}

/// Oscillators meet in another phase at every note: what counts is the mean power of many.
fn usual_loudness(sound: &Sound) -> f64 {
    const NOTES: u64 = 12;
    let powers = (0..NOTES).map(|seed| loudest_125_ms(&one_note_of_seed(sound.clone(), seed)));
    10.0 * (powers.map(|db| 10_f64.powf(db / 10.0)).sum::<f64>() / NOTES as f64).log10()
}

fn loudest_125_ms(pcm: &[f32]) -> f64 {
    let mut meter = EbuR128::new(2, 48_000, Mode::M).unwrap();
    let mut loudest = f64::NEG_INFINITY;
    for block in pcm.chunks(2 * 480) {
        meter.add_frames_f32(block).unwrap();
        loudest = loudest.max(meter.loudness_window(125).unwrap());
    }
    loudest
}

fn true_peak_db(pcm: &[f32]) -> f64 {
    let mut meter = EbuR128::new(2, 48_000, Mode::TRUE_PEAK).unwrap();
    meter.add_frames_f32(pcm).unwrap();
    20.0 * meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap()).log10()
}

#[test]
fn all_thirteen_sounds_are_about_equally_loud() {
    let levels: Vec<(Sound, f64)> = sounds().map(|sound| (sound.clone(), usual_loudness(&sound))).collect();
    for (sound, level) in &levels {
        assert!((level + 18.3).abs() <= 2.0, "{sound} is at {level:.1} LUFS");
    }
    assert_eq!(levels.len(), 13);
}

#[test]
fn sounds_are_finite_without_offset_and_end() {
    for sound in sounds() {
        let pcm = one_note(sound.clone());
        assert!(pcm.iter().all(|sample| sample.is_finite()), "{sound}");
        let mean = pcm.iter().map(|sample| f64::from(*sample)).sum::<f64>() / pcm.len() as f64;
        let offset_db = 20.0 * (mean.abs() / f64::from(rms(&pcm))).log10();
        assert!(offset_db < -40.0, "{sound}: offset {offset_db:.0} dB below its level");
        assert!(peak(&pcm[pcm.len() - 2_000..]) < 1e-6, "{sound} rings on after four seconds");
    }
}

#[test]
fn velocity_makes_every_sound_louder() {
    for sound in sounds() {
        let level = |velocity: u8| {
            let song = one_track(120.0, sound.clone(), &format!("0:{velocity}:32 . . . . . . ."));
            let options = RenderOptions { tail_frames: 0, ..RenderOptions::bars(1) };
            loudest_125_ms(&rendered(&song, &SamplePool::new(), &options)[..RATE])
        };
        let levels = [1, 40, 80, 100, 127].map(level);
        assert!(levels.is_sorted(), "{sound}: {levels:?}");
        assert!((1.5..7.0).contains(&(levels[4] - levels[3])), "{sound}: {levels:?}");
    }
}

#[test]
fn sixteen_tracks_at_full_blast_stay_below_the_ceiling() {
    let song = reference::full_song(Gain::MAX);
    let pcm = rendered(&song, &SamplePool::new(), &RenderOptions::bars(2));
    let true_peak = true_peak_db(&pcm);
    assert!(true_peak <= -0.3, "{true_peak:.2} dBTP");
    assert!(true_peak > -1.5, "the limiter leaves level unused: {true_peak:.2} dBTP");
}

#[test]
fn hot_samples_stay_below_the_ceiling() {
    // Full-scale squares, clicks and a tone whose crests fall between the samples, at +6 dB and hard to one side.
    let square = |i: usize| if (i / 37).is_multiple_of(2) { 1.0_f32 } else { -1.0 };
    let click = |i: usize| if i % 97 == 50 { 1.0_f32 } else { 0.0 };
    let between = |i: usize| antiphon_dsp::sin_turns(i as f32 * 0.25 + 0.125) * 1.4;
    for wave in [&square as &dyn Fn(usize) -> f32, &click, &between] {
        let mut song = SongBuilder::new(200.0, 0);
        for pan in [-100, 0, 100] {
            let strip =
                antiphon_model::Strip { gain: Gain::MAX, pan: antiphon_model::Pan::clamped(pan), ..flat() };
            song = song.track(Sound::Sample(SAMPLE), strip, "0:127 . 3:127 . . 7:127 .");
        }
        let pcm = rendered(&song.build(), &pool((0..9_000).map(wave).collect()), &RenderOptions::bars(1));
        let true_peak = true_peak_db(&pcm);
        assert!(true_peak <= -0.3, "{true_peak:.2} dBTP");
    }
}
