//! A node at one moment, for an interface that shows it whole.

use std::{collections::BTreeMap, sync::Arc};

use antiphon_audio_io::OutputStatus;
use antiphon_engine::Ears;
use antiphon_identity::PeerId;
use antiphon_membership::Role;
use antiphon_model::{Name, SampleId, SessionId, Song};
use antiphon_peer::{JoinRequest, Member, Nearby, Waiting};
use antiphon_timeline::{Run, SessionMap, Tempo, Ticks};

/// Everything that an interface reads, at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub me: PeerId,
    pub name: Name,
    /// Host time as session time.
    pub map: SessionMap,
    pub session: Option<SessionSnapshot>,
    pub nearby: Vec<Nearby>,
    pub requests: Vec<(PeerId, String, JoinRequest)>,
    pub audio: Option<OutputStatus>,
    /// A beat that plays instead of the session.
    pub beat: Option<[u8; 32]>,
}

/// The open session at one moment.
#[derive(Debug, Clone)]
pub struct SessionSnapshot {
    pub id: SessionId,
    pub role: Role,
    /// Why nothing of it can be changed here.
    pub read_only: Option<String>,
    /// False while a session that was just joined is still on its way.
    pub arrived: bool,
    pub parent: Option<[u8; 32]>,
    pub song: Arc<Song>,
    pub ears: Ears,
    pub playing: bool,
    /// The run that plays, and the tick it has come to.
    pub heard: Option<(Run, Ticks)>,
    /// Edits that are made, and are heard from a bar on.
    pub waiting: Option<Waiting>,
    /// Who pressed play or stop last, or moved the playhead, when it was not me.
    pub pressed_by: Option<PeerId>,
    /// The beat that plays instead of the session.
    pub beat: Option<[u8; 32]>,
    /// Where play would start, or the place that is heard.
    pub position: Ticks,
    pub tempo: Tempo,
    pub undo: Option<String>,
    pub redo: Option<String>,
    pub members: Vec<Member>,
    /// Samples by how much of each is here: 1 is all.
    pub samples: BTreeMap<SampleId, f64>,
}
