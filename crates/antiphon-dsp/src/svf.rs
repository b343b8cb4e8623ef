//! State-variable filter.
//!
//! The trapezoidal form (Simper, "Linear trapezoidal integrated SVF", 2013): stable at any cutoff and resonance,
//! also while both change from frame to frame, which is what an envelope on the cutoff does.

use crate::{SAMPLE_RATE, math::tan_pi};

/// A 12 dB per octave filter with three outputs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Svf {
    g: f32,
    g_step: f32,
    k: f32,
    a1: f32,
    s1: f32,
    s2: f32,
}

/// One frame of a filter's outputs.
#[derive(Debug, Clone, Copy)]
pub struct SvfOutput {
    pub low: f32,
    /// Peak gain equals Q.
    pub band: f32,
    pub high: f32,
}

impl Svf {
    /// A filter at rest.
    pub fn new(cutoff_hz: f32, q: f32) -> Self {
        let mut filter = Self { k: 1.0 / q.max(0.3), ..Self::default() };
        filter.g = Self::coefficient(cutoff_hz);
        filter.update();
        filter
    }

    fn coefficient(cutoff_hz: f32) -> f32 {
        tan_pi((cutoff_hz / SAMPLE_RATE).clamp(1e-4, 0.45))
    }

    fn update(&mut self) {
        self.a1 = 1.0 / (1.0 + self.g * (self.g + self.k));
    }

    /// Sends the cutoff to `cutoff_hz`, to arrive after `frames` frames.
    pub fn glide_to(&mut self, cutoff_hz: f32, frames: u32) {
        self.g_step = (Self::coefficient(cutoff_hz) - self.g) / frames as f32;
    }

    /// Sets the cutoff at once.
    pub fn set_cutoff(&mut self, cutoff_hz: f32) {
        (self.g, self.g_step) = (Self::coefficient(cutoff_hz), 0.0);
        self.update();
    }

    /// Sets the resonance.
    pub fn set_q(&mut self, q: f32) {
        self.k = 1.0 / q.max(0.3);
        self.update();
    }

    /// Is what rings in it below `level`?
    pub fn is_quieter_than(&self, level: f32) -> bool {
        self.s1.abs() < level && self.s2.abs() < level
    }

    /// Filters one frame.
    #[inline]
    pub fn process(&mut self, input: f32) -> SvfOutput {
        if self.g_step != 0.0 {
            self.g += self.g_step;
            self.update();
        }
        // Twice the change of each state: written so that little of it waits for the frame before.
        let a1 = self.a1 + self.a1;
        let a2 = self.g * a1;
        let a3 = self.g * a2;
        let v3 = input - self.s2;
        let change1 = (a1 - 2.0) * self.s1 + a2 * v3;
        let change2 = a2 * self.s1 + a3 * v3;
        let band = self.s1 + 0.5 * change1;
        let low = self.s2 + 0.5 * change2;
        self.s1 += change1;
        self.s2 += change2;
        SvfOutput { low, band, high: input - self.k * band - low }
    }

    /// Filters one frame to the band around the cutoff, with unity peak gain.
    #[inline]
    pub fn band(&mut self, input: f32) -> f32 {
        self.process(input).band * self.k
    }

    /// Filters one frame to what lies above the cutoff.
    #[inline]
    pub fn high(&mut self, input: f32) -> f32 {
        self.process(input).high
    }

    /// Filters one frame to what lies below the cutoff.
    #[inline]
    pub fn low(&mut self, input: f32) -> f32 {
        self.process(input).low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level_at(hz: f32, mut filter: impl FnMut(f32) -> f32) -> f32 {
        let tone = |i: usize| crate::sin_turns(i as f32 * hz / SAMPLE_RATE);
        (0..9_600).for_each(|i| _ = filter(tone(i)));
        (9_600..19_200).map(|i| filter(tone(i)).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn low_and_high_pass_fall_by_12_db_per_octave() {
        let mut low = Svf::new(1_000.0, 0.707);
        let mut high = low;
        assert!((level_at(1_000.0, |x| low.low(x)) - 0.707).abs() < 0.01);
        assert!(level_at(8_000.0, |x| low.low(x)) < 0.016);
        assert!(level_at(125.0, |x| high.high(x)) < 0.016);
        let mut band = Svf::new(1_000.0, 4.0);
        assert!((level_at(1_000.0, |x| band.band(x)) - 1.0).abs() < 0.01);
    }

    #[test]
    fn stays_bounded_at_full_resonance_while_the_cutoff_sweeps() {
        let mut filter = Svf::new(20.0, 40.0);
        let mut noise = crate::Noise::new(1);
        for i in 0..200_000_u32 {
            if i % 32 == 0 {
                filter.glide_to(if i % 64 == 0 { 18_000.0 } else { 30.0 }, 32);
            }
            let out = filter.low(noise.next_value());
            assert!(out.is_finite() && out.abs() < 100.0);
        }
    }
}
