//! Tempo as an integer number of millionths of a beat per minute.

use crate::{
    ramp::{Glide, Ramp},
    units::{SessionTime, TICKS_PER_QUARTER, Ticks, clamp_i64},
};

/// A tempo between 20 and 999 quarter notes a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tempo(u64);

/// Why a number is not a tempo.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("tempo {bpm} is outside 20 to 999 beats per minute")]
pub struct TempoError {
    /// The number that was refused.
    pub bpm: f64,
}

impl Tempo {
    /// 20 BPM.
    pub const MIN: Self = Self(20_000_000);
    /// 999 BPM.
    pub const MAX: Self = Self(999_000_000);
    /// 120 BPM.
    pub const DEFAULT: Self = Self(120_000_000);

    /// Checks a tempo in beats per minute; it is kept to a hundredth.
    pub fn from_bpm(bpm: f64) -> Result<Self, TempoError> {
        if !(20.0..=999.0).contains(&bpm) {
            return Err(TempoError { bpm });
        }
        Ok(Self((bpm * 100.0).round() as u64 * 10_000))
    }

    /// A tempo in millionths of a beat per minute, held to the allowed range.
    pub fn from_micro_bpm_clamped(micro: u64) -> Self {
        Self(micro.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Millionths of a beat per minute.
    pub const fn micro_bpm(self) -> u64 {
        self.0
    }

    /// Beats per minute, for people.
    pub fn bpm(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// How long `ticks` last, in nanoseconds, rounded down.
    pub fn nanos_of(self, ticks: i64) -> i64 {
        let scaled = i128::from(ticks) * 60_000_000_000_000_000;
        clamp_i64(scaled.div_euclid(i128::from(self.0) * i128::from(TICKS_PER_QUARTER)))
    }

    /// How many ticks pass in `nanos`, rounded down.
    pub fn ticks_in(self, nanos: i64) -> i64 {
        let scaled = i128::from(nanos) * i128::from(self.0) * i128::from(TICKS_PER_QUARTER);
        clamp_i64(scaled.div_euclid(60_000_000_000_000_000))
    }
}

impl Default for Tempo {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A stretch of one tempo, or of one ramp: `tick` sounds at `time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Session time at which the segment begins.
    pub time: SessionTime,
    /// Musical time at which the segment begins.
    pub tick: Ticks,
    /// Tempo at its beginning; without a ramp, until the next segment.
    pub tempo: Tempo,
    /// Where the tempo goes from there. Another segment follows at its end or before.
    pub ramp: Option<Ramp>,
}

impl Segment {
    pub(crate) const fn steady(time: SessionTime, tick: Ticks, tempo: Tempo) -> Self {
        Self { time, tick, tempo, ramp: None }
    }

    /// Session time of `tick`, rounded down. Before the segment it is extrapolated at the tempo it begins with.
    pub(crate) fn time_at(&self, tick: Ticks) -> SessionTime {
        let ticks = tick - self.tick;
        self.time
            + match self.glide().filter(|_| ticks > 0) {
                Some(glide) => glide.nanos_of(ticks),
                None => self.tempo.nanos_of(ticks),
            }
    }

    /// The tick at session time `time`, rounded down.
    pub(crate) fn tick_at(&self, time: SessionTime) -> Ticks {
        let nanos = time - self.time;
        self.tick
            + match self.glide().filter(|_| nanos > 0) {
                Some(glide) => glide.ticks_in(nanos),
                None => self.tempo.ticks_in(nanos),
            }
    }

    /// The tempo at `tick`.
    pub(crate) fn tempo_at(&self, tick: Ticks) -> Tempo {
        self.glide().map_or(self.tempo, |glide| glide.tempo_at(self.time_at(tick) - self.time))
    }

    fn glide(&self) -> Option<Glide> {
        self.ramp.map(|ramp| Glide::new(self.tempo, ramp))
    }
}
