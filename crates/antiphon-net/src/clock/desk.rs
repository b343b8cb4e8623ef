//! How the rest of this crate talks to the clock's thread, and reads what the clock last said. Never waits.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

use antiphon_clock::{Overview, Transmit};
use antiphon_identity::PeerId;
use antiphon_timeline::{HostTime, SessionMap};

use super::{
    counters::{ClockCounters, ClockLinkState},
    offer::Offer,
    waker::Waker,
};
use crate::{frame::LinkNumber, limits::CLOCK_INBOX_MAX};

/// What the stream of a link is to write.
#[derive(Debug)]
pub(crate) enum ToStream {
    /// First of all, when this side has a socket.
    Offer(Offer),
    /// A packet, to be stamped just before it is written.
    Packet(Transmit),
}

/// The queue of a link's clock writer.
pub(crate) type ClockOutbox = tokio::sync::mpsc::Sender<ToStream>;

/// Everything that can make the thread act, beside datagrams and time.
pub(crate) enum ToClock {
    Packet {
        from: PeerId,
        received: HostTime,
        bytes: Vec<u8>,
    },
    /// `remote` is where the link itself goes.
    LinkUp {
        peer: PeerId,
        number: LinkNumber,
        remote: Option<IpAddr>,
        outbox: ClockOutbox,
    },
    LinkDown {
        peer: PeerId,
        number: LinkNumber,
    },
    Offer {
        peer: PeerId,
        number: LinkNumber,
        offer: Offer,
    },
    Members(BTreeSet<PeerId>),
    LockNow,
    Idle(bool),
    Begin {
        seed: u64,
    },
    Stop,
}

/// What the clock last said. The lock guards plain values and is held for a copy only.
#[derive(Debug)]
pub(crate) struct Readout {
    pub(crate) map: SessionMap,
    pub(crate) overview: Overview,
    pub(crate) links: BTreeMap<PeerId, ClockLinkState>,
    pub(crate) counters: ClockCounters,
}

#[derive(Clone)]
pub(crate) struct ClockDesk {
    inbox: mpsc::Sender<ToClock>,
    waker: Waker,
    /// Packets in the inbox. Everything else in it is bounded by the number of links.
    packets: Arc<AtomicUsize>,
    readout: Arc<Mutex<Readout>>,
}

/// The thread's end of a desk.
pub(crate) struct Inbox {
    messages: mpsc::Receiver<ToClock>,
    packets: Arc<AtomicUsize>,
    readout: Arc<Mutex<Readout>>,
}

/// A desk, and what the thread keeps of it.
pub(crate) fn desk(readout: Readout, waker: Waker) -> (ClockDesk, Inbox) {
    let (inbox, messages) = mpsc::channel();
    let packets = Arc::new(AtomicUsize::new(0));
    let readout = Arc::new(Mutex::new(readout));
    let desk = ClockDesk { inbox, waker, packets: Arc::clone(&packets), readout: Arc::clone(&readout) };
    (desk, Inbox { messages, packets, readout })
}

impl ClockDesk {
    /// Hands over a packet of the stream; a flood is dropped here.
    pub(crate) fn packet(&self, from: PeerId, received: HostTime, bytes: Vec<u8>) {
        if self.packets.fetch_add(1, Ordering::Relaxed) < CLOCK_INBOX_MAX {
            self.tell(ToClock::Packet { from, received, bytes });
        } else {
            self.packets.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn tell(&self, message: ToClock) {
        // The thread ends only after the net does; what comes later has no meaning any more.
        if self.inbox.send(message).is_ok() {
            self.waker.wake();
        }
    }

    /// A look at what the clock last said.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Readout) -> T) -> T {
        look(&lock(&self.readout))
    }
}

impl Inbox {
    /// The next message. When every desk is gone nobody is left to serve: that is a wish to stop.
    pub(crate) fn next(&self) -> Option<ToClock> {
        match self.messages.try_recv() {
            Ok(message) => {
                if matches!(message, ToClock::Packet { .. }) {
                    self.packets.fetch_sub(1, Ordering::Relaxed);
                }
                Some(message)
            }
            Err(mpsc::TryRecvError::Empty) => None,
            Err(mpsc::TryRecvError::Disconnected) => Some(ToClock::Stop),
        }
    }

    pub(crate) fn write(&self, change: impl FnOnce(&mut Readout)) {
        change(&mut lock(&self.readout));
    }
}

fn lock(readout: &Mutex<Readout>) -> MutexGuard<'_, Readout> {
    readout.lock().unwrap_or_else(PoisonError::into_inner)
}
