//! Why a node did not start, or did not do what it was asked.

use std::io;

use antiphon_audio_io::TrimOutOfRange;
use antiphon_beat::{FreezeError, LicenceError, OpenBeatError};
use antiphon_media::{DecodeError, WriteWavError};
use antiphon_model::{NameError, SessionId};
use antiphon_net::{AddressError, StartNetError};
use antiphon_peer::CommandError;
use antiphon_store::{DeviceSeedError, FileError, NotDurable, OpenStoreError, ReadError, SubmitError};

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartNodeError {
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Key(#[from] DeviceSeedError),
    #[error("the network could not be opened: {0}")]
    Net(#[from] StartNetError),
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

/// Why a node did not do what it was asked. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("session {0} is not on this device")]
    NoSession(SessionId),
    #[error("no session is open")]
    NothingOpen,
    #[error("beat {0} is not on this device")]
    NoBeat(String),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("the audio file cannot be used: {0}")]
    Decode(#[from] DecodeError),
    #[error("{path} cannot be read: {source}")]
    ReadFile { path: String, source: io::Error },
    #[error("{path} cannot be written: {source}")]
    WriteFile { path: String, source: io::Error },
    #[error("the WAV file cannot be written: {0}")]
    Wav(#[from] WriteWavError),
    #[error("the beat cannot be used: {0}")]
    OpenBeat(#[from] OpenBeatError),
    #[error("the beat cannot be made: {0}")]
    Freeze(#[from] FreezeError),
    #[error(transparent)]
    Licence(#[from] LicenceError),
    #[error("sample {name:?} has not arrived yet")]
    SampleMissing { name: String },
    #[error("the store cannot be read: {0}")]
    Read(#[from] ReadError),
    #[error("the store takes nothing more: {0}")]
    Submit(#[from] SubmitError),
    #[error("the last changes are not on disk: {0}")]
    NotSaved(#[from] NotDurable),
    #[error("a file of the store: {0}")]
    File(#[from] FileError),
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Trim(#[from] TrimOutOfRange),
    #[error("no audio output is open, so there is none to set")]
    NoOutput,
    #[error("the network is off")]
    Offline,
    #[error("nothing can be changed here: {0}")]
    ReadOnly(String),
    #[error("the peer is stopping")]
    Stopping,
    #[error("a task of this program ended unexpectedly")]
    TaskEnded,
    #[error("the system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}
