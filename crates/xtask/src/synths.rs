//! `cargo xtask bench-synths [ROUNDS]`: one patch in three programs, and what it costs each.
//!
//! Ours, SuperCollider's `scsynth` and Csound, both as Debian builds them, play the same notes ([`patch`]) on the same
//! core into the same kind of file, a 32-bit float WAV in memory, taking turns so that a busy moment of the machine hits
//! all of them. What counts is processor time, user and system, of the whole program. Each file is then listened to
//! ([`listen`]): a program that is quick because it is silent would be found. What is alike and what is not is written in
//! `bench/README.md`.

mod csound;
mod listen;
mod patch;
mod scsynth;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use crate::{
    Outcome, packages,
    run::{command, output, root, run, target_dir},
};

/// Rounds, unless the command line says otherwise.
const ROUNDS: usize = 5;
/// What we want to be at most, as a share of scsynth's time.
const AIM: f64 = 0.5;

/// One program with the patch.
struct Entrant {
    name: &'static str,
    command: Vec<String>,
    wav: PathBuf,
    /// Processor seconds of each round.
    seconds: Vec<f64>,
}

impl Entrant {
    fn new(name: &'static str, wav: &Path, command: &[&str]) -> Self {
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        Self { name, command, wav: wav.to_owned(), seconds: Vec::new() }
    }

    fn best(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn median(&self) -> f64 {
        let mut sorted = self.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::INFINITY)
    }
}

/// Runs the comparison and prints its tables.
pub fn bench(args: &[String]) -> Outcome {
    let rounds = args.first().map_or(Ok(ROUNDS), |text| text.parse()).unwrap_or(0);
    if rounds == 0 {
        return Err(format!("{:?} is not a number of rounds", args.first()));
    }
    packages::ensure(packages::SYNTHS)?;
    run(command(
        "cargo",
        &["build", "--release", "--locked", "--quiet", "-p", "antiphon-engine", "--example", "same_patch"],
    ))?;
    let folder = folder()?;
    let mut entrants = entrants(&folder)?;
    // The last core: the first ones serve more interrupts.
    let core = thread::available_parallelism().map_or(0, |cores| cores.get() - 1).to_string();
    println!("{}; {rounds} rounds in turn on core {core}", patch::describe());
    for _ in 0..rounds {
        for entrant in &mut entrants {
            let seconds = cpu_seconds(&entrant.command, &core)?;
            entrant.seconds.push(seconds);
        }
    }
    print_times(&entrants);
    let heard = print_sounds(&entrants);
    fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    heard
}

/// Writes the notes for each program and names its command.
fn entrants(folder: &Path) -> Result<Vec<Entrant>, String> {
    let file = |name: &str| folder.join(name);
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let write = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
    };
    let notes = patch::notes();
    let (ours, sc, cs) = (file("antiphon.wav"), file("scsynth.wav"), file("csound.wav"));
    let (list, osc, sco) = (file("notes.txt"), file("scsynth.osc"), file("csound.sco"));
    write(&list, patch::text(&notes).as_bytes())?;
    write(&osc, &scsynth::score(&notes))?;
    write(&sco, csound::score(&notes).as_bytes())?;
    let example = examples().join("same_patch");
    let orchestra = root().join("bench/voices.orc");
    let rate = patch::RATE.to_string();
    let block = patch::BLOCK.to_string();
    Ok(vec![
        Entrant::new("antiphon", &ours, &[&text(&example), &text(&list), &text(&ours)]),
        Entrant::new(
            "scsynth",
            &sc,
            &[
                "scsynth",
                "-N",
                &text(&osc),
                "_",
                &text(&sc),
                &rate,
                "WAV",
                "float",
                "-i",
                "0",
                "-o",
                "2",
                "-z",
                &block,
            ],
        ),
        Entrant::new(
            "csound",
            &cs,
            &["csound", "-d", "-m0", "-W", "-f", "-o", &text(&cs), &text(&orchestra), &text(&sco)],
        ),
    ])
}

/// Where cargo puts release examples.
fn examples() -> PathBuf {
    target_dir().join("release/examples")
}

/// A folder in memory where there is one, so that no disk is measured.
fn folder() -> Result<PathBuf, String> {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let folder = base.join(format!("antiphon-bench-synths-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Processor seconds, user and system, of a whole program on one core.
///
/// Bash's `time` reads what the kernel charged the child and those it waited for, to the millisecond.
fn cpu_seconds(words: &[String], core: &str) -> Result<f64, String> {
    let script = r#"TIMEFORMAT='cpu %3U %3S'; time "$@" >/dev/null 2>&1"#;
    let mut timed = Command::new("bash");
    timed.args(["-c", script, "bash", "taskset", "-c", core]).args(words).env("LC_ALL", "C");
    let output = timed.output().map_err(|error| format!("bash could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{}` failed ({})", words.join(" "), output.status));
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let line = told.lines().rev().find_map(|line| line.strip_prefix("cpu "));
    let sum = line.map(|line| line.split(' ').map(|number| number.parse::<f64>()).sum());
    sum.and_then(Result::ok).ok_or_else(|| format!("bash told no times: {told:?}"))
}

fn print_times(entrants: &[Entrant]) {
    println!("\n{:<10}{:>10}{:>10}{:>14}{:>16}", "", "best", "median", "of scsynth", "times real time");
    let scsynth = entrants.iter().find(|entrant| entrant.name == "scsynth").map_or(f64::NAN, Entrant::median);
    for entrant in entrants {
        println!(
            "{:<10}{:>8.3} s{:>8.3} s{:>14.2}{:>16.0}",
            entrant.name,
            entrant.best(),
            entrant.median(),
            entrant.median() / scsynth,
            f64::from(patch::SECONDS) / entrant.median()
        );
    }
    let share = entrants.first().map_or(f64::NAN, Entrant::median) / scsynth;
    let met = if share <= AIM { "met" } else { "not met" };
    println!("aim: at most {AIM} of scsynth's median: {met} ({share:.2})");
    let version = |command| output(command).ok().and_then(|text| text.lines().next().map(str::to_owned));
    let scsynth = version(command("scsynth", &["-v"])).unwrap_or_default();
    let packages =
        command("dpkg-query", &["-W", "-f=${Package} ${Version}, ", "csound", "supercollider-server"]);
    println!("{scsynth}; {}", version(packages).unwrap_or_default().trim_end_matches(", "));
}

fn print_sounds(entrants: &[Entrant]) -> Outcome {
    println!(
        "\n{:<10}{:>9}{:>10}{:>10}{:>14}{:>18}{:>16}",
        "", "length", "RMS", "peak", "brightness", "notes over rest", "silent seconds"
    );
    let mut faults = Vec::new();
    for entrant in entrants {
        let heard = listen::listen(&entrant.wav)?;
        println!(
            "{:<10}{:>7.2} s{:>7.1} dB{:>7.1} dB{:>11.0} Hz{:>15.1} dB{:>16}",
            entrant.name,
            heard.seconds,
            heard.rms_db,
            heard.peak_db,
            heard.brightness_hz,
            heard.notes_over_rest_db,
            heard.silent_seconds
        );
        faults.extend(heard.faults().into_iter().map(|fault| format!("{}: {fault}", entrant.name)));
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("not the same patch: {}", faults.join("; "))) }
}
