//! What the clock's thread counted, for people and for tests.

use antiphon_clock::{ClockFaults, LinkQuality};

use super::way::ClockPath;

/// Datagrams that were not taken, by reason. Counted of one link they name whom they claimed to be from: nothing
/// of them was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DatagramFaults {
    /// With a tag that nobody with the key made.
    pub forged: u64,
    /// Genuine once, and here before; or too old to know.
    pub replayed: u64,
    /// No datagram of ours at all.
    pub malformed: u64,
    /// For a mailbox that is nobody's here.
    pub unknown: u64,
    /// More than a sender may send; dropped unopened.
    pub flooded: u64,
}

impl DatagramFaults {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            forged: self.forged + other.forged,
            replayed: self.replayed + other.replayed,
            malformed: self.malformed + other.malformed,
            unknown: self.unknown + other.unknown,
            flooded: self.flooded + other.flooded,
        }
    }
}

/// Clock packets exchanged with one peer on this link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockTraffic {
    /// Sent as datagrams, probes among them.
    pub udp_sent: u64,
    /// Bytes of those, with the headers of UDP and IP.
    pub udp_sent_bytes: u64,
    /// Genuine datagrams taken.
    pub udp_received: u64,
    /// Handed to the stream.
    pub stream_sent: u64,
    /// Come by the stream.
    pub stream_received: u64,
    /// Lost here: the stream was full, or the system refused the datagram.
    pub unsent: u64,
}

/// One peer's clock link as it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockLinkState {
    /// What carries packets to it.
    pub path: ClockPath,
    /// What is known of its clock, once anything is.
    pub quality: Option<LinkQuality>,
    /// Datagrams that claimed to be its and were not taken.
    pub faults: DatagramFaults,
    /// Packets both ways.
    pub traffic: ClockTraffic,
}

/// All that was refused or lost, over all links, and the thread's own work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockCounters {
    /// Packets that the clock itself did not believe.
    pub packets: ClockFaults,
    /// Datagrams that never got to it, those for nobody here among them.
    pub datagrams: DatagramFaults,
    /// How often the thread woke. More than a few hundred a second is a fault.
    pub wakeups: u64,
    /// Processor time of the thread so far.
    pub cpu_ns: u64,
}
