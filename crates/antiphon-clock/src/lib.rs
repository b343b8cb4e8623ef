//! The session clock: peers agree on one time by measuring each other, without a master.
//!
//! Every machine's clock is a crystal with its own origin and its own rate. A link measures how the two
//! crystals at its ends relate, and corrections never disturb that, because they do not touch
//! crystals: each peer keeps a [`SessionMap`](antiphon_timeline::SessionMap) from its crystal to session
//! time, announces it, and bends it towards the others'.
//!
//! - A *link* ([`ClockPeer::peer_up`]) exchanges packets with four times. Its filter looks only at the
//!   fastest packets of each direction and yields offset, drift and a hard bound.
//! - The *consensus* steers by the weighted, trimmed mean of the neighbours' errors. While playing, session
//!   time is never stepped, only bent by 1000 ppm at most.
//! - *Islands* are peers that share a timebase. A newcomer is an island of one; where islands meet the
//!   smaller, younger one moves, by one announced step, and the other is not disturbed.
//!
//! What must hold: the map is continuous except at a [`ClockEvent::TimebaseSwitched`]; whatever packets
//! come, memory and work stay bounded and nothing panics.
//!
//! It is a state machine without clock, socket or thread. The loop that drives it:
//!
//! ```
//! # use antiphon_clock::*; use antiphon_timeline::*;
//! # let (now, mut sent) = (HostTime(0), Vec::new());
//! let mut clock = ClockPeer::new([1; 32], ClockConfig::default(), 42, now);
//! clock.peer_up([2; 32], now);
//! clock.handle_timeout(now);
//! while let Some(mut packet) = clock.poll_transmit() {
//!     packet.stamp(now); // As late as possible.
//!     sent.push((packet.to, packet.bytes));
//! }
//! while let Some(event) = clock.poll_event() {
//!     if let ClockEvent::MapChanged(_map) = event { /* Publish it. */ }
//! }
//! let wake_at = clock.poll_timeout();
//! # assert!(wake_at.is_some() && sent.len() == 1);
//! ```
#![forbid(unsafe_code)]

mod company;
mod consensus;
mod envelope;
mod event;
mod glance;
mod island;
mod limits;
mod link;
mod merge;
mod neighbour;
mod own;
mod partners;
mod peer;
mod rng;
mod schedule;
mod trust;
pub mod wire;

pub use company::Company;
pub use event::{ClockEvent, ClockFaults, LinkQuality, Overview, Suspicion, Transmit};
pub use limits::{PARTNERS_MAX, PEERS_KNOWN_MAX};
pub use peer::{ClockConfig, ClockPeer, PeerKey};
pub use wire::PACKET_BYTES;
