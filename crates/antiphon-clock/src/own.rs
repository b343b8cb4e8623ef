//! This peer's own session clock: the map it announces, and whether it may be relied on.

use antiphon_timeline::{HostTime, NANOS_PER_SECOND, SessionMap, SessionTime, TimebaseId};

use crate::{company::Company, consensus::Steering, wire::Announcement};

/// After locking, a peer follows fast: its own base rate is not known yet.
const ACQUIRING_NS: i64 = 8 * NANOS_PER_SECOND;
/// Before that a newcomer is followed by nobody who has settled.
const SETTLED_AFTER_NS: i64 = 3 * NANOS_PER_SECOND;

#[derive(Debug)]
pub(crate) struct OwnClock {
    map: SessionMap,
    base: f64,
    lock: Lock,
    steered: HostTime,
}

#[derive(Debug, Clone, Copy)]
enum Lock {
    /// Looking for others since then.
    Seeking(HostTime),
    /// Relied on since then.
    Held(HostTime),
}

impl OwnClock {
    /// A new timebase, in which it is 0 now.
    pub fn found(timebase: TimebaseId, now: HostTime) -> Self {
        let map = SessionMap { timebase, host: now, session: SessionTime::ZERO, rate_ppb: 0 };
        Self { map, base: 0.0, lock: Lock::Seeking(now), steered: now }
    }

    pub fn map(&self) -> SessionMap {
        self.map
    }

    pub fn timebase(&self) -> TimebaseId {
        self.map.timebase
    }

    pub fn base(&self) -> f64 {
        self.base
    }

    pub fn at(&self, now: HostTime) -> SessionTime {
        self.map.to_session(now)
    }

    pub fn is_locked(&self) -> bool {
        matches!(self.lock, Lock::Held(_))
    }

    /// How long it has been seeking, while it is.
    pub fn sought_ns(&self, now: HostTime) -> Option<i64> {
        match self.lock {
            Lock::Seeking(since) => Some(now - since),
            Lock::Held(_) => None,
        }
    }

    pub fn is_acquiring(&self, now: HostTime) -> bool {
        matches!(self.lock, Lock::Held(since) if now - since < ACQUIRING_NS)
    }

    /// Locked for so short that nobody follows it.
    pub fn is_fresh(&self, now: HostTime) -> bool {
        matches!(self.lock, Lock::Held(since) if now - since < SETTLED_AFTER_NS)
    }

    pub fn announcement(&self, members: u16, company: Company, now: HostTime) -> Announcement {
        let settled = self.is_locked() && !self.is_fresh(now);
        let base_ppb = (self.base * 1e9) as i32;
        Announcement { locked: self.is_locked(), settled, map: self.map, base_ppb, members, company }
    }

    pub fn lock(&mut self, now: HostTime) {
        self.lock = Lock::Held(now);
    }

    pub fn seek(&mut self, now: HostTime) {
        self.lock = Lock::Seeking(now);
        self.steered = now;
    }

    /// Bends the map at `now`. It stays continuous: session time is changed by rate only.
    pub fn steer(&mut self, steering: Steering, now: HostTime) {
        self.base = steering.base;
        self.steered = now;
        let rate_ppb = ((steering.base + steering.slew) * 1e9) as i64;
        self.map = SessionMap { host: now, session: self.at(now), rate_ppb, ..self.map };
    }

    /// Seconds since the last steering, a few at most: what happened in a longer pause is not known.
    pub fn since_steered_s(&self, now: HostTime) -> f64 {
        (now - self.steered).clamp(0, NANOS_PER_SECOND) as f64 / 1e9
    }

    /// Moves to another timebase, or within this one, by a step; returns it.
    pub fn step(&mut self, timebase: TimebaseId, to: SessionTime, base: Option<f64>, now: HostTime) -> i64 {
        let step_ns = to - self.at(now);
        self.base = base.unwrap_or(self.base);
        self.steered = now;
        let rate_ppb = (self.base * 1e9) as i64;
        self.map = SessionMap { timebase, host: now, session: to, rate_ppb };
        step_ns
    }
}
