//! A sample's bits are fixed at import and come back exactly.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

mod audio;

use antiphon_media::{BlobError, decode, decode_blob, prepare, prepare_pcm};
use audio::{Coding, Numbers, channel, fixture, level_at, sine, wav};
use proptest::prelude::*;

const FULL_SCALE: f32 = 8_388_608.0;

fn decibels(level: f64) -> f64 {
    20.0 * level.log10()
}

#[test]
fn files_at_48_khz_keep_every_bit() {
    let mut numbers = Numbers(3);
    let noise: Vec<f64> = (0..9000).map(|_| (numbers.below(65_536) as f64 - 32_768.0) / 32_768.0).collect();
    for (coding, channels) in [(Coding::S16, 1), (Coding::S16, 2), (Coding::S24, 2), (Coding::U8, 1)] {
        let file = wav(coding, 48_000, channels, &noise);
        let sample = prepare(&file, None).unwrap();
        assert_eq!(sample.pcm, decode(&file, None).unwrap().frames, "{coding:?}");
        assert_eq!(u64::from(sample.channels) * sample.frames, 9000);
    }
}

#[test]
fn a_blob_decodes_to_exactly_what_was_prepared() {
    for name in ["tone-44100-mono.mp3", "tones-48000-stereo.ogg", "tone-44100-mono.flac", "tone.aiff"] {
        let sample = prepare(&fixture(name), None).unwrap();
        assert_eq!(decode_blob(&sample.blob).unwrap(), (sample.channels, sample.pcm), "{name}");
        assert_eq!(*blake3::hash(&sample.blob).as_bytes(), sample.sample);
    }
}

#[test]
fn the_same_file_becomes_the_same_sample() {
    let file = fixture("tone-44100-mono.ogg");
    assert_eq!(prepare(&file, None).unwrap(), prepare(&file, Some("ogg")).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    /// Any 24-bit samples, also the extremes and lengths around the block's.
    #[test]
    fn blobs_are_exact_on_integers(seed in any::<u64>(), length in prop_oneof![1_usize..40, 4090..4100_usize, 8190..8200_usize], channels in 1_u8..=2, loud in any::<bool>()) {
        let mut numbers = Numbers(seed);
        let span = if loud { 1 << 24 } else { 64 };
        let samples: Vec<f32> = (0..length * usize::from(channels))
            .map(|_| (numbers.below(span) as f32 - span as f32 / 2.0) / FULL_SCALE)
            .collect();
        let sample = prepare_pcm(&samples, channels).unwrap();
        prop_assert_eq!(&sample.pcm, &samples);
        prop_assert_eq!(decode_blob(&sample.blob).unwrap(), (channels, samples));
    }
}

#[test]
fn silence_and_full_scale_survive() {
    for value in [0.0, -1.0, (FULL_SCALE - 1.0) / FULL_SCALE] {
        let sample = prepare_pcm(&[value; 5000], 1).unwrap();
        assert_eq!(decode_blob(&sample.blob).unwrap().1, [value; 5000]);
    }
}

#[test]
fn resampling_keeps_pitch_level_start_and_length() {
    for rate in [44_100, 22_050, 96_000, 192_000, 384_000, 8_000, 11_025, 47_999] {
        let file = wav(Coding::F32, rate, 1, &sine(rate, 1000.0, 0.5, rate as usize / 2));
        let sample = prepare(&file, None).unwrap();
        assert!(
            sample.frames.abs_diff(24_000) <= 48_000 / u64::from(rate),
            "{rate} Hz: {} frames",
            sample.frames
        );
        // The same sine made at 48 kHz: any shift, gain or noise shows in the difference. The ends ring.
        let ideal = sine(48_000, 1000.0, 0.5, 24_000);
        assert!(sample.pcm.len() >= 19_200, "{rate} Hz");
        let worst =
            (4800..19_200).map(|at| (f64::from(sample.pcm[at]) - ideal[at]).abs()).fold(0.0, f64::max);
        assert!(decibels(worst / 0.5) < -90.0, "{rate} Hz: error {:.1} dB", decibels(worst / 0.5));
    }
}

#[test]
fn nothing_aliases() {
    // 30 kHz cannot sound at 48 kHz; folded, it would be heard at 18 kHz.
    let file = wav(Coding::F32, 96_000, 1, &sine(96_000, 30_000.0, 0.9, 48_000));
    let sample = prepare(&file, None).unwrap();
    let steady = &sample.pcm[2400..21_600];
    assert!(decibels(level_at(steady, 48_000, 18_000.0)) < -100.0);
    assert!(steady.iter().all(|sample| sample.abs() < 1e-4));
}

#[test]
fn high_tones_survive_resampling() {
    let file = wav(Coding::F32, 44_100, 1, &sine(44_100, 19_000.0, 0.5, 44_100));
    let sample = prepare(&file, None).unwrap();
    let level = decibels(level_at(&sample.pcm[4800..43_200], 48_000, 19_000.0) / 0.5);
    assert!(level.abs() < 0.1, "{level} dB");
}

#[test]
fn stereo_sides_stay_apart() {
    let (left, right) = (sine(44_100, 500.0, 0.5, 20_000), sine(44_100, 3000.0, 0.5, 20_000));
    let both: Vec<f64> = left.into_iter().zip(right).flat_map(|(l, r)| [l, r]).collect();
    let sample = prepare(&wav(Coding::F32, 44_100, 2, &both), None).unwrap();
    // A whole number of periods of both, clear of the ends.
    let (left, right) = (channel(&sample.pcm, 0), channel(&sample.pcm, 1));
    let (left, right) = (&left[2400..19_200], &right[2400..19_200]);
    assert!(level_at(left, 48_000, 500.0) > 0.49 && level_at(left, 48_000, 3000.0) < 1e-4);
    assert!(level_at(right, 48_000, 3000.0) > 0.49 && level_at(right, 48_000, 500.0) < 1e-4);
}

#[test]
fn what_is_too_loud_is_turned_down_rather_than_clipped() {
    let sample = prepare(&wav(Coding::F32, 48_000, 1, &sine(48_000, 1000.0, 4.0, 4800)), None).unwrap();
    let peak = sample.pcm.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    assert!((0.999..1.0).contains(&peak), "{peak}");
    assert!(decibels(level_at(&sample.pcm, 48_000, 3000.0)) < -100.0, "a clipped sine has a third harmonic");
    // The largest floats there are, at a rate that must be resampled.
    let absurd: Vec<f64> = (0..2000).map(|n| if n % 50 < 25 { 3e38 } else { -3e38 }).collect();
    let sample = prepare(&wav(Coding::F32, 44_100, 1, &absurd), None).unwrap();
    assert!(sample.pcm.iter().all(|sample| sample.abs() <= 1.0));
    assert!(sample.pcm.iter().any(|sample| sample.abs() > 0.5));
}

/// symphonia's own way to find FLAC frames loses one here, see `flac_frames`.
#[test]
fn a_loud_hit_after_silence_keeps_all_its_frames() {
    for seed in 0..20 {
        let mut numbers = Numbers(seed);
        let mut frames = vec![0.0; 4096 * (2 + seed as usize % 5)];
        frames.extend((0..60_000).map(|_| (numbers.below(1 << 24) as f32 - FULL_SCALE) / FULL_SCALE));
        frames.extend([0.0; 5000]);
        let sample = prepare_pcm(&frames, 1).unwrap();
        assert_eq!(decode_blob(&sample.blob).unwrap().1, frames, "{seed}");
        assert_eq!(decode(&sample.blob, None).unwrap().frames, frames, "{seed}");
    }
}

#[test]
fn one_frame_is_a_sample() {
    let sample = prepare(&wav(Coding::S16, 48_000, 2, &[0.5, -0.5]), None).unwrap();
    assert_eq!((sample.frames, sample.pcm.as_slice()), (1, [0.5, -0.5].as_slice()));
    assert_eq!(decode_blob(&sample.blob).unwrap().1, [0.5, -0.5]);
}

#[test]
fn only_blobs_are_blobs() {
    let not_ours = [
        fixture("tone-44100-mono.flac"),
        fixture("tones-48000-stereo.flac"),
        fixture("tone-44100-mono.mp3"),
        wav(Coding::S24, 48_000, 1, &[0.0; 10]),
        Vec::new(),
        b"fLaC".to_vec(),
    ];
    for bytes in not_ours {
        assert_eq!(decode_blob(&bytes), Err(BlobError::WrongForm));
    }
}

#[test]
fn a_blob_with_any_byte_changed_never_decodes_to_other_samples() {
    let sample = prepare_pcm(&audio_f32(300), 1).unwrap();
    let expected = (sample.channels, sample.pcm);
    for at in 0..sample.blob.len() {
        for flip in [1, 0x10, 0xff] {
            let mut blob = sample.blob.clone();
            blob[at] ^= flip;
            // Sizes that only seeking uses may change without harm to the sound; the id would tell.
            if let Ok(decoded) = decode_blob(&blob) {
                assert_eq!(decoded, expected, "byte {at}");
            }
        }
    }
    for keep in 0..sample.blob.len() {
        assert!(decode_blob(&sample.blob[..keep]).is_err(), "cut to {keep}");
    }
}

fn audio_f32(frames: usize) -> Vec<f32> {
    sine(48_000, 440.0, 0.5, frames).into_iter().map(|sample| sample as f32).collect()
}
