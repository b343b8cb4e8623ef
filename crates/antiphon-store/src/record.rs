//! The records that lists are made of, and their stored form: a format number, then postcard.
//!
//! Fields are added with a new format number; an old reader says so instead of guessing.

use antiphon_model::{Name, SessionId};
use serde::{Deserialize, Serialize};

use crate::error::ReadError;

const SESSION_FORMAT: u8 = 1;
const BEAT_FORMAT: u8 = 1;

/// My role in a session, as far as this device knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    Owner,
    Editor,
    Listener,
}

/// What the session list shows without opening the session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionRecord {
    pub id: SessionId,
    pub name: Name,
    /// Unix milliseconds of the last change on this device.
    pub edited_at_ms: u64,
    pub tracks: u32,
    pub bpm: f64,
    pub role: Role,
    /// The id of the beat it was remixed from.
    pub parent: Option<[u8; 32]>,
    /// Taken off the list; kept until it is deleted, so that a friend's changes do not bring it back.
    pub forgotten: bool,
}

/// A beat that this device keeps; its bytes are a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeatRecord {
    /// The beat's id: the hash of its manifest.
    pub id: [u8; 32],
    /// BLAKE3 of the whole file, which also names it.
    pub file: [u8; 32],
    /// Bytes of the file.
    pub bytes: u64,
    /// The session it was published from, as the beat says.
    pub session: SessionId,
    pub title: Name,
    /// Unix milliseconds when it came to this device.
    pub added_at_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredSession {
    name: String,
    edited_at_ms: u64,
    tracks: u32,
    bpm: f64,
    role: Role,
    parent: Option<[u8; 32]>,
    forgotten: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredBeat {
    file: [u8; 32],
    bytes: u64,
    session: [u8; 16],
    title: String,
    added_at_ms: u64,
}

impl SessionRecord {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        encode(
            SESSION_FORMAT,
            &StoredSession {
                name: self.name.as_str().to_owned(),
                edited_at_ms: self.edited_at_ms,
                tracks: self.tracks,
                bpm: self.bpm,
                role: self.role,
                parent: self.parent,
                forgotten: self.forgotten,
            },
        )
    }

    pub(crate) fn from_bytes(id: SessionId, bytes: &[u8]) -> Result<Self, ReadError> {
        let stored: StoredSession = decode("session record", SESSION_FORMAT, bytes)?;
        Ok(Self {
            id,
            name: Name::repaired(&stored.name, "Session"),
            edited_at_ms: stored.edited_at_ms,
            tracks: stored.tracks,
            bpm: stored.bpm,
            role: stored.role,
            parent: stored.parent,
            forgotten: stored.forgotten,
        })
    }
}

impl BeatRecord {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        encode(
            BEAT_FORMAT,
            &StoredBeat {
                file: self.file,
                bytes: self.bytes,
                session: self.session.0,
                title: self.title.as_str().to_owned(),
                added_at_ms: self.added_at_ms,
            },
        )
    }

    pub(crate) fn from_bytes(id: [u8; 32], bytes: &[u8]) -> Result<Self, ReadError> {
        let stored: StoredBeat = decode("beat record", BEAT_FORMAT, bytes)?;
        Ok(Self {
            id,
            file: stored.file,
            bytes: stored.bytes,
            session: SessionId(stored.session),
            title: Name::repaired(&stored.title, "Beat"),
            added_at_ms: stored.added_at_ms,
        })
    }
}

fn encode<T: Serialize>(format: u8, value: &T) -> Vec<u8> {
    // Writing into a vector cannot fail, and no type here refuses to be serialized.
    postcard::to_extend(value, vec![format]).unwrap_or_default()
}

fn decode<'a, T: Deserialize<'a>>(what: &'static str, newest: u8, bytes: &'a [u8]) -> Result<T, ReadError> {
    match bytes.split_first() {
        Some((&version, _)) if version > newest => Err(ReadError::TooNew { what, version, newest }),
        Some((&version, body)) if version == newest => {
            postcard::from_bytes(body).map_err(|_| ReadError::Damaged { what })
        }
        _ => Err(ReadError::Damaged { what }),
    }
}
