//! The small seeded generator that jitters pings and names timebases (SplitMix64). Nothing secret.

#[derive(Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        finish(self.0)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Scatters `word` over all numbers: equal words stay equal, near ones do not stay near.
pub(crate) const fn mix(word: u64) -> u64 {
    finish(word.wrapping_add(0x9e37_79b9_7f4a_7c15))
}

const fn finish(mut mixed: u64) -> u64 {
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
