//! A sample played once, at any pitch.

use antiphon_dsp::{Decay, Resampler, SAMPLE_RATE, SincTables};

use crate::{
    note_params::NoteParams,
    sample_bank::{SampleBank, SampleSlot},
    voice::{Rendered, Strike, Width},
};

/// A sample that ends abruptly fades over its last frames (4 ms).
const END_FRAMES: u64 = 192;
/// A sample that starts away from zero is faded in over this many frames (⅔ ms).
const START_FRAMES: u32 = 32;
/// Starting closer to zero than this needs no fade, which would soften a good attack.
const START_LEVEL: f32 = 0.003;

/// Plays a sample to its end, whatever the note's length.
pub(crate) struct SamplerBody {
    slot: SampleSlot,
    reader: Resampler,
    gain: f32,
    width: Width,
    frames_left: u64,
    fade_in: u32,
    /// Where the note dies away sooner than its sample.
    decay: Option<Decay>,
}

impl SamplerBody {
    pub(crate) fn new(
        slot: SampleSlot,
        bank: &SampleBank,
        strike: Strike,
        params: &NoteParams,
        tables: &SincTables,
    ) -> Option<Self> {
        let data = bank.data(slot).filter(|data| !data.is_empty())?;
        let start = (data.len() as f32 * params.start) as usize;
        let reader = Resampler::starting_at(tables, strike.ratio(), start as u64);
        let channels = usize::from(data.channels);
        let begins_with = data.frames.iter().skip(start * channels).take(channels);
        let first = begins_with.fold(0.0, |a: f32, b| a.max(b.abs()));
        let seconds = reader.frames_until(data.len() as u64) as f32 / SAMPLE_RATE;
        Some(Self {
            slot,
            gain: strike.gain() * params.level,
            decay: (params.decay < 1.0).then(|| Decay::new(seconds * params.decay)),
            width: if data.channels == 2 { Width::Stereo } else { Width::Mono },
            frames_left: reader.frames_until(data.len() as u64),
            fade_in: if first > START_LEVEL { START_FRAMES } else { 0 },
            reader,
        })
    }

    pub(crate) fn slot(&self) -> SampleSlot {
        self.slot
    }

    /// The amplitude it is struck with.
    pub(crate) fn gain(&self) -> f32 {
        self.gain
    }

    pub(crate) fn level(&self) -> f32 {
        self.gain * self.decay.map_or(1.0, |decay| decay.level())
    }

    /// Writes the next frames.
    pub(crate) fn render(
        &mut self,
        tables: &SincTables,
        bank: &SampleBank,
        left: &mut [f32],
        right: &mut [f32],
    ) -> Rendered {
        let data = bank.data(self.slot).map_or(&[][..], |data| &data.frames);
        let mut active = 0;
        for (left, right) in left.iter_mut().zip(right) {
            if self.frames_left == 0 {
                break;
            }
            match self.width {
                Width::Mono => {
                    let [sample] = self.reader.next::<1>(tables, data);
                    *left = sample * self.next_gain();
                }
                Width::Stereo => {
                    let [a, b] = self.reader.next::<2>(tables, data);
                    let gain = self.next_gain();
                    (*left, *right) = (a * gain, b * gain);
                }
            }
            active += 1;
        }
        Rendered { width: self.width, active, sounding: self.frames_left > 0 }
    }

    fn next_gain(&mut self) -> f32 {
        self.frames_left -= 1;
        let mut gain = self.gain;
        if self.fade_in > 0 {
            gain *= (START_FRAMES + 1 - self.fade_in) as f32 / (START_FRAMES + 1) as f32;
            self.fade_in -= 1;
        }
        if self.frames_left < END_FRAMES {
            gain *= self.frames_left as f32 / END_FRAMES as f32;
        }
        if let Some(decay) = &mut self.decay {
            gain *= decay.next_value();
            if decay.is_silent() {
                self.frames_left = 0;
            }
        }
        gain
    }
}
