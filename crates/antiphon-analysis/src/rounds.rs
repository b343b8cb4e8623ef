//! A train in an envelope: loud moments, the rhythm among them, and the direct way before each loudest one.
//!
//! In a room the loudest arrival may be a reflection, and which one it is depends on where the microphone stands; the
//! direct way is the earliest. It is looked for in the mean of all rounds: they then decide alike, and what is weak
//! stands out of less noise.

use crate::{
    envelope::{Envelope, parabola},
    error::HearError,
    limits::{
        DIRECT_BEFORE_SECONDS, DIRECT_OVER_FLOOR, ECHO_SECONDS, GUESSED_OVER_FLOOR, HEARD_OVER_FLOOR,
        LEAK_RINGS_SECONDS, LEAK_SHARE, MOMENTS_MAX, PATTERN_AFTER_SECONDS, PATTERN_BEFORE_SECONDS,
        RHYTHM_SECONDS, RIVAL_SHARE, ROUNDS_MIN,
    },
    listen::decibels,
    voice::{CHIRP_SECONDS, ROUND_STARTS, ROUNDS, Voice},
};

/// Where the envelope stands out, and how high it is there.
type Moment = (usize, f32);

/// Moments in the rhythm of a train that begins at `start`.
#[derive(Clone, Copy)]
pub(crate) struct Train {
    start: f64,
    rounds: [Option<Moment>; ROUNDS],
}

impl Train {
    /// When the loudest way's chirp of each round arrived, in samples.
    pub(crate) fn loudest(&self) -> impl Iterator<Item = usize> + use<> {
        self.moments().map(|(at, _)| at)
    }

    fn moments(&self) -> impl Iterator<Item = Moment> + use<> {
        self.rounds.into_iter().flatten()
    }

    fn loudness(&self) -> f32 {
        self.moments().map(|(_, height)| height).sum()
    }

    /// The lowest round's height in the envelope.
    pub(crate) fn weakest(&self) -> f32 {
        self.moments().map(|(_, height)| height).fold(f32::INFINITY, f32::min)
    }

    /// Without the rounds that are too weak to time.
    fn above(mut self, height: f32) -> Self {
        self.rounds = self.rounds.map(|round| round.filter(|(_, own)| *own >= height));
        self
    }

    fn count(&self) -> usize {
        self.moments().count()
    }
}

/// Finds the one train of `voice`; `other` is the envelope of the other voice.
pub(crate) fn find(voice: Voice, envelope: &Envelope, other: &Envelope) -> Result<Train, HearError> {
    let moments = moments(envelope, other);
    let mut trains = trains(envelope, &moments).into_iter();
    let best = trains.next().ok_or(HearError::NotFound { voice })?;
    let heard = best.above(HEARD_OVER_FLOOR * envelope.floor);
    if heard.count() < ROUNDS_MIN {
        // Two faint moments keep a rhythm by chance; three do not.
        let over_floor_db = decibels(best.weakest() / envelope.floor);
        let whole = best.count() == ROUNDS;
        return Err(if whole {
            HearError::TooNoisy { voice, over_floor_db }
        } else {
            HearError::NotFound { voice }
        });
    }
    let loud =
        |train: &Train| train.loudness() >= RIVAL_SHARE * best.loudness() && train.count() >= ROUNDS_MIN;
    if let Some(rival) = trains.find(loud) {
        return Err(HearError::Twice { voice, apart_seconds: (rival.start - best.start).abs() });
    }
    Ok(aligned(envelope, heard))
}

/// The train with each round at the same way of sound as the loudest round.
///
/// Of two reflections that are equally loud, noise decides in each round which one stands out. The whole pattern of
/// ways tells them apart: it is slid along the other rounds to where it fits best.
fn aligned(envelope: &Envelope, train: Train) -> Train {
    let Some((model, _)) = train.moments().max_by(|(_, a), (_, b)| a.total_cmp(b)) else { return train };
    let (slide, before, after) = (
        envelope.frames(RHYTHM_SECONDS),
        envelope.frames(PATTERN_BEFORE_SECONDS),
        envelope.frames(PATTERN_AFTER_SECONDS),
    );
    let fit = |at: usize| -> f32 {
        let offsets = 0..before + after;
        offsets
            .map(|off| {
                envelope.value((model + off).saturating_sub(before))
                    * envelope.value((at + off).saturating_sub(before))
            })
            .sum()
    };
    let moved = |(at, _): Moment| {
        let places = at.saturating_sub(slide)..at + slide + 1;
        let place = places.map(|place| (place, fit(place))).max_by(|(_, a), (_, b)| a.total_cmp(b));
        let near = place.map_or(at, |(place, _)| place);
        // Half the width of a peak: noise moves its top by less.
        let reach = envelope.frames(1e-4).max(1);
        envelope.highest(near.saturating_sub(reach), near + reach + 1)
    };
    Train { rounds: train.rounds.map(|round| round.map(moved)), ..train }
}

/// The loudest moments that are neither noise, nor the other voice, nor one another's echoes.
fn moments(envelope: &Envelope, other: &Envelope) -> Vec<Moment> {
    let (chirp, echo) = (envelope.frames(CHIRP_SECONDS), envelope.frames(ECHO_SECONDS));
    let rings = envelope.frames(LEAK_RINGS_SECONDS);
    let mut moments: Vec<Moment> = Vec::new();
    for (at, height) in envelope.summits() {
        if height < GUESSED_OVER_FLOOR * envelope.floor || moments.len() == MOMENTS_MAX {
            break;
        }
        let leak = || LEAK_SHARE * other.highest(at.saturating_sub(chirp + rings), at + chirp).1;
        if moments.iter().all(|(known, _)| known.abs_diff(at) > echo) && height > leak() {
            moments.push((at, height));
        }
    }
    moments
}

/// Every train that the moments allow, the fullest and loudest first.
fn trains(envelope: &Envelope, moments: &[Moment]) -> Vec<Train> {
    let near = |seconds: f64| {
        let close = |(at, _): &&Moment| (envelope.seconds(*at as f64) - seconds).abs() < RHYTHM_SECONDS;
        moments.iter().filter(close).max_by(|(_, a), (_, b)| a.total_cmp(b)).copied()
    };
    let from = |start: f64| Train { start, rounds: ROUND_STARTS.map(|round| near(start + round)) };
    let starts = moments.iter().flat_map(|(at, _)| {
        let at = envelope.seconds(*at as f64);
        ROUND_STARTS.map(|round| at - round)
    });
    let mut all: Vec<Train> = starts.map(from).collect();
    all.sort_by(|a, b| {
        (b.count(), b.loudness())
            .partial_cmp(&(a.count(), a.loudness()))
            .unwrap_or(core::cmp::Ordering::Equal)
    });
    let mut trains: Vec<Train> = Vec::new();
    for train in all {
        let shares =
            |known: &Train| train.moments().any(|moment| known.moments().any(|own| own.0 == moment.0));
        if !trains.iter().any(shares) {
            trains.push(train);
        }
    }
    trains
}

/// When the direct way's chirp of each round arrived: the loudest's time in that round, less what the direct one is
/// before it in all of them. What has less than `share` of the loudest is no way of sound.
pub(crate) fn direct_arrivals(envelope: &Envelope, train: &Train, share: f32) -> [Option<f64>; ROUNDS] {
    let rounds = train.count().max(1) as f64;
    let top = |(at, _): Moment| envelope.top(at);
    // The profile is taken at whole samples; the tops are not.
    let off = train.moments().map(|moment| top(moment) - moment.0 as f64).sum::<f64>() / rounds;
    let lead = direct_lead(envelope, train, share).map_or(0.0, |lead| lead + off);
    train.rounds.map(|round| round.map(|moment| envelope.seconds(top(moment) - lead)))
}

/// How many samples before the loudest arrival the direct one is, in the mean of the rounds; `None` where they are
/// one.
fn direct_lead(envelope: &Envelope, train: &Train, share: f32) -> Option<f64> {
    let reach = envelope.frames(DIRECT_BEFORE_SECONDS);
    let rounds = train.count().max(1) as f32;
    let mean = |lead: usize| {
        let part =
            |(at, height): Moment| at.checked_sub(lead).map_or(0.0, |index| envelope.value(index)) / height;
        train.moments().map(part).sum::<f32>() / rounds
    };
    let profile: Vec<f32> = (0..2 * reach).map(mean).collect();
    // Nothing comes before the direct way but noise, and what the other voice's echoes leave.
    let (near, before) = profile.split_at(reach);
    let least = share
        .max(DIRECT_OVER_FLOOR * envelope.floor / train.weakest().max(f32::MIN_POSITIVE))
        .max(DIRECT_OVER_FLOOR * middle(before));
    let windows = near.windows(3).enumerate().rev();
    let peaks = windows.filter_map(|(first, window)| match window {
        [later, own, earlier] if own >= later && own > earlier => Some((first + 1, *later, *own, *earlier)),
        _ => None,
    });
    let (lead, later, own, earlier) = peaks.into_iter().find(|(_, _, own, _)| *own >= least)?;
    Some(lead as f64 + parabola([later, own, earlier]))
}

fn middle(values: &[f32]) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}
