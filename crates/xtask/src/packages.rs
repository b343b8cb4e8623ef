//! System packages of Debian and Ubuntu: what is missing is named, then installed.

use std::process::Stdio;

use crate::{
    Outcome,
    run::{command, run, succeeds},
};

/// Needed by the command line and the gateway: sound.
pub const SOUND: &[&str] = &["libasound2-dev", "pkg-config"];
/// Needed by the window besides: the web view.
pub const WINDOW: &[&str] = &["libwebkit2gtk-4.1-dev"];
/// Needed by the tests besides: a display and its driver, a browser, a sound server, namespaces and their counters, real audio
/// files.
pub const TESTS: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "chromium",
    "pulseaudio",
    "pulseaudio-utils",
    "libasound2-plugins",
    "iproute2",
    "nftables",
    "sonic-pi-samples",
    "hydrogen-drumkits",
];

/// Needed to build for aarch64 and to run that here.
pub const AARCH64: &[&str] = &["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user"];
/// Needed by the comparison with other synthesizers alone.
pub const SYNTHS: &[&str] = &["supercollider-server", "csound"];

/// Installs those of `wanted` that are not there.
pub fn ensure(wanted: &[&str]) -> Outcome {
    if !succeeds("dpkg", &["--version"]) {
        // Another system: the compiler will name what it misses.
        println!(
            "xtask: this is not Debian or Ubuntu; make sure of the equivalents of: {}",
            wanted.join(" ")
        );
        return Ok(());
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("xtask: installing system packages: {}", missing.join(" "));
    apt(&["update", "-q"])?;
    let install = ["install", "-y", "-q", "--no-install-recommends"];
    apt(&[&install[..], &missing[..]].concat())
        .map_err(|error| format!("{error}; install them by hand, then run this again: {}", missing.join(" ")))
}

fn is_installed(package: &str) -> bool {
    let query = command("dpkg-query", &["-W", "-f=${Status}", package]).stderr(Stdio::null()).output();
    query.is_ok_and(|output| output.stdout.ends_with(b"install ok installed"))
}

fn apt(args: &[&str]) -> Outcome {
    let mut apt = if succeeds("sh", &["-c", "test $(id -u) = 0"]) {
        command("apt-get", args)
    } else {
        command("sudo", &[&["apt-get"], args].concat())
    };
    apt.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    run(apt)
}
