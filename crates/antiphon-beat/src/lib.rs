//! The immutable signed beat: a song frozen with everything it sounds with, in one file that proves itself.
//!
//! A beat is a zip in one canonical form: `manifest`, `song`, `samples/<blake3>`, `signatures`. The manifest names
//! the hash of every other entry and is what the authors sign; its own hash is the beat's id. [`open`] needs
//! nothing but the bytes, and refuses any that are not exactly those that [`freeze`] made: entries are decoded,
//! encoded again and compared. Parents are ids, so lineage is a signed graph, also where an ancestor is not here.
//!
//! ```
//! # use std::collections::BTreeMap;
//! # use antiphon_beat::{FreezeOptions, Licence, freeze, open};
//! # use antiphon_identity::DeviceKey;
//! # use antiphon_model::{Name, SessionId, Song};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let song = Song::empty(SessionId([1; 16]), Name::new("Jam")?);
//! # let key = DeviceKey::from_seed(&[7; 32]);
//! # let options = FreezeOptions { title: Name::new("First")?, author: Name::new("Ada")?, licence: Licence::new("CC0-1.0")?, created_at_ms: 0, engine_version: 1, bars: 4, frames: 384_000, parents: vec![], pcm_hash: [0; 32] };
//! let frozen = freeze(&song, &BTreeMap::new(), options, &key)?;
//! let beat = open(&frozen.bytes)?;
//! assert_eq!(beat.manifest.authors[0].peer, key.peer_id());
//!
//! let mut altered = frozen.bytes;
//! altered[100] ^= 1;
//! assert!(open(&altered).is_err());
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod beat;
mod freeze;
mod licence;
mod manifest;

mod archive;
mod canonical;
mod signatures;
mod song_bytes;

mod error;
pub mod limits;

pub use beat::{Beat, open};
pub use error::{FreezeError, OpenBeatError};
pub use freeze::{FreezeOptions, Frozen, freeze, frozen_song};
pub use licence::{Licence, LicenceError};
pub use manifest::{Author, BeatId, Manifest};
pub use song_bytes::{decode_song, encode_song};
