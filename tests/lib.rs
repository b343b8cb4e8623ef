//! Shared pieces of the whole-product tests: they start real `antiphon` processes and speak to them as a
//! person's tools do, through the command line, the local socket and the gateway.
//!
//! ```no_run
//! use antiphon_tests::{Home, Serve};
//! use serde_json::json;
//!
//! let home = Home::new();
//! let peer = Serve::new(&home).start();
//! let mut door = peer.door();
//! door.call("edit", json!({ "type": "setTempo", "bpm": 140.0 }));
//! ```
//!
//! Nothing here sleeps: whatever is waited for is a condition with a deadline ([`until`]), and a deadline that
//! passes says what did not happen.
#![forbid(unsafe_code)]

mod bridge;
mod deadline;
mod door;
mod friend;
mod gateway;
pub mod lab;
mod namespaces;
mod process;
mod program;
mod rights;
mod song;
mod sound_file;
mod watchdog;

pub use bridge::{Bridge, Crossing, Lateness, Mischief, Udp};
pub use deadline::{Stopwatch, let_pass, micros, true_now_ns, until, until_some};
pub use door::{Door, Heard, Refusal};
pub use friend::{Friend, TOGETHER_LIMIT, agree, company, join};
pub use gateway::{GatewayAddress, WebSocket};
pub use namespaces::{Lan, Place};
pub use process::{Home, Running, Serve};
pub use program::{Ran, antiphon, run, run_with};
pub use rights::{Mounted, may_use_namespaces};
pub use song::Open;
pub use sound_file::{Recording, write_tone};
pub use watchdog::Watchdog;
