//! When this machine stood still.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::deadline::true_now_ns;

const NAP: Duration = Duration::from_millis(1);
/// A nap that ends later than this is a stall.
const STALL_NS: i64 = 5_000_000;
/// A window reaches from a second before its click, where buffers were filled, to a little after.
const BEFORE_NS: i64 = 1_000_000_000;
const AFTER_NS: i64 = 300_000_000;

/// A thread that is as preferred as the peers and naps again and again, and remembers when it overslept.
pub struct Stalls {
    ended: Arc<AtomicBool>,
    moments: Arc<Mutex<Vec<i64>>>,
    thread: Option<JoinHandle<()>>,
}

impl Stalls {
    /// Begins to watch.
    pub fn watch() -> Self {
        let (ended, moments) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (end, seen) = (Arc::clone(&ended), Arc::clone(&moments));
        let thread = thread::spawn(move || {
            crate::bridge::prefer_this_thread("renice", &["-n", "-15", "-p"]);
            while !end.load(Ordering::Relaxed) {
                let asleep_ns = true_now_ns();
                thread::park_timeout(NAP);
                if true_now_ns() - asleep_ns > NAP.as_nanos() as i64 + STALL_NS {
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(asleep_ns);
                }
            }
        });
        Self { ended, moments, thread: Some(thread) }
    }

    /// Was there none in the window of a click heard so many seconds after the start of the recording?
    pub fn none_around(&self, started_ns: i64, seconds: f64) -> bool {
        let at_ns = started_ns + (seconds * 1e9) as i64;
        let window = at_ns - BEFORE_NS..at_ns + AFTER_NS;
        !self.moments().iter().any(|moment| window.contains(moment))
    }

    /// How many there were since then.
    pub fn count_since(&self, moment_ns: i64) -> usize {
        self.moments().iter().filter(|moment| **moment >= moment_ns).count()
    }

    fn moments(&self) -> std::sync::MutexGuard<'_, Vec<i64>> {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It only naps: there is nothing that could have gone wrong.
            let _ = thread.join();
        }
    }
}
