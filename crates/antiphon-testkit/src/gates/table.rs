//! The tables that a sweep prints, in markdown.

use super::{Row, Unit};
use crate::{liar::Lie, scenario::Trial, sweep::Outcome};

/// Methods as rows of one network each: error of pairs, steps, packets.
pub fn comparison_table(outcomes: &[Outcome]) -> String {
    let mut table =
        "| network | method | pair error p50 / p99 / max | steps heard, p99 | packets/s a peer |\n\
                     |---|---|---|---|---|\n"
            .to_owned();
    for Outcome { gate, trials, .. } in outcomes {
        let Some(pairs) = trials.series.get("pair") else { continue };
        let [p50, p99] = [0.5, 0.99].map(|share| show(pairs.quantile_ns(share)));
        let steps = trials.series.get("step").filter(|steps| !steps.is_empty());
        let steps = steps.map_or("none".to_owned(), |steps| show(steps.quantile_ns(0.99)));
        let rate = packets_per_s(trials);
        table += &format!(
            "| {} | {} | {p50} / {p99} / {} | {steps} | {rate:.1} |\n",
            gate.subject,
            gate.case,
            show(pairs.max_ns())
        );
    }
    table
}

/// Every gate in a row, its bars in brackets.
pub fn gate_table(outcomes: &[Outcome]) -> String {
    let mut table = "| gate | case | figures (at most) | |\n|---|---|---|---|\n".to_owned();
    for Outcome { gate, trials, .. } in outcomes {
        let rows = gate.judge(trials);
        let mark = if rows.iter().all(|row| row.passed) { "pass" } else { "**FAIL**" };
        let figures: Vec<String> = rows.iter().map(Row::to_string).collect();
        table += &format!("| {} | {} | {} | {mark} |\n", gate.subject, gate.case, figures.join(" · "));
    }
    table
}

/// What every single lie does to the honest: their 99th percentile in multiples of that without it.
pub fn lie_table(outcomes: &[Outcome]) -> String {
    let cases: Vec<&Outcome> =
        outcomes.iter().filter(|one| one.trials.series.contains_key("without")).collect();
    let mut table = String::from("| lie |");
    cases.iter().for_each(|one| table += &format!(" {} |", one.gate.case));
    table += &format!("\n|---|{}\n", "---|".repeat(cases.len()));
    for name in std::iter::once("without").chain(Lie::ALL.map(Lie::name)) {
        table += &format!("| {name} |");
        for one in &cases {
            let p99 = |name: &str| one.trials.series.get(name).map_or(0, |errors| errors.quantile_ns(0.99));
            let times = p99(name) as f64 / p99("without").max(1) as f64;
            let cell = match name {
                "without" => show(p99(name)),
                _ if times > 100.0 => show(p99(name)),
                _ => format!("{times:.2}"),
            };
            table += &format!(" {cell} |");
        }
        table.push('\n');
    }
    table
}

/// What our clocks cost where nothing happens.
pub fn cost_table<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> String {
    let mut table =
        "| case | CPU a peer, simulator included | packets/s a peer | clock bytes/s a peer | on the wire |\n\
                     |---|---|---|---|---|\n"
            .to_owned();
    for Outcome { gate, trials, cpu_s, .. } in outcomes {
        let peer_s = trials.cost.peer_s.max(1e-9);
        let (bytes, packets) = (trials.cost.bytes as f64 / peer_s, packets_per_s(trials));
        table += &format!(
            "| {} | {:.3} ms/s | {packets:.1} | {bytes:.0} | {:.2} kB/s |\n",
            gate.name(),
            cpu_s * 1e3 / peer_s,
            (bytes + packets * CARRIER_BYTES) / 1e3,
        );
    }
    table
}

/// What carries a clock packet: Ethernet, IPv4 and UDP headers, counter and tag of the cipher.
const CARRIER_BYTES: f64 = 14.0 + 20.0 + 8.0 + 8.0 + 16.0;

fn packets_per_s(trials: &Trial) -> f64 {
    trials.cost.packets as f64 / trials.cost.peer_s.max(1e-9)
}

fn show(ns: i64) -> String {
    Unit::Time.show(ns as f64)
}
