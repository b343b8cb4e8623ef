//! One connection to one peer, and what is under way on it.
//!
//! A link opens when both sides have said `Hello` and each knows the other as a member. From then on:
//! live changes go out as they happen while fewer than [`WINDOW_BYTES`] are unacknowledged; whatever does not
//! fit is left to reconciling, which answers a peer's list of what it has with batches, as acknowledgements
//! come in. So a slow peer costs a bounded queue, and nothing is lost.

use std::collections::{BTreeSet, HashMap, VecDeque};

use antiphon_identity::PeerId;
use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use crate::{
    limits::{FRAMES_BURST, FRAMES_PER_SECOND, PRESENCE_PER_SECOND, WINDOW_BYTES},
    log::Place,
    output::Versions,
    pace::Pace,
    wire::{Have, Hello},
};

/// How often peers compare what they have. So often, that links of a session need no heartbeats beside it.
pub(crate) const DIGEST_EVERY_NS: i64 = NANOS_PER_SECOND * 3 / 2;
/// How much longer the side with the higher id waits: it answers the other's comparison with its own, in the packet
/// that acknowledges it anyway.
pub(crate) const DIGEST_AFTER_NS: i64 = NANOS_PER_SECOND / 10;
/// The least time between two questions for what is missing.
pub(crate) const ASK_GAP_NS: i64 = NANOS_PER_SECOND / 5;
/// The longest a live change waits for its acknowledgement: for the next comparison, which it travels with.
pub(crate) const ACK_AFTER_NS: i64 = DIGEST_EVERY_NS + DIGEST_AFTER_NS;
/// The least time between two of our presences: 20 a second.
pub(crate) const PRESENCE_GAP_NS: i64 = NANOS_PER_SECOND / 20;
/// How often presence is repeated, for whoever missed it: with every fourth comparison.
pub(crate) const PRESENCE_EVERY_NS: i64 = 4 * DIGEST_EVERY_NS;
/// What is due within this time of a comparison goes out with it. Each packet of its own costs a hundred bytes
/// around it and another one to acknowledge it.
pub(crate) const TOGETHER_NS: i64 = NANOS_PER_SECOND;
/// How long a change of our company waits for others: peers come and go together.
pub(crate) const COMPANY_AFTER_NS: i64 = NANOS_PER_SECOND / 10;

/// Where a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not both have said hello as members; nothing else is sent.
    Greeting,
    /// Changes flow.
    Open,
    /// The peer is in another session.
    Elsewhere,
    /// The peer broke the rules: deaf until it is gone.
    Faulted,
}

#[derive(Debug)]
pub(crate) struct Link {
    pub phase: Phase,
    /// Have we said hello?
    pub greeted: bool,
    /// Their hello.
    pub hello: Option<Hello>,
    pub versions: Option<Versions>,
    pub is_newer: bool,
    pub sending: Sending,
    pub receiving: Receiving,
    /// With whom the peer exchanges changes, as it last said.
    pub company: BTreeSet<PeerId>,
    /// When to tell it ours.
    pub company_at: Option<HostTime>,
    pub presence_at: HostTime,
    pub answers: bool,
    pub digest_at: HostTime,
    /// When we last compared, the opening counted too.
    pub compared: HostTime,
    pub told_up_to_date: bool,
    pub frames: Pace,
    pub lists: Pace,
    pub hellos: Pace,
    pub presences: Pace,
    pub stranger_frames: u32,
}

/// Changes on their way to the peer.
#[derive(Debug, Default)]
pub(crate) struct Sending {
    /// The rest of the answer to the peer's last list.
    pub backlog: VecDeque<Place>,
    /// Is there an answer to be finished?
    pub answering: bool,
    /// Bytes not acknowledged.
    pub in_flight: u64,
    /// Did something not fit the window?
    pub behind: bool,
    /// The last change of each actor that the peer has, will have, or sent to us.
    known: HashMap<[u8; 32], u64>,
}

/// Changes on their way from the peer.
#[derive(Debug, Default)]
pub(crate) struct Receiving {
    /// Is a list of ours being answered?
    pub asked: bool,
    /// When to send a list.
    pub ask_at: Option<HostTime>,
    pub asked_at: Option<HostTime>,
    /// Bytes that we have not acknowledged.
    pub unacknowledged: u64,
    pub acknowledge_at: Option<HostTime>,
    /// Actors whose changes are not taken from this peer.
    pub unwanted: BTreeSet<[u8; 32]>,
}

impl Link {
    /// `answers` says that the peer has the lower id and compares first.
    pub fn new(answers: bool, now: HostTime) -> Self {
        Self {
            answers,
            phase: Phase::Greeting,
            greeted: false,
            hello: None,
            versions: None,
            is_newer: false,
            sending: Sending::default(),
            receiving: Receiving::default(),
            company: BTreeSet::new(),
            company_at: None,
            presence_at: now,
            digest_at: now + DIGEST_EVERY_NS,
            compared: now,
            told_up_to_date: false,
            frames: Pace::new(FRAMES_PER_SECOND, FRAMES_BURST),
            // We send a list at most five times a second, and say hello once or twice.
            lists: Pace::new(20, 40),
            hellos: Pace::new(1, 8),
            presences: Pace::new(PRESENCE_PER_SECOND, PRESENCE_PER_SECOND),
            stranger_frames: 0,
        }
    }

    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Forgets what was under way: the peer began anew.
    pub fn reopen(&mut self, now: HostTime) {
        self.phase = Phase::Open;
        self.sending = Sending::default();
        self.receiving = Receiving::default();
        self.company.clear();
        self.told_up_to_date = false;
        self.has_compared(now);
        self.presence_at = now;
    }

    /// Asks for what is missing, soon.
    pub fn ask_soon(&mut self, now: HostTime) {
        let earliest = self.receiving.asked_at.map_or(now, |asked| (asked + ASK_GAP_NS).max(now));
        self.receiving.ask_at.get_or_insert(earliest);
    }

    /// Compares ahead of time, though not more often than lists are asked for.
    pub fn compare_soon(&mut self, now: HostTime) {
        self.digest_at = self.digest_at.min((self.compared + ASK_GAP_NS).max(now));
    }

    pub fn has_compared(&mut self, now: HostTime) {
        self.compared = now;
        self.digest_at = now + DIGEST_EVERY_NS + if self.answers { DIGEST_AFTER_NS } else { 0 };
    }

    /// The next moment at which something is due, `None` while nothing can be.
    pub fn due(&self, has_presence: bool) -> Option<HostTime> {
        if !self.is_open() {
            return None;
        }
        let presence = has_presence.then_some(self.presence_at);
        let Receiving { ask_at, acknowledge_at, .. } = self.receiving;
        [Some(self.digest_at), ask_at, acknowledge_at, self.company_at, presence].into_iter().flatten().min()
    }
}

impl Sending {
    /// Does a change fit what may be under way?
    pub fn has_room(&self, bytes: usize) -> bool {
        self.in_flight.saturating_add(bytes as u64) <= WINDOW_BYTES
    }

    pub fn knows(&self, actor: &[u8; 32], seq: u64) -> bool {
        self.known.get(actor).is_some_and(|known| *known >= seq)
    }

    pub fn learn(&mut self, actor: [u8; 32], seq: u64) {
        let known = self.known.entry(actor).or_default();
        *known = seq.max(*known);
    }

    pub fn known(&self, actor: &[u8; 32]) -> u64 {
        self.known.get(actor).copied().unwrap_or(0)
    }

    /// The peer has another change under this number: it gets ours, which proves what their author did.
    pub fn doubt(&mut self, actor: [u8; 32], seq: u64) {
        self.known.insert(actor, seq.saturating_sub(1));
    }

    /// Believes the peer's list. While changes are under way it may be older than they are; once all are
    /// acknowledged it is the truth, also about those that the peer did not take.
    pub fn believe(&mut self, have: &Have) {
        if self.in_flight == 0 {
            self.known.clear();
        }
        for theirs in &have.actors {
            self.learn(theirs.actor, theirs.seq);
        }
    }
}
