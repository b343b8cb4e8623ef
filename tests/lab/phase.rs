//! How far apart session clocks are: every pair, at the same true moments.

use std::time::Duration;

use antiphon_testkit::{Network, sound::quantile};

use super::{Band, Bars, Link, Sent, Trace};
use crate::{
    bridge::Lateness,
    deadline::{let_pass, true_now_ns},
};

const SECOND: i64 = 1_000_000_000;
/// Session clocks are compared this often.
const LOOK_EVERY_NS: i64 = SECOND / 4;
/// From when on after the last has joined, as in the simulator.
const SETTLED_AFTER_NS: i64 = 30 * SECOND;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhasePlan {
    pub peers: usize,
    pub link: Link,
    /// How long after everybody has settled.
    pub seconds: u64,
    /// How long that takes.
    pub settle_ns: i64,
    /// What 99 of 100 looks must stay below, in microseconds.
    pub p99_micros: f64,
}

impl PhasePlan {
    /// The bars of a full run: over plain cables 100 µs, over a model half as much again as the simulator's p99
    /// (docs/PERFORMANCE.md).
    pub fn full(peers: usize, link: Link, seconds: u64) -> Self {
        let p99_micros = match link {
            Link::Veth => 100.0,
            Link::Model(network, _) => 1.5 * simulated_p99_micros(network),
        };
        Self { peers, link, seconds, settle_ns: SETTLED_AFTER_NS, p99_micros }
    }
}

/// The row "n = 5" of the simulator's table in docs/PERFORMANCE.md.
fn simulated_p99_micros(network: Network) -> f64 {
    match network {
        Network::Lan => 32.0,
        Network::GoodWifi => 231.0,
        Network::BadWifi => 902.0,
        Network::Internet => 2_950.0,
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Apart {
    /// Of every pair at every look, in microseconds.
    pub micros: Vec<f64>,
    /// Looks at which a pair followed different timebases, or one had none.
    pub strangers: usize,
}

impl Apart {
    /// Compares every pair of traces between two true moments.
    pub fn between(traces: &[Trace], from_ns: i64, to_ns: i64) -> Self {
        let mut apart = Self::default();
        let looks = (0..).map(|look| from_ns + look * LOOK_EVERY_NS).take_while(|at| *at <= to_ns);
        for at_ns in looks {
            let shown: Vec<_> = traces.iter().map(|trace| trace.at(at_ns)).collect();
            for (index, one) in shown.iter().enumerate() {
                for other in &shown[..index] {
                    match (one, other) {
                        (Some((a, here)), Some((b, there))) if a == b => {
                            apart.micros.push((here.0 - there.0).abs() as f64 / 1e3);
                        }
                        _ => apart.strangers += 1,
                    }
                }
            }
        }
        apart
    }

    /// The microseconds that this share of looks stayed below.
    pub fn quantile(&self, part: f64) -> f64 {
        quantile(&mut self.micros.clone(), part)
    }

    /// The figures in one line.
    pub fn figures(&self) -> String {
        let at = |part| self.quantile(part);
        format!(
            "p50 {:.1}, p99 {:.1}, worst {:.1} µs of {} looks",
            at(0.5),
            at(0.99),
            at(1.0),
            self.micros.len()
        )
    }
}

/// Runs a band and fills the table; the lateness of the bridge where there was one.
#[track_caller]
pub fn measure(plan: PhasePlan, bars: &mut Bars) -> Option<Lateness> {
    let mut band = Band::start(plan.peers, plan.link);
    band.count_traffic();
    band.jam();
    let_pass(Duration::from_nanos(plan.settle_ns.unsigned_abs()));
    forget_lateness(&band);
    let (from_ns, sent_before) = (true_now_ns(), band.sent());
    let_pass(Duration::from_secs(plan.seconds));
    let (to_ns, sent_after) = (true_now_ns(), band.sent());
    let lateness = band.lan.bridge().map(|bridge| bridge.lateness());
    let traces = band.traces();

    let apart = Apart::between(&traces, from_ns, to_ns);
    bars.tell("pairs of session clocks apart", apart.figures());
    bars.at_most("… p99", apart.quantile(0.99), plan.p99_micros, "µs");
    bars.holds(
        "looks at peers with different session clocks",
        apart.strangers.to_string(),
        "0",
        apart.strangers == 0,
    );
    tell_steps(&traces, from_ns, bars);
    tell_locks(&band, &traces, bars);
    let sent = sent_after.iter().zip(&sent_before).map(|(after, before)| *after - *before);
    tell_traffic(&sent.collect::<Vec<_>>(), (to_ns - from_ns) as f64 / 1e9, bars);
    if let Some(lateness) = &lateness {
        bars.tell("the bridge's own lateness", lateness.to_string());
    }
    lateness
}

fn forget_lateness(band: &Band) {
    if let Some(bridge) = band.lan.bridge() {
        bridge.lateness();
    }
}

fn tell_steps(traces: &[Trace], from_ns: i64, bars: &mut Bars) {
    let worst = traces.iter().map(|trace| trace.roughness(from_ns).step_ns).max().unwrap_or_default();
    bars.holds("greatest step of a session clock", format!("{worst} ns"), "≤ 2 ns", worst <= 2);
}

/// From when the owner said yes until the newcomer followed the band's timebase for good.
fn tell_locks(band: &Band, traces: &[Trace], bars: &mut Bars) {
    let settled = traces.iter().map(Trace::settled_since).skip(1).zip(band.let_in_ns.iter().skip(1));
    let locks: Vec<String> = settled
        .map(|(settled, let_in)| {
            settled.map_or("never".into(), |at| format!("{:.2}", (at - let_in) as f64 / 1e9))
        })
        .collect();
    bars.tell("from asking until in the band's time, s", locks.join(", "));
}

/// Packets and bytes a second of the peer that sent most.
pub(super) fn tell_traffic(sent: &[Sent], seconds: f64, bars: &mut Bars) {
    let most = |of: fn(&Sent) -> u64| sent.iter().map(of).max().unwrap_or_default() as f64 / seconds;
    bars.tell(
        "sent by the busiest peer",
        format!(
            "{:.1} packets and {:.0} bytes a second; of these the clock's datagrams {:.1} and {:.0}, discovery {:.0} bytes",
            most(|sent| sent.total.packets),
            most(|sent| sent.total.bytes),
            most(|sent| sent.clock.packets),
            most(|sent| sent.clock.bytes),
            most(|sent| sent.discovery.bytes),
        ),
    );
}
