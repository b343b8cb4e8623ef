//! The outline of a sound, for drawing its waveform.

/// The lowest and highest sample of one column.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Peak {
    pub low: f32,
    pub high: f32,
}

/// The outline of interleaved frames in `columns` columns of equal length, all channels together.
///
/// A sound with fewer frames than columns has one column a frame.
pub fn peaks(frames: &[f32], channels: u8, columns: usize) -> Vec<Peak> {
    let channels = usize::from(channels.max(1));
    let count = frames.len() / channels;
    let columns = columns.min(count);
    let bounds = |column: usize| (column as u128 * count as u128 / columns as u128) as usize * channels;
    (0..columns)
        .map(|column| {
            let part = frames.get(bounds(column)..bounds(column + 1)).unwrap_or_default();
            let low = part.iter().copied().fold(f32::INFINITY, f32::min);
            let high = part.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            if part.is_empty() { Peak::default() } else { Peak { low, high } }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Peak, peaks};
    use proptest::prelude::*;

    #[test]
    fn a_column_spans_its_lowest_and_highest_sample() {
        let stereo = [0.1, -0.2, 0.3, 0.0, -0.5, 0.5, 0.2, 0.9];
        assert_eq!(peaks(&stereo, 2, 2), [Peak { low: -0.2, high: 0.3 }, Peak { low: -0.5, high: 0.9 }]);
        assert_eq!(peaks(&[], 1, 10), []);
        assert_eq!(peaks(&stereo, 2, 0), []);
        assert_eq!(peaks(&stereo, 2, 100).len(), 4);
    }

    proptest! {
        #[test]
        fn no_sample_lies_outside_the_outline(frames in prop::collection::vec(-1.0_f32..1.0, 1..500), columns in 1_usize..80) {
            let peaks = peaks(&frames, 1, columns);
            prop_assert_eq!(peaks.len(), columns.min(frames.len()));
            let highest = peaks.iter().fold(f32::MIN, |high, peak| high.max(peak.high));
            prop_assert_eq!(highest, frames.iter().copied().fold(f32::MIN, f32::max));
        }
    }
}
