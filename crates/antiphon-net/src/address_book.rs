//! Which peers we know a way to, and when to try it again. Pure: time and chance are arguments.
//!
//! A peer found by discovery is dialled by the lower id only, so that two peers do not dial each other at the
//! same moment; a peer that a person dialled is dialled again from here whoever is lower.

use std::collections::BTreeMap;

use antiphon_identity::PeerId;
use libp2p::Multiaddr;
use tokio::time::{Duration, Instant};

use crate::limits::{ADDRESSES_PER_PEER_MAX, DISCOVERED_PEERS_MAX, REST_AFTER_CLOSE};

/// Known ways to peers.
#[derive(Debug)]
pub(crate) struct AddressBook {
    me: PeerId,
    peers: BTreeMap<PeerId, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    /// Where it announced itself.
    discovered: Vec<Multiaddr>,
    /// Where a manual dial reached it.
    dialled: Option<Multiaddr>,
    retry: Retry,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Retry {
    /// Connected, being dialled, or not ours to dial.
    #[default]
    Quiet,
    /// Lost since `since`; the next try is due at `at`.
    Due { since: Instant, at: Instant },
    /// Closed for cause: not before `until`, whatever discovery says.
    Resting { until: Instant },
}

impl AddressBook {
    pub(crate) fn new(me: PeerId) -> Self {
        Self { me, peers: BTreeMap::new() }
    }

    /// Notes an announced address. Returns whether it was new. A full book ignores newcomers.
    pub(crate) fn discovered(&mut self, peer: PeerId, address: Multiaddr) -> bool {
        if !self.peers.contains_key(&peer) && self.peers.len() >= DISCOVERED_PEERS_MAX {
            return false;
        }
        let known = &mut self.peers.entry(peer).or_default().discovered;
        if known.contains(&address) {
            return false;
        }
        if known.len() >= ADDRESSES_PER_PEER_MAX {
            known.remove(0);
        }
        known.push(address);
        true
    }

    /// An announcement ran out. Only a hint: a connection in use is not touched.
    pub(crate) fn expired(&mut self, peer: PeerId, address: &Multiaddr) {
        let Some(entry) = self.peers.get_mut(&peer) else { return };
        entry.discovered.retain(|known| known != address);
        if entry.discovered.is_empty()
            && entry.dialled.is_none()
            && !matches!(entry.retry, Retry::Resting { .. })
        {
            self.peers.remove(&peer);
        }
    }

    /// A manual dial reached `peer` at `address`: from now it is ours to dial again.
    pub(crate) fn dialled(&mut self, peer: PeerId, address: Multiaddr) {
        self.peers.entry(peer).or_default().dialled = Some(address);
    }

    /// The addresses announced by `peer`.
    pub(crate) fn announced(&self, peer: PeerId) -> Vec<String> {
        let entry = self.peers.get(&peer);
        entry.into_iter().flat_map(|entry| &entry.discovered).map(ToString::to_string).collect()
    }

    /// All ways to `peer`, the one that a person chose first.
    pub(crate) fn ways(&self, peer: PeerId) -> Vec<Multiaddr> {
        let Some(entry) = self.peers.get(&peer) else { return Vec::new() };
        let announced = entry.discovered.iter().filter(|address| entry.dialled.as_ref() != Some(*address));
        entry.dialled.iter().chain(announced).cloned().collect()
    }

    /// A peer was found, or came back: try at once, unless it rests or is not ours to dial.
    pub(crate) fn found(&mut self, peer: PeerId, now: Instant) {
        if let Some(entry) = self.peers.get_mut(&peer)
            && entry.is_ours_to_dial(self.me < peer)
            && !entry.is_resting(now)
        {
            entry.retry = Retry::Due { since: now, at: now };
        }
    }

    /// The link to a peer is gone, or a try failed: when to try next. `chance` is any number, for the jitter.
    pub(crate) fn missing(&mut self, peer: PeerId, now: Instant, chance: u64) {
        let Some(entry) = self.peers.get_mut(&peer) else { return };
        if !entry.is_ours_to_dial(self.me < peer) || entry.is_resting(now) {
            return;
        }
        let (since, at) = match entry.retry {
            Retry::Due { since, .. } => (since, now + pause(now.saturating_duration_since(since), chance)),
            Retry::Quiet | Retry::Resting { .. } => (now, now + jitter(Duration::from_millis(50), chance)),
        };
        entry.retry = Retry::Due { since, at };
    }

    /// A link works: nothing is due.
    pub(crate) fn connected(&mut self, peer: PeerId) {
        if let Some(entry) = self.peers.get_mut(&peer) {
            entry.retry = Retry::Quiet;
        }
    }

    /// A peer was closed on purpose, by either side: leave it alone for a while, and forget the manual dial.
    pub(crate) fn rest(&mut self, peer: PeerId, now: Instant) {
        if let Some(entry) = self.peers.get_mut(&peer) {
            entry.dialled = None;
            entry.retry = Retry::Resting { until: now + REST_AFTER_CLOSE };
        }
    }

    /// Peers to dial now. Each stays due, so that a try without any answer is followed by another.
    pub(crate) fn due(&mut self, now: Instant, chance: u64) -> Vec<PeerId> {
        let mut due = Vec::new();
        for (peer, entry) in &mut self.peers {
            match entry.retry {
                Retry::Due { since, at } if at <= now => {
                    let at = now + pause(now.saturating_duration_since(since), chance);
                    entry.retry = Retry::Due { since, at };
                    due.push(*peer);
                }
                Retry::Resting { until } if until <= now => {
                    let ours = entry.is_ours_to_dial(self.me < *peer);
                    entry.retry = if ours { Retry::Due { since: now, at: now } } else { Retry::Quiet };
                }
                _ => {}
            }
        }
        due
    }

    /// When [`Self::due`] is worth asking again.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.peers
            .values()
            .filter_map(|entry| match entry.retry {
                Retry::Due { at, .. } => Some(at),
                Retry::Resting { until } => Some(until),
                Retry::Quiet => None,
            })
            .min()
    }
}

impl Entry {
    fn is_ours_to_dial(&self, we_are_lower: bool) -> bool {
        self.dialled.is_some() || (we_are_lower && !self.discovered.is_empty())
    }

    fn is_resting(&self, now: Instant) -> bool {
        matches!(self.retry, Retry::Resting { until } if now < until)
    }
}

/// From one try to the next. A try costs a LAN one packet, and a jam that stopped wants its friend back: so the
/// pause stays short for ten minutes, and only then becomes the patience of a background task.
fn pause(missing_for: Duration, chance: u64) -> Duration {
    let base = match missing_for.as_secs() {
        0..2 => Duration::from_millis(250),
        2..600 => Duration::from_millis(1_000),
        _ => Duration::from_secs(10),
    };
    jitter(base, chance)
}

/// Between 0.75 and 1.25 times `base`.
fn jitter(base: Duration, chance: u64) -> Duration {
    base.mul_f64(0.75 + (chance % 1024) as f64 / 2048.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: PeerId = PeerId([1; 32]);
    const HIGH: PeerId = PeerId([2; 32]);

    fn address(n: u16) -> Multiaddr {
        format!("/ip4/192.0.2.7/tcp/{n}").parse().unwrap()
    }

    #[test]
    fn only_the_lower_id_dials_what_it_discovers() {
        let now = Instant::now();
        let (mut low, mut high) = (AddressBook::new(LOW), AddressBook::new(HIGH));
        assert!(low.discovered(HIGH, address(1)) && high.discovered(LOW, address(2)));
        low.found(HIGH, now);
        high.found(LOW, now);
        assert_eq!(low.due(now, 0), [HIGH]);
        assert!(high.due(now, 0).is_empty());
    }

    #[test]
    fn a_peer_that_was_dialled_by_hand_is_dialled_again() {
        let now = Instant::now();
        let mut book = AddressBook::new(HIGH);
        book.dialled(LOW, address(1));
        book.missing(LOW, now, 0);
        let at = book.next_due().unwrap();
        assert!(at > now && at - now < Duration::from_millis(100));
        assert_eq!(book.due(at, 0), [LOW]);
        book.connected(LOW);
        assert_eq!(book.next_due(), None);
    }

    #[test]
    fn a_missing_peer_is_tried_at_least_every_second_and_a_quarter_for_ten_minutes() {
        let start = Instant::now();
        let mut book = AddressBook::new(LOW);
        book.discovered(HIGH, address(1));
        book.missing(HIGH, start, 1023);
        let (mut now, mut tries) = (start, 0);
        while now < start + Duration::from_secs(599) {
            let next = book.next_due().unwrap();
            assert!(next - now <= Duration::from_millis(1_250), "{:?}", next - now);
            now = next;
            assert_eq!(book.due(now, 1023), [HIGH]);
            tries += 1;
        }
        assert!(tries > 470, "{tries}");
    }

    #[test]
    fn a_peer_closed_for_cause_rests() {
        let now = Instant::now();
        let mut book = AddressBook::new(LOW);
        book.discovered(HIGH, address(1));
        book.rest(HIGH, now);
        book.found(HIGH, now + Duration::from_secs(1));
        book.missing(HIGH, now + Duration::from_secs(1), 0);
        assert!(book.due(now + REST_AFTER_CLOSE / 2, 0).is_empty());
        let later = now + REST_AFTER_CLOSE;
        book.due(later, 0);
        assert_eq!(book.due(later, 0), [HIGH]);
    }

    #[test]
    fn a_flood_of_announcements_stays_within_bounds() {
        let mut book = AddressBook::new(LOW);
        for n in 0..5_000_u16 {
            let mut key = [9; 32];
            key[..2].copy_from_slice(&n.to_le_bytes());
            book.discovered(PeerId(key), address(1));
            book.discovered(HIGH, address(n));
        }
        assert_eq!(book.peers.len(), DISCOVERED_PEERS_MAX);
        assert!(book.peers.values().all(|entry| entry.discovered.len() <= ADDRESSES_PER_PEER_MAX));
    }
}
