//! Text and numbers of the wire as values of the model; each refusal names the value and what fits.

use std::str::FromStr;

use antiphon_model::{
    Condition, Gain, Groove, Name, Param, ParseIdError, Percent, PlayMode, QuantiseGrid, RangeError, Sound,
    TriggerMode, notation::NotationError,
};
use antiphon_timeline::{GrooveTemplate, Speed, TICKS_PER_STEP, Tempo, Ticks};

use crate::{
    catalogue,
    error::{ApiError, ErrorCode},
    views::{GrooveView, Mode},
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
}
