//! Bounds of this crate, each with its reason.

/// Peers known at once; further ones are refused. Memory is some twenty kilobytes for each that is measured.
pub const PEERS_KNOWN_MAX: usize = 256;

/// Up to this many others everybody measures everybody. Above, each picks this many partners, which
/// keeps packets per peer constant and the way between any two peers short.
pub const PARTNERS_MAX: usize = 12;

/// Times further from zero are refused, so that no difference of two of them overflows: 146 years.
pub const TIME_NS_MAX: i64 = 1 << 62;

/// Samples kept per link and direction: a minute at the fastest steady schedule. With 160, which is 24 s,
/// two peers on bad Wi-Fi are 1.0 ms apart (p99) instead of 0.7.
pub const SAMPLES_MAX: usize = 400;

/// Packets per link that may still be echoed. At the burst's 30 ms this is half a second of round trip.
pub const AWAITED_MAX: usize = 16;

/// Events kept for [`poll_event`](crate::ClockPeer::poll_event). When nobody reads them the oldest goes.
pub const EVENTS_MAX: usize = 64;

/// Packets kept for [`poll_transmit`](crate::ClockPeer::poll_transmit). A packet that waits is stamped
/// when it is sent, so it stays right; past this bound nobody sends and further ones are dropped.
pub const TRANSMITS_MAX: usize = 2 * PEERS_KNOWN_MAX;

/// The fastest session clock a peer may announce relative to its own crystal. The base may differ by
/// 250 ppm and the slew by 3000; anything past it is forged or broken.
pub const RATE_PPB_MAX: i32 = 4_000_000;

/// How much later than its stamp a packet may be said to have left. A sender that stood still for longer
/// has sent a useless packet anyway.
pub const DEPARTURE_LATE_NS: i64 = 1_000_000_000;
