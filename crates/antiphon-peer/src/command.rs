//! What its own user asks of a peer.

use antiphon_identity::PeerId;
use antiphon_membership::{GrantId, Role};
use antiphon_model::{Edit, Name, SessionId, TrackId};
use antiphon_timeline::{Tempo, Ticks};

/// One act of this peer's user. Ids and secrets are fresh random bits of the caller.
#[derive(Debug, Clone)]
pub enum Command {
    /// Chooses the name that others see.
    SetName(Name),
    /// Makes a session and opens it.
    Found(Box<NewSession>),
    /// Opens a session of this device.
    Open(Box<StoredSession>),
    /// Closes the open session.
    Leave,
    Edit(Edit),
    Undo,
    Redo,
    /// Starts the music; before it, so many bars are counted in (at most 8).
    Play {
        count_in_bars: u8,
    },
    /// Stops where the music is.
    Pause,
    /// Stops and goes back to the start.
    Stop,
    Locate(Ticks),
    /// Where I edit, for the others to see.
    SetPresence {
        track: Option<TrackId>,
        step: Option<u16>,
    },
    /// Asks a connected peer to be let into the session it shows.
    Join {
        peer: PeerId,
        actor_n: u32,
    },
    /// Follows an invite link, dialling its addresses.
    JoinByInvite {
        link: String,
        actor_n: u32,
    },
    /// The owner's answer to someone at the door; `None` is no.
    AnswerJoin {
        peer: PeerId,
        role: Option<Role>,
        grant: GrantId,
    },
    /// Opens the door for whoever brings the link.
    MakeInvite {
        secret: [u8; 16],
        role: Role,
        addresses: Vec<String>,
    },
}

/// A session to be made.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub session: SessionId,
    pub grant: GrantId,
    pub actor_n: u32,
    pub name: Name,
    pub tempo: Tempo,
    /// The beat it is a remix of.
    pub parent: Option<[u8; 32]>,
    /// What it starts with: a demo, or the song of a beat.
    pub edits: Vec<Edit>,
}

/// A session as it was stored.
#[derive(Debug, Clone)]
pub struct StoredSession {
    pub session: SessionId,
    pub roster: Vec<u8>,
    /// Every stored envelope, in the order in which they were stored.
    pub envelopes: Vec<Vec<u8>>,
    /// Fresh for every opening: a sequence number that was sent but not stored is so never reused.
    pub actor_n: u32,
    pub parent: Option<[u8; 32]>,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    Nothing,
    /// What was done or undone, for a tooltip.
    Label(String),
    /// A link to hand over, with its life in seconds.
    Invite {
        link: String,
        seconds: u64,
    },
}
