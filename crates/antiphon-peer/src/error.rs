//! Why a command was not carried out.

use antiphon_document::ApplyError;
use antiphon_membership::RosterError;
use antiphon_sync::EditRefused;

use crate::invite::InviteError;

/// Why a command was not carried out; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("no session is open")]
    NoSession,
    #[error("you listen in this session; its owner can make you an editor")]
    Listener,
    #[error("only the owner of the session can do that")]
    NotOwner,
    #[error(transparent)]
    Edit(#[from] EditRefused),
    #[error("the stored session cannot be opened: {0}")]
    Stored(String),
    #[error(transparent)]
    Roster(#[from] RosterError),
    #[error(transparent)]
    Invite(#[from] InviteError),
    #[error("that peer is not connected")]
    NotConnected,
    #[error("that peer shows no session")]
    NothingShown,
    #[error("nobody with that key is at the door")]
    NobodyAsks,
}

impl CommandError {
    /// Was an edit refused only because everything is so already?
    pub fn is_unchanged(&self) -> bool {
        matches!(self, Self::Edit(EditRefused::Apply(ApplyError::Unchanged)))
    }
}
