//! What the sequencer offers to choose from, and what it will play.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A sound that a track can choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SoundInfo {
    /// Text form, `drum:kick`.
    pub sound: String,
    /// `Kick`.
    pub label: String,
    /// `Drums`, `Synth`, `Samples`.
    pub group: String,
    /// Does pitch mean notes?
    pub melodic: bool,
}

/// Everything that can be chosen and turned in a pattern, so that no interface has a list of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Catalogue {
    /// What a track sets and a step locks.
    pub params: Vec<ParamInfo>,
    /// Not negated; `!` before one asks the opposite (not of `always`).
    pub conditions: Vec<String>,
    /// Slowest first.
    pub speeds: Vec<String>,
    pub grooves: Vec<Choice>,
    pub quantise_grids: Vec<Choice>,
    /// Names of the ready chords; their place is what a block is asked for by.
    pub colours: Vec<String>,
    /// Names of the ready rhythms, likewise.
    pub rhythms: Vec<String>,
    pub triggers: Vec<Choice>,
    /// Choke groups beside none: 1 to this.
    pub choke_groups: u8,
    pub pattern_length_max: u16,
    pub ratchet_max: u8,
    pub link_bars_max: u16,
}

/// A parameter of a sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ParamInfo {
    pub param: String,
    pub label: String,
    /// What its numbers count: `dB/100`, `%`, `cents`, `ms`, `‰`.
    pub unit: String,
    pub min: i16,
    pub max: i16,
    /// The value with which a sound is as it was made.
    pub neutral: i16,
}

/// Something to choose: its key on the wire and its name for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    pub key: String,
    pub label: String,
}

/// What will sound, with the dice rolled, in the order it sounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EventsView {
    pub bars: u32,
    pub bpm: f64,
    /// What the dice are rolled from, 16 hexadecimal digits.
    pub seed: String,
    pub events: Vec<EventView>,
}

/// A note that will sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    pub track: String,
    pub track_name: String,
    pub pattern: String,
    pub pattern_name: String,
    /// Where it is played, in steps from the first bar.
    pub at_steps: f64,
    /// Where it is written: before swing, groove, micro-timing, looseness and ratchets.
    pub written_steps: f64,
    /// The same in frames of the 48 kHz stream.
    pub frame: i64,
    /// The step that it is of, counted from 0; absent: a free note.
    pub step: Option<u16>,
    /// The free note that it is.
    pub note: Option<String>,
    /// How often the pattern was played before.
    pub cycle: i64,
    /// The bar at which the pattern began, counted from 0: the first, or where its link of the chain did.
    pub origin_bar: i64,
    /// Which of the step's strikes, counted from 0.
    pub hit: u8,
    /// Which note of the step's chord: 0 is its own, the others ascend.
    pub chord: u8,
    /// Semitones from the track's own pitch.
    pub pitch: i8,
    pub velocity: u8,
    pub length_steps: f64,
    pub dice: DiceView,
}

/// What was rolled for an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DiceView {
    /// 0 to 99, below the step's chance; absent where its chance is 100.
    pub chance: Option<u8>,
    /// How far looseness moves it, in steps.
    pub timing_steps: f64,
    /// What looseness adds to its velocity.
    pub velocity: i64,
}
