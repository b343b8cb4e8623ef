//! The clock packet: one layout for pings and pongs, of fixed size, little endian.
//!
//! Every packet is a measurement: it carries its own sending time, and the times of the last packet that
//! came the other way, so both ends learn from each direction of the same exchange. It also tells when an
//! earlier packet of its sender *really* left, once that was measured: the stamp inside a packet is written
//! before it is sealed and handed to the system, and is too early by however long that took.
//!
//! ```text
//!   0  u8 version = 2 | u8 kind | u16 flags | u32 seq | u32 epoch | u32 echo_seq (0: no echo)
//!  16  u64 timebase | i64 sent | i64 echo_sent | i64 echo_received
//!  48  i64 map.host | i64 map.session | i32 rate_ppb | i32 base_ppb
//!  72  u16 members | u16 0 | u32 told_seq (0: nothing told) | i64 told_sent
//!  88  u128 company
//! ```

use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};

use crate::{
    company::Company,
    limits::{RATE_PPB_MAX, TIME_NS_MAX},
};

/// Bytes of every packet.
pub const PACKET_BYTES: usize = 104;
/// The version that this crate speaks. Packets of any other are refused.
pub const VERSION: u8 = 2;
/// Where the sending time lies in a packet.
pub const SENT_AT: usize = 24;

const LOCKED: u16 = 1;
const SETTLED: u16 = 2;

/// What a packet wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wants a pong.
    Ping,
    /// Answers a ping.
    Pong,
}

/// What the sender says of its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announcement {
    /// Session time can be relied on.
    pub locked: bool,
    /// Locked for long enough to have weight.
    pub settled: bool,
    /// Host time here is the sender's.
    pub map: SessionMap,
    /// The part of `map.rate_ppb` that is not momentary steering.
    pub base_ppb: i32,
    /// Peers the sender itself hears in its timebase, with itself.
    pub members: u16,
    /// Which ones, roughly.
    pub company: Company,
}

/// When a packet that came the other way was sent, by the clock of this packet's receiver, and arrived,
/// by the clock of its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Echo {
    /// Which packet.
    pub seq: u32,
    /// What was written in it.
    pub sent: HostTime,
    /// When it came.
    pub received: HostTime,
}

/// When an earlier packet of the same sender really left, by the sender's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// Which packet.
    pub seq: u32,
    /// When it left.
    pub sent: HostTime,
}

/// One packet, checked for form but not yet for sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// What it wants.
    pub kind: Kind,
    /// Counts the sender's packets on this link, from 1 in each epoch.
    pub seq: u32,
    /// Changes when the sender's host clock has jumped: older samples are void.
    pub epoch: u32,
    /// When it was sent, by the sender's clock.
    pub sent: HostTime,
    /// The last packet that came the other way.
    pub echo: Option<Echo>,
    /// The better sending time of an earlier packet.
    pub told: Option<Departure>,
    /// What the sender says of its own clock.
    pub announcement: Announcement,
}

impl Packet {
    /// The packet with a sending time of `self.sent`, for the io crate to overwrite at [`SENT_AT`].
    pub fn encode(&self) -> Vec<u8> {
        let Announcement { locked, settled, map, base_ppb, members, company } = self.announcement;
        let flag = |on: bool, bit: u16| if on { bit } else { 0 };
        let flags = flag(locked, LOCKED) | flag(settled, SETTLED);
        let echo = self.echo.unwrap_or(Echo { seq: 0, sent: HostTime::ZERO, received: HostTime::ZERO });
        let told = self.told.unwrap_or(Departure { seq: 0, sent: HostTime::ZERO });
        let limit = i64::from(RATE_PPB_MAX);
        let rate_ppb = map.rate_ppb.clamp(-limit, limit) as i32;
        let mut bytes = Vec::with_capacity(PACKET_BYTES);
        bytes.extend([VERSION, u8::from(self.kind == Kind::Pong)]);
        bytes.extend(flags.to_le_bytes());
        for word in [self.seq, self.epoch, echo.seq] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(map.timebase.0.to_le_bytes());
        for time in [self.sent.0, echo.sent.0, echo.received.0, map.host.0, map.session.0] {
            bytes.extend(time.to_le_bytes());
        }
        bytes.extend(rate_ppb.to_le_bytes());
        bytes.extend(base_ppb.to_le_bytes());
        bytes.extend(members.to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(told.seq.to_le_bytes());
        bytes.extend(told.sent.0.to_le_bytes());
        bytes.extend(company.0.to_le_bytes());
        bytes
    }

    /// Reads what [`Self::encode`] writes and nothing else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; PACKET_BYTES] = bytes.try_into().ok()?;
        let mut reader = Reader(bytes);
        let [version, kind] = reader.take()?;
        let kind = match (version, kind) {
            (VERSION, 0) => Kind::Ping,
            (VERSION, 1) => Kind::Pong,
            _ => return None,
        };
        let flags = u16::from_le_bytes(reader.take()?);
        let [seq, epoch, echo_seq] = [reader.u32()?, reader.u32()?, reader.u32()?];
        let timebase = TimebaseId(u64::from_le_bytes(reader.take()?));
        let sent = reader.host_time()?;
        let echo = Echo { seq: echo_seq, sent: reader.host_time()?, received: reader.host_time()? };
        let (host, session) = (reader.host_time()?, SessionTime(reader.host_time()?.0));
        let [rate_ppb, base_ppb] = [reader.rate()?, reader.rate()?];
        let members = u16::from_le_bytes(reader.take()?);
        let _padding: [u8; 2] = reader.take()?;
        let told = Departure { seq: reader.u32()?, sent: reader.host_time()? };
        let company = Company(u128::from_le_bytes(reader.take()?));
        let announcement = Announcement {
            locked: flags & LOCKED != 0,
            settled: flags & SETTLED != 0,
            map: SessionMap { timebase, host, session, rate_ppb: i64::from(rate_ppb) },
            base_ppb,
            members,
            company,
        };
        let (echo, told) = ((echo.seq != 0).then_some(echo), (told.seq != 0).then_some(told));
        let packet = Self { kind, seq, epoch, sent, echo, told, announcement };
        // One encoding per packet: unknown flags, filled padding and half echoes are refused.
        (seq != 0 && packet.encode() == bytes).then_some(packet)
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn host_time(&mut self) -> Option<HostTime> {
        let time = i64::from_le_bytes(self.take()?);
        (-TIME_NS_MAX..=TIME_NS_MAX).contains(&time).then_some(HostTime(time))
    }

    fn rate(&mut self) -> Option<i32> {
        let rate = i32::from_le_bytes(self.take()?);
        (-RATE_PPB_MAX..=RATE_PPB_MAX).contains(&rate).then_some(rate)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet() -> Packet {
        Packet {
            kind: Kind::Pong,
            seq: 7,
            epoch: 99,
            sent: HostTime(-5),
            echo: Some(Echo { seq: 6, sent: HostTime(-TIME_NS_MAX), received: HostTime(TIME_NS_MAX) }),
            told: Some(Departure { seq: 5, sent: HostTime(8) }),
            announcement: Announcement {
                locked: true,
                settled: false,
                map: SessionMap {
                    timebase: TimebaseId(u64::MAX),
                    host: HostTime(1),
                    session: SessionTime(2),
                    rate_ppb: -3,
                },
                base_ppb: 4,
                members: 5,
                company: Company(u128::MAX - 1),
            },
        }
    }

    #[test]
    fn decoding_undoes_encoding_and_the_stamp_is_where_it_says() {
        let mut bytes = packet().encode();
        assert_eq!(bytes.len(), PACKET_BYTES);
        assert_eq!(Packet::decode(&bytes), Some(packet()));
        bytes[SENT_AT..SENT_AT + 8].copy_from_slice(&77_i64.to_le_bytes());
        assert_eq!(Packet::decode(&bytes), Some(Packet { sent: HostTime(77), ..packet() }));
    }

    #[test]
    fn anything_else_is_refused() {
        let good = packet().encode();
        let with = |index: usize, value: u8| {
            let mut bytes = good.clone();
            bytes[index] = value;
            Packet::decode(&bytes)
        };
        for (index, value) in [(0, 1), (0, 3), (1, 2), (2, 4), (74, 1), (67, 0x7f), (71, 0x7f), (31, 0x7f)] {
            assert_eq!(with(index, value), None, "byte {index} = {value}");
        }
        assert_eq!(with(4, 0), None, "packets count from 1");
        assert_eq!(with(12, 0), None, "echo times without an echo");
        assert_eq!(with(76, 0), None, "a departure of no packet");
        assert_eq!(Packet::decode(&good[..PACKET_BYTES - 1]), None);
        assert_eq!(Packet::decode(&[good.as_slice(), &[0]].concat()), None);
    }

    proptest! {
        #[test]
        fn decoding_any_bytes_is_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            if let Some(packet) = Packet::decode(&bytes) {
                prop_assert_eq!(packet.encode(), bytes);
            }
        }
    }
}
