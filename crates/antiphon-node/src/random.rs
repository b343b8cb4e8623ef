//! Fresh random values from the system, for ids and secrets.

use antiphon_model::{PatternId, SessionId, TrackId};

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Fresh random bits for an id.
pub fn fresh_id() -> Result<[u8; 16], crate::error::NodeError> {
    Ok(bytes()?)
}

/// A random number that tells one run of a device from its others.
pub fn number() -> Result<u32, getrandom::Error> {
    bytes().map(u32::from_le_bytes)
}

/// A fresh session id.
pub fn session() -> Result<SessionId, getrandom::Error> {
    bytes().map(SessionId)
}

/// A fresh track id.
pub fn track() -> Result<TrackId, getrandom::Error> {
    bytes().map(TrackId)
}

/// A fresh pattern id.
pub fn pattern() -> Result<PatternId, getrandom::Error> {
    bytes().map(PatternId)
}
