//! The arithmetic: four times a round, one difference, and what to set.

use crate::{
    error::CompareError,
    limits::{DISTANCE_METRES_MAX, LATER_NS_MAX, ROUNDS_MIN, SOUND_METRES_PER_SECOND, SPREAD_NS_MAX},
    listen::{Heard, median},
    voice::{ROUNDS, STAGGER_SECONDS, Voice},
};

/// How far two outputs are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// By how much the output of voice b is later than that of voice a, ns; the median of the rounds.
    pub later_ns: i64,
    /// From the least round to the greatest, ns.
    pub spread_ns: i64,
    /// Rounds that were whole in both recordings.
    pub rounds: usize,
    /// How far the weakest chirp stands out of the noise.
    pub over_floor_db: f32,
    /// From device to device, less their own ways from speaker to microphone.
    pub distance_metres: f64,
}

/// Whose output stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The earlier one's: the later one plays earlier from now on.
    Earlier,
    /// This voice's: with more than two devices all are set by the same one.
    Voice(Voice),
}

/// What to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjustment {
    /// On which device.
    pub voice: Voice,
    /// What to add to its output's trim, ns.
    pub add_ns: i64,
}

impl Difference {
    /// What brings the two outputs together.
    pub fn adjustment(&self, reference: Reference) -> Adjustment {
        let stays = match reference {
            Reference::Voice(voice) => voice,
            Reference::Earlier if self.later_ns >= 0 => Voice::A,
            Reference::Earlier => Voice::B,
        };
        match stays {
            Voice::A => Adjustment { voice: Voice::B, add_ns: self.later_ns },
            Voice::B => Adjustment { voice: Voice::A, add_ns: -self.later_ns },
        }
    }
}

/// Compares what two devices heard of one handshake. Which recording is whose does not matter.
pub fn compare(one: &Heard, two: &Heard) -> Result<Difference, CompareError> {
    let rounds = (0..ROUNDS).filter_map(|round| Some((lag(one, round)?, lag(two, round)?)));
    let lags: Vec<(f64, f64)> = rounds.collect();
    if lags.len() < ROUNDS_MIN {
        return Err(CompareError::TooFewRounds { rounds: lags.len() });
    }
    let mut later: Vec<f64> = lags.iter().map(|(one, two)| (one + two) / 2.0).collect();
    let mut apart: Vec<f64> = lags.iter().map(|(one, two)| (one - two).abs() / 2.0).collect();
    let distance_metres = median(&mut apart).unwrap_or(0.0) * SOUND_METRES_PER_SECOND;
    let later_ns = nanos(median(&mut later).unwrap_or(0.0));
    // The median has sorted them.
    let spread_ns = nanos(later.last().zip(later.first()).map_or(0.0, |(most, least)| most - least));
    if later_ns.abs() > LATER_NS_MAX {
        return Err(CompareError::TooFar { later_ns });
    }
    if spread_ns > SPREAD_NS_MAX {
        return Err(CompareError::Spread { spread_ns });
    }
    if distance_metres > DISTANCE_METRES_MAX {
        return Err(CompareError::Distance { metres: distance_metres });
    }
    let hearings = [&one.a, &one.b, &two.a, &two.b];
    let over_floor_db = hearings.iter().map(|hearing| hearing.over_floor_db).fold(f32::INFINITY, f32::min);
    Ok(Difference { later_ns, spread_ns, rounds: lags.len(), over_floor_db, distance_metres })
}

/// How much later than agreed voice b is than voice a in one round of a recording, in the players' seconds.
///
/// Half the agreed stagger is taken off each side at that side's own rate, so neither the recorder's crystal nor a
/// player's puts its error into the stagger: at 100 ppm that would be 75 µs.
fn lag(heard: &Heard, round: usize) -> Option<f64> {
    let arrival = |voice| heard.of(voice).arrivals.get(round).copied().flatten();
    let (a, b) = (arrival(Voice::A)?, arrival(Voice::B)?);
    let (fast_a, fast_b) = (heard.a.stretch, heard.b.stretch);
    let half = STAGGER_SECONDS / 2.0;
    Some(((b - half * fast_b) - (a + half * fast_a)) / ((fast_a + fast_b) / 2.0))
}

fn nanos(seconds: f64) -> i64 {
    libm::round(seconds * 1e9) as i64
}
