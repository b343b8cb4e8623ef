//! The latest value of a few words, handed between threads without a lock.
//!
//! A sequence lock made of atomics only: the writer makes the version odd, writes the words and makes it
//! even again; a reader that saw the version change, or odd, has read nothing. There is one writer at a time,
//! it never waits, and neither does a reader: what it could not read now it asks for again in the next block.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering, fence};

/// `N` words, written by one thread and read by another.
#[derive(Debug)]
pub(crate) struct Latest<const N: usize> {
    version: AtomicU64,
    words: [AtomicI64; N],
}

impl<const N: usize> Latest<N> {
    /// Holds nothing yet.
    pub(crate) fn empty() -> Self {
        Self { version: AtomicU64::new(0), words: std::array::from_fn(|_| AtomicI64::new(0)) }
    }

    /// Replaces the value. Callers take turns.
    ///
    /// Thread: any. Real-time safe: yes.
    pub(crate) fn write(&self, value: [i64; N]) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        for (word, value) in self.words.iter().zip(value) {
            word.store(value, Ordering::Relaxed);
        }
        self.version.store(version.wrapping_add(2), Ordering::Release);
    }

    /// The value, unless there is none yet or it is being replaced at this instant.
    ///
    /// Thread: any. Real-time safe: yes.
    pub(crate) fn read(&self) -> Option<[i64; N]> {
        let before = self.version.load(Ordering::Acquire);
        if before == 0 || before % 2 == 1 {
            return None;
        }
        let value = std::array::from_fn(|at| self.words[at].load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        (self.version.load(Ordering::Relaxed) == before).then_some(value)
    }

    /// Like [`Self::read`], trying a few times for readers that have no next block.
    pub(crate) fn read_patiently(&self) -> Option<[i64; N]> {
        (0..64).find_map(|_| self.read())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_reader_never_sees_half_a_value() {
        let latest = Arc::new(Latest::<3>::empty());
        assert_eq!(latest.read(), None);
        let writer = {
            let latest = latest.clone();
            std::thread::spawn(move || (1..200_000).for_each(|n| latest.write([n, 2 * n, 3 * n])))
        };
        let mut seen = 0;
        while !writer.is_finished() || seen == 0 {
            if let Some([one, two, three]) = latest.read() {
                assert_eq!((two, three), (2 * one, 3 * one));
                seen += 1;
            }
        }
        assert!(writer.join().is_ok());
        assert_eq!(latest.read(), Some([199_999, 399_998, 599_997]));
    }
}
