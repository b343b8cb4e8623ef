//! Where each record lies in the database: one letter for its kind, then what it belongs to.
//!
//! ```text
//! s session             a session's record
//! c session index:u64be one change of its log, in append order
//! r session             its roster
//! k name                a setting
//! b beat id             a beat's entry in the index
//! v                     the number of the last commit
//! ```

use antiphon_model::SessionId;

pub(crate) const SESSIONS: &[u8] = b"s";
pub(crate) const COMMITS: &[u8] = b"v";
pub(crate) const BEATS: &[u8] = b"b";

pub(crate) fn session(id: SessionId) -> Vec<u8> {
    [SESSIONS, &id.0].concat()
}

/// The prefix of a session's change log.
pub(crate) fn changes(id: SessionId) -> Vec<u8> {
    [b"c".as_slice(), &id.0].concat()
}

/// Big-endian, so that the database's order is the log's order.
pub(crate) fn change(id: SessionId, index: u64) -> Vec<u8> {
    [b"c".as_slice(), &id.0, &index.to_be_bytes()].concat()
}

/// The index in a key made by [`change`].
pub(crate) fn change_index(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

pub(crate) fn roster(id: SessionId) -> Vec<u8> {
    [b"r".as_slice(), &id.0].concat()
}

pub(crate) fn setting(name: &str) -> Vec<u8> {
    [b"k", name.as_bytes()].concat()
}

pub(crate) fn beat(id: [u8; 32]) -> Vec<u8> {
    [BEATS, &id].concat()
}
