//! Envelopes.

use crate::{
    SAMPLE_RATE, SILENCE,
    math::{decay_factor, exp2},
};

/// Below this (-80 dB) a sound that dies away has ended: the rest would be computed for nobody, and be denormals
/// in the end.
const ENDED: f32 = 1e-4;

/// An exponential decay from 1, for struck sounds.
#[derive(Debug, Clone, Copy)]
pub struct Decay {
    level: f32,
    factor: f32,
}

impl Decay {
    /// Falls by 60 dB in `seconds`.
    pub fn new(seconds: f32) -> Self {
        Self { level: 1.0, factor: decay_factor(seconds) }
    }

    /// The level.
    pub fn level(&self) -> f32 {
        self.level
    }

    /// Is nothing left to hear?
    pub fn is_silent(&self) -> bool {
        self.level == 0.0
    }

    /// This frame's level; falls to the next.
    #[inline]
    pub fn next_value(&mut self) -> f32 {
        let level = self.level;
        self.level = if level < ENDED { 0.0 } else { level * self.factor };
        level
    }
}

/// The times of an [`Adsr`], in seconds; `sustain` is a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdsrTimes {
    pub attack: f32,
    pub decay: f32,
    pub sustain: f32,
    pub release: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Attack,
    Decay,
    Release,
    Done,
}

/// Attack (straight), decay, sustain, release (both exponential). Never jumps, also when struck again.
#[derive(Debug, Clone, Copy)]
pub struct Adsr {
    level: f32,
    phase: Phase,
    sustain: f32,
    attack_step: f32,
    /// What one step keeps of the level, and the pull of the sustain level on it.
    decay: (f32, f32),
    release: f32,
}

/// The share of the distance that remains after the stated time (-40 dB).
const LOG2_REMAINDER: f32 = -6.643_856;

impl Adsr {
    /// An envelope at zero, about to attack, that steps once a frame.
    pub fn new(times: AdsrTimes) -> Self {
        Self::every(1, times)
    }

    /// One that steps every `frames` frames, for control values.
    pub fn every(frames: u32, times: AdsrTimes) -> Self {
        let steps = |seconds: f32| (seconds * SAMPLE_RATE / frames as f32).max(1.0);
        let keep = |seconds: f32| exp2(LOG2_REMAINDER / steps(seconds));
        let decay = keep(times.decay);
        Self {
            level: 0.0,
            phase: Phase::Attack,
            sustain: times.sustain,
            attack_step: 1.0 / steps(times.attack),
            decay: (decay, times.sustain * (1.0 - decay)),
            release: keep(times.release),
        }
    }

    /// Strikes again, from the present level.
    pub fn retrigger(&mut self) {
        self.phase = Phase::Attack;
    }

    /// The same level, about to attack with the times of `other`.
    pub fn strike_again(&mut self, other: Self) {
        *self = Self { level: self.level, phase: Phase::Attack, ..other };
    }

    /// Lets go.
    pub fn release(&mut self) {
        if self.phase != Phase::Done {
            self.phase = Phase::Release;
        }
    }

    /// Has it been let go?
    pub fn is_released(&self) -> bool {
        matches!(self.phase, Phase::Release | Phase::Done)
    }

    /// Has it ended?
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// The level.
    pub fn level(&self) -> f32 {
        self.level
    }

    /// Writes the next frames' levels.
    pub fn fill(&mut self, out: &mut [f32]) {
        let mut envelope = *self;
        // A level that is held needs no looking at frame by frame.
        let held =
            envelope.phase == Phase::Decay && envelope.level == envelope.sustain && envelope.sustain > 0.0;
        if held || envelope.phase == Phase::Done {
            out.fill(envelope.level);
            return;
        }
        out.iter_mut().for_each(|out| *out = envelope.next_value());
        *self = envelope;
    }

    /// The next frame's level.
    #[inline]
    pub fn next_value(&mut self) -> f32 {
        match self.phase {
            Phase::Attack => {
                self.level += self.attack_step;
                if self.level >= 1.0 {
                    self.level = 1.0;
                    self.phase = Phase::Decay;
                }
            }
            Phase::Decay => {
                if (self.sustain - self.level).abs() >= SILENCE {
                    self.level = self.level * self.decay.0 + self.decay.1;
                } else {
                    // Land on the sustain level instead of creeping towards it for ever; at zero nothing is left.
                    self.level = self.sustain;
                    if self.sustain == 0.0 {
                        self.phase = Phase::Done;
                    }
                }
            }
            Phase::Release => {
                self.level *= self.release;
                if self.level < ENDED {
                    self.level = 0.0;
                    self.phase = Phase::Done;
                }
            }
            Phase::Done => {}
        }
        self.level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: AdsrTimes = AdsrTimes { attack: 0.01, decay: 0.1, sustain: 0.5, release: 0.2 };

    #[test]
    fn an_adsr_reaches_its_levels_in_its_times() {
        let mut adsr = Adsr::new(TIMES);
        (0..480).for_each(|_| _ = adsr.next_value());
        assert!(adsr.level() > 0.99);
        (0..9_600).for_each(|_| _ = adsr.next_value());
        assert!((adsr.level() - 0.5).abs() < 1e-3);
        adsr.release();
        (0..9_600).for_each(|_| _ = adsr.next_value());
        assert!((adsr.level() - 0.005).abs() < 1e-3);
        (0..48_000).for_each(|_| _ = adsr.next_value());
        assert!(adsr.is_done() && adsr.level() == 0.0);
    }

    #[test]
    fn an_adsr_never_jumps() {
        let mut adsr = Adsr::new(TIMES);
        let mut last = 0.0;
        for frame in 0..20_000 {
            match frame {
                200 | 3_000 => adsr.release(),
                2_000 | 4_000 => adsr.retrigger(),
                _ => {}
            }
            let level = adsr.next_value();
            assert!((level - last).abs() < 0.005, "frame {frame}");
            last = level;
        }
    }

    #[test]
    fn a_decay_ends() {
        let mut decay = Decay::new(0.05);
        let frames = std::iter::repeat_with(|| decay.next_value()).take_while(|level| *level > 0.0).count();
        assert!((3_150..3_250).contains(&frames), "{frames}");
    }
}
