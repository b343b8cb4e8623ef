//! Real peers on a real network: processes in namespaces, discovery on, clocks that disagree.
//!
//! The tests measure times, so they run one after the other.
#![forbid(unsafe_code)]

mod absence;
mod doors;
mod edits;
mod friends;
mod lab;
mod partition;
mod phase;
mod samples;
mod stored;
mod tools;

use std::sync::{Mutex, MutexGuard, PoisonError};

static ALONE: Mutex<()> = Mutex::new(());

/// Held by the test that runs.
fn alone() -> MutexGuard<'static, ()> {
    // A test that failed spoils nothing for the next.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
