//! Two sessions that were founded apart meet.

use super::{Trial, nanos};
use crate::{
    clock_lab::{ClockLab, PeerIndex},
    rng::SeededRng,
    room::Room,
};

const DEADLINE_S: f64 = 20.0;
const LOOK_S: f64 = 0.01;
/// Movement is looked at over so many looks: 50 ms.
const LOOKS: usize = 5;
/// How long the winners' rate is measured before.
const RATE_S: f64 = 2.0;
/// Islands of one size are told apart by age when it differs by more than this.
const SAME_AGE_S: f64 = 0.5;

/// `many` and `few` meet. Series `one time` is the time until all share a timebase and `moved` what the
/// winners' session time did within any 50 ms, beyond its rate before.
pub fn meeting(seed: u64, room: Room, many: usize, few: usize) -> Trial {
    let mut trial = Trial::default();
    let mut rng = SeededRng::of(seed, "meeting", many, few);
    let mut lab = ClockLab::new(seed, room);
    // The smaller one is older, as size goes before age. Of equal ones the older stays.
    let older = lab.add_peers(few);
    lab.run_for_s(SAME_AGE_S + rng.between(0.0, 10.0));
    let younger = lab.add_peers(many);
    lab.run_for_s(20.0);
    let (winners, losers) = if many == few { (older, younger) } else { (younger, older) };
    let timebase = lab.timebase(winners[0]);
    let steps = lab.steps_of(&winners);
    let rates = rates(&mut lab, &winners);
    lab.connect_all();
    let mut before = vec![times(&mut lab, &winners)];
    let (start_s, mut one_s) = (lab.now_s(), None);
    while lab.now_s() - start_s < DEADLINE_S && one_s.is_none_or(|at_s| lab.now_s() - start_s - at_s < 10.0) {
        lab.run_for_s(LOOK_S);
        before.push(times(&mut lab, &winners));
        if let Some(then) = before.len().checked_sub(LOOKS + 1).and_then(|nth| before.get(nth)) {
            for (nth, now_ns) in before[before.len() - 1].iter().enumerate() {
                let expected_ns = LOOKS as f64 * LOOK_S * 1e9 * rates[nth];
                trial.add("moved", now_ns - then[nth] - expected_ns as i64);
            }
        }
        let one = lab.is_one_island();
        one_s = one_s.or_else(|| one.then(|| lab.now_s() - start_s));
    }
    trial.add("one time", nanos(one_s.unwrap_or(DEADLINE_S)));
    trial.promise(lab.steps_of(&winners) == steps, || "a winner stepped".to_owned());
    let moved = losers.iter().all(|&peer| lab.timebase(peer) == timebase);
    trial.promise(moved, || "the minority did not move".to_owned());
    trial.promise(lab.is_one_island(), || "fell apart again".to_owned());
    trial.promise_told(&lab, &lab.awake());
    trial.count(&lab);
    trial
}

fn times(lab: &mut ClockLab, peers: &[PeerIndex]) -> Vec<i64> {
    peers.iter().map(|&peer| lab.session(peer).0).collect()
}

/// Session seconds per true second.
fn rates(lab: &mut ClockLab, peers: &[PeerIndex]) -> Vec<f64> {
    let before = times(lab, peers);
    lab.run_for_s(RATE_S);
    let after = times(lab, peers);
    before.iter().zip(after).map(|(before, after)| (after - before) as f64 / (RATE_S * 1e9)).collect()
}
