//! Ethernet frames, as much of them as a switch and a forger need.

/// Length of an Ethernet header.
const ETHERNET: usize = 14;
/// Length of an IPv4 header without options, and of a UDP header.
const IPV4: usize = 20;
const UDP: usize = 8;
const UDP_PROTOCOL: u8 = 17;

/// The address of the machine at a port of the bridge.
pub(crate) fn mac(port: usize) -> [u8; 6] {
    [2, 0, 0, 0, 0, port as u8 + 1]
}

/// For whom a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    All,
    Port(usize),
}

impl Target {
    pub(super) fn includes(self, port: usize) -> bool {
        self == Self::All || self == Self::Port(port)
    }
}

pub(super) fn target(frame: &[u8]) -> Option<Target> {
    match *frame.first_chunk()? {
        [2, 0, 0, 0, 0, number] => Some(Target::Port(usize::from(number).checked_sub(1)?)),
        [first, ..] if first & 1 == 1 => Some(Target::All),
        // Nobody here has that address.
        [_, _, _, _, _, _] => None,
    }
}

/// A UDP datagram over IPv4 between two machines of the network, as it crosses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Udp {
    pub from: ([u8; 4], u16),
    pub to: ([u8; 4], u16),
    pub payload: Vec<u8>,
}

impl Udp {
    /// Reads one; `None` for anything else.
    pub fn of(frame: &[u8]) -> Option<Self> {
        let ip = frame.get(ETHERNET..)?;
        let is_udp = frame.get(12..14)? == [8, 0] && *ip.first()? == 0x45 && *ip.get(9)? == UDP_PROTOCOL;
        let address = |at: usize| ip.get(at..)?.first_chunk::<4>().copied();
        let udp = ip.get(IPV4..).filter(|_| is_udp)?;
        let number = |at: usize| udp.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes));
        let length = usize::from(number(4)?);
        Some(Self {
            from: (address(12)?, number(0)?),
            to: (address(16)?, number(2)?),
            payload: udp.get(UDP..length)?.to_vec(),
        })
    }

    /// The frame that carries it to the machine at `port`. Who sent it is whatever `from` claims.
    pub fn frame(&self, port: usize) -> Vec<u8> {
        let mut frame = Vec::with_capacity(ETHERNET + IPV4 + UDP + self.payload.len());
        frame.extend(mac(port));
        frame.extend([2, 0, 0, 0, 0, self.from.0[3], 8, 0]);
        let total = (IPV4 + UDP + self.payload.len()) as u16;
        let mut ip = [0_u8; IPV4];
        ip[0] = 0x45;
        ip[2..4].copy_from_slice(&total.to_be_bytes());
        (ip[8], ip[9]) = (64, UDP_PROTOCOL);
        ip[12..16].copy_from_slice(&self.from.0);
        ip[16..20].copy_from_slice(&self.to.0);
        let sum = checksum(&ip);
        ip[10..12].copy_from_slice(&sum.to_be_bytes());
        frame.extend(ip);
        frame.extend(self.from.1.to_be_bytes());
        frame.extend(self.to.1.to_be_bytes());
        frame.extend((UDP as u16 + self.payload.len() as u16).to_be_bytes());
        // Over IPv4 a datagram may go without a checksum.
        frame.extend([0, 0]);
        frame.extend(&self.payload);
        frame
    }
}

fn checksum(header: &[u8; IPV4]) -> u16 {
    let words = header.chunks_exact(2).map(|word| u32::from(u16::from_be_bytes([word[0], word[1]])));
    let sum: u32 = words.sum();
    let folded = (sum & 0xFFFF) + (sum >> 16);
    !(((folded & 0xFFFF) + (folded >> 16)) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_datagram_reads_as_what_it_was_made_from() {
        let forged = Udp { from: ([10, 77, 0, 2], 4_001), to: ([10, 77, 0, 1], 5_000), payload: vec![7; 99] };
        let frame = forged.frame(0);
        assert_eq!(target(&frame), Some(Target::Port(0)));
        assert_eq!(Udp::of(&frame), Some(forged));
        let header = frame[ETHERNET..].first_chunk().unwrap();
        assert_eq!(checksum(header), 0, "a header with its checksum adds up to nothing");
    }

    #[test]
    fn a_multicast_is_for_all_and_a_stranger_for_nobody() {
        assert_eq!(target(&[1, 0, 0x5E, 0, 0, 251]), Some(Target::All));
        assert_eq!(target(&[6; 6]), None);
        assert_eq!(target(&[2, 0, 0, 0, 0]), None);
    }
}
