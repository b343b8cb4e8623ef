//! A peer without network and sound, spoken to as an interface does, and a mirror that only hears its events.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::{sync::Arc, time::Duration};

use antiphon_api::{Api, ApiError, Event, PeerApi, dispatch};
use antiphon_node::NodeConfig;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;

const LIMIT: Duration = Duration::from_secs(20);

/// A peer with a session of two tracks, and what its events told of the song.
pub struct Studio {
    api: PeerApi,
    told: Receiver<Arc<Event>>,
    mirror: Value,
    folder: TempDir,
}

impl Studio {
    pub async fn new() -> Self {
        let folder = TempDir::with_prefix("antiphon-api-").expect("a temporary folder");
        let studio = Self::start(folder).await;
        studio.call("new_session", json!({ "name": "Room" })).await.expect("a session");
        studio.edit(json!({ "type": "addTrack", "sound": "drum:kick" })).await;
        studio.edit(json!({ "type": "addTrack", "sound": "synth:bass" })).await;
        studio
    }

    async fn start(folder: TempDir) -> Self {
        let config =
            NodeConfig { network: false, audio: false, ..NodeConfig::at(&folder.path().join("data")) };
        let api = PeerApi::start(config).await.expect("a peer starts");
        let told = api.subscribe();
        Self { api, told, mirror: Value::Null, folder }
    }

    /// The same peer after it has ended and started again.
    pub async fn restarted(self) -> Self {
        let Self { api, folder, .. } = self;
        api.shutdown().await.expect("everything is on disk");
        drop(api);
        Self::start(folder).await
    }

    /// Waits for a telemetry of which `is_it` is true.
    pub async fn telemetry_until(&mut self, is_it: impl FnMut(&Value) -> bool) -> Value {
        self.told_until("telemetry", is_it).await
    }

    /// Waits for an event of this kind whose field of that name makes `is_it` true; answers the field.
    pub async fn told_until(&mut self, kind: &str, mut is_it: impl FnMut(&Value) -> bool) -> Value {
        let told = tokio::time::timeout(LIMIT, async {
            loop {
                // Whoever reads too slowly loses the oldest: the next one will do.
                let Ok(event) = self.told.recv().await else { continue };
                let event = serde_json::to_value(&*event).expect("an event");
                if event["type"] == kind && is_it(&event[kind]) {
                    return event[kind].clone();
                }
            }
        });
        told.await.unwrap_or_else(|_| panic!("no such {kind} came"))
    }

    pub async fn call(&self, command: &str, args: Value) -> Result<Value, ApiError> {
        dispatch(&self.api, command, args).await
    }

    pub async fn song(&self) -> Value {
        self.call("session", Value::Null).await.expect("a session")["song"].take()
    }

    /// An edit that fits; the reply.
    pub async fn edit(&self, command: Value) -> Value {
        match self.call("edit", command.clone()).await {
            Ok(reply) => reply,
            Err(error) => panic!("{command}: {error}"),
        }
    }

    /// Waits until the events have told the whole song.
    pub async fn hear(&mut self) {
        let song = self.song().await;
        let told = tokio::time::timeout(LIMIT, async {
            while self.mirror != song {
                let event = self.told.recv().await.expect("the peer runs");
                self.mirror_event(&serde_json::to_value(&*event).expect("an event"));
            }
        });
        if told.await.is_err() {
            panic!("the events told {:#}\nbut the song is {song:#}", self.mirror);
        }
    }

    /// Waits until the events have told of this value.
    pub async fn hear_until(&mut self, place: &str, value: &Value) {
        let told = tokio::time::timeout(LIMIT, async {
            while self.mirror.pointer(place) != Some(value) {
                let event = self.told.recv().await.expect("the peer runs");
                self.mirror_event(&serde_json::to_value(&*event).expect("an event"));
            }
        });
        assert!(told.await.is_ok(), "nothing told that {place} is {value}");
    }

    fn mirror_event(&mut self, event: &Value) {
        match event["type"].as_str() {
            Some("session") => self.mirror = event["session"]["song"].clone(),
            Some("samples") => self.mirror["samples"] = event["samples"].clone(),
            Some("song") => change_song(&mut self.mirror, &event["change"]),
            _ => {}
        }
    }
}

fn change_song(song: &mut Value, change: &Value) {
    for key in [
        "name",
        "bpm",
        "meter",
        "quantum",
        "editsAtBar",
        "swing",
        "groove",
        "masterDb",
        "fill",
        "mode",
        "scenes",
        "chain",
        "seed",
    ] {
        if !change[key].is_null() {
            song[key] = change[key].clone();
        }
    }
    let tracks = song["tracks"].as_array_mut().expect("tracks");
    for track in list(&change["tracks"]) {
        match tracks.iter_mut().find(|known| known["id"] == track["id"]) {
            Some(known) => *known = track.clone(),
            None => tracks.push(track.clone()),
        }
    }
    for change in list(&change["patterns"]) {
        let track = tracks.iter_mut().find(|known| known["id"] == change["track"]).expect("its track");
        let patterns = track["patterns"].as_array_mut().expect("patterns");
        let known = patterns.iter_mut().find(|known| known["id"] == change["pattern"]);
        change_pattern(known.expect("its pattern"), change);
    }
    if let Some(order) = change["order"].as_array() {
        let place = |track: &Value| order.iter().position(|id| *id == track["id"]);
        tracks.retain(|track| place(track).is_some());
        tracks.sort_by_key(place);
    }
}

fn change_pattern(pattern: &mut Value, change: &Value) {
    for key in ["name", "length", "speed", "humanise", "chords", "locks"] {
        if !change[key].is_null() {
            pattern[key] = change[key].clone();
        }
    }
    let length = pattern["length"].as_u64().expect("a length") as usize;
    let steps = pattern["steps"].as_array_mut().expect("steps");
    steps.resize(length, Value::Null);
    for step in list(&change["steps"]) {
        steps[step["index"].as_u64().expect("an index") as usize] = step["step"].clone();
    }
    let notes = pattern["notes"].as_array_mut().expect("notes");
    let is_new = |note: &Value| !list(&change["notes"]).iter().any(|new| new["id"] == note["id"]);
    notes.retain(|note| is_new(note) && !list(&change["goneNotes"]).contains(&note["id"]));
    notes.extend(list(&change["notes"]).iter().cloned());
    notes.sort_by(|a, b| {
        let key = |note: &Value| (note["startSteps"].as_f64().unwrap(), note["id"].to_string());
        key(a).partial_cmp(&key(b)).expect("places are numbers")
    });
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
