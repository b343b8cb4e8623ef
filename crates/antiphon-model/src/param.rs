//! What can be turned on a track's sound, and locked on a single step.

use std::collections::BTreeMap;

use crate::values::RangeError;

/// A parameter of a track's sound. Every one can be set for the track and locked per step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Param {
    /// Gain of a note in hundredths of a decibel, beside velocity and fader.
    Level,
    /// Stereo position in percent, left negative. Of the track it is the strip's; only a lock sets it here.
    Pan,
    /// Tuning in cents.
    Tune,
    /// The low-pass filter in cents from the sound's own; drums and samples are fully open by themselves.
    Cutoff,
    /// Resonance in percent, beside the sound's own.
    Resonance,
    /// Milliseconds that the attack takes longer.
    Attack,
    /// Decay in percent of the sound's own.
    Decay,
    /// Release in percent of the sound's own.
    Release,
    /// Saturation in percent, beside the sound's own.
    Drive,
    /// Where a sample starts, in thousandths of it.
    Start,
}

/// Values of the parameters that are set.
pub type Params = BTreeMap<Param, i16>;

impl Param {
    /// Every parameter, in the order they are shown.
    pub const ALL: [Self; 10] = [
        Self::Level,
        Self::Pan,
        Self::Tune,
        Self::Cutoff,
        Self::Resonance,
        Self::Attack,
        Self::Decay,
        Self::Release,
        Self::Drive,
        Self::Start,
    ];

    /// The name in documents, notation and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Pan => "pan",
            Self::Tune => "tune",
            Self::Cutoff => "cutoff",
            Self::Resonance => "resonance",
            Self::Attack => "attack",
            Self::Decay => "decay",
            Self::Release => "release",
            Self::Drive => "drive",
            Self::Start => "start",
        }
    }

    /// The parameter called `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|param| param.key() == key)
    }

    /// Least and greatest value.
    pub const fn range(self) -> (i16, i16) {
        match self {
            Self::Level => (-6000, 600),
            Self::Pan => (-100, 100),
            Self::Tune => (-2400, 2400),
            Self::Cutoff => (-9600, 4800),
            Self::Resonance | Self::Drive => (0, 100),
            Self::Attack => (0, 5000),
            Self::Decay | Self::Release => (1, 400),
            Self::Start => (0, 999),
        }
    }

    /// The value with which a sound is as it was made.
    pub const fn neutral(self) -> i16 {
        match self {
            Self::Decay | Self::Release => 100,
            _ => 0,
        }
    }

    /// Checks a value.
    pub fn value(self, value: i64) -> Result<i16, RangeError> {
        let (min, max) = self.range();
        let error = || RangeError { what: self.key(), value, min: min.into(), max: max.into() };
        i16::try_from(value).ok().filter(|value| (min..=max).contains(value)).ok_or_else(error)
    }

    /// Holds a value to the range: the repair of one read from a document.
    pub fn clamped(self, value: i64) -> i16 {
        let (min, max) = self.range();
        value.clamp(min.into(), max.into()) as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_has_a_name_of_its_own_and_a_neutral_value_in_range() {
        for param in Param::ALL {
            assert_eq!(Param::of_key(param.key()), Some(param));
            assert_eq!(param.value(param.neutral().into()), Ok(param.neutral()));
            let (min, max) = param.range();
            assert!(param.value(i64::from(min) - 1).is_err() && param.value(i64::from(max) + 1).is_err());
            assert_eq!((param.clamped(i64::MIN), param.clamped(i64::MAX)), (min, max));
        }
    }
}
