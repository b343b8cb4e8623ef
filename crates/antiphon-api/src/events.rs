//! What the interface is told without asking.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::views::{
    AudioState, BeatView, ChordView, Ears, FillView, GrooveView, HistoryView, Job, JoinRequest, LinkView,
    LockView, MemberView, MeterView, Metronome, ModeView, NearbyPeer, NoteView, Quantum, SampleView, Saved,
    SceneView, SessionEntry, SessionView, StepView, Telemetry, TrackView, TransportView, WaitingView,
};

/// Everything that changes. A page that connects, or has fallen behind, is sent whole views first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// Another session is open (or none): forget what was shown.
    Session {
        session: Option<Box<SessionView>>,
    },
    Sessions {
        sessions: Vec<SessionEntry>,
    },
    /// The open song changed; only what differs is there.
    Song {
        change: SongChange,
    },
    Ears {
        ears: Ears,
    },
    Transport {
        transport: TransportView,
    },
    /// Edits that wait for a bar; absent when all that is made is heard.
    Waiting {
        waiting: Option<WaitingView>,
    },
    Saved {
        saved: Saved,
    },
    History {
        history: HistoryView,
    },
    Members {
        members: Vec<MemberView>,
    },
    Nearby {
        nearby: Vec<NearbyPeer>,
    },
    JoinRequests {
        requests: Vec<JoinRequest>,
    },
    /// Someone else edited here: flash it in their colour.
    Flash {
        peer: String,
        colour: u8,
        track: Option<String>,
        /// The pattern of the steps, where there are any.
        pattern: Option<String>,
        steps: Vec<u16>,
    },
    Samples {
        samples: Vec<SampleView>,
    },
    Audio {
        audio: AudioState,
    },
    Telemetry {
        telemetry: Telemetry,
    },
    Job {
        job: Job,
    },
    Beats {
        beats: Vec<BeatView>,
    },
    /// This device's metronome and count-in.
    Metronome {
        metronome: Metronome,
    },
    /// Something of a peer came after the moment at which it should have been heard here.
    Late {
        peer: String,
        /// What they are called.
        name: String,
        by_ms: f64,
        /// `transport`, `launch` or `edit`.
        what: String,
    },
    /// Something to read, once.
    Notice {
        level: NoticeLevel,
        text: String,
        next_step: Option<String>,
    },
}

/// The fields of the song that changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SongChange {
    pub name: Option<String>,
    pub bpm: Option<f64>,
    pub meter: Option<MeterView>,
    pub quantum: Option<Quantum>,
    pub edits_at_bar: Option<bool>,
    pub swing: Option<u8>,
    pub groove: Option<GrooveView>,
    pub master_db: Option<f64>,
    pub fill: Option<FillView>,
    pub mode: Option<ModeView>,
    pub scenes: Option<Vec<SceneView>>,
    pub chain: Option<Vec<LinkView>>,
    pub seed: Option<String>,
    /// Tracks that are new, or changed beyond the inside of their patterns: whole.
    pub tracks: Vec<TrackView>,
    /// Patterns that changed inside, of tracks that are not in `tracks`.
    pub patterns: Vec<PatternChange>,
    /// All track ids in order, when that changed.
    pub order: Option<Vec<String>>,
}

/// The fields of a pattern that changed. The new length is applied before the steps.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PatternChange {
    pub track: String,
    pub pattern: String,
    pub name: Option<String>,
    /// Steps beyond it go; new ones are among `steps`.
    pub length: Option<u16>,
    pub speed: Option<String>,
    pub humanise: Option<u8>,
    pub steps: Vec<StepChange>,
    pub chords: Option<Vec<ChordView>>,
    pub locks: Option<Vec<LockView>>,
    /// Notes that are new or changed.
    pub notes: Vec<NoteView>,
    /// Ids of the notes that are gone.
    pub gone_notes: Vec<String>,
}

/// A step that is new or changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StepChange {
    /// Counted from 0.
    pub index: u16,
    pub step: StepView,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum NoticeLevel {
    Info,
    Warning,
    Error,
}
