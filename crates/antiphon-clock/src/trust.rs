//! Whether a peer's word is believed.
//!
//! Only what an honest peer never does counts against one: a clock that steps again and again, a map that
//! leaves its own course, bytes that are no packet. A network can lose, delay and double packets, but do
//! none of these. A single occurrence is forgiven, since clocks do step; what goes on is told, and the
//! peer's word is left aside until it has behaved for a while.

use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use crate::{
    event::Suspicion,
    wire::{Announcement, Packet},
};

/// What is further apart than this is not the same trouble, and what was so long ago is forgiven.
const MEMORY_NS: i64 = 30 * NANOS_PER_SECOND;
/// Honest maps are anchored anew every second at least.
const ANCHOR_AGE_MAX_NS: i64 = 20 * NANOS_PER_SECOND;
/// How far two maps of one clock may part: both rates are bounded, and so is how they are rounded.
const PARTING_MAX: f64 = 8_000e-6;
const PARTING_SLACK_NS: f64 = 2_000.0;

/// How often each kind of trouble may occur before it is more than bad luck.
const fn patience(why: Suspicion) -> u32 {
    match why {
        Suspicion::Runaway | Suspicion::Jumps => 3,
        // Four times a second.
        Suspicion::Apart => 20,
        Suspicion::Forges => 16,
    }
}

const KINDS: [Suspicion; 4] = [Suspicion::Runaway, Suspicion::Jumps, Suspicion::Apart, Suspicion::Forges];

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: u32,
    last: HostTime,
}

/// What is held against one peer.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    tallies: [Tally; 4],
    suspicion: Option<Suspicion>,
}

impl Trust {
    /// Something that an honest peer does not do.
    pub fn note(&mut self, why: Suspicion, now: HostTime) {
        let tally = &mut self.tallies[why as usize];
        let again = tally.count > 0 && now - tally.last <= MEMORY_NS;
        *tally = Tally { count: if again { tally.count.saturating_add(1) } else { 1 }, last: now };
    }

    /// The trouble is over; so that a short one is forgotten at once.
    pub fn forgive(&mut self, why: Suspicion) {
        self.tallies[why as usize].count = 0;
    }

    /// Reckons whether the peer is suspect; what to tell, if that has changed.
    pub fn review(&mut self, now: HostTime) -> Option<Option<Suspicion>> {
        let is_serious = |why: &Suspicion| {
            let tally = self.tallies[*why as usize];
            tally.count >= patience(*why) && now - tally.last <= MEMORY_NS
        };
        let suspicion = KINDS.into_iter().find(is_serious);
        let changed = std::mem::replace(&mut self.suspicion, suspicion) != suspicion;
        changed.then_some(suspicion)
    }

    pub fn suspicion(&self) -> Option<Suspicion> {
        self.suspicion
    }

    /// Whether its word is left aside. To be apart is no proof of anything: trimming sees to it, and an
    /// honest peer that was away comes back that way. Garbage is ignored by itself; to ignore the good
    /// packets beside it would let whoever can send garbage silence a peer.
    pub fn is_suspect(&self) -> bool {
        matches!(self.suspicion, Some(Suspicion::Runaway | Suspicion::Jumps))
    }
}

/// Whether `packet` announces what its sender's clock cannot do: a map that was not anchored for long, or
/// one that is not the continuation of the one `before`, which was in a packet sent at that time.
pub(crate) fn contradicts(before: Option<(Announcement, HostTime)>, packet: &Packet) -> bool {
    let now = &packet.announcement;
    if !now.locked {
        return false;
    }
    if (packet.sent - now.map.host).saturating_abs() > ANCHOR_AGE_MAX_NS {
        return true;
    }
    // Before it has settled a newcomer may step, and has no weight.
    let same = before.filter(|(before, _)| before.settled && before.map.timebase == now.map.timebase);
    let Some((before, sent)) = same.filter(|_| now.settled) else {
        return false;
    };
    let parting_ns = now.map.to_session(packet.sent) - before.map.to_session(packet.sent);
    let elapsed_ns = (packet.sent - sent) as f64 + (sent - before.map.host) as f64;
    parting_ns.saturating_abs() as f64 > PARTING_MAX * elapsed_ns.abs() + PARTING_SLACK_NS
}

#[cfg(test)]
mod tests;
