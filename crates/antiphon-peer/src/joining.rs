//! Coming together: who is let in, and members that find one another again.
//!
//! Two peers that show the same session exchange what they need to recognise each other: a member that
//! the other does not know brings its roster, whose grants the owner signed. So a member comes back
//! without asking, through any other member, while the owner is away. A stranger waits for the owner's yes.

use antiphon_identity::PeerId;
use antiphon_membership::{GrantId, Role, Roster};
use antiphon_model::SessionId;
use antiphon_sync::Now;

use crate::{
    command::Done,
    contact::{Contact, Standing},
    effect::{Change, Effect, Notice},
    error::CommandError,
    invite::Invite,
    jam::Jam,
    limits::{INVITE_SECONDS, INVITES_MAX, JOIN_REQUESTS_MAX},
    peer::Peer,
    wire::ControlFrame,
};

/// Someone who waits at the door of my session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinRequest {
    /// The proof of the invite that they came with, where it is one of mine.
    pub invite: Option<[u8; 32]>,
}

/// The session that I ask to be let into.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    /// Whom I ask.
    peer: PeerId,
    /// `None` until the peer's hello shows it.
    session: Option<SessionId>,
    invite: Option<Invite>,
    actor_n: u32,
    asked: bool,
}

impl Asking {
    /// Still looking for the peer of an invite?
    pub(crate) fn is_dialling(&self) -> bool {
        self.invite.is_some() && !self.asked
    }
}

impl Peer {
    /// Asks a connected peer for its session.
    pub(crate) fn ask_to_join(&mut self, peer: PeerId, actor_n: u32) -> Result<(), CommandError> {
        let contact = self.contacts.get(&peer).ok_or(CommandError::NotConnected)?;
        let session = contact.session().ok_or(CommandError::NothingShown)?;
        self.asking = Some(Asking { peer, session: Some(session), invite: None, actor_n, asked: false });
        self.follow_up(peer);
        Ok(())
    }

    /// Goes where an invite link leads, and asks there.
    pub(crate) fn follow_invite(&mut self, link: &str, actor_n: u32, now: Now) -> Result<(), CommandError> {
        let invite = Invite::read(link, now.unix_ms / 1_000)?;
        let peer = invite.inviter;
        if !self.contacts.contains_key(&peer) {
            for address in &invite.addresses {
                self.effects.push_back(Effect::Dial { address: address.clone() });
            }
        }
        let session = Some(invite.session);
        self.asking = Some(Asking { peer, session, invite: Some(invite), actor_n, asked: false });
        self.follow_up(peer);
        Ok(())
    }

    /// Asks as soon as the peer is there and has said hello.
    pub(crate) fn follow_up(&mut self, peer: PeerId) {
        let me = self.key.peer_id();
        let Some(contact) = self.contacts.get_mut(&peer).filter(|contact| contact.is_compatible()) else {
            return;
        };
        let Some(asking) = self.asking.as_mut().filter(|asking| asking.peer == peer && !asking.asked) else {
            return;
        };
        let Some(session) = asking.session.or_else(|| contact.session()) else { return };
        asking.asked = true;
        asking.session = Some(session);
        contact.standing = Standing::Asking;
        let proof = asking.invite.as_ref().map(|invite| invite.proof(me));
        self.send(peer, &ControlFrame::AskJoin { session: session.0, proof, roster: None });
        self.tell(Change::Nearby);
    }

    /// Someone asks to be let in, or a member introduces itself.
    pub(crate) fn asked(
        &mut self,
        peer: PeerId,
        session: SessionId,
        proof: Option<[u8; 32]>,
        roster: Option<Vec<u8>>,
        now: Now,
    ) {
        let Some(jam) = self.jam.as_mut().filter(|jam| jam.id() == session) else {
            return self.refuse(peer, session, "that session is not open here any more");
        };
        if let Some(bytes) = roster {
            jam.merge_roster(&bytes, now);
        }
        if jam.sync.roster().role_of(peer).is_some() {
            let roster = jam.sync.roster().to_bytes();
            self.send(peer, &ControlFrame::Allowed { session: session.0, roster });
            return self.meet(peer, now);
        }
        if jam.role() != Role::Owner {
            return self.refuse(peer, session, "only the owner can let you in, and this is another member");
        }
        let invite = proof.filter(|proof| self.has_invite(peer, *proof, now));
        if self.requests.len() >= JOIN_REQUESTS_MAX && !self.requests.contains_key(&peer) {
            return self.refuse(peer, session, "too many people ask at once; try again in a moment");
        }
        self.requests.insert(peer, JoinRequest { invite });
        self.tell(Change::JoinRequests);
    }

    /// Does the proof belong to an invite that is still open?
    fn has_invite(&self, peer: PeerId, proof: [u8; 32], now: Now) -> bool {
        let open = |invite: &&Invite| invite.expires_unix_s >= now.unix_ms / 1_000;
        self.invites.iter().filter(open).any(|invite| invite.proof(peer) == proof)
    }

    fn refuse(&mut self, peer: PeerId, session: SessionId, reason: &str) {
        self.send(peer, &ControlFrame::Refused { session: session.0, reason: reason.to_owned() });
    }

    /// The owner's yes or no.
    pub(crate) fn answer_join(
        &mut self,
        peer: PeerId,
        role: Option<Role>,
        id: GrantId,
        now: Now,
    ) -> Result<(), CommandError> {
        let jam = self.jam.as_mut().ok_or(CommandError::NoSession)?;
        if jam.role() != Role::Owner {
            return Err(CommandError::NotOwner);
        }
        let request = self.requests.get(&peer).copied().ok_or(CommandError::NobodyAsks)?;
        let session = jam.id();
        match role {
            None => self.refuse(peer, session, "the owner said no"),
            Some(role) => {
                jam.sync.grant(peer, role, id, now)?;
                let roster = jam.sync.roster().to_bytes();
                if let Some(used) = request.invite {
                    // An invite is used once.
                    self.invites.retain(|invite| invite.proof(peer) != used);
                }
                self.send(peer, &ControlFrame::Allowed { session: session.0, roster });
                self.meet(peer, now);
            }
        }
        self.requests.remove(&peer);
        self.tell(Change::JoinRequests);
        Ok(())
    }

    /// We are let in, or a member shows us the roster.
    pub(crate) fn allowed(&mut self, peer: PeerId, session: SessionId, roster: &[u8], now: Now) {
        if let Some(jam) = self.jam.as_mut().filter(|jam| jam.id() == session) {
            jam.merge_roster(roster, now);
            return self.meet(peer, now);
        }
        let asked = |asking: &Asking| asking.peer == peer && asking.session == Some(session);
        let Some(asking) = self.asking.take_if(|asking| asked(asking)) else { return };
        let me = self.key.peer_id();
        match Roster::from_bytes(roster) {
            Ok(roster) if roster.session() == session && roster.role_of(me).is_some() => {
                let jam = Jam::join(self.sync_config(asking.actor_n), roster, &self.map, now);
                let by = self.name_of(peer);
                self.open(jam, now);
                self.tell(Change::Notice(Notice::Joined { by }));
            }
            _ => self.refused(peer, session, "their answer could not be verified".into()),
        }
    }

    pub(crate) fn refused(&mut self, peer: PeerId, session: SessionId, reason: String) {
        let asked =
            self.asking.take_if(|asking| asking.peer == peer && asking.session == Some(session)).is_some();
        let Some(contact) =
            self.contacts.get_mut(&peer).filter(|contact| asked || contact.standing == Standing::Asking)
        else {
            return;
        };
        contact.standing = Standing::Refused { reason: reason.clone() };
        let by = self.name_of(peer);
        self.tell(Change::Notice(Notice::JoinRefused { by, reason }));
        self.tell(Change::Nearby);
    }

    /// Opens the door for whoever brings the link.
    pub(crate) fn make_invite(
        &mut self,
        secret: [u8; 16],
        role: Role,
        addresses: Vec<String>,
        now: Now,
    ) -> Result<Done, CommandError> {
        let jam = self.jam.as_ref().ok_or(CommandError::NoSession)?;
        if jam.role() != Role::Owner {
            return Err(CommandError::NotOwner);
        }
        let now_s = now.unix_ms / 1_000;
        let expires_unix_s = now_s + INVITE_SECONDS;
        let inviter = self.key.peer_id();
        let invite = Invite { session: jam.id(), inviter, role, expires_unix_s, secret, addresses };
        let link = invite.link(&self.key);
        self.invites.retain(|invite| invite.expires_unix_s >= now_s);
        if self.invites.len() >= INVITES_MAX {
            self.invites.remove(0);
        }
        self.invites.push(invite);
        Ok(Done::Invite { link, seconds: INVITE_SECONDS })
    }

    /// Tells sync of every connected member.
    pub(crate) fn meet_all(&mut self, now: Now) {
        let peers: Vec<PeerId> = self.contacts.keys().copied().collect();
        for peer in peers {
            self.meet(peer, now);
        }
    }

    /// Brings a connected peer into the open session, if it belongs there and has it open.
    pub(crate) fn meet(&mut self, peer: PeerId, now: Now) {
        let Some(contact) = self.contacts.get_mut(&peer) else { return };
        let Some(jam) = &mut self.jam else { return };
        let together = contact.is_compatible() && contact.session() == Some(jam.id());
        let is_member = jam.sync.roster().role_of(peer).is_some();
        if is_member {
            contact.standing = Standing::Member;
        }
        match (together, is_member) {
            (true, true) => {
                jam.meet(peer, now);
            }
            // Not known to us: perhaps a member let in while we were away. We show ours; it answers with its own.
            (true, false) => {
                if jam.introduced.insert(peer) {
                    let (session, roster) = (jam.id().0, Some(jam.sync.roster().to_bytes()));
                    self.send(peer, &ControlFrame::AskJoin { session, proof: None, roster });
                }
            }
            (false, _) => {
                if jam.here.remove(&peer) {
                    jam.sync.peer_down(peer, now);
                }
            }
        }
        self.tell(Change::Members);
    }

    pub(crate) fn name_of(&self, peer: PeerId) -> String {
        self.contacts.get(&peer).and_then(Contact::name).unwrap_or_else(|| peer.short())
    }
}
