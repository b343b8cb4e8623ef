//! The repair of patterns: whole, or one step or note of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use antiphon_model::{
    Chance, Condition, FreeNote, Humanise, Micro, Name, NoteId, NoteLength, Notes, Param, Pattern,
    PatternLength, Pitch, Ratchet, Step, Velocity,
    limits::{CHORD_NOTES_MAX, NOTES_MAX},
};
use antiphon_timeline::Speed;

use super::order;
use crate::{
    codes,
    keys::{self, NoteField, StepField},
    raw::{Entry, RawMap, Scalar},
    schema,
};

pub(super) fn pattern(map: &RawMap) -> Pattern {
    let name = Name::repaired(map.text(schema::NAME).unwrap_or_default(), "A");
    let mut pattern = Pattern {
        length: map.int(schema::LENGTH).map_or(PatternLength::DEFAULT, PatternLength::clamped),
        speed: map.text(schema::SPEED).and_then(Speed::of_key).unwrap_or_default(),
        humanise: map.int(schema::HUMANISE).map_or(Humanise::DEFAULT, Humanise::clamped),
        notes: Arc::new(notes(map, NOTES_MAX)),
        ..Pattern::empty(name, order(map))
    };
    for step in steps_of(map) {
        read_step(&mut pattern, map, step);
    }
    pattern
}

/// Every step that anything was ever said of.
fn steps_of(map: &RawMap) -> BTreeSet<u16> {
    let pages = |group| map.map(group).into_iter().flat_map(RawMap::maps);
    let steps = pages(schema::STEPS)
        .flat_map(|(page, map)| map.entries().filter_map(move |(key, _)| keys::step_of_key(page, key)));
    let locks = pages(schema::LOCKS).flat_map(|(page, map)| {
        map.entries().filter_map(move |(key, _)| Some(keys::lock_of_key(page, key)?.0))
    });
    steps.chain(locks).collect()
}

/// Reads a step of the pattern at `map` with its chord notes and locks.
pub(super) fn read_step(pattern: &mut Pattern, map: &RawMap, index: u16) {
    let page = schema::step_page(index);
    let steps = map.at([schema::STEPS, &page]);
    match steps.and_then(|steps| step(steps, index)) {
        Some(step) => pattern.steps.insert(index, step),
        None => pattern.steps.remove(&index),
    };
    read_chord(&mut pattern.chords, &page, steps, index);
    let locks = map.at([schema::LOCKS, &page]);
    for param in Param::ALL {
        match locks.and_then(|locks| locks.int(&keys::lock_key(index, param))) {
            Some(value) => pattern.locks.insert((index, param), param.clamped(value)),
            None => pattern.locks.remove(&(index, param)),
        };
    }
}

/// The step, if any field of it was ever set.
fn step(page: &RawMap, index: u16) -> Option<Step> {
    let int = |field| page.int(&keys::step_key(index, field));
    let bool = |field| page.bool(&keys::step_key(index, field));
    let condition = page.text(&keys::step_key(index, StepField::Condition));
    let set = StepField::ALL.into_iter().any(|field| page.scalar(&keys::step_key(index, field)).is_some());
    set.then(|| Step {
        on: bool(StepField::On).unwrap_or_default(),
        velocity: int(StepField::Velocity).map_or(Velocity::DEFAULT, Velocity::clamped),
        pitch: int(StepField::Pitch).map_or(Pitch::DEFAULT, Pitch::clamped),
        length: int(StepField::Length).map_or(NoteLength::DEFAULT, NoteLength::clamped),
        tie: bool(StepField::Tie).unwrap_or_default(),
        micro: int(StepField::Micro).map_or(Micro::DEFAULT, Micro::clamped),
        ratchet: int(StepField::Ratchet).map_or(Ratchet::DEFAULT, Ratchet::clamped),
        chance: int(StepField::Chance).map_or(Chance::DEFAULT, Chance::clamped),
        condition: condition.and_then(|text| text.parse::<Condition>().ok()).unwrap_or_default(),
    })
}

fn read_chord(
    chords: &mut BTreeMap<(u16, Pitch), NoteLength>,
    page: &str,
    steps: Option<&RawMap>,
    index: u16,
) {
    let before: Vec<(u16, Pitch)> =
        chords.range((index, Pitch::MIN)..=(index, Pitch::MAX)).map(|(key, _)| *key).collect();
    for key in before {
        chords.remove(&key);
    }
    let Some(steps) = steps else { return };
    let prefix = keys::chord_prefix(index);
    let notes = steps.starting_with(&prefix).filter_map(|(key, entry)| match entry {
        Entry::Scalar(Scalar::Int(length)) => {
            Some((keys::chord_of_key(page, key)?, NoteLength::clamped(*length)))
        }
        _ => None,
    });
    // Keys are in the order of text: the lowest pitches are found by sorting.
    let notes: BTreeMap<(u16, Pitch), NoteLength> = notes.collect();
    chords.extend(notes.into_iter().take(CHORD_NOTES_MAX));
}

/// Every free note, as many as fit.
fn notes(map: &RawMap, max: usize) -> Notes {
    let shards = map.map(schema::NOTES).into_iter().flat_map(RawMap::maps);
    let made = shards.flat_map(|(shard, map)| {
        let ids = map.entries().filter_map(move |(key, _)| keys::note_of_key(shard, key));
        let ids: BTreeSet<NoteId> = ids.collect();
        ids.into_iter().filter_map(move |id| Some((id, note(map, id)?)))
    });
    let mut made: Vec<(NoteId, FreeNote)> = made.collect();
    if made.len() > max {
        made.sort_by_key(|(id, note)| (note.start, *id));
        made.truncate(max);
    }
    made.into_iter().collect()
}

/// Reads these notes of the pattern at `map`.
pub(super) fn read_notes(pattern: &mut Pattern, map: &RawMap, touched: &BTreeSet<NoteId>) {
    read_notes_up_to(NOTES_MAX, &mut pattern.notes, map, touched);
}

fn read_notes_up_to(max: usize, read: &mut Arc<Notes>, map: &RawMap, touched: &BTreeSet<NoteId>) {
    let shards = map.map(schema::NOTES);
    let found = |id: NoteId| note(shards?.map(&keys::note_shard(id))?, id);
    // In a full pattern, one that goes may let in one that was left out.
    let was_full = read.len() >= max;
    if !was_full {
        let read = Arc::make_mut(read);
        for id in touched {
            match found(*id) {
                Some(note) => read.insert(*id, note),
                None => read.remove(*id),
            };
        }
    }
    if was_full || read.len() > max {
        *read = Arc::new(notes(map, max));
    }
}

fn note(shard: &RawMap, id: NoteId) -> Option<FreeNote> {
    let key = |field| keys::note_key(id, field);
    let made = codes::read_note(shard.bytes(&key(NoteField::Made))?)?;
    if shard.bool(&key(NoteField::Deleted)).unwrap_or(false) {
        return None;
    }
    let int = |field| shard.int(&key(field));
    Some(FreeNote {
        start: int(NoteField::Start).map_or(made.start, codes::note_start),
        length: int(NoteField::Length).map_or(made.length, codes::note_length),
        pitch: int(NoteField::Pitch).map_or(made.pitch, Pitch::clamped),
        velocity: int(NoteField::Velocity).map_or(made.velocity, Velocity::clamped),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use antiphon_timeline::Ticks;

    fn id(n: u32) -> NoteId {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&n.to_be_bytes());
        NoteId(id)
    }

    fn put(map: &mut RawMap, n: u32, start: i64) {
        let (pitch, velocity) = (Pitch::DEFAULT, Velocity::DEFAULT);
        let note = FreeNote { start: Ticks(start), length: Ticks(1), pitch, velocity };
        let shard = map.make(schema::NOTES).make(&keys::note_shard(id(n)));
        shard.put(&keys::note_key(id(n), NoteField::Made), Scalar::Bytes(codes::note_bytes(&note)));
    }

    #[test]
    fn of_too_many_notes_those_that_start_first_stay_also_note_by_note() {
        const MAX: usize = 10;
        let mut map = RawMap::new();
        (0..8).for_each(|n| put(&mut map, n, 1_000 + i64::from(n)));
        let mut read = Arc::new(notes(&map, MAX));
        let mut after = |map: &RawMap, touched: &[u32]| {
            let touched = touched.iter().map(|n| id(*n)).collect();
            read_notes_up_to(MAX, &mut read, map, &touched);
            assert_eq!(*read, notes(map, MAX));
            (read.len(), read.get(id(7)).is_some())
        };
        put(&mut map, 8, 1);
        assert_eq!(after(&map, &[8]), (9, true));
        // The one too many is the last to start: it is left out, and returns when another goes.
        put(&mut map, 9, 2);
        put(&mut map, 10, 3);
        assert_eq!(after(&map, &[9, 10]), (MAX, false));
        put(&mut map, 11, 2_000);
        assert_eq!(after(&map, &[11]), (MAX, false));
        let shard = map.make(schema::NOTES).make(&keys::note_shard(id(0)));
        shard.put(&keys::note_key(id(0), NoteField::Deleted), Scalar::Bool(true));
        assert_eq!(after(&map, &[0]), (MAX, true));
    }
}
