//! Signs of life on a link, of all its streams together: whatever passes proves as much as a heartbeat would, so
//! a heartbeat is sent only where nothing else was.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use tokio::time::{Instant, sleep};

use crate::limits::{HEARTBEAT_AFTER, SILENCE_STEP, SILENT_STEPS_MAX};

/// The signs of life of one link; its readers and writers share them.
#[derive(Debug, Clone)]
pub(crate) struct Pulse(Arc<Signs>);

#[derive(Debug)]
struct Signs {
    /// How often something was read.
    heard: AtomicU64,
    /// Readers that wait for the node. What lies behind their backs is not heard, and is no silence.
    waiting: AtomicUsize,
    /// When something was last written.
    said: Mutex<Instant>,
}

/// A reader that waits for the node, until it is dropped.
#[derive(Debug)]
pub(crate) struct Waiting<'a>(&'a Signs);

/// Counts silence in short steps.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    heard: u64,
    steps: u32,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Signs {
            heard: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            said: Mutex::new(Instant::now()),
        }))
    }

    /// Something arrived.
    pub(crate) fn heard(&self) {
        self.0.heard.fetch_add(1, Ordering::Relaxed);
    }

    /// Something was handed to the system.
    pub(crate) fn said(&self) {
        *self.0.said.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// While the guard lives its reader reads nothing.
    pub(crate) fn waiting(&self) -> Waiting<'_> {
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.0)
    }

    /// When a heartbeat is due, unless something else is written before.
    pub(crate) fn beat_at(&self) -> Instant {
        *self.0.said.lock().unwrap_or_else(PoisonError::into_inner) + HEARTBEAT_AFTER
    }

    /// Waits until nothing was heard for [`SILENT_STEPS_MAX`] steps in a row. Steps rather than time forgive a machine
    /// that stood still: after the pause the bytes that waited are read before the next count.
    pub(crate) async fn silence(&self) {
        let mut silence = Silence::default();
        loop {
            sleep(SILENCE_STEP).await;
            if silence.lasts(self) {
                return;
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Silence {
    /// Counts a step; true when it was one too many.
    fn lasts(&mut self, pulse: &Pulse) -> bool {
        let heard = pulse.0.heard.load(Ordering::Relaxed);
        if heard != self.heard || pulse.0.waiting.load(Ordering::Relaxed) > 0 {
            *self = Self { heard, steps: 0 };
        } else {
            self.steps += 1;
        }
        self.steps >= SILENT_STEPS_MAX
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn steps_until_silent(pulse: &Pulse, silence: &mut Silence) -> u32 {
        (1..).find(|_| silence.lasts(pulse)).unwrap_or_default()
    }

    #[test]
    fn whatever_is_heard_starts_the_count_again() {
        let (pulse, mut silence) = (Pulse::new(), Silence::default());
        for _ in 0..20 {
            pulse.heard();
            for _ in 0..SILENT_STEPS_MAX {
                assert!(!silence.lasts(&pulse));
            }
        }
        assert_eq!(steps_until_silent(&pulse, &mut silence), 1, "then the next step is one too many");
    }

    #[test]
    fn a_reader_that_waits_for_the_node_hears_nothing_and_that_is_no_silence() {
        let (pulse, mut silence) = (Pulse::new(), Silence::default());
        let waiting = pulse.waiting();
        assert!((0..100).all(|_| !silence.lasts(&pulse)));
        drop(waiting);
        assert_eq!(steps_until_silent(&pulse, &mut silence), SILENT_STEPS_MAX);
    }

    #[test]
    fn silence_is_told_within_three_and_a_half_seconds_and_not_before_a_heartbeat_is_late() {
        assert!(SILENCE_STEP * (SILENT_STEPS_MAX + 1) <= Duration::from_millis(3_500));
        assert!(SILENCE_STEP * SILENT_STEPS_MAX >= HEARTBEAT_AFTER + Duration::from_secs(1));
        let pulse = Pulse::new();
        pulse.heard();
        // The first step may end right after what came last.
        assert_eq!(steps_until_silent(&pulse, &mut Silence::default()), SILENT_STEPS_MAX + 1);
    }

    #[test]
    fn what_is_said_puts_the_heartbeat_off() {
        let pulse = Pulse::new();
        let due = pulse.beat_at();
        while Instant::now() == due - HEARTBEAT_AFTER {}
        pulse.said();
        assert!(pulse.beat_at() > due);
    }
}
