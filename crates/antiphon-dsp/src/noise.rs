//! White noise that is the same wherever the same seed is.

/// xorshift64*: small state, no bias to hear, and a good start from any seed by way of [`mix_seed`].
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    state: u64,
}

impl Noise {
    /// Noise that depends on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self { state: mix_seed(seed, 0x9e37_79b9_7f4a_7c15) | 1 }
    }

    #[inline]
    fn bits(&mut self) -> u32 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    /// The next value, uniform in -1 to 1.
    #[inline]
    pub fn next_value(&mut self) -> f32 {
        self.bits() as i32 as f32 * (1.0 / 2_147_483_648.0)
    }

    /// The next value, uniform in 0 to 1.
    #[inline]
    pub fn next_unipolar(&mut self) -> f32 {
        self.next_value() * 0.5 + 0.5
    }
}

/// Mixes two numbers into one seed (the finalizer of SplitMix64): near inputs, unrelated outputs.
pub fn mix_seed(a: u64, b: u64) -> u64 {
    let mut z = a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_no_mean_and_the_power_of_a_uniform_value() {
        let mut noise = Noise::new(7);
        let values: Vec<f64> = (0..100_000).map(|_| f64::from(noise.next_value())).collect();
        let mean = values.iter().sum::<f64>() / 1e5;
        let power = values.iter().map(|v| v * v).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.01 && (power - 1.0 / 3.0).abs() < 0.01);
    }

    #[test]
    fn near_seeds_give_unrelated_noise() {
        let (mut a, mut b) = (Noise::new(1), Noise::new(2));
        let product: f64 =
            (0..100_000).map(|_| f64::from(a.next_value() * b.next_value())).sum::<f64>() / 1e5;
        assert!(product.abs() < 0.005);
    }
}
