//! Swing: every second step a little late.
//!
//! The law is linear. `swing_percent` of 0 is straight; 100 moves the off-step by half a step, so the
//! pair of steps divides 3:1. Two thirds of the way, at 66⅔, it divides 2:1, a triplet; 66 and 67 are
//! the nearest settings. The result is an exact integer, the same on every peer.

/// How many ticks late step `step` sounds under `swing_percent` (held to 100), where a step lasts `step_ticks`.
pub const fn swing_delay(step: i64, swing_percent: u8, step_ticks: i64) -> i64 {
    if step.rem_euclid(2) == 0 {
        return 0;
    }
    let percent = if swing_percent > 100 { 100 } else { swing_percent } as i64;
    step_ticks * percent / 200
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::TICKS_PER_STEP;

    #[test]
    fn no_swing_is_straight_and_full_swing_is_half_a_step() {
        for step in [-3, -1, 0, 1, 2, 15, 1_000_001] {
            assert_eq!(swing_delay(step, 0, TICKS_PER_STEP), 0);
            let late = if step.rem_euclid(2) == 1 { TICKS_PER_STEP / 2 } else { 0 };
            assert_eq!(swing_delay(step, 100, TICKS_PER_STEP), late);
            assert_eq!(swing_delay(step, 255, TICKS_PER_STEP), swing_delay(step, 100, TICKS_PER_STEP));
        }
    }

    #[test]
    fn two_thirds_is_a_triplet() {
        let late = |percent| swing_delay(1, percent, TICKS_PER_STEP);
        let triplet = TICKS_PER_STEP / 3;
        for percent in [66, 67] {
            let error = (late(percent) - triplet).abs();
            assert!(error * 100 < TICKS_PER_STEP, "{percent} % is {error} ticks off");
        }
        assert!(late(66) < triplet && triplet < late(67));
    }
}
