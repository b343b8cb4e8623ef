//! What the interface can ask for: arguments of the commands.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::views::Role;

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NewSession {
    /// Made up where there is none.
    pub name: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionRef {
    pub session: String,
}

/// A knob or fader that is being turned: heard at once, committed by the edit that follows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Gesture {
    pub track: Option<String>,
    /// Absent: the master.
    pub gain_db: Option<f64>,
    pub pan: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Locate {
    pub position_steps: f64,
}

/// My own hearing of one track, or my own volume where there is no track.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetEars {
    pub track: Option<String>,
    pub mute: Option<bool>,
    pub solo: Option<bool>,
    pub gain_db: Option<f64>,
}

/// Fields that are absent stay as they are; the reply has them all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetMetronome {
    #[ts(optional)]
    pub on: Option<bool>,
    /// -60 (silence) to 6.
    #[ts(optional)]
    pub volume_db: Option<f64>,
    /// 0 to 8.
    #[ts(optional)]
    pub count_in_bars: Option<i64>,
}

/// How to begin.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Play {
    /// Bars to count in, 0 to 8; absent: as this device is set.
    #[ts(optional)]
    pub count_in_bars: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlayNote {
    pub track: String,
    /// MIDI note.
    pub note: i64,
    /// 1 to 127; 0 releases.
    pub velocity: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    pub sound: String,
}

/// An audio file, by path (window, command line) or by its bytes (browser).
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ImportSample {
    pub name: String,
    pub path: Option<String>,
    pub base64: Option<String>,
    /// Gives the sample to this track; absent: a new track plays it.
    pub track: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    pub sample: String,
    pub track: String,
    pub seconds: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetOutput {
    /// Absent: the system's default.
    pub output: Option<String>,
    pub trim_ms: Option<f64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Render {
    pub path: String,
    /// Absent: until every track's loop meets again, at most 64 bars.
    pub bars: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetName {
    pub name: String,
}

/// Through Nearby (`peer`), an invite link, or an address.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Join {
    pub peer: Option<String>,
    pub link: Option<String>,
    /// `/ip4/192.0.2.7/tcp/4001`, or `192.0.2.7:4001`.
    pub address: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AnswerJoin {
    pub peer: String,
    /// Absent: no.
    pub role: Option<Role>,
}

/// Where I edit, for the others to see.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetPresence {
    pub track: Option<String>,
    pub step: Option<u16>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Publish {
    pub title: Option<String>,
    /// SPDX identifier; `CC-BY-4.0` where there is none.
    pub licence: Option<String>,
    /// Folder or file to write a copy to.
    pub path: Option<String>,
}

/// A pattern of the open session; absent: the one that was launched.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatternRef {
    pub track: String,
    pub pattern: Option<String>,
}

/// Text that a pattern was written as, or that one is to be made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatternText {
    pub text: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListEvents {
    /// Absent: until every track's loop meets again, at most 64 bars.
    pub bars: Option<u32>,
}

/// A beat on this device, by id, or a file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BeatRef {
    pub beat: Option<String>,
    pub path: Option<String>,
    pub base64: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Verify {
    pub beat: BeatRef,
    /// Render again and compare bit for bit.
    pub render: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListBeats {
    /// Absent: all on this device.
    pub session: Option<String>,
}
