//! What an honest, unmodified peer never sends.

/// Why the gate refused an envelope. Its sender checked it by the same rules before passing it on, so the
/// sender is to blame whoever the author is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Violation {
    #[error("an envelope that cannot be read")]
    Envelope,
    #[error("a change over the size limit")]
    TooLarge,
    #[error("data that is not a plain change")]
    NotAChange,
    #[error("a malformed change")]
    Malformed,
    #[error("more operations than a change may hold")]
    TooManyOperations,
    #[error("something other than values and maps under map keys")]
    OtherThanMaps,
    #[error("a change under a grant that the session does not know")]
    UnknownGrant,
    #[error("a change under another device's grant")]
    OthersGrant,
    #[error("a change by a listener")]
    Listener,
    #[error("a change whose signature does not match")]
    Signature,
    #[error("a change by an actor that is not bound to its device and grant")]
    UnboundActor,
    #[error("a change that names an actor of another kind")]
    UnknownActor,
    #[error("a change that made the reader panic")]
    Panicked,
    #[error("a change that encodes differently when it is written again")]
    NotCanonical,
    #[error("a beginning of the session that is not its owner's")]
    OthersBeginning,
    #[error("a change that does not fit the history it names")]
    Inadmissible,
    #[error("a change that was refused before")]
    Quarantined,
    #[error("a change that the document does not take")]
    NotApplied,
}
