//! Peers in namespaces, each with a clock of its own, in one session.

use std::path::PathBuf;

use antiphon_testkit::Network;
use serde_json::{Value, json};

use super::{
    trace::{BentClock, MAP_LOG, Trace},
    traffic::Traffic,
};
use crate::{
    bridge::Crossing,
    deadline::{true_now_ns, until},
    friend::{Friend, TOGETHER_LIMIT, join},
    namespaces::Lan,
    process::{Home, Serve},
};

/// What lies between the peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The kernel's switch and nothing else.
    Veth,
    /// The bridge with a model of the simulator, and the model's seed.
    Model(Network, u64),
}

/// Every peer is reached on this port.
const PORT: u16 = 4_001;

/// The clock of a peer: none agrees with another, by hours and up to 100 parts per million.
pub fn clock_of(index: usize) -> BentClock {
    let skews = [80, -100, 40, -60, 20, 95, -20, -80];
    let offsets = [1_234_567, -7_654, 250, 86_400_000, -3_600_000, 12_345, 0, 999];
    BentClock { offset_ms: offsets[index % offsets.len()], skew_ppm: skews[index % skews.len()] }
}

/// Friends in one session, the first of whom began it.
pub struct Band {
    // Dropped in this order: processes before the network and the folders that they use.
    pub friends: Vec<Friend>,
    /// When each was let in, true ns; for the first, when it was there.
    pub let_in_ns: Vec<i64>,
    clocks: Vec<BentClock>,
    homes: Vec<Home>,
    pub lan: Lan,
}

impl Band {
    /// So many peers, alone each.
    pub fn start(peers: usize, link: Link) -> Self {
        Self::start_with(peers, link, clock_of, |serve| serve)
    }

    /// The same with clocks and options of one's own.
    pub fn start_with(
        peers: usize,
        link: Link,
        clock_of: impl Fn(usize) -> BentClock,
        adjust: impl Fn(Serve<'_>) -> Serve<'_>,
    ) -> Self {
        let lan = match link {
            Link::Veth => Lan::new(peers),
            Link::Model(network, seed) => Lan::bridged(peers, Crossing { network: Some(network), seed }),
        };
        let homes: Vec<Home> = (0..peers).map(|_| Home::new()).collect();
        let clocks: Vec<BentClock> = (0..peers).map(clock_of).collect();
        let places = lan.places().iter().zip(&homes).zip(&clocks);
        let friends = places
            .map(|((place, home), clock)| {
                let serve = Serve::new(home).on(place).at_port(PORT).log(MAP_LOG);
                Friend::start(adjust(serve.clock(clock.offset_ms, clock.skew_ppm)))
            })
            .collect();
        Self { friends, let_in_ns: vec![true_now_ns()], clocks, homes, lan }
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.friends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.friends.is_empty()
    }

    /// The first plays, and everybody else joins one after the other.
    #[track_caller]
    pub fn jam(&mut self) {
        self.friends[0].door.call("play", Value::Null);
        (1..self.len()).for_each(|index| self.let_in(index));
        self.all_here();
    }

    /// The first lets another in.
    #[track_caller]
    pub fn let_in(&mut self, index: usize) {
        let (first, others) = self.friends.split_at_mut(1);
        let asked_ns = true_now_ns();
        join(&mut first[0], &mut others[index - 1]);
        self.let_in_ns.push(asked_ns);
    }

    /// Everybody sees everybody and plays.
    #[track_caller]
    pub fn all_here(&mut self) {
        let others = self.len() - 1;
        for friend in &mut self.friends {
            until("everybody is here and plays", TOGETHER_LIMIT, || {
                let open = friend.open();
                open.others_here() == others && open.is_playing()
            });
        }
    }

    /// Everybody has the same song, and how long that took.
    #[track_caller]
    pub fn agree(&mut self) -> std::time::Duration {
        until("everybody has the same song", TOGETHER_LIMIT, || {
            let songs: Vec<Value> =
                self.friends.iter_mut().map(|friend| friend.open().song().clone()).collect();
            songs.windows(2).all(|pair| pair[0] == pair[1])
        })
    }

    /// What the peers logged so far.
    #[track_caller]
    pub fn traces(&self) -> Vec<Trace> {
        let logs = self.friends.iter().map(|friend| friend.running.log());
        logs.zip(&self.clocks)
            .map(|(log, clock)| Trace::read(&log, *clock).expect("a peer writes a log"))
            .collect()
    }

    /// What each peer has sent so far.
    #[track_caller]
    pub fn sent(&self) -> Vec<super::Sent> {
        self.lan.places().iter().map(|place| Traffic::of(place).sent()).collect()
    }

    /// Begins to count by protocol what each peer sends.
    #[track_caller]
    pub fn count_traffic(&self) {
        self.lan.places().iter().for_each(|place| Traffic::of(place).begin());
    }

    /// A file beside the data of the first peer.
    pub fn file(&self, name: &str) -> PathBuf {
        self.homes[0].beside(name)
    }

    /// One step of a track of everybody's song, set by one of them.
    pub fn set_step(&mut self, index: usize, track: &str, step: usize, velocity: usize) {
        let steps = json!([{ "step": step, "on": true, "velocity": velocity }]);
        self.friends[index].edit(json!({ "type": "setSteps", "track": track, "steps": steps }));
    }
}
