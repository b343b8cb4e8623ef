//! What is between the peers: links, packets in flight, and the count of both.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, VecDeque},
};

use crate::{
    network::{Delay, Way, wake_up_ms},
    rng::SeededRng,
    room::{Departures, Room},
};

/// How long a lost packet of an ordered stream takes to be sent again.
const SEND_AGAIN_NS: i64 = 200_000_000;

/// Packets that a replay repeats.
const KEPT: usize = 64;

/// Packets sent so far, by all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How many.
    pub packets: u64,
    /// Their bytes, without what carries them.
    pub bytes: u64,
}

#[derive(Debug)]
struct Link {
    way: Way,
    cut: bool,
    /// When the last packet in order arrives.
    busy_until_ns: i64,
}

/// A packet under way.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flight {
    arrives_ns: i64,
    number: u64,
    pub from: usize,
    pub to: usize,
    pub bytes: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Air {
    links: BTreeMap<(usize, usize), Link>,
    flights: BinaryHeap<Reverse<Flight>>,
    /// Numbers the flights, so that those of one instant land in the order they were sent.
    sent: u64,
    rng: SeededRng,
    room: Room,
    /// The last packets, for somebody who wants to send them again.
    kept: VecDeque<(usize, usize, Vec<u8>)>,
    pub in_order: bool,
    pub traffic: Traffic,
}

impl Air {
    pub fn new(rng: SeededRng, room: Room) -> Self {
        Self {
            links: BTreeMap::new(),
            flights: BinaryHeap::new(),
            sent: 0,
            rng,
            room,
            kept: VecDeque::new(),
            in_order: false,
            traffic: Traffic::default(),
        }
    }

    pub fn join(&mut self, a: usize, b: usize, (there, back): (Way, Way)) {
        for (ends, way) in [((a, b), there), ((b, a), back)] {
            self.links.insert(ends, Link { way, cut: false, busy_until_ns: 0 });
        }
    }

    pub fn are_joined(&self, a: usize, b: usize) -> bool {
        self.links.contains_key(&(a, b))
    }

    pub fn remove(&mut self, peer: usize) {
        self.links.retain(|(from, to), _| *from != peer && *to != peer);
    }

    /// Sends the packets that were sent last once more, to arrive after `delay_ns`.
    pub fn replay(&mut self, delay_ns: i64, now_ns: i64) {
        for (from, to, bytes) in self.kept.clone() {
            self.sent += 1;
            let arrives_ns = now_ns + delay_ns;
            self.flights.push(Reverse(Flight { arrives_ns, number: self.sent, from, to, bytes }));
        }
    }

    /// Cuts the links for whose ends `parts` says so, and mends the others.
    pub fn cut(&mut self, parts: impl Fn(usize, usize) -> bool) {
        for ((from, to), link) in &mut self.links {
            link.cut = parts(*from, *to);
        }
    }

    pub fn next_ns(&self) -> Option<i64> {
        self.flights.peek().map(|Reverse(flight)| flight.arrives_ns)
    }

    /// A packet that has arrived by `now_ns`.
    pub fn land(&mut self, now_ns: i64) -> Option<Flight> {
        self.flights.peek().filter(|Reverse(flight)| flight.arrives_ns <= now_ns)?;
        self.flights.pop().map(|Reverse(flight)| flight)
    }

    /// How long after its stamp the next packet leaves.
    pub fn late_ns(&mut self) -> i64 {
        match self.room.departures {
            Departures::Prompt => 0,
            Departures::Late | Departures::LateAndTold => (wake_up_ms(&mut self.rng) * 1e6) as i64,
        }
    }

    /// Sends a packet that leaves at `now_ns`.
    pub fn send(&mut self, from: usize, to: usize, bytes: Vec<u8>, now_ns: i64) {
        self.traffic.packets += 1;
        self.traffic.bytes += bytes.len() as u64;
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((from, to, bytes.clone()));
        if self.room.doubled > 0.0 && self.rng.chance(self.room.doubled) {
            self.fly(from, to, bytes.clone(), now_ns);
        }
        self.fly(from, to, bytes, now_ns);
    }

    fn fly(&mut self, from: usize, to: usize, bytes: Vec<u8>, now_ns: i64) {
        let Some(link) = self.links.get_mut(&(from, to)).filter(|link| !link.cut) else { return };
        let mut sent_ns = now_ns;
        let mut arrives_ns = loop {
            match link.way.send(sent_ns) {
                Delay::After(ns) => break sent_ns + ns,
                Delay::Lost if self.in_order => sent_ns += SEND_AGAIN_NS,
                Delay::Lost => return,
            }
        };
        if self.in_order {
            arrives_ns = arrives_ns.max(link.busy_until_ns);
            link.busy_until_ns = arrives_ns;
        }
        self.sent += 1;
        self.flights.push(Reverse(Flight { arrives_ns, number: self.sent, from, to, bytes }));
    }
}
