//! Notes placed freely in a pattern, beside its steps.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use antiphon_timeline::Ticks;

use crate::{
    ids::NoteId,
    limits::STEPS_MAX,
    values::{Pitch, Velocity},
};

/// A note at any tick of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeNote {
    /// From the pattern's beginning, at speed 1; not negative.
    pub start: Ticks,
    /// At speed 1; positive.
    pub length: Ticks,
    pub pitch: Pitch,
    pub velocity: Velocity,
}

impl FreeNote {
    /// Does it start within a pattern, and last?
    pub fn is_placed(&self) -> bool {
        let end = Ticks::from_steps(STEPS_MAX.into());
        (Ticks::ZERO..end).contains(&self.start) && self.length > Ticks::ZERO && self.length <= end
    }
}

/// The free notes of a pattern: found by id, played by start. Notes that start together are ordered by id, so
/// everybody hears and sees them in one order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    by_id: BTreeMap<NoteId, FreeNote>,
    by_start: BTreeSet<(Ticks, NoteId)>,
}

impl Notes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The note with this id.
    pub fn get(&self, id: NoteId) -> Option<&FreeNote> {
        self.by_id.get(&id)
    }

    /// Puts a note; the one that had the id before.
    pub fn insert(&mut self, id: NoteId, note: FreeNote) -> Option<FreeNote> {
        let old = self.remove(id);
        self.by_start.insert((note.start, id));
        self.by_id.insert(id, note);
        old
    }

    /// Takes a note away.
    pub fn remove(&mut self, id: NoteId) -> Option<FreeNote> {
        let old = self.by_id.remove(&id)?;
        self.by_start.remove(&(old.start, id));
        Some(old)
    }

    /// Every note, by start and id.
    pub fn iter(&self) -> impl Iterator<Item = (NoteId, &FreeNote)> {
        self.by_start.iter().filter_map(|(_, id)| Some((*id, self.by_id.get(id)?)))
    }

    /// The notes that start in `range`, by start and id, in O(log n + k).
    pub fn starting_in(&self, range: Range<Ticks>) -> impl Iterator<Item = (NoteId, &FreeNote)> {
        let end = range.end.max(range.start);
        let found = self.by_start.range((range.start, NoteId([0; 16]))..(end, NoteId([0; 16])));
        found.filter_map(|(_, id)| Some((*id, self.by_id.get(id)?)))
    }
}

impl FromIterator<(NoteId, FreeNote)> for Notes {
    fn from_iter<I: IntoIterator<Item = (NoteId, FreeNote)>>(notes: I) -> Self {
        let mut all = Self::default();
        for (id, note) in notes {
            all.insert(id, note);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn note(start: i64) -> FreeNote {
        FreeNote { start: Ticks(start), length: Ticks(1), pitch: Pitch::DEFAULT, velocity: Velocity::DEFAULT }
    }

    proptest! {
        #[test]
        fn a_range_holds_what_a_scan_finds_in_the_same_order(
            acts in prop::collection::vec((0u8..24, 0i64..40, any::<bool>()), 0..80),
            from in 0i64..40,
            to in 0i64..40,
        ) {
            let mut notes = Notes::default();
            let mut plain = BTreeMap::new();
            for (id, start, put) in acts {
                let id = NoteId([id; 16]);
                if put {
                    prop_assert_eq!(notes.insert(id, note(start)), plain.insert(id, note(start)));
                } else {
                    prop_assert_eq!(notes.remove(id), plain.remove(&id));
                }
            }
            let mut scan: Vec<_> = plain.into_iter().collect();
            scan.sort_by_key(|(id, note)| (note.start, *id));
            prop_assert_eq!(notes.iter().map(|(id, note)| (id, *note)).collect::<Vec<_>>(), scan.clone());
            scan.retain(|(_, note)| (from..to).contains(&note.start.0));
            let found: Vec<_> = notes.starting_in(Ticks(from)..Ticks(to)).map(|(id, note)| (id, *note)).collect();
            prop_assert_eq!(found, scan);
        }
    }
}
