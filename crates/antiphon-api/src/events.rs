//! What the interface is told without asking.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::views::{
    AudioState, BeatView, Ears, HistoryView, Job, JoinRequest, MemberView, NearbyPeer, SampleView, Saved,
    SessionEntry, SessionView, Telemetry, TrackView, TransportView,
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
    pub swing: Option<u8>,
    pub master_db: Option<f64>,
    /// Tracks that are new or changed, whole.
    pub tracks: Vec<TrackView>,
    /// All track ids in order, when that changed.
    pub order: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum NoticeLevel {
    Info,
    Warning,
    Error,
}
