//! The song as it is shown: tracks, patterns, scenes, the chain.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SongView {
    pub name: String,
    pub bpm: f64,
    /// What it starts with; what plays may still be in the bar before a change.
    pub meter: MeterView,
    /// Where launches take effect that do not say so themselves.
    pub quantum: Quantum,
    /// Are edits made while it plays heard from the next bar on, on every peer at once?
    pub edits_at_bar: bool,
    /// 0 to 100.
    pub swing: u8,
    pub groove: GrooveView,
    /// Shared gain of the mix in dB; -60 is silence.
    pub master_db: f64,
    /// Do steps with the condition `fill` sound?
    pub fill: FillView,
    /// What decides which patterns play.
    pub mode: ModeView,
    pub scenes: Vec<SceneView>,
    pub chain: Vec<LinkView>,
    /// What the dice of the session are rolled from, 16 hexadecimal digits.
    pub seed: String,
    pub tracks: Vec<TrackView>,
    pub samples: Vec<SampleView>,
}

/// A time signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MeterView {
    /// 1 to 16.
    pub beats: u8,
    /// 2, 4, 8 or 16.
    pub unit: u8,
}

/// The grid on which something that was asked for waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Quantum {
    /// The next sixteenth.
    Now,
    Beat,
    Bar,
    /// The next bar whose number four divides.
    FourBars,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrackView {
    pub id: String,
    pub name: String,
    pub colour: u8,
    pub sound: String,
    /// `Kick`, or the sample's name, or `Unknown sound`.
    pub sound_label: String,
    pub melodic: bool,
    pub gain_db: f64,
    /// -100 to 100.
    pub pan: i8,
    pub mute: bool,
    pub solo: bool,
    /// Absent: the session's.
    pub swing: Option<u8>,
    /// Absent: the session's.
    pub groove: Option<GrooveView>,
    /// `one-shot` or `gated`.
    pub trigger: String,
    /// 0 is none.
    pub choke: u8,
    /// Those that are not neutral.
    pub params: Vec<ParamView>,
    /// The pattern that was launched last.
    pub pattern: String,
    /// While a launch has not come.
    pub pending: Option<PendingView>,
    /// In the order they are shown; never empty.
    pub patterns: Vec<PatternView>,
}

/// A launch that has not come: until the transport is there, something else plays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PendingView {
    /// The pattern that plays until then.
    pub from: String,
    pub at_steps: f64,
}

/// Fill, and while a switch has not come, what holds until then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FillView {
    pub to: bool,
    pub from: bool,
    /// Absent: nothing is pending.
    pub at_steps: Option<f64>,
}

/// What decides which patterns play, and while a switch has not come, what does until then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModeView {
    pub to: Mode,
    pub from: Mode,
    /// Absent: nothing is pending.
    pub at_steps: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// What was launched last.
    Live,
    /// The chain, over and over.
    Chain,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GrooveView {
    /// One of the catalogue's grooves.
    pub template: String,
    /// 0 to 100.
    pub amount: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ParamView {
    pub param: String,
    pub value: i16,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SceneView {
    pub id: String,
    pub name: String,
    /// In the order of the tracks; those that are not there go on with their own.
    pub slots: Vec<SlotView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SlotView {
    pub track: String,
    pub pattern: String,
}

/// A place in the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LinkView {
    pub id: String,
    pub scene: String,
    pub bars: u16,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatternView {
    pub id: String,
    pub name: String,
    pub length: u16,
    /// `1/8` to `2`.
    pub speed: String,
    /// 0 to 100.
    pub humanise: u8,
    /// One entry a step, `length` of them.
    pub steps: Vec<StepView>,
    /// Notes that sound with a step beside its own, by step and pitch.
    pub chords: Vec<ChordView>,
    pub locks: Vec<LockView>,
    /// Notes at any place, by start.
    pub notes: Vec<NoteView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    pub on: bool,
    /// 1 to 127.
    pub velocity: u8,
    /// Semitones, -36 to 36.
    pub pitch: i8,
    /// Sixteenths of a step; 16 is one step.
    pub length: u16,
    /// Prolongs the note before it instead of striking.
    pub tie: bool,
    /// 128ths of a step, -127 to 127; negative is early.
    pub micro: i8,
    /// Strikes within its time, 1 to 8.
    pub ratchet: u8,
    /// Percent.
    pub chance: u8,
    /// `always`, `fill`, `!fill`, `3:4`...
    pub condition: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChordView {
    pub step: u16,
    pub pitch: i8,
    pub length: u16,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LockView {
    pub step: u16,
    pub param: String,
    pub value: i16,
}

/// A note at any place of a pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NoteView {
    pub id: String,
    pub start_steps: f64,
    pub length_steps: f64,
    pub pitch: i8,
    pub velocity: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SampleView {
    pub id: String,
    pub name: String,
    pub seconds: f64,
    /// Is the sound here, or still on its way from a peer?
    pub here: bool,
    /// 0 to 1 while it is on its way.
    pub progress: f64,
}
