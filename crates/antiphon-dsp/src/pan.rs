//! Stereo position.

use crate::math::sin_turns;

/// Gains of the two channels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PanGains {
    /// Left channel.
    pub left: f32,
    /// Right channel.
    pub right: f32,
}

impl PanGains {
    /// Both channels as they are.
    pub const CENTRE: Self = Self { left: 1.0, right: 1.0 };

    /// Equal power, unity in the centre: `position` goes from -1 (left) to 1 (right). A sound at the side is
    /// 3 dB louder in its one channel and as loud in all.
    pub fn at(position: f32) -> Self {
        if position == 0.0 {
            return Self::CENTRE;
        }
        let eighth_turns = (position.clamp(-1.0, 1.0) + 1.0) * 0.125;
        let side = |turns: f32| std::f32::consts::SQRT_2 * sin_turns(turns).max(0.0);
        let gain = |turns: f32| if turns <= 0.0 { 0.0 } else { side(turns) };
        Self { left: gain(0.25 - eighth_turns), right: gain(eighth_turns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_equal_at_every_position() {
        for percent in -100..=100 {
            let pan = PanGains::at(percent as f32 / 100.0);
            assert!((pan.left * pan.left + pan.right * pan.right - 2.0).abs() < 1e-5);
        }
    }

    #[test]
    fn the_ends_are_silent_on_the_other_side() {
        assert_eq!(PanGains::at(-1.0).right, 0.0);
        assert_eq!(PanGains::at(1.0).left, 0.0);
        assert!(PanGains::at(1.0).right > 1.41);
    }
}
