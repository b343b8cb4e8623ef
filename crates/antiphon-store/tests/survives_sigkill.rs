//! A process that is killed at any moment loses nothing that it was told is durable.
//!
//! This binary starts itself as a child that appends edits and prints each acknowledged one. The child is killed with
//! SIGKILL in the middle of it, 10 times by default and 200 times with `ANTIPHON_LONG=1`.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "measures how long opening takes")]

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use antiphon_model::{Name, SessionId};
use antiphon_store::{Batch, Role, SessionRecord, Store};

const SESSION: SessionId = SessionId([7; 16]);
const FOLDER: &str = "ANTIPHON_TEST_KILL_FOLDER";
/// The bar for opening a store, in whatever state the kill left it.
const OPEN_MAX: Duration = Duration::from_secs(2);

/// Edit `number`: its number, then bytes that follow from it, of many lengths.
fn edit(number: u64) -> Vec<u8> {
    let length = match number % 50 {
        0 => 60_000,
        short => 20 + short as usize * 7,
    };
    number.to_le_bytes().into_iter().chain((0..length).map(|at| (number as usize * 31 + at) as u8)).collect()
}

fn record(edits: u64) -> SessionRecord {
    SessionRecord {
        id: SESSION,
        name: Name::new("Killed").unwrap(),
        edited_at_ms: edits,
        tracks: 1,
        bpm: 120.0,
        role: Role::Owner,
        parent: None,
        forgotten: false,
    }
}

/// What the child does until it is killed: append, wait until durable, say so.
fn write_until_killed(folder: &Path) {
    let store = Store::open(folder).unwrap();
    let mut next = store.changes(SESSION).unwrap().envelopes.len() as u64;
    let mut out = std::io::stdout();
    loop {
        // Several edits to a wait, as in a jam, some of them in one batch with the record.
        let mut last = None;
        for _ in 0..=next % 7 {
            let batch = Batch::new().append(SESSION, edit(next)).put_session(record(next + 1));
            last = Some(store.submit(batch).unwrap());
            next += 1;
        }
        store.wait_durable(last.unwrap(), Duration::from_secs(30)).unwrap();
        writeln!(out, "durable {next}").unwrap();
        out.flush().unwrap();
    }
}

/// Not a test of its own: the child's part, which does nothing unless it is the child.
#[test]
fn child() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        write_until_killed(&PathBuf::from(folder));
    }
}

fn start_child(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets a child write until it has acknowledged `acknowledgements` times and a moment more, and kills it. Returns
/// how many edits it has acknowledged.
fn kill_while_writing(folder: &Path, acknowledgements: u64, moment: Duration) -> u64 {
    let mut child = start_child(folder);
    let out = BufReader::new(child.stdout.take().unwrap());
    let (said, heard) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if let Some(edits) = line.rsplit_once("durable ").and_then(|(_, edits)| edits.parse().ok()) {
                let _ = said.send(edits);
            }
        }
    });
    let mut durable = 0;
    for _ in 0..acknowledgements {
        durable = heard.recv_timeout(Duration::from_secs(60)).expect("the child writes");
    }
    // Anywhere within the next commits: what arrives meanwhile counts as well.
    let until = Instant::now() + moment;
    while let Ok(edits) = heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
        durable = edits;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    heard.try_iter().last().unwrap_or(durable)
}

#[test]
fn no_acknowledged_edit_is_lost() {
    if std::env::var_os(FOLDER).is_some() {
        return;
    }
    let kills: u64 = if std::env::var_os("ANTIPHON_LONG").is_some() { 200 } else { 10 };
    let folder = tempfile::tempdir().unwrap();
    let (mut slowest, mut kept) = (Duration::ZERO, 0);
    for kill in 0..kills {
        let moment = Duration::from_micros(kill * 7919 % 60_000);
        let acknowledged = kill_while_writing(folder.path(), 1 + kill % 5, moment);
        let started = Instant::now();
        let store = Store::open(folder.path()).unwrap_or_else(|error| panic!("kill {kill}: {error}"));
        let took = started.elapsed();
        slowest = slowest.max(took);
        assert!(took < OPEN_MAX, "kill {kill}: opening took {took:?}");
        assert_eq!(store.damage(), None, "kill {kill}");
        let log = store.changes(SESSION).unwrap();
        assert!(log.damaged.is_empty(), "kill {kill}: {:?}", log.damaged);
        kept = log.envelopes.len() as u64;
        assert!(kept >= acknowledged, "kill {kill}: {acknowledged} acknowledged, {kept} kept");
        for (number, envelope) in (0..).zip(&log.envelopes) {
            assert!(*envelope == edit(number), "kill {kill}: edit {number} is another");
        }
        // The record travelled in the same batches: all of a batch or nothing of it.
        let record = store.session_record(SESSION).unwrap().unwrap();
        assert_eq!(record.edited_at_ms, kept, "kill {kill}");
    }
    println!("{kills} kills, {kept} edits kept, slowest opening {slowest:?}");
}
