//! `cargo xtask bits [quick]`: the corpus renders to the same bits, whatever it is built for.
//!
//! The engine's `corpus` example renders its songs in blocks of seven sizes and prints a hash for each. It is built here
//! in debug and release, for the oldest x86-64 and for x86-64-v3 (AVX2 and fused multiply-add, which a careless build would
//! use), and for aarch64 under qemu. All must print the same lines, with the hashes that are committed
//! with the engine's tests.

mod aarch64;

use std::{fs, path::PathBuf, process::Command};

use crate::{
    Outcome, packages,
    run::{command, output, root, target_dir},
};

/// Where the hashes are committed.
const GOLDEN: &str = "crates/antiphon-engine/tests/canonical.rs";

/// What is built and run.
struct Build {
    name: String,
    cargo: Command,
    program: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    Debug,
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

/// Builds and compares; `quick` leaves out debug builds and aarch64.
pub fn bits(args: &[String]) -> Outcome {
    let quick = match args {
        [] => false,
        [word] if word == "quick" => true,
        _ => return Err("usage: cargo xtask bits [quick]".into()),
    };
    let profiles = if quick { &[Profile::Release][..] } else { &[Profile::Release, Profile::Debug] };
    let mut builds: Vec<Build> = profiles.iter().map(|profile| native(*profile)).collect();
    match missing_v3() {
        None => builds.extend(profiles.iter().map(|profile| v3(*profile))),
        Some(reason) => println!("not run: x86-64-v3: {reason}"),
    }
    if !quick {
        match aarch64::build() {
            Ok(build) => builds.push(build),
            Err(reason) => println!("not run: aarch64: {reason}"),
        }
    }
    compare(builds)
}

fn compare(builds: Vec<Build>) -> Outcome {
    let mut first: Option<(String, String)> = None;
    let (mut passed, mut failed) = (0, 0);
    for build in builds {
        let name = build.name.clone();
        let verdict = hashes(build).and_then(|lines| match &first {
            None => {
                let told = committed(&lines);
                first = Some((name.clone(), lines));
                told
            }
            Some((reference, wanted)) if *wanted == lines => Ok(format!("the same as {reference}")),
            Some((reference, wanted)) => Err(difference(reference, wanted, &lines)),
        });
        match verdict {
            Ok(told) => {
                passed += 1;
                println!("{name}: {told}");
            }
            Err(told) => {
                failed += 1;
                println!("{name}: FAILED: {told}");
            }
        }
    }
    println!("bits: {passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { Err("not the same bits; the builds are named above".into()) }
}

/// Builds the example and gives what it printed.
fn hashes(build: Build) -> Result<String, String> {
    output(build.cargo)?;
    let (program, args) = build.program.split_first().ok_or("nothing to run")?;
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let lines = output(command(program, &args))?;
    if lines.trim().is_empty() { Err("it printed nothing".into()) } else { Ok(lines) }
}

/// Are the hashes those that the engine's tests expect?
fn committed(lines: &str) -> Result<String, String> {
    let golden = fs::read_to_string(root().join(GOLDEN)).map_err(|error| format!("{GOLDEN}: {error}"))?;
    // A line: song, block size, hash.
    let hashes: Vec<&str> = lines.lines().filter_map(|line| line.split(' ').nth(2)).filter(is_hash).collect();
    if let Some(stranger) = hashes.iter().find(|hash| !golden.contains(&format!("\"{hash}\""))) {
        let line = lines.lines().find(|line| line.ends_with(*stranger)).unwrap_or_default();
        return Err(format!("{line:?}; that hash is not in {GOLDEN}"));
    }
    if hashes.is_empty() {
        Err("it printed no hashes".into())
    } else {
        Ok(format!("{} hashes, as committed", hashes.len()))
    }
}

fn is_hash(text: &&str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn difference(reference: &str, wanted: &str, found: &str) -> String {
    let pair = wanted.lines().zip(found.lines()).find(|(wanted, found)| wanted != found);
    match pair {
        Some((wanted, found)) => format!("{found:?}; {reference} has {wanted:?}"),
        None => format!("{} lines; {reference} has {}", found.lines().count(), wanted.lines().count()),
    }
}

/// For the oldest processor of this machine's kind, which is what cargo builds for.
fn native(profile: Profile) -> Build {
    let name = format!("{} {}", std::env::consts::ARCH, profile.folder());
    let program = example(target_dir().join(profile.folder()));
    Build { name, cargo: cargo(profile), program: vec![program] }
}

fn v3(profile: Profile) -> Build {
    let folder = target_dir().join("bits-x86-64-v3");
    let mut cargo = cargo(profile);
    cargo.env("RUSTFLAGS", "-C target-cpu=x86-64-v3").env("CARGO_TARGET_DIR", &folder);
    let program = example(folder.join(profile.folder()));
    Build { name: format!("x86_64-v3 {}", profile.folder()), cargo, program: vec![program] }
}

/// The example's path inside a folder of cargo's.
fn example(folder: PathBuf) -> String {
    folder.join("examples/corpus").to_string_lossy().into_owned()
}

fn cargo(profile: Profile) -> Command {
    let mut cargo =
        command("cargo", &["build", "--locked", "--quiet", "-p", "antiphon-engine", "--example", "corpus"]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    cargo
}

#[cfg(target_arch = "x86_64")]
fn missing_v3() -> Option<String> {
    let features = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("bmi1", is_x86_feature_detected!("bmi1")),
        ("bmi2", is_x86_feature_detected!("bmi2")),
        ("f16c", is_x86_feature_detected!("f16c")),
        ("fma", is_x86_feature_detected!("fma")),
        ("lzcnt", is_x86_feature_detected!("lzcnt")),
        ("movbe", is_x86_feature_detected!("movbe")),
    ];
    let missing: Vec<&str> = features.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
    (!missing.is_empty()).then(|| format!("this processor has no {}", missing.join(", ")))
}

#[cfg(not(target_arch = "x86_64"))]
fn missing_v3() -> Option<String> {
    Some("this is another processor".into())
}
