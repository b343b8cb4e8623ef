//! The ways into a running peer.
//!
//! One process owns the data folder ([`FolderLock`]) and runs the peer. Everything else on this machine
//! reaches it through a door that speaks the same frames ([`frame`]): the command line and a second window
//! through the [`LocalSocket`], a browser through the [`Gateway`]. [`Door::open`] hides the difference:
//! it owns the folder if it is free and attaches to the owner if it is not.
#![forbid(unsafe_code)]

mod client;
mod connection;
mod folder;
pub mod frame;
mod gateway;
mod interface;
mod logs;
mod open;
mod reachable;
mod socket;

pub use antiphon_node::NodeConfig;
pub use client::Client;
pub use folder::{DataFolder, FolderError, FolderLock};
pub use gateway::Gateway;
pub use logs::start_logs;
pub use open::{Door, OpenError};
pub use reachable::{Attached, Reachable};
pub use socket::LocalSocket;
