//! One peer's clock as a state machine.

use std::collections::VecDeque;

use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};

use crate::event::{ClockEvent, LinkQuality, Transmit};

/// Whose clock: the bytes of a device's public key.
pub type PeerKey = [u8; 32];

/// What may be chosen about a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockConfig {
    /// How long to look for others before session time is one's own.
    pub alone_after_ns: i64,
}

impl Default for ClockConfig {
    fn default() -> Self {
        Self { alone_after_ns: 800_000_000 }
    }
}

/// One peer's clock.
#[derive(Debug)]
pub struct ClockPeer {
    map: SessionMap,
    locked: bool,
    alone_at: HostTime,
    events: VecDeque<ClockEvent>,
}

impl ClockPeer {
    /// A clock with a timebase of its own, not yet locked.
    pub fn new(_me: PeerKey, config: ClockConfig, seed: u64, now: HostTime) -> Self {
        let map =
            SessionMap { timebase: TimebaseId(seed), host: now, session: SessionTime::ZERO, rate_ppb: 0 };
        Self { map, locked: false, alone_at: now + config.alone_after_ns, events: VecDeque::new() }
    }

    /// Another peer can be reached.
    pub fn peer_up(&mut self, _peer: PeerKey, _now: HostTime) {}

    /// Another peer can no longer be reached.
    pub fn peer_down(&mut self, _peer: PeerKey, _now: HostTime) {}

    /// A packet came from `from`, at `received`.
    pub fn handle_packet(&mut self, _from: PeerKey, _received: HostTime, _bytes: &[u8]) {}

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: HostTime) {
        if !self.locked && now >= self.alone_at {
            self.lock_now(now);
        }
    }

    /// This machine slept, or its clock is known to have jumped.
    pub fn handle_discontinuity(&mut self, _now: HostTime) {}

    /// Locks at once to one's own timebase, to play without waiting for others. Nothing when locked.
    pub fn lock_now(&mut self, _now: HostTime) {
        if !self.locked {
            self.locked = true;
            self.events.push_back(ClockEvent::Locked);
        }
    }

    /// When to call [`Self::handle_timeout`] next.
    pub fn poll_timeout(&self) -> Option<HostTime> {
        (!self.locked).then_some(self.alone_at)
    }

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        None
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<ClockEvent> {
        self.events.pop_front()
    }

    /// Host time to session time, now.
    pub fn map(&self) -> SessionMap {
        self.map
    }

    /// Whether session time can be relied on.
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// What is known of `peer`'s clock, once anything is.
    pub fn quality(&self, _peer: PeerKey) -> Option<LinkQuality> {
        None
    }
}
