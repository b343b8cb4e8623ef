//! Musical time: tempo, ticks, phase, swing; ticks, session time and canonical frames converted exactly.
//!
//! All arithmetic is on integers, so that every peer computes the same nanosecond and the same frame.
//! This crate reads no clock: [`HostClock`] is how an io crate is handed one.
#![forbid(unsafe_code)]

mod map;
mod run;
mod tempo;
mod units;

pub use map::{SessionMap, TimebaseId};
pub use run::Run;
pub use tempo::{Segment, Tempo, TempoError};
pub use units::{
    CANONICAL_RATE, Frames, HostTime, NANOS_PER_SECOND, SessionTime, TICKS_PER_BAR, TICKS_PER_QUARTER,
    TICKS_PER_STEP, Ticks,
};

/// This machine's monotonic clock, handed to the io crates so that tests can offset and skew it.
pub trait HostClock: Send + Sync + 'static {
    /// Now.
    ///
    /// Thread: any. Real-time safe: yes (one clock read).
    fn now(&self) -> HostTime;
}
