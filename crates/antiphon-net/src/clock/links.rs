//! The links of the clock's thread, found by peer and by mailbox.

use std::{collections::BTreeMap, net::IpAddr};

use antiphon_clock::LinkQuality;
use antiphon_identity::PeerId;
use antiphon_timeline::{HostClock, HostTime};

use super::{
    counters::{ClockLinkState, DatagramFaults},
    desk::ClockOutbox,
    link::{ClockLink, Own},
    offer::{Mailbox, Secret},
    socket::ClockSocket,
};
use crate::frame::LinkNumber;

pub(crate) struct Links {
    me: PeerId,
    by_peer: BTreeMap<PeerId, ClockLink>,
    by_mailbox: BTreeMap<Mailbox, PeerId>,
    /// Faults of links that have ended, so that the sum never falls.
    ended: DatagramFaults,
    /// No link has something due before this. It may be too early, which costs one look, but never too late.
    due: Option<HostTime>,
}

impl Links {
    pub(crate) fn new(me: PeerId) -> Self {
        let (by_peer, by_mailbox) = (BTreeMap::new(), BTreeMap::new());
        Self { me, by_peer, by_mailbox, ended: DatagramFaults::default(), due: None }
    }

    /// A new link, in place of an older one. With a `port` it offers datagrams, under a fresh mailbox and secret.
    pub(crate) fn insert(
        &mut self,
        peer: PeerId,
        number: LinkNumber,
        remote: Option<IpAddr>,
        outbox: ClockOutbox,
        port: Option<u16>,
    ) {
        self.forget(peer);
        let own = port.and_then(|port| Some((self.fresh()?, port)));
        if let Some((own, _)) = &own {
            self.by_mailbox.insert(own.mailbox, peer);
        }
        self.by_peer.insert(peer, ClockLink::new(peer, number, remote, outbox, own));
    }

    /// Removes a link unless a newer one has taken its place. Says whether it did.
    pub(crate) fn remove(&mut self, peer: PeerId, number: LinkNumber) -> bool {
        let current = self.by_peer.get(&peer).is_some_and(|link| link.number == number);
        if current {
            self.forget(peer);
        }
        current
    }

    fn forget(&mut self, peer: PeerId) {
        if let Some(link) = self.by_peer.remove(&peer) {
            self.ended = self.ended.plus(link.faults);
            if let Some(mailbox) = link.mailbox() {
                self.by_mailbox.remove(&mailbox);
            }
        }
    }

    fn fresh(&self) -> Option<Own> {
        let drawn = || -> Result<_, getrandom::Error> {
            let (mut mailbox, mut secret) = ([0; 4], [0; 32]);
            getrandom::fill(&mut mailbox)?;
            getrandom::fill(&mut secret)?;
            Ok((Mailbox(u32::from_le_bytes(mailbox)), Secret(secret)))
        };
        // Of 2³² mailboxes a few dozen are taken, so the first one is nearly always free.
        for _ in 0..8 {
            match drawn() {
                Ok((mailbox, secret)) if !self.by_mailbox.contains_key(&mailbox) => {
                    return Some(Own { id: self.me, mailbox, secret });
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "no randomness; the stream carries the clock"),
            }
        }
        None
    }

    pub(crate) fn contains(&self, peer: PeerId) -> bool {
        self.by_peer.contains_key(&peer)
    }

    pub(crate) fn get(&mut self, peer: PeerId) -> Option<&mut ClockLink> {
        self.by_peer.get_mut(&peer)
    }

    /// The link whose datagrams come to this mailbox.
    pub(crate) fn at(&mut self, mailbox: Mailbox) -> Option<&mut ClockLink> {
        self.by_peer.get_mut(self.by_mailbox.get(&mailbox)?)
    }

    pub(crate) fn peers(&self) -> impl Iterator<Item = PeerId> {
        self.by_peer.keys().copied()
    }

    /// When [`Self::handle_timeout`] may have something to do next.
    pub(crate) fn poll_timeout(&self) -> Option<HostTime> {
        self.due
    }

    /// Notes what is due on a link that something was done with, so that waiting need not look at all of them.
    /// True when its path changed.
    pub(crate) fn touched(&mut self, peer: PeerId) -> bool {
        let Some(link) = self.by_peer.get_mut(&peer) else { return false };
        self.due = [self.due, link.poll_timeout()].into_iter().flatten().min();
        link.tell_path()
    }

    /// Probes where that is due. True when a path changed.
    pub(crate) fn handle_timeout(
        &mut self,
        socket: &ClockSocket,
        clock: &dyn HostClock,
        datagram: &mut Vec<u8>,
    ) -> bool {
        let mut changed = false;
        for link in self.by_peer.values_mut() {
            link.handle_timeout(socket, clock, datagram);
            changed |= link.tell_path();
        }
        self.due = self.by_peer.values().filter_map(ClockLink::poll_timeout).min();
        changed
    }

    /// Datagrams are over on all links.
    pub(crate) fn close_ways(&mut self) {
        self.by_peer.values_mut().for_each(ClockLink::close_way);
    }

    /// Faults of all links there ever were.
    pub(crate) fn faults(&self) -> DatagramFaults {
        self.by_peer.values().fold(self.ended, |sum, link| sum.plus(link.faults))
    }

    pub(crate) fn states(
        &self,
        quality: impl Fn(PeerId) -> Option<LinkQuality>,
    ) -> BTreeMap<PeerId, ClockLinkState> {
        let state = |link: &ClockLink| ClockLinkState {
            path: link.path(),
            quality: quality(link.peer),
            faults: link.faults,
            traffic: link.traffic,
        };
        self.by_peer.iter().map(|(peer, link)| (*peer, state(link))).collect()
    }
}
