//! The corpus for aarch64, run by qemu.
//!
//! Where rustup has the target, its standard library is used. Otherwise Debian's newest Rust is unpacked below the target
//! folder, nothing being installed: the compiler of this machine's kind, and the standard library of arm64 beside it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{Build, Profile, cargo, example, packages};
use crate::run::{command, output, run, succeeds, target_dir};

const TARGET: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
/// Debian's Rust that is as new as the browsers need, also in older releases.
const COMPILER: &str = "rustc-web";
const STANDARD_LIBRARY: &str = "libstd-rust-web-dev";

/// The build, or why there is none.
pub fn build() -> Result<Build, String> {
    let toolchain = if has_target() { None } else { Some(unpacked()?) };
    packages::ensure(packages::AARCH64)?;
    if !succeeds("qemu-aarch64", &["--version"]) {
        return Err("there is no qemu-aarch64".into());
    }
    let folder = target_dir().join("bits-aarch64");
    let mut cargo = cargo(Profile::Release);
    cargo.args(["--target", TARGET]).env("CARGO_TARGET_DIR", &folder);
    cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER);
    cargo.env("CC_aarch64_unknown_linux_gnu", LINKER);
    let mut name = "aarch64 release".to_owned();
    if let Some(root) = toolchain {
        let rustc = root.join("usr/bin/rustc");
        let mut version = Command::new(&rustc);
        version.arg("--version").env("LD_LIBRARY_PATH", libraries(&root));
        name += &format!(" ({})", output(version)?.trim());
        cargo.env("RUSTC", rustc).env("LD_LIBRARY_PATH", libraries(&root));
    }
    let program = example(folder.join(TARGET).join("release"));
    let program = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", &program].map(str::to_owned);
    Ok(Build { name, cargo, program: program.to_vec() })
}

/// Has the compiler in use a standard library for aarch64?
fn has_target() -> bool {
    let mut folder = command("rustc", &["--print", "target-libdir", "--target", TARGET]);
    let folder = folder.stderr(Stdio::null()).output();
    folder.is_ok_and(|folder| holds_std(Path::new(String::from_utf8_lossy(&folder.stdout).trim())))
}

fn holds_std(folder: &Path) -> bool {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.into_iter().any(|name| name.to_string_lossy().starts_with("libstd-"))
}

fn libraries(root: &Path) -> PathBuf {
    root.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH))
}

/// Debian's Rust below the target folder.
fn unpacked() -> Result<PathBuf, String> {
    let folder = target_dir().join("bits-aarch64/debian");
    let root = folder.join("root");
    let std = root.join("usr/lib/rustlib").join(TARGET).join("lib");
    if root.join("usr/bin/rustc").exists() && holds_std(&std) {
        return Ok(root);
    }
    let version = offered()?;
    println!("xtask: unpacking Debian's Rust {version} for aarch64 below {}", folder.display());
    fs::create_dir_all(folder.join("debs")).map_err(|error| format!("{}: {error}", folder.display()))?;
    download(&folder, &needed(COMPILER)?, None)?;
    let foreign = foreign_apt(&folder)?;
    download(&folder, &[format!("{STANDARD_LIBRARY}={version}")], Some(&foreign))?;
    let entries = fs::read_dir(folder.join("debs")).map_err(|error| error.to_string())?;
    for deb in entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some()) {
        run(command("dpkg-deb", &["-x", &deb.to_string_lossy(), &root.to_string_lossy()]))?;
    }
    if holds_std(&std) { Ok(root) } else { Err(format!("no standard library came to {}", std.display())) }
}

/// The version that Debian offers here, if it is new enough for us.
fn offered() -> Result<String, String> {
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    let mut show = command("apt-cache", &["show", "--no-all-versions", COMPILER]);
    let shown = show.stderr(Stdio::null()).output().map(|output| output.stdout).unwrap_or_default();
    let shown = String::from_utf8_lossy(&shown).into_owned();
    let version = shown.lines().find_map(|line| line.strip_prefix("Version: "));
    let reason = "rustup has not the target, and Debian's packages here have no";
    let version = version.ok_or_else(|| format!("{reason} {COMPILER} (`rustup target add {TARGET}`)"))?;
    if numbers(version) < numbers(wanted) {
        return Err(format!("{reason} Rust {wanted} (only {version})"));
    }
    Ok(version.to_owned())
}

/// Major and minor.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').take(2).map(|number| number.parse().unwrap_or(0)).collect()
}

/// The compiler's package and those of its libraries that a usual system has not.
fn needed(package: &str) -> Result<Vec<String>, String> {
    let mut found = vec![package.to_owned()];
    let mut at = 0;
    while let Some(package) = found.get(at).cloned() {
        let depends = output(command("apt-cache", &["depends", &package]))?;
        for name in depends.lines().filter_map(|line| line.trim().strip_prefix("Depends: ")) {
            let of_rust = ["libstd-rust", "libllvm"].iter().any(|start| name.starts_with(start));
            if of_rust && !found.iter().any(|known| known == name) {
                found.push(name.to_owned());
            }
        }
        at += 1;
    }
    Ok(found)
}

fn download(folder: &Path, packages: &[String], config: Option<&Path>) -> Result<(), String> {
    let mut apt = Command::new("apt-get");
    apt.args(["download", "-q"]).args(packages).current_dir(folder.join("debs"));
    if let Some(config) = config {
        apt.env("APT_CONFIG", config);
    }
    // apt warns, at length, that root downloads into a folder of root's.
    apt.stdout(Stdio::null()).stderr(Stdio::null());
    run(apt)
}

/// A second package index, of arm64, that leaves the system's alone.
fn foreign_apt(folder: &Path) -> Result<PathBuf, String> {
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    for part in ["state/lists/partial", "cache/archives/partial"] {
        fs::create_dir_all(folder.join(part)).map_err(fault)?;
    }
    let config = folder.join("apt.conf");
    let place = folder.display();
    let text = format!(
        "Dir::State \"{place}/state\";\nDir::State::status \"/dev/null\";\nDir::Cache \"{place}/cache\";\n\
         APT::Architecture \"arm64\";\nAPT::Architectures {{ \"arm64\"; }};\n"
    );
    fs::write(&config, text).map_err(fault)?;
    let mut update = Command::new("apt-get");
    update.args(["update", "-q"]).env("APT_CONFIG", &config).stdout(Stdio::null()).stderr(Stdio::null());
    run(update)?;
    Ok(config)
}
