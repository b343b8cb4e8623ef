//! One peer's clock as a state machine: packets and time in, packets and a map out.

use std::collections::{BTreeMap, VecDeque};

use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};

use crate::{
    company::Company,
    consensus::{View, median, steer},
    event::{ClockEvent, ClockFaults, LinkQuality, Overview, Transmit},
    island::Standing,
    limits::{EVENTS_MAX, PEERS_KNOWN_MAX, TRANSMITS_MAX},
    link::{Ignored, Link},
    own::OwnClock,
    rng::Rng,
    wire::{Announcement, Kind, Packet, SENT_AT},
};

/// Whose clock: the bytes of a device's public key.
pub type PeerKey = [u8; 32];

const MILLISECOND: i64 = 1_000_000;

const TICK_NS: i64 = 250 * MILLISECOND;
/// While unlocked, so that a join is not kept waiting.
const TICK_SEEKING_NS: i64 = 40 * MILLISECOND;
/// An error past this is not drift: the island has fallen apart and its larger part decides.
const APART_NS: f64 = 50e6;
const COHERENT_NS: f64 = 20e6;
const APART_DWELL_NS: i64 = 200 * MILLISECOND;
/// How much longer to seek while a session to join is being measured.
const JOIN_PATIENCE_NS: i64 = 2_000 * MILLISECOND;
/// After this long in sight of each other, islands that are joined by few links believe each other's size.
const BRIDGE_DWELL_NS: i64 = 10_000 * MILLISECOND;
/// Largest island anybody can claim.
const CLAIM_MAX: u16 = 256;
/// Links whose proofs of a step fall within this agree that it was our clock.
const PROOFS_TOGETHER_NS: i64 = 1_500 * MILLISECOND;

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
    me: PeerKey,
    config: ClockConfig,
    rng: Rng,
    epoch: u32,
    own: OwnClock,
    links: BTreeMap<PeerKey, Link>,
    next_tick: HostTime,
    ticked: HostTime,
    idle: bool,
    /// The island we are about to move to, since when, and after how long.
    courted: Option<Dwell<TimebaseId>>,
    apart: Option<Dwell<()>>,
    transmits: VecDeque<Transmit>,
    events: VecDeque<ClockEvent>,
    faults: ClockFaults,
}

#[derive(Debug, Clone, Copy)]
struct Dwell<T> {
    what: T,
    since: HostTime,
    ns: i64,
}

/// A neighbour that is heard, locked and measured.
struct Neighbour {
    key: PeerKey,
    announcement: Announcement,
    /// Their session time now, by their map.
    session: SessionTime,
    half_ns: f64,
    drift: f64,
    span_s: f64,
    ready: bool,
}

impl ClockPeer {
    /// A clock with a timebase of its own, not yet locked.
    pub fn new(me: PeerKey, config: ClockConfig, seed: u64, now: HostTime) -> Self {
        let mut rng = Rng::new(seed);
        let timebase = TimebaseId(rng.next_u64());
        Self {
            me,
            config,
            epoch: rng.next_u64() as u32,
            rng,
            own: OwnClock::found(timebase, now),
            links: BTreeMap::new(),
            next_tick: now,
            ticked: now,
            idle: false,
            courted: None,
            apart: None,
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
        self.links.insert(peer, Link::new(now));
        true
    }

    /// Another peer can no longer be reached.
    pub fn peer_down(&mut self, peer: PeerKey, _now: HostTime) {
        self.links.remove(&peer);
        self.transmits.retain(|transmit| transmit.to != peer);
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
            return;
        };
        match link.receive(&packet, received) {
            Err(Ignored::Stale) => {
                self.faults.stale += 1;
                return;
            }
            Err(Ignored::FalseEcho) => self.faults.false_echoes += 1,
            Ok(()) => {}
        }
        if packet.kind == Kind::Ping {
            self.send(from, Kind::Pong, received);
        }
    }

    /// Time has passed. Pings what is due and steers.
    pub fn handle_timeout(&mut self, now: HostTime) {
        let links = self.links.len();
        let mut due = Vec::new();
        for (key, link) in &mut self.links {
            if link.is_ping_due(self.me < *key, links, now, &mut self.rng) {
                due.push(*key);
            }
        }
        for peer in due {
            self.send(peer, Kind::Ping, now);
        }
        if now >= self.next_tick {
            self.tick(now);
            let tick_ns = if self.own.is_locked() { TICK_NS } else { TICK_SEEKING_NS };
            self.next_tick = now + tick_ns;
        }
    }

    /// This machine slept, or its clock is known to have jumped: everything is measured anew, and the
    /// session's time taken over as when joining.
    pub fn handle_discontinuity(&mut self, now: HostTime, _known_gap_ns: Option<i64>) {
        self.epoch = self.epoch.wrapping_add(1);
        for link in self.links.values_mut() {
            link.restart_here(now);
        }
        self.transmits.clear();
        self.courted = None;
        self.apart = None;
        self.next_tick = now;
        if self.own.is_locked() {
            self.tell(ClockEvent::Unlocked);
        }
        self.own.seek(now);
    }

    /// Packet `seq` to `to` really left at `sent`, measured after its stamp was written. A later packet on
    /// that link tells it, and the receiver replaces the stamp by it.
    pub fn handle_sent(&mut self, to: PeerKey, seq: u32, sent: HostTime) {
        if let Some(link) = self.links.get_mut(&to) {
            link.note_sent(seq, sent);
        }
    }

    /// Whether nobody listens here now: then links are asked four times as seldom.
    pub fn set_idle(&mut self, idle: bool, _now: HostTime) {
        self.idle = idle;
    }

    /// Whom this peer asks for the time. All others up to [`PARTNERS_MAX`](crate::PARTNERS_MAX) of them.
    pub fn partners(&self) -> impl Iterator<Item = PeerKey> {
        self.links.keys().copied()
    }

    /// The whole clock at one glance, as of the last tick.
    pub fn overview(&self) -> Overview {
        let bounds = self.links.keys().filter_map(|key| self.quality(*key)).filter(|quality| quality.locked);
        Overview {
            locked: self.own.is_locked(),
            timebase: self.own.timebase(),
            members: 1 + self.heard_in(self.own.timebase(), self.ticked),
            error_bound_ns: bounds.map(|quality| quality.bound_ns).max().unwrap_or(0),
            rate_ppb: (self.own.base() * 1e9) as i64,
            faults: self.faults,
        }
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
        self.links.values().map(Link::next_ping).chain([self.next_tick]).min()
    }

    /// The next packet to send. The io crate writes its clock at `stamp_at` just before sending.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<ClockEvent> {
        self.events.pop_front()
    }

    /// Whose clock this is.
    pub fn key(&self) -> PeerKey {
        self.me
    }

    /// Host time to session time, now.
    pub fn map(&self) -> SessionMap {
        self.own.map()
    }

    /// Whether session time can be relied on.
    pub fn is_locked(&self) -> bool {
        self.own.is_locked()
    }

    /// Packets ignored so far, by reason.
    pub fn faults(&self) -> ClockFaults {
        self.faults
    }

    /// What was known of `peer`'s clock at the last tick, once anything is.
    pub fn quality(&self, peer: PeerKey) -> Option<LinkQuality> {
        let now = self.ticked;
        let link = self.links.get(&peer)?;
        let estimate = link.estimate()?;
        let remote = link.remote(now)?;
        let error_ns = remote.map.to_session(estimate.remote_at(now)) - self.own.at(now);
        Some(LinkQuality {
            locked: self.is_with_us(&remote),
            error_ns,
            bound_ns: error_ns.saturating_abs().saturating_add(estimate.half_ns as i64),
            round_trip_ns: (2.0 * estimate.half_ns) as i64,
            drift_ppb: (estimate.drift * 1e9) as i64,
            loss: link.loss(),
            jitter_ns: 0,
            packets: 0,
            suspect: None,
        })
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
        let neighbours = self.neighbours(now);
        self.merge(&neighbours, now);
        self.rejoin_if_apart(&neighbours, now);
        self.steer(&neighbours, now);
        if self.own.sought_ns(now).is_some_and(|sought_ns| sought_ns >= self.alone_after_ns(now)) {
            self.lock_now(now);
        }
    }

    /// Of two clocks that have parted nobody can say which stepped; when most links say so, we did.
    fn was_it_me(&mut self, now: HostTime) -> bool {
        let measured = self.links.values().filter(|link| link.remote(now).is_some()).count();
        let is_recent = |at: HostTime| now - at < PROOFS_TOGETHER_NS;
        let proofs = self.links.values().filter(|link| link.proved_step.is_some_and(is_recent)).count();
        let me = proofs >= 2 && proofs * 2 >= measured;
        if me {
            self.links.values_mut().for_each(|link| link.proved_step = None);
        }
        me
    }

    fn neighbours(&self, now: HostTime) -> Vec<Neighbour> {
        let neighbour = |(key, link): (&PeerKey, &Link)| {
            let announcement = link.remote(now).filter(|remote| remote.locked)?;
            let estimate = link.estimate()?;
            let session = announcement.map.to_session(estimate.remote_at(now));
            let (half_ns, drift, span_s) = (estimate.half_ns, estimate.drift, estimate.span_s);
            let ready = link.is_ready(now);
            Some(Neighbour { key: *key, announcement, session, half_ns, drift, span_s, ready })
        };
        self.links.iter().filter_map(neighbour).collect()
    }

    /// Moves to the best island that outranks ours, when it has done so for long enough.
    fn merge(&mut self, neighbours: &[Neighbour], now: HostTime) {
        let Some((timebase, dwell_ns)) = self.better_island(neighbours, now) else {
            self.courted = None;
            return;
        };
        let courted = match self.courted {
            // The wait is drawn once; only the long one for islands joined by few links can be cut short.
            Some(courted) if courted.what == timebase && courted.ns != BRIDGE_DWELL_NS => courted,
            Some(courted) if courted.what == timebase && dwell_ns == BRIDGE_DWELL_NS => courted,
            _ => Dwell { what: timebase, since: now, ns: dwell_ns },
        };
        self.courted = Some(courted);
        let members = neighbours.iter().filter(|n| n.announcement.map.timebase == timebase);
        let heard = self.heard_in(timebase, now);
        let ready: Vec<&Neighbour> = members.filter(|n| n.ready).collect();
        if now - courted.since >= courted.ns && ready.len() >= heard.min(3) {
            self.adopt(timebase, &ready, now);
        }
    }

    fn better_island(&mut self, neighbours: &[Neighbour], now: HostTime) -> Option<(TimebaseId, i64)> {
        let ours = self.own.timebase();
        let seen = |timebase: TimebaseId| {
            let member = neighbours.iter().find(|n| n.announcement.map.timebase == timebase)?;
            Some(Standing { members: self.heard_in(timebase, now), age_ns: member.session.0, timebase })
        };
        let standings = neighbours.iter().filter_map(|n| seen(n.announcement.map.timebase));
        if !self.own.is_locked() {
            let best = standings.reduce(|best, next| if next.outranks(&best) { next } else { best })?;
            return Some((best.timebase, 0));
        }
        let own =
            Standing { members: 1 + self.heard_in(ours, now), age_ns: self.own.at(now).0, timebase: ours };
        let others: Vec<Standing> = standings.filter(|standing| standing.timebase != ours).collect();
        let best_of = |own: Standing, candidates: Vec<Standing>| {
            let better = candidates.into_iter().filter(|standing| standing.outranks(&own));
            better.reduce(|best, next| if next.outranks(&best) { next } else { best })
        };
        if let Some(best) = best_of(own, others.clone()) {
            return Some((best.timebase, self.dwell_ns(own.members)));
        }
        let claimed = |standing: Standing| {
            let members = standing.members.max(self.claimed_size(standing.timebase, now));
            Standing { members, ..standing }
        };
        let own = claimed(own);
        best_of(own, others.into_iter().map(claimed).collect()).map(|best| (best.timebase, BRIDGE_DWELL_NS))
    }

    /// Alone one moves soon. In company one waits, each a different while, for the others to be counted.
    fn dwell_ns(&mut self, members: usize) -> i64 {
        if members == 1 {
            return 300 * MILLISECOND;
        }
        (1_000.0 * (1.0 + self.rng.unit())) as i64 * MILLISECOND
    }

    fn heard_in(&self, timebase: TimebaseId, now: HostTime) -> usize {
        self.announced_in(timebase, now).count()
    }

    fn claimed_size(&self, timebase: TimebaseId, now: HostTime) -> usize {
        let claims = self.announced_in(timebase, now).map(|remote| remote.members.min(CLAIM_MAX));
        claims.max().map_or(0, usize::from)
    }

    fn announced_in(&self, timebase: TimebaseId, now: HostTime) -> impl Iterator<Item = Announcement> {
        let remotes = self.links.values().filter_map(move |link| link.remote(now));
        remotes.filter(move |remote| remote.locked && remote.map.timebase == timebase)
    }

    fn adopt(&mut self, timebase: TimebaseId, members: &[&Neighbour], now: HostTime) {
        let ahead = |n: &&Neighbour| (n.session - self.own.at(now)) as f64;
        let Some(step) = median(&mut members.iter().map(ahead).collect::<Vec<_>>()) else { return };
        let rates = members.iter().filter(|n| n.span_s > 4.0);
        let base = median(&mut rates.map(|n| base_seen_here(n)).collect::<Vec<_>>());
        let to = self.own.at(now) + step as i64;
        let was_locked = self.own.is_locked();
        self.step(timebase, to, base, now);
        self.own.lock(now);
        self.courted = None;
        if !was_locked {
            self.tell(ClockEvent::Locked);
        }
    }

    fn step(&mut self, timebase: TimebaseId, to: SessionTime, base: Option<f64>, now: HostTime) {
        let old = self.own.timebase();
        let step_ns = self.own.step(timebase, to, base, now);
        self.tell(ClockEvent::TimebaseSwitched { old, new: timebase, step_ns });
        self.tell(ClockEvent::MapChanged(self.own.map()));
    }

    /// After a long parting the same timebase can hold two times too far apart to steer together. The
    /// larger part stays; of equal ones that with the lowest key.
    fn rejoin_if_apart(&mut self, neighbours: &[Neighbour], now: HostTime) {
        let Some(median_ns) = self.larger_part_ahead(neighbours, now) else {
            self.apart = None;
            return;
        };
        let apart = *self.apart.get_or_insert(Dwell { what: (), since: now, ns: APART_DWELL_NS });
        if now - apart.since >= apart.ns {
            self.apart = None;
            let to = self.own.at(now) + median_ns as i64;
            self.step(self.own.timebase(), to, None, now);
        }
    }

    fn larger_part_ahead(&self, neighbours: &[Neighbour], now: HostTime) -> Option<f64> {
        if !self.own.is_locked() {
            return None;
        }
        let ours = neighbours.iter().filter(|n| n.ready && self.is_with_us(&n.announcement));
        let ahead = |n: &Neighbour| ((n.session - self.own.at(now)) as f64, n.key);
        let (near, mut far): (Vec<_>, Vec<_>) = ours.map(ahead).partition(|(e, _)| e.abs() <= APART_NS);
        let middle = median(&mut far.iter().map(|(e, _)| *e).collect::<Vec<_>>())?;
        far.retain(|(e, _)| (e - middle).abs() <= COHERENT_NS);
        let lowest_near = near.iter().map(|(_, key)| *key).chain([self.me]).min();
        let lowest_far = far.iter().map(|(_, key)| *key).min();
        let larger = (far.len(), lowest_near) > (near.len() + 1, lowest_far);
        larger.then_some(middle)
    }

    fn steer(&mut self, neighbours: &[Neighbour], now: HostTime) {
        if !self.own.is_locked() {
            return;
        }
        let acquiring = self.own.is_acquiring(now);
        let counts = |n: &&Neighbour| {
            n.ready && self.is_with_us(&n.announcement) && (n.announcement.settled || acquiring)
        };
        let view = |n: &Neighbour| View {
            error_ns: (n.session - self.own.at(now)) as f64,
            half_ns: n.half_ns,
            rate_gap: base_seen_here(n) - self.own.base(),
            span_s: n.span_s,
        };
        let views = neighbours.iter().filter(counts).map(view);
        let near: Vec<View> = views.filter(|view| view.error_ns.abs() <= APART_NS).collect();
        let steering = steer(&near, self.own.base(), acquiring, self.own.since_steered_s(now));
        self.own.steer(steering, now);
        self.tell(ClockEvent::MapChanged(self.own.map()));
    }

    fn alone_after_ns(&self, now: HostTime) -> i64 {
        let joining = self.links.values().any(|link| link.remote(now).is_some_and(|remote| remote.locked));
        self.config.alone_after_ns + if joining { JOIN_PATIENCE_NS } else { 0 }
    }

    fn is_with_us(&self, remote: &Announcement) -> bool {
        remote.locked && remote.map.timebase == self.own.timebase()
    }

    fn send(&mut self, to: PeerKey, kind: Kind, now: HostTime) {
        let members = 1 + self.heard_in(self.own.timebase(), now);
        let announcement =
            self.own.announcement(u16::try_from(members).unwrap_or(u16::MAX), Company::default(), now);
        let Some(link) = self.links.get_mut(&to) else { return };
        if self.transmits.len() >= TRANSMITS_MAX {
            self.faults.unsent += 1;
            return;
        }
        let packet = link.packet(kind, self.epoch, announcement, now);
        self.transmits.push_back(Transmit { to, seq: packet.seq, bytes: packet.encode(), stamp_at: SENT_AT });
    }

    fn tell(&mut self, event: ClockEvent) {
        if let (ClockEvent::MapChanged(_), Some(ClockEvent::MapChanged(_))) = (&event, self.events.back()) {
            self.events.pop_back();
        }
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}

/// The lasting rate of a neighbour's session time by our clock, less one.
fn base_seen_here(neighbour: &Neighbour) -> f64 {
    let base = f64::from(neighbour.announcement.base_ppb) * 1e-9;
    (1.0 + base) * (1.0 + neighbour.drift) - 1.0
}
