//! Replication: signed change logs, presence and samples between the members of a session.
//!
//! [`SessionSync`] owns the document, the roster and the log of one open session, and is a state machine
//! without input or output of its own: edits, frames, connections and time go in; frames to send, envelopes
//! to store and news for the rest of the peer come out of [`SessionSync::poll_output`].
//!
//! - Every change is an [`Envelope`]: Automerge bytes, and the signature of its author's device over them.
//!   It is broadcast once when it is made, and passed on once by whoever first sees it.
//! - Peers compare what they have when they meet, when something is missing and every two seconds, and send
//!   one another what is missing, in order, in bounded batches. Equal peers exchange 32 bytes.
//! - Nothing reaches Automerge except through the gate (`gate`), whose verdict is the same on every
//!   honest peer. What fails it is a [`Fault`] of whoever sent it.
//! - Only members are ever sent anything; what listeners change is refused by all.
//!
//! # Known limits
//! - Who loses the right to edit keeps an open grant until grants can be closed at agreed heads. Until then
//!   nobody takes such a device's own edits from itself, so they spread only where some member took them
//!   before it heard; whatever one honest member took, all take.
//! - A member that signs two changes with one number is found out ([`SyncOutput::Forked`]) and its later
//!   changes are ignored, but peers that took different ones stay different until the owner closes its grant.
#![forbid(unsafe_code)]

mod blob;
mod company;
mod envelope;
mod exchange;
mod gate;
mod held;
pub mod limits;
mod link;
mod log;
mod output;
mod pace;
mod presence;
mod session;
mod wire;

pub use envelope::{Envelope, EnvelopeError};
pub use gate::Violation;
pub use output::{Fault, SyncOutput, Versions};
pub use presence::Presence;
pub use session::{EditRefused, Now, Restored, SessionSync, SyncConfig};
pub use wire::PROTOCOL_VERSION;
