//! The admitted envelopes: in the order of their admission, and by actor.
//!
//! The order of admission follows dependencies, so any selection of it can be sent as it stands.

use std::collections::BTreeMap;

use antiphon_document::ActorId;

use crate::wire::{Have, HaveActor};

/// An envelope by its place in the order of admission.
pub(crate) type Place = u32;

/// An admitted envelope.
#[derive(Debug)]
pub(crate) struct Entry {
    pub actor: [u8; 32],
    pub seq: u64,
    pub envelope: Box<[u8]>,
}

#[derive(Debug, Default)]
struct ActorLog {
    places: Vec<Place>,
    head: [u8; 32],
}

/// Every admitted envelope of a session, as bytes that can be sent and stored.
#[derive(Debug, Default)]
pub(crate) struct ChangeLog {
    entries: Vec<Entry>,
    actors: BTreeMap<[u8; 32], ActorLog>,
    bytes: usize,
    digest: Option<[u8; 32]>,
}

impl ChangeLog {
    /// Appends an envelope that was admitted as the actor's next change.
    pub fn push(&mut self, actor: ActorId, hash: [u8; 32], envelope: Vec<u8>) {
        let place = self.entries.len() as Place;
        let log = self.actors.entry(actor.0).or_default();
        log.places.push(place);
        log.head = hash;
        self.bytes += envelope.len();
        let (actor, seq) = (actor.0, log.places.len() as u64);
        self.entries.push(Entry { actor, seq, envelope: envelope.into_boxed_slice() });
        self.digest = None;
    }

    pub fn get(&self, place: Place) -> Option<&Entry> {
        self.entries.get(place as usize)
    }

    /// Every envelope, in order.
    pub fn envelopes(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|entry| &*entry.envelope)
    }

    /// Bytes of all envelopes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of the actor's last change; zero where there is none.
    pub fn seq(&self, actor: &[u8; 32]) -> u64 {
        self.actors.get(actor).map_or(0, |log| log.places.len() as u64)
    }

    /// Where an actor's change stands.
    pub fn place_of(&self, actor: &[u8; 32], seq: u64) -> Option<Place> {
        let at = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.actors.get(actor)?.places.get(at).copied()
    }

    /// The envelope of an actor's change.
    pub fn envelope_of(&self, actor: &[u8; 32], seq: u64) -> Option<&[u8]> {
        Some(&self.get(self.place_of(actor, seq)?)?.envelope)
    }

    /// What we have; nothing of the actors for which `unwanted` says so is asked for.
    pub fn have(&self, unwanted: impl Fn(&[u8; 32]) -> bool) -> Have {
        let actors = self.actors.iter().map(|(actor, log)| HaveActor {
            actor: *actor,
            seq: if unwanted(actor) { u64::MAX } else { log.places.len() as u64 },
            head: log.head,
        });
        Have { actors: actors.collect() }
    }

    /// Equal for two peers exactly when they have admitted the same changes.
    pub fn digest(&mut self) -> [u8; 32] {
        if let Some(digest) = self.digest {
            return digest;
        }
        let mut hasher = blake3::Hasher::new();
        for (actor, log) in &self.actors {
            hasher.update(actor).update(&(log.places.len() as u64).to_le_bytes()).update(&log.head);
        }
        *self.digest.insert(*hasher.finalize().as_bytes())
    }

    /// What somebody lacks who has `theirs` of each actor, in the order of admission.
    pub fn missing(&self, theirs: impl Fn(&[u8; 32]) -> u64) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for (actor, log) in &self.actors {
            let known = usize::try_from(theirs(actor)).unwrap_or(usize::MAX).min(log.places.len());
            places.extend(log.places.get(known..).unwrap_or_default());
        }
        places.sort_unstable();
        places
    }

    /// Has somebody with this list anything that we lack?
    pub fn lacks(&self, have: &Have) -> bool {
        have.actors.iter().any(|theirs| theirs.seq != u64::MAX && theirs.seq > self.seq(&theirs.actor))
    }
}
