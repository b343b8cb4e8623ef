//! What the interface can ask to be changed: one edit of the open session, one undo entry.
//!
//! Wherever a pattern is optional, its absence means the one that was launched last.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::views::{GrooveView, Mode, Quantum};

/// One edit of the open session. It is one undo entry.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EditCommand {
    RenameSession {
        name: String,
    },
    /// While it plays, `rampSeconds` are taken to get there; absent: at once.
    SetTempo {
        bpm: f64,
        #[ts(optional)]
        ramp_seconds: Option<f64>,
    },
    /// While it plays, from the next bar on.
    SetMeter {
        beats: i64,
        unit: i64,
    },
    /// Where launches take effect that do not say so themselves.
    SetQuantum {
        quantum: Quantum,
    },
    /// Are edits made while it plays heard from the next bar on, on every peer at once?
    SetEditsAtBar {
        on: bool,
    },
    SetSwing {
        percent: i64,
    },
    SetGroove {
        groove: GrooveView,
    },
    SetMaster {
        db: f64,
    },
    /// Rolls the dice of chances and looseness anew, for everybody.
    Reroll,

    /// At the end, or at `index`. The reply names the new track and its pattern.
    AddTrack {
        sound: String,
        name: Option<String>,
        index: Option<u32>,
    },
    /// A new track from its text (notation). The reply names it.
    PasteTrack {
        text: String,
        index: Option<u32>,
    },
    RemoveTrack {
        track: String,
    },
    RenameTrack {
        track: String,
        name: String,
    },
    SetTrackColour {
        track: String,
        colour: i64,
    },
    MoveTrack {
        track: String,
        index: u32,
    },
    SetSound {
        track: String,
        sound: String,
    },
    SetStrip {
        track: String,
        gain_db: Option<f64>,
        pan: Option<i64>,
        mute: Option<bool>,
        solo: Option<bool>,
    },
    /// Null: the session's.
    SetTrackSwing {
        track: String,
        percent: Option<i64>,
    },
    /// Null: the session's.
    SetTrackGroove {
        track: String,
        groove: Option<GrooveView>,
    },
    /// `one-shot` or `gated`.
    SetTrigger {
        track: String,
        trigger: String,
    },
    /// 0 is none.
    SetChoke {
        track: String,
        group: i64,
    },
    /// Null: neutral again. The pan of a track is its strip's.
    SetParam {
        track: String,
        param: String,
        value: Option<i64>,
    },

    SetPatternLength {
        track: String,
        pattern: Option<String>,
        length: i64,
    },
    SetSteps {
        track: String,
        pattern: Option<String>,
        steps: Vec<StepEdit>,
    },
    /// Switches every sounding step off; their other values stay.
    ClearPattern {
        track: String,
        pattern: Option<String>,
    },
    /// Notes that sound with a step beside its own.
    SetChords {
        track: String,
        pattern: Option<String>,
        notes: Vec<ChordEdit>,
    },
    SetLocks {
        track: String,
        pattern: Option<String>,
        locks: Vec<LockEdit>,
    },
    /// Notes at any place.
    SetNotes {
        track: String,
        pattern: Option<String>,
        notes: Vec<NoteEdit>,
    },
    /// One of the catalogue's speeds.
    SetSpeed {
        track: String,
        pattern: Option<String>,
        speed: String,
    },
    SetHumanise {
        track: String,
        pattern: Option<String>,
        percent: i64,
    },
    RenamePattern {
        track: String,
        pattern: Option<String>,
        name: String,
    },
    /// A tool over the whole pattern.
    Reshape {
        track: String,
        pattern: Option<String>,
        tool: ReshapeTool,
    },
    /// Makes the pattern what the text (notation) says.
    SetPatternText {
        track: String,
        pattern: Option<String>,
        text: String,
    },
    /// Makes what the second pattern plays like the first.
    CopyPattern {
        from_track: String,
        from_pattern: Option<String>,
        to_track: String,
        to_pattern: Option<String>,
    },
    /// Empty, or like another pattern of the track. The reply names it.
    AddPattern {
        track: String,
        like: Option<String>,
        name: Option<String>,
    },
    RemovePattern {
        track: String,
        pattern: String,
    },

    /// Plays these from the next place of the quantum on (absent: the session's); at once while nothing plays.
    Launch {
        slots: Vec<SlotEdit>,
        #[ts(optional)]
        quantum: Option<Quantum>,
    },
    /// As `launch`, everything that the scene names.
    LaunchScene {
        scene: String,
        #[ts(optional)]
        quantum: Option<Quantum>,
    },
    SetFill {
        on: bool,
        #[ts(optional)]
        quantum: Option<Quantum>,
    },
    SetPlayMode {
        mode: Mode,
        #[ts(optional)]
        quantum: Option<Quantum>,
    },
    /// With what every track plays now. The reply names it.
    AddScene {
        name: Option<String>,
        index: Option<u32>,
    },
    RemoveScene {
        scene: String,
    },
    RenameScene {
        scene: String,
        name: String,
    },
    MoveScene {
        scene: String,
        index: u32,
    },
    /// Null: the track goes on with its own.
    SetSceneSlot {
        scene: String,
        track: String,
        pattern: Option<String>,
    },
    /// At the end of the chain, or at `index`. The reply names it.
    AddLink {
        scene: String,
        bars: i64,
        index: Option<u32>,
    },
    SetLink {
        link: String,
        scene: Option<String>,
        bars: Option<i64>,
    },
    MoveLink {
        link: String,
        index: u32,
    },
    RemoveLink {
        link: String,
    },
}

/// The fields of one step that change.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StepEdit {
    /// Counted from 0.
    pub step: u16,
    pub on: Option<bool>,
    pub velocity: Option<i64>,
    pub pitch: Option<i64>,
    pub length: Option<i64>,
    /// Prolongs the note before it instead of striking.
    pub tie: Option<bool>,
    pub micro: Option<i64>,
    pub ratchet: Option<i64>,
    pub chance: Option<i64>,
    /// One of the catalogue's conditions, or one with `!` before it.
    pub condition: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChordEdit {
    pub step: u16,
    pub pitch: i64,
    /// Sixteenths of a step; null takes the note away.
    pub length: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LockEdit {
    pub step: u16,
    pub param: String,
    /// Null unlocks.
    pub value: Option<i64>,
}

/// A note that is put, changed or taken away.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NoteEdit {
    /// Null: a new note.
    pub id: Option<String>,
    /// Null takes it away.
    pub note: Option<NotePlace>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NotePlace {
    /// From the pattern's beginning, with its fraction.
    pub start_steps: f64,
    pub length_steps: f64,
    pub pitch: i64,
    pub velocity: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SlotEdit {
    pub track: String,
    pub pattern: String,
}

/// What a tool does to a pattern.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReshapeTool {
    /// Spreads `hits` as evenly as they go, turned by `rotation` steps to the right.
    Euclid {
        hits: i64,
        rotation: i64,
    },
    /// To the right; negative: to the left.
    Rotate {
        steps: i64,
    },
    Invert,
    Reverse,
    Mirror,
    Transpose {
        semitones: i64,
    },
    /// One of the catalogue's grids, and how much of the way, in percent.
    Quantise {
        grid: String,
        strength: i64,
    },
    /// Indices into the catalogue's colours and rhythms.
    Block {
        colour: i64,
        rhythm: i64,
    },
}

/// What an edit made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Edited {
    /// The track that was added.
    pub track: Option<String>,
    /// The pattern that was added.
    pub pattern: Option<String>,
    /// The scene that was added.
    pub scene: Option<String>,
    /// The link of the chain that was added.
    pub link: Option<String>,
    /// What undo would now undo.
    pub label: String,
}
