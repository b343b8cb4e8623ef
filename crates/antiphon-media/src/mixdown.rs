//! From up to eight channels to at most two.
//!
//! Mono and stereo pass as they are. Of more, each channel goes to the side it stands on; what stands in the
//! middle goes to both at -3 dB, surrounds join their side at -3 dB, and the subwoofer is left out, as ITU-R BS.775
//! does it. Where positions are unknown, channels alternate between left and right.

use symphonia::core::audio::{Channels, Position};

/// -3 dB: half the power to each side.
const HALF_POWER: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// What each channel of a file adds to the left and right of a sample.
pub(crate) struct Mixdown {
    /// One pair per channel of the file; empty where nothing is mixed.
    gains: Vec<[f32; 2]>,
    channels: usize,
}

impl Mixdown {
    pub(crate) fn of(channels: &Channels) -> Self {
        let count = channels.count();
        if count <= 2 {
            return Self { gains: Vec::new(), channels: count };
        }
        let gains = match channels {
            Channels::Positioned(positions) => positions.iter().map(gains_of).collect(),
            _ => (0..count).map(|index| if index % 2 == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect(),
        };
        Self { gains, channels: 2 }
    }

    /// Channels that come out.
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// Appends interleaved frames of the file to those of the sample.
    pub(crate) fn append(&self, input: &[f32], output: &mut Vec<f32>) {
        if self.gains.is_empty() {
            output.extend(input.iter().map(|sample| scrubbed(*sample)));
            return;
        }
        for frame in input.chunks_exact(self.gains.len()) {
            for side in 0..2 {
                let mixed =
                    frame.iter().zip(&self.gains).map(|(sample, gains)| scrubbed(*sample) * gains[side]);
                output.push(scrubbed(mixed.sum()));
            }
        }
    }
}

fn gains_of(position: Position) -> [f32; 2] {
    const LEFT: Position =
        Position::FRONT_LEFT.union(Position::FRONT_LEFT_CENTER).union(Position::FRONT_LEFT_WIDE);
    const RIGHT: Position =
        Position::FRONT_RIGHT.union(Position::FRONT_RIGHT_CENTER).union(Position::FRONT_RIGHT_WIDE);
    const FAR_LEFT: Position = Position::REAR_LEFT
        .union(Position::SIDE_LEFT)
        .union(Position::TOP_FRONT_LEFT)
        .union(Position::TOP_REAR_LEFT)
        .union(Position::TOP_SIDE_LEFT)
        .union(Position::BOTTOM_FRONT_LEFT);
    const FAR_RIGHT: Position = Position::REAR_RIGHT
        .union(Position::SIDE_RIGHT)
        .union(Position::TOP_FRONT_RIGHT)
        .union(Position::TOP_REAR_RIGHT)
        .union(Position::TOP_SIDE_RIGHT)
        .union(Position::BOTTOM_FRONT_RIGHT);
    const LOW: Position = Position::LFE1.union(Position::LFE2);
    match position {
        position if LEFT.contains(position) => [1.0, 0.0],
        position if RIGHT.contains(position) => [0.0, 1.0],
        position if FAR_LEFT.contains(position) => [HALF_POWER, 0.0],
        position if FAR_RIGHT.contains(position) => [0.0, HALF_POWER],
        position if LOW.contains(position) => [0.0, 0.0],
        _ => [HALF_POWER, HALF_POWER],
    }
}

/// Not-a-number, infinity and denormals are silence: one of them in a delay line would ring for ever.
pub(crate) fn scrubbed(sample: f32) -> f32 {
    if sample.is_normal() { sample } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{HALF_POWER, Mixdown, scrubbed};
    use symphonia::core::audio::{Channels, Position};

    fn mixed(channels: Channels, frame: &[f32]) -> Vec<f32> {
        let mut output = Vec::new();
        Mixdown::of(&channels).append(frame, &mut output);
        output
    }

    #[test]
    fn five_one_goes_to_the_sides_it_stands_on() {
        let five_one = Position::FRONT_LEFT
            | Position::FRONT_RIGHT
            | Position::FRONT_CENTER
            | Position::LFE1
            | Position::REAR_LEFT
            | Position::REAR_RIGHT;
        let alone = |index: usize| {
            let mut frame = [0.0; 6];
            frame[index] = 1.0;
            mixed(Channels::Positioned(five_one), &frame)
        };
        assert_eq!(alone(0), [1.0, 0.0]);
        assert_eq!(alone(1), [0.0, 1.0]);
        assert_eq!(alone(2), [HALF_POWER, HALF_POWER]);
        assert_eq!(alone(3), [0.0, 0.0]);
        assert_eq!(alone(4), [HALF_POWER, 0.0]);
        assert_eq!(alone(5), [0.0, HALF_POWER]);
    }

    #[test]
    fn channels_without_a_place_alternate() {
        assert_eq!(mixed(Channels::Discrete(3), &[1.0, 0.5, 0.25]), [1.25, 0.5]);
    }

    #[test]
    fn what_is_no_number_is_silence() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40, -1e-40] {
            assert_eq!(scrubbed(bad), 0.0);
            assert_eq!(mixed(Channels::Discrete(1), &[bad]), [0.0]);
        }
        // Two finite samples whose sum is not.
        assert_eq!(mixed(Channels::Discrete(3), &[f32::MAX, 0.0, f32::MAX]), [0.0, 0.0]);
        assert_eq!(scrubbed(-0.25), -0.25);
    }
}
