//! Peers joined by perfect streams on virtual time.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use antiphon_identity::{DeviceKey, PeerId};
use antiphon_membership::GrantId;
use antiphon_model::{Name, SessionId};
use antiphon_peer::{
    Change, Command, Done, Effect, Input, NewSession, Now, Peer, PeerConfig, StoredSession, Stream,
};
use antiphon_timeline::{HostTime, SessionMap, Tempo, TimebaseId};

const MS: i64 = 1_000_000;

/// One peer with what its node would hold for it.
pub struct Desk {
    pub peer: Peer,
    pub changes: Vec<Change>,
    pub envelopes: BTreeMap<SessionId, Vec<Vec<u8>>>,
    pub rosters: BTreeMap<SessionId, Vec<u8>>,
    pub blobs: BTreeMap<antiphon_model::SampleId, Vec<u8>>,
    pub clock_members: BTreeSet<PeerId>,
    fresh: u32,
}

/// Peers, the links between them, and one virtual time.
pub struct Lab {
    pub desks: Vec<Desk>,
    links: BTreeSet<(usize, usize)>,
    wire: BTreeMap<(usize, usize, Stream), VecDeque<Vec<u8>>>,
    /// Streams overtake one another: these are delivered first.
    pub eager: Stream,
    /// Links on which everything stays on the way.
    held: BTreeSet<(usize, usize)>,
    now: Now,
}

impl Lab {
    pub fn new(peers: usize) -> Self {
        let desks = (0..peers).map(|index| Desk::new(index as u8 + 1)).collect();
        let now = Now { host: HostTime(1_000 * MS), unix_ms: 1_700_000_000_000 };
        Self {
            desks,
            links: BTreeSet::new(),
            wire: BTreeMap::new(),
            eager: Stream::Sync,
            held: BTreeSet::new(),
            now,
        }
    }

    pub fn id(&self, at: usize) -> PeerId {
        self.desks[at].peer.id()
    }

    pub fn now(&self) -> Now {
        self.now
    }

    pub fn command(&mut self, at: usize, command: Command) -> Done {
        self.try_command(at, command).expect("the command fits")
    }

    pub fn try_command(&mut self, at: usize, command: Command) -> Result<Done, antiphon_peer::CommandError> {
        let done = self.desks[at].peer.handle_command(command, self.now);
        self.perform(at);
        done
    }

    pub fn input(&mut self, at: usize, input: Input) {
        self.desks[at].peer.handle_input(input, self.now);
        self.perform(at);
    }

    /// Makes a session and opens it.
    pub fn found(&mut self, at: usize, edits: Vec<antiphon_model::Edit>) -> SessionId {
        let session = SessionId([100 + at as u8; 16]);
        let new = NewSession {
            session,
            grant: GrantId([at as u8; 16]),
            actor_n: self.desks[at].fresh(),
            name: Name::new("Jam").unwrap(),
            tempo: Tempo::DEFAULT,
            parent: None,
            edits,
        };
        self.command(at, Command::Found(Box::new(new)));
        session
    }

    pub fn connect(&mut self, a: usize, b: usize) {
        self.links.insert((a.min(b), a.max(b)));
        let (ida, idb) = (self.id(a), self.id(b));
        self.input(a, Input::Connected { peer: idb });
        self.input(b, Input::Connected { peer: ida });
        self.settle();
    }

    pub fn cut(&mut self, a: usize, b: usize) {
        self.links.remove(&(a.min(b), a.max(b)));
        self.wire.retain(|(from, to, _), _| (*from, *to) != (a, b) && (*from, *to) != (b, a));
        let (ida, idb) = (self.id(a), self.id(b));
        self.input(a, Input::Disconnected { peer: idb });
        self.input(b, Input::Disconnected { peer: ida });
        self.settle();
    }

    /// `joiner` asks `member`; `owner` says yes when asked.
    pub fn join(&mut self, joiner: usize, member: usize, role: Option<antiphon_membership::Role>) {
        let (peer, actor_n) = (self.id(member), self.desks[joiner].fresh());
        self.command(joiner, Command::Join { peer, actor_n });
        self.settle();
        let (peer, n) = (self.id(joiner), self.desks[member].fresh());
        let grant = GrantId([n as u8; 16]);
        if self.desks[member].peer.join_requests().iter().any(|(id, ..)| *id == peer) {
            self.command(member, Command::AnswerJoin { peer, role, grant });
        }
        self.settle();
    }

    /// Stops the peer as a kill would, and starts it again from what it stored.
    pub fn restart(&mut self, at: usize, session: SessionId) {
        let peers: Vec<usize> = (0..self.desks.len()).filter(|other| self.linked(at, *other)).collect();
        for other in &peers {
            self.cut(at, *other);
        }
        let old = &mut self.desks[at];
        let mut desk = Desk::new(at as u8 + 1);
        desk.fresh = old.fresh + 1;
        desk.envelopes = std::mem::take(&mut old.envelopes);
        desk.rosters = std::mem::take(&mut old.rosters);
        desk.blobs = std::mem::take(&mut old.blobs);
        self.desks[at] = desk;
        let desk = &mut self.desks[at];
        let stored = StoredSession {
            session,
            roster: desk.rosters[&session].clone(),
            envelopes: desk.envelopes[&session].clone(),
            actor_n: desk.fresh(),
            parent: None,
        };
        self.command(at, Command::Open(Box::new(stored)));
    }

    /// Keeps what `from` sends to `to` on the way.
    pub fn hold(&mut self, from: usize, to: usize) {
        self.held.insert((from, to));
    }

    /// Lets it go on.
    pub fn release(&mut self, from: usize, to: usize) {
        self.held.remove(&(from, to));
    }

    /// One more peer.
    pub fn add_desk(&mut self) {
        self.desks.push(Desk::new(self.desks.len() as u8 + 1));
    }

    /// Delivers everything on the way, and what follows from it, without time passing.
    pub fn settle(&mut self) {
        for _ in 0..100_000 {
            let eager = self.eager;
            let moves = |link: &(usize, usize)| !self.held.contains(link);
            let next =
                self.wire.iter().filter(|((from, to, _), queue)| !queue.is_empty() && moves(&(*from, *to)));
            let Some(key) = next.map(|(key, _)| *key).min_by_key(|(_, _, stream)| *stream != eager) else {
                return;
            };
            let (from, to, stream) = key;
            let Some(bytes) = self.wire.get_mut(&key).and_then(VecDeque::pop_front) else { return };
            let peer = self.id(from);
            self.input(to, Input::Frame { peer, stream, bytes });
        }
        panic!("the peers never come to rest");
    }

    /// Lets time pass in steps, with everything delivered at each.
    pub fn run_for(&mut self, ms: i64) {
        for _ in 0..ms / 20 {
            self.now.host = self.now.host + 20 * MS;
            self.now.unix_ms += 20;
            for at in 0..self.desks.len() {
                if self.desks[at].peer.poll_timeout().is_some_and(|due| due <= self.now.host) {
                    self.input(at, Input::Timeout);
                }
            }
            self.settle();
        }
    }

    /// All follow one session clock from now on.
    pub fn share_clock(&mut self, timebase: u64) {
        let map = SessionMap::identity(TimebaseId(timebase));
        for at in 0..self.desks.len() {
            self.input(at, Input::Clock { map });
        }
        self.settle();
    }

    fn linked(&self, a: usize, b: usize) -> bool {
        self.links.contains(&(a.min(b), a.max(b)))
    }

    fn perform(&mut self, at: usize) {
        while let Some(effect) = self.desks[at].peer.poll_effect() {
            match effect {
                Effect::Send { peer, stream, frame } => {
                    let to = (0..self.desks.len()).find(|other| self.id(*other) == peer);
                    if let Some(to) = to.filter(|to| self.linked(at, *to)) {
                        self.wire.entry((at, to, stream)).or_default().push_back(frame);
                    }
                }
                Effect::StoreEnvelope { session, envelope } => {
                    self.desks[at].envelopes.entry(session).or_default().push(envelope);
                }
                Effect::StoreRoster { session, roster } => {
                    self.desks[at].rosters.insert(session, roster);
                }
                Effect::KeepBlob { sample, bytes } => {
                    self.desks[at].blobs.insert(sample, bytes);
                    self.input(at, Input::BlobHere { sample });
                }
                Effect::ReadBlob { session, sample } => {
                    let bytes = self.desks[at].blobs.get(&sample).cloned();
                    self.input(at, Input::BlobBytes { session, sample, bytes });
                }
                Effect::ClockMembers(members) => self.desks[at].clock_members = members,
                Effect::Tell(change) => self.desks[at].changes.push(change),
                Effect::Close { peer, reason } => {
                    panic!("{} closes {}: {reason}", self.id(at).short(), peer.short())
                }
                Effect::BeginClock | Effect::StoreRecord | Effect::Dial { .. } => {}
            }
        }
    }
}

impl Desk {
    fn new(seed: u8) -> Self {
        let key = Arc::new(DeviceKey::from_seed(&[seed; 32]));
        let name = Name::new(["Ada", "Bo", "Cy", "Di"][usize::from(seed - 1) % 4]).unwrap();
        let config =
            PeerConfig { name, version: "0".into(), engine: 1, timebase: TimebaseId(u64::from(seed)) };
        Self {
            peer: Peer::new(key, config),
            changes: Vec::new(),
            envelopes: BTreeMap::new(),
            rosters: BTreeMap::new(),
            blobs: BTreeMap::new(),
            clock_members: BTreeSet::new(),
            fresh: u32::from(seed) * 1_000,
        }
    }

    pub fn fresh(&mut self) -> u32 {
        self.fresh += 1;
        self.fresh
    }

    pub fn song(&self) -> antiphon_model::Song {
        antiphon_model::Song::clone(self.peer.song().expect("a session is open"))
    }
}
