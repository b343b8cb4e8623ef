//! The open session as a test sees it.

use serde_json::{Value, json};

use crate::door::Door;

/// The answer of `session`.
#[derive(Debug, Clone, PartialEq)]
pub struct Open(pub Value);

impl Open {
    /// Asks for the open session.
    #[track_caller]
    pub fn of(door: &mut Door) -> Self {
        let session = Self(door.call("session", Value::Null));
        assert!(!session.0.is_null(), "no session is open");
        session
    }

    /// The song: everything that peers share and hear.
    pub fn song(&self) -> &Value {
        &self.0["song"]
    }

    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or_default()
    }

    pub fn is_playing(&self) -> bool {
        self.0["transport"]["playing"] == json!(true)
    }

    /// `saved`, `saving` or `failing`.
    pub fn saved(&self) -> &str {
        self.0["saved"]["state"].as_str().unwrap_or_default()
    }

    pub fn tracks(&self) -> &[Value] {
        self.song()["tracks"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The id of a track by its place.
    #[track_caller]
    pub fn track_id(&self, index: usize) -> String {
        self.tracks()[index]["id"].as_str().expect("a track has an id").to_owned()
    }

    /// A track by its id.
    pub fn track(&self, id: &str) -> Option<&Value> {
        self.tracks().iter().find(|track| track["id"] == id)
    }

    /// The steps of the pattern that a track was launched to.
    pub fn steps(&self, track: &str) -> &[Value] {
        let Some(track) = self.track(track) else { return &[] };
        let patterns = track["patterns"].as_array().map_or(&[][..], Vec::as_slice);
        let pattern = patterns.iter().find(|pattern| pattern["id"] == track["pattern"]);
        pattern.and_then(|pattern| pattern["steps"].as_array()).map_or(&[], Vec::as_slice)
    }

    /// Members that are here, this peer itself not counted.
    pub fn others_here(&self) -> usize {
        let members = self.0["members"].as_array().map_or(&[][..], Vec::as_slice);
        members.iter().filter(|member| member["here"] == json!(true) && member["me"] == json!(false)).count()
    }
}
