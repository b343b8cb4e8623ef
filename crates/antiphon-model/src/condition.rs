//! When a step sounds: trig conditions as grooveboxes have them.

use std::{fmt, str::FromStr};

use crate::values::RangeError;

/// Most cycles that an A:B condition counts.
pub const RATIO_MAX: u8 = 8;

/// What must be true for a step to sound. Text form: `always`, `fill`, `pre`, `nei`, `1st`, `3:4`; `!` before it negates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Condition {
    pub test: Test,
    pub negated: bool,
}

/// What a condition asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Test {
    #[default]
    Always,
    /// Fill is switched on.
    Fill,
    /// The condition before it on this track was true (those that ask `Pre` or `Nei` do not count).
    Pre,
    /// The last condition on the track above was true (those that ask `Pre` or `Nei` do not count).
    Nei,
    /// The pattern plays for the first time.
    First,
    /// Of every `of` cycles of the pattern, the one numbered `hit`, counted from 1.
    Ratio { hit: u8, of: u8 },
}

impl Condition {
    /// Nothing is asked.
    pub const ALWAYS: Self = Self { test: Test::Always, negated: false };

    /// Does its outcome count for `Pre` and `Nei`?
    pub const fn counts(self) -> bool {
        matches!(self.test, Test::Fill | Test::First | Test::Ratio { .. })
    }

    /// Checks the numbers of a condition from outside.
    pub fn check(self) -> Result<(), ConditionError> {
        let within = |what, value: u8, min: u8, max: u8| match (min..=max).contains(&value) {
            true => Ok(()),
            false => Err(RangeError { what, value: value.into(), min: min.into(), max: max.into() }),
        };
        match self.test {
            Test::Always if self.negated => Err(ConditionError::Never),
            Test::Ratio { hit, of } => {
                within("number of cycles", of, 2, RATIO_MAX)?;
                Ok(within("cycle", hit, 1, of)?)
            }
            _ => Ok(()),
        }
    }

    /// Every condition that can be chosen, in the order they are offered; not negated.
    pub fn all() -> impl Iterator<Item = Self> {
        let plain = [Test::Always, Test::Fill, Test::Pre, Test::Nei, Test::First];
        let ratios = (2..=RATIO_MAX).flat_map(|of| (1..=of).map(move |hit| Test::Ratio { hit, of }));
        plain.into_iter().chain(ratios).map(|test| Self { test, negated: false })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        match self.test {
            Test::Always => f.write_str("always"),
            Test::Fill => f.write_str("fill"),
            Test::Pre => f.write_str("pre"),
            Test::Nei => f.write_str("nei"),
            Test::First => f.write_str("1st"),
            Test::Ratio { hit, of } => write!(f, "{hit}:{of}"),
        }
    }
}

/// A condition that nobody can choose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    #[error("a step that never sounds is one that is off")]
    Never,
    #[error(transparent)]
    Range(#[from] RangeError),
}

/// Text that is no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no condition; conditions are fill, pre, nei, 1st and 1:2 to 8:8, with ! before them for the opposite"
)]
pub struct ParseConditionError {
    /// What was given, shortened.
    pub text: String,
}

impl FromStr for Condition {
    type Err = ParseConditionError;

    fn from_str(text: &str) -> Result<Self, ParseConditionError> {
        let error = || ParseConditionError { text: text.chars().take(40).collect() };
        let (negated, word) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        // "Never" is a step that is off.
        let found = Self::all().find(|condition| condition.to_string() == word).ok_or_else(error)?;
        if negated && found.test == Test::Always {
            return Err(error());
        }
        Ok(Self { negated, ..found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_is_read_as_it_is_written() {
        for plain in Condition::all() {
            assert_eq!(plain.to_string().parse(), Ok(plain));
            assert_eq!(plain.check(), Ok(()));
            if plain.test != Test::Always {
                let negated = Condition { negated: true, ..plain };
                assert_eq!(negated.to_string().parse(), Ok(negated));
            }
        }
        for (hit, of) in [(0, 0), (1, 1), (0, 2), (3, 2), (1, 9)] {
            assert!(Condition { test: Test::Ratio { hit, of }, negated: false }.check().is_err());
        }
        assert_eq!(Condition { negated: true, ..Condition::ALWAYS }.check(), Err(ConditionError::Never));
        for wrong in ["", "!always", "0:4", "5:4", "1:9", "FILL", "1:", "!!1st", "01:2"] {
            assert!(wrong.parse::<Condition>().is_err(), "{wrong}");
        }
    }
}
