//! A machine sleeps in the middle of a session.

use super::{Trial, nanos};
use crate::{clock_lab::ClockLab, rng::SeededRng, room::Room};

const SLEPT_S: f64 = 30.0;
const DEADLINE_S: f64 = 20.0;

/// What the counters of sleep are wrong by, at most.
const GAP_ERROR_S: f64 = 0.001;

/// One of four sleeps for 30 s, and its machine may know for how long. Series `relocked` is the time from waking until it is locked and within
/// `limit_ns` of the others, `others` their errors meanwhile.
pub fn suspend(seed: u64, room: Room, limit_ns: i64, gap_known: bool) -> Trial {
    let mut trial = Trial::default();
    let mut lab = ClockLab::new(seed, room);
    let all = lab.add_peers(4);
    lab.run_for_s(40.0);
    let (sleeper, others) = (all[0], &all[1..]);
    let steps = lab.steps_of(others);
    lab.sleep(sleeper);
    trial.extend("others", &lab.measure_pairs_of(others, SLEPT_S));
    let gap_s = SLEPT_S + SeededRng::of(seed, "gap", 0, 0).between(-GAP_ERROR_S, GAP_ERROR_S);
    lab.wake_knowing(sleeper, nanos(SLEPT_S), gap_known.then(|| nanos(gap_s)));
    let back_s = lab.run_until(DEADLINE_S, |lab| {
        let error_ns = lab.session(sleeper).0 - lab.mean_session_ns(others);
        lab.is_one_island() && error_ns.abs() < limit_ns
    });
    trial.add("relocked", nanos(back_s.unwrap_or(DEADLINE_S)));
    trial.extend("others", &lab.measure_pairs_of(others, 10.0));
    trial.extend("after", &lab.measure_pairs_of(&all, 5.0));
    trial.promise(lab.steps_of(others) == steps, || "one of the others stepped".to_owned());
    trial.promise_told(&lab, others);
    trial.count(&lab);
    trial
}
