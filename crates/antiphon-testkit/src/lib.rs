//! What tests share: seeded randomness, virtual time, and a simulator of clocks with exact truth.
//!
//! Everything is deterministic: a failure repeats from its seed. [`seed`] reads `ANTIPHON_SEED`, so a
//! printed seed can be put back in.
#![forbid(unsafe_code)]

mod baseline;
mod clock_lab;
mod crystal;
mod errors;
pub mod gates;
mod liar;
mod network;
mod rng;
mod room;
pub mod scenario;
pub mod sound;
mod sweep;
mod virtual_time;

pub use baseline::{Following, Method, follow};
pub use clock_lab::{ClockLab, PeerIndex, Traffic};
pub use crystal::Crystal;
pub use errors::Errors;
pub use liar::Lie;
pub use network::{Delay, Network, Way, Weather};
pub use rng::SeededRng;
pub use room::{Departures, Room};
pub use sweep::{Outcome, Progress, sweep};
pub use virtual_time::{VirtualClock, VirtualTime};

/// The seed of a test: `ANTIPHON_SEED` when set, else `default`.
pub fn seed(default: u64) -> u64 {
    std::env::var("ANTIPHON_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(default)
}

/// Whether the long form of sweeps is asked for, by `ANTIPHON_LONG=1`.
pub fn is_long() -> bool {
    std::env::var_os("ANTIPHON_LONG").is_some_and(|value| value == "1")
}
