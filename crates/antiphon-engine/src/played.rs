//! What was played lately, so that an edit that moves it into the future does not play it again.

use antiphon_timeline::Ticks;

use crate::score::SLOWEST_STEP;

/// Hits remembered per track: more than sixty steps of the quickest ratchets.
const REMEMBERED: usize = 512;
/// A hit that an edit moves by less than this is still the same hit. Micro-timing, swing and ratchets move a step by
/// less than three of its own lengths; a free note that is dragged further is a note of another place.
pub(crate) const SAME_HIT: i64 = SLOWEST_STEP * 3;

/// The last hits of a track: their keys, and where they were played. The keys are 64-bit hashes; two alike among so few
/// happen once in 10¹⁴ songs.
#[derive(Debug)]
pub(crate) struct Played {
    keys: Box<[u64; REMEMBERED]>,
    ticks: Box<[Ticks; REMEMBERED]>,
    count: usize,
}

impl Played {
    pub(crate) fn new() -> Self {
        Self { keys: Box::new([0; REMEMBERED]), ticks: Box::new([Ticks::ZERO; REMEMBERED]), count: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    pub(crate) fn add(&mut self, key: u64, tick: Ticks) {
        let at = self.count % REMEMBERED;
        (self.keys[at], self.ticks[at]) = (key, tick);
        // Once it is full it stays full.
        self.count = if self.count + 1 == REMEMBERED * 2 { REMEMBERED } else { self.count + 1 };
    }

    /// Was the hit of this key that now lies at `tick` played?
    pub(crate) fn has(&self, key: u64, tick: Ticks) -> bool {
        let known = self.keys.iter().zip(self.ticks.iter()).take(self.count);
        known.into_iter().any(|(known, at)| *known == key && (tick - *at).abs() < SAME_HIT)
    }
}
