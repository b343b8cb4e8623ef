//! Format 3: format 2 and behind it the meter, for songs that are not in 4/4.

use antiphon_model::Song;
use antiphon_timeline::Meter;
use serde::{Deserialize, Serialize};

use super::{ENTRY, malformed, v2};
use crate::{canonical, error::OpenBeatError};

const FORMAT: u8 = 3;

#[derive(Serialize, Deserialize)]
struct WireSong {
    song: v2::WireSong,
    beats: u8,
    unit: u8,
}

pub(super) fn encode(song: &Song) -> Vec<u8> {
    let (beats, unit) = (song.meter.beats(), song.meter.unit());
    canonical::encode(FORMAT, &WireSong { song: v2::wire_song(song), beats, unit })
}

pub(super) fn decode(bytes: &[u8]) -> Result<Song, OpenBeatError> {
    let wire: WireSong = canonical::decode(ENTRY, FORMAT, bytes)?;
    let meter = Meter::new(wire.beats.into(), wire.unit.into()).map_err(malformed)?;
    let song = Song { meter, ..v2::song(wire.song)? };
    // A song in 4/4 has one form, and that is format 2.
    if meter != Meter::DEFAULT && encode(&song) == bytes {
        Ok(song)
    } else {
        Err(OpenBeatError::NotCanonical)
    }
}
