//! The Automerge document of a session and its typed edits.
//!
//! A [`SessionDocument`] turns each valid edit into one transaction and so one change; follows every change,
//! its own or a peer's, by patches in a plain mirror; and repairs what was touched into the [`Song`](antiphon_model::Song)
//! that everything else reads. `repair(read(document))` is pure and idempotent: see [`repair()`].
//!
//! Peers' bytes do not come here. The gate in `antiphon-sync` decodes and verifies them, asks the
//! [`GateView`] whether a change fits the document, and only then calls [`SessionDocument::admit`].
#![forbid(unsafe_code)]

mod document;

mod commit;
mod writes;

mod holds;
mod moment;

mod recall;
mod rewind;
mod undo;

mod codes;
mod keys;
mod raw;
mod repair;
mod schema;
mod touched;

mod check;
mod history;

mod ids;
pub mod limits;

pub use check::{GateView, Inadmissible, OperationFault};
pub use document::{ApplyError, LocalChange, SessionDocument};
pub use holds::Playing;
pub use ids::{ActorId, ChangeHash, OpId};
pub use raw::{Entry, RawMap, RawSong, Scalar};
pub use repair::repair;
pub use schema::{Children, Place, SCHEMA_VERSION};
pub use touched::Touched;
