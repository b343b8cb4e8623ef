//! One true time for the clock lab, in which peers agree on session time, and for the room of their cards.

use std::sync::Arc;

use antiphon_audio_io::{CardSpec, Output, OutputConfig, Source, VirtualCard, VirtualRoom};
use antiphon_testkit::{ClockLab, PeerIndex, Room};
use antiphon_timeline::{HostTime, SessionTime};

use crate::crystal_clock::{CrystalClock, Step};

pub const SECOND: i64 = 1_000_000_000;
/// How far the lab lives ahead of the room. A new map and a new act reach outputs and peers up to this much later,
/// which is more than a thread and a LAN take.
pub const STEP: i64 = 10_000_000;
/// How often an output measures its card's clock, as its own thread does otherwise.
const MAINTAIN_EVERY: i64 = 50_000_000;

/// A peer on the stage: its clock, its card and its output.
pub struct Place {
    pub index: PeerIndex,
    pub clock: CrystalClock,
    pub output: Output,
}

pub struct Stage {
    pub lab: ClockLab,
    room: VirtualRoom,
    pub places: Vec<Place>,
}

impl Stage {
    pub fn new(seed: u64, room: impl Into<Room>) -> Self {
        Self { lab: ClockLab::new(seed, room), room: VirtualRoom::new(), places: Vec::new() }
    }

    pub fn now_ns(&self) -> i64 {
        self.room.now_ns()
    }

    /// A peer starts, connects to everybody and plays `source` on a card.
    pub fn join(&mut self, spec: CardSpec, source: Box<dyn Source>) -> VirtualCard {
        let index = self.lab.add_peer();
        self.lab.connect_all();
        let (now_ns, host) = (self.now_ns(), self.lab.host_time(index));
        let step = Step { true_ns: [now_ns, now_ns + STEP], host: [host, host + STEP] };
        let clock = CrystalClock::new(self.room.clock(0, 0.0), step);
        let card = self.room.card(spec);
        let (host_clock, map) = (Arc::new(clock.clone()), self.lab.clock(index).map());
        let output = Output::open_on(&card, OutputConfig::default(), host_clock, map, source)
            .expect("a virtual card opens");
        self.places.push(Place { index, clock, output });
        card
    }

    /// Session time as a peer has it.
    pub fn session(&mut self, place: usize) -> SessionTime {
        self.lab.session(self.places[place].index)
    }

    /// Everybody lives through one step.
    pub fn step(&mut self) {
        let from_ns = self.now_ns();
        let before = self.host_times();
        self.lab.run_for_s(STEP as f64 / SECOND as f64);
        assert_eq!(self.lab.now_s(), (from_ns + STEP) as f64 / SECOND as f64, "lab and room share one time");
        let after = self.host_times();
        for ((place, from), to) in self.places.iter().zip(before).zip(after) {
            place.clock.enter(Step { true_ns: [from_ns, from_ns + STEP], host: [from, to] });
        }
        self.room.run_for(STEP);
        for place in &self.places {
            place.output.set_session_map(self.lab.clock(place.index).map());
            if self.room.now_ns() % MAINTAIN_EVERY == 0 {
                place.output.maintain();
            }
        }
    }

    /// Lets time pass for everybody.
    pub fn run_for(&mut self, nanos: i64) {
        let end = self.now_ns() + nanos;
        while self.now_ns() < end {
            self.step();
        }
    }

    fn host_times(&mut self) -> Vec<HostTime> {
        self.places.iter().map(|place| self.lab.host_time(place.index)).collect()
    }
}
