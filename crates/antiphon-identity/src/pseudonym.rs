//! A name and colour for a device whose person has not said theirs yet.
//!
//! Both follow from the key alone, so every peer shows the same ones, today and after a restart. They are for
//! people to talk by; they prove nothing, and two devices may share one. [`tell_apart`] makes them distinct
//! among the peers at hand.

use std::{collections::BTreeMap, fmt};

use crate::key::PeerId;

/// Colours of the palette that people and tracks share.
pub const PSEUDONYM_COLOURS: u8 = 12;

const QUALITIES: [&str; 64] = [
    "Amber", "Ashen", "Azure", "Bold", "Brass", "Bright", "Bronze", "Calm", "Cedar", "Clear", "Cobalt",
    "Copper", "Coral", "Crimson", "Dapper", "Dusky", "Eager", "Early", "Ember", "Fabled", "Fern", "Flint",
    "Gentle", "Gilded", "Golden", "Hazel", "Hidden", "Indigo", "Ivory", "Jade", "Jolly", "Keen", "Lively",
    "Lucid", "Lunar", "Mellow", "Merry", "Misty", "Mossy", "Nimble", "Noble", "Ochre", "Opal", "Patient",
    "Pearl", "Plucky", "Proud", "Quiet", "Rapid", "Rosy", "Ruby", "Rustic", "Sable", "Scarlet", "Silver",
    "Sly", "Solar", "Steady", "Sunny", "Teal", "Velvet", "Vivid", "Wild", "Witty",
];

const BIRDS: [&str; 64] = [
    "Auk",
    "Avocet",
    "Bittern",
    "Bluetit",
    "Bunting",
    "Buzzard",
    "Condor",
    "Coot",
    "Cormorant",
    "Crake",
    "Crane",
    "Crow",
    "Cuckoo",
    "Curlew",
    "Dipper",
    "Dove",
    "Dunlin",
    "Eagle",
    "Egret",
    "Eider",
    "Falcon",
    "Finch",
    "Gannet",
    "Godwit",
    "Goose",
    "Grebe",
    "Grouse",
    "Gull",
    "Harrier",
    "Hawk",
    "Heron",
    "Hoopoe",
    "Ibis",
    "Jackdaw",
    "Jay",
    "Kestrel",
    "Kite",
    "Lapwing",
    "Lark",
    "Linnet",
    "Magpie",
    "Martin",
    "Merlin",
    "Osprey",
    "Owl",
    "Petrel",
    "Pipit",
    "Plover",
    "Puffin",
    "Quail",
    "Raven",
    "Robin",
    "Rook",
    "Ruff",
    "Shrike",
    "Siskin",
    "Snipe",
    "Starling",
    "Stork",
    "Swift",
    "Teal",
    "Tern",
    "Thrush",
    "Wren",
];

/// The name and colour of a device, such as "Amber Heron".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym {
    quality: &'static str,
    bird: &'static str,
    colour: u8,
}

impl Pseudonym {
    /// The pseudonym of a device.
    pub fn of(peer: PeerId) -> Self {
        let hash = blake3::derive_key("antiphon 2026 pseudonym of a device v1", &peer.0);
        let [quality, bird, colour, ..] = hash;
        // 64 words divide 256, so every word is as likely as the next. The twelve colours are not quite.
        let word = |words: &[&'static str; 64], byte: u8| words.get(usize::from(byte % 64)).copied();
        Self {
            quality: word(&QUALITIES, quality).unwrap_or("Quiet"),
            bird: word(&BIRDS, bird).unwrap_or("Heron"),
            colour: colour % PSEUDONYM_COLOURS,
        }
    }

    /// An index into the palette, 0 to 11.
    pub fn colour(self) -> u8 {
        self.colour
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.quality, self.bird)
    }
}

/// A name for each of these peers, no two alike: those that share a pseudonym carry the first digits of their
/// key behind it, as many as tell them apart and at least two.
pub fn tell_apart(peers: impl IntoIterator<Item = PeerId>) -> BTreeMap<PeerId, String> {
    let mut by_name: BTreeMap<String, Vec<PeerId>> = BTreeMap::new();
    let mut peers: Vec<PeerId> = peers.into_iter().collect();
    peers.sort_unstable();
    peers.dedup();
    for peer in peers {
        by_name.entry(Pseudonym::of(peer).to_string()).or_default().push(peer);
    }
    let mut names = BTreeMap::new();
    for (name, peers) in by_name {
        let digits = distinct_digits(&peers);
        for peer in &peers {
            let key: String = peer.to_string().chars().take(digits).collect();
            let name = if digits == 0 { name.clone() } else { format!("{name} {key}") };
            names.insert(*peer, name);
        }
    }
    names
}

/// How many leading digits tell these keys apart; they are sorted and distinct.
fn distinct_digits(peers: &[PeerId]) -> usize {
    let shared = |pair: &[PeerId]| match pair {
        [a, b] => a.to_string().bytes().zip(b.to_string().bytes()).take_while(|(a, b)| a == b).count(),
        _ => 0,
    };
    peers.windows(2).map(|pair| (shared(pair) + 1).max(2)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn peer(n: u32) -> PeerId {
        let mut bytes = [0; 32];
        bytes[28..].copy_from_slice(&n.to_be_bytes());
        PeerId(bytes)
    }

    #[test]
    fn a_pseudonym_never_changes() {
        let heron = Pseudonym::of(PeerId([7; 32]));
        assert_eq!((heron.to_string().as_str(), heron.colour()), ("Dusky Tern", 9));
    }

    #[test]
    fn words_are_distinct_so_that_names_are() {
        assert_eq!(QUALITIES.iter().collect::<BTreeSet<_>>().len(), 64);
        assert_eq!(BIRDS.iter().collect::<BTreeSet<_>>().len(), 64);
    }

    #[test]
    fn every_word_and_colour_is_used() {
        let all: Vec<Pseudonym> = (0..4_000).map(|n| Pseudonym::of(peer(n))).collect();
        assert_eq!(all.iter().map(|p| p.quality).collect::<BTreeSet<_>>().len(), 64);
        assert_eq!(all.iter().map(|p| p.bird).collect::<BTreeSet<_>>().len(), 64);
        assert_eq!(all.iter().map(|p| p.colour).collect::<BTreeSet<_>>().len(), 12);
    }

    #[test]
    fn peers_that_share_a_pseudonym_are_told_apart() {
        // 4,096 names for 600 peers: some forty pairs collide.
        let peers: Vec<PeerId> = (0..600).map(peer).collect();
        let plain: BTreeSet<String> = peers.iter().map(|peer| Pseudonym::of(*peer).to_string()).collect();
        assert!(plain.len() < peers.len(), "there are collisions to resolve");
        let names = tell_apart(peers.iter().copied().chain(peers.iter().copied()));
        assert_eq!(names.len(), 600);
        assert_eq!(names.values().collect::<BTreeSet<_>>().len(), 600);
    }

    #[test]
    fn a_peer_alone_keeps_its_plain_name() {
        let names = tell_apart([peer(1), peer(1)]);
        assert_eq!(names.get(&peer(1)), Some(&Pseudonym::of(peer(1)).to_string()));
    }
}
