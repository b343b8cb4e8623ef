//! Frames on their way out: a bounded queue per peer and channel.
//!
//! The node hands frames over without waiting. A peer that does not take them in time is dropped: the protocol
//! above resumes from what the peer last confirmed, so a gap would cost more than a new connection.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use antiphon_identity::PeerId;
use tokio::sync::mpsc;

use crate::{
    event::Channel,
    frame::{Farewell, LinkNumber},
    limits::{OUTBOX_BYTES_MAX, OUTBOX_FRAMES_MAX},
};

/// What a channel's writer has to do next.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Data(Vec<u8>),
    Farewell(Farewell),
}

/// The sending end of one channel.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Outgoing>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// The writer's end of one channel.
#[derive(Debug)]
pub(crate) struct OutboxReader {
    queue: mpsc::Receiver<Outgoing>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// The queue is full, or its link is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Gone,
}

pub(crate) fn outbox() -> (Outbox, OutboxReader) {
    let (sender, receiver) = mpsc::channel(OUTBOX_FRAMES_MAX);
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    (
        Outbox { queue: sender, waiting_bytes: Arc::clone(&waiting_bytes) },
        OutboxReader { queue: receiver, waiting_bytes },
    )
}

impl Outbox {
    pub(crate) fn push(&self, outgoing: Outgoing) -> Result<(), Refused> {
        let bytes = outgoing.len();
        if self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > OUTBOX_BYTES_MAX {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Refused::Full);
        }
        self.queue.try_send(outgoing).map_err(|error| {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            match error {
                mpsc::error::TrySendError::Full(_) => Refused::Full,
                mpsc::error::TrySendError::Closed(_) => Refused::Gone,
            }
        })
    }

    fn waiting_bytes(&self) -> usize {
        self.waiting_bytes.load(Ordering::Relaxed)
    }
}

impl OutboxReader {
    /// The next thing to write; `None` when the link is being dropped. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Option<Outgoing> {
        let outgoing = self.queue.recv().await?;
        self.waiting_bytes.fetch_sub(outgoing.len(), Ordering::Relaxed);
        Some(outgoing)
    }

    /// Whether nothing waits, so that now is the time to flush.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

impl Outgoing {
    fn len(&self) -> usize {
        match self {
            Self::Data(bytes) => bytes.len(),
            Self::Farewell(_) => 0,
        }
    }
}

/// The three outboxes of one link.
#[derive(Debug, Clone)]
pub(crate) struct LinkOutboxes {
    pub(crate) number: LinkNumber,
    pub(crate) control: Outbox,
    pub(crate) sync: Outbox,
    pub(crate) blob: Outbox,
}

impl LinkOutboxes {
    fn of(&self, channel: Channel) -> &Outbox {
        match channel {
            Channel::Control => &self.control,
            Channel::Sync => &self.sync,
            Channel::Blob => &self.blob,
        }
    }
}

/// Where frames for each connected peer go. The lock guards only the map: an entry appears before `Connected` is
/// told, and goes before `Disconnected` is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outboxes(Arc<Mutex<BTreeMap<PeerId, LinkOutboxes>>>);

impl Outboxes {
    pub(crate) fn insert(&self, peer: PeerId, link: LinkOutboxes) {
        self.lock().insert(peer, link);
    }

    /// Removes a link's entry, unless a newer link has taken its place.
    pub(crate) fn remove(&self, peer: PeerId, number: LinkNumber) {
        let mut links = self.lock();
        if links.get(&peer).is_some_and(|link| link.number == number) {
            links.remove(&peer);
        }
    }

    pub(crate) fn contains(&self, peer: PeerId) -> bool {
        self.lock().contains_key(&peer)
    }

    pub(crate) fn push(&self, peer: PeerId, channel: Channel, bytes: Vec<u8>) -> Result<(), Refused> {
        let outbox = self.lock().get(&peer).ok_or(Refused::Gone)?.of(channel).clone();
        outbox.push(Outgoing::Data(bytes))
    }

    pub(crate) fn waiting_bytes(&self, peer: PeerId, channel: Channel) -> Option<usize> {
        Some(self.lock().get(&peer)?.of(channel).waiting_bytes())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<PeerId, LinkOutboxes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_outbox_refuses_and_stays_in_order() {
        let (outbox, mut reader) = outbox();
        let piece = OUTBOX_BYTES_MAX / 4;
        for n in 0..4 {
            outbox.push(Outgoing::Data(vec![n; piece])).unwrap();
        }
        assert_eq!(outbox.push(Outgoing::Data(vec![9])), Err(Refused::Full));
        assert_eq!(outbox.waiting_bytes(), OUTBOX_BYTES_MAX);
        for n in 0..4 {
            let next = futures::executor::block_on(reader.next());
            assert!(matches!(next, Some(Outgoing::Data(bytes)) if bytes[0] == n));
        }
        outbox.push(Outgoing::Data(vec![9])).unwrap();
        drop(reader);
        assert_eq!(outbox.push(Outgoing::Data(vec![9])), Err(Refused::Gone));
    }

    #[test]
    fn an_older_link_does_not_take_the_newer_ones_outbox() {
        let (outboxes, peer) = (Outboxes::default(), PeerId([1; 32]));
        let link = |number| {
            let (control, sync, blob) = (outbox(), outbox(), outbox());
            let readers = (control.1, sync.1, blob.1);
            (
                LinkOutboxes { number: LinkNumber(number), control: control.0, sync: sync.0, blob: blob.0 },
                readers,
            )
        };
        let ((old, _old), (new, _new)) = (link(1), link(2));
        outboxes.insert(peer, old);
        outboxes.insert(peer, new);
        outboxes.remove(peer, LinkNumber(1));
        assert_eq!(outboxes.push(peer, Channel::Sync, vec![1]), Ok(()));
        outboxes.remove(peer, LinkNumber(2));
        assert_eq!(outboxes.push(peer, Channel::Sync, vec![1]), Err(Refused::Gone));
    }
}
