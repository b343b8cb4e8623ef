//! The units of time. Shared times are integers; a bare number never stands for a time.

use std::ops::{Add, Sub};

/// Frames in one second of the canonical stream.
pub const CANONICAL_RATE: u32 = 48_000;
/// Ticks in one quarter note.
pub const TICKS_PER_QUARTER: i64 = 1 << 32;
/// Ticks in one step (a sixteenth note).
pub const TICKS_PER_STEP: i64 = TICKS_PER_QUARTER / 4;
/// Ticks in one bar of four quarters.
pub const TICKS_PER_BAR: i64 = TICKS_PER_QUARTER * 4;
/// Nanoseconds in one second.
pub const NANOS_PER_SECOND: i64 = 1_000_000_000;

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub i64);

        impl $name {
            /// The origin of this unit.
            pub const ZERO: Self = Self(0);

            /// The sum, held at the ends of the range instead of overflowing.
            pub const fn saturating_add(self, amount: i64) -> Self {
                Self(self.0.saturating_add(amount))
            }

            /// `self - earlier`, held at the ends of the range.
            pub const fn saturating_since(self, earlier: Self) -> i64 {
                self.0.saturating_sub(earlier.0)
            }
        }

        impl Add<i64> for $name {
            type Output = Self;
            fn add(self, amount: i64) -> Self { self.saturating_add(amount) }
        }

        impl Sub for $name {
            type Output = i64;
            fn sub(self, earlier: Self) -> i64 { self.saturating_since(earlier) }
        }
    };
}

unit!(
    /// Nanoseconds of this machine's monotonic clock, from an arbitrary origin.
    HostTime
);
unit!(
    /// Nanoseconds of the time all peers of a session share.
    SessionTime
);
unit!(
    /// Musical time in 2⁻³² quarter notes.
    Ticks
);
unit!(
    /// Whole frames of the canonical 48 kHz stream, counted from session time 0, or from the start of a run
    /// where a [`Run`](crate::Run) says so.
    Frames
);

impl Ticks {
    /// `steps` sixteenth notes.
    pub const fn from_steps(steps: i64) -> Self {
        Self(steps.saturating_mul(TICKS_PER_STEP))
    }

    /// `bars` bars of four quarters.
    pub const fn from_bars(bars: i64) -> Self {
        Self(bars.saturating_mul(TICKS_PER_BAR))
    }
}

impl Frames {
    /// The first frame that is not before `nanos` after the origin.
    pub fn at_or_after_nanos(nanos: i64) -> Self {
        let scaled = i128::from(nanos) * i128::from(CANONICAL_RATE);
        let frames = -(-scaled).div_euclid(i128::from(NANOS_PER_SECOND));
        Self(clamp_i64(frames))
    }

    /// The time of this frame in nanoseconds after the origin, rounded down.
    pub fn nanos(self) -> i64 {
        let scaled = i128::from(self.0) * i128::from(NANOS_PER_SECOND);
        clamp_i64(scaled.div_euclid(i128::from(CANONICAL_RATE)))
    }
}

pub(crate) fn clamp_i64(value: i128) -> i64 {
    value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}
