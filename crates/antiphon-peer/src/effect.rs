//! What a peer asks of the world, and what it tells.

use std::collections::BTreeSet;

use antiphon_document::Touched;
use antiphon_identity::PeerId;
use antiphon_model::{SampleId, SessionId};

use crate::late::LateAct;

/// One ordered stream to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    Control,
    Sync,
    Blob,
}

/// Something for the node to perform.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Send {
        peer: PeerId,
        stream: Stream,
        frame: Vec<u8>,
    },
    Dial {
        address: String,
    },
    Close {
        peer: PeerId,
        reason: String,
    },
    /// Exactly these peers take part in the session clock.
    ClockMembers(BTreeSet<PeerId>),
    /// A session was opened: its clock begins anew.
    BeginClock,
    /// Keep an envelope of the session's log.
    StoreEnvelope {
        session: SessionId,
        envelope: Vec<u8>,
    },
    StoreRoster {
        session: SessionId,
        roster: Vec<u8>,
    },
    /// The session's line in the list changed: its record is to be written.
    StoreRecord,
    /// A peer asks for a sample's bytes: answer with [`crate::Input::BlobBytes`].
    ReadBlob {
        session: SessionId,
        sample: SampleId,
    },
    /// A sample arrived and is verified: keep it.
    KeepBlob {
        sample: SampleId,
        bytes: Vec<u8>,
    },
    /// Tell the interface.
    Tell(Change),
}

/// What changed; its new value is read from the [`crate::Peer`].
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Another session is open, or none.
    Session,
    /// The song; `author` is the peer whose change it was, when not me.
    Song {
        touched: Touched,
        author: Option<PeerId>,
    },
    Transport,
    /// What is to be heard of the song: edits have waited for their bar, or wait for one.
    Heard,
    /// Acts of a peer came after their moment.
    Late {
        author: PeerId,
        /// By how much the latest of them was, ns.
        by_ns: i64,
        what: LateAct,
        /// How many there were since the last telling.
        count: u64,
    },
    History,
    Members,
    Nearby,
    JoinRequests,
    /// A sample is on its way, or here.
    Samples,
    /// Something to read, once.
    Notice(Notice),
}

/// Something that the user should read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// We were let in.
    Joined { by: String },
    /// We were not.
    JoinRefused { by: String, reason: String },
    /// The link was followed, but nobody answers there.
    InviteUnanswered { reason: String },
    /// A peer broke the rules and was cut off.
    PeerFaulted { name: String, reason: String },
    /// The history of the open session is as long as it may get.
    DocumentFull,
    /// A peer speaks another version.
    PeerDiffers { name: String, how: String },
}
