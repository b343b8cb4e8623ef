//! Bounds of this crate, each with its reason.

/// Links measured at once. A full mesh of a session has at most this many; peers past it are refused.
pub const LINKS_MAX: usize = 32;

/// Samples kept per link and direction: 40 s at the fastest steady schedule. More adds no accuracy,
/// only the work of the filter, which reads each sample some fifty times per estimate.
pub const SAMPLES_MAX: usize = 160;

/// Packets per link that may still be echoed. At the burst's 30 ms this is half a second of round trip.
pub const AWAITED_MAX: usize = 16;

/// Events kept for [`poll_event`](crate::ClockPeer::poll_event). When nobody reads them the oldest goes.
pub const EVENTS_MAX: usize = 64;

/// Packets kept for [`poll_transmit`](crate::ClockPeer::poll_transmit). A packet that waits is stamped
/// when it is sent, so it stays right; past this bound nobody sends and further ones are dropped.
pub const TRANSMITS_MAX: usize = 4 * LINKS_MAX;

/// The fastest session clock a peer may announce relative to its own crystal. The base may differ by
/// 250 ppm and the slew by 3000; anything past it is forged or broken.
pub const RATE_PPB_MAX: i32 = 4_000_000;
