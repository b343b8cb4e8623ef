//! Peers that come and go: nobody who stays may notice.

use std::time::Duration;

use antiphon_testkit::sound::quantile;
use serde_json::Value;

use super::{Apart, Band, Bars, Link, Trace};
use crate::deadline::{let_pass, true_now_ns};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComingsPlan {
    pub link: Link,
    /// Those who stay, and those who come and go in turn.
    pub staying: usize,
    pub passing: usize,
    /// Between two comings or goings.
    pub pause_seconds: u64,
    /// What 99 of 100 looks at those who stay must stay below, in microseconds.
    pub p99_micros: f64,
    /// How far one coming may move their mean, in microseconds.
    pub moved_micros: f64,
}

/// A coming is judged by where the mean would be without it this long after.
const EFFECT_NS: i64 = 2_000_000_000;

/// Lets peers come and go, and fills the table.
#[track_caller]
pub fn measure(plan: ComingsPlan, bars: &mut Bars) {
    let mut band = Band::start(plan.staying + plan.passing, plan.link);
    let pause = Duration::from_secs(plan.pause_seconds);
    band.friends[0].door.call("play", Value::Null);
    (1..plan.staying).for_each(|index| band.let_in(index));
    // Rates settle to some parts per million; until then a mean runs away from its tangent by itself.
    let_pass(4 * pause);
    let from_ns = true_now_ns();
    let mut came_ns = Vec::new();
    for index in plan.staying..plan.staying + plan.passing {
        came_ns.push(true_now_ns());
        band.let_in(index);
        let_pass(pause);
    }
    let traces = band.traces();
    // They go from the last on, by turns in order and without a word.
    for number in 0..plan.passing {
        let leaver = band.friends.pop().expect("more came than went");
        if number % 2 == 0 {
            leaver.running.stop()
        } else {
            leaver.running.kill()
        }
        let_pass(pause);
    }
    let (to_ns, staying) = (true_now_ns(), &band.traces()[..plan.staying]);
    let apart = Apart::between(staying, from_ns, to_ns);
    bars.tell("those who stay apart", apart.figures());
    bars.at_most("… p99", apart.quantile(0.99), plan.p99_micros, "µs");
    let step = staying.iter().map(|trace| trace.roughness(from_ns).step_ns).max().unwrap_or_default();
    bars.holds("greatest step of those who stay", format!("{step} ns"), "≤ 2 ns", step <= 2);
    let came: Vec<f64> = came_ns.iter().filter_map(|at| moved_micros(staying, *at)).collect();
    bars.at_most(
        "a coming moves the mean of those who stay",
        quantile(&mut came.clone(), 1.0),
        plan.moved_micros,
        "µs",
    );
    bars.holds(
        "comings and goings",
        format!("{} came, {} went", came.len(), plan.passing),
        "all came",
        came.len() == plan.passing && traces.iter().all(|trace| !trace.is_empty()),
    );
}

/// How far the mean of session times is from where it was heading, some time after a moment.
fn moved_micros(traces: &[Trace], at_ns: i64) -> Option<f64> {
    let mean = |at: i64| {
        let shown: Option<Vec<i64>> = traces.iter().map(|trace| Some(trace.at(at)?.1.0 - at)).collect();
        let shown = shown?;
        Some(shown.iter().map(|nanos| *nanos as f64).sum::<f64>() / shown.len() as f64)
    };
    let (before, here, after) = (mean(at_ns - EFFECT_NS)?, mean(at_ns)?, mean(at_ns + EFFECT_NS)?);
    Some((after - here - (here - before)).abs() / 1e3)
}
