//! A room: which network and which crystals its peers have.
//!
//! Everything in it follows from the seed and from who is concerned, never from the order of questions. So
//! the same link is the same in a lab with a newcomer and in one without, and for every method compared.

use crate::{
    crystal::Crystal,
    network::{Network, Way, Weather},
    rng::SeededRng,
};

/// What a simulated room is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// The network between any two.
    pub network: Network,
    /// Crystals of 5 to 20 ppm instead of 20 to 100.
    pub kind_crystals: bool,
    /// Bursts hit all links at the same time, as when a microwave oven runs.
    pub shared_bursts: bool,
    /// So many first peers are joined by cable.
    pub wired: usize,
    /// The first peer's crystal warms and cools by 10 ppm a minute.
    pub warming: bool,
    /// The share of packets that arrive twice.
    pub doubled: f64,
    /// Whether packets leave a while after they were stamped, as from a busy machine.
    pub departures: Departures,
}

/// What is between the stamp of a packet and its leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Departures {
    /// Nothing.
    #[default]
    Prompt,
    /// As long as it takes a receiver to wake up.
    Late,
    /// The same, and the machine measures it and tells its clock.
    LateAndTold,
}

impl From<Network> for Room {
    fn from(network: Network) -> Self {
        Self {
            network,
            kind_crystals: false,
            shared_bursts: false,
            wired: 0,
            warming: false,
            doubled: 0.0,
            departures: Departures::Prompt,
        }
    }
}

impl Room {
    /// The crystal of the peer with this number.
    pub fn crystal(&self, seed: u64, peer: usize) -> Crystal {
        let rng = SeededRng::of(seed, "crystal", peer, 0);
        let mut crystal = if self.kind_crystals { Crystal::kind(rng) } else { Crystal::new(rng) };
        if self.warming && peer == 0 {
            crystal.warm();
        }
        crystal
    }

    /// The ways from `a` to `b` and back.
    pub fn ways(&self, seed: u64, a: usize, b: usize) -> (Way, Way) {
        let network = if a.max(b) < self.wired { Network::Lan } else { self.network };
        let mut rng = SeededRng::of(seed, "link", a.min(b), a.max(b));
        let own = rng.fork();
        let weather = if self.shared_bursts { SeededRng::of(seed, "weather", 0, 0) } else { own };
        let (there, back) = Way::pair_in(network, &mut rng, &Weather::new(weather));
        if a <= b { (there, back) } else { (back, there) }
    }
}
