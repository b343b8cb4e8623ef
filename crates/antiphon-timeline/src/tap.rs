//! A tempo from taps.

use crate::{
    limits::{TAP_PAUSE_MAX_NS, TAPS_MAX},
    tempo::Tempo,
    units::{HostTime, NANOS_PER_SECOND},
};

/// Follows somebody who taps the beat.
///
/// The tempo is that of the median interval, so one tap that slipped moves it little. It is there from the third tap
/// on; after a pause of two seconds it begins anew. Two seconds are 30 BPM: slower is not tapped.
///
/// ```
/// use antiphon_timeline::*;
/// let mut taps = TapTempo::new();
/// let tempo = [0, 500, 1_000, 1_500].map(|ms| taps.tap(HostTime(ms * 1_000_000)));
/// assert_eq!(tempo[1], None);
/// assert_eq!(tempo[3], Some(Tempo::DEFAULT));
/// ```
#[derive(Debug, Clone, Default)]
pub struct TapTempo {
    taps: Vec<HostTime>,
}

impl TapTempo {
    /// Nothing was tapped yet.
    pub const fn new() -> Self {
        Self { taps: Vec::new() }
    }

    /// A tap; the tempo that it and those before it come to.
    pub fn tap(&mut self, at: HostTime) -> Option<Tempo> {
        // A clock that went back begins anew as well.
        if self.taps.last().is_some_and(|last| !(1..=TAP_PAUSE_MAX_NS).contains(&(at - *last))) {
            self.taps.clear();
        }
        if self.taps.len() == TAPS_MAX {
            self.taps.remove(0);
        }
        self.taps.push(at);
        let mut intervals: Vec<i64> = self.taps.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if intervals.len() < 2 {
            return None;
        }
        intervals.sort_unstable();
        // Of an even number the middle two share the say.
        let (low, high) = (intervals[(intervals.len() - 1) / 2], intervals[intervals.len() / 2]);
        let interval = ((low + high) / 2).max(1);
        // A tempo is kept to a tenth: nobody taps finer.
        let tenths = (600 * NANOS_PER_SECOND + interval / 2) / interval;
        Some(Tempo::from_micro_bpm_clamped(u64::try_from(tenths).unwrap_or_default().saturating_mul(100_000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    fn tempo(taps: &[i64]) -> Option<f64> {
        let mut estimator = TapTempo::new();
        taps.iter().map(|ms| estimator.tap(HostTime(ms * MS))).last().flatten().map(Tempo::bpm)
    }

    #[test]
    fn two_taps_are_no_tempo_and_three_are() {
        assert_eq!(tempo(&[0]), None);
        assert_eq!(tempo(&[0, 500]), None);
        assert_eq!(tempo(&[0, 500, 1_000]), Some(120.0));
    }

    #[test]
    fn one_tap_that_slipped_changes_little() {
        assert_eq!(tempo(&[0, 500, 1_000, 1_580, 2_000, 2_500]), Some(120.0));
    }

    #[test]
    fn a_pause_or_a_clock_that_goes_back_begins_anew() {
        assert_eq!(tempo(&[0, 500, 1_000, 3_001]), None);
        assert_eq!(tempo(&[0, 500, 1_000, 3_001, 3_401, 3_801]), Some(150.0));
        assert_eq!(tempo(&[0, 500, 1_000, 200]), None);
        assert_eq!(tempo(&[0, 500, 1_000, 1_000]), None);
    }

    #[test]
    fn the_last_eight_taps_count_and_a_drumroll_is_as_fast_as_it_gets() {
        let slow = (0..20).map(|tap| tap * 600);
        let quick = (1..=7).map(|tap| 19 * 600 + tap * 400);
        assert_eq!(tempo(&slow.chain(quick).collect::<Vec<_>>()), Some(150.0));
        assert_eq!(tempo(&[0, 1, 2, 3]), Some(999.0));
    }
}
