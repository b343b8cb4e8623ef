//! Peers that jam: how they find one another, ask and are let in.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};

use crate::{
    deadline::{Stopwatch, until},
    door::Door,
    process::{Running, Serve},
    song::Open,
    sound_file::Recording,
};

/// Anything that peers do together, on a machine that is busy.
pub const TOGETHER_LIMIT: Duration = Duration::from_secs(30);

/// A peer with a connection to it.
#[derive(Debug)]
pub struct Friend {
    pub running: Running,
    pub door: Door,
    pub id: String,
}

impl Friend {
    /// Starts a peer and asks who it is.
    #[track_caller]
    pub fn start(serve: Serve<'_>) -> Self {
        let running = serve.start();
        let mut door = running.door();
        let hello = door.call("hello", Value::Null);
        let id = hello["me"]["peer"].as_str().expect("a peer has an id").to_owned();
        Self { running, door, id }
    }

    /// The open session.
    #[track_caller]
    pub fn open(&mut self) -> Open {
        Open::of(&mut self.door)
    }

    /// Makes an edit that must be accepted.
    #[track_caller]
    pub fn edit(&mut self, edit: Value) {
        self.door.call("edit", edit);
    }

    /// Waits until this peer sees `other` nearby with a session.
    #[track_caller]
    pub fn see(&mut self, other: &str, limit: Duration) -> Duration {
        until("a peer with a session is shown nearby", limit, || {
            let nearby = self.door.call("nearby", Value::Null);
            nearby.as_array().is_some_and(|nearby| {
                nearby.iter().any(|near| near["person"]["peer"] == other && !near["session"].is_null())
            })
        })
    }

    /// Lets in whoever is `asking`, as an editor.
    #[track_caller]
    pub fn allow(&mut self, asking: &str) -> Stopwatch {
        until("the request to join arrives", TOGETHER_LIMIT, || {
            let requests = self.door.call("join_requests", Value::Null);
            requests.as_array().is_some_and(|all| all.iter().any(|one| one["person"]["peer"] == asking))
        });
        self.door.call("answer_join", json!({ "peer": asking, "role": "editor" }));
        Stopwatch::start()
    }

    /// Renders the open session to a file and reads it.
    #[track_caller]
    pub fn render(&mut self, path: &Path) -> Recording {
        self.door.forget_events();
        self.door.call("render", json!({ "path": path, "bars": 4 }));
        let (_, job) = self.door.wait_for("the render ends", TOGETHER_LIMIT, |event| {
            (event["type"] == "job" && event["job"]["done"] == true).then(|| event["job"].clone())
        });
        assert_eq!(job["error"], Value::Null, "the render failed");
        Recording::read(path)
    }
}

/// `newcomer` asks `owner` for the open session and is let in; gives the moment of the owner's yes.
#[track_caller]
pub fn join(owner: &mut Friend, newcomer: &mut Friend) -> Stopwatch {
    newcomer.see(&owner.id, TOGETHER_LIMIT);
    newcomer.door.call("join", json!({ "peer": owner.id }));
    let allowed = owner.allow(&newcomer.id);
    let session = owner.open().id().to_owned();
    until("the newcomer has the session open", TOGETHER_LIMIT, || newcomer.open().id() == session);
    allowed
}

/// Waits until both have the same song, and tells how long that took.
#[track_caller]
pub fn agree(one: &mut Friend, other: &mut Friend) -> Duration {
    until("both have the same song", TOGETHER_LIMIT, || {
        let (one, other) = (one.open(), other.open());
        one.id() == other.id() && !one.tracks().is_empty() && one.song() == other.song()
    })
}

/// Waits until the peer has so many others of its session in reach.
#[track_caller]
pub fn company(friend: &mut Friend, others: usize) -> Duration {
    until(&format!("{others} others are here"), TOGETHER_LIMIT, || friend.open().others_here() == others)
}
