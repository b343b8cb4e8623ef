//! Runs a peer: performs its effects with the io crates.
//!
//! [`start`] opens the store, the sound and the net and gives a [`NodeHandle`]; one loop (`node`) owns the
//! state. The handle answers what needs no state itself: decoding, rendering and freezing run beside the loop.
#![forbid(unsafe_code)]

mod config;
mod start;

mod handle;
mod handshake;

mod beats;
mod import;
mod metronome;
mod outputs;
mod remix;
mod rendering;

mod agreement;
mod ask;
mod event;
mod node;
mod snapshot;
mod telemetry;

mod first_start;
mod records;
mod samples;
mod settings;
mod sound;

mod clock;
mod doctor;
mod error;
mod names;
mod random;

pub use agreement::{Agreement, PeerAgreement, suspicion};
pub use beats::{KeptBeat, Rendered, render_again};
pub use config::{BadVariable, NodeConfig};
pub use doctor::{Finding, Health};
pub use error::{NodeError, StartNodeError};
pub use event::{Job, NodeEvent, Telemetry};
pub use handle::NodeHandle;
pub use handshake::Trimmed;
pub use import::{FILE_BYTES_MAX, Imported, read_whole};
pub use metronome::{COUNT_IN_BARS_MAX, Counting};
pub use names::made_up_name;
pub use outputs::OutputChoice;
pub use random::fresh_id;
pub use snapshot::{SessionSnapshot, Snapshot};
pub use start::{Timings, start};
