//! Swing: every second sixteenth a little late.
//!
//! The law is linear. `swing_percent` of 0 is straight; 100 moves the off-step by half a step, so the
//! pair of steps divides 3:1. Two thirds of the way, at 66⅔, it divides 2:1, a triplet; 66 and 67 are
//! the nearest settings. The result is an exact integer, the same on every peer.

use crate::units::{TICKS_PER_STEP, Ticks};

/// The tick of absolute step `step` (sixteenths) under `swing_percent`, which is held to 100.
pub const fn swung_tick(step: i64, swing_percent: u8) -> Ticks {
    let straight = Ticks::from_steps(step);
    if step.rem_euclid(2) == 0 {
        return straight;
    }
    let percent = if swing_percent > 100 { 100 } else { swing_percent } as i64;
    straight.saturating_add(TICKS_PER_STEP * percent / 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_swing_is_straight_and_full_swing_is_half_a_step() {
        for step in [-3, -1, 0, 1, 2, 15, 1_000_001] {
            assert_eq!(swung_tick(step, 0), Ticks::from_steps(step));
            let late = if step.rem_euclid(2) == 1 { TICKS_PER_STEP / 2 } else { 0 };
            assert_eq!(swung_tick(step, 100) - Ticks::from_steps(step), late);
            assert_eq!(swung_tick(step, 255), swung_tick(step, 100));
        }
    }

    #[test]
    fn two_thirds_is_a_triplet() {
        let triplet = TICKS_PER_STEP * 4 / 3;
        for percent in [66, 67] {
            let error = (swung_tick(1, percent).0 - triplet).abs();
            assert!(error * 100 < TICKS_PER_STEP, "{percent} % is {error} ticks off");
        }
        assert!(swung_tick(1, 66).0 < triplet && triplet < swung_tick(1, 67).0);
    }

    #[test]
    fn swung_steps_keep_their_order_for_any_step() {
        for percent in 0..=100 {
            for step in [-2, -1, 0, 1, i64::MAX - 1, i64::MIN] {
                assert!(swung_tick(step, percent) <= swung_tick(step.saturating_add(1), percent));
            }
        }
    }
}
