//! Clock peers in a simulated room, with the truth known exactly.
//!
//! Every peer has a [`Crystal`]; every pair a link with two ways. The lab delivers packets and wakes
//! peers in the order of true time, and can ask at any moment what session time each of them believes.

mod air;
mod measure;
mod member;

use std::{cmp::Reverse, collections::BinaryHeap};

use antiphon_clock::{ClockConfig, ClockPeer, PeerKey};
use antiphon_timeline::HostTime;

pub use self::air::Traffic;
use self::{air::Air, member::Member};
use crate::{
    crystal::Crystal,
    network::Network,
    rng::SeededRng,
    room::{Departures, Room},
};

/// A peer of the lab, in the order they were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerIndex(pub usize);

/// Peers, their clocks and their network.
///
/// ```
/// use antiphon_testkit::*;
/// let mut lab = ClockLab::new(1, Network::Lan);
/// let (ada, bo) = (lab.add_peer(), lab.add_peer());
/// lab.connect_all();
/// lab.run_for_s(10.0);
/// assert!(lab.pair_error_ns(ada, bo).abs() < 150_000);
/// ```
#[derive(Debug)]
pub struct ClockLab {
    now_ns: i64,
    seed: u64,
    room: Room,
    peers: Vec<Member>,
    air: Air,
    /// When who wakes. An entry that its peer no longer knows of is void.
    wakes: BinaryHeap<Reverse<(i64, usize)>>,
    /// Peers that somebody outside may have changed since time last passed.
    touched: Vec<usize>,
    peer_ns: i64,
}

impl ClockLab {
    /// An empty room.
    pub fn new(seed: u64, room: impl Into<Room>) -> Self {
        let room = room.into();
        Self {
            now_ns: 0,
            seed,
            room,
            peers: Vec::new(),
            air: Air::new(SeededRng::of(seed, "air", 0, 0), room),
            wakes: BinaryHeap::new(),
            touched: Vec::new(),
            peer_ns: 0,
        }
    }

    /// Packets go through one ordered, reliable stream per link, as over TCP or QUIC: a lost one is sent
    /// again 200 ms later, and those behind it wait.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.air.in_order = true;
        self
    }

    /// Starts a peer. It knows nobody yet.
    pub fn add_peer(&mut self) -> PeerIndex {
        let index = self.peers.len();
        let mut rng = SeededRng::of(self.seed, "peer", index, 0);
        let mut crystal = self.room.crystal(self.seed, index);
        let now = crystal.read(self.now_ns);
        let mut key: PeerKey = rng.bytes();
        // The index in the last bytes finds the peer of a key.
        [key[30], key[31]] = (index as u16).to_be_bytes();
        let clock = ClockPeer::new(key, ClockConfig::default(), rng.next_u64(), now);
        self.peers.push(Member::new(clock, crystal));
        self.touched.push(index);
        PeerIndex(index)
    }

    /// Starts so many peers, each connected to all others.
    pub fn add_peers(&mut self, count: usize) -> Vec<PeerIndex> {
        let added: Vec<PeerIndex> = (0..count).map(|_| self.add_peer()).collect();
        for (nth, &a) in added.iter().enumerate() {
            added[nth + 1..].iter().for_each(|&b| self.connect(a, b));
        }
        added
    }

    /// Connects two peers over the room's network.
    pub fn connect(&mut self, a: PeerIndex, b: PeerIndex) {
        self.connect_in(self.room, a, b);
    }

    /// Connects two peers over a network of their own.
    pub fn connect_over(&mut self, network: Network, a: PeerIndex, b: PeerIndex) {
        self.connect_in(Room { network, wired: 0, ..self.room }, a, b);
    }

    fn connect_in(&mut self, room: Room, a: PeerIndex, b: PeerIndex) {
        self.air.join(a.0, b.0, room.ways(self.seed, a.0, b.0));
        for (from, to) in [(a, b), (b, a)] {
            let (key, now) = (self.key(to), self.host_time(from));
            self.clock(from).peer_up(key, now);
        }
    }

    /// Connects all who are awake and not connected yet.
    pub fn connect_all(&mut self) {
        for a in 0..self.peers.len() {
            for b in a + 1..self.peers.len() {
                let awake = !self.peers[a].asleep && !self.peers[b].asleep;
                if awake && !self.air.are_joined(a, b) {
                    self.connect(PeerIndex(a), PeerIndex(b));
                }
            }
        }
    }

    /// Ends a peer's links, as when it quits.
    pub fn leave(&mut self, peer: PeerIndex) {
        self.air.remove(peer.0);
        let key = self.key(peer);
        self.peers[peer.0].asleep = true;
        for index in 0..self.peers.len() {
            let now = self.host_time(PeerIndex(index));
            self.clock(PeerIndex(index)).peer_down(key, now);
        }
    }

    /// Loses all packets between `group` and the others, without anybody being told.
    pub fn part(&mut self, group: &[PeerIndex]) {
        let within = |index: usize| group.contains(&PeerIndex(index));
        self.air.cut(|from, to| within(from) != within(to));
    }

    /// Undoes [`Self::part`].
    pub fn heal(&mut self) {
        self.air.cut(|_, _| false);
    }

    /// The machine sleeps: its peer does nothing and its clock stands still.
    pub fn sleep(&mut self, peer: PeerIndex) {
        self.peers[peer.0].asleep = true;
    }

    /// The machine wakes after `slept_ns` of [`Self::sleep`], and its io crate notices.
    pub fn wake(&mut self, peer: PeerIndex, slept_ns: i64) {
        self.wake_knowing(peer, slept_ns, None);
    }

    /// The same, where the io crate can tell how long it slept, as well as it can.
    pub fn wake_knowing(&mut self, peer: PeerIndex, slept_ns: i64, known_gap_ns: Option<i64>) {
        let member = &mut self.peers[peer.0];
        member.crystal.step(-slept_ns);
        member.asleep = false;
        let now = self.host_time(peer);
        self.clock(peer).handle_discontinuity(now, known_gap_ns);
    }

    /// The machine's clock jumps and nobody notices.
    pub fn step_clock(&mut self, peer: PeerIndex, ns: i64) {
        self.crystal(peer).step(ns);
    }

    /// The last packets of all come once more, `seconds` from now.
    pub fn replay(&mut self, seconds: f64) {
        self.air.replay((seconds * 1e9) as i64, self.now_ns);
    }

    /// Makes a peer lie: `tamper` changes its stamped packets before they leave, knowing for whom.
    pub fn tamper(&mut self, peer: PeerIndex, tamper: impl FnMut(&mut [u8], PeerIndex) + Send + 'static) {
        self.peers[peer.0].tamper = Some(Box::new(tamper));
    }

    /// The peer's clock as a state machine.
    pub fn clock(&mut self, peer: PeerIndex) -> &mut ClockPeer {
        self.touched.push(peer.0);
        &mut self.peers[peer.0].clock
    }

    /// The peer's key.
    pub fn key(&self, peer: PeerIndex) -> PeerKey {
        self.peers[peer.0].clock.key()
    }

    /// The peer's crystal.
    pub fn crystal(&mut self, peer: PeerIndex) -> &mut Crystal {
        self.touched.push(peer.0);
        &mut self.peers[peer.0].crystal
    }

    /// What the peer's clock reads now.
    pub fn host_time(&mut self, peer: PeerIndex) -> HostTime {
        let now_ns = self.now_ns;
        self.peers[peer.0].crystal.read(now_ns)
    }

    /// True time, in seconds.
    pub fn now_s(&self) -> f64 {
        self.now_ns as f64 / 1e9
    }

    /// Lets `seconds` pass.
    pub fn run_for_s(&mut self, seconds: f64) {
        let until_ns = self.now_ns + (seconds * 1e9) as i64;
        let awake = self.peers.iter().filter(|member| !member.asleep).count();
        self.peer_ns += awake as i64 * (until_ns - self.now_ns);
        for index in std::mem::take(&mut self.touched) {
            self.schedule(index);
        }
        while let Some(next_ns) = self.next_ns().filter(|next_ns| *next_ns <= until_ns) {
            self.now_ns = self.now_ns.max(next_ns);
            self.deliver();
            self.wake_the_due();
        }
        self.now_ns = until_ns;
    }

    /// Lets time pass until `done`, looking every 10 ms; the seconds it took, or none at the deadline.
    pub fn run_until(&mut self, deadline_s: f64, mut done: impl FnMut(&mut Self) -> bool) -> Option<f64> {
        let start_s = self.now_s();
        while self.now_s() - start_s < deadline_s {
            if done(self) {
                return Some(self.now_s() - start_s);
            }
            self.run_for_s(0.01);
        }
        None
    }

    fn next_ns(&self) -> Option<i64> {
        let wake = self.wakes.peek().map(|Reverse((at_ns, _))| *at_ns);
        wake.into_iter().chain(self.air.next_ns()).min()
    }

    /// Notes when a peer wants to be woken, as it says now.
    fn schedule(&mut self, index: usize) {
        let member = &mut self.peers[index];
        let at_ns = member.next_ns(self.now_ns).unwrap_or(i64::MAX);
        if member.wakes_ns != at_ns {
            member.wakes_ns = at_ns;
            if at_ns != i64::MAX {
                self.wakes.push(Reverse((at_ns, index)));
            }
        }
    }

    fn deliver(&mut self) {
        while let Some(flight) = self.air.land(self.now_ns) {
            let key = self.key(PeerIndex(flight.from));
            let member = &mut self.peers[flight.to];
            if !member.asleep {
                let now = member.crystal.read(self.now_ns);
                member.clock.handle_packet(key, now, &flight.bytes);
                self.flush(flight.to);
            }
        }
    }

    fn wake_the_due(&mut self) {
        while let Some(&Reverse((at_ns, index))) = self.wakes.peek().filter(|due| due.0.0 <= self.now_ns) {
            self.wakes.pop();
            let member = &mut self.peers[index];
            if member.wakes_ns != at_ns {
                continue;
            }
            member.wakes_ns = i64::MAX;
            let now = member.crystal.read(self.now_ns);
            // The crystal may have slowed since: then it is woken again in a moment.
            if !member.asleep && member.clock.poll_timeout().is_some_and(|at| at <= now) {
                member.clock.handle_timeout(now);
                self.flush(index);
            } else {
                self.schedule(index);
            }
        }
    }

    fn flush(&mut self, index: usize) {
        let now_ns = self.now_ns;
        let member = &mut self.peers[index];
        let now = member.crystal.read(now_ns);
        member.note_events(now_ns, now);
        while let Some(mut packet) = member.clock.poll_transmit() {
            packet.stamp(now);
            member.note_sent(&packet.bytes);
            let late_ns = self.air.late_ns();
            if self.room.departures == Departures::LateAndTold {
                member.clock.handle_sent(packet.to, packet.seq, now + late_ns);
            }
            let to = usize::from(u16::from_be_bytes([packet.to[30], packet.to[31]]));
            if let Some(tamper) = &mut member.tamper {
                tamper(&mut packet.bytes, PeerIndex(to));
            }
            self.air.send(index, to, packet.bytes, now_ns + late_ns);
        }
        self.schedule(index);
    }
}
