//! `cargo xtask rtsan`: the audio callback under LLVM's RealtimeSanitizer, where a nightly compiler is present.

use std::{fs, process::Command};

use crate::{
    Outcome, packages,
    run::{command, describe, output, root, run, target_dir},
};

/// The package, which is outside the workspace.
const PACKAGE: &str = "bench/rtsan";
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Why it cannot run here; `None` when it can.
fn missing() -> Option<String> {
    // Looking must not make rustup fetch one.
    let sysroot =
        command("rustc", &["+nightly", "--print", "sysroot"]).env("RUSTUP_AUTO_INSTALL", "0").output();
    let Some(sysroot) = sysroot.ok().filter(|output| output.status.success()) else {
        return Some("no nightly compiler is installed (`rustup toolchain install nightly`)".into());
    };
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    let library = format!("{sysroot}/lib/rustlib/{TARGET}/lib/librustc-nightly_rt.rtsan.a");
    (!fs::exists(&library).unwrap_or(false)).then(|| format!("the nightly compiler has no {library}"))
}

/// Runs it, and makes sure that the sanitizer would have seen an allocation.
pub fn rtsan() -> Outcome {
    if let Some(reason) = missing() {
        println!("rtsan: not run: {reason}");
        return Ok(());
    }
    packages::ensure(packages::SOUND)?;
    println!("{}", callbacks()?);
    println!("rtsan: 1 passed, 0 failed");
    Ok(())
}

/// What the sanitizer found nothing wrong with.
fn callbacks() -> Result<String, String> {
    // The workspace's versions: cargo drops from the copy what this package does not use.
    let (from, to) = (root().join("Cargo.lock"), root().join(PACKAGE).join("Cargo.lock"));
    fs::copy(&from, &to).map_err(|error| format!("{}: {error}", to.display()))?;
    run(cargo("build"))?;
    let program = target_dir().join("rtsan").join(TARGET).join("debug/antiphon-rtsan");
    let told = output(Command::new(&program))?;
    let mut failing = Command::new(&program);
    failing.arg("fail");
    let outcome = failing.output().map_err(|error| format!("`{}`: {error}", describe(&failing)))?;
    let complaint = String::from_utf8_lossy(&outcome.stderr);
    if outcome.status.success() || !complaint.contains("ERROR: RealtimeSanitizer: unsafe-library-call") {
        return Err("the sanitizer did not see an allocation in the callback".into());
    }
    Ok(told.trim().to_owned())
}

fn cargo(task: &str) -> Command {
    let manifest = format!("{PACKAGE}/Cargo.toml");
    let mut cargo =
        command("cargo", &["+nightly", task, "--quiet", "--manifest-path", &manifest, "--target", TARGET]);
    cargo.env("RUSTFLAGS", "-Zsanitizer=realtime").env("CARGO_TARGET_DIR", target_dir().join("rtsan"));
    cargo
}
