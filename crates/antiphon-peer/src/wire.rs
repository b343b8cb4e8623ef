//! Control frames: what peers say to one another outside any session.
//!
//! A `Hello` opens every connection, and again when the name or the open session changes. It is all a
//! stranger learns. Frames are postcard with a leading protocol version; a frame of another version is
//! counted and ignored, so that peers of different versions still see one another and say so plainly.

use serde::{Deserialize, Serialize};

use crate::limits::{CONTROL_FRAME_BYTES_MAX, PEER_TEXT_CHARS_MAX};

/// Version of the control, sync and blob frames together.
pub const PROTOCOL_VERSION: u32 = 3;

/// One control frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ControlFrame {
    /// Who I am and what I play.
    Hello(Hello),
    /// May I join that session? Also a member's way back in.
    AskJoin {
        session: [u8; 16],
        /// Proof of an invite: see [`crate::Invite::proof`].
        proof: Option<[u8; 32]>,
        /// The roster as a returning member knows it, for members who have not met that member.
        roster: Option<Vec<u8>>,
    },
    /// Come in: the roster to join with.
    Allowed { session: [u8; 16], roster: Vec<u8> },
    /// No, with a reason for people.
    Refused { session: [u8; 16], reason: String },
}

/// What every connected peer learns of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    pub protocol: u32,
    pub engine: u32,
    /// Program version, for people.
    pub version: String,
    pub name: String,
    /// The session that is open, when it may be seen.
    pub session: Option<OpenTo>,
}

/// A session as shown to peers nearby.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenTo {
    pub id: [u8; 16],
    pub name: String,
}

/// Why a control frame was ignored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("control frame of {bytes} bytes is over the limit of {CONTROL_FRAME_BYTES_MAX}")]
    TooLong { bytes: usize },
    #[error("control frame has protocol version {found}, ours is {PROTOCOL_VERSION}")]
    OtherVersion { found: u32 },
    #[error("control frame cannot be read")]
    Malformed,
}

impl ControlFrame {
    /// The bytes to send. A hello is readable by every version: its layout never changes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = PROTOCOL_VERSION.to_le_bytes().to_vec();
        bytes.extend(postcard::to_stdvec(self).unwrap_or_default());
        bytes
    }

    /// Reads a peer's frame: bounded and strict, except that a hello of any version is understood.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        if bytes.len() > CONTROL_FRAME_BYTES_MAX {
            return Err(WireError::TooLong { bytes: bytes.len() });
        }
        let (version, body) = bytes.split_first_chunk::<4>().ok_or(WireError::Malformed)?;
        let found = u32::from_le_bytes(*version);
        let (frame, rest) = postcard::take_from_bytes::<Self>(body).map_err(|_| WireError::Malformed)?;
        let frame = frame.bounded();
        match &frame {
            Self::Hello(_) => Ok(frame),
            _ if found != PROTOCOL_VERSION => Err(WireError::OtherVersion { found }),
            _ if !rest.is_empty() => Err(WireError::Malformed),
            _ => Ok(frame),
        }
    }

    fn bounded(mut self) -> Self {
        let cut = |text: &mut String| *text = text.chars().take(PEER_TEXT_CHARS_MAX).collect();
        match &mut self {
            Self::Hello(hello) => {
                cut(&mut hello.version);
                cut(&mut hello.name);
                if let Some(session) = &mut hello.session {
                    cut(&mut session.name);
                }
            }
            Self::Refused { reason, .. } => cut(reason),
            Self::AskJoin { .. } | Self::Allowed { .. } => {}
        }
        self
    }
}
