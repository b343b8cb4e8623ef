//! Samples on their way between peers.
//!
//! Whoever lacks a blob asks every member for it. Those who have it answer with its [`Outline`]; the chunks
//! are then asked of all of them, a few at a time from each. A chunk is checked on arrival, so a wrong one
//! tells who sent it; what a peer that went away had been asked for is asked of the others. A peer that does
//! not have the blob remembers who asked, and tells them when it does.

mod fetch;
mod outline;
mod serve;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use antiphon_identity::PeerId;
use antiphon_model::SampleId;
use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use self::{fetch::Fetch, outline::Outline, serve::Served};
use crate::{
    limits::{BLOB_INTERESTS_MAX, BLOBS_FETCHED_AT_ONCE, BLOBS_WANTED_MAX, SESSION_BLOB_BYTES_MAX},
    output::{Fault, SyncOutput},
    wire::{BlobMessage, ChunkName, OutlineForm},
};

/// How often a blob that nobody has is asked for again.
const ASK_AGAIN_NS: i64 = 5 * NANOS_PER_SECOND;
/// Progress is told once in so many chunks: once a mebibyte.
const PROGRESS_EVERY_CHUNKS: u32 = 16;

/// The blobs of one session.
#[derive(Debug, Default)]
pub(crate) struct BlobExchange {
    stored: BTreeSet<SampleId>,
    wanted: BTreeMap<SampleId, Wanted>,
    /// Members with an open link, and what each lacked when it asked.
    peers: BTreeMap<PeerId, BTreeSet<SampleId>>,
    served: Served,
    fetched_bytes: u64,
    ask_again_at: Option<HostTime>,
}

/// A blob we lack.
#[derive(Debug, Default)]
struct Wanted {
    /// Members that said they have it.
    sources: BTreeSet<PeerId>,
    fetch: Option<Fetch>,
}

type Outputs = VecDeque<SyncOutput>;

impl BlobExchange {
    /// A blob is in our store.
    pub fn have(&mut self, sample: SampleId, outputs: &mut Outputs) {
        self.wanted.remove(&sample);
        if !self.stored.insert(sample) {
            return;
        }
        for (peer, interests) in &mut self.peers {
            if interests.remove(&sample) {
                send(outputs, *peer, &BlobMessage::Have(sample.0));
            }
        }
    }

    /// A blob is needed. `false` where it cannot be waited for.
    pub fn need(&mut self, sample: SampleId, now: HostTime, outputs: &mut Outputs) -> bool {
        if self.stored.contains(&sample) || self.wanted.contains_key(&sample) {
            return true;
        }
        if self.wanted.len() >= BLOBS_WANTED_MAX {
            return false;
        }
        self.wanted.insert(sample, Wanted::default());
        for peer in self.peers.keys() {
            send(outputs, *peer, &BlobMessage::Want(sample.0));
        }
        self.ask_again_at.get_or_insert(now + ASK_AGAIN_NS);
        true
    }

    /// A blob is not needed any more.
    pub fn forget(&mut self, sample: SampleId) {
        self.wanted.remove(&sample);
    }

    /// The store's answer to [`SyncOutput::ReadBlob`].
    pub fn read(&mut self, sample: SampleId, bytes: Option<Vec<u8>>, now: HostTime, outputs: &mut Outputs) {
        if !self.served.fill(sample, bytes, now, outputs) {
            self.stored.remove(&sample);
        }
    }

    /// A member's link opened.
    pub fn peer_open(&mut self, peer: PeerId, outputs: &mut Outputs) {
        self.peers.insert(peer, BTreeSet::new());
        for sample in self.wanted.keys() {
            send(outputs, peer, &BlobMessage::Want(sample.0));
        }
    }

    /// A member's link closed.
    pub fn peer_gone(&mut self, peer: PeerId, now: HostTime, outputs: &mut Outputs) {
        self.peers.remove(&peer);
        self.served.peer_gone(peer);
        for (sample, wanted) in &mut self.wanted {
            wanted.lose(peer);
            wanted.ask(*sample, now, outputs);
        }
    }

    /// A frame on the blob channel, from a member with an open link.
    pub fn handle(
        &mut self,
        peer: PeerId,
        message: BlobMessage<'_>,
        now: HostTime,
        outputs: &mut Outputs,
    ) -> Result<(), Fault> {
        match message {
            BlobMessage::Want(sample) => self.handle_want(peer, SampleId(sample), now, outputs),
            BlobMessage::Have(sample) if self.wanted.contains_key(&SampleId(sample)) => {
                send(outputs, peer, &BlobMessage::Want(sample));
                Ok(())
            }
            BlobMessage::None(sample) => {
                if let Some(wanted) = self.wanted.get_mut(&SampleId(sample)) {
                    wanted.lose(peer);
                    wanted.ask(SampleId(sample), now, outputs);
                }
                Ok(())
            }
            BlobMessage::Outline(form) => self.handle_outline(peer, form, now, outputs),
            BlobMessage::WantChunk(name) if self.stored.contains(&SampleId(name.sample)) => {
                self.served.request(peer, name, now, outputs)
            }
            BlobMessage::WantChunk(name) => {
                send(outputs, peer, &BlobMessage::None(name.sample));
                Ok(())
            }
            BlobMessage::Chunk(chunk) => self.handle_chunk(peer, chunk.name, chunk.bytes, now, outputs),
            BlobMessage::Have(_) | BlobMessage::Unknown => Ok(()),
        }
    }

    /// Performs what is due.
    pub fn handle_timeout(&mut self, now: HostTime, outputs: &mut Outputs) {
        self.served.handle_timeout(now, outputs);
        for (sample, wanted) in &mut self.wanted {
            for peer in wanted.fetch.as_mut().map(|fetch| fetch.stalled(now)).unwrap_or_default() {
                wanted.sources.remove(&peer);
            }
            wanted.ask(*sample, now, outputs);
        }
        if self.ask_again_at.is_some_and(|at| at <= now) {
            self.ask_again_at = (!self.wanted.is_empty()).then_some(now + ASK_AGAIN_NS);
            let lonely =
                self.wanted.iter().filter(|(_, wanted)| wanted.fetch.is_none() || wanted.sources.is_empty());
            for sample in lonely.map(|(sample, _)| *sample).collect::<Vec<_>>() {
                for peer in self.peers.keys() {
                    send(outputs, *peer, &BlobMessage::Want(sample.0));
                }
            }
        }
    }

    /// When something is due next.
    pub fn due(&self) -> Option<HostTime> {
        let stalls = self.wanted.values().filter_map(|wanted| wanted.fetch.as_ref()?.due()).min();
        [self.ask_again_at, stalls, self.served.due()].into_iter().flatten().min()
    }

    fn handle_want(
        &mut self,
        peer: PeerId,
        sample: SampleId,
        now: HostTime,
        outputs: &mut Outputs,
    ) -> Result<(), Fault> {
        if self.stored.contains(&sample) {
            return self.served.request_outline(peer, sample, now, outputs);
        }
        if let Some(interests) = self.peers.get_mut(&peer)
            && interests.len() < BLOB_INTERESTS_MAX
        {
            interests.insert(sample);
        }
        send(outputs, peer, &BlobMessage::None(sample.0));
        Ok(())
    }

    fn handle_outline(
        &mut self,
        peer: PeerId,
        form: OutlineForm,
        now: HostTime,
        outputs: &mut Outputs,
    ) -> Result<(), Fault> {
        let sample = SampleId(form.sample);
        let fetching = self.wanted.values().filter(|wanted| wanted.fetch.is_some()).count();
        // Late answers are no fault: the blob may have come from another peer meanwhile.
        let Some(wanted) = self.wanted.get_mut(&sample) else { return Ok(()) };
        let outline = Outline::verified(&form.sample, form.bytes, form.chunks).ok_or(Fault::WrongBlob)?;
        let bytes = outline.bytes();
        match &wanted.fetch {
            Some(fetch) if fetch.outline().agrees_with(&outline) => {}
            // Somebody claimed a single chunk, which nothing proves; several chunks are proven by the hash.
            Some(fetch) if fetch.outline().is_unproven() => {
                wanted.sources.clear();
                wanted.fetch = Some(Fetch::new(outline));
            }
            Some(_) => return Err(Fault::WrongBlob),
            None if fetching >= BLOBS_FETCHED_AT_ONCE => return Ok(()),
            None if self.fetched_bytes.saturating_add(bytes) > SESSION_BLOB_BYTES_MAX => return Ok(()),
            None => wanted.fetch = Some(Fetch::new(outline)),
        }
        wanted.sources.insert(peer);
        wanted.ask(sample, now, outputs);
        Ok(())
    }

    fn handle_chunk(
        &mut self,
        peer: PeerId,
        name: ChunkName,
        chunk: &[u8],
        now: HostTime,
        outputs: &mut Outputs,
    ) -> Result<(), Fault> {
        let sample = SampleId(name.sample);
        let Some(wanted) = self.wanted.get_mut(&sample) else { return Ok(()) };
        let Some(fetch) = &mut wanted.fetch else { return Ok(()) };
        if !fetch.take(peer, &name, chunk)? {
            return Ok(());
        }
        if !fetch.is_complete() {
            if fetch.received_chunks() % PROGRESS_EVERY_CHUNKS == 1 {
                let (received, bytes) = (fetch.received(), fetch.outline().bytes());
                outputs.push_back(SyncOutput::BlobProgress { sample, received, bytes });
            }
            wanted.ask(sample, now, outputs);
            return Ok(());
        }
        let bytes = wanted.fetch.take().map(Fetch::into_bytes).unwrap_or_default();
        self.fetched_bytes += bytes.len() as u64;
        outputs.push_back(SyncOutput::BlobReady { sample, bytes });
        self.wanted.remove(&sample);
        self.start_waiting(outputs);
        Ok(())
    }

    /// A place became free: those that wait are asked for again.
    fn start_waiting(&mut self, outputs: &mut Outputs) {
        let waiting = self.wanted.iter().find(|(_, wanted)| wanted.fetch.is_none());
        if let Some((sample, _)) = waiting {
            for peer in self.peers.keys() {
                send(outputs, *peer, &BlobMessage::Want(sample.0));
            }
        }
    }
}

impl Wanted {
    fn lose(&mut self, peer: PeerId) {
        self.sources.remove(&peer);
        if let Some(fetch) = &mut self.fetch {
            fetch.lose(peer);
        }
    }

    /// Asks the sources for what is missing.
    fn ask(&mut self, sample: SampleId, now: HostTime, outputs: &mut Outputs) {
        let Some(fetch) = &mut self.fetch else { return };
        for (peer, index) in fetch.next_requests(&self.sources, now) {
            send(outputs, peer, &BlobMessage::WantChunk(ChunkName { sample: sample.0, index }));
        }
    }
}

fn send(outputs: &mut Outputs, peer: PeerId, message: &BlobMessage<'_>) {
    outputs.push_back(SyncOutput::SendBulk { peer, frame: message.encode() });
}
