//! What a note's parameters add behind a drum or a sample: a resonant low-pass, saturation, a slower attack.
//!
//! Each part is left out where the note does not ask for it, so a note without parameters keeps its bits. The synth has
//! the low-pass and the attack of its own; it shares [`Saturation`].

use antiphon_dsp::{CONTROL_FRAMES, DcBlock, Drive, SAMPLE_RATE, SILENCE, Svf, exp2};

use crate::{
    note_params::NoteParams,
    voice::{Rendered, Width},
};

/// The filter of an open sound.
const OPEN_HZ: f32 = 20_000.0;
const FLAT_Q: f32 = 0.707;
/// Q at full resonance: whistles, and stays below what the limiter would have to fight.
const RESONANT_Q: f32 = 12.0;
/// Gain into the saturation at full drive (18 dB).
const DRIVE_GAIN: f32 = 8.0;

/// `q` with a note's resonance (0 to 1) beside it.
pub(super) fn resonant(q: f32, resonance: f32) -> f32 {
    q + (RESONANT_Q - q).max(0.0) * resonance * resonance
}

/// The saturating stage of one channel.
#[derive(Clone, Copy)]
pub(super) struct Saturation {
    into: f32,
    out: f32,
    drive: Drive,
    centre: DcBlock,
}

impl Saturation {
    /// For a sound of amplitude `level` that has `own` gain into the curve by itself; `drive` is 0 to 1. `None`:
    /// nothing to do. A full-scale crest keeps its height whatever the drive; all below it comes nearer.
    pub(super) fn new(level: f32, own: f32, drive: f32) -> Option<Self> {
        let gain = own + DRIVE_GAIN * drive;
        if gain <= 0.0 || level <= 0.0 {
            return None;
        }
        let crest = |gain: f32| gain / (1.0 + gain * gain).sqrt();
        let out = if own > 0.0 { crest(own) / crest(gain) } else { 1.0 / crest(gain) };
        let (drive, centre) = (Drive::default(), DcBlock::default());
        Some(Self { into: gain / level, out: out * level, drive, centre })
    }

    pub(super) fn process(&mut self, samples: &mut [f32]) {
        let Self { into, out, mut drive, mut centre } = *self;
        for sample in samples {
            *sample = centre.process(drive.process(*sample * into) * out);
        }
        (self.drive, self.centre) = (drive, centre);
    }
}

/// The parts behind a body, for both channels.
pub(crate) struct Tone {
    filters: Option<[Svf; 2]>,
    saturation: Option<[Saturation; 2]>,
    /// Frames over which it fades in.
    rise: u32,
}

impl Tone {
    /// Nothing.
    pub(crate) const BYPASS: Self = Self { filters: None, saturation: None, rise: 0 };

    /// What `params` ask for behind a sound of amplitude `level`.
    pub(crate) fn new(params: &NoteParams, level: f32) -> Self {
        let filtered = params.cutoff_octaves < 0.0 || params.resonance > 0.0;
        let cutoff_hz = (OPEN_HZ * exp2(params.cutoff_octaves)).min(OPEN_HZ);
        let q = resonant(FLAT_Q, params.resonance);
        Self {
            filters: filtered.then(|| [Svf::new(cutoff_hz, q); 2]),
            saturation: Saturation::new(level, 0.0, params.drive).map(|channel| [channel; 2]),
            rise: (params.attack_seconds * SAMPLE_RATE) as u32,
        }
    }

    /// Fades in over `frames`.
    pub(crate) fn rising(frames: u32) -> Self {
        Self { rise: frames, ..Self::BYPASS }
    }

    /// Treats a segment that begins at frame `age` of the voice. False when nothing rings any more.
    pub(crate) fn process(
        &mut self,
        age: u32,
        rendered: Rendered,
        left: &mut [f32],
        right: &mut [f32],
    ) -> bool {
        let mut both = [left, right];
        let channels = if rendered.width == Width::Stereo { &mut both[..] } else { &mut both[..1] };
        let rings = if self.filters.is_none() && self.saturation.is_none() {
            rendered.sounding
        } else {
            self.colour(age, rendered, channels)
        };
        channels.iter_mut().for_each(|samples| self.swell(age, samples));
        rings
    }

    /// In parts that end at multiples of [`CONTROL_FRAMES`]: whether something still rings after the body is asked at
    /// those alone, so the answer does not depend on the segments.
    fn colour(&mut self, age: u32, rendered: Rendered, channels: &mut [&mut [f32]]) -> bool {
        let frames = channels.first().map_or(0, |samples| samples.len());
        let mut at = 0;
        while at < frames {
            let now = age + at as u32;
            let ended = !rendered.sounding && at >= rendered.active;
            if ended && now.is_multiple_of(CONTROL_FRAMES) && self.is_quiet() {
                return false;
            }
            let end = frames.min(at + (CONTROL_FRAMES - now % CONTROL_FRAMES) as usize);
            for (filter, samples) in self.filters.iter_mut().flatten().zip(channels.iter_mut()) {
                samples[at..end].iter_mut().for_each(|sample| *sample = filter.low(*sample));
            }
            for (saturation, samples) in self.saturation.iter_mut().flatten().zip(channels.iter_mut()) {
                saturation.process(&mut samples[at..end]);
            }
            at = end;
        }
        true
    }

    fn is_quiet(&self) -> bool {
        let filters = self.filters.iter().flatten().all(|filter| filter.is_quieter_than(SILENCE));
        filters
            && self.saturation.iter().flatten().all(|saturation| saturation.centre.is_quieter_than(SILENCE))
    }

    fn swell(&self, age: u32, samples: &mut [f32]) {
        if age >= self.rise {
            return;
        }
        for (age, sample) in (age + 1..=self.rise).zip(samples) {
            *sample *= age as f32 / self.rise as f32;
        }
    }
}
