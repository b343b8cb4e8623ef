//! A train in an envelope: loud moments, the rhythm among them, and the direct way before each loudest one.
//!
//! In a room the loudest arrival may be a reflection, and which one it is depends on where the microphone stands; the
//! direct way is the earliest. It is looked for in the mean of all rounds, so that they decide alike, and then
//! timed in each round by itself.

use crate::{
    envelope::Envelope,
    error::HearError,
    limits::{
        DIRECT_BEFORE_SECONDS, DIRECT_SHARE, ECHO_SECONDS, GUESSED_OVER_FLOOR, HEARD_OVER_FLOOR, LEAK_SHARE,
        MOMENTS_MAX, RHYTHM_SECONDS, RIVAL_SHARE, ROUNDS_MIN,
    },
    listen::decibels,
    voice::{CHIRP_SECONDS, ROUND_STARTS, ROUNDS, Voice},
};

/// A train's times.
pub(crate) struct Found {
    /// Seconds of the recording.
    pub(crate) arrivals: [Option<f64>; ROUNDS],
    /// The weakest round's height in the envelope.
    pub(crate) level: f32,
}

/// Where the envelope stands out, and how high it is there.
type Moment = (usize, f32);

/// Moments in the rhythm of a train that begins at `start`.
#[derive(Clone, Copy)]
struct Train {
    start: f64,
    rounds: [Option<Moment>; ROUNDS],
}

impl Train {
    fn moments(&self) -> impl Iterator<Item = Moment> + use<> {
        self.rounds.into_iter().flatten()
    }

    fn loudness(&self) -> f32 {
        self.moments().map(|(_, height)| height).sum()
    }

    fn weakest(&self) -> f32 {
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
pub(crate) fn find(voice: Voice, envelope: &Envelope, other: &Envelope) -> Result<Found, HearError> {
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
    let lead = direct_lead(envelope, &heard);
    let arrival = |(at, _): Moment| envelope.seconds(direct(envelope, at, lead));
    Ok(Found { arrivals: heard.rounds.map(|round| round.map(arrival)), level: heard.weakest() })
}

/// The loudest moments that are neither noise, nor the other voice, nor one another's echoes.
fn moments(envelope: &Envelope, other: &Envelope) -> Vec<Moment> {
    let (chirp, echo) = (envelope.frames(CHIRP_SECONDS), envelope.frames(ECHO_SECONDS));
    let mut moments: Vec<Moment> = Vec::new();
    for (at, height) in envelope.summits() {
        if height < GUESSED_OVER_FLOOR * envelope.floor || moments.len() == MOMENTS_MAX {
            break;
        }
        let leak = || LEAK_SHARE * other.highest(at.saturating_sub(echo), at + chirp).1;
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

/// How many samples before the loudest arrival the direct one is, in the mean of the rounds.
fn direct_lead(envelope: &Envelope, train: &Train) -> usize {
    let reach = envelope.frames(DIRECT_BEFORE_SECONDS);
    let rounds = train.count().max(1) as f32;
    let mean = |lead: usize| {
        let share =
            |(at, height): Moment| at.checked_sub(lead).map_or(0.0, |index| envelope.value(index)) / height;
        train.moments().map(share).sum::<f32>() / rounds
    };
    let profile: Vec<f32> = (0..reach + 2).map(mean).collect();
    // Noise may look like a way, so it has to stand out of that as well.
    let noise = HEARD_OVER_FLOOR * envelope.floor / train.weakest().max(f32::MIN_POSITIVE);
    let least = DIRECT_SHARE.max(noise);
    let is_peak = |lead: &usize| match profile.get(lead - 1..lead + 2) {
        Some([later, own, earlier]) => *own >= least && own >= later && own > earlier,
        _ => false,
    };
    (1..=reach).rev().find(is_peak).unwrap_or(0)
}

/// The top of the peak about `lead` samples before the loudest arrival at `at`, as an index between samples.
fn direct(envelope: &Envelope, at: usize, lead: usize) -> f64 {
    let near = at.saturating_sub(lead);
    // Half the width of a peak: noise moves its top by less.
    let reach = envelope.frames(1e-4).max(1);
    let (top, _) = envelope.highest(near.saturating_sub(reach), near + reach + 1);
    // Where two ways overlap the loudest wins within this reach; the direct one is the slope before it.
    let is_edge = lead > 0 && top == near + reach;
    envelope.top(if is_edge { near } else { top })
}
