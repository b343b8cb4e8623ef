//! The master limiter.
//!
//! Holds the true peak of a stereo signal below a ceiling by turning it down just before the peak arrives:
//!
//! 1. measure the true peak of each frame and the gain it asks for;
//! 2. hold the least gain over [`HOLD`] frames;
//! 3. let it recover exponentially;
//! 4. average it over [`SMOOTH`] frames, so that it starts down early and moves without a corner;
//! 5. apply it to the signal [`Limiter::LATENCY`] frames later.
//!
//! The average in 4 never exceeds the held gain at the moment the peak passes, because the hold outlasts the average.
//! The averaged values are integers: a running sum of floats would drift.

use crate::true_peak::{TRUE_PEAK_DELAY, TruePeak};

/// Frames averaged: 1.75 ms of attack.
const SMOOTH: usize = 84;
/// Frames held; longer than the average by the peak meter's reach on both sides of a peak.
const HOLD: usize = 104;
const RING: usize = 128;
/// Recovers two thirds of the way in 90 ms: quick enough not to be noticed as a hole, slow enough for bass.
const RELEASE_PER_FRAME: f32 = 1.0 / (0.090 * 48_000.0);
/// One in the averaged fixed-point form.
const UNIT: f32 = (1 << 24) as f32;

/// A stereo true-peak limiter.
#[derive(Debug, Clone)]
pub struct Limiter {
    /// What the gain computer aims at.
    aim: f32,
    /// What no sample passes, should the measure be off.
    ceiling: f32,
    meters: [TruePeak; 2],
    least: SlidingMinimum,
    recovering: f32,
    smooth: [u32; SMOOTH],
    smooth_sum: u64,
    smooth_at: usize,
    delay: [[f32; 2]; Limiter::LATENCY],
    delay_at: usize,
    least_gain: f32,
}

impl Limiter {
    /// Frames by which the output is late (2 ms), whatever happens.
    pub const LATENCY: usize = SMOOTH + 2 * TRUE_PEAK_DELAY;

    /// A limiter to `ceiling` (linear). Aims 0.3 dB below it, which the measure may be off by.
    pub fn new(ceiling: f32) -> Self {
        Self {
            aim: ceiling * 0.966,
            ceiling,
            meters: [TruePeak::new(), TruePeak::new()],
            least: SlidingMinimum::new(),
            recovering: 1.0,
            smooth: [UNIT as u32; SMOOTH],
            smooth_sum: UNIT as u64 * SMOOTH as u64,
            smooth_at: 0,
            delay: [[0.0; 2]; Self::LATENCY],
            delay_at: 0,
            least_gain: 1.0,
        }
    }

    /// Limits one frame.
    ///
    /// Thread: audio. Real-time safe: yes.
    #[inline]
    pub fn process(&mut self, left: f32, right: f32) -> [f32; 2] {
        let peak = self.meters[0].process(left).max(self.meters[1].process(right));
        let wanted = if peak > self.aim { self.aim / peak } else { 1.0 };
        let wanted = self.recovered(wanted);
        let gain = self.smoothed(wanted);
        self.least_gain = self.least_gain.min(gain);
        let [left, right] = std::mem::replace(&mut self.delay[self.delay_at], [left, right]);
        self.delay_at = if self.delay_at + 1 == Self::LATENCY { 0 } else { self.delay_at + 1 };
        [left, right].map(|sample| (sample * gain).clamp(-self.ceiling, self.ceiling))
    }

    /// The least gain since the last call.
    pub fn take_least_gain(&mut self) -> f32 {
        std::mem::replace(&mut self.least_gain, 1.0)
    }

    #[inline]
    fn recovered(&mut self, wanted: f32) -> f32 {
        let held = self.least.push(wanted);
        let distance = held - self.recovering;
        self.recovering =
            if distance <= 1e-6 { held } else { self.recovering + distance * RELEASE_PER_FRAME };
        self.recovering
    }

    #[inline]
    fn smoothed(&mut self, gain: f32) -> f32 {
        let gain = (gain * UNIT) as u32;
        let oldest = std::mem::replace(&mut self.smooth[self.smooth_at], gain);
        self.smooth_at = if self.smooth_at + 1 == SMOOTH { 0 } else { self.smooth_at + 1 };
        self.smooth_sum = self.smooth_sum + u64::from(gain) - u64::from(oldest);
        self.smooth_sum as f32 * (1.0 / (UNIT * SMOOTH as f32))
    }
}

/// The least of the last [`HOLD`] values: a queue of ascending candidates.
#[derive(Debug, Clone)]
struct SlidingMinimum {
    values: [f32; RING],
    times: [u32; RING],
    first: u32,
    end: u32,
    now: u32,
}

impl SlidingMinimum {
    fn new() -> Self {
        Self { values: [1.0; RING], times: [0; RING], first: 0, end: 0, now: 0 }
    }

    const fn slot(at: u32) -> usize {
        at as usize % RING
    }

    #[inline]
    fn push(&mut self, value: f32) -> f32 {
        self.now = self.now.wrapping_add(1);
        while self.first != self.end && self.values[Self::slot(self.end.wrapping_sub(1))] >= value {
            self.end = self.end.wrapping_sub(1);
        }
        (self.values[Self::slot(self.end)], self.times[Self::slot(self.end)]) = (value, self.now);
        self.end = self.end.wrapping_add(1);
        if self.now.wrapping_sub(self.times[Self::slot(self.first)]) >= HOLD as u32 {
            self.first = self.first.wrapping_add(1);
        }
        self.values[Self::slot(self.first)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Noise;

    #[test]
    fn what_is_quiet_passes_unchanged_and_late_by_the_latency() {
        let mut limiter = Limiter::new(0.9);
        let mut noise = Noise::new(3);
        let input: Vec<f32> = (0..2_000).map(|_| noise.next_value() * 0.3).collect();
        let output: Vec<f32> = input.iter().map(|x| limiter.process(*x, -*x)[0]).collect();
        assert_eq!(&output[Limiter::LATENCY..], &input[..input.len() - Limiter::LATENCY]);
    }

    #[test]
    fn the_clamp_is_not_what_limits() {
        let mut limiter = Limiter::new(0.9);
        let mut noise = Noise::new(3);
        let mut meter = TruePeak::new();
        for i in 0..200_000 {
            // Bursts, clicks and steps far above the ceiling.
            let burst = if i % 9_000 < 50 || i % 7_777 == 0 { 8.0 } else { 1.2 };
            let out = limiter.process(noise.next_value() * burst, noise.next_value());
            assert!(out[0].abs() < 0.9 && meter.process(out[0]) < 0.9, "frame {i}");
        }
    }

    #[test]
    fn the_minimum_is_that_of_the_last_frames() {
        let mut least = SlidingMinimum::new();
        let mut noise = Noise::new(9);
        let mut past: Vec<f32> = Vec::new();
        for _ in 0..2_000 {
            past.push(noise.next_unipolar());
            let window = &past[past.len().saturating_sub(HOLD)..];
            assert_eq!(least.push(*past.last().unwrap()), window.iter().copied().fold(1.0, f32::min));
        }
    }
}
