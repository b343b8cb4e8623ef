//! What the clock tells and asks of its surroundings.

use antiphon_timeline::{HostTime, SessionMap, TimebaseId};

use crate::PeerKey;

/// Something the rest of the peer may want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockEvent {
    /// Session time can be relied on from now.
    Locked,
    /// Session time is only a guess until the next [`ClockEvent::Locked`].
    Unlocked,
    /// Session time moved by a step of `step_ns`, to another timebase or within the same one.
    TimebaseSwitched {
        /// The timebase before.
        old: TimebaseId,
        /// The timebase now.
        new: TimebaseId,
        /// New session time minus old session time at this moment.
        step_ns: i64,
    },
    /// The map was steered. Several in a row are one event with the newest map.
    MapChanged(SessionMap),
    /// This machine's own clock was proved to have stepped; everything is measured anew.
    ClockStepped,
    /// What `peer` says cannot be true; told once, and again when the reason changes.
    PeerSuspect {
        /// Whose word is ignored.
        peer: PeerKey,
        /// Why.
        why: Suspicion,
    },
    /// Nothing of the kind was noticed for a while; its word counts again.
    PeerCleared {
        /// Whose.
        peer: PeerKey,
    },
}

/// What makes a peer's clock not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// Its clock steps again and again, or runs at a rate that no crystal has.
    Runaway,
    /// Its session time jumps without a reason.
    Jumps,
    /// Its session time is far from what all others agree on.
    Apart,
    /// It sends what is no packet, or packets of the past, or echoes what was never sent.
    Forges,
}

/// The whole of a session clock at one glance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overview {
    /// Whether session time can be relied on.
    pub locked: bool,
    /// Which session clock this is.
    pub timebase: TimebaseId,
    /// Peers believed to be in it, with this one.
    pub members: usize,
    /// Session time differs from that of each measured peer by at most this; 0 alone.
    pub error_bound_ns: i64,
    /// How much faster session time lastingly runs than this machine's clock.
    pub rate_ppb: i64,
    /// Packets ignored so far.
    pub faults: ClockFaults,
}

/// A packet to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// To whom.
    pub to: PeerKey,
    /// Its number on the link, for [`ClockPeer::handle_sent`](crate::ClockPeer::handle_sent).
    pub seq: u32,
    /// The packet.
    pub bytes: Vec<u8>,
    /// Where the io crate writes its clock, `i64` little endian, just before sending.
    pub stamp_at: usize,
}

impl Transmit {
    /// Writes `now` at `stamp_at`. Call it as late before sending as possible.
    pub fn stamp(&mut self, now: HostTime) {
        if let Some(place) = self.bytes.get_mut(self.stamp_at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = now.0.to_le_bytes();
        }
    }
}

/// What is known of the clock at the other end of a link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkQuality {
    /// Whether the other end is locked to our timebase and the link is measured.
    pub locked: bool,
    /// Their session time minus ours, as measured.
    pub error_ns: i64,
    /// The true difference is at most this, whatever the network's asymmetry.
    pub bound_ns: i64,
    /// The shortest way there and back seen lately.
    pub round_trip_ns: i64,
    /// How much faster their hardware clock runs than ours.
    pub drift_ppb: i64,
    /// The share of pings lately lost, 0 to 1.
    pub loss: f32,
    /// How much packets' delays differ, typically.
    pub jitter_ns: i64,
    /// Packets that came from there.
    pub packets: u64,
    /// Why its word is ignored, while it is. Where its clock defies the filter, the figures are those of the
    /// last two exchanges.
    pub suspect: Option<Suspicion>,
}

/// How many packets were ignored, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockFaults {
    /// From somebody who is not up.
    pub unknown: u64,
    /// Not a packet.
    pub malformed: u64,
    /// Older than one already here.
    pub stale: u64,
    /// Echoes of nothing that was sent, or of another time; their packets still counted.
    pub false_echoes: u64,
    /// Announcements that contradict themselves or what was announced before.
    pub implausible: u64,
    /// From a peer whose word is left aside at present: its clock runs as none does, or its time jumps.
    pub disbelieved: u64,
    /// Our own, dropped because nobody fetched them.
    pub unsent: u64,
}
