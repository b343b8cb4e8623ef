//! Device keys, peer ids, domain-separated signing and verifying; names for devices that have none.
//!
//! The one door to ed25519-dalek. Verification is strict and refuses weak keys, and every signature is for
//! one [`Domain`]:
//!
//! ```
//! use antiphon_identity::{DeviceKey, Domain};
//!
//! let key = DeviceKey::from_seed(&[7; 32]);
//! let signature = key.sign(Domain::Change, b"bytes");
//! assert!(key.peer_id().verify(Domain::Change, b"bytes", &signature).is_ok());
//! assert!(key.peer_id().verify(Domain::Grant, b"bytes", &signature).is_err());
//! ```
#![forbid(unsafe_code)]

mod key;
mod pseudonym;

pub use key::{DeviceKey, Domain, ParsePeerIdError, PeerId, Signature, VerifyError};
pub use pseudonym::{PSEUDONYM_COLOURS, Pseudonym, tell_apart};
