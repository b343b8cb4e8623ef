//! The matched filter: how much of a chirp begins at each sample of a recording.
//!
//! Correlation with the template by one Fourier transform, as an envelope: the carrier under the peak is of no use,
//! because a loudspeaker wired the other way round turns it over. The envelope is the length of the correlation and
//! of the same turned by 90° (its Hilbert transform), which in the spectrum is a factor of -i.

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex32};

use crate::voice::{Voice, template};

/// A recording's spectrum, ready for any number of filters.
pub(crate) struct Spectrum {
    bins: Vec<Complex32>,
    forward: std::sync::Arc<dyn RealToComplex<f32>>,
    inverse: std::sync::Arc<dyn ComplexToReal<f32>>,
    samples: usize,
    rate: u32,
}

impl Spectrum {
    pub(crate) fn of(samples: &[f32], rate: u32) -> Self {
        // Room for the template behind the end, or it would meet the beginning.
        let length = (samples.len() + template(Voice::A, rate).len()).next_power_of_two();
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let bins = transformed(&*forward, samples);
        Self { bins, forward, inverse, samples: samples.len(), rate }
    }

    /// The envelope of the correlation with the chirp of `voice`: one value for each sample.
    pub(crate) fn envelope(&self, voice: Voice) -> Envelope {
        let template = transformed(&*self.forward, &template(voice, self.rate));
        let product = self.bins.iter().zip(&template).map(|(bin, copy)| bin * copy.conj());
        let product: Vec<Complex32> = product.collect();
        let turned: Vec<Complex32> = product.iter().map(|bin| bin * -Complex32::I).collect();
        let (real, imaginary) = (self.back(product), self.back(turned));
        let scale = 1.0 / self.forward.len() as f32;
        let length = |(re, im): (&f32, &f32)| libm::sqrtf(re * re + im * im) * scale;
        let values = real.iter().zip(&imaginary).take(self.samples).map(length).collect();
        Envelope::new(values, self.rate)
    }

    fn back(&self, mut bins: Vec<Complex32>) -> Vec<f32> {
        // These two are real in the spectrum of anything real; the chirps have nothing there.
        for edge in [0, self.forward.len() / 2] {
            if let Some(bin) = bins.get_mut(edge) {
                *bin = Complex32::ZERO;
            }
        }
        let mut out = self.inverse.make_output_vec();
        // It refuses wrong lengths and imaginary edges, and there is neither.
        let _ = self.inverse.process(&mut bins, &mut out);
        out
    }
}

fn transformed(forward: &dyn RealToComplex<f32>, samples: &[f32]) -> Vec<Complex32> {
    let (mut input, mut bins) = (forward.make_input_vec(), forward.make_output_vec());
    for (to, from) in input.iter_mut().zip(samples) {
        *to = *from;
    }
    // It refuses wrong lengths, and both are its own.
    let _ = forward.process(&mut input, &mut bins);
    bins
}

/// How much of a chirp begins where.
pub(crate) struct Envelope {
    values: Vec<f32>,
    rate: f64,
    /// What noise leaves: the median, which a few chirps hardly move.
    pub(crate) floor: f32,
}

impl Envelope {
    fn new(values: Vec<f32>, rate: u32) -> Self {
        // Neighbours are alike: a part of them has the same median.
        let mut part: Vec<f32> = values.iter().step_by(8).copied().collect();
        let middle = part.len() / 2;
        let floor = match part.len() {
            0 => 0.0,
            _ => *part.select_nth_unstable_by(middle, f32::total_cmp).1,
        };
        // A recording out of a computer may have no noise at all.
        let peak = values.iter().fold(0.0_f32, |peak, value| peak.max(*value));
        Self { values, rate: f64::from(rate), floor: floor.max(1e-5 * peak) }
    }

    pub(crate) fn seconds(&self, index: f64) -> f64 {
        index / self.rate
    }

    pub(crate) fn frames(&self, seconds: f64) -> usize {
        (seconds * self.rate).max(0.0) as usize
    }

    pub(crate) fn value(&self, index: usize) -> f32 {
        self.values.get(index).copied().unwrap_or(0.0)
    }

    /// The highest value from `from` up to `to`, and where it is.
    pub(crate) fn highest(&self, from: usize, to: usize) -> (usize, f32) {
        let part = self.values.get(from..to.min(self.values.len())).unwrap_or_default();
        let highest = part.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
        highest.map_or((from, 0.0), |(at, value)| (from + at, *value))
    }

    /// The highest value of each stretch of 10 ms, highest first.
    pub(crate) fn summits(&self) -> Vec<(usize, f32)> {
        let stretch = self.frames(0.01).max(1);
        let starts = (0..self.values.len()).step_by(stretch);
        let mut summits: Vec<_> = starts.map(|start| self.highest(start, start + stretch)).collect();
        summits.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        summits
    }

    /// The place of a peak between the samples: where a parabola through it and its neighbours has its top.
    pub(crate) fn top(&self, index: usize) -> f64 {
        index as f64
            + parabola([self.value(index.saturating_sub(1)), self.value(index), self.value(index + 1)])
    }
}

/// Where a parabola through three neighbours has its top, from the middle one.
pub(crate) fn parabola([left, middle, right]: [f32; 3]) -> f64 {
    let bend = f64::from(left) - 2.0 * f64::from(middle) + f64::from(right);
    if bend < 0.0 { (0.5 * (f64::from(left) - f64::from(right)) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}
