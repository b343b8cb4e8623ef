//! Wire form of commands, events and errors, and the TypeScript bindings of them.
//!
//! One table of commands ([`table`]) serves the window, the browser gateway and the local socket alike.
//! Ids are hexadecimal text here; inner types never leave their crates.
#![forbid(unsafe_code)]

mod table;

pub mod calibration;
pub mod commands;
pub mod edits;
mod error;
mod events;
pub mod views;

mod catalogue;
mod difference;
mod edit_of;
mod peer_api;
mod presenter;
mod qr;
mod refusal;
mod view_of;

mod typescript;

pub use catalogue::catalogue;
pub use error::{ApiError, ErrorCode};
pub use events::{Event, NoticeLevel, PatternChange, SongChange, StepChange};
pub use peer_api::{PeerApi, verify_bytes};
pub use table::{Api, COMMANDS, dispatch};
pub use typescript::typescript;
