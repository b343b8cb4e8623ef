//! Whom a peer asks for the time.
//!
//! In a small room everybody asks everybody. In a large one each peer asks twelve others and answers
//! whoever asks it: six that follow from the keys of both, the same at each start, and six by chance, one
//! of which is swapped now and then. Chance joins what the keys would leave apart, and nobody can arrange to
//! be all that a peer sees.

use std::collections::BTreeSet;

use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use crate::{
    PeerKey,
    limits::PARTNERS_MAX,
    rng::{Rng, mix},
};

const ANCHORS: usize = PARTNERS_MAX / 2;
const SWAP_NS: i64 = 30 * NANOS_PER_SECOND;

#[derive(Debug)]
pub(crate) struct Partners {
    me: PeerKey,
    /// By the keys.
    anchors: BTreeSet<PeerKey>,
    /// By chance, or all there are.
    others: BTreeSet<PeerKey>,
    swapped: HostTime,
}

impl Partners {
    pub fn new(me: PeerKey, now: HostTime) -> Self {
        Self { me, anchors: BTreeSet::new(), others: BTreeSet::new(), swapped: now }
    }

    pub fn iter(&self) -> impl Iterator<Item = &PeerKey> {
        self.anchors.iter().chain(&self.others)
    }

    pub fn len(&self) -> usize {
        self.anchors.len() + self.others.len()
    }

    pub fn contains(&self, peer: &PeerKey) -> bool {
        self.anchors.contains(peer) || self.others.contains(peer)
    }

    /// Picks anew from `known`, because those have changed. Who was a partner stays one where possible:
    /// that link is measured.
    pub fn pick(&mut self, known: &[PeerKey], rng: &mut Rng) {
        if known.len() <= PARTNERS_MAX {
            self.anchors.clear();
            self.others = known.iter().copied().collect();
            return;
        }
        let before: BTreeSet<PeerKey> = self.iter().copied().collect();
        let mut by_rank: Vec<(u64, PeerKey)> =
            known.iter().map(|peer| (rank(&self.me, peer), *peer)).collect();
        by_rank.sort_unstable();
        let (anchors, rest) = by_rank.split_at(ANCHORS);
        self.anchors = anchors.iter().map(|(_, peer)| *peer).collect();
        let (mut kept, mut fresh): (Vec<PeerKey>, Vec<PeerKey>) =
            rest.iter().map(|(_, peer)| *peer).partition(|peer| before.contains(peer));
        self.others.clear();
        while self.others.len() < PARTNERS_MAX - ANCHORS {
            let Some(peer) = take(&mut kept, rng).or_else(|| take(&mut fresh, rng)) else { return };
            self.others.insert(peer);
        }
    }

    /// Swaps one of those by chance when it is time, for preference one of the `useless`.
    pub fn swap_if_due(
        &mut self,
        known: &[PeerKey],
        useless: impl Fn(&PeerKey) -> bool,
        now: HostTime,
        rng: &mut Rng,
    ) {
        if now - self.swapped < SWAP_NS || known.len() <= PARTNERS_MAX {
            return;
        }
        self.swapped = now;
        let mut fresh: Vec<PeerKey> = known.iter().filter(|peer| !self.contains(peer)).copied().collect();
        let mut going: Vec<PeerKey> = self.others.iter().filter(|peer| useless(peer)).copied().collect();
        if going.is_empty() {
            going = self.others.iter().copied().collect();
        }
        if let (Some(goes), Some(comes)) = (take(&mut going, rng), take(&mut fresh, rng)) {
            self.others.remove(&goes);
            self.others.insert(comes);
        }
    }
}

/// Any one of `peers`.
fn take(peers: &mut Vec<PeerKey>, rng: &mut Rng) -> Option<PeerKey> {
    let index = (rng.unit() * peers.len() as f64) as usize;
    (index < peers.len()).then(|| peers.swap_remove(index))
}

/// The same at both ends, so that they often pick each other and one exchange serves both.
fn rank(a: &PeerKey, b: &PeerKey) -> u64 {
    let (low, high) = (a.min(b), a.max(b));
    let words = low.iter().chain(high).copied().collect::<Vec<u8>>();
    words.as_chunks::<8>().0.iter().fold(0, |hash, word| mix(hash ^ u64::from_le_bytes(*word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(count: u8) -> Vec<PeerKey> {
        (1..=count).map(|n| [n; 32]).collect()
    }

    fn picked(me: u8, count: u8, seed: u64) -> Partners {
        let mut partners = Partners::new([me; 32], HostTime(0));
        let others: Vec<PeerKey> = known(count).into_iter().filter(|peer| *peer != [me; 32]).collect();
        partners.pick(&others, &mut Rng::new(seed));
        partners
    }

    #[test]
    fn a_small_room_asks_everybody_and_a_large_one_twelve() {
        assert_eq!(picked(1, 13, 1).len(), 12);
        for count in [14, 50, 200] {
            let partners = picked(1, count, 1);
            let distinct: BTreeSet<_> = partners.iter().collect();
            assert_eq!((partners.len(), distinct.len()), (12, 12));
        }
    }

    #[test]
    fn half_of_them_follow_from_the_keys() {
        let (one, two) = (picked(1, 100, 1), picked(1, 100, 2));
        assert_eq!(one.anchors, two.anchors);
        assert_ne!(one.others, two.others);
    }

    #[test]
    fn one_more_peer_costs_few_partners_and_a_minute_two() {
        let mut partners = picked(1, 100, 3);
        let before: BTreeSet<PeerKey> = partners.iter().copied().collect();
        let others: Vec<PeerKey> = known(101)[1..].to_vec();
        let mut rng = Rng::new(4);
        partners.pick(&others, &mut rng);
        let stayed = partners.iter().filter(|peer| before.contains(*peer)).count();
        assert!(stayed >= 11, "{stayed} stayed");
        let before: BTreeSet<PeerKey> = partners.iter().copied().collect();
        for second in 0..=60 {
            partners.swap_if_due(&others, |_| false, HostTime(second * NANOS_PER_SECOND), &mut rng);
        }
        assert_eq!(partners.iter().filter(|peer| before.contains(*peer)).count(), 10);
    }

    #[test]
    fn a_hundred_peers_are_joined_by_three_hops() {
        let all: Vec<Partners> = (1..=100).map(|me| picked(me, 100, u64::from(me))).collect();
        let mut reached = BTreeSet::from([[1; 32]]);
        for _ in 0..3 {
            let before = reached.clone();
            for peer in &all {
                if before.contains(&peer.me) {
                    reached.extend(peer.iter().copied());
                } else if peer.iter().any(|partner| before.contains(partner)) {
                    reached.insert(peer.me);
                }
            }
        }
        assert_eq!(reached.len(), 100);
    }
}
