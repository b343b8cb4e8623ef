//! A sample played once, at any pitch.

use antiphon_dsp::{Resampler, SincTables};

use crate::{
    sample_bank::{SampleBank, SampleSlot},
    voice::{Strike, Width},
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
}

impl SamplerBody {
    pub(crate) fn new(
        slot: SampleSlot,
        bank: &SampleBank,
        strike: Strike,
        tables: &SincTables,
    ) -> Option<Self> {
        let data = bank.data(slot).filter(|data| !data.is_empty())?;
        let reader = Resampler::new(tables, strike.ratio());
        let first = data.frames.iter().take(usize::from(data.channels)).fold(0.0, |a: f32, b| a.max(b.abs()));
        Some(Self {
            slot,
            gain: strike.gain(),
            width: if data.channels == 2 { Width::Stereo } else { Width::Mono },
            frames_left: reader.frames_until(data.len() as u64),
            fade_in: if first > START_LEVEL { START_FRAMES } else { 0 },
            reader,
        })
    }

    pub(crate) fn slot(&self) -> SampleSlot {
        self.slot
    }

    pub(crate) fn level(&self) -> f32 {
        self.gain
    }

    pub(crate) fn render(
        &mut self,
        tables: &SincTables,
        bank: &SampleBank,
        left: &mut [f32],
        right: &mut [f32],
    ) -> (Width, bool) {
        let frames = self.frames_left.min(left.len() as u64) as usize;
        let data = bank.data(self.slot).map_or(&[][..], |data| &data.frames);
        match self.width {
            Width::Mono => {
                for out in &mut left[..frames] {
                    let [sample] = self.reader.next::<1>(tables, data);
                    *out = sample * self.next_gain();
                }
            }
            Width::Stereo => {
                for (left, right) in left[..frames].iter_mut().zip(&mut right[..frames]) {
                    let [a, b] = self.reader.next::<2>(tables, data);
                    let gain = self.next_gain();
                    (*left, *right) = (a * gain, b * gain);
                }
            }
        }
        (self.width, self.frames_left > 0)
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
        gain
    }
}
