//! `cargo xtask lab`: measurements on real peers (bench/rig/README.md).

use crate::{
    Outcome, packages,
    run::{command, run, target_dir},
};

/// Needed to hear peers through a sound server.
const SOUND_SERVERS: &[&str] =
    &["pulseaudio", "pulseaudio-utils", "libasound2-plugins", "jackd2", "libjack-jackd2-dev", "sox"];
/// Needed by all: namespaces, counters, real-time priority.
const NETWORK: &[&str] = &["iproute2", "nftables", "util-linux"];

/// Builds the peer and the lab, then measures. `--release` goes to the compiler, everything else to the lab.
pub fn lab(args: &[String]) -> Outcome {
    let release = args.iter().any(|arg| arg == "--release");
    let args: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--release").collect();
    packages::ensure(packages::SOUND)?;
    packages::ensure(NETWORK)?;
    let heard = args.first() == Some(&"sound");
    if heard {
        packages::ensure(SOUND_SERVERS)?;
    }
    build(release, heard)?;
    let profile = if release { "release" } else { "debug" };
    run(command(&target_dir().join(profile).join("antiphon-lab").to_string_lossy(), &args))
}

fn build(release: bool, heard: bool) -> Outcome {
    let mut cargo = command(
        "cargo",
        &["build", "--quiet", "--locked", "-p", "antiphon-cli", "-p", "antiphon-tests", "--bins"],
    );
    if release {
        cargo.arg("--release");
    }
    if heard {
        cargo.args(["--features", "antiphon-cli/jack"]);
    }
    run(cargo)
}
