//! The stretch of the canonical stream that the resampler is reading, pulled from the source as it goes.

use antiphon_timeline::Frames;

use crate::{position::Position, resampler::EdgeResampler, source::Source};

/// Frames pulled in one call at most.
const PULL_FRAMES_MAX: usize = 512;

/// A moving window of stream frames, left and right apart so that sums vectorise.
pub(crate) struct Reader {
    source: Box<dyn Source>,
    resampler: EdgeResampler,
    left: Box<[f32]>,
    right: Box<[f32]>,
    /// Stream frame of index 0.
    first: i64,
    held: usize,
    pulled: Box<[f32]>,
}

impl Reader {
    /// Reads `source` for a card of `rate`, up to `stretch` stream frames at once. Allocates.
    pub(crate) fn new(source: Box<dyn Source>, rate: u32, stretch: usize) -> Self {
        let resampler = EdgeResampler::new(rate);
        let room = stretch + 2 * resampler.reach() + PULL_FRAMES_MAX;
        Self {
            source,
            resampler,
            left: vec![0.0; room].into_boxed_slice(),
            right: vec![0.0; room].into_boxed_slice(),
            first: 0,
            held: 0,
            pulled: vec![0.0; 2 * PULL_FRAMES_MAX].into_boxed_slice(),
        }
    }

    /// Forgets the past: what is read next is a new segment.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn jump(&mut self, to: Position) {
        self.held = 0;
        self.first = to.frame() - (self.resampler.reach() as i64 - 1);
    }

    /// Writes the stream at `from`, `from + per_frame` ... into `out`, interleaved stereo.
    ///
    /// Thread: audio. Real-time safe: yes, if the source is.
    pub(crate) fn read(&mut self, from: Position, per_frame: i64, out: &mut [f32]) {
        let count = (out.len() / 2) as i128;
        let last = Position(from.0 + i128::from(per_frame) * (count - 1).max(0));
        self.hold(from.frame(), last.frame());
        let before = self.resampler.reach() as i64 - 1;
        let width = 2 * self.resampler.reach();
        // Relative to the window a place fits into 64 bits.
        let mut place = (from.0 - Position::of(Frames(self.first + before)).0) as i64;
        for frame in out.as_chunks_mut::<2>().0 {
            let index = (place >> 32) as usize;
            let window = index..index.saturating_add(width);
            let (left, right) = match (self.left.get(window.clone()), self.right.get(window)) {
                (Some(left), Some(right)) => self.resampler.read(left, right, place as u32),
                // Only a ratio beyond every limit would get here; silence is safer than a panic.
                _ => (0.0, 0.0),
            };
            *frame = [left, right];
            place += per_frame;
        }
    }

    /// Makes the window hold all that reading at frames `low` to `high` needs, and little before.
    fn hold(&mut self, low: i64, high: i64) {
        let reach = self.resampler.reach() as i64;
        let passed = usize::try_from(low - (reach - 1) - self.first).unwrap_or(0).min(self.held);
        self.left.copy_within(passed..self.held, 0);
        self.right.copy_within(passed..self.held, 0);
        self.first += passed as i64;
        self.held -= passed;
        let wanted = usize::try_from(high + reach + 1 - self.first).unwrap_or(0).min(self.left.len());
        while self.held < wanted {
            let count = (wanted - self.held).min(PULL_FRAMES_MAX);
            let pulled = &mut self.pulled[..2 * count];
            self.source.render(Frames(self.first + self.held as i64), pulled);
            let places = self.left[self.held..].iter_mut().zip(&mut self.right[self.held..]);
            for (frame, (left, right)) in pulled.as_chunks::<2>().0.iter().zip(places) {
                [*left, *right] = *frame;
            }
            self.held += count;
        }
    }
}
