//! Groove templates: where the sixteen steps of a bar really fall, and how hard they are struck.
//!
//! A template is a table of our own, made by ear and by rule. Delays are in 128ths of a step and never move a
//! step past its neighbour; accents are in percent of the velocity. An amount of 0 % is straight, of 100 %
//! the table as it stands.

use crate::units::clamp_i64;

/// A groove template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum GrooveTemplate {
    #[default]
    Straight,
    /// Every second sixteenth late and soft, as early samplers did it.
    Shuffle,
    /// The backbeat behind the beat.
    LaidBack,
    /// Everything between the quarters a little ahead.
    Push,
    /// A samba's sixteenths: the second and third drawn together.
    Samba,
    /// Off the grid on purpose, the same way every bar.
    Drunk,
    /// The eighths swing, the sixteenths between them follow.
    EighthSwing,
    /// Accents only: strong quarters, weak sixteenths.
    Accents,
}

/// One step of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrooveStep {
    /// 128ths of a step, -32 to 64.
    pub delay: i8,
    /// Percent of the velocity, 50 to 120.
    pub accent: u8,
}

impl GrooveTemplate {
    /// Every template, in the order they are offered.
    pub const ALL: [Self; 8] = [
        Self::Straight,
        Self::Shuffle,
        Self::LaidBack,
        Self::Push,
        Self::Samba,
        Self::Drunk,
        Self::EighthSwing,
        Self::Accents,
    ];

    /// The name in documents and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Straight => "straight",
            Self::Shuffle => "shuffle",
            Self::LaidBack => "laid-back",
            Self::Push => "push",
            Self::Samba => "samba",
            Self::Drunk => "drunk",
            Self::EighthSwing => "eighth-swing",
            Self::Accents => "accents",
        }
    }

    /// The template called `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.key() == key)
    }

    /// What it does to step `step` of the bar, at full amount.
    pub fn step(self, step: i64) -> GrooveStep {
        let at = step.rem_euclid(16) as usize;
        let (delays, accents) = self.tables();
        GrooveStep { delay: delays[at], accent: accents[at] }
    }

    /// How many ticks late step `step` sounds at `amount` percent, where a step lasts `step_ticks`; negative is early.
    pub fn delay(self, step: i64, amount: u8, step_ticks: i64) -> i64 {
        // A delay is in 128ths of a step, an amount in 100ths of it.
        let scaled = i128::from(step_ticks) * i128::from(self.step(step).delay) * i128::from(amount.min(100));
        clamp_i64(scaled.div_euclid(128 * 100))
    }

    /// A velocity as step `step` has it at `amount` percent; not held to any range.
    pub fn accented(self, step: i64, amount: u8, velocity: u8) -> i64 {
        let beside = i64::from(self.step(step).accent) - 100;
        let accent = 100 + (beside * i64::from(amount.min(100))).div_euclid(100);
        i64::from(velocity) * accent / 100
    }

    #[rustfmt::skip]
    const fn tables(self) -> ([i8; 16], [u8; 16]) {
        const EVEN: [u8; 16] = [100; 16];
        match self {
            Self::Straight => ([0; 16], EVEN),
            Self::Shuffle => (
                [0, 30, 0, 30, 0, 30, 0, 30, 0, 30, 0, 30, 0, 30, 0, 30],
                [108, 82, 100, 82, 104, 82, 100, 82, 108, 82, 100, 82, 104, 82, 100, 84],
            ),
            Self::LaidBack => (
                [0, 6, 8, 8, 18, 12, 10, 8, 4, 6, 8, 8, 20, 12, 10, 8],
                [106, 90, 98, 90, 104, 90, 98, 90, 104, 90, 98, 90, 106, 90, 98, 92],
            ),
            Self::Push => (
                [0, -6, -10, -8, 0, -6, -10, -8, 0, -6, -10, -8, 0, -6, -12, -10],
                [104, 94, 104, 92, 102, 94, 104, 92, 104, 94, 104, 92, 102, 94, 106, 98],
            ),
            Self::Samba => (
                [0, 14, 6, -6, 0, 14, 6, -6, 0, 14, 6, -6, 0, 14, 6, -6],
                [100, 74, 84, 112, 100, 74, 84, 112, 100, 74, 84, 112, 100, 74, 84, 112],
            ),
            Self::Drunk => (
                [0, 22, -8, 34, 10, 26, -4, 30, -6, 24, 4, 38, 12, 20, -10, 28],
                [104, 80, 96, 86, 106, 78, 94, 84, 102, 82, 98, 80, 108, 76, 94, 88],
            ),
            Self::EighthSwing => (
                [0, 21, 42, 21, 0, 21, 42, 21, 0, 21, 42, 21, 0, 21, 42, 21],
                [106, 84, 94, 84, 102, 84, 94, 84, 106, 84, 94, 84, 102, 84, 94, 84],
            ),
            Self::Accents => (
                [0; 16],
                [118, 76, 92, 78, 106, 76, 92, 78, 112, 76, 92, 78, 106, 76, 94, 82],
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_scales_between_straight_and_the_table() {
        for template in GrooveTemplate::ALL {
            for at in 0..16 {
                let GrooveStep { delay, accent } = template.step(at);
                assert_eq!(template.delay(at, 0, 12_800), 0);
                assert_eq!(template.delay(at, 100, 12_800), i64::from(delay) * 100);
                assert_eq!(template.delay(at + 16, 50, 12_800), i64::from(delay) * 50);
                assert_eq!(template.accented(at, 0, 100), 100);
                assert_eq!(template.accented(at, 100, 100), i64::from(accent));
            }
        }
    }

    #[test]
    fn steps_stay_in_order_and_within_their_bounds() {
        for template in GrooveTemplate::ALL {
            assert_eq!(GrooveTemplate::of_key(template.key()), Some(template));
            for at in 0..32 {
                let (step, next) = (template.step(at), template.step(at + 1));
                assert!((-32..=64).contains(&step.delay) && (50..=120).contains(&step.accent));
                assert!(i32::from(step.delay) < 128 + i32::from(next.delay), "{template:?} at {at}");
            }
            assert_eq!(template.step(0).delay, 0, "{template:?} moves the downbeat");
        }
    }
}
