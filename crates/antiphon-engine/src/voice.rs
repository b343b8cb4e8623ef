//! One sounding note.
//!
//! A voice belongs to a mixer lane, knows how long it is held (its gate) and whether it is on its way out (its fade).
//! What it sounds like is its body: a drum, the synth or a sample. Everything is counted in frames of
//! its own age, so a voice sounds the same wherever the blocks begin.

mod drum;
mod preset;
mod sampler;
mod section;
mod synth;
mod tone;

use antiphon_dsp::{PanGains, SawTables, SincTables};
use antiphon_model::Drum;

use self::tone::Tone;
pub(crate) use self::{
    drum::DrumBody,
    preset::{COMPARISON, patch},
    sampler::SamplerBody,
    section::{Outlets, Section},
    synth::SynthBody,
};
use crate::{
    limits::{CUT_FRAMES, FADE_FRAMES, SEGMENT_FRAMES},
    sample_bank::{SampleBank, SampleSlot},
    voices::NoteStart,
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

/// What a body has written into a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendered {
    pub width: Width,
    /// Frames until it ended, where it has.
    pub active: usize,
    /// Does it go on?
    pub sounding: bool,
}

/// A straight line to silence.
#[derive(Debug, Clone, Copy)]
struct Fade {
    left: u32,
    frames: u32,
}

impl Fade {
    fn over(frames: u32) -> Self {
        Self { left: frames, frames }
    }

    fn apply(self, samples: &mut [f32]) {
        for (passed, sample) in (1..).zip(samples) {
            *sample *= self.left.saturating_sub(passed) as f32 / self.frames as f32;
        }
    }

    fn pass(&mut self, frames: usize) {
        self.left = self.left.saturating_sub(frames as u32);
    }

    fn is_over(self) -> bool {
        self.left == 0
    }
}

pub(crate) struct Voice {
    pub lane: u8,
    pub origin: Origin,
    pub body: Body,
    /// Voices of other lanes of this group cut it off; 0 is none.
    pub choke: u8,
    tone: Tone,
    /// Its own place; `None` where the lane's strip places it.
    pan: Option<PanGains>,
    /// Frames until it is let go.
    gate: u64,
    /// Is it cut off then?
    gated: bool,
    age: u32,
    /// Its age when it was struck last: only a monophonic voice is struck more than once.
    struck: u32,
    /// On its way out: stolen, choked or stopped.
    fade: Option<Fade>,
    /// At the end of a gate that cuts.
    cut: Option<Fade>,
    ended: bool,
}

/// A gate that only a note-off ends.
pub(crate) const HELD: u64 = u64::MAX;

impl Voice {
    pub(crate) fn new(note: &NoteStart, body: Body) -> Self {
        let tone = match &body {
            Body::Synth(_) => Tone::BYPASS,
            Body::Drum(drum) => Tone::new(&note.params, drum.gain()),
            Body::Sampler(sampler) => Tone::new(&note.params, sampler.gain()),
        };
        Self {
            lane: note.lane,
            origin: note.origin,
            body,
            choke: note.choke,
            tone,
            pan: note.params.pan,
            gate: note.gate,
            gated: note.gated,
            age: 0,
            struck: 0,
            fade: None,
            cut: None,
            ended: false,
        }
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

    /// Was it struck on this very frame?
    pub(crate) fn is_just_struck(&self) -> bool {
        self.age == self.struck
    }

    /// Has it ended, with the frames rendered last?
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(crate) fn is_synth(&self) -> bool {
        matches!(self.body, Body::Synth(_))
    }

    pub(crate) fn is_fading(&self) -> bool {
        self.fade.is_some() || self.cut.is_some()
    }

    /// How much of it is left to hear.
    pub(crate) fn remaining_level(&self) -> f32 {
        let left = |fade: &Option<Fade>| fade.map_or(1.0, |fade| fade.left as f32 / fade.frames as f32);
        self.level() * left(&self.fade) * left(&self.cut)
    }

    /// Ends it within [`FADE_FRAMES`].
    pub(crate) fn fade(&mut self) {
        self.fade.get_or_insert(Fade::over(FADE_FRAMES));
    }

    /// Lets it go; struck and sampled sounds ring on, unless the gate cuts them.
    pub(crate) fn release(&mut self) {
        self.gate = 0;
        self.let_go();
    }

    pub(crate) fn is_held(&self) -> bool {
        self.gate > 0
    }

    fn let_go(&mut self) {
        match &mut self.body {
            _ if self.gated => _ = self.cut.get_or_insert(Fade::over(CUT_FRAMES)),
            Body::Synth(synth) => synth.release(),
            Body::Drum(_) | Body::Sampler(_) => {}
        }
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

    /// Does it have a place of its own, beside the lane's?
    pub(crate) fn is_placed(&self) -> bool {
        self.pan.is_some()
    }

    /// The voice of a monophonic synth takes over another note: slides there while it is still held, strikes again
    /// otherwise. Where the note differs in what cannot glide, it goes on in another voice, which is given back, while
    /// this one fades.
    pub(crate) fn take_over(&mut self, note: &NoteStart, tables: &Tables) -> Option<Self> {
        let Body::Synth(synth) = &self.body else { return None };
        if self.is_just_struck() && note.strike.semitones <= synth.target() {
            // Of a chord the highest note sounds.
            return None;
        }
        if self.pan == note.params.pan && self.gated == note.gated && synth.takes(&note.params) {
            self.continue_with(note, tables);
            return None;
        }
        let mut next = Self::new(note, Body::Synth(synth.with_drive(&note.params)));
        next.tone = Tone::rising(FADE_FRAMES);
        next.gate = self.gate;
        next.continue_with(note, tables);
        self.fade();
        Some(next)
    }

    fn continue_with(&mut self, note: &NoteStart, tables: &Tables) {
        if let Body::Synth(synth) = &mut self.body {
            synth.take_over(note.strike, &note.params, self.gate > 0, tables.saw);
        }
        (self.origin, self.gate, self.struck) = (note.origin, note.gate, self.age);
    }

    /// Adds the next frames to `left` and `right` (as long, at most a segment). Synths have the same bits in a
    /// [`Section`], which is quicker.
    pub(crate) fn render(&mut self, tables: &Tables, bank: &SampleBank, left: &mut [f32], right: &mut [f32]) {
        let frames = left.len();
        let (mut a, mut b) = ([0.0; SEGMENT_FRAMES], [0.0; SEGMENT_FRAMES]);
        let (a, b) = (&mut a[..frames], &mut b[..frames]);
        let held = self.frames_until_release(frames);
        let rendered = match &mut self.body {
            Body::Drum(drum) => drum.render(tables.saw, a),
            Body::Sampler(sampler) => sampler.render(tables.sinc, bank, a, b),
            Body::Synth(synth) => synth.render(tables.saw, held, a, b),
        };
        self.finish(rendered, [a, b], [left, right]);
    }

    /// How many of the next `frames` frames it is held.
    fn held_frames(&self, frames: usize) -> usize {
        self.gate.min(frames as u64) as usize
    }

    /// The same for when its envelopes are let go: a gate that cuts does not do that.
    fn frames_until_release(&self, frames: usize) -> usize {
        if self.gated { frames } else { self.held_frames(frames) }
    }

    /// Shapes what the body has written and adds it to the lane.
    fn finish(&mut self, rendered: Rendered, [a, b]: [&mut [f32]; 2], [left, right]: [&mut [f32]; 2]) {
        let frames = a.len();
        let rings = self.tone.process(self.age, rendered, a, b);
        self.round_edge(a);
        let channels =
            if rendered.width == Width::Mono { &mut [a] as &mut [&mut [f32]] } else { &mut [a, b] };
        self.pass_gate(channels);
        if let Some(fade) = &mut self.fade {
            channels.iter_mut().for_each(|samples| fade.apply(samples));
            fade.pass(frames);
        }
        let (a, b) = (&*channels[0], &*channels[channels.len() - 1]);
        match self.pan {
            None => {
                add(left, a);
                add(right, b);
            }
            Some(pan) => {
                add_scaled(left, a, pan.left);
                add_scaled(right, b, pan.right);
            }
        }
        self.age = self.age.saturating_add(frames as u32);
        self.ended = !rings || [self.fade, self.cut].into_iter().flatten().any(Fade::is_over);
    }

    /// Counts down the gate; where it ends and cuts, the rest fades.
    fn pass_gate(&mut self, channels: &mut [&mut [f32]]) {
        let frames = channels[0].len();
        let held = self.held_frames(frames);
        let mut from = 0;
        if self.gate != HELD && (held > 0 || self.cut.is_none()) {
            self.gate -= held as u64;
            if self.gate == 0 {
                self.let_go();
                from = held;
            }
        }
        if let Some(cut) = &mut self.cut {
            channels.iter_mut().for_each(|samples| cut.apply(&mut samples[from..]));
            cut.pass(frames - from);
        }
    }

    /// Rounds a drum's first edge.
    fn round_edge(&self, samples: &mut [f32]) {
        if matches!(self.body, Body::Drum(_)) && self.age < EDGE_FRAMES {
            for (age, sample) in (self.age + 1..=EDGE_FRAMES).zip(samples) {
                *sample *= age as f32 / (EDGE_FRAMES + 1) as f32;
            }
        }
    }
}

fn add(out: &mut [f32], voice: &[f32]) {
    for (out, voice) in out.iter_mut().zip(voice) {
        *out += voice;
    }
}

fn add_scaled(out: &mut [f32], voice: &[f32], gain: f32) {
    for (out, voice) in out.iter_mut().zip(voice) {
        *out += voice * gain;
    }
}

#[cfg(test)]
mod tests;
