//! One blob being put together from the chunks of several peers.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_identity::PeerId;
use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use super::outline::Outline;
use crate::{
    limits::{BLOB_CHUNK_BYTES, BLOB_CHUNKS_ASKED},
    output::Fault,
    wire::ChunkName,
};

/// A peer that leaves a chunk unanswered for so long is not asked again for a while.
const STALLED_AFTER_NS: i64 = 5 * NANOS_PER_SECOND;

#[derive(Debug)]
pub(crate) struct Fetch {
    outline: Outline,
    bytes: Vec<u8>,
    /// Chunks that are neither here nor asked for.
    open: BTreeSet<u32>,
    asked: BTreeMap<u32, (PeerId, HostTime)>,
    received: u64,
    received_chunks: u32,
}

impl Fetch {
    pub fn new(outline: Outline) -> Self {
        let open = (0..outline.chunks().len() as u32).collect();
        // The number of chunks is bounded, and the pages are only touched as chunks arrive.
        let bytes = vec![0; outline.chunks().len() * BLOB_CHUNK_BYTES];
        Self { outline, bytes, open, asked: BTreeMap::new(), received: 0, received_chunks: 0 }
    }

    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    pub fn received(&self) -> u64 {
        self.received
    }

    pub fn received_chunks(&self) -> u32 {
        self.received_chunks
    }

    pub fn is_complete(&self) -> bool {
        self.open.is_empty() && self.asked.is_empty()
    }

    pub fn into_bytes(mut self) -> Vec<u8> {
        // All chunks but the last are full, or their hashes would differ.
        self.bytes.truncate(usize::try_from(self.received).unwrap_or(0));
        self.bytes
    }

    /// Takes a chunk in; `false` where it was not asked of that peer, or no more.
    pub fn take(&mut self, peer: PeerId, name: &ChunkName, chunk: &[u8]) -> Result<bool, Fault> {
        if self.asked.get(&name.index).is_none_or(|(asked, _)| *asked != peer) {
            return Ok(false);
        }
        if !self.outline.accepts(&name.sample, name.index, chunk) {
            return Err(Fault::WrongBlob);
        }
        self.asked.remove(&name.index);
        let start = name.index as usize * BLOB_CHUNK_BYTES;
        if let Some(place) = self.bytes.get_mut(start..start + chunk.len()) {
            place.copy_from_slice(chunk);
        }
        self.received += chunk.len() as u64;
        self.received_chunks += 1;
        Ok(true)
    }

    /// What to ask of whom now: the first missing chunks, each of the source with the least to do.
    pub fn next_requests(&mut self, sources: &BTreeSet<PeerId>, now: HostTime) -> Vec<(PeerId, u32)> {
        let mut requests = Vec::new();
        while let Some(index) = self.open.first().copied() {
            let load = |peer: &PeerId| self.asked.values().filter(|(asked, _)| asked == peer).count();
            let least = sources.iter().map(|peer| (load(peer), *peer)).min();
            let Some((_, peer)) = least.filter(|(load, _)| *load < BLOB_CHUNKS_ASKED) else { break };
            self.open.remove(&index);
            self.asked.insert(index, (peer, now));
            requests.push((peer, index));
        }
        requests
    }

    /// A peer is gone: what it was asked for is open again.
    pub fn lose(&mut self, peer: PeerId) {
        let lost: Vec<u32> =
            self.asked.iter().filter(|(_, (asked, _))| *asked == peer).map(|(index, _)| *index).collect();
        for index in lost {
            self.asked.remove(&index);
            self.open.insert(index);
        }
    }

    /// The peers that did not answer in time; what they were asked for is open again.
    pub fn stalled(&mut self, now: HostTime) -> Vec<PeerId> {
        let late = self.asked.values().filter(|(_, at)| now - *at >= STALLED_AFTER_NS);
        let peers: BTreeSet<PeerId> = late.map(|(peer, _)| *peer).collect();
        for peer in &peers {
            self.lose(*peer);
        }
        peers.into_iter().collect()
    }

    /// When the oldest request is late.
    pub fn due(&self) -> Option<HostTime> {
        self.asked.values().map(|(_, at)| *at + STALLED_AFTER_NS).min()
    }
}
