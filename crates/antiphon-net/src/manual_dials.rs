//! Dials that a person asked for: one address after the other, until one answers or none is left.

use std::collections::{BTreeMap, VecDeque};

use antiphon_identity::PeerId;
use libp2p::{Multiaddr, swarm::ConnectionId};
use tokio::time::Instant;

use crate::{
    address::PeerAddress,
    event::DialFailure,
    limits::{MANUAL_DIALS_MAX, NEXT_ADDRESS_AFTER},
};

/// One dial, as the person typed it.
#[derive(Debug)]
struct ManualDial {
    text: String,
    expected: Option<PeerId>,
    untried: VecDeque<Multiaddr>,
    under_way: Vec<ConnectionId>,
    next_at: Instant,
    /// The first failure is the one worth telling: TCP's "refused" says more than QUIC's silence.
    failure: Option<DialFailure>,
}

/// The dials under way.
#[derive(Debug, Default)]
pub(crate) struct ManualDials {
    dials: Vec<ManualDial>,
    /// Connections that were dialled by hand and are not yet links.
    answered: BTreeMap<PeerId, String>,
}

/// An address to try next.
#[derive(Debug)]
pub(crate) struct Try {
    pub(crate) dial: usize,
    pub(crate) address: Multiaddr,
    pub(crate) expected: Option<PeerId>,
}

impl ManualDials {
    /// Takes a dial on, unless there are too many.
    pub(crate) fn add(
        &mut self,
        text: String,
        address: PeerAddress,
        now: Instant,
    ) -> Result<(), DialFailure> {
        if self.dials.len() >= MANUAL_DIALS_MAX {
            return Err(DialFailure::TooMany);
        }
        self.dials.push(ManualDial {
            text,
            expected: address.expected,
            untried: address.candidates.into(),
            under_way: Vec::new(),
            next_at: now,
            failure: None,
        });
        Ok(())
    }

    /// The next address whose turn it is.
    pub(crate) fn next_try(&mut self, now: Instant) -> Option<Try> {
        let (index, dial) = self
            .dials
            .iter_mut()
            .enumerate()
            .find(|(_, dial)| dial.next_at <= now && !dial.untried.is_empty())?;
        let address = dial.untried.pop_front()?;
        dial.next_at = now + NEXT_ADDRESS_AFTER;
        Some(Try { dial: index, address, expected: dial.expected })
    }

    /// A try is under way.
    pub(crate) fn started(&mut self, dial: usize, connection: ConnectionId) {
        if let Some(dial) = self.dials.get_mut(dial) {
            dial.under_way.push(connection);
        }
    }

    /// A try failed. Returns the dial's text and reason when it was the last one.
    pub(crate) fn failed(
        &mut self,
        connection: ConnectionId,
        failure: DialFailure,
        now: Instant,
    ) -> Option<(String, DialFailure)> {
        let index = self.index_of(connection)?;
        let dial = self.dials.get_mut(index)?;
        dial.under_way.retain(|known| *known != connection);
        dial.fail(failure, now);
        self.take_if_over(index)
    }

    /// A try reached `peer`. Returns whether it was one of ours.
    pub(crate) fn answered(&mut self, connection: ConnectionId, peer: PeerId) -> bool {
        let Some(index) = self.index_of(connection) else { return false };
        let dial = self.dials.swap_remove(index);
        self.answered.insert(peer, dial.text);
        true
    }

    /// What came of an answer: a link, or a peer that turned out to be no Antiphon. Returns the text once.
    pub(crate) fn settle(&mut self, peer: PeerId) -> Option<String> {
        self.answered.remove(&peer)
    }

    /// When [`Self::next_try`] is worth asking again.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.dials.iter().filter(|dial| !dial.untried.is_empty()).map(|dial| dial.next_at).min()
    }

    fn index_of(&self, connection: ConnectionId) -> Option<usize> {
        self.dials.iter().position(|dial| dial.under_way.contains(&connection))
    }

    fn take_if_over(&mut self, index: usize) -> Option<(String, DialFailure)> {
        let dial = self.dials.get(index)?;
        if !dial.untried.is_empty() || !dial.under_way.is_empty() {
            return None;
        }
        let dial = self.dials.swap_remove(index);
        Some((dial.text, dial.failure.unwrap_or(DialFailure::NoAnswer)))
    }
}

impl ManualDial {
    fn fail(&mut self, failure: DialFailure, now: Instant) {
        self.failure.get_or_insert(failure);
        self.next_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dials(now: Instant) -> ManualDials {
        let mut dials = ManualDials::default();
        dials.add("192.0.2.7:4001".into(), PeerAddress::parse("192.0.2.7:4001").unwrap(), now).unwrap();
        dials
    }

    fn connection(n: usize) -> ConnectionId {
        ConnectionId::new_unchecked(n)
    }

    #[test]
    fn quic_is_tried_when_tcp_fails_and_the_first_failure_is_told() {
        let now = Instant::now();
        let mut dials = dials(now);
        let tcp = dials.next_try(now).unwrap();
        assert_eq!(tcp.address.to_string(), "/ip4/192.0.2.7/tcp/4001");
        dials.started(tcp.dial, connection(1));
        assert!(dials.next_try(now).is_none());
        assert_eq!(dials.failed(connection(1), DialFailure::Refused, now), None);
        let quic = dials.next_try(now).unwrap();
        assert_eq!(quic.address.to_string(), "/ip4/192.0.2.7/udp/4001/quic-v1");
        dials.started(quic.dial, connection(2));
        let told = dials.failed(connection(2), DialFailure::NoAnswer, now);
        assert_eq!(told, Some(("192.0.2.7:4001".into(), DialFailure::Refused)));
        assert_eq!(dials.next_due(), None);
    }

    #[test]
    fn quic_is_tried_while_tcp_is_silent_and_an_answer_ends_both() {
        let now = Instant::now();
        let mut dials = dials(now);
        let tcp = dials.next_try(now).unwrap();
        dials.started(tcp.dial, connection(1));
        let later = dials.next_due().unwrap();
        let quic = dials.next_try(later).unwrap();
        dials.started(quic.dial, connection(2));
        let peer = PeerId([1; 32]);
        assert!(dials.answered(connection(2), peer));
        assert!(!dials.answered(connection(1), peer));
        assert_eq!(dials.failed(connection(1), DialFailure::NoAnswer, later), None);
        assert_eq!(dials.settle(peer), Some("192.0.2.7:4001".into()));
        assert_eq!(dials.settle(peer), None);
    }
}
