//! Seeded randomness (xoshiro256++, seeded by SplitMix64) and the distributions that delays have.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

/// A generator that gives the same numbers for the same seed on every machine.
#[derive(Debug, Clone)]
pub struct SeededRng([u64; 4]);

impl SeededRng {
    /// A generator for `seed`.
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        Self(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        }))
    }

    /// The generator of one named thing of a seed, so that what else there is does not shift its numbers.
    pub fn of(seed: u64, thing: &str, a: usize, b: usize) -> Self {
        // FNV-1a, then the mixing of `new`.
        let name = thing.bytes().map(u64::from).chain([a as u64, b as u64]);
        let hash =
            name.fold(0xcbf2_9ce4_8422_2325, |hash: u64, word| (hash ^ word).wrapping_mul(0x0100_0000_01b3));
        Self::new(hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// An independent generator, so that one part's use does not shift another's numbers.
    pub fn fork(&mut self) -> Self {
        Self::new(self.next_u64())
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in [`low`, `high`).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in 0..`bound`; 0 when `bound` is.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `choices`.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len()))
    }

    /// Any order with the same probability.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next_u64() as u8)
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Log-normal with this mean and standard deviation of its own (not of its logarithm).
    pub fn log_normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let variance = (1.0 + (deviation / mean).powi(2)).ln();
        (mean.ln() - variance / 2.0 + variance.sqrt() * self.normal()).exp()
    }

    /// Gamma with this mean and standard deviation, for means of at least the deviation.
    pub fn gamma(&mut self, mean: f64, deviation: f64) -> f64 {
        // Marsaglia and Tsang 2000.
        let shape = (mean / deviation).powi(2);
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && (1.0 - self.unit()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v * mean / shape;
            }
        }
    }

    /// Pareto of exponent 1 between `low` and `high`.
    pub fn pareto(&mut self, low: f64, high: f64) -> f64 {
        1.0 / self.between(1.0 / high, 1.0 / low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let values: Vec<f64> = (0..200_000).map(|_| draw()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
        (mean, variance.sqrt())
    }

    #[test]
    fn distributions_have_the_moments_they_are_asked_for() {
        let rng = &mut SeededRng::new(1);
        let close = |(mean, deviation): (f64, f64), expected: (f64, f64)| {
            assert!((mean - expected.0).abs() < 0.02 * expected.1, "mean {mean}, not {}", expected.0);
            assert!((deviation / expected.1 - 1.0).abs() < 0.03, "deviation {deviation}");
        };
        close(moments(|| rng.unit()), (0.5, 1.0 / 12.0_f64.sqrt()));
        close(moments(|| rng.normal()), (0.0, 1.0));
        close(moments(|| rng.exponential(3.0)), (3.0, 3.0));
        close(moments(|| rng.gamma(0.08, 0.05)), (0.08, 0.05));
        close(moments(|| rng.log_normal(2.2, 1.0)), (2.2, 1.0));
    }

    #[test]
    fn things_of_a_seed_have_numbers_of_their_own() {
        let first = |seed, thing, a, b| SeededRng::of(seed, thing, a, b).next_u64();
        let mut all: Vec<u64> =
            (0..20).flat_map(|n| [first(n, "x", 1, 2), first(0, "y", n as usize, 3)]).collect();
        assert_eq!(first(7, "x", 1, 2), first(7, "x", 1, 2));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 40);
    }

    #[test]
    fn a_shuffle_keeps_what_it_mixes() {
        let mut items: Vec<usize> = (0..100).collect();
        SeededRng::new(2).shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
