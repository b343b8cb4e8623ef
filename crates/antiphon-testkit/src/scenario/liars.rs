//! Some of the peers lie: what becomes of the honest ones?

use super::Trial;
use crate::{clock_lab::ClockLab, errors::Errors, liar::Lie, room::Room};

/// Everybody is honest for so long, except in every other trial.
const HONEST_S: f64 = 15.0;

/// The last `liars` of `peers` lie, each trial with another honest beginning or none. Series `without`
/// are the errors of the honest pairs when nobody lies, and one series named after each lie when they do.
pub fn liars(seed: u64, room: Room, peers: usize, liars: usize, seconds: f64) -> Trial {
    let mut trial = Trial::default();
    let without = honest_pairs(&mut trial, seed, room, (peers, liars), None, seconds);
    trial.extend("without", &without);
    for lie in Lie::ALL {
        let errors = honest_pairs(&mut trial, seed, room, (peers, liars), Some(lie), seconds);
        trial.extend(lie.name(), &errors);
    }
    trial
}

fn honest_pairs(
    trial: &mut Trial,
    seed: u64,
    room: Room,
    (peers, liars): (usize, usize),
    lie: Option<Lie>,
    seconds: f64,
) -> Errors {
    let mut lab = ClockLab::new(seed, room);
    let all = lab.add_peers(peers);
    let (honest, dishonest) = all.split_at(peers - liars);
    let begin = |lab: &mut ClockLab| {
        if let Some(lie) = lie {
            dishonest.iter().for_each(|&peer| lab.lie(peer, lie));
        }
    };
    let from_birth = seed % 2 == 1;
    if from_birth {
        begin(&mut lab);
    }
    lab.run_for_s(HONEST_S);
    if !from_birth {
        begin(&mut lab);
    }
    let steps = lab.steps_of(honest);
    let errors = lab.measure_pairs_of(honest, seconds);
    let name = lie.map_or("nobody lies", Lie::name);
    trial.promise(lab.are_one_island(honest), || format!("{name}: the honest are not one island"));
    trial.promise(lab.steps_of(honest) == steps, || format!("{name}: an honest peer stepped"));
    trial.promise_told(&lab, honest);
    trial.count(&lab);
    errors
}
