//! Envelopes.

use wide::f32x8;

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

    /// Does the level rest at the sustain level?
    fn is_held(&self) -> bool {
        self.level == self.sustain && self.sustain > 0.0
    }

    /// Is `level` still away from the sustain level?
    fn is_decaying_at(&self, level: f32) -> bool {
        (self.sustain - level).abs() >= SILENCE
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
                if self.is_decaying_at(self.level) {
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

/// Eight envelopes in lock step, with the bits of eight [`Adsr`].
///
/// Within a phase every step is level · a + b. The lanes take such steps without looking; an envelope that may have
/// changed its phase on the way is not given back its level, and goes the same way once more by itself. All
/// phases only rise or only fall, so looking at both ends is enough.
#[derive(Debug, Clone, Copy)]
pub struct AdsrLanes {
    level: f32x8,
    factor: f32x8,
    step: f32x8,
}

impl AdsrLanes {
    /// Envelopes at zero.
    pub fn silent() -> Self {
        Self { level: f32x8::ZERO, factor: f32x8::ZERO, step: f32x8::ZERO }
    }

    /// Takes an envelope's state into a lane.
    #[inline]
    pub fn load(&mut self, lane: usize, envelope: &Adsr) {
        let (factor, step) = match envelope.phase {
            Phase::Attack => (1.0, envelope.attack_step),
            Phase::Decay if envelope.is_held() => (1.0, 0.0),
            Phase::Decay => envelope.decay,
            Phase::Release => (envelope.release, 0.0),
            Phase::Done => (1.0, 0.0),
        };
        self.level.as_mut_array()[lane] = envelope.level;
        self.factor.as_mut_array()[lane] = factor;
        self.step.as_mut_array()[lane] = step;
    }

    /// The next frame's levels.
    #[inline(always)]
    pub fn next_values(&mut self) -> f32x8 {
        self.level = self.level * self.factor + self.step;
        self.level
    }

    /// Gives the level back. False: the envelope is as it was and must step by itself.
    #[inline]
    pub fn store(&self, lane: usize, envelope: &mut Adsr) -> bool {
        let level = self.level.as_array()[lane];
        let stays = match envelope.phase {
            Phase::Attack => level < 1.0,
            Phase::Decay => {
                envelope.is_held()
                    || (envelope.is_decaying_at(envelope.level) && envelope.is_decaying_at(level))
            }
            Phase::Release => level >= ENDED,
            Phase::Done => true,
        };
        if stays {
            envelope.level = level;
        }
        stays
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

    #[test]
    fn eight_in_lock_step_have_the_bits_of_eight_alone() {
        let mut noise = crate::Noise::new(8);
        for _ in 0..300 {
            let mut dice = |most: f32| noise.next_unipolar() * most;
            let mut alone: Vec<Adsr> = (0..8)
                .map(|lane| {
                    let sustain = if lane == 3 { 0.0 } else { dice(1.0) };
                    let (attack, decay, release) = (dice(0.02), dice(0.02), dice(0.02));
                    Adsr::new(AdsrTimes { attack, decay, sustain, release })
                })
                .collect();
            let mut together = alone.clone();
            for round in 0..60 {
                let mut lanes = AdsrLanes::silent();
                (0..).zip(&together).for_each(|(lane, envelope)| lanes.load(lane, envelope));
                let heard: Vec<[f32; 8]> = (0..64).map(|_| lanes.next_values().to_array()).collect();
                for (lane, (alone, together)) in alone.iter_mut().zip(&mut together).enumerate() {
                    let mut own = [0.0; 64];
                    let mut before = *together;
                    alone.fill(&mut own);
                    let column: Vec<f32> = match lanes.store(lane, together) {
                        true => heard.iter().map(|levels| levels[lane]).collect(),
                        false => {
                            *together = before;
                            std::iter::repeat_with(|| together.next_value()).take(64).collect()
                        }
                    };
                    before = *together;
                    assert!(own.iter().zip(&column).all(|(a, b)| a.to_bits() == b.to_bits()));
                    assert_eq!((before.level.to_bits(), before.phase), (alone.level.to_bits(), alone.phase));
                    match round % 23 {
                        11 if lane % 2 == 0 => [alone, together].into_iter().for_each(Adsr::release),
                        19 if lane % 3 == 0 => [alone, together].into_iter().for_each(Adsr::retrigger),
                        _ => {}
                    }
                }
            }
        }
    }
}
