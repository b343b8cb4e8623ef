//! What the interface is told: plain data with text ids, ready to show.

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
    pub saved: Saved,
    pub history: HistoryView,
    pub members: Vec<MemberView>,
    /// The beat this session was remixed from.
    pub parent: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SongView {
    pub name: String,
    pub bpm: f64,
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

/// How well two peers agree on time, as measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SyncQuality {
    pub locked: bool,
    /// Estimated difference of the two session clocks, ms, signed.
    pub error_ms: f64,
    /// Guaranteed bound of it, ms. An output's own latency is outside, unless trimmed.
    pub bound_ms: f64,
    pub round_trip_ms: f64,
    /// Relative drift of the two clocks in parts per million.
    pub drift_ppm: f64,
    /// 0 to 1.
    pub loss: f64,
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

/// The session clock of this peer, for tools that compare peers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ClockView {
    /// Names the session clock; peers with different ones cannot be compared.
    pub timebase: String,
    /// A moment of this machine's clock (as it is bent for tests), ms.
    pub host_ms: f64,
    /// The same moment in session time, ms.
    pub session_ms: f64,
    /// How much faster session time runs, parts per million.
    pub rate_ppm: f64,
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
