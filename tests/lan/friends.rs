//! Two friends with a song between them.

use std::time::Duration;

pub use antiphon_tests::{Friend, TOGETHER_LIMIT as LIMIT, agree, company, join};
use antiphon_tests::{Home, Lan, Place, Serve};
use serde_json::{Value, json};

/// Two peers in reach must have found one another by then.
pub const DISCOVERY_LIMIT: Duration = Duration::from_secs(3);

/// How much a peer's clock is off, in milliseconds, and runs fast, in parts per million.
pub type ClockError = (i64, i64);
/// The clocks of three peers: none agrees with another.
pub const CLOCKS: [ClockError; 3] = [(1_234_567, 80), (-7_654, -120), (250, 40)];

/// Starts one at its place on the network.
pub fn start(home: &Home, place: &Place, clock: ClockError) -> Friend {
    Friend::start(Serve::new(home).on(place).clock(clock.0, clock.1))
}

/// Starts one that does not look for others.
pub fn start_hidden(home: &Home, place: &Place, port: u16) -> Friend {
    Friend::start(Serve::new(home).on(place).hidden_at_port(port))
}

/// A network with two friends who jam in the first one's session.
pub struct Pair {
    // Dropped in this order: processes before the network and the folders that they use.
    pub ada: Friend,
    pub bo: Friend,
    pub homes: [Home; 2],
    pub lan: Lan,
}

impl Pair {
    pub fn jamming() -> Self {
        let lan = Lan::new(2);
        let homes = [Home::new(), Home::new()];
        let mut ada = start(&homes[0], &lan.places()[0], CLOCKS[0]);
        let mut bo = start(&homes[1], &lan.places()[1], CLOCKS[1]);
        join(&mut ada, &mut bo);
        agree(&mut ada, &mut bo);
        company(&mut ada, 1);
        company(&mut bo, 1);
        Self { ada, bo, homes, lan }
    }
}

/// One step of a track, as an edit.
pub fn step(track: &str, step: usize, velocity: usize) -> Value {
    json!({ "type": "setSteps", "track": track, "steps": [{ "step": step, "on": true, "velocity": velocity }] })
}
