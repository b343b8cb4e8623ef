//! A gain on its way to where a person has put it.

/// One-pole smoothing with a time constant of 5 ms: quick to the ear, without a click.
///
/// Advances once a frame, so the result does not depend on blocks; lands exactly on its target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    value: f32,
    target: f32,
}

/// 1 - exp(-1 / (5 ms · 48 kHz))
const PER_FRAME: f32 = 0.004_158;
/// Closer than this (-100 dB) is there.
const LANDED: f32 = crate::SILENCE;

impl Ramp {
    /// A ramp that rests at `value`.
    pub const fn at(value: f32) -> Self {
        Self { value, target: value }
    }

    /// Where it is.
    pub fn value(&self) -> f32 {
        self.value
    }

    /// Where it is going.
    pub fn target(&self) -> f32 {
        self.target
    }

    /// Sends it elsewhere.
    pub fn set(&mut self, target: f32) {
        self.target = target;
    }

    /// Is it there?
    pub fn is_resting(&self) -> bool {
        self.value == self.target
    }

    /// The next frame's value.
    #[inline]
    pub fn next_value(&mut self) -> f32 {
        let distance = self.target - self.value;
        self.value = if distance.abs() <= LANDED { self.target } else { self.value + distance * PER_FRAME };
        self.value
    }

    /// Moves on by `frames`.
    pub fn skip(&mut self, frames: usize) {
        for _ in 0..frames {
            if self.is_resting() {
                return;
            }
            self.next_value();
        }
    }

    /// Multiplies `samples` by the ramp, one frame each.
    pub fn apply(&mut self, samples: &mut [f32]) {
        for (at, sample) in samples.iter_mut().enumerate() {
            if self.is_resting() {
                let gain = self.value;
                samples[at..].iter_mut().for_each(|sample| *sample *= gain);
                return;
            }
            *sample *= self.next_value();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lands_on_its_target_without_a_jump() {
        let mut ramp = Ramp::at(0.0);
        ramp.set(1.0);
        let mut last = 0.0;
        for _ in 0..4_800 {
            let value = ramp.next_value();
            assert!(value >= last && value - last < 0.005);
            last = value;
        }
        assert!(ramp.is_resting() && ramp.value() == 1.0);
    }

    #[test]
    fn splitting_a_block_changes_nothing() {
        let mut whole = Ramp::at(1.0);
        whole.set(0.25);
        let mut parts = whole;
        let (mut a, mut b) = ([1.0_f32; 4_000], [1.0_f32; 4_000]);
        whole.apply(&mut a);
        b.chunks_mut(7).for_each(|part| parts.apply(part));
        assert_eq!(a, b);
    }
}
