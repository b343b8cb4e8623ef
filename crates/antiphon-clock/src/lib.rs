//! The session clock from ping samples: offset, drift, error bound.
#![forbid(unsafe_code)]

mod event;
mod peer;

pub use event::{ClockEvent, LinkQuality, Transmit};
pub use peer::{ClockConfig, ClockPeer, PeerKey};
