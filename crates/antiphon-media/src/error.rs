//! Why audio cannot be decoded, kept or written.

use std::{io, path::PathBuf};

use crate::limits::{CHANNELS_MAX, DECODED_BYTES_MAX, FILE_BYTES_MAX, RATE_MAX, RATE_MIN, SECONDS_MAX};

/// Why a file cannot become a sample.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// Too many bytes.
    #[error("the file has {} MiB, at most {} fit", bytes >> 20, FILE_BYTES_MAX >> 20)]
    TooBig {
        /// Its size.
        bytes: u64,
    },
    /// Nothing that any audio format starts with.
    #[error("this is not an audio file; WAV, FLAC, MP3, OGG Vorbis and AIFF can be used")]
    NotAudio,
    /// Audio in a form that is not decoded here.
    #[error("{what} cannot be decoded; convert it to WAV, FLAC, MP3, OGG Vorbis or AIFF")]
    Unsupported {
        /// Which form.
        what: String,
    },
    /// The file ends before its audio does.
    #[error("the file is cut off: {expected} frames are announced, {found} are there")]
    Truncated {
        /// Frames that are there.
        found: u64,
        /// Frames that its header announces; 0 where even the header is cut off.
        expected: u64,
    },
    /// Bytes that make no sense.
    #[error("the file is damaged: {cause}")]
    Damaged {
        /// What the decoder said.
        cause: String,
    },
    /// A file without a single frame.
    #[error("the file holds no sound")]
    NoSound,
    /// Too long.
    #[error("the sound lasts more than {} minutes; cut a shorter piece from it", SECONDS_MAX / 60)]
    TooLong,
    /// Too much memory.
    #[error("decoded, the sound takes more than {} MiB; cut a shorter piece from it", DECODED_BYTES_MAX >> 20)]
    TooLarge,
    /// Too many channels.
    #[error("the sound has {channels} channels, at most {CHANNELS_MAX} can be mixed to stereo")]
    TooManyChannels {
        /// How many.
        channels: usize,
    },
    /// A strange rate.
    #[error("the sound has a rate of {rate} Hz, which is outside {RATE_MIN} to {RATE_MAX} Hz")]
    BadRate {
        /// The rate.
        rate: u32,
    },
    /// The blob that would be kept is over its bound.
    #[error("stored, the sound takes more than {} MiB; cut a shorter piece from it", FILE_BYTES_MAX >> 20)]
    BlobTooBig,
    /// A decoder or encoder failed in itself; the file may be innocent.
    #[error("internal error while decoding: {cause}")]
    Internal {
        /// What it said.
        cause: String,
    },
}

/// Why bytes are not a sample's blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// Not the one form that blobs have: FLAC, 48 kHz, 24 bits, one or two channels, one metadata block.
    #[error("the blob is not a 48 kHz 24-bit FLAC with one or two channels")]
    WrongForm,
    /// Its audio cannot be decoded or is not what it was.
    #[error("the blob is damaged: {0}")]
    Damaged(#[from] DecodeError),
    /// The checksum over its samples does not match.
    #[error("the blob is damaged: its samples do not match their checksum")]
    WrongChecksum,
}

/// Why a WAV file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteWavError {
    /// WAV counts its bytes in 32 bits.
    #[error("a WAV file holds at most 4 GiB; render a shorter piece")]
    TooLong,
    /// Not whole frames.
    #[error("{samples} samples are not whole frames of {channels} channels")]
    PartFrame {
        /// Samples given.
        samples: usize,
        /// Channels of the file.
        channels: u16,
    },
    /// The system refused.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
