//! What was played lately, so that an edit that moves it into the future does not play it again.

/// Hits remembered per track: every hit of the last two steps of the slowest speed, were they steps of the quickest.
const REMEMBERED: usize = 512;

/// The last hits of a track, by their keys. The keys are 64-bit hashes; two alike among so few happen once in 10¹⁴ songs.
#[derive(Debug)]
pub(crate) struct Played {
    keys: Box<[u64; REMEMBERED]>,
    count: usize,
}

impl Played {
    pub(crate) fn new() -> Self {
        Self { keys: Box::new([0; REMEMBERED]), count: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    pub(crate) fn add(&mut self, key: u64) {
        self.keys[self.count % REMEMBERED] = key;
        self.count = self.count.wrapping_add(1);
    }

    pub(crate) fn has(&self, key: u64) -> bool {
        self.keys[..self.count.min(REMEMBERED)].contains(&key)
    }
}
