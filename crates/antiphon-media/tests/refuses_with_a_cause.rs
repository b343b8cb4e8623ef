//! Each bad file is refused with its own cause.

mod audio;

use antiphon_media::{
    DecodeError, decode,
    limits::{FILE_BYTES_MAX, SECONDS_MAX},
    prepare,
};
use audio::{Coding, Numbers, fixture, sine, wav};

fn cause(bytes: &[u8]) -> DecodeError {
    match decode(bytes, None) {
        Ok(pcm) => panic!("decoded to {} samples", pcm.frames.len()),
        Err(error) => error,
    }
}

#[test]
fn empty_and_foreign_files_are_told_apart() {
    assert_eq!(cause(b""), DecodeError::Empty);
    assert_eq!(cause(b"just some text, far from any music"), DecodeError::NotAudio);
    assert_eq!(cause(&[0; 4096]), DecodeError::NotAudio);
    assert_eq!(cause(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), DecodeError::NotAudio);
    let mut numbers = Numbers(1);
    let noise: Vec<u8> = (0..20_000).map(|_| (numbers.next() % 127) as u8).collect();
    assert_eq!(cause(&noise), DecodeError::NotAudio);
}

#[test]
fn audio_that_is_not_decoded_here_is_named() {
    for (bytes, name) in [
        (fixture("tone.opus"), "Opus"),
        (fixture("tone.m4a"), "MP4 or AAC audio"),
        (b"MThd\0\0\0\x06\0\0\0\x01\0\x60".to_vec(), "MIDI"),
    ] {
        assert_eq!(cause(&bytes), DecodeError::Unsupported { what: name.to_owned() });
    }
    // A WAV with a coding that nobody knows.
    let mut file = wav(Coding::S16, 48_000, 1, &[0.0; 100]);
    file[20] = 0x77;
    assert!(matches!(cause(&file), DecodeError::Unsupported { .. }), "{:?}", cause(&file));
}

#[test]
fn a_file_that_lost_its_end_is_cut_off() {
    let whole = wav(Coding::S16, 48_000, 1, &sine(48_000, 440.0, 0.5, 1000));
    assert_eq!(cause(&whole[..1044]), DecodeError::Truncated { found: 500, expected: 1000 });
    for name in ["tone-44100-mono.flac", "tones-48000-stereo.ogg", "tone.aiff", "tone-44100-mono.mp3"] {
        let whole = fixture(name);
        for keep in [whole.len() * 3 / 4, whole.len() / 2, 60, 13] {
            let error = decode(&whole[..keep], None).err();
            let error = error.unwrap_or_else(|| panic!("{name} cut to {keep} is taken for whole"));
            assert!(
                matches!(
                    error,
                    DecodeError::Truncated { .. } | DecodeError::Damaged { .. } | DecodeError::NoSound
                ),
                "{name} cut to {keep}: {error}"
            );
        }
    }
}

#[test]
fn a_file_without_a_frame_holds_no_sound() {
    assert_eq!(cause(&wav(Coding::S16, 48_000, 1, &[])), DecodeError::NoSound);
}

#[test]
fn bounds_hold_before_anything_is_decoded() {
    assert_eq!(cause(&vec![0; FILE_BYTES_MAX + 1]), DecodeError::TooBig { bytes: FILE_BYTES_MAX as u64 + 1 });
    let few = [0.0; 90];
    assert_eq!(cause(&wav(Coding::U8, 48_000, 9, &few)), DecodeError::TooManyChannels { channels: 9 });
    assert_eq!(cause(&wav(Coding::U8, 3_999, 1, &few)), DecodeError::BadRate { rate: 3_999 });
    assert_eq!(cause(&wav(Coding::U8, 384_001, 1, &few)), DecodeError::BadRate { rate: 384_001 });
    // 21 minutes at 4 kHz are five million bytes.
    let long = vec![0.0; 4_000 * (SECONDS_MAX as usize + 1)];
    assert_eq!(cause(&wav(Coding::U8, 4_000, 1, &long)), DecodeError::TooLong);
    // 15 minutes of stereo at 8 kHz fit, but not as floats at 48 kHz.
    let wide = vec![0.0; 2 * 8_000 * 15 * 60];
    assert_eq!(cause(&wav(Coding::U8, 8_000, 2, &wide)), DecodeError::TooLarge);
}

#[test]
fn a_flac_that_announces_hours_is_refused_by_its_header() {
    let mut file = fixture("tone-44100-mono.flac");
    // The count of frames: the low 36 bits of the packed field at byte 18.
    file[22..26].copy_from_slice(&0x0f00_0000_u32.to_be_bytes());
    assert_eq!(cause(&file), DecodeError::TooLong);
}

#[test]
fn every_cause_reads_as_one_sentence_part() {
    let errors = [cause(b""), cause(b"text text text text"), cause(&wav(Coding::S16, 48_000, 1, &[]))];
    for error in errors.iter().chain([&prepare(b"", None).unwrap_err()]) {
        let text = error.to_string();
        assert!(!text.ends_with('.') && text.starts_with(char::is_lowercase), "{text}");
    }
}
