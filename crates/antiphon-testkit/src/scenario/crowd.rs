//! A hundred peers, of whom nobody can measure everybody.

use super::{Cost, Trial};
use crate::{clock_lab::ClockLab, errors::Errors, room::Room};

/// A hundred peers are dear to simulate, and no slower to settle than five.
const CROWD_SETTLE_S: f64 = 20.0;

/// `peers` that all can reach each other. Series `pair`, and `sent` in thousandths of packets a second,
/// one value for each peer.
pub fn crowd(seed: u64, room: Room, peers: usize, seconds: f64) -> Trial {
    let mut trial = Trial::default();
    let mut lab = ClockLab::new(seed, room);
    let all = lab.add_peers(peers);
    lab.run_for_s(CROWD_SETTLE_S);
    trial.promise(lab.is_one_island(), || "not one island after 20 s".to_owned());
    let before: Vec<u64> = all.iter().map(|&peer| lab.sent_by(peer)).collect();
    let (start_s, mut errors) = (lab.now_s(), Errors::new());
    let start = Cost::of(&lab);
    while lab.now_s() - start_s < seconds {
        lab.run_for_s(1.0);
        lab.look_at_pairs(&all, &mut errors);
    }
    trial.extend("pair", &errors);
    for (&peer, before) in all.iter().zip(before) {
        let sent = lab.sent_by(peer) - before;
        trial.add("sent", (sent as f64 * 1e3 / (lab.now_s() - start_s)) as i64);
    }
    trial.promise_told(&lab, &all);
    trial.cost = Cost::of(&lab) - start;
    trial
}
