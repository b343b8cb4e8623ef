//! Device keys, peer ids, domain-separated signing and verifying.
#![forbid(unsafe_code)]

mod key;

pub use key::{DeviceKey, Domain, ParsePeerIdError, PeerId, Signature, VerifyError};
