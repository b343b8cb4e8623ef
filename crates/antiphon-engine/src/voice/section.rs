//! Synth voices side by side.
//!
//! A filter is a chain of dependent steps, one frame after the other: alone it leaves the processor waiting for most
//! of the time. A section takes the synth voices in the order they started, eight filters at a time, and runs
//! those in lock step ([`SvfLanes`]), and so the amplifiers' envelopes. The rest runs voice by voice. Each voice has the very
//! bits that [`Voice::render`] gives it: the company it is in changes nothing.
//!
//! Voices with one filter stage go first, those with two second, so in which order voices are added to a lane does not
//! depend on how they fill the groups.

use antiphon_dsp::{AdsrLanes, CONTROL_FRAMES, LANES, SvfLanes, SvfTurn, f32x8, to_frames, to_rows};

use super::{
    Body, SynthBody, Tables, Voice, Width,
    synth::{FLAT_Q, OPENINGS, Openings},
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
    /// Either of these turned round.
    turned: [f32x8; SEGMENT_FRAMES],
    turns: Turns,
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
            turned: [f32x8::ZERO; SEGMENT_FRAMES],
            turns: Turns::new(),
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
        self.turned.iter_mut().take(frames).for_each(|levels| *levels = envelopes.next_values());
        to_rows(&self.turned, frames, &mut self.levels);
        for (lane, part) in parts.iter().enumerate() {
            if let Some(Some(Voice { body: Body::Synth(synth), .. })) = slots.get_mut(part.slot)
                && (part.is_let_go(synth, frames) || !envelopes.store(lane, synth.amp_mut()))
            {
                synth.envelop(part.held, &mut self.levels[lane][..frames]);
            }
        }
    }

    fn filter(&mut self, slots: &mut [Option<Voice>], steep: bool, frames: usize) {
        let parts = &self.parts[..self.voices];
        let (mut first, mut second) = (SvfLanes::silent(), SvfLanes::silent());
        for_each_chain(parts, slots, |lane, chain| {
            if steep {
                first.load(lane, &chain.first);
            }
            second.load(lane, &chain.second);
        });
        self.turns.gather(parts, slots);
        to_frames(&self.rows, frames, &mut self.turned);
        let mut at = 0;
        while at < frames {
            if let Some(turn) = self.turns.at(at) {
                if steep {
                    first.glide(&turn.with_q(FLAT_Q), CONTROL_FRAMES);
                }
                second.glide(turn, CONTROL_FRAMES);
            }
            let end = self.turns.next_after(at).min(frames);
            let samples = &mut self.turned[at..end];
            if steep {
                samples.iter_mut().for_each(|sample| *sample = second.low(first.low(*sample)));
            } else {
                samples.iter_mut().for_each(|sample| *sample = second.low(*sample));
            }
            at = end;
        }
        to_rows(&self.turned, frames, &mut self.rows);
        for_each_chain(parts, slots, |lane, chain| {
            if steep {
                first.store(lane, &mut chain.first);
            }
            second.store(lane, &mut chain.second);
        });
    }
}

impl Part {
    /// Is the voice let go within the next `frames` frames? One that was before simply goes on.
    fn is_let_go(&self, synth: &SynthBody, frames: usize) -> bool {
        self.held < frames && !synth.amp().is_released()
    }
}

/// Where the filters of a group are sent, and when.
struct Turns {
    turns: [SvfTurn; LANES * OPENINGS],
    /// Which of them comes with which frame, from 1 on; 0: none does.
    numbers: [u8; SEGMENT_FRAMES],
}

impl Turns {
    fn new() -> Self {
        Self { turns: [SvfTurn::NONE; LANES * OPENINGS], numbers: [0; SEGMENT_FRAMES] }
    }

    fn gather(&mut self, parts: &[Part], slots: &[Option<Voice>]) {
        self.numbers = [0; SEGMENT_FRAMES];
        let mut count = 0;
        for part in parts {
            let Some(Some(Voice { body: Body::Synth(synth), .. })) = slots.get(part.slot) else { continue };
            for (at, octaves) in part.openings.iter().flatten() {
                let setting = synth.setting(*octaves);
                let number = &mut self.numbers[*at];
                if *number == 0 {
                    self.turns[count] = SvfTurn::NONE;
                    count += 1;
                    *number = count as u8;
                }
                let turn = &mut self.turns[usize::from(*number) - 1];
                (part.first_lane..part.first_lane + part.sides).for_each(|lane| turn.send(lane, setting));
            }
        }
    }

    fn at(&self, frame: usize) -> Option<&SvfTurn> {
        self.turns.get(usize::from(self.numbers[frame]).checked_sub(1)?)
    }

    /// The frame of the next turn, or the end of the segment.
    fn next_after(&self, frame: usize) -> usize {
        let later = self.numbers[frame + 1..].iter().position(|number| *number > 0);
        later.map_or(SEGMENT_FRAMES, |distance| frame + 1 + distance)
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
