//! A checksum in every value, so that damage is noticed where it is and never mistaken for music.
//!
//! The checksum covers the key too: a value that ended up under another key is damage as well.

const CHECKSUM_BYTES: usize = 8;

/// The value as it is stored.
pub(crate) fn seal(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(CHECKSUM_BYTES + value.len());
    sealed.extend_from_slice(&checksum(key, value));
    sealed.extend_from_slice(value);
    sealed
}

/// The value that was sealed under this key; `None` where it is not intact.
pub(crate) fn unseal<'a>(key: &[u8], sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (sum, value) = sealed.split_at_checked(CHECKSUM_BYTES)?;
    (sum == checksum(key, value)).then_some(value)
}

fn checksum(key: &[u8], value: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(value);
    let mut sum = [0; CHECKSUM_BYTES];
    hasher.finalize_xof().fill(&mut sum);
    sum
}

#[cfg(test)]
mod tests {
    use super::{seal, unseal};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sealed_value_opens_under_its_own_key_only(key in prop::collection::vec(any::<u8>(), 0..20), value in prop::collection::vec(any::<u8>(), 0..60), bit in any::<prop::sample::Index>()) {
            let mut sealed = seal(&key, &value);
            prop_assert_eq!(unseal(&key, &sealed), Some(value.as_slice()));
            prop_assert_eq!(unseal(&[key.as_slice(), b"x"].concat(), &sealed), None);
            let bit = bit.index(sealed.len() * 8);
            sealed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(unseal(&key, &sealed), None);
        }
    }
}
