//! One peer of the lab: its clock, its crystal, and what was seen of it.

use std::fmt;

use antiphon_clock::{ClockEvent, ClockPeer, wire::Packet};
use antiphon_timeline::{HostTime, SessionMap};

use super::PeerIndex;
use crate::crystal::Crystal;

/// Changes a packet before it leaves, knowing for whom it is.
pub(super) type Tamper = Box<dyn FnMut(&mut [u8], PeerIndex) + Send>;

pub(super) struct Member {
    pub clock: ClockPeer,
    pub crystal: Crystal,
    pub asleep: bool,
    pub events: Vec<(i64, ClockEvent)>,
    pub jump_max_ns: i64,
    pub tamper: Option<Tamper>,
    /// True time at which it wants to be woken, as the lab has noted it.
    pub wakes_ns: i64,
    /// Packets it has sent.
    pub sent: u64,
    /// The fastest bending of its session time that it announced, in ppb.
    pub slew_max_ppb: i64,
    map: SessionMap,
}

impl Member {
    pub fn new(clock: ClockPeer, crystal: Crystal) -> Self {
        let map = clock.map();
        Self {
            clock,
            crystal,
            asleep: false,
            events: Vec::new(),
            jump_max_ns: 0,
            tamper: None,
            wakes_ns: i64::MAX,
            sent: 0,
            slew_max_ppb: 0,
            map,
        }
    }

    /// True time at which it wants to be woken, after `now_ns`.
    pub fn next_ns(&self, now_ns: i64) -> Option<i64> {
        let at = self.clock.poll_timeout().filter(|_| !self.asleep)?;
        Some(self.crystal.when(at).max(now_ns + 1))
    }

    /// Looks at a packet before it leaves: how fast does session time bend?
    pub fn note_sent(&mut self, bytes: &[u8]) {
        self.sent += 1;
        if let Some(Packet { announcement, .. }) = Packet::decode(bytes) {
            let slew_ppb = announcement.map.rate_ppb - i64::from(announcement.base_ppb);
            self.slew_max_ppb = self.slew_max_ppb.max(slew_ppb.abs());
        }
    }

    /// Takes its events, and checks the promise that session time never steps untold.
    pub fn note_events(&mut self, now_ns: i64, now: HostTime) {
        let before = self.map.to_session(now);
        let mut told = false;
        while let Some(event) = self.clock.poll_event() {
            match event {
                ClockEvent::MapChanged(_) => {}
                ClockEvent::TimebaseSwitched { .. } => {
                    told = true;
                    self.events.push((now_ns, event));
                }
                _ => self.events.push((now_ns, event)),
            }
        }
        self.map = self.clock.map();
        if !told {
            let jump_ns = (self.map.to_session(now) - before).saturating_abs();
            self.jump_max_ns = self.jump_max_ns.max(jump_ns);
        }
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("clock", &self.clock)
            .field("asleep", &self.asleep)
            .finish_non_exhaustive()
    }
}
