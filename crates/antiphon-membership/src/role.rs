//! What a device may do.

use serde::{Deserialize, Serialize};

/// The right a grant gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Made the session; grants rights; edits.
    Owner,
    /// Edits.
    Editor,
    /// Receives everything, edits nothing.
    Listener,
}

impl Role {
    /// May a device with this role change the song?
    pub fn can_edit(self) -> bool {
        matches!(self, Self::Owner | Self::Editor)
    }

    /// The name in logs and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Listener => "listener",
        }
    }
}
