//! The peer: everything that can make it act is a [`Command`] or an [`Input`]; everything it asks for is an
//! [`Effect`].

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use antiphon_identity::{DeviceKey, PeerId, Pseudonym};
use antiphon_model::{Colour, Name, SampleId, SessionId};
use antiphon_sync::{Now, Presence, SyncConfig, SyncOutput};
use antiphon_timeline::{HostTime, SessionMap, TimebaseId};

use crate::{
    command::{Command, Done},
    contact::Contact,
    effect::{Change, Effect, Notice, Stream},
    error::CommandError,
    invite::Invite,
    jam::Jam,
    joining::{Asking, JoinRequest},
    late::LateAct,
    transport::lead_ns,
    wire::{ControlFrame, Hello, OpenTo, PROTOCOL_VERSION},
};

/// What the world tells a peer.
#[derive(Debug)]
pub enum Input {
    Connected {
        peer: PeerId,
    },
    Disconnected {
        peer: PeerId,
    },
    Frame {
        peer: PeerId,
        stream: Stream,
        bytes: Vec<u8>,
    },
    DialFailed {
        reason: String,
    },
    /// The session clock's map, whenever it changes.
    Clock {
        map: SessionMap,
    },
    /// The slowest clock partner's round trip, ns.
    RoundTrip {
        worst_ns: i64,
    },
    /// The bytes of a sample that a peer asked for; `None` where it is not here.
    BlobBytes {
        session: SessionId,
        sample: SampleId,
        bytes: Option<Vec<u8>>,
    },
    /// A sample of the open session is on this device.
    BlobHere {
        sample: SampleId,
    },
    /// A sample of the open session is not on this device: it is fetched from whoever has it.
    BlobMissing {
        sample: SampleId,
    },
    /// The deadline of [`Peer::poll_timeout`] has come.
    Timeout,
}

/// Who and what this peer is.
#[derive(Debug, Clone)]
pub struct PeerConfig {
    pub name: Name,
    /// Program version, told to others.
    pub version: String,
    /// Version of the canonical sound, told to others.
    pub engine: u32,
    /// The timebase of this peer's own clock.
    pub timebase: TimebaseId,
}

/// One peer. See the crate's documentation for how it is driven.
pub struct Peer {
    pub(crate) key: Arc<DeviceKey>,
    pub(crate) config: PeerConfig,
    pub(crate) contacts: BTreeMap<PeerId, Contact>,
    pub(crate) jam: Option<Jam>,
    pub(crate) asking: Option<Asking>,
    pub(crate) requests: BTreeMap<PeerId, JoinRequest>,
    pub(crate) invites: Vec<Invite>,
    pub(crate) map: SessionMap,
    pub(crate) worst_round_trip_ns: i64,
    pub(crate) effects: VecDeque<Effect>,
    clock_members: BTreeSet<PeerId>,
    /// The name of the open session as it was last said to others.
    said: Option<String>,
}

impl Peer {
    /// A peer without a session, alone.
    pub fn new(key: Arc<DeviceKey>, config: PeerConfig) -> Self {
        let map = SessionMap::identity(config.timebase);
        Self {
            key,
            config,
            contacts: BTreeMap::new(),
            jam: None,
            asking: None,
            requests: BTreeMap::new(),
            invites: Vec::new(),
            map,
            worst_round_trip_ns: 0,
            effects: VecDeque::new(),
            clock_members: BTreeSet::new(),
            said: None,
        }
    }

    /// Does what the user asks. On an error nothing has changed.
    pub fn handle_command(&mut self, command: Command, now: Now) -> Result<Done, CommandError> {
        self.keep_time(now);
        let done = self.perform(command, now);
        self.settle(now);
        done
    }

    /// Takes in what happened.
    pub fn handle_input(&mut self, input: Input, now: Now) {
        self.keep_time(now);
        match input {
            Input::Connected { peer } => self.connected(peer),
            Input::Disconnected { peer } => self.disconnected(peer, now),
            Input::Frame { peer, stream, bytes } => self.frame(peer, stream, &bytes, now),
            Input::DialFailed { reason } => self.dial_failed(reason),
            Input::Clock { map } => self.clock(map, now),
            Input::RoundTrip { worst_ns } => self.worst_round_trip_ns = worst_ns,
            Input::BlobBytes { session, sample, bytes } => {
                if let Some(jam) = self.jam.as_mut().filter(|jam| jam.id() == session) {
                    jam.sync.blob_read(sample, bytes, now);
                }
            }
            Input::BlobHere { sample } => {
                if let Some(jam) = &mut self.jam {
                    jam.arriving.remove(&sample);
                    jam.sync.have_blob(sample);
                }
            }
            Input::BlobMissing { sample } => {
                if let Some(jam) = &mut self.jam {
                    jam.sync.need_blob(sample, now);
                }
            }
            Input::Timeout => {
                if let Some(jam) = &mut self.jam {
                    jam.sync.handle_timeout(now);
                }
            }
        }
        self.settle(now);
    }

    /// The next thing to perform.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn poll_timeout(&self) -> Option<HostTime> {
        let sync = self.jam.as_ref()?.sync.poll_timeout();
        sync.into_iter().chain(self.next_hold_end()).min()
    }

    fn perform(&mut self, command: Command, now: Now) -> Result<Done, CommandError> {
        match command {
            Command::SetName(name) => {
                self.config.name = name;
                self.say_hello_to_all();
                self.tell(Change::Members);
            }
            Command::Found(new) => {
                let jam = Jam::found(self.sync_config(new.actor_n), *new, &self.map, now)?;
                self.open(jam, now);
            }
            Command::Open(stored) => {
                let jam = Jam::restore(self.sync_config(stored.actor_n), *stored, &self.map, now)?;
                self.open(jam, now);
            }
            Command::Leave => self.leave(now),
            Command::Edit(edit) => return self.edit(edit, now),
            Command::Undo => return self.undo(now),
            Command::Redo => return self.redo(now),
            Command::Play { count_in_bars } => self.play(count_in_bars, now)?,
            Command::Pause => self.stop(false, now)?,
            Command::Stop => self.stop(true, now)?,
            Command::Locate(to) => self.locate(to, now)?,
            Command::SetPresence { track, step } => {
                let (name, colour) = (self.config.name.clone(), Pseudonym::of(self.id()).colour());
                let presence = Presence { name, colour: Colour::clamped(i64::from(colour)), track, step };
                self.jam_mut()?.sync.set_presence(presence, now);
            }
            Command::Join { peer, actor_n } => self.ask_to_join(peer, actor_n)?,
            Command::JoinByInvite { link, actor_n } => self.follow_invite(&link, actor_n, now)?,
            Command::AnswerJoin { peer, role, grant } => self.answer_join(peer, role, grant, now)?,
            Command::MakeInvite { secret, role, addresses } => {
                return self.make_invite(secret, role, addresses, now);
            }
        }
        Ok(Done::Nothing)
    }

    /// Who we are in a session. `actor_n` is fresh for every opening.
    pub(crate) fn sync_config(&self, actor_n: u32) -> SyncConfig {
        SyncConfig { key: self.key.clone(), actor_n, engine_version: self.config.engine }
    }

    pub(crate) fn jam_mut(&mut self) -> Result<&mut Jam, CommandError> {
        self.jam.as_mut().ok_or(CommandError::NoSession)
    }

    /// How far ahead an act of the user is placed.
    pub(crate) fn lead_ns(&self) -> i64 {
        let in_company = self.jam.as_ref().is_some_and(|jam| !jam.here.is_empty());
        lead_ns(in_company, self.worst_round_trip_ns)
    }

    /// Makes `jam` the open session.
    pub(crate) fn open(&mut self, jam: Jam, now: Now) {
        self.close_jam(now);
        let id = jam.id();
        let roster = jam.sync.roster().to_bytes();
        self.jam = Some(jam);
        self.effects.push_back(Effect::BeginClock);
        self.effects.push_back(Effect::StoreRoster { session: id, roster });
        self.effects.push_back(Effect::StoreRecord);
        self.tell(Change::Session);
        self.say_hello_to_all();
        self.meet_all(now);
    }

    fn leave(&mut self, now: Now) {
        if self.close_jam(now) {
            self.tell(Change::Session);
            self.say_hello_to_all();
        }
    }

    /// Lets go of the open session. `false` where none was open.
    fn close_jam(&mut self, now: Now) -> bool {
        let Some(mut jam) = self.jam.take() else { return false };
        for peer in std::mem::take(&mut jam.here) {
            jam.sync.peer_down(peer, now);
        }
        self.perform_outputs(&mut jam, now);
        self.requests.clear();
        self.invites.clear();
        self.tell(Change::JoinRequests);
        true
    }

    fn connected(&mut self, peer: PeerId) {
        self.contacts.insert(peer, Contact::default());
        self.send(peer, &self.hello());
        self.tell(Change::Nearby);
    }

    fn disconnected(&mut self, peer: PeerId, now: Now) {
        self.contacts.remove(&peer);
        if let Some(jam) = &mut self.jam {
            jam.introduced.remove(&peer);
            jam.early.remove(&peer);
            jam.presences.remove(&peer);
            if jam.here.remove(&peer) {
                jam.sync.peer_down(peer, now);
            }
        }
        if self.requests.remove(&peer).is_some() {
            self.tell(Change::JoinRequests);
        }
        self.tell(Change::Nearby);
        self.tell(Change::Members);
    }

    fn frame(&mut self, peer: PeerId, stream: Stream, bytes: &[u8], now: Now) {
        match stream {
            Stream::Control => match ControlFrame::decode(bytes) {
                Ok(frame) => self.control(peer, frame, now),
                Err(error) => tracing::warn!(peer = %peer.short(), %error, "a control frame was ignored"),
            },
            Stream::Sync | Stream::Blob => self.session_frame(peer, stream, bytes, now),
        }
    }

    /// A frame of the open session: its id, then what sync understands.
    fn session_frame(&mut self, peer: PeerId, stream: Stream, bytes: &[u8], now: Now) {
        let Some((session, body)) = bytes.split_first_chunk::<16>() else { return };
        // A frame for a session that was just closed is late, not wrong.
        let Some(jam) = self.jam.as_mut().filter(|jam| jam.id().0 == *session) else { return };
        if jam.here.contains(&peer) {
            jam.frame(peer, stream, body, now);
        } else if self.contacts.contains_key(&peer) {
            jam.keep_early(peer, stream, body);
        }
    }

    fn control(&mut self, peer: PeerId, frame: ControlFrame, now: Now) {
        match frame {
            ControlFrame::Hello(hello) => self.met(peer, hello, now),
            ControlFrame::AskJoin { session, proof, roster } => {
                self.asked(peer, SessionId(session), proof, roster, now);
            }
            ControlFrame::Allowed { session, roster } => self.allowed(peer, SessionId(session), &roster, now),
            ControlFrame::Refused { session, reason } => self.refused(peer, SessionId(session), reason),
        }
    }

    fn met(&mut self, peer: PeerId, hello: Hello, now: Now) {
        let engine = self.config.engine;
        let contact = self.contacts.entry(peer).or_default();
        let first = contact.hello.is_none();
        contact.hello = Some(hello);
        if first && let (Some(name), Some(how)) = (contact.name(), contact.differs(engine)) {
            self.tell(Change::Notice(Notice::PeerDiffers { name, how }));
        }
        self.meet(peer, now);
        self.follow_up(peer);
        self.tell(Change::Nearby);
        self.tell(Change::Members);
    }

    fn clock(&mut self, map: SessionMap, now: Now) {
        let before = std::mem::replace(&mut self.map, map);
        if before.timebase == map.timebase {
            return;
        }
        let lead = self.lead_ns();
        let Some(jam) = &mut self.jam else { return };
        let carried = jam.change_timebase(&before, &map, lead, now);
        if let Err(error) = carried {
            tracing::warn!(%error, "the music was not carried over to another session clock");
        }
        self.tell(Change::Transport);
    }

    fn dial_failed(&mut self, reason: String) {
        if self.asking.as_ref().is_some_and(Asking::is_dialling) {
            self.tell(Change::Notice(Notice::InviteUnanswered { reason }));
        }
    }

    /// After every act: passes on what sync wants, and keeps the clock's membership current.
    fn settle(&mut self, now: Now) {
        if let Some(mut jam) = self.jam.take() {
            let news = self.perform_outputs(&mut jam, now);
            if news.transport {
                self.take_in_operations(&mut jam, now);
            }
            self.jam = Some(jam);
            self.keep_time(now);
            if news.roster {
                self.meet_all(now);
            }
        }
        // A rename, or the arrival of a session that was just joined, is news to everyone nearby.
        if self.said.as_deref() != self.jam.as_ref().map(|jam| jam.song().name.as_str()) {
            self.say_hello_to_all();
        }
        let members = self.jam.as_ref().map(|jam| jam.here.clone()).unwrap_or_default();
        if members != self.clock_members {
            self.clock_members.clone_from(&members);
            self.effects.push_back(Effect::ClockMembers(members));
        }
    }

    fn take_in_operations(&mut self, jam: &mut Jam, now: Now) {
        let at = self.map.to_session(now.host);
        let new = jam.take_in_operations(&self.map, at);
        if !new.is_empty() {
            self.tell(Change::Transport);
        }
        for op in new {
            if let Some(by_ns) = jam.missed(&op, at) {
                self.note_late(jam, PeerId(op.author), by_ns, LateAct::Transport, at);
            }
        }
    }

    fn perform_outputs(&mut self, jam: &mut Jam, now: Now) -> News {
        let mut news = News::default();
        let session = jam.id();
        let framed = |frame: Vec<u8>| [&session.0[..], &frame].concat();
        while let Some(output) = jam.sync.poll_output() {
            match output {
                SyncOutput::Send { peer, frame } => {
                    self.effects.push_back(Effect::Send { peer, stream: Stream::Sync, frame: framed(frame) });
                }
                SyncOutput::SendBulk { peer, frame } => {
                    self.effects.push_back(Effect::Send { peer, stream: Stream::Blob, frame: framed(frame) });
                }
                SyncOutput::Store { envelope } => {
                    self.effects.push_back(Effect::StoreEnvelope { session, envelope });
                }
                SyncOutput::StoreRoster { roster } => {
                    self.effects.push_back(Effect::StoreRoster { session, roster });
                }
                SyncOutput::RosterChanged => {
                    self.tell(Change::Members);
                    news.roster = true;
                }
                SyncOutput::SongChanged { touched, author } => {
                    if let Some(author) = author {
                        self.note_late_changes(jam, author, &touched, now);
                    }
                    if touched.reaches_song() {
                        self.effects.push_back(Effect::StoreRecord);
                        self.tell(Change::Song { touched, author });
                    }
                }
                SyncOutput::TransportChanged { .. } => news.transport = true,
                SyncOutput::Presence { peer, presence } => {
                    jam.presences.insert(peer, presence);
                    self.tell(Change::Members);
                }
                SyncOutput::ReadBlob { sample } => {
                    self.effects.push_back(Effect::ReadBlob { session, sample });
                }
                SyncOutput::BlobProgress { sample, received, bytes } => {
                    jam.arriving.insert(sample, received as f64 / bytes.max(1) as f64);
                    self.tell(Change::Samples);
                }
                SyncOutput::BlobReady { sample, bytes } => {
                    self.effects.push_back(Effect::KeepBlob { sample, bytes });
                }
                SyncOutput::Forked { author } => {
                    let name = self.name_of(author);
                    let reason =
                        "it signed two different changes with one number; its later ones are not taken"
                            .into();
                    self.tell(Change::Notice(Notice::PeerFaulted { name, reason }));
                }
                SyncOutput::DocumentFull => self.tell(Change::Notice(Notice::DocumentFull)),
                // Versions and whereabouts are told by the hello already.
                SyncOutput::Versions { .. } | SyncOutput::Elsewhere { .. } | SyncOutput::UpToDate { .. } => {}
                SyncOutput::Fault { peer, reason } => self.fault(peer, reason.to_string()),
            }
        }
        news
    }

    fn fault(&mut self, peer: PeerId, reason: String) {
        tracing::warn!(peer = %peer.short(), %reason, "a peer broke the rules");
        let name = self.name_of(peer);
        self.effects.push_back(Effect::Close { peer, reason: reason.clone() });
        self.tell(Change::Notice(Notice::PeerFaulted { name, reason }));
    }

    pub(crate) fn tell(&mut self, change: Change) {
        // One telling of a plain change is enough until it is read.
        let plain = !matches!(change, Change::Song { .. } | Change::Late { .. } | Change::Notice(_));
        let effect = Effect::Tell(change);
        if !plain || !self.effects.contains(&effect) {
            self.effects.push_back(effect);
        }
    }

    pub(crate) fn send(&mut self, peer: PeerId, frame: &ControlFrame) {
        self.effects.push_back(Effect::Send { peer, stream: Stream::Control, frame: frame.encode() });
    }

    pub(crate) fn hello(&self) -> ControlFrame {
        let session =
            self.jam.as_ref().map(|jam| OpenTo { id: jam.id().0, name: jam.song().name.as_str().to_owned() });
        ControlFrame::Hello(Hello {
            protocol: PROTOCOL_VERSION,
            engine: self.config.engine,
            version: self.config.version.clone(),
            name: self.config.name.as_str().to_owned(),
            session,
        })
    }

    pub(crate) fn say_hello_to_all(&mut self) {
        self.said = self.jam.as_ref().map(|jam| jam.song().name.as_str().to_owned());
        let hello = self.hello();
        let peers: Vec<PeerId> = self.contacts.keys().copied().collect();
        for peer in peers {
            self.send(peer, &hello);
        }
    }
}

#[derive(Default)]
struct News {
    transport: bool,
    roster: bool,
}
