//! A change with the proof of who made it and under which right.
//!
//! The signature covers the session, the device, the grant, the actor's number and the change bytes as they
//! are: none of them can be exchanged for another, and the bytes are never re-encoded to be verified.

use antiphon_identity::{DeviceKey, Domain, PeerId, Signature, VerifyError};
use antiphon_membership::{GrantId, actor_id};
use antiphon_model::SessionId;
use serde::{Deserialize, Serialize};

use crate::limits::{CHANGE_BYTES_MAX, ENVELOPE_BYTES_MAX};

/// A signed change, as it is sent and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The device that made the change.
    pub device: PeerId,
    /// The grant under which it did.
    pub grant: GrantId,
    /// Which of the device's actors under that grant.
    pub actor_n: u32,
    /// The Automerge change, as its author encoded it.
    pub change: Vec<u8>,
    /// The device's signature.
    pub signature: Signature,
}

/// Why bytes are not an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Over the limit.
    #[error("an envelope of {bytes} bytes, at most {ENVELOPE_BYTES_MAX} are allowed")]
    TooLarge {
        /// How many there are.
        bytes: usize,
    },
    /// Truncated, extended or something else.
    #[error("a malformed envelope")]
    Malformed,
}

#[derive(Serialize, Deserialize)]
struct Form<'a> {
    device: [u8; 32],
    grant: GrantId,
    actor_n: u32,
    #[serde(borrow)]
    change: &'a [u8],
    signature: ([u8; 32], [u8; 32]),
}

impl Envelope {
    /// Signs a change of ours.
    pub fn seal(key: &DeviceKey, session: SessionId, grant: GrantId, actor_n: u32, change: Vec<u8>) -> Self {
        let device = key.peer_id();
        let signature = key.sign(Domain::Change, &signed_bytes(session, device, grant, actor_n, &change));
        Self { device, grant, actor_n, change, signature }
    }

    /// Checks that the device it names signed it, for this session.
    pub fn verify(&self, session: SessionId) -> Result<(), VerifyError> {
        let bytes = signed_bytes(session, self.device, self.grant, self.actor_n, &self.change);
        self.device.verify(Domain::Change, &bytes, &self.signature)
    }

    /// The Automerge actor that the change must have.
    pub fn actor(&self) -> [u8; 32] {
        actor_id(self.device, self.grant, self.actor_n)
    }

    /// The envelope as it is sent and stored.
    pub fn encode(&self) -> Vec<u8> {
        let (mut low, mut high) = ([0; 32], [0; 32]);
        low.copy_from_slice(&self.signature.0[..32]);
        high.copy_from_slice(&self.signature.0[32..]);
        let form = Form {
            device: self.device.0,
            grant: self.grant,
            actor_n: self.actor_n,
            change: &self.change,
            signature: (low, high),
        };
        postcard::to_stdvec(&form).expect("plain bytes encode")
    }

    /// The inverse of [`Self::encode`]; nothing is verified yet.
    pub fn decode(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(EnvelopeError::TooLarge { bytes: bytes.len() });
        }
        let Ok((form, [])) = postcard::take_from_bytes::<Form<'_>>(bytes) else {
            return Err(EnvelopeError::Malformed);
        };
        if form.change.len() > CHANGE_BYTES_MAX {
            return Err(EnvelopeError::TooLarge { bytes: form.change.len() });
        }
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&form.signature.0);
        signature[32..].copy_from_slice(&form.signature.1);
        Ok(Self {
            device: PeerId(form.device),
            grant: form.grant,
            actor_n: form.actor_n,
            change: form.change.to_vec(),
            signature: Signature(signature),
        })
    }
}

fn signed_bytes(session: SessionId, device: PeerId, grant: GrantId, actor_n: u32, change: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16 + 32 + 16 + 4 + change.len());
    bytes.extend_from_slice(&session.0);
    bytes.extend_from_slice(&device.0);
    bytes.extend_from_slice(&grant.0);
    bytes.extend_from_slice(&actor_n.to_le_bytes());
    bytes.extend_from_slice(change);
    bytes
}
