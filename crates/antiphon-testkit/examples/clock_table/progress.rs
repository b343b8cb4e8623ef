//! One line that tells how far a sweep is.

use std::{
    io::{IsTerminal, Write, stderr},
    time::Instant,
};

use antiphon_testkit::Progress;

const WIDTH: usize = 30;

pub struct Line<'a> {
    what: &'a str,
    started: Instant,
    shown: Instant,
    /// Into a file a line now and then is enough.
    terminal: bool,
}

impl<'a> Line<'a> {
    pub fn new(what: &'a str) -> Self {
        let now = Instant::now();
        Self { what, started: now, shown: now, terminal: stderr().is_terminal() }
    }

    pub fn show(&mut self, progress: Progress<'_>) {
        let pause_s = if self.terminal { 0.1 } else { 10.0 };
        if progress.done < progress.of && self.shown.elapsed().as_secs_f64() < pause_s {
            return;
        }
        self.shown = Instant::now();
        let Progress { done, of, last } = progress;
        let filled = WIDTH * done / of.max(1);
        let left_s = self.started.elapsed().as_secs_f64() * (of - done) as f64 / done.max(1) as f64;
        let bar = "#".repeat(filled) + &".".repeat(WIDTH - filled);
        let end = if self.terminal { "" } else { "\n" };
        eprint!("{}{:<12} [{bar}] {done}/{of}, {left_s:.0} s left, {last:<24}{end}", self.begin(), self.what);
        let _ = stderr().flush();
    }

    pub fn clear(self) {
        if self.terminal {
            eprint!("{}\x1b[K", self.begin());
        }
    }

    fn begin(&self) -> &'static str {
        if self.terminal { "\r" } else { "" }
    }
}

/// When a sweep has to end.
pub struct Deadline {
    started: Instant,
    minutes: f64,
}

impl Deadline {
    pub fn in_minutes(minutes: f64) -> Self {
        Self { started: Instant::now(), minutes }
    }

    pub fn is_past(&self) -> bool {
        self.started.elapsed().as_secs_f64() > 60.0 * self.minutes
    }
}

/// Processor time of this thread, or the time of day where the system does not tell it.
pub fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = stat.and_then(|stat| stat.split(' ').next()?.parse::<u64>().ok());
    nanos.map_or_else(
        || std::time::UNIX_EPOCH.elapsed().map_or(0.0, |since| since.as_secs_f64()),
        |nanos| nanos as f64 / 1e9,
    )
}
