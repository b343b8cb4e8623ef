//! libp2p: discovery, connections, frames of bytes; the clock's own thread and socket.
//!
//! [`Net::start`] makes this peer reachable over TCP and QUIC and finds others by mDNS or by an address. Each
//! connected peer is one *link*: an ordered stream per [`Channel`] and one for the clock, opened by the peer
//! with the lower id. Clock packets travel as sealed datagrams where those get through, else on that stream. The node sends frames through its [`NetHandle`] and receives [`NetEvent`]s; what the frames
//! mean, and who may be told what, is decided above. A connected peer has proven its key, nothing more.
//!
//! Rules that hold here:
//! - events of a peer come in order: `Connected`, frames, `Disconnected`, each once;
//! - a peer's bytes are data: garbage, floods and silence end its link with a reason, never this program;
//! - every queue is bounded, and reading from a peer pauses while the node is busy;
//! - a cut is noticed within about three seconds, and healed about a second after the way is open again.
//!
//! The crate is the one door to libp2p. Its threads: `antiphon-net` and two io workers for the swarm,
//! `antiphon-clock` for the session clock, with a UDP socket that nothing else touches.
#![forbid(unsafe_code)]

mod address;
mod address_book;
mod behaviour;
mod channel;
mod clock;
mod dial_failure;
mod driver;
mod event;
mod frame;
mod gathering;
mod handshakes;
mod intake;
mod lanes;
mod limits;
mod link;
mod listening;
mod manual_dials;
mod outbox;
mod peer_key;
mod pulse;
mod start;

pub use address::AddressError;
pub use antiphon_clock::{ClockEvent, ClockFaults, LinkQuality, Overview, Suspicion};
pub use clock::{
    counters::{ClockCounters, ClockLinkState, ClockTraffic, DatagramFaults},
    thread::OnMap,
    way::ClockPath,
};
pub use event::{Channel, DialFailure, DisconnectReason, FrameError, NetEvent};
pub use limits::FRAME_BYTES_MAX;
pub use start::{Net, NetConfig, NetHandle, StartNetError};
