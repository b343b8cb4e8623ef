//! Invites: a link that leads a friend to the door of a session.
//!
//! `antiphon://join/<base64url>` holds a signed ticket: session, inviter, role, expiry, a secret and
//! addresses. Holding the link proves nothing to others: the joiner sends a hash of the secret bound to
//! both peers, and the owner still taps Allow.

use antiphon_identity::{DeviceKey, Domain, PeerId, Signature};
use antiphon_membership::Role;
use antiphon_model::SessionId;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::limits::INVITE_ADDRESSES_MAX;

const LINK_PREFIX: &str = "antiphon://join/";
const TICKET_VERSION: u8 = 1;
/// A link longer than this is not one of ours.
const LINK_CHARS_MAX: usize = 2_048;

/// An invite, as made by the owner or read from a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    pub session: SessionId,
    pub inviter: PeerId,
    pub role: Role,
    pub expires_unix_s: u64,
    pub secret: [u8; 16],
    pub addresses: Vec<String>,
}

/// Why a link does not open a door.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    #[error("this is not an invite link; one begins with {LINK_PREFIX}")]
    NotALink,
    #[error("the invite link is damaged or incomplete; copy it again")]
    Damaged,
    #[error("the invite was made by a newer version of Antiphon")]
    TooNew,
    #[error("the invite has expired; ask for a new one")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    version: u8,
    session: [u8; 16],
    inviter: [u8; 32],
    editor: bool,
    expires_unix_s: u64,
    secret: [u8; 16],
    addresses: Vec<String>,
}

impl Invite {
    /// The link, signed by the inviter.
    pub fn link(&self, key: &DeviceKey) -> String {
        let ticket = Ticket {
            version: TICKET_VERSION,
            session: self.session.0,
            inviter: self.inviter.0,
            editor: self.role != Role::Listener,
            expires_unix_s: self.expires_unix_s,
            secret: self.secret,
            addresses: self.addresses.iter().take(INVITE_ADDRESSES_MAX).cloned().collect(),
        };
        let bytes = postcard::to_stdvec(&ticket).unwrap_or_default();
        let signature = key.sign(Domain::Invite, &bytes);
        format!("{LINK_PREFIX}{}", BASE64URL_NOPAD.encode(&[&signature.0[..], &bytes].concat()))
    }

    /// Reads and checks a link at a moment.
    pub fn read(link: &str, now_unix_s: u64) -> Result<Self, InviteError> {
        let text = link.trim().strip_prefix(LINK_PREFIX).ok_or(InviteError::NotALink)?;
        if text.len() > LINK_CHARS_MAX {
            return Err(InviteError::Damaged);
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| InviteError::Damaged)?;
        let (signature, body) = bytes.split_first_chunk::<64>().ok_or(InviteError::Damaged)?;
        if body.first().is_some_and(|version| *version > TICKET_VERSION) {
            return Err(InviteError::TooNew);
        }
        let (ticket, rest) = postcard::take_from_bytes::<Ticket>(body).map_err(|_| InviteError::Damaged)?;
        let inviter = PeerId(ticket.inviter);
        let intact = rest.is_empty()
            && ticket.addresses.len() <= INVITE_ADDRESSES_MAX
            && inviter.verify(Domain::Invite, body, &Signature(*signature)).is_ok();
        if !intact {
            return Err(InviteError::Damaged);
        }
        if ticket.expires_unix_s < now_unix_s {
            return Err(InviteError::Expired);
        }
        Ok(Self {
            session: SessionId(ticket.session),
            inviter,
            role: if ticket.editor { Role::Editor } else { Role::Listener },
            expires_unix_s: ticket.expires_unix_s,
            secret: ticket.secret,
            addresses: ticket.addresses,
        })
    }

    /// What `joiner` shows to prove that they hold this invite; useless to anyone else.
    pub fn proof(&self, joiner: PeerId) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key("antiphon invite proof v1");
        hasher.update(&self.secret).update(&joiner.0).update(&self.inviter.0);
        *hasher.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn invite(key: &DeviceKey) -> Invite {
        Invite {
            session: SessionId([7; 16]),
            inviter: key.peer_id(),
            role: Role::Editor,
            expires_unix_s: 1_000,
            secret: [9; 16],
            addresses: vec!["/ip4/192.0.2.7/tcp/4001".into()],
        }
    }

    #[test]
    fn a_link_reads_back_until_it_expires() {
        let key = DeviceKey::from_seed(&[1; 32]);
        let link = invite(&key).link(&key);
        assert_eq!(Invite::read(&link, 1_000), Ok(invite(&key)));
        assert_eq!(Invite::read(&link, 1_001), Err(InviteError::Expired));
    }

    #[test]
    fn a_link_with_any_character_changed_is_refused() {
        let key = DeviceKey::from_seed(&[1; 32]);
        let link = invite(&key).link(&key);
        for at in LINK_PREFIX.len()..link.len() - 1 {
            let mut changed = link.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert!(Invite::read(std::str::from_utf8(&changed).unwrap(), 0).is_err(), "character {at}");
        }
    }

    #[test]
    fn a_proof_is_bound_to_the_joiner() {
        let key = DeviceKey::from_seed(&[1; 32]);
        let invite = invite(&key);
        assert_ne!(invite.proof(PeerId([1; 32])), invite.proof(PeerId([2; 32])));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,300}") {
            let _ = Invite::read(&format!("{LINK_PREFIX}{text}"), 0);
            let _ = Invite::read(&text, 0);
        }
    }
}
