//! Clock peers in a simulated room, with the truth known exactly.
//!
//! Every peer has a [`Crystal`]; every pair a link with two [`Way`]s. The lab delivers packets and wakes
//! peers in the order of true time, and can ask at any moment what session time each of them believes.

use std::{cmp::Reverse, collections::BinaryHeap};

use antiphon_clock::{ClockConfig, ClockEvent, ClockPeer, PeerKey};
use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};

use crate::{
    crystal::Crystal,
    errors::Errors,
    network::{Delay, Network, Way},
    rng::SeededRng,
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
    rng: SeededRng,
    network: Network,
    in_order: bool,
    peers: Vec<Member>,
    ways: Vec<Link>,
    flights: BinaryHeap<Reverse<Flight>>,
    sent: u64,
    packets: u64,
}

#[derive(Debug)]
struct Member {
    clock: ClockPeer,
    crystal: Crystal,
    asleep: bool,
    events: Vec<(i64, ClockEvent)>,
    jump_max_ns: i64,
    map: SessionMap,
    tamper: Option<fn(&mut [u8], PeerIndex)>,
}

#[derive(Debug)]
struct Link {
    from: usize,
    to: usize,
    way: Way,
    cut: bool,
    /// When the last packet in order arrives.
    busy_until_ns: i64,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    arrives_ns: i64,
    number: u64,
    from: usize,
    to: usize,
    bytes: Vec<u8>,
}

impl ClockLab {
    /// An empty room.
    pub fn new(seed: u64, network: Network) -> Self {
        Self {
            now_ns: 0,
            rng: SeededRng::new(seed),
            network,
            in_order: false,
            peers: Vec::new(),
            ways: Vec::new(),
            flights: BinaryHeap::new(),
            sent: 0,
            packets: 0,
        }
    }

    /// Packets go through one ordered, reliable stream per link, as over TCP or QUIC: a lost one is sent
    /// again 200 ms later, and those behind it wait.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.in_order = true;
        self
    }

    /// Starts a peer. It knows nobody yet.
    pub fn add_peer(&mut self) -> PeerIndex {
        let mut crystal = Crystal::new(self.rng.fork());
        let now = crystal.read(self.now_ns);
        let index = self.peers.len();
        let clock = ClockPeer::new(self.random_key(), ClockConfig::default(), self.rng.next_u64(), now);
        let map = clock.map();
        self.peers.push(Member {
            clock,
            crystal,
            asleep: false,
            events: Vec::new(),
            jump_max_ns: 0,
            map,
            tamper: None,
        });
        PeerIndex(index)
    }

    fn random_key(&mut self) -> PeerKey {
        let mut key: PeerKey = self.rng.bytes();
        // The index in the last byte finds the peer of a key.
        key[31] = self.peers.len() as u8;
        key
    }

    /// Connects two peers over the room's network.
    pub fn connect(&mut self, a: PeerIndex, b: PeerIndex) {
        self.connect_over(self.network, a, b);
    }

    /// Connects two peers over a network of their own.
    pub fn connect_over(&mut self, network: Network, a: PeerIndex, b: PeerIndex) {
        let (there, back) = Way::pair(network, &mut self.rng);
        for (from, to, way) in [(a.0, b.0, there), (b.0, a.0, back)] {
            self.ways.push(Link { from, to, way, cut: false, busy_until_ns: 0 });
            let key = self.key_of(to);
            let now_ns = self.now_ns;
            let member = &mut self.peers[from];
            member.clock.peer_up(key, member.crystal.read(now_ns));
        }
    }

    /// Connects everybody who is not connected yet.
    pub fn connect_all(&mut self) {
        for a in 0..self.peers.len() {
            for b in a + 1..self.peers.len() {
                if self.way(a, b).is_none() {
                    self.connect(PeerIndex(a), PeerIndex(b));
                }
            }
        }
    }

    /// Ends a peer's links, as when it quits.
    pub fn leave(&mut self, peer: PeerIndex) {
        self.ways.retain(|link| link.from != peer.0 && link.to != peer.0);
        let key = self.key_of(peer.0);
        let now_ns = self.now_ns;
        self.peers[peer.0].asleep = true;
        for member in &mut self.peers {
            member.clock.peer_down(key, member.crystal.read(now_ns));
        }
    }

    /// Loses all packets between `group` and the others, without anybody being told.
    pub fn part(&mut self, group: &[PeerIndex]) {
        let within = |index: usize| group.contains(&PeerIndex(index));
        for link in &mut self.ways {
            link.cut = within(link.from) != within(link.to);
        }
    }

    /// Undoes [`Self::part`].
    pub fn heal(&mut self) {
        self.ways.iter_mut().for_each(|link| link.cut = false);
    }

    /// The machine sleeps: its peer does nothing and its clock stands still.
    pub fn sleep(&mut self, peer: PeerIndex) {
        self.peers[peer.0].asleep = true;
    }

    /// The machine wakes after `slept_ns` of [`Self::sleep`], and its io crate notices.
    pub fn wake(&mut self, peer: PeerIndex, slept_ns: i64) {
        let now_ns = self.now_ns;
        let member = &mut self.peers[peer.0];
        member.crystal.step(-slept_ns);
        member.asleep = false;
        let now = member.crystal.read(now_ns);
        member.clock.handle_discontinuity(now);
    }

    /// The machine's clock jumps and nobody notices.
    pub fn step_clock(&mut self, peer: PeerIndex, ns: i64) {
        self.peers[peer.0].crystal.step(ns);
    }

    /// Makes a peer lie: `tamper` changes its stamped packets before they leave, knowing for whom.
    pub fn tamper(&mut self, peer: PeerIndex, tamper: fn(&mut [u8], PeerIndex)) {
        self.peers[peer.0].tamper = Some(tamper);
    }

    /// The peer's clock as a state machine.
    pub fn clock(&mut self, peer: PeerIndex) -> &mut ClockPeer {
        &mut self.peers[peer.0].clock
    }

    /// The peer's key.
    pub fn key(&self, peer: PeerIndex) -> PeerKey {
        self.key_of(peer.0)
    }

    /// The peer's crystal.
    pub fn crystal(&mut self, peer: PeerIndex) -> &mut Crystal {
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

    /// Session time now, as `peer` believes.
    pub fn session(&mut self, peer: PeerIndex) -> SessionTime {
        let host = self.host_time(peer);
        self.peers[peer.0].clock.map().to_session(host)
    }

    /// The timebase `peer` is in.
    pub fn timebase(&self, peer: PeerIndex) -> TimebaseId {
        self.peers[peer.0].clock.map().timebase
    }

    /// Whether `peer` is locked.
    pub fn is_locked(&self, peer: PeerIndex) -> bool {
        self.peers[peer.0].clock.is_locked()
    }

    /// Whether all awake peers are locked to the same timebase.
    pub fn is_one_island(&self) -> bool {
        let mut awake = self.peers.iter().filter(|member| !member.asleep);
        let Some(first) = awake.next() else { return true };
        let timebase = first.clock.map().timebase;
        first.clock.is_locked()
            && awake.all(|member| member.clock.is_locked() && member.clock.map().timebase == timebase)
    }

    /// Session time of `a` minus that of `b`, at this very moment.
    pub fn pair_error_ns(&mut self, a: PeerIndex, b: PeerIndex) -> i64 {
        self.session(a) - self.session(b)
    }

    /// The largest error between any two awake peers.
    pub fn spread_ns(&mut self) -> i64 {
        let awake: Vec<usize> = (0..self.peers.len()).filter(|&index| !self.peers[index].asleep).collect();
        let times: Vec<i64> = awake.iter().map(|&index| self.session(PeerIndex(index)).0).collect();
        times.iter().max().unwrap_or(&0) - times.iter().min().unwrap_or(&0)
    }

    /// Lets `seconds` pass.
    pub fn run_for_s(&mut self, seconds: f64) {
        let until_ns = self.now_ns + (seconds * 1e9) as i64;
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

    /// Lets `seconds` pass and collects the errors of all awake pairs, every 250 ms.
    pub fn measure_pairs(&mut self, seconds: f64) -> Errors {
        let mut errors = Errors::new();
        let until_s = self.now_s() + seconds;
        while self.now_s() < until_s {
            self.run_for_s(0.25);
            let awake: Vec<usize> =
                (0..self.peers.len()).filter(|&index| !self.peers[index].asleep).collect();
            for (nth, &a) in awake.iter().enumerate() {
                for &b in &awake[nth + 1..] {
                    errors.add(self.pair_error_ns(PeerIndex(a), PeerIndex(b)));
                }
            }
        }
        errors
    }

    /// What `peer` told, with true time in nanoseconds.
    pub fn events(&self, peer: PeerIndex) -> &[(i64, ClockEvent)] {
        &self.peers[peer.0].events
    }

    /// How many steps of session time `peer` told.
    pub fn steps(&self, peer: PeerIndex) -> usize {
        let is_step = |event: &ClockEvent| matches!(event, ClockEvent::TimebaseSwitched { .. });
        self.events(peer).iter().filter(|(_, event)| is_step(event)).count()
    }

    /// The largest step of session time that `peer` did not tell.
    pub fn untold_step_max_ns(&self, peer: PeerIndex) -> i64 {
        self.peers[peer.0].jump_max_ns
    }

    /// Packets sent per second and peer so far.
    pub fn packets_per_peer_s(&self) -> f64 {
        self.packets as f64 / self.now_s().max(1e-9) / self.peers.len().max(1) as f64
    }

    fn key_of(&self, index: usize) -> PeerKey {
        self.peers[index].clock.key()
    }

    fn way(&mut self, from: usize, to: usize) -> Option<&mut Link> {
        self.ways.iter_mut().find(|link| link.from == from && link.to == to)
    }

    fn next_ns(&self) -> Option<i64> {
        let flight = self.flights.peek().map(|Reverse(flight)| flight.arrives_ns);
        let awake = self.peers.iter().filter(|member| !member.asleep);
        let wake = awake.filter_map(|member| Some(member.crystal.when(member.clock.poll_timeout()?)));
        wake.chain(flight).min()
    }

    fn deliver(&mut self) {
        while self.flights.peek().is_some_and(|Reverse(flight)| flight.arrives_ns <= self.now_ns) {
            let Some(Reverse(flight)) = self.flights.pop() else { return };
            let key = self.key_of(flight.from);
            let member = &mut self.peers[flight.to];
            if !member.asleep {
                let now = member.crystal.read(self.now_ns);
                member.clock.handle_packet(key, now, &flight.bytes);
                self.flush(flight.to);
            }
        }
    }

    fn wake_the_due(&mut self) {
        for index in 0..self.peers.len() {
            let member = &mut self.peers[index];
            let now = member.crystal.read(self.now_ns);
            if !member.asleep && member.clock.poll_timeout().is_some_and(|at| at <= now) {
                member.clock.handle_timeout(now);
                self.flush(index);
            }
        }
    }

    fn flush(&mut self, index: usize) {
        let now = self.host_time(PeerIndex(index));
        self.note_events(index, now);
        while let Some(mut packet) = self.peers[index].clock.poll_transmit() {
            packet.stamp(now);
            self.packets += 1;
            let to = usize::from(packet.to[31]);
            if let Some(tamper) = self.peers[index].tamper {
                tamper(&mut packet.bytes, PeerIndex(to));
            }
            self.fly(index, to, packet.bytes);
        }
    }

    fn fly(&mut self, from: usize, to: usize, bytes: Vec<u8>) {
        let (now_ns, in_order) = (self.now_ns, self.in_order);
        let Some(link) = self.way(from, to).filter(|link| !link.cut) else { return };
        let mut sent_ns = now_ns;
        let delay_ns = loop {
            match link.way.send(sent_ns) {
                Delay::After(ns) => break ns + sent_ns - now_ns,
                Delay::Lost if in_order => sent_ns += 200_000_000,
                Delay::Lost => return,
            }
        };
        let mut arrives_ns = now_ns + delay_ns;
        if in_order {
            arrives_ns = arrives_ns.max(link.busy_until_ns);
            link.busy_until_ns = arrives_ns;
        }
        self.sent += 1;
        self.flights.push(Reverse(Flight { arrives_ns, number: self.sent, from, to, bytes }));
    }

    /// Checks the promise that session time never steps untold.
    fn note_events(&mut self, index: usize, now: HostTime) {
        let now_ns = self.now_ns;
        let member = &mut self.peers[index];
        let before = member.map.to_session(now);
        let mut told = false;
        while let Some(event) = member.clock.poll_event() {
            match event {
                ClockEvent::MapChanged(_) => {}
                ClockEvent::TimebaseSwitched { .. } => {
                    told = true;
                    member.events.push((now_ns, event));
                }
                _ => member.events.push((now_ns, event)),
            }
        }
        member.map = member.clock.map();
        let jump_ns = (member.map.to_session(now) - before).saturating_abs();
        if !told {
            member.jump_max_ns = member.jump_max_ns.max(jump_ns);
        }
    }
}
