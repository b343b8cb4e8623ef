//! From a recording to the times at which its chirps arrived.

use crate::{
    envelope::{Envelope, Spectrum},
    error::HearError,
    limits::{
        CLIPPED_SHARE, CLIPPED_SHARE_MAX, DIRECT_SHARE, DIRECT_SHARE_OF_CLIPPED, RATE_MAX, RATE_MIN,
        RECORDING_SECONDS_MAX,
    },
    rounds::{Train, direct_arrivals, find},
    voice::{CHIRP_SECONDS, ROUND_STARTS, ROUNDS, STAGGER_SECONDS, Voice},
};

/// One microphone's recording, mono.
#[derive(Debug, Clone, Copy)]
pub struct Recording<'a> {
    /// Its samples.
    pub samples: &'a [f32],
    /// Samples a second, by name; its crystal may be off.
    pub rate: u32,
}

/// What a recording has of both voices.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The train of voice a.
    pub a: Hearing,
    /// The train of voice b.
    pub b: Hearing,
}

/// The train of one voice in a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Hearing {
    /// When each round's chirp arrived on the shortest way, in seconds of the recording.
    pub arrivals: [Option<f64>; ROUNDS],
    /// How far the chirps stand out of the noise: the weakest that counts.
    pub over_floor_db: f32,
    /// Seconds of the recording per second of the player.
    pub stretch: f64,
    /// Part of a chirp at full deflection.
    pub clipped: f32,
}

impl Heard {
    /// The train of `voice`.
    pub fn of(&self, voice: Voice) -> &Hearing {
        match voice {
            Voice::A => &self.a,
            Voice::B => &self.b,
        }
    }
}

/// Finds both trains in a recording.
pub fn listen(recording: Recording<'_>) -> Result<Heard, HearError> {
    check(recording)?;
    let spectrum = Spectrum::of(recording.samples, recording.rate);
    let (a, b) = (spectrum.envelope(Voice::A), spectrum.envelope(Voice::B));
    Ok(Heard { a: hear(recording, Voice::A, &a, &b)?, b: hear(recording, Voice::B, &b, &a)? })
}

fn check(recording: Recording<'_>) -> Result<(), HearError> {
    let Recording { samples, rate } = recording;
    if !(RATE_MIN..=RATE_MAX).contains(&rate) {
        return Err(HearError::BadRate { rate });
    }
    let seconds = samples.len() as f64 / f64::from(rate);
    // From the first chirp heard to the last, with one round lost at either end.
    let needed = ROUND_STARTS[1] + STAGGER_SECONDS + CHIRP_SECONDS;
    if seconds < needed {
        return Err(HearError::TooShort { seconds, needed });
    }
    if seconds > RECORDING_SECONDS_MAX {
        return Err(HearError::TooLong { seconds });
    }
    if !samples.iter().all(|sample| sample.is_finite() && sample.abs() < 1e6) {
        return Err(HearError::NotFinite);
    }
    if samples.iter().all(|sample| sample.abs() < 1e-7) {
        return Err(HearError::Silent);
    }
    Ok(())
}

fn hear(
    recording: Recording<'_>,
    voice: Voice,
    envelope: &Envelope,
    other: &Envelope,
) -> Result<Hearing, HearError> {
    let train = find(voice, envelope, other)?;
    let clipped = clipped(recording, &train);
    if clipped > CLIPPED_SHARE_MAX {
        return Err(HearError::Clipped { voice, share: clipped });
    }
    let share = if clipped > CLIPPED_SHARE { DIRECT_SHARE_OF_CLIPPED } else { DIRECT_SHARE };
    let arrivals = direct_arrivals(envelope, &train, share);
    let stretch = stretch(&arrivals);
    let off = voice.seeming_delay(stretch - 1.0);
    Ok(Hearing {
        arrivals: arrivals.map(|arrival| arrival.map(|seconds| seconds - off)),
        over_floor_db: decibels(train.weakest() / envelope.floor),
        stretch,
        clipped,
    })
}

pub(crate) fn decibels(ratio: f32) -> f32 {
    20.0 * libm::log10f(ratio.max(1e-9))
}

/// How many seconds of the recording a second of the player takes: the median over all pairs of rounds, so that one
/// round that is off does not matter.
fn stretch(arrivals: &[Option<f64>; ROUNDS]) -> f64 {
    let rounds = || ROUND_STARTS.iter().zip(arrivals).filter_map(|(start, at)| Some((*start, (*at)?)));
    let later = |(start, _): &(f64, f64), other: &(f64, f64)| other.0 > *start;
    let pairs =
        rounds().flat_map(|one| rounds().filter(move |two| later(&one, two)).map(move |two| (one, two)));
    let mut slopes: Vec<f64> = pairs.map(|(one, two)| (two.1 - one.1) / (two.0 - one.0)).collect();
    median(&mut slopes).unwrap_or(1.0)
}

/// The middle value, or the middle between the two middle ones.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let high = *values.get(values.len() / 2)?;
    let low = *values.get((values.len() - 1) / 2)?;
    Some((low + high) / 2.0)
}

/// The largest part of a chirp that is at the recording's full deflection.
fn clipped(recording: Recording<'_>, train: &Train) -> f32 {
    let peak = recording.samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let frames = (CHIRP_SECONDS * f64::from(recording.rate)) as usize;
    let share = |from: usize| {
        let to = (from + frames).min(recording.samples.len());
        let chirp = recording.samples.get(from..to).unwrap_or_default();
        let full = chirp.iter().filter(|sample| sample.abs() >= 0.995 * peak).count();
        full as f32 / chirp.len().max(1) as f32
    };
    train.loudest().map(share).fold(0.0, f32::max)
}
