//! The click that everybody plays, and finding it in what a card played.

use std::sync::Arc;

use antiphon_audio_io::VirtualCard;
use antiphon_engine::{SampleData, SamplePool};
use antiphon_model::SampleId;
use antiphon_testkit::sound;

pub const CLICK: SampleId = SampleId([1; 32]);
/// The click's top comes this many frames after its trigger.
pub const TOP: i64 = 24;
/// Frames of silence behind it, so that the sampler's fade at the end of a sample does not bend it.
const FRAMES: i64 = 400;
/// A fifth of what the click reaches.
const THRESHOLD: f32 = 0.08;
/// Triggers are thousands of frames apart: two onsets within this many frames would be one found twice.
const APART: usize = 200;

/// The click as the only sample there is: smooth, so that its place is known between frames.
pub fn click_pool() -> SamplePool {
    let frames = (0..FRAMES).map(|at| 0.5 * sound::smooth_click((at - TOP) as f64)).collect();
    SamplePool::from([(CLICK, Arc::new(SampleData { channels: 1, frames }))])
}

/// What one card played, boiled down to the true times of its clicks.
pub struct Onsets {
    card: VirtualCard,
    channels: usize,
    /// Played and not yet looked at, and the card's frame it begins with.
    rest: Vec<f32>,
    rest_from: usize,
    /// True times of the clicks' tops, in nanoseconds.
    pub heard_ns: Vec<f64>,
}

impl Onsets {
    pub fn of(card: VirtualCard, channels: u16) -> Self {
        Self { card, channels: usize::from(channels), rest: Vec::new(), rest_from: 0, heard_ns: Vec::new() }
    }

    /// Finds the clicks in what was played since the last time.
    pub fn listen(&mut self) {
        self.rest.extend(sound::channel(&self.card.take(), self.channels, 0));
        let found = sound::clicks(&self.rest, THRESHOLD, APART);
        // A click near the end may not be whole yet: it and what is before it stay for the next time.
        let whole = self.rest.len().saturating_sub(2 * APART);
        let cut_off = found.iter().map(|place| *place as usize).find(|place| *place >= whole);
        let done = cut_off.map_or(whole, |place| whole.min(place - APART.min(place)));
        for place in found.into_iter().filter(|place| (*place as usize) < done) {
            self.heard_ns.push(self.card.heard_ns(self.rest_from as f64 + place));
        }
        self.rest.drain(..done);
        self.rest_from += done;
    }
}
