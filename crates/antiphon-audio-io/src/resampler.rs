//! Reading the canonical stream between its frames.
//!
//! A band-limited signal is known everywhere from its samples: the value at a place is the sum of the samples
//! around it, each weighted by a sinc of its distance. We cut the sinc with a Kaiser window and keep a table of
//! its weights for 512 places between two frames; weights in between are interpolated on a line. The kernel is
//! symmetric, so reading at place p gives the stream's value at p: the filter has no delay of its own, it only
//! needs [`EdgeResampler::reach`] frames on either side, which the edge pulls ahead.
#![allow(
    clippy::disallowed_methods,
    reason = "what one card plays is no peer's business; the canonical stream is made elsewhere"
)]

use crate::limits::{HALF_TAPS, PHASES_LOG2};
use antiphon_timeline::CANONICAL_RATE;

const PHASES: usize = 1 << PHASES_LOG2;
/// Bits of a fraction below the phase.
const BETWEEN_BITS: u32 = 32 - PHASES_LOG2;
/// Stop band of 90 dB and better.
const KAISER_BETA: f64 = 9.5;
/// Sums run in lanes so that the compiler can use vectors.
const LANES: usize = 8;

/// A windowed-sinc interpolator for cards of one rate. The ratio may change from frame to frame.
#[derive(Debug)]
pub struct EdgeResampler {
    taps: usize,
    /// `PHASES + 1` rows of `taps` weights.
    weights: Box<[f32]>,
}

impl EdgeResampler {
    /// For a card of `rate`. A slower card than the stream needs a lower and so a longer filter. Allocates.
    pub fn new(rate: u32) -> Self {
        let narrowing = (f64::from(CANONICAL_RATE) / f64::from(rate.max(1))).max(1.0);
        let half = ((HALF_TAPS as f64 * narrowing / LANES as f64).ceil() as usize * LANES).max(HALF_TAPS);
        // The transition band ends at the Nyquist frequency of the slower side, give or take the last few
        // hundred hertz, where there is little and nobody hears it.
        let cutoff = 0.96 / narrowing;
        let taps = 2 * half;
        let mut weights = Vec::with_capacity((PHASES + 1) * taps);
        for phase in 0..=PHASES {
            let fraction = phase as f64 / PHASES as f64;
            let row: Vec<f64> = (0..taps)
                .map(|tap| kernel(tap as f64 - (half as f64 - 1.0) - fraction, half as f64, cutoff))
                .collect();
            let sum: f64 = row.iter().sum();
            weights.extend(row.iter().map(|weight| (weight / sum) as f32));
        }
        Self { taps, weights: weights.into_boxed_slice() }
    }

    /// Frames needed after the frame that a place lies in; one less is needed before it.
    pub const fn reach(&self) -> usize {
        self.taps / 2
    }

    /// The value `fraction` · 2⁻³² frames after the frame at index `reach() - 1` of these `2 * reach()` frames.
    ///
    /// Thread: audio. Real-time safe: yes.
    #[inline]
    pub fn read(&self, left: &[f32], right: &[f32], fraction: u32) -> (f32, f32) {
        let row = (fraction >> BETWEEN_BITS) as usize * self.taps;
        let between = (fraction & ((1 << BETWEEN_BITS) - 1)) as f32 / (1_u32 << BETWEEN_BITS) as f32;
        let (here, next) = self.weights[row..row + 2 * self.taps].split_at(self.taps);
        let (mut sum_left, mut sum_right) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        let lanes = here.as_chunks::<LANES>().0.iter().zip(next.as_chunks::<LANES>().0);
        let frames = left.as_chunks::<LANES>().0.iter().zip(right.as_chunks::<LANES>().0);
        for ((here, next), (left, right)) in lanes.zip(frames) {
            for lane in 0..LANES {
                let weight = here[lane] + between * (next[lane] - here[lane]);
                sum_left[lane] += weight * left[lane];
                sum_right[lane] += weight * right[lane];
            }
        }
        (sum_left.iter().sum(), sum_right.iter().sum())
    }
}

/// The windowed sinc at `distance` frames.
fn kernel(distance: f64, half: f64, cutoff: f64) -> f64 {
    let inside = 1.0 - (distance / half).powi(2);
    if inside <= 0.0 {
        return 0.0;
    }
    let angle = std::f64::consts::PI * distance * cutoff;
    let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
    cutoff * sinc * bessel_i0(KAISER_BETA * inside.sqrt()) / bessel_i0(KAISER_BETA)
}

/// The modified Bessel function of order zero, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let terms = (1..40).scan(1.0, |term, k| {
        *term *= quarter / f64::from(k * k);
        Some(*term)
    });
    1.0 + terms.sum::<f64>()
}

#[cfg(test)]
mod tests;
