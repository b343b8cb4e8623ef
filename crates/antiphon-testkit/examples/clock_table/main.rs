//! Measures the session clock beside four other ways to share one, and checks every gate.
//!
//! `cargo xtask clock [--seeds 20] [--seconds 300] [--long] [--threads N] [--only TEXT] [--gates] [--minutes M]`
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
                         [--gates] [--minutes M]

  --seeds N      how many rooms for each row (20)
  --seconds S    how long errors are collected in each (300)
  --long         1,000 seeds
  --threads N    one per core otherwise
  --only TEXT    only rows whose gate, network or case contains TEXT
  --gates        only the gates
  --minutes M    as many seeds of the gates as fit";

struct Options {
    seeds: Range<u64>,
    effort: Effort,
    threads: usize,
    only: String,
    gates_only: bool,
    minutes: f64,
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if !options.gates_only {
        print_comparison(&options);
    }
    let gates = options.run("gates", gates::all(options.effort));
    if gates.is_empty() && options.gates_only {
        eprintln!("no gate has {:?} in its name", options.only);
        return ExitCode::from(2);
    }
    print_gates(&options, &gates);
    let failed = gates.iter().flat_map(|one| one.gate.judge(&one.trials)).filter(|row| !row.passed).count();
    if failed == 0 {
        return ExitCode::SUCCESS;
    }
    eprintln!("{failed} rows fail");
    ExitCode::FAILURE
}

fn print_comparison(options: &Options) {
    let comparison = options.run("comparison", gates::comparison(options.effort));
    let variants = options.run("other rooms", gates::variants(options.effort));
    if !comparison.is_empty() {
        println!("{}\n\n{}", options.describe(&comparison), gates::comparison_table(&comparison));
    }
    if !variants.is_empty() {
        println!("Ours in other rooms:\n\n{}", gates::comparison_table(&variants));
    }
}

fn print_gates(options: &Options, gates: &[Outcome]) {
    if gates.is_empty() {
        return;
    }
    println!("{}\n", options.describe(gates));
    let calm = gates.iter().filter(|one| matches!(one.gate.subject, "steady" | "crowd"));
    if calm.clone().count() > 0 {
        println!("What it costs where nothing happens:\n\n{}", gates::cost_table(calm));
    }
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
        let mut options = Self {
            seeds: 0..20,
            effort: Effort::FULL,
            threads,
            only: String::new(),
            gates_only: false,
            minutes: f64::INFINITY,
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            let number = |text: String| text.parse::<u64>().map_err(|_| format!("{text:?} is no number"));
            match arg.as_str() {
                "--seeds" => options.seeds = 0..number(value()?)?,
                "--seconds" => options.effort = Effort::of_seconds(number(value()?)? as f64),
                "--threads" => options.threads = number(value()?)? as usize,
                "--long" => options.seeds = 0..1000,
                "--gates" => options.gates_only = true,
                "--minutes" => options.minutes = number(value()?)? as f64,
                "--only" => options.only = value()?,
                _ => return Err(format!("there is no option {arg:?}")),
            }
        }
        Ok(options)
    }

    fn describe(&self, outcomes: &[Outcome]) -> String {
        let seeds = outcomes.iter().map(|one| one.seeds).min().unwrap_or(0);
        let Effort { seconds, trouble_seconds } = self.effort;
        format!(
            "{seeds} seeds; {seconds} s each from 30 s on, {trouble_seconds} s beside liars; all pairs every 250 ms."
        )
    }

    fn run(&self, what: &str, mut gates: Vec<Gate>) -> Vec<Outcome> {
        gates.retain(|gate| gate.name().contains(&self.only));
        let mut line = progress::Line::new(what);
        let end = progress::Deadline::in_minutes(self.minutes);
        let (seeds, cpu_s) = (self.seeds.clone(), progress::cpu_s);
        let outcomes =
            sweep(gates, seeds, self.threads, cpu_s, || !end.is_past(), |progress| line.show(progress));
        line.clear();
        outcomes
    }
}
