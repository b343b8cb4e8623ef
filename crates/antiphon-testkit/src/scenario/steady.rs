//! Nothing happens: how far apart are the peers?

use super::{Cost, SETTLE_S, Trial};
use crate::{
    baseline::{Method, follow},
    clock_lab::ClockLab,
    room::Room,
};

/// `peers` that started together, from 30 s on: series `pair`.
pub fn steady(seed: u64, room: Room, peers: usize, seconds: f64) -> Trial {
    let mut trial = Trial::default();
    let mut lab = ClockLab::new(seed, room);
    let all = lab.add_peers(peers);
    lab.run_for_s(SETTLE_S);
    trial.promise(lab.is_one_island(), || "not one island after 30 s".to_owned());
    let steps = lab.steps_of(&all);
    // Packets of the settled time only: those of the start are spent once.
    let start = Cost::of(&lab);
    trial.extend("pair", &lab.measure_pairs(seconds));
    if room.wired >= 2 {
        trial.extend("wired pair", &lab.measure_pairs_of(&all[..room.wired], seconds));
    }
    trial.promise(lab.steps_of(&all) == steps, || "a settled peer stepped".to_owned());
    trial.promise_told(&lab, &all);
    trial.cost = Cost::of(&lab) - start;
    trial
}

/// The same room with one of the other methods: series `pair` and `step`.
pub fn beside(method: Method, seed: u64, room: Room, peers: usize, seconds: f64) -> Trial {
    let mut trial = Trial::default();
    let following = follow(method, seed, room, peers, SETTLE_S, seconds);
    trial.extend("pair", &following.errors);
    trial.extend("step", &following.steps);
    trial.cost.packets = following.packets;
    trial.cost.peer_s = peers as f64 * (SETTLE_S + seconds);
    trial
}
