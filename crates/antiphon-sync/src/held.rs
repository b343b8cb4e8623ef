//! Changes that came before what they depend on.
//!
//! They are verified as far as that goes without their past, kept within bounds, and tried again when what
//! they wait for is admitted. Dropping one loses nothing: its sender still has it, and reconciling brings it
//! in order.

use std::collections::{HashMap, HashSet};

use antiphon_identity::PeerId;

use crate::{
    envelope::Envelope,
    limits::{HELD_BYTES_MAX, HELD_CHANGES_MAX},
};

/// A change that waits, and who sent it.
#[derive(Debug)]
pub(crate) struct Held {
    pub envelope: Envelope,
    pub from: PeerId,
    hash: [u8; 32],
}

/// All changes that wait, by the change they wait for.
#[derive(Debug, Default)]
pub(crate) struct HeldChanges {
    waiting: HashMap<[u8; 32], Vec<Held>>,
    hashes: HashSet<[u8; 32]>,
    bytes: usize,
}

impl HeldChanges {
    /// Keeps a change that waits for `missing`; dropped where there is no room.
    pub fn hold(&mut self, hash: [u8; 32], missing: [u8; 32], envelope: Envelope, from: PeerId) {
        let bytes = envelope.change.len();
        let full = self.hashes.len() >= HELD_CHANGES_MAX || self.bytes + bytes > HELD_BYTES_MAX;
        if full || !self.hashes.insert(hash) {
            return;
        }
        self.bytes += bytes;
        self.waiting.entry(missing).or_default().push(Held { envelope, from, hash });
    }

    /// Takes out the changes that waited for `hash`.
    pub fn released_by(&mut self, hash: &[u8; 32]) -> Vec<Held> {
        let released = self.waiting.remove(hash).unwrap_or_default();
        for held in &released {
            self.hashes.remove(&held.hash);
            self.bytes = self.bytes.saturating_sub(held.envelope.change.len());
        }
        released
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }
}
