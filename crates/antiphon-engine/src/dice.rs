//! Chance that everybody shares: every roll is a pure function of the song's seed and of the place it is rolled for.
//!
//! Nobody draws from a stream of random numbers, so nothing depends on what was played before: a peer that joins late,
//! a render and a remix roll what everybody rolls. The session is not in it, so that a remix keeps its chances.

use antiphon_dsp::mix_seed;
use antiphon_model::{NoteId, PatternId, TrackId};

/// What a roll decides. Each purpose rolls its own dice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Whether a step sounds.
    Chance = 1,
    /// How far it is from its place.
    Timing = 2,
    /// How much harder or softer it is struck.
    Velocity = 3,
    /// The noise and the phases of its voices.
    Noise = 4,
}

/// What rolls: a step of a pattern, or one of its free notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The step of this index.
    Step(u16),
    /// The free note with this id.
    Note(NoteId),
}

/// Rolls the dice for one source, in one cycle of its pattern, which began at bar `origin_bar`: 0, or where its link of
/// the chain did. A pattern that comes again in the chain so rolls anew.
///
/// ```
/// use antiphon_engine::{Purpose, Source, roll};
/// use antiphon_model::{PatternId, TrackId};
///
/// let place = (TrackId([1; 16]), PatternId([2; 16]));
/// let first = roll(7, place, Source::Step(3), 0, 0, Purpose::Chance);
/// assert_eq!(first, roll(7, place, Source::Step(3), 0, 0, Purpose::Chance));
/// assert_ne!(first, roll(7, place, Source::Step(3), 1, 0, Purpose::Chance));
/// ```
pub fn roll(
    seed: u64,
    place: (TrackId, PatternId),
    source: Source,
    cycle: i64,
    origin_bar: i64,
    purpose: Purpose,
) -> u64 {
    Die::new(seed, place.0, place.1).roll(source, cycle, origin_bar, purpose)
}

/// The dice of one pattern on one track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Die(u64);

impl Die {
    pub(crate) fn new(seed: u64, track: TrackId, pattern: PatternId) -> Self {
        Self(mix_id(mix_id(seed, track.0), pattern.0))
    }

    pub(crate) fn roll(self, source: Source, cycle: i64, origin_bar: i64, purpose: Purpose) -> u64 {
        let base = match source {
            Source::Step(index) => mix_seed(self.0, index.into()),
            // No pattern has so many steps.
            Source::Note(id) => mix_id(mix_seed(self.0, u16::MAX.into()), id.0),
        };
        mix_seed(mix_seed(mix_seed(base, cycle as u64), origin_bar as u64), purpose as u64)
    }
}

/// Mixes an identifier into a seed: its two halves, the first byte the lowest.
pub(crate) fn mix_id(seed: u64, id: [u8; 16]) -> u64 {
    let id = u128::from_le_bytes(id);
    mix_seed(mix_seed(seed, id as u64), (id >> 64) as u64)
}

/// A roll as a whole number from 0 to `sides - 1`.
pub(crate) fn of_sides(roll: u64, sides: u64) -> u64 {
    ((u128::from(roll) * u128::from(sides)) >> 64) as u64
}

/// A roll as a whole number from `-reach` to `reach`.
pub(crate) fn either_way(roll: u64, reach: i64) -> i64 {
    let reach = reach.max(0);
    of_sides(roll, 2 * reach as u64 + 1) as i64 - reach
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACK: TrackId = TrackId([1; 16]);
    const PATTERN: PatternId = PatternId([2; 16]);

    #[test]
    fn everything_that_names_a_roll_changes_it() {
        let plain = roll(1, (TRACK, PATTERN), Source::Step(0), 0, 0, Purpose::Chance);
        let note = Source::Note(NoteId([0; 16]));
        let others = [
            roll(2, (TRACK, PATTERN), Source::Step(0), 0, 0, Purpose::Chance),
            roll(1, (TrackId([3; 16]), PATTERN), Source::Step(0), 0, 0, Purpose::Chance),
            roll(1, (TRACK, PatternId([3; 16])), Source::Step(0), 0, 0, Purpose::Chance),
            roll(1, (TRACK, PATTERN), Source::Step(1), 0, 0, Purpose::Chance),
            roll(1, (TRACK, PATTERN), note, 0, 0, Purpose::Chance),
            roll(1, (TRACK, PATTERN), Source::Step(0), 1, 0, Purpose::Chance),
            roll(1, (TRACK, PATTERN), Source::Step(0), 0, 1, Purpose::Chance),
            roll(1, (TRACK, PATTERN), Source::Step(0), 0, 0, Purpose::Timing),
        ];
        assert!(others.iter().all(|other| *other != plain), "{others:?}");
    }

    #[test]
    fn rolls_never_change() {
        // Published beats depend on these numbers.
        let rolled = [Source::Step(5), Source::Note(NoteId([9; 16]))]
            .map(|source| roll(42, (TRACK, PATTERN), source, 3, 1, Purpose::Chance));
        assert_eq!(rolled, ROLLED);
    }

    const ROLLED: [u64; 2] = [17_655_156_472_564_260_541, 13_620_678_363_534_654_638];

    #[test]
    fn every_side_comes_up_about_as_often() {
        let mut seen = [0; 100];
        for cycle in 0..100_000 {
            let roll = roll(7, (TRACK, PATTERN), Source::Step(0), cycle, 0, Purpose::Chance);
            seen[of_sides(roll, 100) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (850..1150).contains(count)), "{seen:?}");
        assert_eq!((either_way(0, 5), either_way(u64::MAX, 5), either_way(u64::MAX, 0)), (-5, 5, 0));
    }
}
