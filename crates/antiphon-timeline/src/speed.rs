//! How quickly a pattern runs against the bar: seven rational multipliers, all of them locked to tick 0.

use crate::units::{TICKS_PER_STEP, Ticks, clamp_i64};

/// A multiplier of the speed of a pattern's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Speed {
    Eighth,
    Quarter,
    Half,
    ThreeQuarters,
    #[default]
    One,
    ThreeHalves,
    Double,
}

impl Speed {
    /// Every speed, slowest first.
    pub const ALL: [Self; 7] = [
        Self::Eighth,
        Self::Quarter,
        Self::Half,
        Self::ThreeQuarters,
        Self::One,
        Self::ThreeHalves,
        Self::Double,
    ];

    /// Numerator and denominator of the multiplier.
    pub const fn ratio(self) -> (i64, i64) {
        match self {
            Self::Eighth => (1, 8),
            Self::Quarter => (1, 4),
            Self::Half => (1, 2),
            Self::ThreeQuarters => (3, 4),
            Self::One => (1, 1),
            Self::ThreeHalves => (3, 2),
            Self::Double => (2, 1),
        }
    }

    /// The name in documents, notation and on the command line: `1/8` to `2`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Eighth => "1/8",
            Self::Quarter => "1/4",
            Self::Half => "1/2",
            Self::ThreeQuarters => "3/4",
            Self::One => "1",
            Self::ThreeHalves => "3/2",
            Self::Double => "2",
        }
    }

    /// The speed called `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|speed| speed.key() == key)
    }

    /// The tick of step `step`, counted from the pattern's origin: exact, rounded down, so that no error adds up.
    pub fn tick_of_step(self, step: i64) -> Ticks {
        self.scaled(i128::from(step) * i128::from(TICKS_PER_STEP))
    }

    /// How long `ticks` of the pattern last.
    pub fn stretched(self, ticks: Ticks) -> Ticks {
        self.scaled(ticks.0.into())
    }

    /// The first step at or after `tick`.
    pub fn step_at_or_after(self, tick: Ticks) -> i64 {
        let (numerator, denominator) = self.ratio();
        // floor(step · T · d / n) >= tick  ⇔  step · T · d >= tick · n
        let scaled = i128::from(tick.0) * i128::from(numerator);
        let step = i128::from(TICKS_PER_STEP) * i128::from(denominator);
        clamp_i64(-(-scaled).div_euclid(step))
    }

    fn scaled(self, ticks: i128) -> Ticks {
        let (numerator, denominator) = self.ratio();
        Ticks(clamp_i64((ticks * i128::from(denominator)).div_euclid(numerator.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_speed_meets_bar_zero_again_and_never_drifts() {
        for speed in Speed::ALL {
            let (numerator, denominator) = speed.ratio();
            assert_eq!(Speed::of_key(speed.key()), Some(speed));
            for bars in [0, 1, 7, 1_000_003] {
                // So many steps last `denominator` bars times `bars`.
                let steps = 16 * numerator * bars;
                assert_eq!(speed.tick_of_step(steps), Ticks::from_bars(denominator * bars), "{speed:?}");
            }
        }
    }

    #[test]
    fn the_first_step_at_or_after_a_tick_is_found_exactly() {
        for speed in Speed::ALL {
            for step in [-17, -1, 0, 1, 2, 3, 1_000_001] {
                let tick = speed.tick_of_step(step);
                assert_eq!(speed.step_at_or_after(tick), step, "{speed:?}");
                assert_eq!(speed.step_at_or_after(tick + 1), step + 1, "{speed:?}");
            }
        }
    }
}
