//! What a place sends, counted by the kernel at its interface.
//!
//! The total is the interface's own counter: every byte of every frame. The parts are counted by a packet
//! filter in the place's namespace; its counts begin at the IP header, so 14 bytes of Ethernet are added to each
//! packet.

use std::ops::Sub;

use crate::namespaces::Place;

/// Discovery's port.
const MDNS_PORT: u16 = 5_353;
/// The version of the clock's datagrams (docs/PROTOCOL.md).
const CLOCK_VERSION: u8 = 1;
const ETHERNET_BYTES: u64 = 14;

/// A place whose traffic is counted.
#[derive(Debug)]
pub struct Traffic<'a> {
    place: &'a Place,
}

/// What was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// Everything.
    pub total: Volume,
    /// The clock's own datagrams.
    pub clock: Volume,
    /// Discovery.
    pub discovery: Volume,
    /// Everything else that peers say: sync, presence, keep-alives, and the clock where it has no datagrams.
    pub talk: Volume,
}

/// So many packets of so many bytes in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volume {
    pub packets: u64,
    pub bytes: u64,
}

impl Sub for Volume {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(earlier.packets),
            bytes: self.bytes.saturating_sub(earlier.bytes),
        }
    }
}

impl Sub for Sent {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            total: self.total - earlier.total,
            clock: self.clock - earlier.clock,
            discovery: self.discovery - earlier.discovery,
            talk: self.talk - earlier.talk,
        }
    }
}

impl<'a> Traffic<'a> {
    pub fn of(place: &'a Place) -> Self {
        Self { place }
    }

    /// Begins to count by protocol.
    #[track_caller]
    pub fn begin(&self) {
        let chain = "{ type filter hook output priority 0 ; }";
        self.nft("add table inet lab");
        self.nft("add counter inet lab clock");
        self.nft("add counter inet lab discovery");
        self.nft("add counter inet lab talk");
        self.nft(&format!("add chain inet lab sent {chain}"));
        self.nft("add rule inet lab sent oifname != e0 accept");
        self.nft(&format!("add rule inet lab sent udp dport {MDNS_PORT} counter name discovery accept"));
        // The first byte of the clock's datagrams is their version. QUIC's has the bit 0x40.
        self.nft(&format!(
            "add rule inet lab sent meta l4proto udp @th,64,8 {CLOCK_VERSION} counter name clock accept"
        ));
        self.nft("add rule inet lab sent counter name talk");
    }

    fn nft(&self, command: &str) {
        self.place.output("nft", &command.split(' ').collect::<Vec<_>>());
    }

    /// What was sent so far; the parts are empty unless counting [began](Self::begin).
    #[track_caller]
    pub fn sent(&self) -> Sent {
        let statistic = |name: &str| {
            let text = self.place.output("cat", &[&format!("/sys/class/net/e0/statistics/{name}")]);
            text.trim().parse().unwrap_or_default()
        };
        let total = Volume { packets: statistic("tx_packets"), bytes: statistic("tx_bytes") };
        let counters = self.place.output("nft", &["list", "counters"]);
        let part = |name: &str| volume(&counters, name);
        Sent { total, clock: part("clock"), discovery: part("discovery"), talk: part("talk") }
    }
}

/// The volume of a counter in the filter's listing: `counter clock { packets 3 bytes 200 }` over several lines.
fn volume(listing: &str, name: &str) -> Volume {
    let mut words = listing.split_whitespace().skip_while(|word| *word != name);
    let mut after = |label: &str| -> u64 {
        words.by_ref().find(|word| *word == label);
        words.next().and_then(|word| word.parse().ok()).unwrap_or_default()
    };
    let (packets, bytes) = (after("packets"), after("bytes"));
    Volume { packets, bytes: bytes + packets * ETHERNET_BYTES }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_read_from_the_filters_listing() {
        let listing = "table inet lab {\n\tcounter clock {\n\t\tpackets 3 bytes 200\n\t}\n\tcounter talk {\n\t\tpackets 0 bytes 0\n\t}\n}";
        assert_eq!(volume(listing, "clock"), Volume { packets: 3, bytes: 242 });
        assert_eq!(volume(listing, "talk"), Volume::default());
        assert_eq!(volume("", "clock"), Volume::default());
    }
}
