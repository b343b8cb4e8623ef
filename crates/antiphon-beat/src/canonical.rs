//! Versioned entries: a format number, then postcard.
//!
//! postcard accepts a number in more than one length; whoever opens an entry encodes it again and compares, so
//! that one meaning has one form.

use serde::{Serialize, de::DeserializeOwned};

use crate::error::OpenBeatError;

pub(crate) fn encode<T: Serialize>(format: u8, value: &T) -> Vec<u8> {
    // Writing into a vector cannot fail, and no type here refuses to be serialized.
    postcard::to_extend(value, vec![format]).unwrap_or_default()
}

pub(crate) fn decode<T: Serialize + DeserializeOwned>(
    entry: &'static str,
    format: u8,
    bytes: &[u8],
) -> Result<T, OpenBeatError> {
    let malformed = |cause: &str| OpenBeatError::Malformed { entry, cause: cause.to_owned() };
    let (&version, body) = bytes.split_first().ok_or_else(|| malformed("it is empty"))?;
    if version > format {
        return Err(OpenBeatError::TooNew { version, newest: format });
    }
    if version != format {
        return Err(malformed("it has no known format"));
    }
    let value = postcard::from_bytes(body).map_err(|error| malformed(&error.to_string()))?;
    if encode(format, &value) != bytes {
        return Err(OpenBeatError::NotCanonical);
    }
    Ok(value)
}
