//! The verified set of a session's records.

use std::collections::BTreeMap;

use antiphon_identity::{DeviceKey, PeerId, Signature};
use antiphon_model::SessionId;
use serde::{Deserialize, Serialize};

use crate::{
    limits::{GRANTS_MAX, ROSTER_BYTES_MAX},
    record::{Genesis, Grant, GrantId, RecordError, SignedGenesis, SignedGrant},
    role::Role,
};

/// Everybody's rights in one session. Every record in it has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    genesis: Genesis,
    signed_genesis: SignedGenesis,
    grants: BTreeMap<GrantId, (Grant, SignedGrant)>,
    /// The grant that says each device's role.
    newest: BTreeMap<PeerId, GrantId>,
}

/// Why a record does not belong in a roster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// The record itself is refused.
    #[error(transparent)]
    Record(RecordError),
    /// From a newer version of Antiphon.
    #[error("a record has version {version}: it was made by a newer Antiphon")]
    TooNew {
        /// Its version byte.
        version: u8,
    },
    /// Signed for another session.
    #[error("the grant is for session {found}, not {expected}")]
    OtherSession {
        /// Its session.
        found: SessionId,
        /// Ours.
        expected: SessionId,
    },
    /// There is one owner, who cannot become something else.
    #[error("a session has one owner, named when it was made")]
    OwnerIsFixed,
    /// Someone else tried to grant.
    #[error("only the session's owner grants roles")]
    NotOwner,
    /// No room.
    #[error("a session holds at most {GRANTS_MAX} grants")]
    Full,
    /// The bytes are not a roster.
    #[error("the stored roster is malformed")]
    Malformed,
}

impl From<RecordError> for RosterError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::TooNew { version } => Self::TooNew { version },
            other => Self::Record(other),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct SignedForm(Vec<u8>, [u8; 32], [u8; 32]);

#[derive(Serialize, Deserialize)]
struct RosterForm {
    genesis: SignedForm,
    grants: Vec<SignedForm>,
}

impl Roster {
    /// Begins a session: `key` becomes its owner, under the grant `owner_grant`.
    pub fn found(key: &DeviceKey, session: SessionId, created_at_ms: u64, owner_grant: GrantId) -> Self {
        let signed_genesis = SignedGenesis::sign(key, session, created_at_ms);
        let genesis = Genesis { session, owner: key.peer_id(), created_at_ms };
        let grant = Grant {
            session,
            id: owner_grant,
            device: genesis.owner,
            role: Role::Owner,
            issued_at_ms: created_at_ms,
        };
        let signed = SignedGrant::sign(key, &grant);
        let mut roster = Self { genesis, signed_genesis, grants: BTreeMap::new(), newest: BTreeMap::new() };
        roster.insert(grant, signed);
        roster
    }

    /// Verifies records that were stored or received.
    pub fn from_parts(
        genesis: SignedGenesis,
        grants: impl IntoIterator<Item = SignedGrant>,
    ) -> Result<Self, RosterError> {
        let opened = genesis.open()?;
        let mut roster = Self {
            genesis: opened,
            signed_genesis: genesis,
            grants: BTreeMap::new(),
            newest: BTreeMap::new(),
        };
        for grant in grants {
            roster.admit(grant)?;
        }
        Ok(roster)
    }

    /// Gives `device` a role; `key` must be the owner's and `id` fresh random bits.
    ///
    /// The grant is newer than any that the device holds, even where the owner's clock went back.
    pub fn grant(
        &mut self,
        key: &DeviceKey,
        device: PeerId,
        role: Role,
        id: GrantId,
        now_ms: u64,
    ) -> Result<SignedGrant, RosterError> {
        if key.peer_id() != self.genesis.owner {
            return Err(RosterError::NotOwner);
        }
        let after = self.newest_grant(device).map_or(0, |grant| grant.issued_at_ms.saturating_add(1));
        let grant =
            Grant { session: self.genesis.session, id, device, role, issued_at_ms: now_ms.max(after) };
        self.check(&grant)?;
        let signed = SignedGrant::sign(key, &grant);
        self.insert(grant, signed.clone());
        Ok(signed)
    }

    /// Takes in a grant that was received. `false` where it says nothing new.
    pub fn admit(&mut self, signed: SignedGrant) -> Result<bool, RosterError> {
        if self.grants.values().any(|(_, known)| *known == signed) {
            return Ok(false);
        }
        let grant = signed.open(self.genesis.owner)?;
        self.check(&grant)?;
        Ok(self.insert(grant, signed))
    }

    /// The session.
    pub fn session(&self) -> SessionId {
        self.genesis.session
    }

    /// Who made the session.
    pub fn owner(&self) -> PeerId {
        self.genesis.owner
    }

    /// How the session began.
    pub fn genesis(&self) -> Genesis {
        self.genesis
    }

    /// The role of a member; `None` for everybody else.
    pub fn role_of(&self, device: PeerId) -> Option<Role> {
        self.newest_grant(device).map(|grant| grant.role)
    }

    /// The grant that says a member's role, under which that member edits now.
    pub fn grant_of(&self, device: PeerId) -> Option<GrantId> {
        self.newest.get(&device).copied()
    }

    /// The grant with this id.
    pub fn grant_by_id(&self, id: GrantId) -> Option<&Grant> {
        self.grants.get(&id).map(|(grant, _)| grant)
    }

    /// Every member with its role, by device.
    pub fn members(&self) -> impl Iterator<Item = (PeerId, Role)> + '_ {
        self.newest.iter().filter_map(|(device, id)| Some((*device, self.grants.get(id)?.0.role)))
    }

    /// The records, to be stored or sent: the genesis, then the grants by id.
    pub fn parts(&self) -> (SignedGenesis, Vec<SignedGrant>) {
        let grants = self.grants.values().map(|(_, signed)| signed.clone()).collect();
        (self.signed_genesis.clone(), grants)
    }

    /// Equal for two rosters exactly when they hold the same records.
    pub fn digest(&self) -> [u8; 32] {
        *blake3::hash(&self.to_bytes()).as_bytes()
    }

    /// The records as one value for a store or a frame.
    pub fn to_bytes(&self) -> Vec<u8> {
        let form = RosterForm {
            genesis: to_form(&self.signed_genesis.bytes, &self.signed_genesis.signature),
            grants: self.grants.values().map(|(_, s)| to_form(&s.bytes, &s.signature)).collect(),
        };
        postcard::to_stdvec(&form).expect("a bounded roster encodes")
    }

    /// The inverse of [`Self::to_bytes`]; everything is verified again.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RosterError> {
        let (genesis, grants) = Self::parts_from_bytes(bytes)?;
        Self::from_parts(genesis, grants)
    }

    /// The records in a value of [`Self::to_bytes`], not verified.
    pub fn parts_from_bytes(bytes: &[u8]) -> Result<(SignedGenesis, Vec<SignedGrant>), RosterError> {
        if bytes.len() > ROSTER_BYTES_MAX {
            return Err(RosterError::Malformed);
        }
        let Ok((form, [])) = postcard::take_from_bytes::<RosterForm>(bytes) else {
            return Err(RosterError::Malformed);
        };
        if form.grants.len() > GRANTS_MAX {
            return Err(RosterError::Full);
        }
        let (bytes, signature) = from_form(form.genesis);
        let grants = form.grants.into_iter().map(|grant| {
            let (bytes, signature) = from_form(grant);
            SignedGrant { bytes, signature }
        });
        Ok((SignedGenesis { bytes, signature }, grants.collect()))
    }

    fn newest_grant(&self, device: PeerId) -> Option<&Grant> {
        self.grant_by_id(self.grant_of(device)?)
    }

    fn check(&self, grant: &Grant) -> Result<(), RosterError> {
        if grant.session != self.genesis.session {
            return Err(RosterError::OtherSession { found: grant.session, expected: self.genesis.session });
        }
        if (grant.role == Role::Owner) != (grant.device == self.genesis.owner) {
            return Err(RosterError::OwnerIsFixed);
        }
        if self.grants.len() >= GRANTS_MAX && !self.grants.contains_key(&grant.id) {
            return Err(RosterError::Full);
        }
        Ok(())
    }

    /// Keeps a checked grant. Two records under one id are a fault of the owner's: the greater one stays, so
    /// that all peers keep the same.
    fn insert(&mut self, grant: Grant, signed: SignedGrant) -> bool {
        let rank = |grant: &Grant, signed: &SignedGrant| {
            (grant.issued_at_ms, signed.bytes.clone(), signed.signature.0)
        };
        if let Some((old, old_signed)) = self.grants.get(&grant.id)
            && rank(old, old_signed) >= rank(&grant, &signed)
        {
            return false;
        }
        self.grants.insert(grant.id, (grant, signed));
        self.newest.clear();
        let mut by_age: Vec<&Grant> = self.grants.values().map(|(grant, _)| grant).collect();
        by_age.sort_by_key(|grant| (grant.issued_at_ms, grant.id));
        self.newest.extend(by_age.into_iter().map(|grant| (grant.device, grant.id)));
        true
    }
}

/// The Automerge actor of a device under a grant. `n` tells its runs apart: a device takes a fresh one
/// whenever it cannot know that it remembers everything it ever sent, as a sequence number is never reused.
pub fn actor_id(device: PeerId, grant: GrantId, n: u32) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("antiphon 2026 actor of device and grant v1");
    hasher.update(&device.0).update(&grant.0).update(&n.to_le_bytes());
    *hasher.finalize().as_bytes()
}

fn to_form(bytes: &[u8], signature: &Signature) -> SignedForm {
    let (mut low, mut high) = ([0; 32], [0; 32]);
    low.copy_from_slice(&signature.0[..32]);
    high.copy_from_slice(&signature.0[32..]);
    SignedForm(bytes.to_vec(), low, high)
}

fn from_form(form: SignedForm) -> (Vec<u8>, Signature) {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&form.1);
    signature[32..].copy_from_slice(&form.2);
    (form.0, Signature(signature))
}
