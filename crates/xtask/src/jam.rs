//! `cargo xtask jam`: from a fresh machine to sound.

use std::env;

use crate::{
    Outcome, interface, packages,
    run::{command, run},
};

/// Builds and starts the app; further arguments go to it.
pub fn jam(args: &[String]) -> Outcome {
    let window = has_display();
    packages::ensure(packages::SOUND)?;
    if window {
        packages::ensure(packages::WINDOW)?;
    }
    interface::ensure_built()?;
    let package: &[&str] = if window {
        &["run", "--package", "antiphon-desktop", "--features", "tauri/custom-protocol", "--"]
    } else {
        println!("xtask: no display was found; the interface will be in the browser");
        &["run", "--package", "antiphon-cli", "--bin", "antiphon", "--", "serve"]
    };
    let rest: Vec<&str> = args.iter().map(String::as_str).collect();
    run(command("cargo", &[package, &rest].concat()))
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(target_os = "linux")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
