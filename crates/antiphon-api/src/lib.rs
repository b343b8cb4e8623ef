//! Wire form of commands, events and errors, and the TypeScript bindings of them.
//!
//! One table of commands ([`table`]) serves the window, the browser gateway and the local socket alike.
//! Ids are hexadecimal text here; inner types never leave their crates.
#![forbid(unsafe_code)]

pub mod commands;
mod error;
mod events;
mod table;
mod typescript;
pub mod views;

pub use error::{ApiError, ErrorCode};
pub use events::{Event, NoticeLevel, SongChange};
pub use table::{Api, COMMANDS, dispatch};
pub use typescript::typescript;
