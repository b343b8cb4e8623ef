//! A room of simulated sound cards and clocks in which time passes only when a test says so.
//!
//! True time is a number. Every card's next callback is due at some true time; the room calls the earliest,
//! in the caller's thread, and sets its clocks to that time for the duration. No sleep, no thread, and the same
//! seed gives the same samples, whatever the machine does.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use antiphon_timeline::{HostClock, HostTime};

use crate::virtual_card::{CardSpec, VirtualCard};

/// Wraps every callback of a room, for tests of what callbacks may do.
type Guard = Box<dyn FnMut(&mut dyn FnMut())>;

/// Cards and clocks that share one true time.
pub struct VirtualRoom {
    now_ns: Arc<AtomicI64>,
    cards: Vec<VirtualCard>,
    guard: Guard,
}

impl Default for VirtualRoom {
    fn default() -> Self {
        Self::new()
    }
}

impl VirtualRoom {
    /// An empty room at true time 0.
    pub fn new() -> Self {
        Self {
            now_ns: Arc::new(AtomicI64::new(0)),
            cards: Vec::new(),
            guard: Box::new(|callback| callback()),
        }
    }

    /// True time in nanoseconds.
    pub fn now_ns(&self) -> i64 {
        self.now_ns.load(Ordering::Relaxed)
    }

    /// A peer's clock: it showed `offset_ns` at true time 0 and runs `ppm` fast.
    pub fn clock(&self, offset_ns: i64, ppm: f64) -> RoomClock {
        RoomClock { now_ns: self.now_ns.clone(), offset_ns, ppm }
    }

    /// Puts a card into the room. It starts when an output plays on it.
    pub fn card(&mut self, spec: CardSpec) -> VirtualCard {
        let card = VirtualCard::new(spec, self.now_ns.clone());
        self.cards.push(card.clone());
        card
    }

    /// Runs every later callback inside `guard`.
    pub fn guard_callbacks(&mut self, guard: impl FnMut(&mut dyn FnMut()) + 'static) {
        self.guard = Box::new(guard);
    }

    /// Lets `nanos` of true time pass: every callback due until then is made, in order.
    pub fn run_for(&mut self, nanos: i64) {
        let end = self.now_ns() + nanos;
        while let Some((due, card)) =
            self.cards.iter().filter_map(|card| Some((card.due_ns()?, card))).min_by_key(|(due, _)| *due)
            && due <= end
        {
            self.now_ns.fetch_max(due, Ordering::Relaxed);
            card.call_back(&mut self.guard);
        }
        self.now_ns.store(end, Ordering::Relaxed);
    }
}

/// A peer's clock in a [`VirtualRoom`].
#[derive(Debug, Clone)]
pub struct RoomClock {
    now_ns: Arc<AtomicI64>,
    offset_ns: i64,
    ppm: f64,
}

impl RoomClock {
    /// What this clock shows at true time `true_ns`.
    pub fn at(&self, true_ns: i64) -> HostTime {
        HostTime(self.offset_ns + true_ns + (true_ns as f64 * self.ppm * 1e-6).round() as i64)
    }
}

impl HostClock for RoomClock {
    fn now(&self) -> HostTime {
        self.at(self.now_ns.load(Ordering::Relaxed))
    }
}
