//! The gates of the session clock, in simulation against exact truth.
//!
//! The stories, the bars and the simulator are those of `antiphon_testkit::{scenario, gates}`, so that
//! `cargo xtask clock` judges by the same. Twenty seeds of each, looked at for a shorter time than there;
//! `ANTIPHON_LONG=1` runs 1,000 for as long as the tables do.

mod calm;
mod faults;
mod liars;
mod newcomers;
mod partings;

use antiphon_testkit::{
    gates::{self, Effort, Gate},
    is_long, seed, sweep,
};

/// Tells the stories of one subject in one kind of room, prints their figures, and fails where a bar is
/// passed.
#[track_caller]
fn check(subject: &str, case: &str) {
    let (effort, seeds) = if is_long() { (Effort::FULL, 1000) } else { (Effort::QUICK, 20) };
    let mut gates = gates::all(effort);
    gates.retain(|gate: &Gate| gate.subject == subject && gate.case.starts_with(case));
    assert!(!gates.is_empty(), "there is no gate {subject}, {case}");
    // Tests are threads themselves.
    let seeds = seed(0)..seed(0) + seeds;
    let outcomes = sweep(gates, seeds, 1, || 0.0, || true, |_| {});
    let table = gates::gate_table(&outcomes);
    println!("{table}");
    let failed =
        outcomes.iter().flat_map(|one| one.gate.judge(&one.trials)).filter(|row| !row.passed).count();
    assert_eq!(failed, 0, "{table}");
}
