//! Every format that a person may drop comes out with its rate, channels, length and sound.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

mod audio;

use antiphon_media::{Pcm, decode};
use audio::{Coding, aiff, channel, fixture, level_at, sine, wav};

/// The committed tones: 440 Hz (and 660 Hz on the right) at half level, fading out from the middle.
fn check_tone(name: &str, rate: u32, channels: u8, seconds: f64) {
    let Pcm { rate: found_rate, channels: found_channels, frames } = decode(&fixture(name), None).unwrap();
    assert_eq!((found_rate, found_channels), (rate, channels), "{name}");
    let count = frames.len() / usize::from(channels);
    let expected = (seconds * f64::from(rate)) as usize;
    assert!(count.abs_diff(expected) <= 1200, "{name}: {count} frames, expected {expected}");
    let tones: &[f64] = if channels == 2 { &[440.0, 660.0] } else { &[440.0] };
    for (index, hz) in tones.iter().enumerate() {
        let side = if channels == 2 { channel(&frames, index) } else { frames.clone() };
        // The first half sounds at full level; a codec's delay at the start is left out.
        let steady = &side[count / 10..count / 2];
        let level = level_at(steady, rate, *hz);
        assert!((0.4..0.6).contains(&level), "{name}: level {level} at {hz} Hz");
        let elsewhere = level_at(steady, rate, hz * 2.7);
        assert!(elsewhere < 0.05, "{name}: level {elsewhere} where nothing sounds");
    }
}

#[test]
fn mp3_decodes() {
    check_tone("tone-44100-mono.mp3", 44_100, 1, 0.2);
    check_tone("tones-48000-stereo.mp3", 48_000, 2, 0.1);
}

#[test]
fn ogg_vorbis_decodes() {
    check_tone("tone-44100-mono.ogg", 44_100, 1, 0.2);
    check_tone("tones-48000-stereo.ogg", 48_000, 2, 0.1);
}

#[test]
fn flac_decodes() {
    check_tone("tone-44100-mono.flac", 44_100, 1, 0.2);
    check_tone("tones-48000-stereo.flac", 48_000, 2, 0.1);
}

#[test]
fn aiff_decodes() {
    let pcm = decode(&fixture("tone.aiff"), Some("aiff")).unwrap();
    assert_eq!((pcm.rate, pcm.channels, pcm.frames.len()), (44_100, 1, 2205));
    let samples = sine(48_000, 1000.0, 0.5, 960);
    let pcm = decode(&aiff(48_000, 2, &samples), None).unwrap();
    assert_eq!((pcm.rate, pcm.channels), (48_000, 2));
    let expected: Vec<f32> = samples.iter().map(|s| (s * 32768.0).round() as f32 / 32768.0).collect();
    assert_eq!(pcm.frames, expected);
}

#[test]
fn adpcm_decodes() {
    let pcm = decode(&fixture("tone-adpcm.wav"), None).unwrap();
    assert_eq!((pcm.rate, pcm.channels), (44_100, 1));
    // What comes after is silence that fills the last block.
    let level = level_at(&pcm.frames[220..2000], 44_100, 440.0);
    assert!((0.4..0.6).contains(&level), "{level}");
}

#[test]
fn every_coding_of_wav_keeps_its_bits() {
    let samples = sine(32_000, 440.0, 0.7, 500);
    for coding in Coding::ALL {
        let pcm = decode(&wav(coding, 32_000, 1, &samples), Some("wav")).unwrap();
        assert_eq!((pcm.rate, pcm.channels, pcm.frames.len()), (32_000, 1, 500), "{coding:?}");
        let step = match coding {
            Coding::F32 | Coding::F64 => 0.0,
            coding => f64::powi(2.0, 1 - i32::from(coding.bits())),
        };
        for (sample, found) in samples.iter().zip(&pcm.frames) {
            let expected = if step > 0.0 { (sample / step).round() * step } else { *sample };
            assert_eq!(*found, expected as f32, "{coding:?}");
        }
    }
}

#[test]
fn a_wrong_extension_does_not_matter() {
    for wrong in [None, Some("wav"), Some("mp3"), Some("ogg"), Some("xyz"), Some("")] {
        assert_eq!(decode(&fixture("tones-48000-stereo.flac"), wrong).unwrap().channels, 2, "{wrong:?}");
        assert_eq!(decode(&fixture("tone-44100-mono.mp3"), wrong).unwrap().rate, 44_100, "{wrong:?}");
    }
}

#[test]
fn more_channels_become_stereo() {
    // Front left, front right, centre, subwoofer: 0.1, 0.2, 0.0, 0.4.
    let frame = [0.125, 0.25, 0.0, 0.5];
    let pcm = decode(&wav(Coding::F32, 48_000, 4, &frame.repeat(100)), None).unwrap();
    assert_eq!((pcm.channels, pcm.frames.len()), (2, 200));
    assert!(pcm.frames[0] >= 0.125 && pcm.frames[1] >= 0.25, "{:?}", &pcm.frames[..2]);
}

#[test]
fn what_is_no_number_comes_out_as_silence() {
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-42, -1e-42, 0.5];
    let pcm = decode(&wav(Coding::F32, 48_000, 1, &bad), None).unwrap();
    assert_eq!(pcm.frames, [0.0, 0.0, 0.0, 0.0, 0.0, 0.5]);
}

#[test]
fn a_length_that_a_pipe_could_not_know_is_no_truncation() {
    let mut file = wav(Coding::S16, 48_000, 1, &sine(48_000, 440.0, 0.5, 1000));
    file[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    file[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(decode(&file, None).unwrap().frames.len(), 1000);
}
