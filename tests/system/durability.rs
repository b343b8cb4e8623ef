//! `kill -9` in the middle of edits: what was shown as saved is there.

use std::{collections::BTreeMap, sync::mpsc, thread, time::Duration};

use antiphon_testkit::{SeededRng, is_long, seed};
use antiphon_tests::{Door, Home, Open, Serve};
use serde_json::json;

const OPEN_LIMIT: Duration = Duration::from_secs(2);
const STEPS: usize = 16;
/// Edits between two looks at the saved indicator, at most.
const BURST_MAX: usize = 12;

/// A step of a track.
type Cell = (String, usize);

/// What was asked of the peer so far, and what of it must not be lost.
#[derive(Default)]
struct Ledger {
    edits: u64,
    /// Every velocity that a cell may have now: the newest that was shown as saved, and those asked for since.
    /// None where nothing was saved yet.
    allowed: BTreeMap<Cell, Allowed>,
    /// Answered, but not shown as saved yet.
    unsaved: u64,
    noted: u64,
}

#[derive(Default, Clone)]
struct Allowed {
    saved: Option<u64>,
    since: Vec<u64>,
}

#[test]
fn a_killed_peer_has_every_edit_that_it_showed_as_saved() {
    let kills = if is_long() { 200 } else { 10 };
    let seed = seed(20_261);
    println!("seed {seed}");
    let mut random = SeededRng::new(seed);
    let home = Home::new();
    let mut ledger = Ledger::default();
    let mut slowest = Duration::ZERO;
    for kill in 0..kills {
        let running = Serve::new(&home).start();
        slowest = slowest.max(running.started_in());
        let mut door = running.door();
        ledger.check(&mut door, kill);
        let patience = Duration::from_micros(random.below(250_000) as u64);
        thread::scope(|scope| {
            let (gone, dead) = mpsc::channel::<()>();
            scope.spawn(|| {
                ledger.edit_until_killed(&mut door, &mut random);
                drop(gone);
            });
            // Not a wait for something: the moment of the kill is what is random.
            let _ = dead.recv_timeout(patience);
            running.kill();
        });
    }
    let running = Serve::new(&home).start();
    ledger.check(&mut running.door(), kills);
    println!(
        "bar: {kills} kills, {} edits of which {} were shown as saved, 0 of those lost; slowest start {:.2} s (at most 2)",
        ledger.edits,
        ledger.noted,
        slowest.as_secs_f64()
    );
    assert!(ledger.noted > kills, "too few edits were saved to say anything");
    assert!(slowest <= OPEN_LIMIT, "a start took {slowest:?}");
}

impl Ledger {
    /// Edits until the peer is gone, and notes what it showed as saved.
    fn edit_until_killed(&mut self, door: &mut Door, random: &mut SeededRng) {
        let tracks: Vec<String> = {
            let Some(Ok(session)) = door.ask("session", json!(null)) else { return };
            let session = Open(session);
            (0..session.tracks().len()).map(|track| session.track_id(track)).collect()
        };
        loop {
            for _ in 0..=random.below(BURST_MAX) {
                let number = self.edits as usize;
                let track = tracks[number / STEPS % tracks.len()].clone();
                // From one round over all cells to the next, the velocity of a cell changes.
                let velocity = 1 + (self.edits / (STEPS * tracks.len()) as u64) % 127;
                let cell = (track, number % STEPS);
                self.edits += 1;
                let steps = json!([{ "step": cell.1, "on": true, "velocity": velocity }]);
                let edit = json!({ "type": "setSteps", "track": cell.0, "steps": steps });
                self.allowed.entry(cell).or_default().since.push(velocity);
                let Some(_done) = door.ask("edit", edit) else { return };
                self.unsaved += 1;
            }
            // Every second time it waits for the disk; otherwise it edits on while the disk is busy.
            let waits = random.chance(0.5);
            loop {
                // Asked after the answers, so what it shows is about them too.
                let Some(Ok(session)) = door.ask("session", json!(null)) else { return };
                if Open(session).saved() == "saved" {
                    self.note();
                    break;
                }
                if !waits {
                    break;
                }
            }
        }
    }

    fn note(&mut self) {
        self.noted += self.unsaved;
        self.unsaved = 0;
        for allowed in self.allowed.values_mut() {
            if let Some(newest) = allowed.since.last().copied() {
                *allowed = Allowed { saved: Some(newest), since: Vec::new() };
            }
        }
    }

    /// The reopened peer shows in each cell what was saved there last, or something asked for since.
    fn check(&mut self, door: &mut Door, kill: u64) {
        self.unsaved = 0;
        let session = Open::of(door);
        for ((track, step), allowed) in &mut self.allowed {
            let shown = session.steps(track);
            let velocity = shown[*step]["velocity"].as_u64().expect("a velocity");
            let asked = allowed.saved.iter().chain(&allowed.since).any(|asked| *asked == velocity);
            assert!(
                asked || allowed.saved.is_none(),
                "kill {kill}: step {step} has velocity {velocity}, saved was {:?}",
                allowed.saved
            );
            // It was read from the disk, so it is saved from here on.
            *allowed = Allowed { saved: Some(velocity), since: Vec::new() };
        }
    }
}
