//! State-variable filter.
//!
//! The trapezoidal form (Simper, "Linear trapezoidal integrated SVF", 2013): stable at any cutoff and resonance,
//! also while both change from frame to frame, which is what an envelope on the cutoff does.

use wide::{bytemuck::cast, f32x8, u32x8};

use crate::{LANES, SAMPLE_RATE, math::tan_pi};

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

/// Where a filter is sent: cutoff and resonance, worked out once for all filters that share them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvfSetting {
    g: f32,
    k: f32,
}

impl SvfSetting {
    /// Cutoff and resonance.
    pub fn new(cutoff_hz: f32, q: f32) -> Self {
        Self { g: 0.0, k: 1.0 / q.max(0.3) }.with_cutoff(cutoff_hz)
    }

    /// The same resonance at another cutoff.
    #[inline]
    pub fn with_cutoff(self, cutoff_hz: f32) -> Self {
        Self { g: tan_pi((cutoff_hz / SAMPLE_RATE).clamp(1e-4, 0.45)), ..self }
    }

    /// The same cutoff with another resonance.
    #[inline]
    pub fn with_q(self, q: f32) -> Self {
        Self { k: 1.0 / q.max(0.3), ..self }
    }
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
        let mut filter = Self::default();
        filter.set(SvfSetting::new(cutoff_hz, q));
        filter
    }

    fn update(&mut self) {
        self.a1 = 1.0 / (1.0 + self.g * (self.g + self.k));
    }

    /// Sends the filter to `setting`: the resonance at once, the cutoff to arrive after `frames` frames.
    pub fn glide_to(&mut self, setting: SvfSetting, frames: u32) {
        self.k = setting.k;
        self.update();
        self.g_step = (setting.g - self.g) / frames as f32;
    }

    /// Changes cutoff and resonance at once.
    pub fn set(&mut self, setting: SvfSetting) {
        (self.g, self.g_step, self.k) = (setting.g, 0.0, setting.k);
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

/// Eight low-pass filters in lock step, with the bits of eight [`Svf`].
///
/// One filter is a chain of dependent steps that leaves the processor waiting; eight of them side by side take
/// hardly longer. Each lane does what [`Svf::process`] does, in the same order.
#[derive(Debug, Clone, Copy)]
pub struct SvfLanes {
    g: f32x8,
    g_step: f32x8,
    k: f32x8,
    s1: f32x8,
    s2: f32x8,
}

impl SvfLanes {
    /// Filters at rest that pass nothing.
    pub fn silent() -> Self {
        let zero = f32x8::ZERO;
        Self { g: zero, g_step: zero, k: zero, s1: zero, s2: zero }
    }

    /// Takes a filter's state into a lane.
    #[inline]
    pub fn load(&mut self, lane: usize, filter: &Svf) {
        self.g.as_mut_array()[lane] = filter.g;
        self.g_step.as_mut_array()[lane] = filter.g_step;
        self.k.as_mut_array()[lane] = filter.k;
        self.s1.as_mut_array()[lane] = filter.s1;
        self.s2.as_mut_array()[lane] = filter.s2;
    }

    /// Gives it back.
    #[inline]
    pub fn store(&self, lane: usize, filter: &mut Svf) {
        filter.g = self.g.as_array()[lane];
        filter.g_step = self.g_step.as_array()[lane];
        filter.k = self.k.as_array()[lane];
        filter.s1 = self.s1.as_array()[lane];
        filter.s2 = self.s2.as_array()[lane];
        filter.update();
    }

    /// As [`Svf::glide_to`], for the lanes that `turn` sends.
    #[inline(always)]
    pub fn glide(&mut self, turn: &SvfTurn, frames: u32) {
        let sent: f32x8 = cast(u32x8::new(turn.sent));
        let step = (f32x8::new(turn.g) - self.g) / f32x8::splat(frames as f32);
        self.k = sent.bitselect(f32x8::new(turn.k), self.k);
        self.g_step = sent.bitselect(step, self.g_step);
    }

    /// Filters one frame of each lane to what lies below its cutoff.
    #[inline(always)]
    pub fn low(&mut self, input: f32x8) -> f32x8 {
        let (one, two, half) = (f32x8::splat(1.0), f32x8::splat(2.0), f32x8::splat(0.5));
        self.g += self.g_step;
        let a1 = one / (one + self.g * (self.g + self.k));
        let a1 = a1 + a1;
        let a2 = self.g * a1;
        let a3 = self.g * a2;
        let v3 = input - self.s2;
        let change1 = (a1 - two) * self.s1 + a2 * v3;
        let change2 = a2 * self.s1 + a3 * v3;
        let low = self.s2 + half * change2;
        self.s1 += change1;
        self.s2 += change2;
        low
    }
}

/// Where some of eight filters are sent at one moment.
///
/// Put together well before the lanes get there: a lane written alone must have left for memory before all eight can be
/// read at once.
#[derive(Debug, Clone, Copy)]
pub struct SvfTurn {
    /// All bits set for a lane that is.
    sent: [u32; LANES],
    g: [f32; LANES],
    k: [f32; LANES],
}

impl SvfTurn {
    /// Sends none.
    pub const NONE: Self = Self { sent: [0; LANES], g: [0.0; LANES], k: [0.0; LANES] };

    /// Sends one lane.
    #[inline]
    pub fn send(&mut self, lane: usize, setting: SvfSetting) {
        self.sent[lane] = u32::MAX;
        self.g[lane] = setting.g;
        self.k[lane] = setting.k;
    }

    /// The same lanes to the same cutoffs, all with resonance `q`.
    #[inline]
    pub fn with_q(&self, q: f32) -> Self {
        Self { k: [1.0 / q.max(0.3); LANES], ..*self }
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
                filter.glide_to(SvfSetting::new(if i % 64 == 0 { 18_000.0 } else { 30.0 }, 40.0), 32);
            }
            let out = filter.low(noise.next_value());
            assert!(out.is_finite() && out.abs() < 100.0);
        }
    }

    #[test]
    fn eight_in_lock_step_have_the_bits_of_eight_alone() {
        let mut noise = crate::Noise::new(5);
        for round in 0..200 {
            let used = 1 + round % LANES;
            let hz = |noise: &mut crate::Noise| 20.0 + 18_000.0 * noise.next_unipolar();
            let mut alone: Vec<Svf> =
                (0..used).map(|_| Svf::new(hz(&mut noise), 0.3 + 20.0 * noise.next_unipolar())).collect();
            let mut together = alone.clone();
            for _ in 0..6 {
                let mut lanes = SvfLanes::silent();
                (0..).zip(&together).for_each(|(lane, filter)| lanes.load(lane, filter));
                for frame in 0..40 {
                    if frame % 7 == round % 7 {
                        let lane = frame % used;
                        let setting = SvfSetting::new(hz(&mut noise), 0.5 + 9.0 * noise.next_unipolar());
                        alone[lane].glide_to(setting, 32);
                        let mut turn = SvfTurn::NONE;
                        turn.send(lane, setting);
                        lanes.glide(&turn, 32);
                    }
                    let input: [f32; LANES] = std::array::from_fn(|_| noise.next_value());
                    let out = lanes.low(f32x8::from(input)).to_array();
                    for (lane, filter) in alone.iter_mut().enumerate() {
                        assert_eq!(filter.low(input[lane]).to_bits(), out[lane].to_bits());
                    }
                }
                (0..).zip(&mut together).for_each(|(lane, filter)| lanes.store(lane, filter));
            }
        }
    }
}
