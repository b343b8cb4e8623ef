//! How many peers an island has, when nobody hears them all.
//!
//! Each peer tells roughly *whom* it hears in its timebase: one bit of 128 per key, by a hash. It never
//! passes on what it was told, so nobody is kept alive by rumour. A bit counts once enough distinct
//! neighbours set it; the more peers there are, the more could lie, and the more must say the same. From
//! the share of bits that count follows the number of peers.
#![allow(
    clippy::disallowed_methods,
    reason = "counts peers to decide a merge; nobody has to get the same bits"
)]

use crate::{PeerKey, rng::mix};

const BITS: u32 = u128::BITS;

/// A rough set of peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Company(pub u128);

impl Company {
    /// The set of these peers.
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a PeerKey>) -> Self {
        Self(keys.into_iter().fold(0, |bits, key| bits | 1 << bit_of(key)))
    }

    /// Whom at least one of these sets contains.
    pub fn union(sets: impl IntoIterator<Item = Self>) -> Self {
        Self(sets.into_iter().fold(0, |bits, set| bits | set.0))
    }

    /// How many peers most likely make this set (linear counting, Whang 1990).
    pub fn size(self) -> usize {
        let share_empty = f64::from(self.0.count_zeros().max(1)) / f64::from(BITS);
        (-f64::from(BITS) * share_empty.ln()).round() as usize
    }

    /// Whom at least `witnesses` of these sets contain.
    pub fn agreed(sets: &[Self], witnesses: usize) -> Self {
        let is_agreed = |bit: &u32| sets.iter().filter(|set| set.0 >> bit & 1 == 1).count() >= witnesses;
        Self((0..BITS).filter(is_agreed).fold(0, |bits, bit| bits | 1 << bit))
    }
}

fn bit_of(key: &PeerKey) -> u32 {
    let words = key.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    (words.fold(0, |hash, word| mix(hash ^ word)) % u64::from(BITS)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: usize) -> Vec<PeerKey> {
        (0..count)
            .map(|n| std::array::from_fn(|byte| if byte < 2 { (n >> (8 * byte)) as u8 } else { 7 }))
            .collect()
    }

    #[test]
    fn the_size_of_a_company_is_told_to_a_fifth() {
        for count in [0, 1, 4, 10, 50, 100, 200] {
            let size = Company::of(&keys(count)).size() as f64;
            assert!((size - count as f64).abs() <= 1.0 + count as f64 / 5.0, "{count} look like {size}");
        }
        assert_eq!(Company(u128::MAX).size(), 621, "a full set is no more than that");
    }

    #[test]
    fn what_a_single_liar_says_counts_for_nothing() {
        let honest = Company::of(&keys(5));
        let sets = [honest, honest, Company(u128::MAX)];
        assert_eq!(Company::agreed(&sets, 2), honest);
        assert_eq!(Company::agreed(&sets, 4), Company::default());
    }
}
