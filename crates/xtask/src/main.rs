//! Repository tasks: `cargo xtask jam` starts Antiphon, `cargo xtask test` proves it.
//!
//! Both install what they need, say what they install, and are quick the second time.
#![forbid(unsafe_code)]

mod bindings;
mod bits;
mod clock;
mod interface;
mod jam;
mod lab;
mod layers;
mod packages;
mod rtsan;
mod run;
mod synths;
mod test;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <task>

  jam [ARGS]   build and start Antiphon: a window where there is a display,
               else the same interface in the browser (its URL is printed)
  test         install what tests need and run all of them
  check        format, lints and layers only
  layers       check which crate uses which
  bindings     write the TypeScript types of antiphon-api
  bits [quick] render the corpus for several processors and compare every bit
  clock [--seeds 20] [--seconds 300] [--long] [--minutes M] [--only TEXT] [--gates]
               simulate the session clock beside four other methods and check every
               gate; prints the tables of docs/PERFORMANCE.md
  rtsan        the audio callback under RealtimeSanitizer (needs a nightly compiler)
  lab MEASUREMENT [ARGS]
               real peers in network namespaces, measured (bench/rig/README.md)
  bench-synths [ROUNDS]
               the same patch in ours, scsynth and Csound, and what it costs each";

/// What a task comes to: nothing, or one sentence with the cause and the next step.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let outcome = match task.as_str() {
        "jam" => jam::jam(&rest),
        "test" => test::test(),
        "check" => test::check(),
        "layers" => layers::layers(),
        "bindings" => bindings::bindings(),
        "bits" => bits::bits(&rest),
        "clock" => clock::clock(&rest),
        "rtsan" => rtsan::rtsan(),
        "lab" => lab::lab(&rest),
        "bench-synths" => synths::bench(&rest),
        "" | "help" | "--help" | "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => Err(format!("there is no task {other:?}\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
