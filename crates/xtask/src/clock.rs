//! `cargo xtask clock`: the session clock in simulation, beside four other methods, and all of its gates.
//!
//! The simulator is `antiphon-testkit`; its example `clock_table` is built with `--release` and run here. It
//! prints markdown, shows how far it is on standard error, and fails when a gate does.

use crate::{
    Outcome,
    run::{command, run},
};

/// Builds and runs the simulator with `args`, which it explains itself.
pub fn clock(args: &[String]) -> Outcome {
    let mut cargo = command(
        "cargo",
        &["run", "--quiet", "--release", "-p", "antiphon-testkit", "--example", "clock_table", "--"],
    );
    cargo.args(args);
    run(cargo)
}
