//! A place in the canonical stream, between its frames.

use antiphon_timeline::{CANONICAL_RATE, Frames, NANOS_PER_SECOND, SessionTime};

/// A place in the canonical stream in 2⁻³² frames: 5 · 10⁻¹⁵ s, so nothing is lost however long a session is.
///
/// It is wide because session time starts at an arbitrary origin: 2⁶³ ns are 4.4 · 10¹⁴ frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position(pub i128);

impl Position {
    const ONE_FRAME: i128 = 1 << 32;

    /// The place that sounds at `time`, to within a nanosecond.
    pub fn at(time: SessionTime) -> Self {
        let scaled = i128::from(time.0) * i128::from(CANONICAL_RATE) * Self::ONE_FRAME;
        Self(scaled.div_euclid(i128::from(NANOS_PER_SECOND)))
    }

    /// The start of `frame`.
    pub fn of(frame: Frames) -> Self {
        Self(i128::from(frame.0) * Self::ONE_FRAME)
    }

    /// The last frame that starts at or before this place.
    pub fn frame(self) -> i64 {
        (self.0 >> 32) as i64
    }

    /// How far past [`Self::frame`], in 2⁻³² frames.
    pub fn fraction(self) -> u32 {
        (self.0 & (Self::ONE_FRAME - 1)) as u32
    }

    /// For display and measuring.
    pub fn frames(self) -> f64 {
        self.frame() as f64 + f64::from(self.fraction()) / Self::ONE_FRAME as f64
    }

    /// How long this many frames last.
    pub(crate) const fn of_frames_ns(frames: i64) -> i64 {
        frames * NANOS_PER_SECOND / CANONICAL_RATE as i64
    }

    /// `nanos` as a distance in the stream.
    pub const fn span(nanos: i64) -> i128 {
        nanos as i128 * CANONICAL_RATE as i128 * Self::ONE_FRAME / NANOS_PER_SECOND as i128
    }
}
