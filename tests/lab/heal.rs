//! A cut cable: both sides play on, and come together again without a step.

use std::time::Duration;

use super::{Apart, Band, Bars, Link};
use crate::{
    deadline::{Stopwatch, let_pass, true_now_ns},
    song::Open,
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HealPlan {
    pub peers: usize,
    pub link: Link,
    /// How long everybody settles before the cut.
    pub settle_seconds: u64,
    /// How long the last peer is cut off.
    pub cut_seconds: u64,
    /// How long they are watched after the cable is plugged in again.
    pub watch_seconds: u64,
    /// How far apart the healed may be, in microseconds.
    pub healed_micros: f64,
}

/// From the plug on until session clocks agree again.
const HEAL_LIMIT_S: f64 = 15.0;
const SECOND: i64 = 1_000_000_000;
/// Session clocks that stay together for this long are healed.
const STAYS_NS: i64 = 2 * SECOND;
const LOOK_NS: i64 = SECOND / 20;

/// Cuts off the last peer, heals, and fills the table.
#[track_caller]
pub fn measure(plan: HealPlan, bars: &mut Bars) {
    let mut band = Band::start(plan.peers, plan.link);
    band.jam();
    let_pass(Duration::from_secs(plan.settle_seconds));
    let from_ns = true_now_ns();
    let last = plan.peers - 1;
    band.lan.places()[last].cut();
    edit_apart(&mut band, plan.cut_seconds);
    band.lan.places()[last].heal();
    let (healed_ns, watch) = (true_now_ns(), Stopwatch::start());
    let merged = band.agree();
    band.all_here();
    let_pass(watch.left(Duration::from_secs(plan.watch_seconds)));
    let (to_ns, traces) = (true_now_ns(), band.traces());

    let at_heal = Apart::between(&traces, healed_ns, healed_ns);
    bars.tell("worst pair when the cable was plugged in", format!("{:.1} µs", at_heal.quantile(1.0)));
    let together = together_from(&traces, healed_ns, to_ns, plan.healed_micros);
    let seconds = together.map_or(f64::INFINITY, |at| (at - healed_ns) as f64 / 1e9);
    let name = format!("session clocks within {:.0} µs of one another after", plan.healed_micros);
    bars.at_most(&name, seconds, HEAL_LIMIT_S, "s");
    bars.at_most("documents merged after", merged.as_secs_f64(), HEAL_LIMIT_S, "s");
    let rough = traces.iter().map(|trace| trace.roughness(from_ns));
    let step = rough.clone().map(|rough| rough.step_ns).max().unwrap_or_default();
    bars.holds("greatest step of a session clock from the cut on", format!("{step} ns"), "≤ 2 ns", step <= 2);
    let bend = rough.map(|rough| rough.bend_ppm).fold(0.0, f64::max);
    bars.tell("greatest change of rate at once", format!("{bend:.0} ppm"));
}

/// Both sides change steps of their own while they are apart.
fn edit_apart(band: &mut Band, seconds: u64) {
    let (track, last) = (Open::of(&mut band.friends[0].door).track_id(0), band.len() - 1);
    for second in 0..seconds as usize {
        let watch = Stopwatch::start();
        band.set_step(0, &track, second % 8, 1 + second % 127);
        band.set_step(last, &track, 8 + second % 8, 1 + second % 127);
        let_pass(Duration::from_secs(1).saturating_sub(watch.elapsed()));
    }
}

/// The first moment from which all pairs stay within the bound for a while.
fn together_from(traces: &[super::Trace], from_ns: i64, to_ns: i64, micros: f64) -> Option<i64> {
    let mut since = None;
    for at in (0..).map(|look| from_ns + look * LOOK_NS).take_while(|at| *at <= to_ns) {
        let apart = Apart::between(traces, at, at);
        let close = apart.strangers == 0 && apart.quantile(1.0) <= micros;
        since = if close { since.or(Some(at)) } else { None };
        if let Some(since) = since.filter(|since| at - since >= STAYS_NS) {
            return Some(since);
        }
    }
    None
}
