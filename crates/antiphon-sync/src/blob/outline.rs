//! The hashes by which each chunk of a blob is checked on arrival.
//!
//! BLAKE3 is a tree: the hash of a blob is merged from the chaining values of its 64 KiB chunks. A peer that
//! serves a blob sends those values first. They are merged and compared with the sample id once; from then on
//! every chunk is checked by itself, so that the peer that sent wrong bytes is known at once, and chunks of
//! several peers may be mixed.

use blake3::{
    Hasher,
    hazmat::{
        ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root,
    },
};

use crate::limits::{BLOB_BYTES_MAX, BLOB_CHUNK_BYTES};

const CHUNK: u64 = BLOB_CHUNK_BYTES as u64;

/// The chaining values of a blob's chunks, verified against its hash, and its length by a peer's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outline {
    bytes: u64,
    chunks: Vec<[u8; 32]>,
}

impl Outline {
    /// The outline of a blob, and the blob's hash.
    pub fn of(blob: &[u8]) -> (Self, [u8; 32]) {
        let chunks = (0u64..).zip(blob.chunks(BLOB_CHUNK_BYTES)).map(|(at, chunk)| value_of(at, chunk));
        let outline = Self { bytes: blob.len() as u64, chunks: chunks.collect() };
        (outline, *blake3::hash(blob).as_bytes())
    }

    /// Takes a peer's word for an outline where it leads to the hash.
    pub fn verified(hash: &[u8; 32], bytes: u64, chunks: Vec<[u8; 32]>) -> Option<Self> {
        if bytes == 0 || bytes > BLOB_BYTES_MAX || chunks.len() as u64 != bytes.div_ceil(CHUNK) {
            return None;
        }
        // A single chunk is the root itself and is checked by the hash; its value says nothing more.
        let leads_there = match chunks.len() {
            1 => true,
            _ => root(&chunks, bytes)? == *hash,
        };
        leads_there.then_some(Self { bytes, chunks })
    }

    /// Bytes of the blob.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The chaining values.
    pub fn chunks(&self) -> &[[u8; 32]] {
        &self.chunks
    }

    /// Is this the chunk at `index` of the blob with this hash?
    ///
    /// The hashes decide, also how long the last chunk is: the length that a peer gave is only its word.
    pub fn accepts(&self, hash: &[u8; 32], index: u32, chunk: &[u8]) -> bool {
        let Some(expected) = self.chunks.get(index as usize) else { return false };
        if chunk.is_empty() || chunk.len() > BLOB_CHUNK_BYTES {
            return false;
        }
        match self.chunks.len() {
            1 => blake3::hash(chunk).as_bytes() == hash,
            _ => value_of(u64::from(index), chunk) == *expected,
        }
    }

    /// Do both name the same chunks?
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.chunks.len() == other.chunks.len() && (self.is_unproven() || self.chunks == other.chunks)
    }

    /// A single chunk proves nothing until it is here.
    pub fn is_unproven(&self) -> bool {
        self.chunks.len() == 1
    }
}

fn value_of(index: u64, chunk: &[u8]) -> ChainingValue {
    Hasher::new().set_input_offset(index * CHUNK).update(chunk).finalize_non_root()
}

fn root(chunks: &[[u8; 32]], bytes: u64) -> Option<[u8; 32]> {
    let (left, right) = halves(chunks, bytes)?;
    let (left, right) = (subtree(left.0, left.1)?, subtree(right.0, right.1)?);
    Some(*merge_subtrees_root(&left, &right, Mode::Hash).as_bytes())
}

fn subtree(chunks: &[[u8; 32]], bytes: u64) -> Option<ChainingValue> {
    if let [only] = chunks {
        return Some(*only);
    }
    let (left, right) = halves(chunks, bytes)?;
    Some(merge_subtrees_non_root(&subtree(left.0, left.1)?, &subtree(right.0, right.1)?, Mode::Hash))
}

type Half<'a> = (&'a [[u8; 32]], u64);

/// A tree's left half is the largest power of two of chunks that leaves something for the right.
fn halves(chunks: &[[u8; 32]], bytes: u64) -> Option<(Half<'_>, Half<'_>)> {
    if chunks.len() < 2 {
        return None;
    }
    let left_bytes = left_subtree_len(bytes);
    let (left, right) = chunks.split_at_checked(usize::try_from(left_bytes / CHUNK).ok()?)?;
    Some(((left, left_bytes), (right, bytes - left_bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn blob(bytes: usize) -> Vec<u8> {
        (0..bytes as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn an_honest_outline_leads_to_the_hash_and_takes_each_chunk(bytes in 1usize..900_000, tail in 0usize..3) {
            let blob = blob(bytes / BLOB_CHUNK_BYTES * BLOB_CHUNK_BYTES + tail + usize::from(bytes < BLOB_CHUNK_BYTES));
            let (outline, hash) = Outline::of(&blob);
            let verified = Outline::verified(&hash, outline.bytes(), outline.chunks().to_vec());
            prop_assert_eq!(verified.as_ref(), Some(&outline));
            for (index, chunk) in (0..).zip(blob.chunks(BLOB_CHUNK_BYTES)) {
                prop_assert!(outline.accepts(&hash, index, chunk));
                let mut wrong = chunk.to_vec();
                wrong[0] ^= 1;
                prop_assert!(!outline.accepts(&hash, index, &wrong));
            }
        }

        #[test]
        fn a_wrong_outline_is_refused(chunks in 2usize..12, flip in 0usize..11) {
            let (outline, hash) = Outline::of(&blob(chunks * BLOB_CHUNK_BYTES - 7));
            let mut values = outline.chunks().to_vec();
            values[flip % chunks][3] ^= 1;
            prop_assert_eq!(Outline::verified(&hash, outline.bytes(), values), None);
        }
    }
}
