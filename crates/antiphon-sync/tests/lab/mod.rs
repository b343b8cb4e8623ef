//! Peers of one session on a network that delays, is cut and comes back, all from one seed.
//!
//! Frames of one connection and channel arrive in order, each after its own delay; nothing is promised
//! across connections. Time is virtual: a run is the same every time.
#![allow(dead_code, reason = "each test binary uses its part of the lab")]

pub mod malice;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use antiphon_document::ApplyError;
use antiphon_identity::{DeviceKey, PeerId};
use antiphon_membership::{GrantId, Role, Roster};
use antiphon_model::{
    Colour, Edit, FreeNote, Moment, Name, NoteId, NoteLength, OrderKey, Param, Pattern, PatternId, Pitch,
    SampleId, SceneId, SessionId, Sound, StepPatch, TrackId, Velocity,
};
use antiphon_sync::{EditRefused, Fault, Now, SessionSync, SyncConfig, SyncOutput};
use antiphon_timeline::{HostTime, NANOS_PER_SECOND, SessionTime, Tempo, Ticks};

pub const MS: i64 = NANOS_PER_SECOND / 1_000;
pub const TRACK: TrackId = TrackId([7; 16]);
pub const PATTERN: PatternId = PatternId([8; 16]);
/// The tag of a change that is sent unasked.
const LIVE: u8 = 5;
const SESSION: SessionId = SessionId([1; 16]);

/// SplitMix64: small, and the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Channel {
    Sync,
    Blob,
}

/// A peer, its store and what it was told.
pub struct Peer {
    pub sync: SessionSync,
    pub key: Arc<DeviceKey>,
    pub stored: Vec<Vec<u8>>,
    pub roster: Vec<u8>,
    pub blobs: BTreeMap<SampleId, Vec<u8>>,
    pub received: BTreeMap<SampleId, Vec<u8>>,
    pub faults: Vec<(PeerId, Fault)>,
    pub news: Vec<SyncOutput>,
    pub frames_sent: u64,
    /// Changes sent unasked.
    pub live_sent: u64,
    pub bytes_sent: u64,
}

type Wire = VecDeque<(i64, Vec<u8>)>;

pub struct Lab {
    pub now: i64,
    pub dice: Dice,
    pub peers: BTreeMap<PeerId, Peer>,
    wires: BTreeMap<(PeerId, PeerId, Channel), Wire>,
    delay_ms: (u64, u64),
    /// The most bytes that were ever under way on one channel of one connection.
    pub most_under_way: usize,
    owner: Option<PeerId>,
}

pub fn key(n: u8) -> Arc<DeviceKey> {
    Arc::new(DeviceKey::from_seed(&[n; 32]))
}

pub fn config(key: &Arc<DeviceKey>, actor_n: u32) -> SyncConfig {
    SyncConfig { key: Arc::clone(key), actor_n, engine_version: 1 }
}

pub fn step(at: u16, on: bool) -> Edit {
    let patch = StepPatch { on: Some(on), ..StepPatch::default() };
    Edit::SetSteps { track: TRACK, pattern: PATTERN, steps: vec![(at, patch)] }
}

impl Lab {
    pub fn new(seed: u64) -> Self {
        Self {
            now: 1_000 * NANOS_PER_SECOND,
            dice: Dice(seed),
            peers: BTreeMap::new(),
            wires: BTreeMap::new(),
            delay_ms: (1, 30),
            most_under_way: 0,
            owner: None,
        }
    }

    pub fn delay_ms(mut self, from: u64, to: u64) -> Self {
        self.delay_ms = (from, to);
        self
    }

    pub fn time(&self) -> Now {
        Now { host: HostTime(self.now), unix_ms: (self.now / MS) as u64 }
    }

    /// The session's owner, with one track.
    pub fn owner(&mut self) -> PeerId {
        let key = key(1);
        let unix_ms = self.time().unix_ms;
        let name = Name::new("Lab").unwrap();
        let sync =
            SessionSync::create(config(&key, 0), SESSION, GrantId([1; 16]), name, Tempo::DEFAULT, unix_ms);
        let me = self.insert(key, sync);
        self.owner = Some(me);
        let track = Edit::AddTrack {
            track: TRACK,
            pattern: PATTERN,
            name: Name::new("Kick").unwrap(),
            colour: Colour::DEFAULT,
            sound: Sound::read("drum:kick"),
            order: OrderKey::first(),
            content: None,
        };
        self.edit(me, track);
        me
    }

    /// A new member, let in by the owner; not connected to anybody.
    pub fn member(&mut self, n: u8, role: Role) -> PeerId {
        let key = key(n);
        let owner = self.owner.expect("the owner is first");
        let now = self.time();
        let host = self.peers.get_mut(&owner).unwrap();
        host.sync.grant(key.peer_id(), role, GrantId([n; 16]), now).unwrap();
        let roster = Roster::from_bytes(&host.sync.roster().to_bytes()).unwrap();
        self.settle(owner);
        let sync = SessionSync::join(config(&key, 0), roster);
        self.insert(key, sync)
    }

    pub fn insert(&mut self, key: Arc<DeviceKey>, sync: SessionSync) -> PeerId {
        let me = key.peer_id();
        let peer = Peer {
            sync,
            key,
            stored: Vec::new(),
            roster: Vec::new(),
            blobs: BTreeMap::new(),
            received: BTreeMap::new(),
            faults: Vec::new(),
            news: Vec::new(),
            frames_sent: 0,
            live_sent: 0,
            bytes_sent: 0,
        };
        self.peers.insert(me, peer);
        self.settle(me);
        me
    }

    pub fn connect(&mut self, a: PeerId, b: PeerId) {
        for (from, to) in [(a, b), (b, a)] {
            for channel in [Channel::Sync, Channel::Blob] {
                self.wires.insert((from, to, channel), Wire::new());
            }
        }
        let now = self.time();
        for (me, other) in [(a, b), (b, a)] {
            self.peers.get_mut(&me).unwrap().sync.peer_up(other, now);
            self.settle(me);
        }
    }

    /// Cuts a connection: what is under way is lost.
    pub fn cut(&mut self, a: PeerId, b: PeerId) {
        self.pull(a, b);
        let now = self.time();
        for (me, other) in [(a, b), (b, a)] {
            if let Some(peer) = self.peers.get_mut(&me) {
                peer.sync.peer_down(other, now);
                self.settle(me);
            }
        }
    }

    /// Pulls the cable: from here on everything is lost, and nobody is told.
    pub fn pull(&mut self, a: PeerId, b: PeerId) {
        self.wires.retain(|(from, to, _), _| !((*from == a && *to == b) || (*from == b && *to == a)));
    }

    /// Connects everybody with everybody.
    pub fn connect_all(&mut self) {
        let peers: Vec<PeerId> = self.peers.keys().copied().collect();
        for (at, a) in peers.iter().enumerate() {
            for b in &peers[at + 1..] {
                self.connect(*a, *b);
            }
        }
    }

    pub fn is_connected(&self, a: PeerId, b: PeerId) -> bool {
        self.wires.contains_key(&(a, b, Channel::Sync))
    }

    pub fn edit(&mut self, me: PeerId, edit: Edit) {
        let now = self.time();
        let peer = self.peers.get_mut(&me).unwrap();
        match peer.sync.edit(edit, now) {
            Ok(_) | Err(EditRefused::Apply(ApplyError::Unchanged)) => {}
            Err(error) => panic!("{error}"),
        }
        self.settle(me);
    }

    /// Some edit that a person might make.
    pub fn edit_something(&mut self, me: PeerId) {
        let at = self.dice.below(16) as u16;
        let edit = match self.dice.below(14) {
            0 => Edit::SetTempo {
                tempo: Tempo::from_bpm(60.0 + self.dice.below(100) as f64).unwrap(),
                ramp_ns: 0,
            },
            1 => Edit::RenameSession { name: Name::new(&format!("Jam {}", self.dice.below(100))).unwrap() },
            2 => {
                let velocity = Some(Velocity::clamped(1 + self.dice.below(127) as i64));
                let patch = StepPatch { velocity, ..StepPatch::default() };
                Edit::SetSteps { track: TRACK, pattern: PATTERN, steps: vec![(at, patch)] }
            }
            10..14 if self.has_room(me) => self.sequencer_edit(at),
            _ => step(at, self.dice.below(2) == 0),
        };
        self.edit(me, edit);
    }

    /// Long runs must not fill the session.
    fn has_room(&self, me: PeerId) -> bool {
        let song = self.peers[&me].sync.song();
        let patterns = song.tracks.iter().map(|track| track.patterns.len()).max();
        song.scenes.len() < 50 && patterns.is_some_and(|patterns| patterns < 100)
    }

    /// Something of every place in the document, always valid: ids are fresh and what they name is there.
    fn sequencer_edit(&mut self, at: u16) -> Edit {
        let (track, pattern) = (TRACK, PATTERN);
        let number = self.dice.below(1 << 40);
        let id: [u8; 16] = std::array::from_fn(|at| (number >> (at % 5 * 8)) as u8);
        let name = || Name::new(&format!("Part {}", number % 100)).unwrap();
        let pitch = Pitch::clamped((number % 60) as i64 - 30);
        match self.dice.below(7) {
            0 => Edit::SetChords {
                track,
                pattern,
                notes: vec![(at, Pitch::clamped((number % 7) as i64), Some(NoteLength::MAX))],
            },
            1 => {
                Edit::SetLocks { track, pattern, locks: vec![(at, Param::Tune, Some(number as i16 % 2_400))] }
            }
            2 => {
                let note = FreeNote {
                    start: Ticks((number % 1_000) as i64),
                    length: Ticks(1 + number as i64 % 99),
                    pitch,
                    velocity: Velocity::MAX,
                };
                Edit::SetNotes { track, pattern, notes: vec![(NoteId(id), Some(note))] }
            }
            3 => Edit::AddScene {
                scene: SceneId(id),
                name: name(),
                order: OrderKey::first(),
                slots: vec![(track, pattern)],
            },
            4 => Edit::SetFill {
                on: number & 1 == 0,
                at: Some(Moment { run: SessionTime(number as i64), tick: Ticks::from_bars(5) }),
                quantum: None,
            },
            5 => Edit::SetParam { track, param: Param::Drive, value: Some((number % 100) as i16) },
            _ => Edit::AddPattern {
                track,
                pattern: PatternId(id),
                like: Box::new(Pattern::empty(name(), OrderKey::first())),
            },
        }
    }

    /// A frame that a test made, as if `from` had sent it; it arrives at once.
    pub fn inject(&mut self, from: PeerId, to: PeerId, channel: Channel, frame: &[u8]) {
        self.deliver(from, to, channel, frame);
    }

    pub fn run_for(&mut self, nanos: i64) {
        let end = self.now + nanos;
        while let Some(next) = self.next_event().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.perform();
        }
        self.now = end;
    }

    /// Runs until the condition holds; panics with the seed's time when it does not within `limit`.
    pub fn run_until(&mut self, limit: i64, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let end = self.now + limit;
        while !holds(self) {
            let next = self.next_event().filter(|next| *next <= end);
            let Some(next) = next else { panic!("{what}: not within {} ms", limit / MS) };
            self.now = self.now.max(next);
            self.perform();
        }
    }

    pub fn converge(&mut self, limit: i64) {
        self.run_until(limit, "peers converge", Self::is_converged);
    }

    pub fn is_converged(&self) -> bool {
        let mut peers = self.peers.values();
        let Some(first) = peers.next() else { return true };
        peers.all(|peer| {
            peer.sync.document().heads() == first.sync.document().heads()
                && peer.sync.roster() == first.sync.roster()
        })
    }

    pub fn assert_equal_songs(&self) {
        let mut peers = self.peers.values();
        let Some(first) = peers.next() else { return };
        for peer in peers {
            assert_eq!(peer.sync.song(), first.sync.song());
        }
    }

    pub fn assert_no_faults(&self) {
        for peer in self.peers.values() {
            assert_eq!(peer.faults, [], "no honest peer is blamed");
        }
    }

    fn next_event(&self) -> Option<i64> {
        let arrivals = self.wires.values().filter_map(|wire| wire.front().map(|(at, _)| *at));
        let timeouts = self.peers.values().filter_map(|peer| peer.sync.poll_timeout().map(|at| at.0));
        arrivals.chain(timeouts).min()
    }

    fn perform(&mut self) {
        let due = |at: i64| at <= self.now;
        let ready: Vec<_> = self
            .wires
            .iter()
            .filter(|(_, wire)| wire.front().is_some_and(|(at, _)| due(*at)))
            .map(|(path, _)| *path)
            .collect();
        for (from, to, channel) in ready {
            let frame = self.wires.get_mut(&(from, to, channel)).and_then(VecDeque::pop_front);
            if let Some((_, frame)) = frame {
                self.deliver(from, to, channel, &frame);
            }
        }
        for me in self.peers.keys().copied().collect::<Vec<_>>() {
            let now = self.time();
            let peer = self.peers.get_mut(&me).unwrap();
            if peer.sync.poll_timeout().is_some_and(|at| at <= now.host) {
                peer.sync.handle_timeout(now);
                self.settle(me);
            }
        }
    }

    fn deliver(&mut self, from: PeerId, to: PeerId, channel: Channel, frame: &[u8]) {
        let now = self.time();
        let peer = self.peers.get_mut(&to).unwrap();
        match channel {
            Channel::Sync => peer.sync.handle_frame(from, frame, now),
            Channel::Blob => peer.sync.handle_blob_frame(from, frame, now),
        }
        self.settle(to);
    }

    /// Performs everything that a peer asks for.
    pub fn settle(&mut self, me: PeerId) {
        let mut closed = Vec::new();
        loop {
            let now = self.time();
            let peer = self.peers.get_mut(&me).unwrap();
            let Some(output) = peer.sync.poll_output() else { break };
            match output {
                SyncOutput::Send { peer: to, frame } => self.post(me, to, Channel::Sync, frame),
                SyncOutput::SendBulk { peer: to, frame } => self.post(me, to, Channel::Blob, frame),
                SyncOutput::Store { envelope } => peer.stored.push(envelope),
                SyncOutput::StoreRoster { roster } => peer.roster = roster,
                SyncOutput::ReadBlob { sample } => {
                    let bytes = peer.blobs.get(&sample).cloned();
                    peer.sync.blob_read(sample, bytes, now);
                }
                SyncOutput::BlobReady { sample, bytes } => {
                    assert_eq!(blake3::hash(&bytes).as_bytes(), &sample.0, "only verified bytes come out");
                    peer.blobs.insert(sample, bytes.clone());
                    peer.received.insert(sample, bytes);
                    peer.sync.have_blob(sample);
                }
                SyncOutput::Fault { peer: other, reason } => {
                    peer.faults.push((other, reason));
                    closed.push(other);
                }
                other => peer.news.push(other),
            }
        }
        for other in closed {
            self.cut(me, other);
        }
    }

    fn post(&mut self, from: PeerId, to: PeerId, channel: Channel, frame: Vec<u8>) {
        let (low, high) = self.delay_ms;
        let delay = (low + self.dice.below(high - low + 1)) as i64 * MS;
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.frames_sent += 1;
            peer.live_sent += u64::from(channel == Channel::Sync && frame.first() == Some(&LIVE));
            peer.bytes_sent += frame.len() as u64;
        }
        let now = self.now;
        // A frame to a peer that was cut off is lost, as on a closed connection.
        let Some(wire) = self.wires.get_mut(&(from, to, channel)) else { return };
        let after = wire.back().map_or(now, |(at, _)| *at);
        wire.push_back(((now + delay).max(after), frame));
        let under_way = wire.iter().map(|(_, frame)| frame.len()).sum();
        self.most_under_way = self.most_under_way.max(under_way);
    }
}
