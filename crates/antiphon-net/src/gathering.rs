//! Streams that arrived, gathered until the four of one link are complete.

use std::collections::BTreeMap;

use antiphon_identity::PeerId;
use tokio::time::Instant;

use crate::{
    event::Channel,
    frame::LinkNumber,
    lanes::{Lane, Lanes, Lines},
    limits::SETUP_DEADLINE,
};

/// A stream that said which link it belongs to.
pub(crate) struct Arrived {
    pub(crate) peer: PeerId,
    pub(crate) lane: Lane,
    pub(crate) number: LinkNumber,
    pub(crate) lines: Lines,
}

/// At most one incomplete link per peer; the streams of an older one are dropped.
#[derive(Default)]
pub(crate) struct Gathering(BTreeMap<PeerId, Incomplete>);

struct Incomplete {
    number: LinkNumber,
    lanes: BTreeMap<Lane, Lines>,
    until: Instant,
}

impl Gathering {
    /// Adds a stream. Returns the link when it was the last one missing.
    pub(crate) fn add(&mut self, arrived: Arrived, now: Instant) -> Option<(LinkNumber, Lanes)> {
        let Arrived { peer, lane, number, lines } = arrived;
        let fresh = || Incomplete { number, lanes: BTreeMap::new(), until: now + SETUP_DEADLINE };
        let incomplete = self.0.entry(peer).or_insert_with(fresh);
        if number < incomplete.number {
            return None;
        }
        if number > incomplete.number {
            *incomplete = fresh();
        }
        incomplete.lanes.insert(lane, lines);
        if incomplete.lanes.len() < Lane::ALL.len() {
            return None;
        }
        Some((number, self.0.remove(&peer)?.complete()?))
    }

    /// Forgets a peer's incomplete link.
    pub(crate) fn forget(&mut self, peer: PeerId) {
        self.0.remove(&peer);
    }

    /// Drops what was never completed.
    pub(crate) fn expire(&mut self, now: Instant) {
        self.0.retain(|_, incomplete| now < incomplete.until);
    }

    /// When [`Self::expire`] is worth calling again.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.0.values().map(|incomplete| incomplete.until).min()
    }
}

impl Incomplete {
    fn complete(mut self) -> Option<Lanes> {
        Some(Lanes {
            control: self.lanes.remove(&Lane::Channel(Channel::Control))?,
            sync: self.lanes.remove(&Lane::Channel(Channel::Sync))?,
            blob: self.lanes.remove(&Lane::Channel(Channel::Blob))?,
            clock: self.lanes.remove(&Lane::Clock)?,
        })
    }
}
