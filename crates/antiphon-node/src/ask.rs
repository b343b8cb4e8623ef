//! What a node can be asked; everything that needs its state passes through here.

use std::sync::Arc;

use antiphon_engine::{Ears, SampleData};
use antiphon_model::{Gain, Note, Pan, SampleId, Sound, TrackId, Velocity};
use antiphon_peer::{Command, Done};
use antiphon_timeline::Tempo;
use tokio::sync::oneshot;

use crate::{
    agreement::Agreement, error::NodeError, metronome::Counting, snapshot::Snapshot, sound::PlayedBeat,
};

/// Where an answer goes.
pub(crate) type Answer<T> = oneshot::Sender<T>;

/// A request to the node's loop.
pub(crate) enum Ask {
    /// The user's act on the peer.
    Command(Box<Command>, Answer<Result<Done, NodeError>>),
    Snapshot(Answer<Snapshot>),
    /// How well the clocks agree.
    Agreement(Answer<Agreement>),
    SetEars(Ears, Answer<()>),
    SetCounting(Counting, Answer<()>),
    /// A tap on the beat; the tempo it comes to with those before.
    Tap(Answer<Option<Tempo>>),
    Note {
        track: TrackId,
        note: Note,
        velocity: Option<Velocity>,
    },
    Preview(Sound),
    AllNotesOff,
    Gesture {
        track: Option<TrackId>,
        gain: Option<Gain>,
        pan: Option<Pan>,
    },
    SetOutput {
        output: Option<String>,
        trim_ns: Option<i64>,
        answer: Answer<Result<(), NodeError>>,
    },
    /// What a handshake found is added to the open output's trim.
    AdjustTrim {
        add_ns: i64,
        answer: Answer<Result<crate::handshake::Trimmed, NodeError>>,
    },
    /// A sample is decoded and its blob stored.
    Sample {
        sample: SampleId,
        data: Arc<SampleData>,
    },
    /// A blob that a peer asked for was read.
    Blob {
        session: antiphon_model::SessionId,
        sample: SampleId,
        bytes: Option<Vec<u8>>,
    },
    /// Reach a peer by address, then ask to join what it shows.
    Dial {
        address: String,
        answer: Answer<Result<(), NodeError>>,
    },
    Addresses(Answer<Vec<String>>),
    PlayBeat(Option<Box<PlayedBeat>>, Answer<()>),
    Stop(Answer<()>),
}
