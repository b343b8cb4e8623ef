//! From the card's clock to the host's.
//!
//! A stream stamps its callbacks with a clock of its own: another origin, sometimes another crystal. Reading
//! host, stream, host in a row brackets the difference; the narrowest of several brackets was disturbed least.

use std::{
    sync::{Arc, Condvar, Mutex, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use antiphon_timeline::HostClock;
use cpal::{StreamInstant, traits::StreamTrait};

use crate::{
    desk::Desk,
    limits::{BRIDGE_EVERY_MS, BRIDGE_READS},
    silence::{tell_stop, wait_for_stop},
};

/// A running stream, whatever made it.
pub(crate) type RunningStream = Arc<dyn StreamTrait + Send + Sync>;

/// Rounds without a callback after which a stream counts as dead: three seconds.
const ROUNDS_WITHOUT_CALLBACK: u32 = 30;

/// A stream instant in nanoseconds.
pub(crate) fn stream_ns(instant: StreamInstant) -> i64 {
    i64::try_from(instant.as_nanos()).unwrap_or(i64::MAX)
}

/// Measures host time minus stream time and tells the audio thread.
pub(crate) fn measure(stream: &RunningStream, clock: &dyn HostClock, desk: &Desk) {
    let bracket = |_| {
        let before = clock.now();
        let stream = stream_ns(stream.now());
        let width = clock.now().saturating_since(before);
        (width, (before + width / 2).0.saturating_sub(stream))
    };
    if let Some((_, offset)) = (0..BRIDGE_READS).map(bracket).min() {
        desk.set_bridge_ns(offset);
    }
}

/// Measures again and again, and notices when the stream has silently died. Dropping it stops it.
pub(crate) struct BridgeKeeper {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl BridgeKeeper {
    pub(crate) fn start(
        stream: RunningStream,
        clock: Arc<dyn HostClock>,
        desk: Arc<Desk>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let told = stop.clone();
        let keep = move || {
            let (mut blocks, mut idle) = (0, 0);
            while !wait_for_stop(&told, Duration::from_millis(BRIDGE_EVERY_MS)) {
                measure(&stream, &*clock, &desk);
                let now = desk.blocks.load(Ordering::Relaxed);
                idle = if now == blocks { idle + 1 } else { 0 };
                blocks = now;
                if idle == ROUNDS_WITHOUT_CALLBACK {
                    desk.lose("the output has stopped asking for sound".to_owned());
                }
            }
        };
        let thread = std::thread::Builder::new().name("antiphon-bridge".into()).spawn(keep)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for BridgeKeeper {
    fn drop(&mut self) {
        tell_stop(&self.stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
