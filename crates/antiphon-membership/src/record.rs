//! The records of a roster as plain values, and as the signed bytes they are stored and sent in.
//!
//! Signed bytes are a version byte, then the record in postcard. Nothing may follow it.

use std::fmt;

use antiphon_identity::{DeviceKey, Domain, PeerId, Signature, VerifyError};
use antiphon_model::SessionId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{limits::RECORD_BYTES_MAX, role::Role};

const VERSION: u8 = 1;

/// Names one grant. 128 random bits from the caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GrantId(pub [u8; 16]);

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GrantId({self})")
    }
}

/// The beginning of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Genesis {
    /// The session that begins.
    pub session: SessionId,
    /// Who made it: the only one to grant rights.
    pub owner: PeerId,
    /// When, by the owner's clock, in milliseconds since 1970.
    pub created_at_ms: u64,
}

/// A right of one device in one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The session it is for.
    pub session: SessionId,
    /// Names this grant.
    pub id: GrantId,
    /// Whose right it is.
    pub device: PeerId,
    /// The right.
    pub role: Role,
    /// When it was given, by the owner's clock, in milliseconds since 1970. Later grants replace earlier ones.
    pub issued_at_ms: u64,
}

/// A [`Genesis`] as signed by the owner it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedGenesis {
    /// The signed bytes.
    pub bytes: Vec<u8>,
    /// The owner's signature over them.
    pub signature: Signature,
}

/// A [`Grant`] as signed by the session's owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedGrant {
    /// The signed bytes.
    pub bytes: Vec<u8>,
    /// The owner's signature over them.
    pub signature: Signature,
}

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Larger than any record.
    #[error("the record has {bytes} bytes, at most {RECORD_BYTES_MAX} are allowed")]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
    /// Made by a newer version.
    #[error("the record has version {version}, newest known is {VERSION}")]
    TooNew {
        /// Its version byte.
        version: u8,
    },
    /// Truncated, extended or not a record at all.
    #[error("the record is malformed")]
    Malformed,
    /// Not signed by the one who had to.
    #[error("the record's signature is refused: {0}")]
    Signature(#[from] VerifyError),
}

#[derive(Serialize, Deserialize)]
struct GenesisForm {
    session: [u8; 16],
    owner: [u8; 32],
    created_at_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct GrantForm {
    session: [u8; 16],
    id: GrantId,
    device: [u8; 32],
    role: Role,
    issued_at_ms: u64,
}

impl SignedGenesis {
    /// Signs the beginning of a session; `key` is the owner's.
    pub fn sign(key: &DeviceKey, session: SessionId, created_at_ms: u64) -> Self {
        let form = GenesisForm { session: session.0, owner: key.peer_id().0, created_at_ms };
        let bytes = write(&form);
        let signature = key.sign(Domain::Genesis, &bytes);
        Self { bytes, signature }
    }

    /// Reads the record and checks that the owner it names signed it.
    pub fn open(&self) -> Result<Genesis, RecordError> {
        let form: GenesisForm = read(&self.bytes)?;
        let owner = PeerId(form.owner);
        owner.verify(Domain::Genesis, &self.bytes, &self.signature)?;
        Ok(Genesis { session: SessionId(form.session), owner, created_at_ms: form.created_at_ms })
    }
}

impl SignedGrant {
    /// Signs a grant; `key` is the owner's.
    pub fn sign(key: &DeviceKey, grant: &Grant) -> Self {
        let bytes = write(&GrantForm {
            session: grant.session.0,
            id: grant.id,
            device: grant.device.0,
            role: grant.role,
            issued_at_ms: grant.issued_at_ms,
        });
        let signature = key.sign(Domain::Grant, &bytes);
        Self { bytes, signature }
    }

    /// Reads the record and checks that `owner` signed it.
    pub fn open(&self, owner: PeerId) -> Result<Grant, RecordError> {
        let form: GrantForm = read(&self.bytes)?;
        owner.verify(Domain::Grant, &self.bytes, &self.signature)?;
        Ok(Grant {
            session: SessionId(form.session),
            id: form.id,
            device: PeerId(form.device),
            role: form.role,
            issued_at_ms: form.issued_at_ms,
        })
    }
}

fn write(form: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(form, vec![VERSION]).expect("a record of fixed size encodes")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RecordError> {
    if bytes.len() > RECORD_BYTES_MAX {
        return Err(RecordError::TooLarge { bytes: bytes.len() });
    }
    let (version, body) = bytes.split_first().ok_or(RecordError::Malformed)?;
    if *version != VERSION {
        return Err(RecordError::TooNew { version: *version });
    }
    match postcard::take_from_bytes(body) {
        Ok((form, [])) => Ok(form),
        _ => Err(RecordError::Malformed),
    }
}
