//! What happens between a session and its peers: connections, frames and time.

use antiphon_document::ActorId;
use antiphon_identity::PeerId;
use antiphon_membership::{Roster, RosterError};
use antiphon_model::SessionId;
use antiphon_timeline::HostTime;

use crate::{
    envelope::Envelope,
    gate::{self, Verdict, Violation},
    limits::{
        ACK_EVERY_BYTES, BATCH_BYTES, BATCH_CHANGES_MAX, LINKS_MAX, LIVE_CHANGES_BURST,
        LIVE_CHANGES_PER_SECOND, QUARANTINE_MAX, STRANGER_FRAMES_MAX, WINDOW_BYTES,
    },
    link::{ACK_AFTER_NS, ASK_GAP_NS, Link, PRESENCE_EVERY_NS, PRESENCE_GAP_NS, Phase, TOGETHER_NS},
    output::{Fault, SyncOutput, Versions},
    pace::Pace,
    presence::Presence,
    session::{Now, SessionSync},
    wire::{Batch, BlobMessage, Digest, Have, Hello, Message, PROTOCOL_VERSION},
};

/// How a change came, which says whether its author's pace counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Unasked.
    Live,
    /// In answer to our list.
    Asked,
}

impl SessionSync {
    /// A peer is connected; the transport has proven who it is.
    pub fn peer_up(&mut self, peer: PeerId, now: Now) {
        if peer == self.me() || self.links.len() >= LINKS_MAX {
            return;
        }
        self.peer_down(peer, now);
        self.links.insert(peer, Link::new(self.me() > peer, now.host));
        self.greet(peer);
    }

    /// A peer is gone. Everything under way with it is forgotten; it begins anew when it comes back.
    pub fn peer_down(&mut self, peer: PeerId, now: Now) {
        if let Some(link) = self.links.remove(&peer) {
            self.blobs.peer_gone(peer, now.host, &mut self.outputs);
            if link.is_open() {
                self.company_changed(now.host);
            }
        }
    }

    /// A frame on the sync channel.
    pub fn handle_frame(&mut self, peer: PeerId, frame: &[u8], now: Now) {
        let is_member = self.roster.role_of(peer).is_some();
        let Some(link) = self.links.get_mut(&peer) else { return };
        if link.phase == Phase::Faulted {
            return;
        }
        if !link.frames.take(now.host) {
            return self.fault(peer, Fault::TooMuch, now);
        }
        let Ok(message) = Message::decode(frame, link.is_newer) else {
            return self.fault(peer, Fault::Garbage, now);
        };
        match message {
            Message::Hello(hello) => return self.handle_hello(peer, hello, now),
            Message::Roster(bytes) if link.hello.is_some() && link.phase != Phase::Elsewhere => {
                return self.handle_roster(peer, bytes, now);
            }
            _ => {}
        }
        if !link.is_open() {
            // Frames of a session that the peer or we just left are still under way; a stranger has no
            // business to send any.
            link.stranger_frames += u32::from(!is_member);
            if link.stranger_frames > STRANGER_FRAMES_MAX {
                self.fault(peer, Fault::TooMuch, now);
            }
            return;
        }
        match message {
            Message::Digest(digest) => self.handle_digest(peer, digest, now),
            Message::Have(have) => self.handle_have(peer, &have, now),
            Message::Live(envelope) => {
                self.receive(peer, envelope, Way::Live, now);
                self.count_received(peer, frame.len(), false, now);
            }
            Message::Batch(batch) => {
                self.handle_batch(peer, &batch, now);
                self.count_received(peer, frame.len(), true, now);
            }
            Message::Ack { bytes } => self.handle_ack(peer, bytes, now),
            Message::Presence(form) => {
                if link.presences.take(now.host) {
                    let presence = Presence::read(&form);
                    self.outputs.push_back(SyncOutput::Presence { peer, presence });
                }
            }
            Message::Company(form) => self.handle_company(peer, &form, now),
            Message::Hello(_) | Message::Roster(_) | Message::Unknown => {}
        }
    }

    /// A frame on the blob channel.
    pub fn handle_blob_frame(&mut self, peer: PeerId, frame: &[u8], now: Now) {
        let Some(link) = self.links.get_mut(&peer) else { return };
        if !link.is_open() {
            return;
        }
        if !link.frames.take(now.host) {
            return self.fault(peer, Fault::TooMuch, now);
        }
        let Ok(message) = BlobMessage::decode(frame, link.is_newer) else {
            return self.fault(peer, Fault::Garbage, now);
        };
        if let Err(fault) = self.blobs.handle(peer, message, now.host, &mut self.outputs) {
            self.fault(peer, fault, now);
        }
    }

    /// Performs what is due at `now`.
    pub fn handle_timeout(&mut self, now: Now) {
        let due = |at: HostTime| at <= now.host;
        for peer in self.open_links().collect::<Vec<_>>() {
            let Some(link) = self.links.get(&peer) else { continue };
            let compares = due(link.digest_at);
            let (asks, acknowledges, tells, shows) = (
                link.receiving.ask_at.is_some_and(due),
                link.receiving.acknowledge_at.is_some_and(due),
                link.company_at.is_some_and(due),
                due(link.presence_at) || compares && link.presence_at <= now.host + TOGETHER_NS,
            );
            if acknowledges {
                self.acknowledge(peer);
            }
            if asks {
                self.ask(peer, now);
            }
            if compares {
                self.compare(peer, now);
            }
            if tells {
                self.tell_company(peer);
            }
            if shows {
                self.show_presence(peer, now.host);
            }
        }
        self.blobs.handle_timeout(now.host, &mut self.outputs);
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<HostTime> {
        let links = self.links.values().filter_map(|link| link.due(self.presence.is_some()));
        links.chain(self.blobs.due()).min()
    }

    pub(crate) fn presence_changed(&mut self, now: HostTime) {
        for link in self.links.values_mut() {
            // `presence_at` lies a repetition after the last one; a change may follow after the least gap.
            let earliest = (link.presence_at + (PRESENCE_GAP_NS - PRESENCE_EVERY_NS)).max(now);
            link.presence_at = link.presence_at.min(earliest);
        }
    }

    /// Follows a roster that grew; `from` told us.
    pub(crate) fn roster_changed(&mut self, from: Option<PeerId>, now: Now) {
        self.take_up_grant();
        let roster = self.roster.to_bytes();
        self.outputs.push_back(SyncOutput::StoreRoster { roster: roster.clone() });
        self.outputs.push_back(SyncOutput::RosterChanged);
        for peer in self.open_links().filter(|peer| Some(*peer) != from).collect::<Vec<_>>() {
            self.send(peer, &Message::Roster(&roster));
        }
        for peer in self.links.keys().copied().collect::<Vec<_>>() {
            self.greet(peer);
            self.open(peer, now);
        }
    }

    /// Passes a change on to every open link whose peer is not known to have it, nor to get it from `from`.
    pub(crate) fn broadcast(&mut self, actor: [u8; 32], seq: u64, from: Option<PeerId>) {
        let Some(envelope) = self.log.envelope_of(&actor, seq) else { return };
        let place = self.log.place_of(&actor, seq);
        let frame = Message::Live(envelope).encode();
        let covered = from.map(|from| self.covered_by(from)).unwrap_or_default();
        for (peer, link) in &mut self.links {
            if Some(*peer) == from {
                link.sending.learn(actor, seq);
            }
            if !link.is_open() || link.sending.knows(&actor, seq) || covered.contains(peer) {
                continue;
            }
            if link.sending.answering {
                // Behind what is being sent, so that order is kept.
                link.sending.backlog.extend(place);
            } else if !link.sending.behind && link.sending.has_room(frame.len()) {
                link.sending.in_flight += frame.len() as u64;
                link.sending.learn(actor, seq);
                self.outputs.push_back(SyncOutput::Send { peer: *peer, frame: frame.clone() });
            } else {
                link.sending.behind = true;
            }
        }
    }

    /// Says hello to a member that has not heard it.
    fn greet(&mut self, peer: PeerId) {
        let is_member = self.roster.role_of(peer).is_some();
        if let Some(link) = self.links.get_mut(&peer).filter(|link| is_member && !link.greeted) {
            link.greeted = true;
            self.say_hello(peer, false);
        }
    }

    fn say_hello(&mut self, peer: PeerId, answer: bool) {
        let hello = Hello {
            protocol: PROTOCOL_VERSION,
            engine: self.config.engine_version,
            session: self.session().0,
            answer,
        };
        self.send(peer, &Message::Hello(hello));
    }

    fn handle_hello(&mut self, peer: PeerId, hello: Hello, now: Now) {
        let is_member = self.roster.role_of(peer).is_some();
        let session = self.session();
        let Some(link) = self.links.get_mut(&peer) else { return };
        if !link.hellos.take(now.host) {
            return self.fault(peer, Fault::TooMuch, now);
        }
        link.is_newer = hello.protocol > PROTOCOL_VERSION;
        if !hello.answer && is_member {
            self.say_hello(peer, true);
        }
        let Some(link) = self.links.get_mut(&peer) else { return };
        if hello.session != session.0 {
            link.phase = Phase::Elsewhere;
            link.hello = None;
            self.blobs.peer_gone(peer, now.host, &mut self.outputs);
            self.company_changed(now.host);
            let session = SessionId(hello.session);
            return self.outputs.push_back(SyncOutput::Elsewhere { peer, session });
        }
        link.hello = Some(hello);
        let versions = Versions {
            protocol: hello.protocol,
            engine: hello.engine,
            same_protocol: hello.protocol == PROTOCOL_VERSION,
            same_engine: hello.engine == self.config.engine_version,
        };
        if link.versions.replace(versions) != Some(versions) {
            self.outputs.push_back(SyncOutput::Versions { peer, versions });
        }
        // One that says hello by itself has nothing of ours any more.
        if !hello.answer || link.phase == Phase::Elsewhere {
            link.phase = Phase::Greeting;
        }
        self.open(peer, now);
    }

    /// Opens a link whose two sides have said hello as members.
    fn open(&mut self, peer: PeerId, now: Now) {
        let is_member = self.roster.role_of(peer).is_some();
        let Some(link) = self.links.get_mut(&peer) else { return };
        if !is_member || link.hello.is_none() || link.phase != Phase::Greeting {
            return;
        }
        link.reopen(now.host);
        self.company_changed(now.host);
        let roster = self.roster.to_bytes();
        self.send(peer, &Message::Roster(&roster));
        self.ask(peer, now);
        self.show_presence(peer, now.host);
        self.blobs.peer_open(peer, &mut self.outputs);
    }

    fn handle_roster(&mut self, peer: PeerId, bytes: &[u8], now: Now) {
        match self.merge_roster(bytes) {
            Ok(true) => self.roster_changed(Some(peer), now),
            Ok(false) => {}
            // A newer version's records are not ours to judge; a full roster is not the peer's fault.
            Err(RosterError::TooNew { .. } | RosterError::Full) => {}
            Err(error) => {
                tracing::debug!(peer = %peer.short(), reason = %error, "roster refused");
                self.fault(peer, Fault::Roster, now);
            }
        }
    }

    fn merge_roster(&mut self, bytes: &[u8]) -> Result<bool, RosterError> {
        let (genesis, grants) = Roster::parts_from_bytes(bytes)?;
        if genesis != self.roster.parts().0 {
            let opened = genesis.open()?;
            if opened.session != self.session() || opened.owner != self.roster.owner() {
                return Err(RosterError::OtherSession { found: opened.session, expected: self.session() });
            }
        }
        let mut is_new = false;
        for grant in grants {
            is_new |= self.roster.admit(grant)?;
        }
        Ok(is_new)
    }

    /// Tells a peer in 32 bytes what we have, and acknowledges in the same packet what it sent.
    fn compare(&mut self, peer: PeerId, now: Now) {
        self.acknowledge(peer);
        let digest = self.digest();
        if let Some(link) = self.links.get_mut(&peer) {
            link.has_compared(now.host);
        }
        self.send(peer, &Message::Digest(digest));
    }

    fn handle_digest(&mut self, peer: PeerId, theirs: Digest, now: Now) {
        let ours = self.digest();
        if theirs.roster != ours.roster {
            let roster = self.roster.to_bytes();
            self.send(peer, &Message::Roster(&roster));
        }
        let Some(link) = self.links.get_mut(&peer) else { return };
        if theirs.changes != ours.changes {
            link.told_up_to_date = false;
            link.ask_soon(now.host);
        } else if !std::mem::replace(&mut link.told_up_to_date, true) {
            self.outputs.push_back(SyncOutput::UpToDate { peer });
        }
        let answers = link.digest_at <= now.host + TOGETHER_NS / 2;
        self.ask_if_due(peer, now);
        if answers {
            self.compare(peer, now);
        }
    }

    fn digest(&mut self) -> Digest {
        Digest { changes: first_half(self.log.digest()), roster: first_half(self.roster.digest()) }
    }

    /// Sends our list, which the peer answers with what we lack. It believes the list when all that it sent was
    /// acknowledged, so that comes first.
    fn ask(&mut self, peer: PeerId, now: Now) {
        self.acknowledge(peer);
        let Some(link) = self.links.get_mut(&peer) else { return };
        link.receiving.asked = true;
        link.receiving.asked_at = Some(now.host);
        link.receiving.ask_at = None;
        let have =
            self.log.have(|actor| self.forked.contains(actor) || link.receiving.unwanted.contains(actor));
        self.send(peer, &Message::Have(have));
    }

    fn ask_if_due(&mut self, peer: PeerId, now: Now) {
        let link = self.links.get(&peer);
        if link.and_then(|link| link.receiving.ask_at).is_some_and(|at| at <= now.host) {
            self.ask(peer, now);
        }
    }

    fn handle_have(&mut self, peer: PeerId, have: &Have, now: Now) {
        let lacks = self.log.lacks(have);
        let Some(link) = self.links.get_mut(&peer) else { return };
        if !link.lists.take(now.host) {
            return self.fault(peer, Fault::TooMuch, now);
        }
        link.sending.believe(have);
        let document = self.document.gate();
        for theirs in &have.actors {
            let ours = document.change_of(&ActorId(theirs.actor), theirs.seq);
            if ours.is_some_and(|ours| ours.0 != theirs.head) {
                link.sending.doubt(theirs.actor, theirs.seq);
            }
        }
        let missing = self.log.missing(|actor| link.sending.known(actor));
        link.sending.backlog = missing.into();
        link.sending.answering = true;
        if lacks && !link.receiving.asked {
            link.ask_soon(now.host);
        }
        self.answer(peer);
        self.ask_if_due(peer, now);
    }

    /// Sends batches as far as the window allows. The last one says so, even when it is empty.
    fn answer(&mut self, peer: PeerId) {
        let Some(link) = self.links.get_mut(&peer) else { return };
        while link.sending.answering && link.sending.in_flight < WINDOW_BYTES {
            let (mut envelopes, mut bytes) = (Vec::new(), 0);
            while envelopes.len() < BATCH_CHANGES_MAX && bytes < BATCH_BYTES {
                let Some(place) = link.sending.backlog.pop_front() else { break };
                let Some(entry) = self.log.get(place) else { continue };
                link.sending.learn(entry.actor, entry.seq);
                bytes += entry.envelope.len();
                envelopes.push(&*entry.envelope);
            }
            let more = !link.sending.backlog.is_empty();
            link.sending.answering = more;
            let frame = Message::Batch(Batch { envelopes, more }).encode();
            link.sending.in_flight += frame.len() as u64;
            self.outputs.push_back(SyncOutput::Send { peer, frame });
        }
    }

    fn handle_ack(&mut self, peer: PeerId, bytes: u64, now: Now) {
        let Some(link) = self.links.get_mut(&peer) else { return };
        link.sending.in_flight = link.sending.in_flight.saturating_sub(bytes);
        let caught_up = !link.sending.answering && link.sending.in_flight < WINDOW_BYTES / 2;
        if caught_up && std::mem::take(&mut link.sending.behind) {
            self.compare(peer, now);
        }
        self.answer(peer);
    }

    fn handle_batch(&mut self, peer: PeerId, batch: &Batch<'_>, now: Now) {
        let Some(link) = self.links.get_mut(&peer) else { return };
        let way = if link.receiving.asked { Way::Asked } else { Way::Live };
        link.receiving.asked &= batch.more;
        for envelope in &batch.envelopes {
            self.receive(peer, envelope, way, now);
        }
    }

    /// Counts what the peer may send again.
    fn count_received(&mut self, peer: PeerId, bytes: usize, at_once: bool, now: Now) {
        let Some(link) = self.links.get_mut(&peer).filter(|link| link.is_open()) else { return };
        link.receiving.unacknowledged += bytes as u64;
        if at_once || link.receiving.unacknowledged >= ACK_EVERY_BYTES {
            self.acknowledge(peer);
        } else {
            link.receiving.acknowledge_at.get_or_insert(now.host + ACK_AFTER_NS);
        }
    }

    fn acknowledge(&mut self, peer: PeerId) {
        let Some(link) = self.links.get_mut(&peer) else { return };
        link.receiving.acknowledge_at = None;
        let bytes = std::mem::take(&mut link.receiving.unacknowledged);
        if bytes > 0 {
            self.send(peer, &Message::Ack { bytes });
        }
    }

    fn show_presence(&mut self, peer: PeerId, now: HostTime) {
        let Some(presence) = self.presence.clone() else { return };
        if let Some(link) = self.links.get_mut(&peer) {
            link.presence_at = now + PRESENCE_EVERY_NS;
        }
        self.send(peer, &Message::Presence(presence.form()));
    }

    /// Takes in one envelope from a peer, and whatever was waiting for it.
    fn receive(&mut self, peer: PeerId, bytes: &[u8], way: Way, now: Now) {
        if !self.links.get(&peer).is_some_and(Link::is_open) {
            return;
        }
        let Ok(envelope) = Envelope::decode(bytes) else {
            return self.refuse(peer, bytes, Violation::Envelope, now);
        };
        if let Some((actor, seq)) = gate::named(&envelope)
            && self.log.envelope_of(&actor, seq) == Some(bytes)
        {
            // The most common case where peers are connected with one another: another way was quicker.
            if let Some(link) = self.links.get_mut(&peer) {
                link.sending.learn(actor, seq);
            }
            return;
        }
        if self.quarantine.contains(blake3::hash(bytes).as_bytes()) {
            return self.fault(peer, Fault::Change(Violation::Quarantined), now);
        }
        if !self.is_wanted(peer, &envelope) || !self.is_in_pace(peer, &envelope, way, now) {
            return;
        }
        self.pass_gate(peer, envelope, now);
    }

    /// One who lost the right to edit is not believed about its own edits: that they were made before is
    /// only known of those that another member took.
    fn is_wanted(&mut self, peer: PeerId, envelope: &Envelope) -> bool {
        let may_edit = self.roster.role_of(peer).is_some_and(|role| role.can_edit());
        let is_demoted = envelope.device == peer
            && !may_edit
            && self.roster.grant_by_id(envelope.grant).is_some_and(|grant| grant.role.can_edit());
        if is_demoted && let Some(link) = self.links.get_mut(&peer) {
            link.receiving.unwanted.insert(envelope.actor());
        }
        !is_demoted && !self.forked.contains(&envelope.actor())
    }

    /// Holds live changes to their author's pace. What exceeds it is asked for in batches, a little later.
    fn is_in_pace(&mut self, peer: PeerId, envelope: &Envelope, way: Way, now: Now) -> bool {
        if way == Way::Asked || self.roster.grant_by_id(envelope.grant).is_none() {
            return true;
        }
        let new_pace = || Pace::new(LIVE_CHANGES_PER_SECOND, LIVE_CHANGES_BURST);
        let pace = self.paces.entry(envelope.device).or_insert_with(new_pace);
        let in_pace = pace.take(now.host);
        if !in_pace && let Some(link) = self.links.get_mut(&peer) {
            link.receiving.asked_at = Some(now.host);
            link.receiving.ask_at.get_or_insert(now.host + ASK_GAP_NS);
        }
        in_pace
    }

    fn pass_gate(&mut self, peer: PeerId, envelope: Envelope, now: Now) {
        let mut next = vec![(peer, envelope)];
        while let Some((from, envelope)) = next.pop() {
            match gate::check(self.document.gate(), &self.roster, &envelope) {
                Verdict::Pass(passed) => {
                    let (actor, hash, seq) = (passed.actor, passed.hash, passed.seq);
                    if !self.admit(*passed, &envelope) {
                        self.refuse(from, &envelope.encode(), Violation::NotApplied, now);
                        continue;
                    }
                    self.outputs.push_back(SyncOutput::Store { envelope: envelope.encode() });
                    self.broadcast(actor.0, seq, Some(from));
                    let released = self.held.released_by(&hash);
                    next.extend(released.into_iter().map(|held| (held.from, held.envelope)));
                }
                Verdict::Known => {}
                Verdict::Early { hash, missing } => {
                    self.held.hold(hash, missing, envelope, from);
                    if let Some(link) = self.links.get_mut(&from).filter(|link| !link.receiving.asked) {
                        link.ask_soon(now.host);
                    }
                    self.ask_if_due(from, now);
                }
                Verdict::Forked { actor } => self.note_fork(actor, envelope.device),
                Verdict::Full => {
                    if !std::mem::replace(&mut self.told_full, true) {
                        self.outputs.push_back(SyncOutput::DocumentFull);
                    }
                }
                Verdict::Refused(violation) => self.refuse(from, &envelope.encode(), violation, now),
            }
        }
    }

    fn note_fork(&mut self, actor: ActorId, author: PeerId) {
        if self.forked.insert(actor.0) {
            self.outputs.push_back(SyncOutput::Forked { author });
        }
    }

    fn refuse(&mut self, peer: PeerId, envelope: &[u8], violation: Violation, now: Now) {
        if self.quarantine.len() >= QUARANTINE_MAX {
            // Each costs its sender the connection; forgetting the old ones costs one more check.
            self.quarantine.clear();
        }
        self.quarantine.insert(*blake3::hash(envelope).as_bytes());
        self.fault(peer, Fault::Change(violation), now);
    }

    /// Gives up on a peer, once.
    fn fault(&mut self, peer: PeerId, reason: Fault, now: Now) {
        let Some(link) = self.links.get_mut(&peer).filter(|link| link.phase != Phase::Faulted) else {
            return;
        };
        link.phase = Phase::Faulted;
        self.blobs.peer_gone(peer, now.host, &mut self.outputs);
        self.company_changed(now.host);
        self.outputs.push_back(SyncOutput::Fault { peer, reason });
    }

    pub(crate) fn send(&mut self, peer: PeerId, message: &Message<'_>) {
        self.outputs.push_back(SyncOutput::Send { peer, frame: message.encode() });
    }
}

fn first_half(hash: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| hash[at])
}
