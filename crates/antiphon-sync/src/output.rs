//! What a session asks its peer to do, and tells it.

use antiphon_document::Touched;
use antiphon_identity::PeerId;
use antiphon_model::{SampleId, SessionId};

use crate::{gate::Violation, presence::Presence};

/// One thing to do or to know. Taken with [`crate::SessionSync::poll_output`], in order.
#[derive(Debug, Clone, PartialEq)]
pub enum SyncOutput {
    /// Send this frame on the sync channel.
    Send { peer: PeerId, frame: Vec<u8> },
    /// Send this frame on the blob channel.
    SendBulk { peer: PeerId, frame: Vec<u8> },
    /// Append this envelope to the session's stored changes.
    Store { envelope: Vec<u8> },
    /// Replace the session's stored roster (`Roster::from_bytes` reads it).
    StoreRoster { roster: Vec<u8> },
    /// The song changed; `author` is the device that did it, `None` for ourselves.
    SongChanged { touched: Touched, author: Option<PeerId> },
    /// Operations of the timeline came or went.
    TransportChanged { author: Option<PeerId> },
    /// Somebody became a member or got another role.
    RosterChanged,
    /// What a member says about itself and where it works.
    Presence { peer: PeerId, presence: Presence },
    /// A member's versions, told once per connection.
    Versions { peer: PeerId, versions: Versions },
    /// The peer is in another session: nothing is exchanged until it comes here.
    Elsewhere { peer: PeerId, session: SessionId },
    /// A member has what we have.
    UpToDate { peer: PeerId },
    /// Read this stored blob and pass it to [`crate::SessionSync::blob_read`].
    ReadBlob { sample: SampleId },
    /// A wanted blob grew.
    BlobProgress { sample: SampleId, received: u64, bytes: u64 },
    /// A wanted blob is complete and verified.
    BlobReady { sample: SampleId, bytes: Vec<u8> },
    /// A device signed two different changes with one number: none of its later ones are taken from here on.
    Forked { author: PeerId },
    /// The document is as large as it may get: further changes are not taken.
    DocumentFull,
    /// Close the connection to this peer. Told once; everything it sends afterwards is ignored.
    Fault { peer: PeerId, reason: Fault },
}

/// The versions a peer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// Theirs of the sync protocol.
    pub protocol: u32,
    /// Theirs of the engine.
    pub engine: u32,
    /// Is the protocol ours?
    pub same_protocol: bool,
    /// Is the engine ours? If not, the two render different bits.
    pub same_engine: bool,
}

/// Why a peer's connection is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    #[error("it sent data that no version of Antiphon sends")]
    Garbage,
    #[error("it sent more than a peer may")]
    TooMuch,
    #[error("it sent {0}")]
    Change(Violation),
    #[error("it sent a roster that does not verify")]
    Roster,
    #[error("it sent wrong bytes for a sample")]
    WrongBlob,
}
