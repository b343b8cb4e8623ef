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
    search: Search,
    /// True times of the clicks' tops, in nanoseconds.
    pub heard_ns: Vec<f64>,
}

impl Onsets {
    pub fn of(card: VirtualCard, channels: u16) -> Self {
        Self { card, channels: usize::from(channels), search: Search::default(), heard_ns: Vec::new() }
    }

    /// Finds the clicks in what was played since the last time.
    pub fn listen(&mut self) {
        let places = self.search.go_on(&sound::channel(&self.card.take(), self.channels, 0));
        self.heard_ns.extend(places.into_iter().map(|place| self.card.heard_ns(place)));
    }
}

/// The search for clicks in a recording that comes in pieces.
#[derive(Default)]
struct Search {
    /// Not yet searched to its end, and the frame it begins with.
    rest: Vec<f32>,
    rest_from: usize,
}

impl Search {
    /// The frames of the clicks that are known to be whole now.
    fn go_on(&mut self, piece: &[f32]) -> Vec<f64> {
        self.rest.extend(piece);
        let mut places = sound::clicks(&self.rest, THRESHOLD, APART);
        // What is cut off here must not leave the foot of a click that is counted: it would be found again.
        let whole = self.rest.len().saturating_sub(2 * APART);
        let counted = places.partition_point(|place| *place as usize + APART < whole);
        let cut =
            places.get(counted).map_or(whole, |place| (*place as usize).saturating_sub(APART).min(whole));
        places.truncate(counted);
        let from = self.rest_from as f64;
        places.iter_mut().for_each(|place| *place += from);
        self.rest.drain(..cut);
        self.rest_from += cut;
        places
    }
}

#[test]
fn a_click_is_found_once_wherever_the_recording_is_cut() {
    let click = 1_000.25;
    let recording: Vec<f32> = (0..4_000).map(|at| 0.5 * sound::smooth_click(f64::from(at) - click)).collect();
    for cut in 1..2_000 {
        let mut search = Search::default();
        let (one, other) = recording.split_at(cut);
        let found: Vec<f64> = [one, other].into_iter().flat_map(|piece| search.go_on(piece)).collect();
        assert!(matches!(found[..], [place] if (place - click).abs() < 0.03), "cut at {cut}: {found:?}");
    }
}
