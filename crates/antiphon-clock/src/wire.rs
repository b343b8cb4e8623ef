//! The clock packet: one layout for pings and pongs, of fixed size, little endian.
//!
//! Every packet is a measurement: it carries its own sending time, and the times of the last packet that
//! came the other way, so both ends learn from each direction of the same exchange.
//!
//! ```text
//! u8 version = 1 | u8 kind | u16 flags | u32 seq | u32 epoch | u32 echo_seq (0: no echo)
//! u64 timebase | i64 sent | i64 echo_sent | i64 echo_received
//! i64 map.host | i64 map.session | i32 rate_ppb | i32 base_ppb | u16 members | u16 0 | u32 0
//! ```

use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};

use crate::limits::RATE_PPB_MAX;

/// Bytes of every packet.
pub const PACKET_BYTES: usize = 80;
/// Where the sending time lies in it.
pub const SENT_AT: usize = 24;

const VERSION: u8 = 1;
const LOCKED: u16 = 1;
const SETTLED: u16 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Wants a pong.
    Ping,
    Pong,
}

/// What the sender says of its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Announcement {
    /// Session time can be relied on.
    pub locked: bool,
    /// Locked for long enough to have weight.
    pub settled: bool,
    /// Host time here is the sender's.
    pub map: SessionMap,
    /// The part of `map.rate_ppb` that is not momentary steering.
    pub base_ppb: i32,
    /// Peers the sender sees in its timebase, with itself.
    pub members: u16,
}

/// When a packet that came the other way was sent, by the clock of this packet's receiver, and arrived,
/// by the clock of its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Echo {
    pub seq: u32,
    pub sent: HostTime,
    pub received: HostTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packet {
    pub kind: Kind,
    pub seq: u32,
    /// Changes when the sender's host clock has jumped: older samples are void.
    pub epoch: u32,
    pub sent: HostTime,
    pub echo: Option<Echo>,
    pub announcement: Announcement,
}

impl Packet {
    /// The packet with a sending time of `self.sent`, for the io crate to overwrite at [`SENT_AT`].
    pub fn encode(&self) -> Vec<u8> {
        let Announcement { locked, settled, map, base_ppb, members } = self.announcement;
        let flag = |on: bool, bit: u16| if on { bit } else { 0 };
        let flags = flag(locked, LOCKED) | flag(settled, SETTLED);
        let echo = self.echo.unwrap_or(Echo { seq: 0, sent: HostTime::ZERO, received: HostTime::ZERO });
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
        bytes.resize(PACKET_BYTES, 0);
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
        let rate_ppb = reader.rate()?;
        let base_ppb = reader.rate()?;
        let members = u16::from_le_bytes(reader.take()?);
        let map = SessionMap { timebase, host, session, rate_ppb: i64::from(rate_ppb) };
        let announcement = Announcement {
            locked: flags & LOCKED != 0,
            settled: flags & SETTLED != 0,
            map,
            base_ppb,
            members,
        };
        let packet = Self { kind, seq, epoch, sent, echo: (echo_seq != 0).then_some(echo), announcement };
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
        self.take().map(|bytes| HostTime(i64::from_le_bytes(bytes)))
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
            echo: Some(Echo { seq: 6, sent: HostTime(i64::MIN), received: HostTime(i64::MAX) }),
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
        for (index, value) in [(0, 2), (1, 2), (2, 4), (79, 1), (67, 0x7f), (71, 0x7f)] {
            assert_eq!(with(index, value), None, "byte {index} = {value}");
        }
        assert_eq!(with(4, 0), None, "packets count from 1");
        assert_eq!(with(12, 0), None, "echo times without an echo");
        assert_eq!(Packet::decode(&good[..79]), None);
        assert_eq!(Packet::decode(&[good.as_slice(), &[0]].concat()), None);
    }

    proptest! {
        #[test]
        fn decoding_any_bytes_is_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            if let Some(packet) = Packet::decode(&bytes) {
                prop_assert_eq!(packet.encode(), bytes);
            }
        }
    }
}
