//! Musical time: tempo, ticks, phase, swing; ticks, session time and canonical frames converted exactly.
//!
//! All arithmetic is on integers, so that every peer computes the same nanosecond and the same frame.
//! Nothing here can overflow: absurd values are held at the ends of their range.
//!
//! Peers do not send each other positions. They share [`TimelineOp`]s, and a [`Timeline`] folds any set
//! of them, in whatever order they came, into the same [`Transport`]: a resting playhead or a [`Run`],
//! which says for every tick when it sounds.
//!
//! This crate reads no clock: [`HostClock`] is how an io crate is handed one.
#![forbid(unsafe_code)]

mod fold;
mod groove;
mod limits;
mod map;
mod meter;
mod op;
mod quantum;
mod ramp;
mod run;
mod speed;
mod stamp;
mod swing;
mod tap;
mod tempo;
mod timeline;
mod units;

pub use groove::{GrooveStep, GrooveTemplate};
pub use limits::{
    COUNT_IN_MAX, METERS_MAX, MOVES_MAX, OP_BYTES_MAX, PLAY_LEAD_MAX_NS, POSITION_MAX, RAMP_MAX_NS,
    SEGMENTS_MAX, STAMP_AHEAD_MAX_NS, TEMPOS_MAX,
};
pub use map::{SessionMap, TimebaseId};
pub use meter::{Bar, Meter, MeterError};
pub use op::{DecodeOpError, OpKind, TimelineOp};
pub use quantum::Quantum;
pub use ramp::Ramp;
pub use run::Run;
pub use speed::Speed;
pub use stamp::{Hlc, Stamp};
pub use swing::swing_delay;
pub use tap::TapTempo;
pub use tempo::{Segment, Tempo, TempoError};
pub use timeline::{Timeline, Transport};
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

    /// How long this machine has slept so far without [`Self::now`] counting it, in nanoseconds. Only differences
    /// count; a clock that does not know says 0.
    ///
    /// Thread: any. Real-time safe: yes (two clock reads).
    fn slept_ns(&self) -> i64 {
        0
    }
}
