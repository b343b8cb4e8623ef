//! A room of simulated sound cards and clocks in which time passes only when a test says so.
//!
//! True time is a number. Every card's next callback is due at some true time; the room calls the earliest,
//! in the caller's thread, and sets its clocks to that time for the duration. No sleep, no thread, and the same
//! seed gives the same samples, whatever the machine does.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use antiphon_timeline::{HostClock, HostTime};

use crate::{
    card::{Cards, OutputInfo},
    error::OpenOutputError,
    virtual_card::{CardSpec, VirtualCard},
};

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
        RoomClock { now_ns: self.now_ns.clone(), offset_ns, ppm, slept_ns: Arc::default() }
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

/// Some cards of a room, as the outputs of one machine. Clones are the same machine.
#[derive(Debug, Clone, Default)]
pub struct RoomCards {
    /// The default one first.
    cards: Arc<Mutex<Vec<VirtualCard>>>,
}

impl RoomCards {
    /// A machine with these outputs, the default one first.
    pub fn new(cards: impl IntoIterator<Item = VirtualCard>) -> Self {
        Self { cards: Arc::new(Mutex::new(cards.into_iter().collect())) }
    }

    /// The system plays through this one by default from now on.
    pub fn set_default(&self, card: &VirtualCard) {
        let mut cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        cards.sort_by_key(|other| other != card);
    }

    fn plugged(&self) -> Vec<(VirtualCard, OutputInfo)> {
        let cards = self.cards.lock().unwrap_or_else(PoisonError::into_inner);
        let plugged = cards.iter().filter_map(|card| Some((card.clone(), card.outputs().pop()?)));
        let first = |(at, (card, info))| (card, OutputInfo { is_default: at == 0, ..info });
        plugged.enumerate().map(first).collect()
    }
}

impl Cards for RoomCards {
    type Card = VirtualCard;

    fn outputs(&self) -> Vec<OutputInfo> {
        self.plugged().into_iter().map(|(_, info)| info).collect()
    }

    fn find(&self, wanted: Option<&str>) -> Result<VirtualCard, OpenOutputError> {
        let plugged = self.plugged();
        let is_it = |info: &OutputInfo| match wanted {
            Some(wanted) => info.id == wanted || info.name == wanted,
            None => info.is_default,
        };
        if let Some((card, _)) = plugged.iter().find(|(_, info)| is_it(info)) {
            return Ok(card.clone());
        }
        let available = plugged.into_iter().map(|(_, info)| info.name).collect();
        let missing = |wanted: &str| OpenOutputError::NotFound { wanted: wanted.to_owned(), available };
        Err(wanted.map_or(OpenOutputError::NoOutput, missing))
    }
}

/// A peer's clock in a [`VirtualRoom`]. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct RoomClock {
    now_ns: Arc<AtomicI64>,
    offset_ns: i64,
    ppm: f64,
    slept_ns: Arc<AtomicI64>,
}

impl RoomClock {
    /// What this clock shows at true time `true_ns`, if it does not stand still again until then.
    pub fn at(&self, true_ns: i64) -> HostTime {
        let drift_ns = (true_ns as f64 * self.ppm * 1e-6).round() as i64;
        HostTime(self.offset_ns + true_ns + drift_ns - self.slept_ns.load(Ordering::Relaxed))
    }

    /// The machine wakes after a sleep of which this clock did not count this much.
    pub fn wake(&self, uncounted_ns: i64) {
        self.slept_ns.fetch_add(uncounted_ns, Ordering::Relaxed);
    }
}

impl HostClock for RoomClock {
    fn now(&self) -> HostTime {
        self.at(self.now_ns.load(Ordering::Relaxed))
    }

    fn slept_ns(&self) -> i64 {
        self.slept_ns.load(Ordering::Relaxed)
    }
}
