//! What the net tells the node.

use antiphon_clock::ClockEvent;
use antiphon_identity::PeerId;

/// One ordered stream of frames between two peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Hello, the door, presence of the link itself: small and urgent.
    Control,
    /// Changes and presence of a session.
    Sync,
    /// Samples: bulky, must not delay the others.
    Blob,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 3] = [Self::Control, Self::Sync, Self::Blob];
}

/// What the net tells the node.
///
/// Order per peer: `Connected`, then its `Frame`s in the order sent on each channel, then one
/// `Disconnected` after which none of its frames follow.
#[derive(Debug)]
pub enum NetEvent {
    /// Peers can reach us at this address (a multiaddr).
    Listening(String),
    /// A peer announces itself on this network. Sent when it is new or its addresses grew.
    Discovered {
        /// Who says to be there; proven only by a connection.
        peer: PeerId,
        /// Multiaddrs, as announced.
        addresses: Vec<String>,
    },
    /// All channels of a peer work, both ways. The peer has proven its key, nothing more.
    Connected {
        /// Who.
        peer: PeerId,
        /// The remote address of the connection.
        address: String,
    },
    /// The peer is gone, or was closed.
    Disconnected {
        /// Who.
        peer: PeerId,
        /// Why.
        reason: DisconnectReason,
    },
    /// A frame of a connected peer.
    Frame {
        /// From whom.
        peer: PeerId,
        /// On which channel.
        channel: Channel,
        /// At most [`crate::FRAME_BYTES_MAX`].
        bytes: Vec<u8>,
    },
    /// A dial by [`crate::NetHandle::dial`] led to this peer; `Connected` came before, perhaps long before.
    DialReached {
        /// Who answers there.
        peer: PeerId,
        /// The address as it was given.
        address: String,
    },
    /// A dial by [`crate::NetHandle::dial`] led to nobody.
    DialFailed {
        /// The address as it was given.
        address: String,
        /// Why.
        reason: DialFailure,
    },
    /// Something happened to the session clock. New maps come by `on_map` instead, never here.
    Clock(ClockEvent),
}

/// Why a link ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisconnectReason {
    /// Nothing was heard for about three seconds: a cut cable, or a machine that stands still.
    #[error("nothing was heard from it for three seconds")]
    Silent,
    /// The connection broke.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The other side closed the link on purpose.
    #[error("it closed the connection")]
    ClosedByPeer,
    /// The other side's application ended.
    #[error("it left")]
    Left,
    /// We closed it.
    #[error("closed here")]
    Closed,
    /// It read slower than we had to send.
    #[error("it did not keep up with what was sent to it")]
    TooSlow,
    /// It sent bytes that are not frames, or too long ones.
    #[error("it sent {0}")]
    Garbage(FrameError),
    /// It made a new connection, which takes the place of the old one.
    #[error("it connected anew")]
    Replaced,
}

/// Bytes that break the framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A frame longer than allowed.
    #[error("a frame of {bytes} bytes, the longest allowed has {max}")]
    TooLong {
        /// As claimed by the header.
        bytes: usize,
        /// Allowed.
        max: usize,
    },
    /// A kind of frame that does not exist.
    #[error("a frame of unknown kind {0}")]
    UnknownKind(u8),
    /// A frame whose content or place is wrong for its kind.
    #[error("a frame where none of its kind belongs")]
    OutOfPlace,
    /// An offer of clock datagrams that cannot be read.
    #[error("an offer of clock datagrams that makes no sense")]
    BadOffer,
}

/// Why a dial led to nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialFailure {
    /// The machine is there, but nothing listens at the port.
    #[error("nothing listens there (connection refused); check the port and that Antiphon runs")]
    Refused,
    /// No answer at all.
    #[error("no answer; check the address, that both are on the same network, and the firewall")]
    NoAnswer,
    /// The system knows no way there.
    #[error("there is no route to it; check that this machine is on the same network")]
    Unreachable,
    /// The address is our own.
    #[error("that is the address of this machine itself")]
    Myself,
    /// Another peer than the one named in the address answered.
    #[error("another peer answers there")]
    OtherPeer,
    /// Something answers that is no Antiphon, one of an incompatible version, or one that is overrun.
    #[error(
        "something answers there, but it does not speak this version of Antiphon's protocol, or is too busy"
    )]
    NotAntiphon,
    /// Our own limits.
    #[error("too many connections are open or being made; try again in a moment")]
    TooMany,
    /// Anything else, in the transport's words.
    #[error("{0}")]
    Other(String),
}
