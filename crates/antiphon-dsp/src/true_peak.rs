//! The level between the samples.
//!
//! A converter's output passes between the samples, and higher than they do. Four-fold oversampling finds those
//! peaks to within about 0.2 dB (ITU-R BS.1770, annex 2).

use std::array;

const TAPS: usize = 12;
/// Frames by which a measured peak is late.
pub const TRUE_PEAK_DELAY: usize = TAPS / 2;

/// Measures the true peak of one channel around each frame.
#[derive(Debug, Clone)]
pub struct TruePeak {
    /// By tap, then by phase: four sums run side by side in a fixed order.
    taps: [[f32; 4]; TAPS],
    /// The last frames twice over, so that they can always be read in one piece.
    history: [f32; TAPS * 2],
    at: usize,
}

impl TruePeak {
    /// A meter that has heard silence.
    pub fn new() -> Self {
        Self {
            taps: array::from_fn(|tap| array::from_fn(|phase| coefficient(tap, phase))),
            history: [0.0; TAPS * 2],
            at: 0,
        }
    }

    /// Takes one frame; the largest magnitude in the frame that lies [`TRUE_PEAK_DELAY`] frames back.
    #[inline]
    pub fn process(&mut self, sample: f32) -> f32 {
        self.history[self.at] = sample;
        self.history[self.at + TAPS] = sample;
        self.at = if self.at + 1 == TAPS { 0 } else { self.at + 1 };
        let window = &self.history[self.at..self.at + TAPS];
        let mut sums = [0.0_f32; 4];
        for (taps, sample) in self.taps.iter().zip(window) {
            for (sum, tap) in sums.iter_mut().zip(taps) {
                *sum += tap * sample;
            }
        }
        let [a, b, c, d] = sums.map(f32::abs);
        a.max(b).max(c.max(d))
    }
}

impl Default for TruePeak {
    fn default() -> Self {
        Self::new()
    }
}

/// A windowed sinc at a quarter of a frame's resolution; phase 0 is the sample itself.
fn coefficient(tap: usize, phase: usize) -> f32 {
    // The window's oldest sample is tap 0; the point measured lies between taps 5 and 6.
    let x = tap as f64 - (TAPS / 2 - 1) as f64 - phase as f64 * 0.25;
    let sinc = if x == 0.0 { 1.0 } else { libm::sin(std::f64::consts::PI * x) / (std::f64::consts::PI * x) };
    let window = libm::cos(std::f64::consts::PI * x / (TAPS as f64 + 1.0));
    (sinc * window) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_peak_that_falls_between_the_samples() {
        // A quarter of the sample rate, sampled 45° off its crests: samples reach 0.707, the tone 1.
        let mut meter = TruePeak::new();
        let peaks = (0..200).map(|i| meter.process(crate::sin_turns(i as f32 * 0.25 + 0.125)));
        let peak = peaks.skip(50).fold(0.0, f32::max);
        assert!((0.97..1.03).contains(&peak), "{peak}");
    }
}
