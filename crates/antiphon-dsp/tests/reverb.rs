//! What a room does to a click and to noise.
#![allow(
    clippy::disallowed_methods,
    reason = "measures sound: what it prints need not be the same everywhere"
)]

use antiphon_dsp::{Noise, Reverb, ReverbSettings};
use realfft::RealFftPlanner;

const RATE: usize = 48_000;

/// The answer to a click in both channels.
fn answer(settings: ReverbSettings, seconds: f32) -> [Vec<f32>; 2] {
    let frames = (seconds * RATE as f32) as usize;
    let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
    (left[0], right[0]) = (1.0, 1.0);
    Reverb::new(settings).process(&mut left, &mut right);
    [left, right]
}

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

/// Seconds from the first echo until what is still to come has fallen by 60 dB (Schroeder's backward integration).
fn decay_seconds(samples: &[f32]) -> f64 {
    let first = samples.iter().position(|sample| sample.abs() > 1e-4).unwrap_or(0);
    let mut rest = power(samples);
    let end = rest * 1e-6;
    for (at, sample) in samples.iter().enumerate() {
        rest -= f64::from(*sample).powi(2);
        if rest <= end {
            return (at - first) as f64 / RATE as f64;
        }
    }
    f64::INFINITY
}

/// Keeps what lies below `hz`.
fn below(samples: &[f32], hz: f32) -> Vec<f32> {
    let mut filters = [antiphon_dsp::Svf::new(hz, 0.7); 2];
    samples.iter().map(|sample| filters.iter_mut().fold(*sample, |x, filter| filter.low(x))).collect()
}

#[test]
fn the_sound_dies_away_in_the_time_asked_for() {
    for seconds in [0.3, 0.8, 1.8, 4.0] {
        for channel in answer(ReverbSettings { seconds, damping: 0.0 }, seconds * 2.0 + 0.5) {
            let ratio = decay_seconds(&channel) / f64::from(seconds);
            assert!((ratio - 1.0).abs() < 0.1, "{ratio:.3} of {seconds} s");
        }
    }
}

#[test]
fn damping_takes_the_treble_and_leaves_the_bass_its_time() {
    for damping in [0.2, 0.5, 0.9] {
        let [left, _] = answer(ReverbSettings { seconds: 1.5, damping }, 4.0);
        let low = below(&left, 120.0);
        let ratio = decay_seconds(&low) / 1.5;
        assert!((ratio - 1.0).abs() < 0.1, "{ratio:.3} at {damping}");
        let rest: Vec<f32> = left.iter().zip(below(&left, 5_000.0)).map(|(all, low)| all - low).collect();
        assert!(decay_seconds(&rest) < 1.35, "{} s of treble at {damping}", decay_seconds(&rest));
    }
}

/// The highest crest in dB above the mean of its third of an octave, in a tail whose decay is undone.
fn highest_crest_db(answer: &[f32], seconds: f64) -> f64 {
    const SIZE: usize = 1 << 15;
    let mut tail: Vec<f64> = (0..SIZE)
        .map(|i| f64::from(answer[9_600 + i]) * 10_f64.powf(3.0 * i as f64 / (seconds * RATE as f64)))
        .collect();
    let fft = RealFftPlanner::<f64>::new().plan_fft_forward(SIZE);
    let mut spectrum = fft.make_output_vec();
    fft.process(&mut tail, &mut spectrum).unwrap();
    let power: Vec<f64> = spectrum.iter().map(|bin| bin.norm_sqr()).collect();
    let bin = |hz: f64| (hz * SIZE as f64 / RATE as f64) as usize;
    let bands = (0..20).map(|third| 100.0 * 2_f64.powf(f64::from(third) / 3.0));
    bands.fold(0.0, |highest, lower| {
        let band = &power[bin(lower)..bin(lower * 1.26)];
        let mean = band.iter().sum::<f64>() / band.len() as f64;
        let most = band.iter().fold(0.0_f64, |a, b| a.max(*b));
        highest.max(10.0 * (most / mean).log10())
    })
}

#[test]
fn the_tail_has_no_tone_of_its_own() {
    // Noise has crests of 9 dB, a tail that rings like metal 20; ours 15, as it has a mode every 3 Hz.
    let mut noise = Noise::new(2);
    let hiss: Vec<f32> =
        (0..RATE).map(|i| noise.next_value() * 10_f32.powf(-1.5 * i as f32 / RATE as f32)).collect();
    let comb: Vec<f32> = (0..RATE)
        .map(|i| if i % 480 == 0 { 10_f32.powf(-1.5 * i as f32 / RATE as f32) } else { 0.0 })
        .collect();
    let [left, right] = answer(ReverbSettings { seconds: 2.0, damping: 0.0 }, 1.5);
    let crests = [hiss, comb, left, right].map(|samples| highest_crest_db(&samples, 2.0));
    assert!(crests[0] < 11.0 && crests[1] > 18.0, "the measure is wrong: {crests:.1?}");
    assert!(crests[2] < 16.0 && crests[3] < 16.0, "{crests:.1?}");
}

#[test]
fn noise_for_a_minute_stays_bounded_in_the_longest_room() {
    let mut reverb = Reverb::new(ReverbSettings { seconds: 60.0, damping: 0.0 });
    let mut noise = Noise::new(4);
    for second in 0..60 {
        let mut left: Vec<f32> = (0..RATE).map(|_| noise.next_value()).collect();
        let mut right = left.clone();
        reverb.process(&mut left, &mut right);
        let level = (power(&left) / RATE as f64).sqrt();
        assert!(level < 30.0, "{level} after {second} s");
    }
}

#[test]
fn blocks_of_any_size_have_the_same_bits() {
    let whole = answer(ReverbSettings::default(), 0.6);
    for size in [1, 7, 64, 1_000] {
        let mut reverb = Reverb::new(ReverbSettings::default());
        let (mut left, mut right) = (vec![0.0; whole[0].len()], vec![0.0; whole[0].len()]);
        (left[0], right[0]) = (1.0, 1.0);
        for (left, right) in left.chunks_mut(size).zip(right.chunks_mut(size)) {
            reverb.process(left, right);
        }
        assert!([left, right] == whole, "in blocks of {size}");
    }
}

#[test]
fn it_ends_in_zeros_and_not_in_denormals() {
    let [left, right] = answer(ReverbSettings { seconds: 0.2, damping: 0.3 }, 3.0);
    assert!(left.iter().chain(&right).all(|sample| *sample == 0.0 || sample.is_normal()));
    assert!(left[2 * RATE..].iter().all(|sample| *sample == 0.0));
}

#[test]
fn both_channels_differ_and_are_equally_loud() {
    let [left, right] = answer(ReverbSettings::default(), 2.0);
    let balance = power(&left) / power(&right);
    let product: f64 = left.iter().zip(&right).map(|(a, b)| f64::from(a * b)).sum();
    let correlation = product / (power(&left) * power(&right)).sqrt();
    assert!((0.8..1.25).contains(&balance), "{balance}");
    assert!(correlation.abs() < 0.3, "{correlation}");
}
