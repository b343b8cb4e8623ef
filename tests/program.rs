//! The program under test, and single commands of it.

use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

/// The `antiphon` that was built beside this test, after bringing it up to date once.
///
/// `cargo test` builds no programs of other packages, and an older one would test yesterday's product.
pub fn antiphon() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let own = env::current_exe().expect("the test knows its own file");
        let folder = own.parent().expect("a file lies in a folder");
        // Tests lie in target/<profile>/deps, programs beside `antiphon` itself.
        let in_deps = folder.file_name() == Some(OsStr::new("deps"));
        let profile = if in_deps { folder.parent().expect("deps lies in a profile") } else { folder };
        let program = profile.join("antiphon");
        // Who starts a program of ours has built both, with the features that it wants.
        if in_deps {
            build(profile);
        }
        assert!(program.exists(), "there is no {}", program.display());
        program
    })
}

fn build(profile: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "-p", "antiphon-cli", "--target-dir"]);
    cargo.arg(profile.parent().expect("a profile lies in the target folder")).current_dir(root);
    if profile.file_name() == Some(OsStr::new("release")) {
        cargo.arg("--release");
    }
    let built = cargo.stdout(Stdio::null()).status().expect("cargo starts");
    assert!(built.success(), "antiphon was not built");
}

/// How a command ended.
#[derive(Debug, Clone)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The command did what it was asked.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self
    }

    /// The command refused as a command should: this exit code, one sentence with a cause, a next step, and no
    /// word of a defect.
    #[track_caller]
    pub fn refused(&self, code: i32, cause: &str) {
        assert_eq!(self.code, code, "exit code; it said: {}{}", self.out, self.err);
        let mut lines = self.err.lines();
        let first = lines.next().unwrap_or_default();
        assert!(first.starts_with("antiphon: "), "not one sentence: {}", self.err);
        assert!(first.contains(cause), "the cause {cause:?} is not told: {}", self.err);
        assert!(lines.any(|line| line.trim_start().starts_with("next: ")), "no next step: {}", self.err);
        self.sane();
    }

    /// The arguments were not understood: exit code 2, what was wrong with them, and where help is.
    #[track_caller]
    pub fn misunderstood(&self, what: &str) {
        assert_eq!(self.code, 2, "exit code; it said: {}{}", self.out, self.err);
        assert!(self.err.contains(what), "{what:?} is not told: {}", self.err);
        assert!(self.err.contains("--help"), "no next step: {}", self.err);
        self.sane();
    }

    /// Nothing that it said sounds like a defect.
    #[track_caller]
    pub fn sane(&self) {
        for word in ["internal error", "panicked", "RUST_BACKTRACE"] {
            assert!(!self.err.contains(word) && !self.out.contains(word), "{}{}", self.out, self.err);
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            // A command that a signal ended has no code.
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs `antiphon` with these arguments and nothing of the surrounding environment that could steer it.
pub fn run(arguments: &[&dyn AsRef<OsStr>]) -> Ran {
    run_with(&[], arguments)
}

/// The same with variables in its environment.
pub fn run_with(variables: &[(&str, &str)], arguments: &[&dyn AsRef<OsStr>]) -> Ran {
    let mut command = quiet(Command::new(antiphon()));
    command.envs(variables.iter().copied());
    command.args(arguments.iter().map(|argument| argument.as_ref()));
    command.stdin(Stdio::null()).output().expect("antiphon starts").into()
}

/// The same command without Antiphon's variables.
pub(crate) fn quiet(mut command: Command) -> Command {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("ANTIPHON_") {
            command.env_remove(name);
        }
    }
    command
}
