//! The audio output: cpal stream, null output, edge resampler, virtual card.
//!
//! Peers play in phase because each renders the same canonical stream (48 kHz, whole frames, from musical
//! time alone) and each output plays frame F of it at session time F / 48 000 s. This crate is the last part
//! of that: a card asks for frames at its own rate, on a clock of its own, with jittery timestamps, and gets
//! the right places of the stream.
//!
//! ```text
//! callback times ─ CallbackFilter ─ host time ─ SessionMap ─ target ─ Cursor ─ EdgeResampler ─ card
//!                                                                        Source ──┘
//! ```
//!
//! An [`Output`] keeps itself going: a device may vanish, change its rate, fall quiet or give way to another one while
//! it plays. The source is never the card's own; a card takes turns with silence, and the stream goes on frame by
//! frame from one to the other.
//!
//! The rule that must hold: the stream is read without a gap or an overlap, whatever clocks and maps do; the
//! only exceptions are jumps, and those are crossfaded.
//!
//! Nothing here decides *when* music plays; that is in the run and the session map. The engine is a [`Source`].
#![forbid(unsafe_code)]

pub mod limits;

mod position;
mod source;

mod callback_filter;
mod cursor;
mod edge;
mod reader;
mod resampler;

mod callback;
mod desk;
mod latest;
mod trims;
mod turns;

mod bridge;
mod card;
mod error;
mod stream;

mod back_off;
mod bell;
mod hands;
mod keeper;
mod output;
mod shown;

#[cfg(feature = "virtual-card")]
mod virtual_card;
#[cfg(feature = "virtual-card")]
mod virtual_room;

pub use callback_filter::{CallbackFilter, Observed};
pub use card::{Cards, OutputInfo, outputs};
pub use cursor::{Advance, Cue, Cursor, Target};
pub use edge::{Edge, Heard};
pub use error::OpenOutputError;
pub use output::{Output, OutputConfig};
pub use position::Position;
pub use resampler::EdgeResampler;
pub use shown::OutputStatus;
pub use source::Source;
pub use trims::{PassingTrims, TrimOutOfRange, Trims};

#[cfg(feature = "virtual-card")]
pub use virtual_card::{CardSpec, VirtualCard};
#[cfg(feature = "virtual-card")]
pub use virtual_room::{RoomCards, RoomClock, VirtualRoom};
