//! Keeping time without an output: a thread pulls the source at the pace of the session clock and discards
//! what it gets, so that meters, playhead and everything else behave as if it were heard.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use antiphon_timeline::{Frames, HostClock, SessionTime};

use crate::{
    desk::Desk,
    limits::{SILENT_BLOCK_FRAMES, SILENT_CATCH_UP_NS, SILENT_PULL_MS},
    position::Position,
    source::Source,
};

/// Pulls a source up to a session time, without gaps.
pub(crate) struct SilentPull {
    source: Box<dyn Source>,
    next: Option<i64>,
    block: Box<[f32]>,
}

impl SilentPull {
    pub(crate) fn new(source: Box<dyn Source>) -> Self {
        Self { source, next: None, block: vec![0.0; 2 * SILENT_BLOCK_FRAMES].into_boxed_slice() }
    }

    /// Pulls all frames before `now`; jumps when it is far away in either direction.
    pub(crate) fn pull_until(&mut self, now: SessionTime) {
        let end = Position::at(now).frame();
        let far = (Position::span(SILENT_CATCH_UP_NS) >> 32) as i64;
        let near = self.next.filter(|next| end.abs_diff(*next) <= far.unsigned_abs());
        let mut next = near.unwrap_or(end);
        while next < end {
            let count =
                usize::try_from(end - next).map_or(SILENT_BLOCK_FRAMES, |n| n.min(SILENT_BLOCK_FRAMES));
            self.source.render(Frames(next), &mut self.block[..2 * count]);
            next += count as i64;
        }
        self.next = Some(next);
    }
}

/// The thread that does it. Dropping it stops it.
pub(crate) struct Silence {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<Box<dyn Source>>>,
}

impl Silence {
    pub(crate) fn start(
        desk: Arc<Desk>,
        clock: Arc<dyn HostClock>,
        source: Box<dyn Source>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let told = stop.clone();
        let keep_time = move || {
            let mut pull = SilentPull::new(source);
            loop {
                if let Some(map) = desk.map() {
                    pull.pull_until(map.to_session(clock.now()));
                }
                if wait_for_stop(&told, Duration::from_millis(SILENT_PULL_MS)) {
                    return pull.source;
                }
            }
        };
        let thread = std::thread::Builder::new().name("antiphon-silence".into()).spawn(keep_time)?;
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Stops and gives the source back, unless it panicked.
    pub(crate) fn into_source(mut self) -> Option<Box<dyn Source>> {
        tell_stop(&self.stop);
        self.thread.take()?.join().ok()
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        tell_stop(&self.stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits until told to stop, or for `pause`; says which.
pub(crate) fn wait_for_stop(told: &(Mutex<bool>, Condvar), pause: Duration) -> bool {
    let stopped = told.0.lock().unwrap_or_else(PoisonError::into_inner);
    *told.1.wait_timeout_while(stopped, pause, |stopped| !*stopped).unwrap_or_else(PoisonError::into_inner).0
}

/// Ends every [`wait_for_stop`].
pub(crate) fn tell_stop(told: &(Mutex<bool>, Condvar)) {
    *told.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
    told.1.notify_all();
}

#[cfg(test)]
mod tests;
