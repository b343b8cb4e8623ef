//! `cargo xtask test`: everything, one runner after the other, and one plain summary line at the end.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    Outcome, interface, layers, packages,
    run::{command, describe, in_ci, root, run},
};

/// What the runners counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
}

/// Format, lints and layers.
pub fn check() -> Outcome {
    packages::ensure(packages::SOUND)?;
    packages::ensure(packages::WINDOW)?;
    // The desktop package is compiled only with a built interface.
    interface::ensure_built()?;
    layers::layers()?;
    run(command("cargo", &["fmt", "--all", "--check"]))?;
    run(command(
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
    ))?;
    interface::npm(&["run", "check", "--silent"])?;
    interface::npm(&["run", "lint", "--silent"])
}

/// Installs what tests need and runs all of them.
pub fn test() -> Outcome {
    packages::ensure(packages::SOUND)?;
    packages::ensure(packages::WINDOW)?;
    packages::ensure(packages::TESTS)?;
    interface::ensure_built()?;
    let runners: Vec<(&str, Command)> = vec![
        ("workspace", command("cargo", &["test", "--locked", "--no-fail-fast"])),
        (
            "the same bits in release",
            command(
                "cargo",
                &["test", "--locked", "--release", "-p", "antiphon-engine", "--test", "canonical"],
            ),
        ),
        ("the same bits for other processors", own(&["bits", "quick"])?),
        ("real-time sanitizer", own(&["rtsan"])?),
        ("interface", npm_test("test")),
        ("programs", command("cargo", &["build", "--locked", "-p", "antiphon-cli"])),
        (
            "window program",
            command(
                "cargo",
                &["build", "--locked", "-p", "antiphon-desktop", "--features", "tauri/custom-protocol"],
            ),
        ),
        ("browser and window", npm_test("e2e")),
    ];
    let mut total = Count::default();
    if let Err(error) = check() {
        println!("xtask: {error}");
        total.failed += 1;
    } else {
        total.passed += 1;
    }
    for (name, runner) in runners {
        let count = counted(name, runner);
        total.passed += count.passed;
        total.failed += count.failed;
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 { Err("some tests failed; their names are above".into()) } else { Ok(()) }
}

/// Another task of ours, in a process of its own so that its lines are counted.
fn own(args: &[&str]) -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|error| format!("where this program is: {error}"))?;
    Ok(command(&program.to_string_lossy(), args))
}

fn npm_test(script: &str) -> Command {
    let mut npm = command("npm", &["run", script, "--silent"]);
    npm.current_dir(root().join("ui"));
    npm
}

/// Runs one runner, shows its output, and adds up its own summary lines. A runner that ends badly without
/// naming a failure counts as one: nothing fails silently.
fn counted(name: &str, mut runner: Command) -> Count {
    println!("\n== {name}: {}", describe(&runner));
    let started = now();
    runner.stdout(Stdio::piped()).env("NO_COLOR", "1").env("CARGO_TERM_COLOR", "never");
    if in_ci() {
        runner.env("ANTIPHON_REQUIRE_ALL", "1");
    }
    let mut count = Count::default();
    let ended_well = match runner.spawn() {
        Err(error) => {
            println!("could not be started: {error}");
            false
        }
        Ok(mut child) => {
            for line in
                BufReader::new(child.stdout.take().expect("piped above")).lines().map_while(Result::ok)
            {
                println!("{line}");
                let seen = summary(&line);
                count.passed += seen.passed;
                count.failed += seen.failed;
            }
            child.wait().is_ok_and(|status| status.success())
        }
    };
    if !ended_well && count.failed == 0 {
        count.failed = 1;
    }
    println!(
        "== {name}: {} passed, {} failed in {} s",
        count.passed,
        count.failed,
        started.elapsed().as_secs()
    );
    count
}

#[expect(clippy::disallowed_methods, reason = "shows how long a runner took")]
fn now() -> Instant {
    Instant::now()
}

/// The counts in a summary line of cargo's runner, vitest, our own end-to-end runner, or a task of ours.
fn summary(line: &str) -> Count {
    let line = line.trim();
    let after = |word: &str| number_before(line, word);
    let is_summary =
        ["test result:", "Tests ", "e2e:", "bits:", "rtsan:"].iter().any(|start| line.starts_with(start));
    if is_summary { Count { passed: after(" passed"), failed: after(" failed") } } else { Count::default() }
}

fn number_before(line: &str, word: &str) -> u64 {
    let before = line.split(word).next().filter(|before| before.len() < line.len());
    before.and_then(|before| before.rsplit(' ').next()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_every_runner_are_read() {
        let cargo = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(summary(cargo), Count { passed: 12, failed: 3 });
        assert_eq!(summary("      Tests  2 failed | 41 passed (43)"), Count { passed: 41, failed: 2 });
        assert_eq!(summary("e2e: 7 passed, 0 failed"), Count { passed: 7, failed: 0 });
        assert_eq!(summary("bits: 2 passed, 1 failed"), Count { passed: 2, failed: 1 });
        assert_eq!(summary("rtsan: not run: no nightly compiler"), Count::default());
        assert_eq!(summary("a test said: 7 passed"), Count::default());
    }
}
