//! One peer's clock as a state machine: packets and time in, packets and a map out.

use std::collections::{BTreeMap, VecDeque};

use antiphon_timeline::{HostTime, TimebaseId};

use crate::{
    company::Company,
    consensus::{View, median, steer},
    event::{ClockEvent, ClockFaults, Suspicion, Transmit},
    limits::{EVENTS_MAX, PEERS_KNOWN_MAX, TRANSMITS_MAX},
    link::{Ignored, Link},
    merge::{APART_NS, Dwell, Settling},
    neighbour::{Heard, Neighbour},
    own::OwnClock,
    partners::Partners,
    rng::Rng,
    schedule::Pace,
    wire::{Announcement, Kind, Packet, SENT_AT},
};

mod readout;

/// Whose clock: the bytes of a device's public key.
pub type PeerKey = [u8; 32];

pub(crate) const MILLISECOND: i64 = 1_000_000;

const TICK_NS: i64 = 250 * MILLISECOND;
/// While unlocked, so that a join is not kept waiting.
const TICK_SEEKING_NS: i64 = 40 * MILLISECOND;
/// While nobody listens.
const TICK_IDLE_NS: i64 = 1_000 * MILLISECOND;
/// How much longer to seek while a session to join is being measured.
const JOIN_PATIENCE_NS: i64 = 2_000 * MILLISECOND;
/// Links whose proofs of a step fall within this agree that it was our clock.
const PROOFS_TOGETHER_NS: i64 = 1_500 * MILLISECOND;
/// After an idle time, links count as heard by its measure until all have been asked again.
const WAKING_NS: i64 = 3_000 * MILLISECOND;
/// What is told as being apart from all others: more than any honest measurement errs by.
const OUTLYING_NS: f64 = 5e6;
/// How long those of one island that are too far apart have to step together.
const FAR_PATIENCE_NS: i64 = 2_000 * MILLISECOND;

/// What may be chosen about a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockConfig {
    /// How long to look for others before session time is one's own.
    pub alone_after_ns: i64,
}

impl Default for ClockConfig {
    fn default() -> Self {
        Self { alone_after_ns: 800 * MILLISECOND }
    }
}

/// One peer's clock. See the crate's page for the idea and the loop that drives it.
#[derive(Debug)]
pub struct ClockPeer {
    pub(crate) me: PeerKey,
    /// Us among others.
    mark: Company,
    config: ClockConfig,
    pub(crate) rng: Rng,
    epoch: u32,
    pub(crate) own: OwnClock,
    links: BTreeMap<PeerKey, Link>,
    partners: Partners,
    next_tick: HostTime,
    ticked: HostTime,
    idle: bool,
    woken: Option<HostTime>,
    /// The island we are about to move to, since when, and after how long.
    pub(crate) courted: Option<Dwell<TimebaseId>>,
    pub(crate) apart: Option<Dwell<()>>,
    pub(crate) settling: Option<Settling>,
    /// Since when some of our island are too far away to steer together.
    far: Option<HostTime>,
    transmits: VecDeque<Transmit>,
    events: VecDeque<ClockEvent>,
    faults: ClockFaults,
}

impl ClockPeer {
    /// A clock with a timebase of its own, not yet locked.
    pub fn new(me: PeerKey, config: ClockConfig, seed: u64, now: HostTime) -> Self {
        let mut rng = Rng::new(seed);
        let timebase = TimebaseId(rng.next_u64());
        Self {
            me,
            mark: Company::of([&me]),
            config,
            epoch: rng.next_u64() as u32,
            rng,
            own: OwnClock::found(timebase, now),
            links: BTreeMap::new(),
            partners: Partners::new(me, now),
            next_tick: now,
            ticked: now,
            idle: false,
            woken: None,
            courted: None,
            apart: None,
            settling: None,
            far: None,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
            faults: ClockFaults::default(),
        }
    }

    /// Another peer can be reached. Whether it is taken up: not past [`PEERS_KNOWN_MAX`].
    pub fn peer_up(&mut self, peer: PeerKey, now: HostTime) -> bool {
        if peer == self.me || (self.links.len() >= PEERS_KNOWN_MAX && !self.links.contains_key(&peer)) {
            return false;
        }
        self.links.insert(peer, Link::new(&peer, now));
        self.pick_partners();
        true
    }

    /// Another peer can no longer be reached.
    pub fn peer_down(&mut self, peer: PeerKey, _now: HostTime) {
        self.links.remove(&peer);
        self.transmits.retain(|transmit| transmit.to != peer);
        self.pick_partners();
    }

    fn pick_partners(&mut self) {
        let known: Vec<PeerKey> = self.links.keys().copied().collect();
        self.partners.pick(&known, &mut self.rng);
    }

    /// A packet came from `from`, at `received` by this machine's clock. Bytes that are no packet, and
    /// packets that cannot be true, are counted and ignored.
    pub fn handle_packet(&mut self, from: PeerKey, received: HostTime, bytes: &[u8]) {
        let Some(link) = self.links.get_mut(&from) else {
            self.faults.unknown += 1;
            return;
        };
        let Some(packet) = Packet::decode(bytes) else {
            self.faults.malformed += 1;
            link.trust.note(Suspicion::Forges, received);
            return;
        };
        let was_dead = link.is_dead(received);
        match link.receive(&packet, received) {
            Err(Ignored::Stale) => {
                self.faults.stale += 1;
                return;
            }
            Err(Ignored::FalseEcho) => self.faults.false_echoes += 1,
            Err(Ignored::Implausible) => self.faults.implausible += 1,
            Ok(()) if link.trust.is_suspect() => self.faults.disbelieved += 1,
            Ok(()) => {}
        }
        if was_dead {
            self.try_the_dead(received);
        }
        if packet.kind == Kind::Ping {
            self.send(from, Kind::Pong, received);
        }
    }

    /// Where one link is back, the others may be.
    fn try_the_dead(&mut self, now: HostTime) {
        for (_, link) in self.links.iter_mut().filter(|(_, link)| link.is_dead(now)) {
            link.hurry(now);
        }
    }

    /// Packet `seq` to `to` really left at `sent`, measured after its stamp was written. A later packet on
    /// that link tells it, and the receiver replaces the stamp by it.
    pub fn handle_sent(&mut self, to: PeerKey, seq: u32, sent: HostTime) {
        if let Some(link) = self.links.get_mut(&to) {
            link.note_sent(seq, sent);
        }
    }

    /// Time has passed. Pings what is due and steers.
    pub fn handle_timeout(&mut self, now: HostTime) {
        let mut due = Vec::new();
        for key in self.partners.iter() {
            let pace = Pace { leads: self.me < *key, links: self.partners.len(), idle: self.idle };
            if self.links.get_mut(key).is_some_and(|link| link.is_ping_due(pace, now, &mut self.rng)) {
                due.push(*key);
            }
        }
        for peer in due {
            self.send(peer, Kind::Ping, now);
        }
        if now >= self.next_tick {
            self.tick(now);
            self.next_tick = now + self.tick_ns();
        }
    }

    fn tick_ns(&self) -> i64 {
        let waiting = self.settling.is_some_and(|settling| settling.due <= self.ticked);
        match (self.own.is_locked() && !waiting, self.idle) {
            (false, _) => TICK_SEEKING_NS,
            (true, false) => TICK_NS,
            (true, true) => TICK_IDLE_NS,
        }
    }

    /// This machine slept, or its clock is known to have jumped: links are measured anew.
    ///
    /// `known_gap_ns` is how much time passed that the host clock did not count, if that is known. Then
    /// session time is carried on by as much, one step that is told, and only verified; else it is taken
    /// over as when joining.
    pub fn handle_discontinuity(&mut self, now: HostTime, known_gap_ns: Option<i64>) {
        self.epoch = self.epoch.wrapping_add(1);
        for link in self.links.values_mut() {
            link.restart_here(now);
        }
        self.transmits.clear();
        (self.courted, self.apart, self.settling) = (None, None, None);
        self.next_tick = now;
        match known_gap_ns.filter(|_| self.own.is_locked()) {
            Some(gap_ns) => {
                let to = self.own.at(now + gap_ns);
                self.step(self.own.timebase(), to, None, now);
                self.own.lock(now);
                self.settling = Some(Settling::carried(now));
            }
            None => {
                if self.own.is_locked() {
                    self.tell(ClockEvent::Unlocked);
                }
                self.own.seek(now);
            }
        }
    }

    /// Whether nobody listens here now: then links are asked four times as seldom.
    pub fn set_idle(&mut self, idle: bool, now: HostTime) {
        if self.idle && !idle {
            self.woken = Some(now);
            self.next_tick = now;
            self.links.values_mut().for_each(|link| link.hurry(now));
        }
        self.idle = idle;
    }

    /// Locks at once to one's own timebase, to play without waiting for others. Nothing when locked.
    pub fn lock_now(&mut self, now: HostTime) {
        if !self.own.is_locked() {
            self.own.lock(now);
            self.tell(ClockEvent::Locked);
        }
    }

    /// When to call [`Self::handle_timeout`] next.
    pub fn poll_timeout(&self) -> Option<HostTime> {
        let pings = self.partners.iter().filter_map(|key| Some(self.links.get(key)?.next_ping()));
        pings.chain([self.next_tick]).min()
    }

    /// The next packet to send. The io crate writes its clock at `stamp_at` just before sending.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<ClockEvent> {
        self.events.pop_front()
    }

    fn tick(&mut self, now: HostTime) {
        self.ticked = now;
        for link in self.links.values_mut() {
            link.refresh(now);
        }
        if self.was_it_me(now) {
            self.tell(ClockEvent::ClockStepped);
            self.handle_discontinuity(now, None);
        }
        self.swap_partner(now);
        let heard = self.heard(now);
        let neighbours = self.neighbours(&heard, now);
        self.merge(&heard, &neighbours, now);
        self.rejoin_if_apart(&neighbours, now);
        self.settle_by_step(&neighbours, now);
        self.note_outliers(&neighbours, now);
        self.review_trust(now);
        self.steer(&neighbours, now);
        if self.own.sought_ns(now).is_some_and(|sought_ns| sought_ns >= self.alone_after_ns(&heard)) {
            self.lock_now(now);
        }
    }

    /// Of two clocks that have parted nobody can say which stepped; when most links say so, we did.
    fn was_it_me(&mut self, now: HostTime) -> bool {
        let rarely = self.hears_rarely(now);
        let believed = || self.links.values().filter(|link| !link.trust.is_suspect());
        let measured = believed().filter(|link| link.remote(rarely, now).is_some()).count();
        let is_recent = |at: HostTime| now - at < PROOFS_TOGETHER_NS;
        let proofs = believed().filter(|link| link.proved_step.is_some_and(is_recent)).count();
        let me = proofs >= 2 && proofs * 2 >= measured;
        if me {
            for link in self.links.values_mut() {
                link.proved_step = None;
                link.trust.forgive(Suspicion::Runaway);
            }
        }
        me
    }

    fn swap_partner(&mut self, now: HostTime) {
        let known: Vec<PeerKey> = self.links.keys().copied().collect();
        let links = &self.links;
        let useless =
            |key: &PeerKey| links.get(key).is_none_or(|link| link.is_dead(now) || link.trust.is_suspect());
        self.partners.swap_if_due(&known, useless, now, &mut self.rng);
    }

    fn heard(&self, now: HostTime) -> Vec<Heard> {
        self.listen(now).collect()
    }

    fn listen(&self, now: HostTime) -> impl Iterator<Item = Heard> {
        let rarely = self.hears_rarely(now);
        self.links.iter().filter_map(move |(key, link)| {
            let announcement = link.remote(rarely, now).filter(|remote| remote.locked)?;
            (!link.trust.is_suspect()).then_some(Heard { key: *key, mark: link.mark, announcement })
        })
    }

    fn neighbours(&self, heard: &[Heard], now: HostTime) -> Vec<Neighbour> {
        heard.iter().filter_map(|heard| Neighbour::of(*heard, self.links.get(&heard.key)?, now)).collect()
    }

    fn hears_rarely(&self, now: HostTime) -> bool {
        self.idle || self.woken.is_some_and(|woken| now - woken < WAKING_NS)
    }

    /// Whom we hear in our own timebase, with ourselves.
    pub(crate) fn company_in(&self, heard: &[Heard]) -> Company {
        let with_us = heard.iter().filter(|h| self.is_with_us(&h.announcement)).map(|h| h.mark);
        Company::union(with_us.chain([self.mark]))
    }

    fn steer(&mut self, neighbours: &[Neighbour], now: HostTime) {
        if !self.own.is_locked() {
            return;
        }
        let mut views = self.views(neighbours, now);
        let far = views.iter().any(|view| view.error_ns.abs() > APART_NS);
        self.far = if far { self.far.or(Some(now)) } else { None };
        // Those too far away step to us or we to them. Where neither happens somebody lies, to whom trimming
        // is the answer: to leave out all that are far would leave us alone with the liar.
        if views.len() < 3 || self.far.is_some_and(|since| now - since < FAR_PATIENCE_NS) {
            views.retain(|view| view.error_ns.abs() <= APART_NS);
        }
        let acquiring = self.own.is_acquiring(now);
        let steering = steer(&views, self.own.base(), acquiring, self.own.since_steered_s(now));
        self.own.steer(steering, now);
        self.tell(ClockEvent::MapChanged(self.own.map()));
    }

    /// What counts of our own timebase: whom we measure well, and who is settled, unless nobody is here.
    pub(crate) fn views(&self, neighbours: &[Neighbour], now: HostTime) -> Vec<View> {
        let acquiring = self.own.is_acquiring(now);
        let counts = |n: &&Neighbour| {
            n.ready && self.is_with_us(&n.announcement) && (n.announcement.settled || acquiring)
        };
        let view = |n: &Neighbour| View {
            error_ns: (n.session - self.own.at(now)) as f64,
            half_ns: n.half_ns,
            rate_gap: n.base_seen_here() - self.own.base(),
            span_s: n.span_s,
        };
        neighbours.iter().filter(counts).map(view).collect()
    }

    /// Of four or more, those far from the middle of all are told.
    fn note_outliers(&mut self, neighbours: &[Neighbour], now: HostTime) {
        let ours: Vec<&Neighbour> = neighbours.iter().filter(|n| self.is_with_us(&n.announcement)).collect();
        let ahead = |n: &&Neighbour| (n.session - self.own.at(now)) as f64;
        let mut errors: Vec<f64> = ours.iter().map(ahead).chain([0.0]).collect();
        let Some(middle) = median(&mut errors).filter(|_| ours.len() >= 3 && self.own.is_locked()) else {
            return;
        };
        let outlying: Vec<(PeerKey, bool)> =
            ours.iter().map(|n| (n.key, (ahead(n) - middle).abs() > OUTLYING_NS + n.half_ns)).collect();
        for (key, outlying) in outlying {
            match (self.links.get_mut(&key), outlying) {
                (Some(link), true) => link.trust.note(Suspicion::Apart, now),
                (Some(link), false) => link.trust.forgive(Suspicion::Apart),
                (None, _) => {}
            }
        }
    }

    fn review_trust(&mut self, now: HostTime) {
        let changes: Vec<_> =
            self.links.iter_mut().filter_map(|(key, link)| Some((*key, link.trust.review(now)?))).collect();
        for (peer, suspicion) in changes {
            self.tell(match suspicion {
                Some(why) => ClockEvent::PeerSuspect { peer, why },
                None => ClockEvent::PeerCleared { peer },
            });
        }
    }

    fn alone_after_ns(&self, heard: &[Heard]) -> i64 {
        self.config.alone_after_ns + if heard.is_empty() { 0 } else { JOIN_PATIENCE_NS }
    }

    pub(crate) fn is_with_us(&self, remote: &Announcement) -> bool {
        remote.locked && remote.map.timebase == self.own.timebase()
    }

    fn send(&mut self, to: PeerKey, kind: Kind, now: HostTime) {
        let (mut members, mut company) = (1_u16, self.mark);
        for heard in self.listen(now).filter(|heard| self.is_with_us(&heard.announcement)) {
            members = members.saturating_add(1);
            company = Company::union([company, heard.mark]);
        }
        let announcement = self.own.announcement(members, company, now);
        let Some(link) = self.links.get_mut(&to) else { return };
        if self.transmits.len() >= TRANSMITS_MAX {
            self.faults.unsent += 1;
            return;
        }
        let packet = link.packet(kind, self.epoch, announcement, now);
        self.transmits.push_back(Transmit { to, seq: packet.seq, bytes: packet.encode(), stamp_at: SENT_AT });
    }

    pub(crate) fn tell(&mut self, event: ClockEvent) {
        if let (ClockEvent::MapChanged(_), Some(ClockEvent::MapChanged(_))) = (&event, self.events.back()) {
            self.events.pop_back();
        }
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}
