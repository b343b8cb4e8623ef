//! Measures the session clock beside four other ways to share one, and checks every gate.
//!
//! `cargo xtask clock [--seeds 20] [--seconds 300] [--long] [--threads N] [--only TEXT]`
#![allow(clippy::disallowed_methods, reason = "shows its own speed; nothing simulated depends on it")]

mod progress;

use std::{ops::Range, process::ExitCode};

use antiphon_testkit::{
    Outcome,
    gates::{self, Effort, Gate},
    sweep,
};

const USAGE: &str =
    "usage: cargo xtask clock [--seeds 20] [--seconds 300] [--long] [--threads N] [--only TEXT]

  --seeds N      how many rooms for each row (20)
  --seconds S    how long errors are collected in each (300)
  --long         1,000 seeds
  --threads N    one per core otherwise
  --only TEXT    only rows whose gate, network or case contains TEXT";

struct Options {
    seeds: Range<u64>,
    effort: Effort,
    threads: usize,
    only: String,
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let comparison = options.run("comparison", gates::comparison(options.effort));
    let variants = options.run("other rooms", gates::variants(options.effort));
    let gates = options.run("gates", gates::all(options.effort));
    print(&options, &comparison, &variants, &gates);
    let failed = gates.iter().flat_map(|one| one.gate.judge(&one.trials)).filter(|row| !row.passed).count();
    if failed == 0 {
        return ExitCode::SUCCESS;
    }
    eprintln!("{failed} rows fail");
    ExitCode::FAILURE
}

fn print(options: &Options, comparison: &[Outcome], variants: &[Outcome], gates: &[Outcome]) {
    let Options { seeds, effort, .. } = options;
    let seeds = seeds.end - seeds.start;
    println!("{seeds} seeds, {} s each, from 30 s on; n = 5, all pairs every 250 ms.\n", effort.seconds);
    println!("{}", gates::comparison_table(comparison));
    println!("Ours in other rooms:\n\n{}", gates::comparison_table(variants));
    let steady = || gates.iter().filter(|one| matches!(one.gate.subject, "steady" | "crowd"));
    println!("What it costs where nothing happens:\n\n{}", gates::cost_table(steady()));
    if gates.iter().any(|one| one.gate.subject == "liars") {
        println!(
            "Errors of the honest, p99, in multiples of that without a liar:\n\n{}",
            gates::lie_table(gates)
        );
    }
    println!("Gates:\n\n{}", gates::gate_table(gates));
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut options = Self { seeds: 0..20, effort: Effort::FULL, threads, only: String::new() };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text:?} is no number"));
            match arg.as_str() {
                "--seeds" => options.seeds = 0..number(value()?)?,
                "--seconds" => options.effort = Effort::of_seconds(number(value()?)? as f64),
                "--threads" => options.threads = number(value()?)? as usize,
                "--long" => options.seeds = 0..1000,
                "--only" => options.only = value()?,
                _ => return Err(format!("there is no option {arg:?}")),
            }
        }
        Ok(options)
    }

    fn run(&self, what: &str, mut gates: Vec<Gate>) -> Vec<Outcome> {
        gates.retain(|gate| gate.name().contains(&self.only));
        let mut line = progress::Line::new(what);
        let outcomes =
            sweep(gates, self.seeds.clone(), self.threads, progress::cpu_s, |progress| line.show(progress));
        line.clear();
        outcomes
    }
}
