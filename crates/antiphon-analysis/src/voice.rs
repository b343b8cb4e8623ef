//! The two voices: a chirp that rises and one that falls, each three times in the same uneven rhythm.
//!
//! A chirp packs the energy of 160 ms into a peak of 0.2 ms once its own copy is slid along the recording. One that
//! rises leaves almost nothing in the filter of one that falls, so the two may sound from two devices at once.
//! 1.5 to 7 kHz is what small speakers play and headset microphones hear, above hum and most of what people say.
//!
//! The rounds are 1.5 and 1.7 s apart: no shift of the rhythm falls onto itself in more than one place, so it is
//! always known which chirp is which, even where one is missing. Voice b comes half a gap after voice a.

use core::{f64::consts::TAU, fmt};

/// Length of a chirp.
pub(crate) const CHIRP_SECONDS: f64 = 0.16;
/// Where it begins or ends, Hz.
pub(crate) const LOW_HZ: f64 = 1_500.0;
/// The other end, Hz.
pub(crate) const HIGH_HZ: f64 = 7_000.0;
/// Times a chirp is played.
pub const ROUNDS: usize = 3;
/// When the rounds of voice a begin, from the first on.
pub(crate) const ROUND_STARTS: [f64; ROUNDS] = [0.0, 1.5, 3.2];
/// Each chirp of voice b is this much after the one of voice a: longer than a room rings, and than the outputs differ.
pub const STAGGER_SECONDS: f64 = 0.75;

/// Silence before the first chirp of a train: players fade in.
const LEAD_SECONDS: f64 = 0.1;
/// Silence after the last: players cut off the end.
const TAIL_SECONDS: f64 = 0.3;
/// The chirp comes and goes within this, so that it does not click.
const FADE_SECONDS: f64 = 0.01;
/// Half of full scale: loud enough for every microphone in a room, without distorting a small speaker.
const AMPLITUDE: f64 = 0.5;

/// Which of the two devices a chirp is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Voice {
    /// Rises.
    A,
    /// Falls.
    B,
}

impl Voice {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// From the start of the train to that of its first chirp.
    pub(crate) fn starts_at(self) -> f64 {
        match self {
            Self::A => LEAD_SECONDS,
            Self::B => LEAD_SECONDS + STAGGER_SECONDS,
        }
    }

    /// The sweep at `seconds` after its start, without its fades.
    pub(crate) fn sweep(self, seconds: f64) -> f64 {
        let slope = (HIGH_HZ - LOW_HZ) / CHIRP_SECONDS;
        let cycles = match self {
            Self::A => LOW_HZ * seconds + slope * seconds * seconds / 2.0,
            Self::B => HIGH_HZ * seconds - slope * seconds * seconds / 2.0,
        };
        libm::sin(TAU * cycles)
    }

    /// How much later a chirp seems to start when it is stretched by `stretch` (1e-4: a recorder 100 ppm fast).
    ///
    /// A stretched sweep is a sweep that is out of tune, and fits its copy best a little off its place: in the
    /// middle, where the two agree in pitch.
    pub(crate) fn seeming_delay(self, stretch: f64) -> f64 {
        let unit = stretch * CHIRP_SECONDS / (HIGH_HZ - LOW_HZ);
        match self {
            Self::A => unit * HIGH_HZ,
            Self::B => -unit * LOW_HZ,
        }
    }
}

impl fmt::Display for Voice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::A => "a",
            Self::B => "b",
        })
    }
}

/// Seconds that a train takes, silence at both ends included.
pub fn train_seconds() -> f64 {
    LEAD_SECONDS + ROUND_STARTS[ROUNDS - 1] + STAGGER_SECONDS + CHIRP_SECONDS + TAIL_SECONDS
}

/// What the device of `voice` plays, at this rate; both begin theirs at the same session time.
pub fn train(voice: Voice, rate: u32) -> Vec<f32> {
    let seconds = 1.0 / f64::from(rate.max(1));
    let frames = (train_seconds() / seconds) as usize;
    let value = |frame: usize| {
        let at = frame as f64 * seconds - voice.starts_at();
        let chirp = |start: &f64| chirp(voice, at - start);
        ROUND_STARTS.iter().map(chirp).sum::<f64>() as f32
    };
    (0..frames).map(value).collect()
}

/// The chirp as it is played, at `seconds` after its start; nothing before and after.
fn chirp(voice: Voice, seconds: f64) -> f64 {
    let from_end = seconds.min(CHIRP_SECONDS - seconds);
    if from_end <= 0.0 {
        return 0.0;
    }
    let fade = (from_end / FADE_SECONDS).min(1.0);
    AMPLITUDE * (0.5 - 0.5 * libm::cos(TAU / 2.0 * fade)) * voice.sweep(seconds)
}

/// The copy of the chirp that is slid along a recording, of energy 1.
///
/// Its window makes the product with the played chirp smooth, so the filter rings below 0.01 of its peak beside
/// it, where the played chirp alone would ring at 0.2; a weak direct path before a loud reflection stays visible.
pub(crate) fn template(voice: Voice, rate: u32) -> Vec<f32> {
    let frames = (CHIRP_SECONDS * f64::from(rate)) as usize;
    let value = |frame: usize| {
        let seconds = frame as f64 / f64::from(rate);
        (0.5 - 0.5 * libm::cos(TAU * seconds / CHIRP_SECONDS)) * voice.sweep(seconds)
    };
    let values: Vec<f64> = (0..frames).map(value).collect();
    let energy: f64 = values.iter().map(|value| value * value).sum();
    let gain = 1.0 / libm::sqrt(energy.max(f64::MIN_POSITIVE));
    values.iter().map(|value| (value * gain) as f32).collect()
}
