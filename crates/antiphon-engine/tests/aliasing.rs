//! What is not a harmonic of the note played stays 60 dB below it.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

mod support;

use antiphon_engine::SamplePool;
use antiphon_model::{Note, Preset, Sound, TrackId, Velocity};
use realfft::RealFftPlanner;
use support::*;

const SIZE: usize = 1 << 15;

/// The spectrum's power in dB below its highest bin, under a window whose side lobes lie below -92 dB.
fn spectrum_db(samples: &[f32]) -> Vec<f64> {
    let mut planner = RealFftPlanner::<f64>::new();
    let fft = planner.plan_fft_forward(SIZE);
    let window = |i: usize| {
        let turn = std::f64::consts::TAU * i as f64 / SIZE as f64;
        0.358_75 - 0.488_29 * turn.cos() + 0.141_28 * (2.0 * turn).cos() - 0.011_68 * (3.0 * turn).cos()
    };
    let mut input: Vec<f64> = (0..SIZE).map(|i| f64::from(samples[i]) * window(i)).collect();
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).unwrap();
    let power: Vec<f64> = output.iter().map(|bin| bin.norm_sqr()).collect();
    let most = power.iter().copied().fold(0.0, f64::max);
    power.into_iter().map(|power| 10.0 * (power / most + 1e-30).log10()).collect()
}

/// The highest level in dB of anything audible further than `spread` (a share of its frequency, plus 60 Hz) from
/// the multiples of `hz`.
fn highest_stranger(samples: &[f32], hz: f64, spread: f64) -> (f64, f64) {
    let spectrum = spectrum_db(samples);
    let bins = spectrum.iter().enumerate().map(|(bin, db)| (bin as f64 * 48_000.0 / SIZE as f64, *db));
    let strange = |f: &f64| {
        let harmonic = (f / hz).round() * hz;
        (20.0..20_000.0).contains(f) && (f - harmonic).abs() > 60.0 + spread * f
    };
    bins.filter(|(f, _)| strange(f))
        .fold((0.0, -200.0), |best, next| if next.1 > best.1 { next } else { best })
}

#[test]
fn presets_do_not_alias_at_c7() {
    for preset in Preset::ALL {
        let mut stage = Stage::with(&one_track(120.0, Sound::Synth(preset), ". ."), &SamplePool::new());
        stage.controller.note_on(TrackId([1; 16]), Note::clamped(96), Velocity::MAX);
        stage.play(4_000);
        let heard = left(&stage.play(SIZE));
        // Half the note's frequency: the sub is a sine one octave below. The oscillators are up to 7 cents off, the
        // lead's vibrato moves by 14.
        let (hz, db) = highest_stranger(&heard, 2_093.0 / 2.0, 0.014);
        assert!(db < -60.0, "{preset:?}: {db:.1} dB at {hz:.0} Hz");
    }
}
