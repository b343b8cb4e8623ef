//! One way in which a struck thing vibrates.

use antiphon_dsp::{Decay, Noise, SAMPLE_RATE, Svf, sin_turns};

/// A decaying sine whose pitch can be bent.
pub(super) struct Mode {
    turns: f32,
    turns_per_frame: f32,
    decay: Decay,
    gain: f32,
}

impl Mode {
    pub(super) fn new(hz: f32, gain: f32, seconds: f32) -> Self {
        Self { turns: 0.0, turns_per_frame: hz / SAMPLE_RATE, decay: Decay::new(seconds), gain }
    }

    /// The next frame, at `bend` times its pitch.
    #[inline]
    pub(super) fn next(&mut self, bend: f32) -> f32 {
        self.turns += self.turns_per_frame * bend;
        if self.turns >= 1.0 {
            self.turns -= self.turns.floor();
        }
        sin_turns(self.turns) * self.decay.next_value() * self.gain
    }

    pub(super) fn level(&self) -> f32 {
        self.decay.level()
    }
}

/// The short noise of the stroke itself, dulled by a low-pass.
pub(super) struct Stroke {
    noise: Noise,
    decay: Decay,
    tone: Svf,
    gain: f32,
}

impl Stroke {
    pub(super) fn new(seed: u64, gain: f32, seconds: f32, tone: Svf) -> Self {
        Self { noise: Noise::new(seed), decay: Decay::new(seconds), tone, gain }
    }

    #[inline]
    pub(super) fn next_value(&mut self) -> f32 {
        if self.decay.is_silent() {
            // What still rings in the filter is below -100 dB, and on its way to denormals.
            return 0.0;
        }
        self.tone.low(self.noise.next_value() * self.decay.next_value()) * self.gain
    }
}
