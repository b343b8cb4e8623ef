//! Everybody starts at once, and nobody has a time yet.

use super::{Trial, nanos};
use crate::{clock_lab::ClockLab, rng::SeededRng, room::Room};

/// All are started within this.
const WITHIN_S: f64 = 0.05;
const DEADLINE_S: f64 = 15.0;

/// Series `one island` is the time from the last start until all are locked to one timebase.
pub fn cold_start(seed: u64, room: Room, peers: usize) -> Trial {
    let mut trial = Trial::default();
    let mut rng = SeededRng::of(seed, "starts", peers, 0);
    let mut starts: Vec<f64> = (0..peers).map(|_| rng.between(0.0, WITHIN_S)).collect();
    starts.sort_by(f64::total_cmp);
    let mut lab = ClockLab::new(seed, room);
    for at_s in starts {
        lab.run_for_s(at_s - lab.now_s());
        lab.add_peer();
        lab.connect_all();
    }
    let found_s = lab.run_until(DEADLINE_S, |lab| lab.is_one_island());
    trial.add("one island", nanos(found_s.unwrap_or(DEADLINE_S)));
    lab.run_for_s(10.0);
    trial.promise(lab.is_one_island(), || "not one island 10 s after".to_owned());
    trial.promise_told(&lab, &lab.awake());
    trial.count(&lab);
    trial
}
