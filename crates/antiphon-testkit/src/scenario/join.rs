//! A newcomer: how long until it is right, and do the others notice?

use super::{Trial, nanos};
use crate::{
    clock_lab::{ClockLab, PeerIndex},
    room::Room,
};

const ESTABLISHED: usize = 4;
const ESTABLISHED_S: f64 = 40.0;
/// Who is right for this long stays right.
const STAYS_S: f64 = 10.0;
const WATCHED_S: f64 = 30.0;
const LOOK_S: f64 = 0.01;

/// A fifth peer joins four. Series `locked` and `right` are the times until it is locked to their
/// timebase, and until it also is within `limit_ns` of their mean for 10 s; `moved` is how far their
/// mean was 10 s later from where it is without the newcomer.
pub fn join(seed: u64, room: Room, limit_ns: i64) -> Trial {
    let mut trial = Trial::default();
    let (mut lab, all) = established(seed, room);
    let (mut twin, _) = established(seed, room);
    let (timebase, steps) = (lab.timebase(all[0]), lab.steps_of(&all));
    let joiner = lab.add_peer();
    lab.connect_all();
    let (mut locked_s, mut right_since_s) = (None, None);
    let mut now_s = 0.0;
    while now_s < WATCHED_S && right_since_s.is_none_or(|since_s| now_s - since_s < STAYS_S) {
        lab.run_for_s(LOOK_S);
        now_s += LOOK_S;
        let locked = lab.is_locked(joiner) && lab.timebase(joiner) == timebase;
        let error_ns = lab.session(joiner).0 - lab.mean_session_ns(&all);
        if locked && locked_s.is_none() {
            locked_s = Some(now_s);
            trial.add("error at lock", error_ns);
        }
        let right = locked && error_ns.abs() < limit_ns;
        right_since_s = right_since_s.filter(|_| right).or_else(|| right.then_some(now_s));
        if (now_s - STAYS_S).abs() < LOOK_S / 2.0 {
            twin.run_for_s(STAYS_S);
            trial.add("moved", lab.mean_session_ns(&all) - twin.mean_session_ns(&all));
        }
    }
    trial.add("locked", nanos(locked_s.unwrap_or(WATCHED_S)));
    trial.add("right", nanos(right_since_s.unwrap_or(WATCHED_S)));
    trial.promise(lab.steps_of(&all) == steps, || "a joiner made an established peer step".to_owned());
    trial.promise_told(&lab, &all);
    trial.count(&lab);
    trial
}

fn established(seed: u64, room: Room) -> (ClockLab, Vec<PeerIndex>) {
    let mut lab = ClockLab::new(seed, room);
    let all = lab.add_peers(ESTABLISHED);
    lab.run_for_s(ESTABLISHED_S);
    (lab, all)
}
