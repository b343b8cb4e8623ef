//! Everything that outlives the process: sessions and their signed changes, samples, beats, settings, the
//! device's seed.
//!
//! The rule that must hold: what [`Store::durable`] has reached survives SIGKILL and a power cut, and the store
//! opens after either. Small records live in sled behind [`Store`]; samples and beats are files named by the
//! BLAKE3 hash of their bytes. What the records mean is others' business: a change is bytes here.
//!
//! ```
//! # use std::time::Duration;
//! # use antiphon_model::SessionId;
//! # use antiphon_store::{Batch, Store};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let store = Store::open(folder.path())?;
//! let session = SessionId([7; 16]);
//! let ticket = store.submit(Batch::new().append(session, b"a signed change".to_vec()))?;
//! assert_eq!(store.changes(session)?.envelopes, [b"a signed change"]);   // seen at once
//! store.wait_durable(ticket, Duration::from_secs(5))?;                   // and now it may be called saved
//! # Ok(())
//! # }
//! ```
//!
//! ```text
//! format  store.lock  device.key      one line; held while open; 0600
//! store/{db, conf, blobs/, snap.*}    sled
//! store.commits                       the number of the last durable commit
//! samples/<blake3>.flac  beats/<blake3>.beat
//! ```
#![forbid(unsafe_code)]

mod store;

mod batch;
mod record;

mod queue;
mod writer;

mod database;
mod disk;
mod key;
mod sealed;

mod device_seed;
mod durable_file;
mod files;
mod format;

mod error;
pub mod limits;

pub use batch::Batch;
pub use error::{DeviceSeedError, FileError, NotDurable, OpenStoreError, ReadError, SubmitError};
pub use record::{BeatRecord, Role, SessionRecord};
pub use store::{ChangeLog, Sessions, Store};
pub use writer::{Progress, Ticket, Watcher};
