//! Text and numbers of the wire as values of the model; each refusal names the value and what fits.

use std::str::FromStr;

use antiphon_model::{
    Condition, Gain, Groove, Name, Param, ParseIdError, Percent, PlayMode, QuantiseGrid, RangeError, Sound,
    TriggerMode, notation::NotationError,
};
use antiphon_node::COUNT_IN_BARS_MAX;
use antiphon_timeline::{GrooveTemplate, Meter, Quantum, RAMP_MAX_NS, Speed, TICKS_PER_STEP, Tempo, Ticks};

use crate::{
    catalogue,
    error::{ApiError, ErrorCode},
    views::{self, GrooveView, Mode},
};

/// Reads an id.
pub(crate) fn id<T: FromStr<Err = ParseIdError>>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error: ParseIdError| ApiError::new(ErrorCode::BadRequest, error.to_string()))
}

/// Reads a name.
pub(crate) fn name(text: &str) -> Result<Name, ApiError> {
    Name::new(text)
        .map_err(|error| ApiError::new(ErrorCode::Invalid, error.to_string()).next("choose another name"))
}

/// Reads a sound.
pub(crate) fn sound(text: &str) -> Result<Sound, ApiError> {
    text.parse::<Sound>().map_err(|error| {
        ApiError::new(ErrorCode::Invalid, error.to_string()).next("choose one of those, such as drum:kick")
    })
}

/// Reads a gain in dB.
pub(crate) fn gain(db: f64) -> Result<Gain, ApiError> {
    let hundredths = if db.is_finite() { (db * 100.0).round() as i64 } else { i64::MAX };
    Gain::new(hundredths).map_err(|_| {
        ApiError::new(ErrorCode::Invalid, format!("a gain of {db} dB is outside -60 to 6"))
            .next("choose one between them")
    })
}

/// A number in its range, or the refusal that names it.
pub(crate) fn ranged<T>(checked: Result<T, RangeError>) -> Result<T, ApiError> {
    checked.map_err(|error| {
        ApiError::new(ErrorCode::Invalid, error.to_string()).next("choose a value in that range")
    })
}

/// Reads a tempo.
pub(crate) fn tempo(bpm: f64) -> Result<Tempo, ApiError> {
    Tempo::from_bpm(bpm).map_err(|error| invalid(error.to_string()).next("choose a tempo between them"))
}

/// Reads how long a tempo takes to get there.
pub(crate) fn ramp_ns(seconds: Option<f64>) -> Result<i64, ApiError> {
    let most = RAMP_MAX_NS as f64 / 1e9;
    match seconds {
        None => Ok(0),
        Some(seconds) if (0.0..=most).contains(&seconds) => Ok((seconds * 1e9).round() as i64),
        Some(seconds) => Err(invalid(format!("a ramp of {seconds} s is outside 0 to {most}"))
            .next("choose a length between them")),
    }
}

/// Reads a time signature.
pub(crate) fn meter(beats: i64, unit: i64) -> Result<Meter, ApiError> {
    Meter::new(beats, unit).map_err(|error| invalid(error.to_string()).next("write it as 3/4, 6/8 or 7/16"))
}

pub(crate) fn quantum(quantum: views::Quantum) -> Quantum {
    match quantum {
        views::Quantum::Now => Quantum::Now,
        views::Quantum::Beat => Quantum::Beat,
        views::Quantum::Bar => Quantum::Bar,
        views::Quantum::FourBars => Quantum::FourBars,
    }
}

/// Reads a number of bars to count in.
pub(crate) fn count_in_bars(bars: i64) -> Result<u8, ApiError> {
    let fits = u8::try_from(bars).ok().filter(|bars| *bars <= COUNT_IN_BARS_MAX);
    fits.ok_or_else(|| {
        invalid(format!("a count-in of {bars} bars is outside 0 to {COUNT_IN_BARS_MAX}"))
            .next("choose a number between them")
    })
}

/// A number of a type that is narrower than the wire's. What does not fit is held to the ends of the type: the
/// model's own check refuses it there.
pub(crate) fn narrow<T: TryFrom<i64>>(what: &str, value: i64) -> Result<T, ApiError> {
    T::try_from(value)
        .map_err(|_| invalid(format!("{what} {value} is out of range")).next("choose a smaller one"))
}

/// Reads steps with their fraction as ticks.
pub(crate) fn ticks(what: &str, steps: f64) -> Result<Ticks, ApiError> {
    if !steps.is_finite() || steps.abs() > f64::from(u16::MAX) {
        return Err(
            invalid(format!("{what} {steps} is no place in a pattern")).next("count in steps, from 0")
        );
    }
    Ok(Ticks((steps * TICKS_PER_STEP as f64).round() as i64))
}

pub(crate) fn condition(text: &str) -> Result<Condition, ApiError> {
    text.parse().map_err(|error: antiphon_model::ParseConditionError| {
        invalid(error.to_string()).next("choose one of those")
    })
}

pub(crate) fn param(key: &str) -> Result<Param, ApiError> {
    Param::of_key(key).ok_or_else(|| unknown("parameter", key, Param::ALL.map(Param::key)))
}

pub(crate) fn speed(key: &str) -> Result<Speed, ApiError> {
    Speed::of_key(key).ok_or_else(|| unknown("speed", key, Speed::ALL.map(Speed::key)))
}

pub(crate) fn groove(groove: &GrooveView) -> Result<Groove, ApiError> {
    let key = &groove.template;
    let template = GrooveTemplate::of_key(key)
        .ok_or_else(|| unknown("groove", key, GrooveTemplate::ALL.map(GrooveTemplate::key)))?;
    Ok(Groove { template, amount: ranged(Percent::new(groove.amount))? })
}

pub(crate) fn trigger(key: &str) -> Result<TriggerMode, ApiError> {
    let known = [TriggerMode::OneShot, TriggerMode::Gated].map(TriggerMode::key);
    TriggerMode::of_key(key).ok_or_else(|| unknown("trigger", key, known))
}

pub(crate) fn quantise_grid(key: &str) -> Result<QuantiseGrid, ApiError> {
    let found = catalogue::QUANTISE_GRIDS.iter().find(|(_, known, _)| *known == key);
    found
        .map(|(grid, ..)| *grid)
        .ok_or_else(|| unknown("grid", key, catalogue::QUANTISE_GRIDS.map(|(_, known, _)| known)))
}

pub(crate) fn mode(mode: Mode) -> PlayMode {
    match mode {
        Mode::Live => PlayMode::Live,
        Mode::Chain => PlayMode::Chain,
    }
}

/// A slip in a text: where it is, and why.
pub(crate) fn slip(error: &NotationError) -> ApiError {
    invalid(error.to_string()).next("mend the text there and give it again")
}

pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::Invalid, message)
}

fn unknown<const N: usize>(what: &str, key: &str, known: [&str; N]) -> ApiError {
    let key: String = key.chars().take(40).collect();
    invalid(format!("{key:?} is no {what}; there are {}", known.join(", "))).next("choose one of those")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_that_is_no_number_is_refused() {
        for db in [f64::NAN, f64::INFINITY, -f64::INFINITY, 6.01, -60.01, 1e300] {
            assert!(gain(db).is_err(), "{db}");
        }
        assert_eq!(gain(-2.0).unwrap(), Gain::TRACK_DEFAULT);
    }

    #[test]
    fn times_that_cannot_be_played_are_refused() {
        for bpm in [0.0, -1.0, 19.99, 999.01, f64::NAN, f64::INFINITY] {
            assert_eq!(tempo(bpm).unwrap_err().code, ErrorCode::Invalid, "{bpm}");
        }
        for seconds in [-0.001, 120.001, f64::NAN, f64::INFINITY] {
            assert_eq!(ramp_ns(Some(seconds)).unwrap_err().code, ErrorCode::Invalid, "{seconds}");
        }
        assert_eq!(ramp_ns(Some(2.5)), Ok(2_500_000_000));
        for (beats, unit) in [(5, 3), (0, 4), (17, 4), (4, 0), (i64::MIN, i64::MAX)] {
            assert_eq!(meter(beats, unit).unwrap_err().code, ErrorCode::Invalid, "{beats}/{unit}");
        }
        for bars in [-1, 9, i64::MAX] {
            assert_eq!(count_in_bars(bars).unwrap_err().code, ErrorCode::Invalid, "{bars}");
        }
    }
}
