//! What the interface reads of a peer.

use std::sync::Arc;

use antiphon_identity::PeerId;
use antiphon_membership::Role;
use antiphon_model::{Name, SampleId, SessionId, Song, TrackId};
use antiphon_timeline::{HostTime, Run, SessionMap, SessionTime, Tempo, Transport};

use crate::{
    contact::{Contact, Nearby},
    joining::JoinRequest,
    peer::Peer,
};

/// Someone who belongs to the open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub peer: PeerId,
    /// As told by themselves; `None` while they were never met.
    pub name: Option<String>,
    pub role: Role,
    pub me: bool,
    pub here: bool,
    pub track: Option<TrackId>,
    pub step: Option<u16>,
    pub differs: Option<String>,
}

impl Peer {
    /// Who this peer is.
    pub fn id(&self) -> PeerId {
        self.key.peer_id()
    }

    /// The name that others see.
    pub fn name(&self) -> &Name {
        &self.config.name
    }

    /// The open session.
    pub fn session(&self) -> Option<SessionId> {
        self.jam.as_ref().map(|jam| jam.id())
    }

    /// The song of the open session.
    pub fn song(&self) -> Option<&Arc<Song>> {
        self.jam.as_ref().map(|jam| jam.song())
    }

    /// Has the open session's beginning arrived? False for a moment after joining.
    pub fn has_arrived(&self) -> bool {
        self.jam.as_ref().is_some_and(|jam| jam.sync.has_begun())
    }

    /// My role in the open session.
    pub fn role(&self) -> Option<Role> {
        self.jam.as_ref().map(|jam| jam.role())
    }

    /// The beat that the open session is a remix of.
    pub fn parent(&self) -> Option<[u8; 32]> {
        self.jam.as_ref()?.parent
    }

    /// The session clock.
    pub fn map(&self) -> SessionMap {
        self.map
    }

    /// Session time at a host time.
    pub fn session_time(&self, host: HostTime) -> SessionTime {
        self.map.to_session(host)
    }

    /// The shared transport, and the run that is about to take over, if one is.
    pub fn transport(&self, host: HostTime) -> Option<(Transport, Option<Run>)> {
        let now = self.session_time(host);
        let transport = &self.jam.as_ref()?.transport;
        Some((transport.at(now), transport.upcoming(now)))
    }

    /// Who moved the transport last (played, stopped, went elsewhere), when it was not me.
    pub fn pressed_by(&self) -> Option<PeerId> {
        self.jam.as_ref()?.transport.moved_by().filter(|peer| *peer != self.id())
    }

    /// The tempo that plays, or would.
    pub fn tempo(&self, host: HostTime) -> Option<Tempo> {
        Some(self.jam.as_ref()?.transport.tempo(self.session_time(host)))
    }

    /// When the transport changes by itself next.
    pub fn next_transport_change(&self, host: HostTime) -> Option<SessionTime> {
        self.jam.as_ref()?.transport.next_change(self.session_time(host))
    }

    /// What undo and redo would do.
    pub fn history(&self) -> (Option<String>, Option<String>) {
        let Some(jam) = &self.jam else { return (None, None) };
        let document = jam.sync.document();
        (document.undo_label().map(str::to_owned), document.redo_label().map(str::to_owned))
    }

    /// Everyone in the open session: me first, then those who are here.
    pub fn members(&self) -> Vec<Member> {
        let Some(jam) = &self.jam else { return Vec::new() };
        let mut members: Vec<Member> =
            jam.sync.roster().members().map(|(peer, role)| self.member(peer, role)).collect();
        members.sort_by_key(|member| (!member.me, !member.here, member.peer));
        members
    }

    fn member(&self, peer: PeerId, role: Role) -> Member {
        let contact = self.contacts.get(&peer);
        let me = peer == self.id();
        let presence = self.jam.as_ref().and_then(|jam| jam.presences.get(&peer));
        let name =
            if me { Some(self.config.name.as_str().to_owned()) } else { contact.and_then(Contact::name) };
        Member {
            peer,
            name: name.or_else(|| presence.map(|presence| presence.name.as_str().to_owned())),
            role,
            me,
            here: me || self.jam.as_ref().is_some_and(|jam| jam.here.contains(&peer)),
            track: presence.and_then(|presence| presence.track),
            step: presence.and_then(|presence| presence.step),
            differs: contact.and_then(|contact| contact.differs(self.config.engine)),
        }
    }

    /// Connected peers that show themselves.
    pub fn nearby(&self) -> Vec<Nearby> {
        self.contacts.iter().filter_map(|(peer, contact)| contact.nearby(*peer, self.config.engine)).collect()
    }

    /// Those who wait at the door.
    pub fn join_requests(&self) -> Vec<(PeerId, String, JoinRequest)> {
        self.requests.iter().map(|(peer, request)| (*peer, self.name_of(*peer), *request)).collect()
    }

    /// How much of a sample has arrived, 0 to 1; `None` where it is not on its way.
    pub fn sample_progress(&self, sample: SampleId) -> Option<f64> {
        self.jam.as_ref()?.arriving.get(&sample).copied()
    }
}
