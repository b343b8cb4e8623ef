//! Blobs read from the store for peers that fetch them, and the requests that wait.
//!
//! A blob is read whole and kept while it is asked for: at most [`BLOBS_SERVED_AT_ONCE`] at a time, the one
//! unused for longest goes first. How fast one peer is served is bounded, so that fetching samples never
//! crowds out edits.

use std::collections::{BTreeMap, VecDeque};

use antiphon_identity::PeerId;
use antiphon_model::SampleId;
use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use super::{Outputs, outline::Outline, send};
use crate::{
    limits::{BLOB_CHUNK_BYTES, BLOB_REQUESTS_MAX, BLOBS_SERVED_AT_ONCE},
    output::{Fault, SyncOutput},
    pace::Pace,
    wire::{BlobMessage, Chunk, ChunkName, OutlineForm},
};

/// Chunks a second to one peer: 64 MB/s.
const CHUNKS_PER_SECOND: u32 = 1_000;
/// How soon requests that had to wait are looked at again.
const LOOK_AGAIN_NS: i64 = NANOS_PER_SECOND / 200;
/// A blob that nobody asks for is dropped from memory after so long.
const IDLE_NS: i64 = 10 * NANOS_PER_SECOND;

#[derive(Debug, Default)]
pub(crate) struct Served {
    loaded: BTreeMap<SampleId, Loaded>,
    /// Blobs that the store was asked for.
    reading: BTreeMap<SampleId, ()>,
    waiting: BTreeMap<PeerId, Waiting>,
    look_again_at: Option<HostTime>,
}

#[derive(Debug)]
struct Loaded {
    bytes: Vec<u8>,
    outline: Outline,
    used_at: HostTime,
}

#[derive(Debug)]
struct Waiting {
    requests: VecDeque<Request>,
    pace: Pace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Outline(SampleId),
    Chunk(ChunkName),
}

impl Request {
    fn sample(self) -> SampleId {
        match self {
            Self::Outline(sample) => sample,
            Self::Chunk(name) => SampleId(name.sample),
        }
    }
}

impl Served {
    pub fn request_outline(
        &mut self,
        peer: PeerId,
        sample: SampleId,
        now: HostTime,
        outputs: &mut Outputs,
    ) -> Result<(), Fault> {
        self.enqueue(peer, Request::Outline(sample), now, outputs)
    }

    pub fn request(
        &mut self,
        peer: PeerId,
        name: ChunkName,
        now: HostTime,
        outputs: &mut Outputs,
    ) -> Result<(), Fault> {
        self.enqueue(peer, Request::Chunk(name), now, outputs)
    }

    /// The store's answer. `false` where it has not the bytes that belong to the name.
    pub fn fill(
        &mut self,
        sample: SampleId,
        bytes: Option<Vec<u8>>,
        now: HostTime,
        outputs: &mut Outputs,
    ) -> bool {
        if self.reading.remove(&sample).is_none() {
            return true;
        }
        let loaded = bytes.and_then(|bytes| {
            let (outline, hash) = Outline::of(&bytes);
            (hash == sample.0 && !bytes.is_empty()).then_some(Loaded { bytes, outline, used_at: now })
        });
        let Some(loaded) = loaded else {
            self.drop_requests(sample, outputs);
            return false;
        };
        self.loaded.insert(sample, loaded);
        self.evict();
        self.serve_all(now, outputs);
        true
    }

    pub fn peer_gone(&mut self, peer: PeerId) {
        self.waiting.remove(&peer);
    }

    pub fn handle_timeout(&mut self, now: HostTime, outputs: &mut Outputs) {
        self.loaded.retain(|_, loaded| now - loaded.used_at < IDLE_NS);
        self.serve_all(now, outputs);
    }

    pub fn due(&self) -> Option<HostTime> {
        let idle = self.loaded.values().map(|loaded| loaded.used_at + IDLE_NS).min();
        [self.look_again_at, idle].into_iter().flatten().min()
    }

    fn enqueue(
        &mut self,
        peer: PeerId,
        request: Request,
        now: HostTime,
        outputs: &mut Outputs,
    ) -> Result<(), Fault> {
        let waiting = self.waiting.entry(peer).or_insert_with(|| Waiting {
            requests: VecDeque::new(),
            pace: Pace::new(CHUNKS_PER_SECOND, BLOB_REQUESTS_MAX as u32),
        });
        if waiting.requests.contains(&request) {
            return Ok(());
        }
        // Outlines of all a song's samples may be asked for at once; chunks never that many.
        if waiting.requests.len() >= BLOB_REQUESTS_MAX + crate::limits::BLOBS_WANTED_MAX {
            return Err(Fault::TooMuch);
        }
        waiting.requests.push_back(request);
        self.serve_all(now, outputs);
        Ok(())
    }

    /// Serves every peer's requests in turn, as far as blobs are loaded and the pace allows.
    fn serve_all(&mut self, now: HostTime, outputs: &mut Outputs) {
        self.look_again_at = None;
        let mut unread = Vec::new();
        for (peer, waiting) in &mut self.waiting {
            let mut later = VecDeque::new();
            while let Some(request) = waiting.requests.pop_front() {
                match self.loaded.get_mut(&request.sample()) {
                    Some(loaded) if waiting.pace.take(now) => {
                        loaded.used_at = now;
                        answer(*peer, request, loaded, outputs);
                    }
                    Some(_) => {
                        self.look_again_at = Some(now + LOOK_AGAIN_NS);
                        later.push_back(request);
                    }
                    None => {
                        unread.push(request.sample());
                        later.push_back(request);
                    }
                }
            }
            waiting.requests = later;
        }
        for sample in unread {
            if self.reading.len() < BLOBS_SERVED_AT_ONCE && self.reading.insert(sample, ()).is_none() {
                outputs.push_back(SyncOutput::ReadBlob { sample });
            }
        }
    }

    fn evict(&mut self) {
        while self.loaded.len() > BLOBS_SERVED_AT_ONCE {
            let oldest =
                self.loaded.iter().min_by_key(|(_, loaded)| loaded.used_at).map(|(sample, _)| *sample);
            let Some(oldest) = oldest else { return };
            self.loaded.remove(&oldest);
        }
    }

    fn drop_requests(&mut self, sample: SampleId, outputs: &mut Outputs) {
        for (peer, waiting) in &mut self.waiting {
            let before = waiting.requests.len();
            waiting.requests.retain(|request| request.sample() != sample);
            if waiting.requests.len() < before {
                send(outputs, *peer, &BlobMessage::None(sample.0));
            }
        }
    }
}

fn answer(peer: PeerId, request: Request, loaded: &Loaded, outputs: &mut Outputs) {
    match request {
        Request::Outline(sample) => {
            let chunks = loaded.outline.chunks().to_vec();
            let form = OutlineForm { sample: sample.0, bytes: loaded.outline.bytes(), chunks };
            send(outputs, peer, &BlobMessage::Outline(form));
        }
        Request::Chunk(name) => {
            let start = (name.index as usize).saturating_mul(BLOB_CHUNK_BYTES);
            let end = start.saturating_add(BLOB_CHUNK_BYTES).min(loaded.bytes.len());
            // A chunk beyond the end was never in the outline: no answer is owed.
            if let Some(bytes) = loaded.bytes.get(start..end).filter(|bytes| !bytes.is_empty()) {
                send(outputs, peer, &BlobMessage::Chunk(Chunk { name, bytes }));
            }
        }
    }
}
