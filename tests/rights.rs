//! What this machine lets a test do, and small disks to fill.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// May this test make network namespaces? Without the right it says so; where everything is required, it fails.
#[track_caller]
pub fn may_use_namespaces() -> bool {
    let may = succeeds(Command::new("unshare").args(["-n", "true"]))
        && succeeds(Command::new("ip").args(["netns", "list"]));
    required("network namespaces (root, and the program `ip`)", may)
}

/// A thing that a test needs: present, or a notice, or a failure where everything is required.
#[track_caller]
fn required(what: &str, present: bool) -> bool {
    if !present {
        let must = ["CI", "ANTIPHON_REQUIRE_ALL"].iter().any(|name| env::var_os(name).is_some());
        assert!(!must, "this test needs {what}");
        println!("notice: this test needs {what}; it was not run");
    }
    present
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A small file system in memory, taken away with the test.
#[derive(Debug)]
pub struct Mounted {
    temp: TempDir,
}

impl Mounted {
    /// Mounts one with these options (`size=12m`, `ro`); `None` without the right to.
    #[track_caller]
    pub fn try_new(options: &str) -> Option<Self> {
        let temp = TempDir::with_prefix("antiphon-disk-").expect("a temporary folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(temp.path());
        required("the right to mount a file system", succeeds(&mut mount)).then_some(Self { temp })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.temp.path()
    }

    /// A file on it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a process that still holds a file there must not keep the mount.
        succeeds(Command::new("umount").arg("-l").arg(self.temp.path()));
    }
}
