//! A song as bytes, in the one form it has: the entry `song` of a beat.
//!
//! The form is this crate's own and does not follow `antiphon-model` when that grows: a new field is a new
//! format number here, and beats of the old one open for ever. Songs are written in the lowest that says what they need, so that
//! what was frozen before is the same bytes when it is frozen again.

mod v1;
mod v2;
mod v3;

use std::fmt;

use antiphon_model::{Name, SampleId, SampleInfo, Song, Sound};
use antiphon_timeline::Meter;
use serde::{Deserialize, Serialize};

use crate::{error::OpenBeatError, limits::SONG_BYTES_MAX};

const ENTRY: &str = "song";
/// Text of an unknown sound: what the model keeps of one.
const SOUND_CHARS_MAX: usize = 96;

/// The bytes of a song: format 2, and 3 where its meter is not 4/4. Equal songs have equal bytes; a switch that is about to change is written as what it
/// will be, which is what a frozen song plays.
pub fn encode_song(song: &Song) -> Vec<u8> {
    if song.meter == Meter::DEFAULT { v2::encode(song) } else { v3::encode(song) }
}

/// The song of these bytes. Anything but what was written for it is refused.
pub fn decode_song(bytes: &[u8]) -> Result<Song, OpenBeatError> {
    if bytes.len() > SONG_BYTES_MAX {
        return Err(OpenBeatError::TooLarge { what: ENTRY, bytes: bytes.len() as u64, max: SONG_BYTES_MAX });
    }
    match bytes.first() {
        Some(&v1::FORMAT) => v1::decode(bytes),
        Some(&v2::FORMAT) => v2::decode(bytes),
        _ => v3::decode(bytes),
    }
}

#[derive(Serialize, Deserialize)]
struct WireSample {
    id: [u8; 32],
    name: String,
    frames: u64,
    channels: u8,
    bytes: u64,
}

fn wire_sample(id: SampleId, info: &SampleInfo) -> WireSample {
    WireSample {
        id: id.0,
        name: info.name.as_str().to_owned(),
        frames: info.frames,
        channels: info.channels,
        bytes: info.bytes,
    }
}

fn sample(wire: WireSample) -> Result<(SampleId, SampleInfo), OpenBeatError> {
    if !(1..=2).contains(&wire.channels) {
        return Err(malformed("a sample is neither mono nor stereo"));
    }
    let info = SampleInfo {
        name: name(&wire.name)?,
        frames: wire.frames,
        channels: wire.channels,
        bytes: wire.bytes,
    };
    Ok((SampleId(wire.id), info))
}

fn sound(text: &str) -> Result<Sound, OpenBeatError> {
    if text.chars().count() > SOUND_CHARS_MAX {
        return Err(malformed("a sound's name is too long"));
    }
    Ok(Sound::read(text))
}

fn name(text: &str) -> Result<Name, OpenBeatError> {
    Name::new(text).map_err(malformed)
}

fn malformed(cause: impl fmt::Display) -> OpenBeatError {
    OpenBeatError::Malformed { entry: ENTRY, cause: cause.to_string() }
}
