//! Tells when this machine stood still, so that a stall of the host is not taken for a slow product.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::deadline::Stopwatch;

const NAP: Duration = Duration::from_millis(1);

/// A thread that naps for a millisecond again and again, and remembers how late it woke at worst.
#[derive(Debug)]
pub struct Watchdog {
    worst_late_ns: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Default for Watchdog {
    fn default() -> Self {
        Self::start()
    }
}

impl Watchdog {
    /// Begins to watch.
    pub fn start() -> Self {
        let (worst_late_ns, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (worst, end) = (worst_late_ns.clone(), ended.clone());
        let thread = thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                let nap = Stopwatch::start();
                thread::park_timeout(NAP);
                let late = nap.elapsed().saturating_sub(NAP).as_nanos() as u64;
                worst.fetch_max(late, Ordering::Relaxed);
            }
        });
        Self { worst_late_ns, ended, thread: Some(thread) }
    }

    /// The longest that the machine stood still since the last question.
    pub fn worst(&self) -> Duration {
        Duration::from_nanos(self.worst_late_ns.swap(0, Ordering::Relaxed))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It only naps: there is nothing that could have gone wrong.
            let _ = thread.join();
        }
    }
}
