//! From the card's clock to the host's.
//!
//! A stream stamps its callbacks with a clock of its own: another origin, sometimes another crystal. Reading
//! host, stream, host in a row brackets the difference; the narrowest of several brackets was disturbed least.

use std::sync::Arc;

use antiphon_timeline::HostClock;
use cpal::{StreamInstant, traits::StreamTrait};

use crate::{desk::StreamDesk, limits::BRIDGE_READS};

/// A running stream, whatever made it.
pub(crate) type RunningStream = Arc<dyn StreamTrait + Send + Sync>;

/// A stream instant in nanoseconds.
pub(crate) fn stream_ns(instant: StreamInstant) -> i64 {
    i64::try_from(instant.as_nanos()).unwrap_or(i64::MAX)
}

/// Measures host time minus stream time and tells the audio thread.
pub(crate) fn measure(stream: &RunningStream, clock: &dyn HostClock, desk: &StreamDesk) {
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
