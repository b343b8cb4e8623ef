//! Why a beat is refused, or cannot be made.

use antiphon_identity::{PeerId, VerifyError};
use antiphon_model::{SampleId, TrackId};

use crate::limits::BEAT_BYTES_MAX;

/// Why bytes are not an intact beat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenBeatError {
    /// Not one of ours at all.
    #[error("this is not a beat file")]
    NotABeat,
    /// The file ends early.
    #[error("the beat file is cut off after {bytes} bytes")]
    Truncated {
        /// How long it is.
        bytes: usize,
    },
    /// Over a bound.
    #[error("the {what} has {bytes} bytes, at most {max} are allowed")]
    TooLarge {
        /// The file, or which entry.
        what: &'static str,
        /// Its size.
        bytes: u64,
        /// The bound.
        max: usize,
    },
    /// Written by a newer version.
    #[error("the beat has format {version}, newest known is {newest}; update Antiphon to open it")]
    TooNew {
        /// The format found.
        version: u8,
        /// The newest format known here.
        newest: u8,
    },
    /// An entry has bytes that do not mean anything.
    #[error("the beat's {entry} is malformed: {cause}")]
    Malformed {
        /// Which entry.
        entry: &'static str,
        /// What is wrong with it.
        cause: String,
    },
    /// An entry that is not announced, at another place than it should be, or missing.
    #[error("the beat should have the entry {expected} where it has {found}")]
    WrongEntry {
        /// The entry that belongs there.
        expected: String,
        /// The entry that is there.
        found: String,
    },
    /// An entry's bytes are not those that were signed.
    #[error("the beat's {entry} was altered: its hash does not match the manifest")]
    Altered {
        /// Which entry.
        entry: String,
    },
    /// The same content in other bytes, or bytes around it.
    #[error("the beat file was altered: its bytes are not in the one form a beat has")]
    NotCanonical,
    /// A signature does not hold.
    #[error("the signature of {peer} does not hold: {source}")]
    BadSignature {
        /// Whose it claims to be.
        peer: PeerId,
        /// Why it was refused.
        source: VerifyError,
    },
    /// Who is named and who signed differ.
    #[error("the {signers} keys that signed the beat are not those of its {authors} authors")]
    WrongSigners {
        /// How many are named.
        authors: usize,
        /// How many signed.
        signers: usize,
    },
    /// Two parts contradict each other.
    #[error("the beat contradicts itself: {0}")]
    Inconsistent(&'static str),
}

/// Why a song cannot be frozen into a beat.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FreezeError {
    /// The bytes of a sample are not here.
    #[error("the sample {sample} of track {track} is not on this device yet; wait until it has arrived")]
    MissingSample {
        /// Which sample.
        sample: SampleId,
        /// A track that plays it.
        track: TrackId,
    },
    /// The bytes given for a sample are others.
    #[error("the bytes given for sample {0} are not that sample")]
    WrongSample(SampleId),
    /// Too much for one file.
    #[error("the beat would have {bytes} bytes, at most {BEAT_BYTES_MAX} fit; use fewer or shorter samples")]
    TooLarge {
        /// How many.
        bytes: u64,
    },
    /// Too many parents.
    #[error("a beat names at most {} parents", crate::limits::PARENTS_MAX)]
    TooManyParents,
    /// What was made would not open: a mistake of ours, found before anybody gets the file.
    #[error("internal error: the new beat does not open: {0}")]
    Unsound(#[source] OpenBeatError),
}
