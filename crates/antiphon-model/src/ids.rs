//! Identifiers. All are made by the caller from random bytes, never in pure code.

use std::{fmt, str::FromStr};

/// Fresh random bits for an id.
pub type FreshId<'a> = dyn FnMut() -> [u8; 16] + 'a;

/// Text that is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an identifier of {digits} hexadecimal digits")]
pub struct ParseIdError {
    /// What was given, shortened.
    pub text: String,
    /// How many digits there should be.
    pub digits: usize,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let error = || ParseIdError { text: text.chars().take(80).collect(), digits: $bytes * 2 };
                if text.len() != $bytes * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(error());
                }
                let mut bytes = [0; $bytes];
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                    let pair = std::str::from_utf8(pair).map_err(|_| error())?;
                    *byte = u8::from_str_radix(pair, 16).map_err(|_| error())?;
                }
                Ok(Self(bytes))
            }
        }
    };
}

id!(
    /// A session: what people jam in. Also names its document.
    SessionId, 16
);
id!(
    /// A track of a session.
    TrackId, 16
);
id!(
    /// A pattern of a track.
    PatternId, 16
);
id!(
    /// A sample: the BLAKE3 hash of its stored bytes.
    SampleId, 32
);
id!(
    /// A note placed freely in a pattern.
    NoteId, 16
);
id!(
    /// A scene of a session.
    SceneId, 16
);
id!(
    /// A link of the chain.
    LinkId, 16
);
