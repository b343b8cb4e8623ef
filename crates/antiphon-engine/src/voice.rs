//! One sounding note.
//!
//! A voice belongs to a mixer lane, knows how long it is held (its gate) and whether it is on its way out (its fade).
//! What it sounds like is its body: a drum, the synth or a sample. Everything is counted in frames of
//! its own age, so a voice sounds the same wherever the blocks begin.

mod drum;
mod preset;
mod sampler;
mod synth;

use antiphon_dsp::{SawTables, SincTables};
use antiphon_model::Drum;

pub(crate) use self::{drum::DrumBody, preset::{COMPARISON, patch}, sampler::SamplerBody, synth::SynthBody};
use crate::{
    limits::{FADE_FRAMES, SEGMENT_FRAMES},
    sample_bank::{SampleBank, SampleSlot},
};

/// Frames over which a drum's first edge is rounded (⅓ ms).
const EDGE_FRAMES: u32 = 16;

/// What every voice reads.
pub(crate) struct Tables {
    pub saw: &'static SawTables,
    pub sinc: &'static SincTables,
}

/// How a note is struck.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strike {
    /// From the sound's own pitch.
    pub semitones: f32,
    /// 1 to 127.
    pub velocity: u8,
    /// Seeds everything random about this note.
    pub seed: u64,
}

impl Strike {
    /// The factor on the amplitude: 1 at the default velocity of 100, 3 dB more at 127, 9 dB less at 50.
    pub(crate) fn gain(&self) -> f32 {
        let v = f32::from(self.velocity) / 100.0;
        v * v.sqrt()
    }

    /// Velocity in 0 to 1, for brightness.
    pub(crate) fn force(&self) -> f32 {
        f32::from(self.velocity) / 127.0
    }

    pub(crate) fn ratio(&self) -> f32 {
        antiphon_dsp::semitones_to_ratio(self.semitones)
    }
}

/// Where a note comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Step,
    Live { note: u8 },
    Preview,
}

impl Origin {
    /// Notes of one kind on one lane cut each other where the instrument is monophonic.
    pub(crate) fn is_same_kind(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

pub(crate) enum Body {
    Drum(DrumBody),
    Synth(SynthBody),
    Sampler(SamplerBody),
}

/// Does a body fill one channel or two?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    Mono,
    Stereo,
}

pub(crate) struct Voice {
    pub lane: u8,
    pub origin: Origin,
    pub body: Body,
    /// Frames until it is let go.
    gate: u64,
    age: u32,
    fade: Option<u32>,
}

/// A gate that only a note-off ends.
pub(crate) const HELD: u64 = u64::MAX;

impl Voice {
    pub(crate) fn new(lane: u8, origin: Origin, body: Body, gate: u64) -> Self {
        Self { lane, origin, body, gate, age: 0, fade: None }
    }

    /// How loud it is, for stealing. Follows from the voice's own state at this frame, not from a block.
    pub(crate) fn level(&self) -> f32 {
        match &self.body {
            Body::Drum(drum) => drum.level(),
            Body::Synth(synth) => synth.level(),
            Body::Sampler(sampler) => sampler.level(),
        }
    }

    pub(crate) fn age(&self) -> u32 {
        self.age
    }

    pub(crate) fn is_fading(&self) -> bool {
        self.fade.is_some()
    }

    /// Ends it within [`FADE_FRAMES`].
    pub(crate) fn fade(&mut self) {
        self.fade.get_or_insert(FADE_FRAMES);
    }

    /// Lets it go; struck and sampled sounds ring on.
    pub(crate) fn release(&mut self) {
        self.gate = 0;
        if let Body::Synth(synth) = &mut self.body {
            synth.release();
        }
    }

    pub(crate) fn is_held(&self) -> bool {
        self.gate > 0
    }

    pub(crate) fn drum(&self) -> Option<Drum> {
        match &self.body {
            Body::Drum(drum) => Some(drum.drum()),
            _ => None,
        }
    }

    pub(crate) fn sample(&self) -> Option<SampleSlot> {
        match &self.body {
            Body::Sampler(sampler) => Some(sampler.slot()),
            _ => None,
        }
    }

    /// The voice of a monophonic synth takes over another note: slides there while it is still held, strikes again otherwise.
    pub(crate) fn take_over(&mut self, strike: Strike, origin: Origin, gate: u64, tables: &Tables) {
        if let Body::Synth(synth) = &mut self.body {
            synth.take_over(strike, self.gate > 0, tables.saw);
        }
        (self.origin, self.gate) = (origin, gate);
    }

    /// Adds the next frames to `left` and `right` (as long, at most a segment). False when it has ended.
    pub(crate) fn render(
        &mut self,
        tables: &Tables,
        bank: &SampleBank,
        left: &mut [f32],
        right: &mut [f32],
    ) -> bool {
        let frames = left.len();
        let (mut a, mut b) = ([0.0; SEGMENT_FRAMES], [0.0; SEGMENT_FRAMES]);
        let (a, b) = (&mut a[..frames], &mut b[..frames]);
        let (width, sounding) = self.render_body(tables, bank, a, b);
        self.shape_ends(width, a, b);
        add(left, a);
        add(right, if width == Width::Mono { a } else { b });
        self.age = self.age.saturating_add(frames as u32);
        sounding && self.fade != Some(0)
    }

    fn render_body(
        &mut self,
        tables: &Tables,
        bank: &SampleBank,
        left: &mut [f32],
        right: &mut [f32],
    ) -> (Width, bool) {
        match &mut self.body {
            Body::Drum(drum) => (Width::Mono, drum.render(tables.saw, left)),
            Body::Sampler(sampler) => sampler.render(tables.sinc, bank, left, right),
            Body::Synth(synth) => {
                let held = self.gate.min(left.len() as u64) as usize;
                let (left_held, left_released) = left.split_at_mut(held);
                let (right_held, right_released) = right.split_at_mut(held);
                synth.render(tables.saw, left_held, right_held);
                if self.gate != HELD {
                    self.gate -= held as u64;
                }
                if self.gate == 0 {
                    synth.release();
                }
                synth.render(tables.saw, left_released, right_released);
                (synth.width(), !synth.is_done())
            }
        }
    }

    /// Rounds a drum's first edge and fades a voice that is on its way out.
    fn shape_ends(&mut self, width: Width, left: &mut [f32], right: &mut [f32]) {
        if matches!(self.body, Body::Drum(_)) && self.age < EDGE_FRAMES {
            for (age, sample) in (self.age + 1..=EDGE_FRAMES).zip(left.iter_mut()) {
                *sample *= age as f32 / (EDGE_FRAMES + 1) as f32;
            }
        }
        if let Some(remaining) = &mut self.fade {
            fade(left, *remaining);
            if width == Width::Stereo {
                fade(right, *remaining);
            }
            *remaining = remaining.saturating_sub(left.len() as u32);
        }
    }
}

fn fade(samples: &mut [f32], remaining: u32) {
    for (passed, sample) in (1..).zip(samples) {
        *sample *= remaining.saturating_sub(passed) as f32 / FADE_FRAMES as f32;
    }
}

fn add(out: &mut [f32], voice: &[f32]) {
    for (out, voice) in out.iter_mut().zip(voice) {
        *out += voice;
    }
}
