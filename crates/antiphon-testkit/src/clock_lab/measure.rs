//! What the lab knows and no peer does: who is how far from whom.

use antiphon_clock::ClockEvent;
use antiphon_timeline::{SessionTime, TimebaseId};

use super::{ClockLab, PeerIndex, Traffic};
use crate::errors::Errors;

/// How often errors are looked at. It is no multiple of what the peers do.
const LOOK_S: f64 = 0.25;

impl ClockLab {
    /// Session time now, as `peer` believes.
    pub fn session(&mut self, peer: PeerIndex) -> SessionTime {
        let host = self.host_time(peer);
        self.peers[peer.0].clock.map().to_session(host)
    }

    /// The timebase `peer` is in.
    pub fn timebase(&self, peer: PeerIndex) -> TimebaseId {
        self.peers[peer.0].clock.map().timebase
    }

    /// Whether `peer` is locked.
    pub fn is_locked(&self, peer: PeerIndex) -> bool {
        self.peers[peer.0].clock.is_locked()
    }

    /// Whether all awake peers are locked to the same timebase.
    pub fn is_one_island(&self) -> bool {
        self.are_one_island(&self.awake())
    }

    /// Whether these peers are locked to the same timebase.
    pub fn are_one_island(&self, peers: &[PeerIndex]) -> bool {
        let Some(&first) = peers.first() else { return true };
        let timebase = self.timebase(first);
        peers.iter().all(|&peer| self.is_locked(peer) && self.timebase(peer) == timebase)
    }

    /// How many peers were ever added.
    #[expect(clippy::len_without_is_empty, reason = "a room counts its peers; it is no collection")]
    pub fn len(&self) -> usize {
        self.peers.len()
    }

    /// Those who do not sleep and have not left.
    pub fn awake(&self) -> Vec<PeerIndex> {
        let awake = (0..self.peers.len()).filter(|&index| !self.peers[index].asleep);
        awake.map(PeerIndex).collect()
    }

    /// Session time of `a` minus that of `b`, at this very moment.
    pub fn pair_error_ns(&mut self, a: PeerIndex, b: PeerIndex) -> i64 {
        self.session(a) - self.session(b)
    }

    /// The largest error between any two awake peers.
    pub fn spread_ns(&mut self) -> i64 {
        let awake = self.awake();
        self.spread_of_ns(&awake)
    }

    /// The largest error between any two of these.
    pub fn spread_of_ns(&mut self, peers: &[PeerIndex]) -> i64 {
        let times: Vec<i64> = peers.iter().map(|&peer| self.session(peer).0).collect();
        times.iter().max().unwrap_or(&0).saturating_sub(*times.iter().min().unwrap_or(&0))
    }

    /// The mean of session time as these believe.
    pub fn mean_session_ns(&mut self, peers: &[PeerIndex]) -> i64 {
        let sum: i128 = peers.iter().map(|&peer| i128::from(self.session(peer).0)).sum();
        (sum / peers.len().max(1) as i128) as i64
    }

    /// Adds the errors of all pairs of these, at this very moment.
    pub fn look_at_pairs(&mut self, peers: &[PeerIndex], errors: &mut Errors) {
        let times: Vec<SessionTime> = peers.iter().map(|&peer| self.session(peer)).collect();
        for (nth, &a) in times.iter().enumerate() {
            times[nth + 1..].iter().for_each(|&b| errors.add(a - b));
        }
    }

    /// Lets `seconds` pass and collects the errors of all awake pairs, every 250 ms.
    pub fn measure_pairs(&mut self, seconds: f64) -> Errors {
        let awake = self.awake();
        self.measure_pairs_of(&awake, seconds)
    }

    /// Lets `seconds` pass and collects the errors of all pairs of these, every 250 ms.
    pub fn measure_pairs_of(&mut self, peers: &[PeerIndex], seconds: f64) -> Errors {
        let mut errors = Errors::new();
        let until_s = self.now_s() + seconds;
        while self.now_s() < until_s {
            self.run_for_s(LOOK_S);
            self.look_at_pairs(peers, &mut errors);
        }
        errors
    }

    /// What `peer` told, with true time in nanoseconds.
    pub fn events(&self, peer: PeerIndex) -> &[(i64, ClockEvent)] {
        &self.peers[peer.0].events
    }

    /// How many steps of session time `peer` told.
    pub fn steps(&self, peer: PeerIndex) -> usize {
        let is_step = |event: &ClockEvent| matches!(event, ClockEvent::TimebaseSwitched { .. });
        self.events(peer).iter().filter(|(_, event)| is_step(event)).count()
    }

    /// How many steps these told, added up.
    pub fn steps_of(&self, peers: &[PeerIndex]) -> usize {
        peers.iter().map(|&peer| self.steps(peer)).sum()
    }

    /// The largest step of session time that `peer` did not tell.
    pub fn untold_step_max_ns(&self, peer: PeerIndex) -> i64 {
        self.peers[peer.0].jump_max_ns
    }

    /// The fastest bending of session time that `peer` announced since [`Self::forget_slew`], in ppb.
    pub fn slew_max_ppb(&self, peer: PeerIndex) -> i64 {
        self.peers[peer.0].slew_max_ppb
    }

    /// Looks for the fastest bending from now on.
    pub fn forget_slew(&mut self, peer: PeerIndex) {
        self.peers[peer.0].slew_max_ppb = 0;
    }

    /// Packets that `peer` has sent so far.
    pub fn sent_by(&self, peer: PeerIndex) -> u64 {
        self.peers[peer.0].sent
    }

    /// Packets sent so far, by all.
    pub fn traffic(&self) -> Traffic {
        self.air.traffic
    }

    /// Seconds that peers were awake so far, added up.
    pub fn peer_s(&self) -> f64 {
        self.peer_ns as f64 / 1e9
    }

    /// Packets sent per second and peer so far.
    pub fn packets_per_peer_s(&self) -> f64 {
        self.air.traffic.packets as f64 / self.peer_s().max(1e-9)
    }
}
