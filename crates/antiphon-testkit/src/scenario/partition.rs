//! The network falls apart for ten minutes, and nobody is told.

use super::{Trial, nanos};
use crate::{clock_lab::ClockLab, room::Room};

const PARTED_S: f64 = 600.0;
const DEADLINE_S: f64 = 60.0;
/// Healed means that it stays so.
const STAYS_S: f64 = 5.0;

/// Three and three are parted for 600 s. Series `apart` is how far they then are, `healed` the time
/// until all are within `limit_ns`, `slew` the fastest bending since, in ppb.
pub fn partition(seed: u64, room: Room, limit_ns: i64) -> Trial {
    let mut trial = Trial::default();
    let mut lab = ClockLab::new(seed, room);
    let all = lab.add_peers(6);
    lab.run_for_s(40.0);
    let steps = lab.steps_of(&all);
    lab.part(&all[..3]);
    lab.run_for_s(PARTED_S);
    trial.add("apart", lab.spread_ns());
    all.iter().for_each(|&peer| lab.forget_slew(peer));
    lab.heal();
    let (mut healed_s, mut since_s) = (DEADLINE_S, None);
    let start_s = lab.now_s();
    while lab.now_s() - start_s < DEADLINE_S {
        let within = lab.spread_ns() < limit_ns;
        let at_s = lab.now_s() - start_s;
        since_s = since_s.filter(|_| within).or_else(|| within.then_some(at_s));
        if let Some(since_s) = since_s.filter(|since_s| at_s - since_s >= STAYS_S) {
            healed_s = since_s;
            break;
        }
        lab.run_for_s(0.05);
    }
    trial.add("healed", nanos(healed_s));
    all.iter().for_each(|&peer| trial.add("slew", lab.slew_max_ppb(peer)));
    trial.promise(lab.steps_of(&all) == steps, || "a peer stepped".to_owned());
    trial.promise_told(&lab, &all);
    trial.count(&lab);
    trial
}
