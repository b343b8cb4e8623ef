//! Synth voices side by side.
//!
//! A filter is a chain of dependent steps, one frame after the other: alone it leaves the processor waiting for most
//! of the time. A section takes the synth voices in the order they started, eight filters at a time, and runs
//! those in lock step ([`SvfLanes`]), and so the amplifiers' envelopes. The rest runs voice by voice. Each voice has the very
//! bits that [`Voice::render`] gives it: the company it is in changes nothing.
//!
//! Voices with one filter stage go first, those with two second, so in which order voices are added to a lane does not
//! depend on how they fill the groups.

use antiphon_dsp::{AdsrLanes, CONTROL_FRAMES, LANES, SvfLanes, f32x8};

use super::{
    Body, Tables, Voice, Width,
    synth::{Openings, stage_settings},
};
use crate::limits::SEGMENT_FRAMES;

/// Where voices put what they play.
pub(crate) trait Outlets {
    /// Both channels of a lane for a segment of `frames`; `placed`: those for notes with a place of their own.
    fn outlet(&mut self, lane: u8, placed: bool, frames: usize) -> [&mut [f32]; 2];
}

/// The working memory of a group of voices.
pub(crate) struct Section {
    /// What goes through each filter.
    rows: [[f32; SEGMENT_FRAMES]; LANES],
    /// The amplifier's levels of each voice.
    levels: [[f32; SEGMENT_FRAMES]; LANES],
    /// The right channel of a voice that has none.
    spare: [f32; SEGMENT_FRAMES],
    parts: [Part; LANES],
    voices: usize,
    lanes: usize,
}

/// One voice of the group.
#[derive(Clone, Copy)]
struct Part {
    slot: usize,
    first_lane: usize,
    sides: usize,
    /// Frames until it is let go.
    held: usize,
    openings: Openings,
}

impl Section {
    pub(crate) fn new() -> Box<Self> {
        let part = Part { slot: 0, first_lane: 0, sides: 0, held: 0, openings: Openings::default() };
        Box::new(Self {
            rows: [[0.0; SEGMENT_FRAMES]; LANES],
            levels: [[0.0; SEGMENT_FRAMES]; LANES],
            spare: [0.0; SEGMENT_FRAMES],
            parts: [part; LANES],
            voices: 0,
            lanes: 0,
        })
    }

    /// Adds the next `frames` frames (at most a segment) of the synth voices in `slots`, in the order of `order`.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn render(
        &mut self,
        slots: &mut [Option<Voice>],
        order: &[u8],
        frames: usize,
        tables: &Tables,
        out: &mut impl Outlets,
    ) {
        for steep in [false, true] {
            for slot in order.iter().map(|slot| usize::from(*slot)) {
                let Some(Some(voice)) = slots.get_mut(slot) else { continue };
                let Body::Synth(synth) = &voice.body else { continue };
                if synth.is_steep() != steep {
                    continue;
                }
                let sides = if synth.width() == Width::Stereo { 2 } else { 1 };
                if self.lanes + sides > LANES {
                    self.flush(slots, steep, frames, out);
                }
                if let Some(Some(voice)) = slots.get_mut(slot) {
                    self.take(slot, voice, sides, frames, tables);
                }
            }
            self.flush(slots, steep, frames, out);
        }
    }

    /// First stage of a voice: its oscillators into rows of its own.
    fn take(&mut self, slot: usize, voice: &mut Voice, sides: usize, frames: usize, tables: &Tables) {
        let held = voice.frames_until_release(frames);
        let Body::Synth(synth) = &mut voice.body else { return };
        let part = &mut self.parts[self.voices];
        let (left, right) = channels(&mut self.rows, &mut self.spare, self.lanes, sides);
        (part.slot, part.first_lane, part.sides, part.held) = (slot, self.lanes, sides, held);
        part.openings = synth.sources(tables.saw, held, &mut left[..frames], &mut right[..frames]);
        self.voices += 1;
        self.lanes += sides;
    }

    /// The filters of the group, then the last stage of each voice.
    fn flush(&mut self, slots: &mut [Option<Voice>], steep: bool, frames: usize, out: &mut impl Outlets) {
        if self.voices == 0 {
            return;
        }
        self.envelop(slots, frames);
        self.filter(slots, steep, frames);
        for (part, levels) in self.parts[..self.voices].iter().zip(&mut self.levels) {
            let Some(Some(voice)) = slots.get_mut(part.slot) else { continue };
            let Body::Synth(synth) = &mut voice.body else { continue };
            let (left, right) = channels(&mut self.rows, &mut self.spare, part.first_lane, part.sides);
            let (left, right) = (&mut left[..frames], &mut right[..frames]);
            let rendered = synth.amplify(&mut levels[..frames], left, right);
            let outlet = out.outlet(voice.lane, voice.is_placed(), frames);
            voice.finish(rendered, [left, right], outlet);
        }
        (self.voices, self.lanes) = (0, 0);
    }

    fn envelop(&mut self, slots: &mut [Option<Voice>], frames: usize) {
        let parts = &self.parts[..self.voices];
        let mut envelopes = AdsrLanes::silent();
        for (lane, part) in parts.iter().enumerate() {
            if let Some(Some(Voice { body: Body::Synth(synth), .. })) = slots.get(part.slot) {
                envelopes.load(lane, synth.amp());
            }
        }
        for at in 0..frames.min(SEGMENT_FRAMES) {
            let levels = envelopes.next_values().to_array();
            for (row, level) in self.levels.iter_mut().zip(levels) {
                row[at] = level;
            }
        }
        for (lane, part) in parts.iter().enumerate() {
            if let Some(Some(Voice { body: Body::Synth(synth), .. })) = slots.get_mut(part.slot)
                && (part.held < frames || !envelopes.store(lane, synth.amp_mut()))
            {
                synth.envelop(part.held, &mut self.levels[lane][..frames]);
            }
        }
    }

    fn filter(&mut self, slots: &mut [Option<Voice>], steep: bool, frames: usize) {
        let parts = &self.parts[..self.voices];
        let (mut first, mut second) = (SvfLanes::silent(), SvfLanes::silent());
        for_each_chain(parts, slots, |lane, chain| {
            first.load(lane, &chain.first);
            second.load(lane, &chain.second);
        });
        let mut openings = [0; LANES];
        let mut at = 0;
        while at < frames {
            let mut end = frames;
            for (part, number) in parts.iter().zip(&mut openings) {
                if let Some((_, setting)) = part.openings.get(*number).filter(|(from, _)| *from == at) {
                    let [flat, resonant] = stage_settings(setting);
                    for lane in part.first_lane..part.first_lane + part.sides {
                        first.glide_to(lane, flat, CONTROL_FRAMES);
                        second.glide_to(lane, resonant, CONTROL_FRAMES);
                    }
                    *number += 1;
                }
                end = part.openings.get(*number).map_or(end, |(from, _)| end.min(from));
            }
            if steep {
                run(&mut self.rows, at, end, |input| second.low(first.low(input)));
            } else {
                run(&mut self.rows, at, end, |input| second.low(input));
            }
            at = end;
        }
        for_each_chain(parts, slots, |lane, chain| {
            if steep {
                first.store(lane, &mut chain.first);
            }
            second.store(lane, &mut chain.second);
        });
    }
}

/// The rows of a voice from `lane` on.
fn channels<'a>(
    rows: &'a mut [[f32; SEGMENT_FRAMES]; LANES],
    spare: &'a mut [f32; SEGMENT_FRAMES],
    lane: usize,
    sides: usize,
) -> (&'a mut [f32; SEGMENT_FRAMES], &'a mut [f32; SEGMENT_FRAMES]) {
    let (left, rest) = rows[lane..].split_at_mut(1);
    (&mut left[0], if sides == 2 { &mut rest[0] } else { spare })
}

fn for_each_chain(
    parts: &[Part],
    slots: &mut [Option<Voice>],
    mut act: impl FnMut(usize, &mut super::synth::Chain),
) {
    for part in parts {
        let Some(Some(Voice { body: Body::Synth(synth), .. })) = slots.get_mut(part.slot) else { continue };
        for side in 0..part.sides {
            act(part.first_lane + side, synth.chain_mut(side));
        }
    }
}

#[inline(always)]
fn run(
    rows: &mut [[f32; SEGMENT_FRAMES]; LANES],
    from: usize,
    to: usize,
    mut filter: impl FnMut(f32x8) -> f32x8,
) {
    for at in from..to.min(SEGMENT_FRAMES) {
        let input: [f32; LANES] = std::array::from_fn(|lane| rows[lane][at]);
        let output = filter(f32x8::from(input)).to_array();
        for (row, output) in rows.iter_mut().zip(output) {
            row[at] = output;
        }
    }
}
