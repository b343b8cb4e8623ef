//! The oscillators hold nothing but harmonics.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

use antiphon_dsp::{Oscillator, Pulse, SawTables};
use realfft::RealFftPlanner;

const SIZE: usize = 1 << 15;

/// The highest level in dB, relative to the highest of all, more than 12 bins away from the multiples of `hz`.
fn highest_stranger(samples: &[f32], hz: f64) -> f64 {
    let window = |i: usize| {
        let turn = std::f64::consts::TAU * i as f64 / SIZE as f64;
        0.358_75 - 0.488_29 * turn.cos() + 0.141_28 * (2.0 * turn).cos() - 0.011_68 * (3.0 * turn).cos()
    };
    let fft = RealFftPlanner::<f64>::new().plan_fft_forward(SIZE);
    let mut input: Vec<f64> = (0..SIZE).map(|i| f64::from(samples[i]) * window(i)).collect();
    let mut output = fft.make_output_vec();
    fft.process(&mut input, &mut output).unwrap();
    let power: Vec<f64> = output.iter().map(|bin| bin.norm_sqr()).collect();
    let most = power.iter().copied().fold(0.0, f64::max);
    let bin_hz = 48_000.0 / SIZE as f64;
    let strange = |bin: usize| {
        let f = bin as f64 * bin_hz;
        (f - (f / hz).round() * hz).abs() > 12.0 * bin_hz
    };
    let highest =
        power.iter().enumerate().filter(|(bin, _)| strange(*bin)).map(|(_, p)| *p).fold(0.0, f64::max);
    10.0 * (highest / most).log10()
}

#[test]
fn saw_and_pulse_alias_below_70_db_from_e1_to_c8() {
    let tables = SawTables::shared();
    for hz in [41.2, 65.4, 110.0, 440.0, 987.8, 1_234.5, 2_093.0, 3_001.0, 4_186.0] {
        let mut saw = vec![0.0; SIZE];
        Oscillator::new(tables, hz, 0.0).add_saw(tables, 1.0, &mut saw);
        let mut pulse = vec![0.0; SIZE];
        Oscillator::new(tables, hz, 0.3).add_pulse(tables, Pulse::width(0.3), 1.0, &mut pulse);
        for (name, samples) in [("saw", saw), ("pulse", pulse)] {
            let db = highest_stranger(&samples, f64::from(hz));
            assert!(db < -70.0, "{name} at {hz} Hz: {db:.1} dB");
        }
    }
}

#[test]
fn a_saw_keeps_its_harmonics_up_to_16_khz() {
    let tables = SawTables::shared();
    for hz in [55.0_f32, 220.0, 880.0, 3_520.0] {
        let mut saw = vec![0.0; SIZE];
        Oscillator::new(tables, hz, 0.0).add_saw(tables, 1.0, &mut saw);
        let harmonic = (16_000.0_f32 / hz).floor().min(500.0) as usize;
        let (mut re, mut im) = (0.0_f64, 0.0_f64);
        let turns = f64::from(hz) * harmonic as f64 / 48_000.0;
        for (i, sample) in saw.iter().enumerate() {
            let angle = std::f64::consts::TAU * (turns * i as f64).fract();
            re += f64::from(*sample) * angle.sin();
            im += f64::from(*sample) * angle.cos();
        }
        let level = re.hypot(im) * 2.0 / SIZE as f64 * harmonic as f64 / std::f64::consts::FRAC_2_PI;
        // Linear interpolation between the table's points dulls the very top by a decibel or so.
        assert!(
            (0.75..1.05).contains(&level),
            "harmonic {harmonic} of {hz} Hz is at {level:.2} of its level"
        );
    }
}
