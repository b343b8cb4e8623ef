//! What the interface is told: plain data with text ids, ready to show.

mod clock;
mod sequencer;
mod song;

pub use clock::*;
pub use sequencer::*;
pub use song::*;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who and what answers, once at the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// Version of the program.
    pub version: String,
    /// Version of the canonical sound.
    pub engine_version: u32,
    pub me: Person,
    /// Folder that holds everything of this peer.
    pub data_folder: String,
    pub sounds: Vec<SoundInfo>,
    pub catalogue: Catalogue,
    /// The session to show at once, when one was open last.
    pub open_session: Option<String>,
    /// True until the first session was opened by hand: the interface greets.
    pub first_start: bool,
}

/// A peer as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Peer id, 64 hexadecimal digits.
    pub peer: String,
    /// Chosen name, or a pseudonym derived from the key.
    pub name: String,
    /// Index into the palette, derived from the key.
    pub colour: u8,
}

/// A line of the session list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionEntry {
    pub id: String,
    pub name: String,
    pub tracks: u32,
    pub bpm: f64,
    /// Unix milliseconds of the last change on this device.
    pub edited_at_ms: u64,
    /// Is it the open one?
    pub open: bool,
    pub role: Role,
    /// Cannot be edited here, with the reason (made by a newer version, damaged).
    pub read_only: Option<String>,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    Owner,
    Editor,
    Listener,
}

/// The open session in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    pub id: String,
    pub role: Role,
    pub read_only: Option<String>,
    /// False while a session that was just joined is still on its way.
    pub arrived: bool,
    pub song: SongView,
    pub ears: Ears,
    pub transport: TransportView,
    /// Edits that are made, and are to be heard from a bar on.
    pub waiting: Option<WaitingView>,
    pub saved: Saved,
    pub history: HistoryView,
    pub members: Vec<MemberView>,
    /// The beat this session was remixed from.
    pub parent: Option<String>,
}

/// What I hear, beside what all hear.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Ears {
    /// My own volume in dB; -60 is silence.
    pub volume_db: f64,
    pub tracks: Vec<TrackEars>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrackEars {
    pub track: String,
    pub mute: bool,
    pub solo: bool,
    pub gain_db: f64,
}

/// The shared transport. Telemetry carries where the sound is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TransportView {
    pub playing: bool,
    /// Where play would start, in steps (sixteenths).
    pub position_steps: f64,
    pub bpm: f64,
    /// Who pressed last, by name, when it was not me.
    pub by: Option<String>,
    /// The beat that I listen to instead of the session.
    pub beat: Option<String>,
}

/// Edits that everybody sees already, and hears from the next bar on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WaitingView {
    /// At least one.
    pub edits: u32,
    /// The number of that bar, counted from 0.
    pub bar: i64,
}

/// Is everything on disk?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Saved {
    Saved,
    Saving,
    /// The disk refused; nothing is lost while the program runs.
    Failing {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    /// What undo would undo, for its tooltip.
    pub undo: Option<String>,
    pub redo: Option<String>,
}

/// Someone who belongs to the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MemberView {
    pub person: Person,
    pub role: Role,
    pub me: bool,
    /// Connected now.
    pub here: bool,
    /// Where they edit.
    pub track: Option<String>,
    pub step: Option<u16>,
    pub sync: Option<SyncQuality>,
    /// Why this member works only in part, in words: another protocol or engine version.
    pub differs: Option<String>,
}

/// How this device keeps time for its own person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Metronome {
    /// Does it click while the music plays? Nobody else hears it.
    pub on: bool,
    /// -60 (silence) to 6.
    pub volume_db: f64,
    /// Bars counted in when I press play, 0 to 8; everybody hears them.
    pub count_in_bars: u8,
}

/// What a tap came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Tapped {
    /// The session's tempo from now on; absent before the third tap.
    pub bpm: Option<f64>,
}

/// A peer in reach that is visible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NearbyPeer {
    pub person: Person,
    pub session: Option<NearbySession>,
    /// Where I stand with that session.
    pub standing: Standing,
    pub differs: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NearbySession {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Standing {
    Stranger,
    Asking,
    Refused { reason: String },
    Member,
}

/// Someone asks to join the open session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    pub person: Person,
    /// Came through an invite that I made.
    pub invited: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// `antiphon://join/...`
    pub link: String,
    pub qr_svg: String,
    pub expires_in_s: u32,
}

/// An audio output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutputView {
    pub id: String,
    pub name: String,
    pub chosen: bool,
    /// Trim by ear, ms: positive plays earlier to make up for a late output.
    pub trim_ms: f64,
}

/// What plays now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AudioState {
    Playing {
        output: String,
        rate: u32,
        latency_ms: f64,
    },
    /// Time goes on in silence.
    NoOutput {
        reason: String,
    },
}

/// Up to 60 times a second, past the reactive stores.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Telemetry {
    pub playing: bool,
    /// The step (sixteenth) that is leaving the speaker now, with its fraction.
    pub position_steps: f64,
    /// Steps per second, to run on with until the next message.
    pub steps_per_second: f64,
    /// The bar of that step, counted from 0.
    pub bar: i64,
    /// The step at which that bar begins.
    pub bar_start_steps: f64,
    /// The meter of that bar.
    pub meter: MeterView,
    /// Beats until the music begins that is being counted in; 0 while nothing is.
    pub count_in: u32,
    /// Peak and RMS of each track since the last message, linear, in song order.
    pub tracks: Vec<TrackMeter>,
    /// Left and right.
    pub master_peak: [f32; 2],
    /// Gain reduction of the limiter in dB.
    pub limiter_db: f32,
    /// Drop-outs since the start.
    pub xruns: u32,
    /// Part of a block's time that the engine used, 0 to 1.
    pub load: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrackMeter {
    pub peak: f32,
    pub rms: f32,
}

/// A published beat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BeatView {
    /// BLAKE3 of the manifest, 64 hexadecimal digits.
    pub id: String,
    pub title: String,
    pub authors: Vec<BeatAuthor>,
    pub licence: String,
    /// Unix milliseconds, as its author says.
    pub created_at_ms: u64,
    pub bpm: f64,
    pub seconds: f64,
    pub tracks: u32,
    pub bytes: u64,
    /// Ids of the beats it was made from.
    pub parents: Vec<BeatParent>,
    pub session: String,
    /// Made by the engine of this program; otherwise it plays, but may sound a little different.
    pub same_engine: bool,
    /// Where the file is.
    pub path: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BeatAuthor {
    pub name: String,
    pub peer: String,
    /// This is me.
    pub me: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BeatParent {
    pub id: String,
    /// Known when the parent is on this device too.
    pub title: Option<String>,
}

/// The answer of verifying a beat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    pub intact: bool,
    /// One sentence.
    pub summary: String,
    pub beat: Option<BeatView>,
    pub render: RenderVerdict,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RenderVerdict {
    NotAsked,
    /// Rendered again: the same bits.
    Same,
    Different,
    /// Made by another engine version: cannot be compared bit for bit.
    OtherEngine {
        version: u32,
        ours: u32,
    },
}

/// Something long that runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub id: u32,
    pub label: String,
    /// 0 to 1.
    pub progress: f64,
    pub done: bool,
    pub error: Option<String>,
}

/// One line of the doctor's report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// `audio`, `ports`, `discovery`, `clock`, `store`, `keys`, `disk` and so on.
    pub name: String,
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub next_step: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CheckState {
    Good,
    Warning,
    Bad,
}
