//! A connection to a peer's local socket: calls with deadlines, and the events between them.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::Path,
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::deadline::Stopwatch;

/// No answer of a peer may take longer, whatever the machine is busy with.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// Events kept while nobody looks at them.
const EVENTS_MAX: usize = 20_000;

/// A message and when it came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub at: Stopwatch,
    pub message: Value,
}

/// A refusal of the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    pub message: String,
    pub next_step: Option<String>,
}

/// One connection.
#[derive(Debug)]
pub struct Door {
    stream: UnixStream,
    heard: Receiver<Heard>,
    events: VecDeque<Heard>,
    next_id: u64,
}

impl Door {
    /// Connects to the socket.
    #[track_caller]
    pub fn open(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket)
            .unwrap_or_else(|error| panic!("{} does not answer: {error}", socket.display()));
        let (message, heard) = mpsc::channel();
        let lines = BufReader::new(stream.try_clone().expect("a socket can be shared"));
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let at = Stopwatch::start();
                let read = serde_json::from_str(&line).expect("a peer sends JSON");
                if message.send(Heard { at, message: read }).is_err() {
                    return;
                }
            }
        });
        Self { stream, heard, events: VecDeque::new(), next_id: 1 }
    }

    /// Sends bytes as they are, with the end of a line.
    pub fn send_raw(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(line)?;
        self.stream.write_all(b"\n")
    }

    /// Calls a command that must succeed.
    #[track_caller]
    pub fn call(&mut self, name: &str, args: Value) -> Value {
        match self.try_call(name, args) {
            Ok(value) => value,
            Err(refusal) => panic!("{name} was refused: {refusal:?}"),
        }
    }

    /// Calls a command that must be refused.
    #[track_caller]
    pub fn refused(&mut self, name: &str, args: Value) -> Refusal {
        match self.try_call(name, args) {
            Ok(value) => panic!("{name} was not refused: {value}"),
            Err(refusal) => refusal,
        }
    }

    /// Calls a command.
    #[track_caller]
    pub fn try_call(&mut self, name: &str, args: Value) -> Result<Value, Refusal> {
        self.ask(name, args).unwrap_or_else(|| panic!("no answer to {name} within {ANSWER_LIMIT:?}"))
    }

    /// Calls a command of a peer that may be gone: `None` where no answer comes.
    pub fn ask(&mut self, name: &str, args: Value) -> Option<Result<Value, Refusal>> {
        let id = self.next_id;
        self.next_id += 1;
        let request = json!({ "id": id, "name": name, "args": args }).to_string();
        self.send_raw(request.as_bytes()).ok()?;
        self.answer_to(id)
    }

    /// The answer to a request that was sent; `None` where none comes.
    pub fn answer_to(&mut self, id: u64) -> Option<Result<Value, Refusal>> {
        let watch = Stopwatch::start();
        loop {
            let heard = self.heard.recv_timeout(watch.left(ANSWER_LIMIT)).ok()?;
            if heard.message["id"] == json!(id) {
                return Some(result_of(heard.message));
            }
            self.keep(heard);
        }
    }

    /// The next event that `wanted` gives something for; those before it are forgotten.
    #[track_caller]
    pub fn wait_for<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut wanted: impl FnMut(&Value) -> Option<T>,
    ) -> (Stopwatch, T) {
        let watch = Stopwatch::start();
        loop {
            let next = self.events.pop_front().or_else(|| self.heard.recv_timeout(watch.left(limit)).ok());
            let heard = next.unwrap_or_else(|| panic!("not within {limit:?}: {what}"));
            if let Some(value) = wanted(&heard.message["event"]) {
                return (heard.at, value);
            }
        }
    }

    /// Forgets the events that came so far.
    pub fn forget_events(&mut self) {
        self.events.clear();
        while self.heard.try_recv().is_ok() {}
    }

    fn keep(&mut self, heard: Heard) {
        // Telemetry comes sixty times a second and is looked at only while it is waited for.
        if heard.message["event"]["type"] == "telemetry" {
            return;
        }
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(heard);
    }
}

fn result_of(mut message: Value) -> Result<Value, Refusal> {
    let error = message["error"].take();
    if error.is_null() {
        return Ok(message["ok"].take());
    }
    let text = |name: &str| error[name].as_str().map(str::to_owned);
    Err(Refusal {
        code: text("code").unwrap_or_default(),
        message: text("message").unwrap_or_default(),
        next_step: text("nextStep"),
    })
}
