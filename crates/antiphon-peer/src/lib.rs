//! One peer as a state machine: its user's commands and the world's input in, effects out.
//!
//! A [`Peer`] has no socket, clock, disk or thread. Its owner (the node) passes it [`Command`]s and
//! [`Input`]s with the time at which they happened, performs the [`Effect`]s it then polls, and wakes it at
//! [`Peer::poll_timeout`]. What the interface shows is read from the peer after a [`Change`] was told.
//!
//! What it holds together: the open session (`jam`: document, roster and replication live in
//! `antiphon-sync`), its shared transport, the peers in reach, and the door through which they come in.
#![forbid(unsafe_code)]

mod command;
mod effect;
mod error;
mod peer;

mod acts;
mod contact;
mod invite;
mod jam;
mod joining;
mod late;
mod launch;
mod transport;
mod view;
mod waiting;

pub mod limits;
mod wire;

pub use antiphon_document::Touched;
pub use antiphon_sync::{EditRefused, Now};
pub use command::{Command, Done, NewSession, StoredSession};
pub use contact::{Nearby, Standing};
pub use effect::{Change, Effect, Notice, Stream};
pub use error::CommandError;
pub use invite::{Invite, InviteError};
pub use joining::JoinRequest;
pub use late::LateAct;
pub use peer::{Input, Peer, PeerConfig};
pub use view::Member;
pub use waiting::{Heard, Waiting};
pub use wire::{ControlFrame, Hello, OpenTo, PROTOCOL_VERSION, WireError};
