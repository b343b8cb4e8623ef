//! Peers that jam: how they find one another, ask and are let in.

use std::{path::Path, time::Duration};

use antiphon_tests::{Door, Home, Lan, Open, Place, Recording, Running, Serve, Stopwatch, until};
use serde_json::{Value, json};

/// Two peers in reach must have found one another by then.
pub const DISCOVERY_LIMIT: Duration = Duration::from_secs(3);
/// Anything else that peers do together, on a machine that is busy.
pub const LIMIT: Duration = Duration::from_secs(30);

/// How much a peer's clock is off, in milliseconds, and runs fast, in parts per million.
pub type ClockError = (i64, i64);
/// The clocks of three peers: none agrees with another.
pub const CLOCKS: [ClockError; 3] = [(1_234_567, 80), (-7_654, -120), (250, 40)];

/// A peer with a connection to it.
pub struct Friend {
    pub running: Running,
    pub door: Door,
    pub id: String,
}

impl Friend {
    /// Starts one at its place on the network.
    pub fn start(home: &Home, place: &Place, clock: ClockError) -> Self {
        Self::meet(Serve::new(home).on(place).clock(clock.0, clock.1).start())
    }

    /// Starts one that does not look for others.
    pub fn start_hidden(home: &Home, place: &Place, port: u16) -> Self {
        Self::meet(Serve::new(home).on(place).hidden_at_port(port).start())
    }

    fn meet(running: Running) -> Self {
        let mut door = running.door();
        let hello = door.call("hello", Value::Null);
        let id = hello["me"]["peer"].as_str().expect("a peer has an id").to_owned();
        Self { running, door, id }
    }

    pub fn open(&mut self) -> Open {
        Open::of(&mut self.door)
    }

    pub fn edit(&mut self, edit: Value) {
        self.door.call("edit", edit);
    }

    /// Waits until this peer sees `other` nearby with a session.
    pub fn see(&mut self, other: &str, limit: Duration) -> Duration {
        until("a peer with a session is shown nearby", limit, || {
            let nearby = self.door.call("nearby", Value::Null);
            nearby.as_array().is_some_and(|nearby| {
                nearby.iter().any(|near| near["person"]["peer"] == other && !near["session"].is_null())
            })
        })
    }

    /// Lets in whoever is `asking`, as an editor.
    pub fn allow(&mut self, asking: &str) -> Stopwatch {
        until("the request to join arrives", LIMIT, || {
            let requests = self.door.call("join_requests", Value::Null);
            requests.as_array().is_some_and(|all| all.iter().any(|one| one["person"]["peer"] == asking))
        });
        self.door.call("answer_join", json!({ "peer": asking, "role": "editor" }));
        Stopwatch::start()
    }

    /// Renders the open session to a file and reads it.
    pub fn render(&mut self, path: &Path) -> Recording {
        self.door.forget_events();
        self.door.call("render", json!({ "path": path, "bars": 4 }));
        let (_, job) = self.door.wait_for("the render ends", LIMIT, |event| {
            (event["type"] == "job" && event["job"]["done"] == true).then(|| event["job"].clone())
        });
        assert_eq!(job["error"], Value::Null, "the render failed");
        Recording::read(path)
    }
}

/// `newcomer` asks `owner` for the open session and is let in; gives the moment of the owner's yes.
pub fn join(owner: &mut Friend, newcomer: &mut Friend) -> Stopwatch {
    newcomer.see(&owner.id, LIMIT);
    newcomer.door.call("join", json!({ "peer": owner.id }));
    let allowed = owner.allow(&newcomer.id);
    let session = owner.open().id().to_owned();
    until("the newcomer has the session open", LIMIT, || newcomer.open().id() == session);
    allowed
}

/// Waits until both have the same song, and tells how long that took.
pub fn agree(one: &mut Friend, other: &mut Friend) -> Duration {
    until("both have the same song", LIMIT, || {
        let (one, other) = (one.open(), other.open());
        one.id() == other.id() && !one.tracks().is_empty() && one.song() == other.song()
    })
}

/// Waits until the peer has so many others of its session in reach.
pub fn company(friend: &mut Friend, others: usize) -> Duration {
    until(&format!("{others} others are here"), LIMIT, || friend.open().others_here() == others)
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
        let mut ada = Friend::start(&homes[0], &lan.places()[0], CLOCKS[0]);
        let mut bo = Friend::start(&homes[1], &lan.places()[1], CLOCKS[1]);
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
