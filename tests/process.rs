//! One peer as a process with a data folder of its own.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    deadline::{Stopwatch, until_some},
    door::Door,
    namespaces::Place,
    program::{Ran, antiphon, quiet, run},
};

/// A start may take this long on a machine that is busy with other tests.
const START_LIMIT: Duration = Duration::from_secs(20);
/// An orderly end: the last edits are written first.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// A data folder that goes away with the test.
#[derive(Debug)]
pub struct Home {
    _temp: Option<TempDir>,
    folder: PathBuf,
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Home {
    /// A fresh one, not made yet.
    pub fn new() -> Self {
        let temp = TempDir::with_prefix("antiphon-").expect("a temporary folder");
        Self { folder: temp.path().join("data"), _temp: Some(temp) }
    }

    /// At a place that somebody else clears away.
    pub fn at(folder: &Path) -> Self {
        Self { _temp: None, folder: folder.to_owned() }
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file beside the data folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.with_file_name(name)
    }

    /// Runs a command on this folder: attached to its owner, or alone and without network and sound.
    pub fn run(&self, arguments: &[&dyn AsRef<OsStr>]) -> Ran {
        let mut all: Vec<&dyn AsRef<OsStr>> =
            vec![&"--data", &self.folder, &"--discovery", &"off", &"--audio", &"off"];
        all.extend(arguments);
        run(&all)
    }

    /// The song of the session that was open last.
    #[track_caller]
    pub fn song(&self) -> Value {
        let shown = self.run(&[&"show", &"--json"]).ok().out;
        let mut session: Value = serde_json::from_str(&shown).expect("`show --json` prints JSON");
        session["song"].take()
    }
}

/// How a peer is to run.
#[derive(Debug)]
pub struct Serve<'a> {
    home: &'a Home,
    place: Option<&'a Place>,
    clock: (i64, i64),
    discovery: bool,
    port: u16,
    log: Option<&'a str>,
    variables: Vec<(&'a str, String)>,
    sound: bool,
    preferred: bool,
}

impl<'a> Serve<'a> {
    /// Alone: no discovery, no sound, a true clock.
    pub fn new(home: &'a Home) -> Self {
        let (clock, place, log, variables) = ((0, 0), None, None, Vec::new());
        Self { home, place, clock, discovery: false, port: 0, log, variables, sound: false, preferred: false }
    }

    /// In a namespace, where discovery stays inside.
    pub fn on(self, place: &'a Place) -> Self {
        Self { place: Some(place), discovery: true, ..self }
    }

    /// Reached on this port, and found only by who knows where it is.
    pub fn hidden_at_port(self, port: u16) -> Self {
        Self { port, discovery: false, ..self }
    }

    /// Reached on this port.
    pub fn at_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Logs what this filter lets through.
    pub fn log(self, filter: &'a str) -> Self {
        Self { log: Some(filter), ..self }
    }

    /// With a variable in its environment.
    pub fn variable(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Playing through an audio output.
    pub fn with_sound(self) -> Self {
        Self { sound: true, ..self }
    }

    /// Before others where the processor is short, as a desktop prefers who plays sound. Not with real-time
    /// priority: that is for single threads, and a whole peer with it can take the machine.
    pub fn preferred(self) -> Self {
        Self { preferred: true, ..self }
    }

    /// With a clock that is off and runs fast or slow.
    pub fn clock(self, offset_ms: i64, skew_ppm: i64) -> Self {
        Self { clock: (offset_ms, skew_ppm), ..self }
    }

    /// Starts it and waits until its doors are open.
    #[track_caller]
    pub fn start(self) -> Running {
        match self.try_start() {
            Ok(running) => running,
            Err(ran) => panic!("antiphon serve did not start: {ran:?}"),
        }
    }

    /// Starts it; tells how it ended where it did so before its doors were open.
    pub fn try_start(self) -> Result<Running, Ran> {
        // Made first: it may have to build the program.
        let mut command = self.command();
        let watch = Stopwatch::start();
        let mut child = command.spawn().expect("antiphon starts");
        let (said, err) = (lines_of(child.stdout.take()), lines_of(child.stderr.take()));
        let mut out = Vec::new();
        let url = loop {
            match said.recv_timeout(watch.left(START_LIMIT)) {
                Ok(line) => {
                    if let Some(url) = line.strip_prefix("open ") {
                        break url.to_owned();
                    }
                    out.push(line);
                }
                Err(_) => {
                    // Ended, or silent for too long.
                    let _ = child.kill();
                    let code = child.wait().expect("it was started").code().unwrap_or(-1);
                    let err = err.iter().collect::<Vec<_>>().join("\n");
                    return Err(Ran { code, out: out.join("\n"), err });
                }
            }
        };
        Ok(Running { child, url, started_in: watch.elapsed(), folder: self.home.folder.clone(), err })
    }

    fn command(&self) -> Command {
        let mut command = quiet(match self.place {
            None => Command::new(antiphon()),
            Some(place) => place.command(antiphon()),
        });
        if self.preferred {
            command = nice(&command);
        }
        command.envs(self.log.map(|filter| ("ANTIPHON_LOG", filter)));
        command.envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())));
        command.arg("serve").arg("--data").arg(&self.home.folder);
        command.args(["--audio", if self.sound { "on" } else { "off" }]);
        command.args(["--discovery", if self.discovery { "on" } else { "off" }]);
        command.arg(format!("--peer-port={}", self.port));
        command.arg(format!("--clock-offset-ms={}", self.clock.0));
        command.arg(format!("--clock-skew-ppm={}", self.clock.1));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// The same command, run before others.
fn nice(command: &Command) -> Command {
    let mut nice = quiet(Command::new("nice"));
    nice.args(["-n", "-15"]).arg(command.get_program()).args(command.get_args());
    nice
}

/// Lines of a pipe as they come, so that the process never waits for its reader.
fn lines_of(pipe: Option<impl std::io::Read + Send + 'static>) -> Receiver<String> {
    let (line, lines) = mpsc::channel();
    let pipe = pipe.expect("piped above");
    thread::spawn(move || {
        BufReader::new(pipe).lines().map_while(Result::ok).try_for_each(|text| line.send(text))
    });
    lines
}

/// A peer that runs; killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    folder: PathBuf,
    url: String,
    started_in: Duration,
    err: Receiver<String>,
}

impl Running {
    /// Its process id.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The log that it writes.
    pub fn log(&self) -> PathBuf {
        self.folder.join("antiphon.log")
    }

    /// A new connection to its local socket.
    pub fn door(&self) -> Door {
        Door::open(&self.folder.join("door.sock"))
    }

    /// The gateway's URL with its token.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From the start of the process until its doors were open.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Ends it as the system does, without a chance to write anything.
    pub fn kill(mut self) {
        self.end_now();
    }

    /// Asks it to end, and waits until it has.
    #[track_caller]
    pub fn stop(mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(asked.success(), "it had ended already");
        let status = until_some("an orderly end", STOP_LIMIT, || self.child.try_wait().expect("ours"));
        let complaints: Vec<_> = self.err.try_iter().collect();
        assert!(status.success(), "ended with {status}: {complaints:?}");
        assert!(!complaints.iter().any(|line| line.contains("internal error")), "{complaints:?}");
    }

    /// It still runs, and has not complained of a defect.
    #[track_caller]
    pub fn is_well(&mut self) {
        let ended = self.child.try_wait().expect("ours");
        let complaints: Vec<_> = self.err.try_iter().collect();
        assert!(ended.is_none(), "ended with {ended:?}: {complaints:?}");
        assert!(!complaints.iter().any(|line| line.contains("internal error")), "{complaints:?}");
    }

    fn end_now(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end_now();
    }
}
