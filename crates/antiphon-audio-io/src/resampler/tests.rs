//! Measured, not assumed: purity, flatness, delay and alias of what a card of each rate gets.

use antiphon_testkit::sound::{decibels, quantile, sine_and_rest};
use antiphon_timeline::Frames;

use crate::{position::Position, reader::Reader};

/// What a card of `rate` gets of a stereo stream with a sine of `hertz` left and its double level right
/// halved, read from `from` on at `ppm` beyond the nominal ratio.
fn through_the_edge(rate: u32, hertz: f64, ppm: f64, frames: usize) -> Vec<f32> {
    let step = std::f64::consts::TAU * hertz / 48_000.0;
    let source = move |first: Frames, out: &mut [f32]| {
        for (frame, place) in (first.0..).zip(out.as_chunks_mut::<2>().0) {
            *place = [(0.9 * (step * frame as f64).sin()) as f32, 0.25];
        }
    };
    let mut reader = Reader::new(Box::new(source), rate, 2_000);
    let per_frame = (48_000.0 / f64::from(rate) * (1.0 + ppm * 1e-6) * 2_f64.powi(32)).round() as i64;
    let mut place = Position(1_234_567_890_123);
    reader.jump(place);
    let mut out = vec![0.0; 2 * frames];
    for block in out.chunks_mut(2 * 256) {
        reader.read(place, per_frame, block);
        place = Position(place.0 + i128::from(per_frame) * (block.len() / 2) as i128);
    }
    assert!(
        out.iter().skip(1).step_by(2).all(|right| (right - 0.25).abs() < 1e-6),
        "the right channel is a constant"
    );
    out.into_iter().step_by(2).collect()
}

fn card_hertz(hertz: f64, ppm: f64) -> f64 {
    hertz * (1.0 + ppm * 1e-6)
}

#[test]
fn a_kilohertz_comes_out_purer_than_minus_105_db_on_every_card() {
    for rate in [44_100, 48_000, 88_200, 96_000, 192_000, 16_000] {
        for ppm in [0.0, 200.0, -913.0] {
            let got = through_the_edge(rate, 997.0, ppm, 24_000);
            let (amplitude, rest) = sine_and_rest(&got, card_hertz(997.0, ppm), f64::from(rate));
            println!("{rate} Hz, {ppm} ppm: THD+N {rest:.1} dB");
            assert!(rest < -105.0, "{rate} Hz, {ppm} ppm: {rest} dB");
            assert!((decibels(amplitude / 0.9)).abs() < 0.001, "{rate} Hz: {amplitude}");
        }
    }
}

#[test]
fn the_response_is_flat_to_18_khz_and_images_stay_below_100_db() {
    for rate in [44_100, 48_000, 96_000] {
        for hertz in [20.0, 5_000.0, 12_000.0, 15_000.0, 18_000.0] {
            let got = through_the_edge(rate, hertz, 137.0, 24_000);
            let (amplitude, rest) = sine_and_rest(&got, card_hertz(hertz, 137.0), f64::from(rate));
            println!("{rate} Hz card, {hertz} Hz: {:.4} dB, rest {rest:.1} dB", decibels(amplitude / 0.9));
            assert!(decibels(amplitude / 0.9).abs() < 0.1, "{hertz} Hz at {rate}: {amplitude}");
            assert!(rest < -100.0, "{hertz} Hz at {rate}: {rest} dB");
        }
    }
}

#[test]
fn what_a_slower_card_cannot_play_does_not_fold_into_what_it_can() {
    // 23.9 kHz would fold to 20.2 kHz at 44.1 kHz, 12 kHz to 4 kHz at 16 kHz.
    for (rate, hertz) in [(44_100, 23_900.0), (16_000, 12_000.0)] {
        let mut sizes: Vec<f64> =
            through_the_edge(rate, hertz, 0.0, 12_000).iter().map(|sample| f64::from(sample.abs())).collect();
        let worst = decibels(quantile(&mut sizes, 1.0));
        println!("{hertz} Hz on a {rate} Hz card: {worst:.1} dB");
        assert!(worst < -80.0, "{hertz} Hz folds at {worst} dB");
    }
}

#[test]
fn the_filter_has_no_delay() {
    for rate in [44_100, 48_000, 96_000] {
        let mut reader = Reader::new(
            Box::new(|first: Frames, out: &mut [f32]| {
                for (frame, place) in (first.0..).zip(out.as_chunks_mut::<2>().0) {
                    *place = [antiphon_testkit::sound::smooth_click((frame - 1_000) as f64); 2];
                }
            }),
            rate,
            2_000,
        );
        let per_frame = (48_000_i64 << 32) / i64::from(rate);
        reader.jump(Position::default());
        let mut out = vec![0.0; 2 * 2_400];
        for (at, block) in out.chunks_mut(2 * 240).enumerate() {
            reader.read(Position(i128::from(per_frame) * 240 * at as i128), per_frame, block);
        }
        let left: Vec<f32> = out.into_iter().step_by(2).collect();
        let place = antiphon_testkit::sound::clicks(&left, 0.5, 100)[0] * 48_000.0 / f64::from(rate);
        assert!((place - 1_000.0).abs() < 0.03, "{rate} Hz: {place}");
    }
}
