//! Why a handshake failed. Each case has another way out.

use crate::{
    limits::{LATER_NS_MAX, RATE_MAX, RATE_MIN, RECORDING_SECONDS_MAX},
    voice::Voice,
};

/// Why a recording says nothing about when the chirps came.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HearError {
    /// The chirps do not fit into such a recording.
    #[error("the recording has a rate of {rate} Hz, which is outside {RATE_MIN} to {RATE_MAX} Hz")]
    BadRate {
        /// The rate.
        rate: u32,
    },
    /// It ends before the train can.
    #[error("the recording lasts {seconds:.1} s, the chirps take {needed:.1} s")]
    TooShort {
        /// Its length.
        seconds: f64,
        /// The least.
        needed: f64,
    },
    /// Somebody forgot to stop it.
    #[error("the recording lasts {seconds:.0} s, at most {RECORDING_SECONDS_MAX} s are searched")]
    TooLong {
        /// Its length.
        seconds: f64,
    },
    /// It holds values that are no numbers.
    #[error("the recording holds values that are no numbers")]
    NotFinite,
    /// Nothing at all was recorded.
    #[error("the recording is silent")]
    Silent,
    /// No train of this voice.
    #[error("no chirp of voice {voice} is in the recording")]
    NotFound {
        /// Whose.
        voice: Voice,
    },
    /// The train is there, but its times would be rough.
    #[error("the chirps of voice {voice} are only {over_floor_db:.0} dB above the noise")]
    TooNoisy {
        /// Whose.
        voice: Voice,
        /// How far they stand out.
        over_floor_db: f32,
    },
    /// Two trains of one voice: which is meant?
    #[error("the recording holds the chirps of voice {voice} twice, {apart_seconds:.2} s apart")]
    Twice {
        /// Whose.
        voice: Voice,
        /// From one to the other.
        apart_seconds: f64,
    },
    /// The shape of the chirps is gone.
    #[error("the chirps of voice {voice} are clipped in {:.0} % of their samples", share * 100.0)]
    Clipped {
        /// Whose.
        voice: Voice,
        /// How much of a chirp.
        share: f32,
    },
}

/// Why two recordings give no difference.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum CompareError {
    /// Each round was drowned in one of the recordings.
    #[error("only {rounds} of the rounds are whole in both recordings")]
    TooFewRounds {
        /// Rounds that both have.
        rounds: usize,
    },
    /// Something moved, or played in jumps.
    #[error("the rounds differ by {:.2} ms", *spread_ns as f64 / 1e6)]
    Spread {
        /// From the least to the greatest.
        spread_ns: i64,
    },
    /// No output is that late.
    #[error(
        "one output seems to be {:.0} ms later than the other, at most {} ms are believed",
        later_ns.unsigned_abs() as f64 / 1e6, LATER_NS_MAX / 1_000_000
    )]
    TooFar {
        /// By how much that of voice b is later.
        later_ns: i64,
    },
    /// The recordings do not belong together.
    #[error("the devices seem to be {metres:.0} m apart, so the recordings do not belong together")]
    Distance {
        /// The distance that follows from them.
        metres: f64,
    },
}
