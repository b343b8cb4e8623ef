//! The web interface: its packages, its build, its checks.

use std::{fs, path::Path, time::SystemTime};

use crate::{
    Outcome,
    run::{command, output, root, run},
};

/// The oldest Node.js that the build tools run on.
const NODE_MIN: (u32, u32) = (20, 19);

/// Installs the interface's packages when they changed, and builds it when a source is newer than the last build.
pub fn ensure_built() -> Outcome {
    ensure_packages()?;
    let ui = root().join("ui");
    let built = modified(&ui.join("dist/index.html"));
    let sources =
        [ui.join("src"), ui.join("index.html"), ui.join("package-lock.json"), ui.join("vite.config.ts")];
    if built.is_some() && sources.iter().all(|source| newest(source) <= built) {
        return Ok(());
    }
    println!("xtask: building the interface");
    npm(&["run", "build", "--silent"])
}

/// Installs the interface's packages when the lock file is newer than what is installed.
pub fn ensure_packages() -> Outcome {
    check_node()?;
    let ui = root().join("ui");
    let installed = modified(&ui.join("node_modules/.package-lock.json"));
    if installed.is_some() && modified(&ui.join("package-lock.json")) <= installed {
        return Ok(());
    }
    println!("xtask: installing the interface's packages");
    npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"])
}

/// Runs npm in the interface's folder.
pub fn npm(args: &[&str]) -> Outcome {
    let mut npm = command("npm", args);
    npm.current_dir(root().join("ui"));
    run(npm)
}

fn check_node() -> Outcome {
    let install = format!("install Node.js {}.{} or newer", NODE_MIN.0, NODE_MIN.1);
    let version =
        output(command("node", &["--version"])).map_err(|_| format!("Node.js was not found; {install}"))?;
    let mut parts = version.trim().trim_start_matches('v').split('.').map(|part| part.parse().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < NODE_MIN {
        return Err(format!("Node.js {} is too old; {install}", version.trim()));
    }
    Ok(())
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// The latest change in a file or anywhere in a folder.
fn newest(path: &Path) -> Option<SystemTime> {
    let inside = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| newest(&entry.path()));
    inside.chain([modified(path)]).max().flatten()
}
