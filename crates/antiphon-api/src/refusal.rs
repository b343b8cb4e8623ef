//! The node's errors as refusals with a code and a next step.

use std::io::ErrorKind;

use antiphon_model::EditError;
use antiphon_node::NodeError;
use antiphon_peer::{CommandError, EditRefused};
use antiphon_store::{FileError, SubmitError};

use crate::error::{ApiError, ErrorCode};

impl From<NodeError> for ApiError {
    fn from(error: NodeError) -> Self {
        let (code, next) = match &error {
            NodeError::Command(command) => of_command(command),
            NodeError::NoSession(_) => {
                (ErrorCode::NotFound, Some("ask a peer who has it, or look in the session list"))
            }
            NodeError::NothingOpen => (ErrorCode::NotFound, Some("open or make a session first")),
            NodeError::NoBeat(_) => (ErrorCode::NotFound, Some("open its file, or ask someone who has it")),
            NodeError::Name(_) => (ErrorCode::Invalid, Some("choose another name")),
            NodeError::Licence(_) => (ErrorCode::Invalid, Some("give an SPDX identifier such as CC-BY-4.0")),
            NodeError::Decode(_) => (
                ErrorCode::BadFile,
                Some("use a WAV, FLAC, MP3, OGG or AIFF file of at most 64 MiB and 20 minutes"),
            ),
            NodeError::OpenBeat(_) => (ErrorCode::BadFile, Some("get the file again from someone you trust")),
            NodeError::Freeze(_) => {
                (ErrorCode::Invalid, Some("shorten the song or its samples, then publish again"))
            }
            NodeError::ReadFile { source, .. } if source.kind() == ErrorKind::NotFound => {
                (ErrorCode::NotFound, Some("check the path"))
            }
            NodeError::ReadFile { .. } => {
                (ErrorCode::BadFile, Some("check the path, its permissions and its size"))
            }
            NodeError::WriteFile { .. } | NodeError::Wav(_) => {
                (ErrorCode::Storage, Some("choose a folder that can be written, with room on its disk"))
            }
            NodeError::SampleMissing { .. } => (
                ErrorCode::NotFound,
                Some("wait until it has arrived from a peer, or give the track another sound"),
            ),
            NodeError::NotSaved(_) => (
                ErrorCode::Storage,
                Some("make room on the disk, or check the data folder's permissions, and do it again"),
            ),
            NodeError::Read(_) => (ErrorCode::Storage, Some("run `antiphon doctor`")),
            NodeError::ReadOnly(_)
            | NodeError::Submit(SubmitError::ReadOnly(_))
            | NodeError::File(FileError::ReadOnly(_)) => {
                (ErrorCode::Storage, Some("update Antiphon, or name another data folder"))
            }
            NodeError::Submit(_) | NodeError::File(_) => (
                ErrorCode::Storage,
                Some("make room on the disk; what you see is kept while the program runs"),
            ),
            NodeError::Address(_) => (ErrorCode::Invalid, Some("write it as 192.0.2.7:4001")),
            NodeError::Trim(_) => (ErrorCode::Invalid, Some("give a trim of at most a second either way")),
            NodeError::NoOutput => (ErrorCode::NotFound, Some("connect an output, or choose one")),
            NodeError::Offline => (ErrorCode::Unreachable, Some("start with the network on")),
            NodeError::Stopping | NodeError::TaskEnded | NodeError::Random(_) => {
                (ErrorCode::Internal, Some("start Antiphon again; what was saved is safe"))
            }
        };
        let refusal = Self::new(code, error.to_string());
        match next {
            Some(next) => refusal.next(next),
            None => refusal,
        }
    }
}

/// Was an edit refused only because everything is so already?
pub(crate) fn is_unchanged(error: &NodeError) -> bool {
    matches!(error, NodeError::Command(command) if command.is_unchanged())
}

fn of_command(error: &CommandError) -> (ErrorCode, Option<&'static str>) {
    match error {
        CommandError::NoSession => (ErrorCode::NotFound, Some("open or make a session first")),
        CommandError::Listener | CommandError::NotOwner => {
            (ErrorCode::NotAllowed, Some("ask the owner, or make a session of your own"))
        }
        CommandError::Edit(EditRefused::Listener | EditRefused::NotMember) => {
            (ErrorCode::NotAllowed, Some("ask the owner, or make a session of your own"))
        }
        CommandError::Edit(EditRefused::Invalid(error)) => of_edit(error),
        CommandError::Edit(_) => {
            (ErrorCode::Invalid, Some("look at the session again; someone may have changed it"))
        }
        CommandError::Stored(_) | CommandError::Roster(_) => {
            (ErrorCode::Storage, Some("run `antiphon doctor`; the stored session is left as it is"))
        }
        CommandError::Invite(_) => (ErrorCode::Invalid, Some("ask for a new invite")),
        CommandError::NotConnected | CommandError::NothingShown => (
            ErrorCode::Unreachable,
            Some("check that their Antiphon runs on the same network with a session open"),
        ),
        CommandError::NobodyAsks => (ErrorCode::NotFound, Some("they may have left; they can ask again")),
    }
}

fn of_edit(error: &EditError) -> (ErrorCode, Option<&'static str>) {
    match error {
        EditError::NoTrack(_)
        | EditError::NoPattern { .. }
        | EditError::NoSample(_)
        | EditError::NoScene(_)
        | EditError::NoLink(_) => {
            (ErrorCode::NotFound, Some("look at the session again; someone may have removed it"))
        }
        EditError::NoStep { .. } => {
            (ErrorCode::Invalid, Some("choose one of its steps, or make it longer first"))
        }
        EditError::Range(_) => (ErrorCode::Invalid, Some("choose a value in that range")),
        EditError::Empty => (ErrorCode::Invalid, Some("say what is to change")),
        EditError::LastPattern => (ErrorCode::Invalid, Some("clear it, or remove the track")),
        EditError::PanIsTheStrips => (ErrorCode::Invalid, Some("set the pan of the track's strip")),
        EditError::NotePlace => (ErrorCode::Invalid, Some("choose a place and a length within the pattern")),
        EditError::TooManyChordNotes | EditError::TooManyNotes | EditError::TooManySteps => {
            (ErrorCode::Invalid, Some("take fewer, or take some away first"))
        }
        _ => (ErrorCode::Invalid, Some("look at the session again; someone may have changed it")),
    }
}
