//! Edits of patterns: values, steps, chords, locks, notes, and the difference between two whole patterns.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_model::{
    Edit, FreeNote, NoteId, NoteLength, Param, Pattern, PatternId, Pitch, Reshape, Song, Step, StepPatch,
    TrackId, reshaped,
};

use super::{NOT_SET, Write, Writes, int, text, tracks};
use crate::{
    codes,
    keys::{self, NoteField, StepField},
    raw::{RawMap, Scalar},
    schema,
};

/// Edits of a pattern, or of what is in it.
pub(super) fn of_edit(edit: &Edit, song: &Song, raw: &RawMap) -> Writes {
    let name_of = |track: &TrackId| super::track_name(song, *track);
    let pattern_at = |track: &TrackId, pattern: &PatternId| PatternAt::new(raw, *track, *pattern);
    match edit {
        Edit::SetPatternLength { track, pattern, length } => {
            let write = pattern_at(track, pattern).value(schema::LENGTH, int(length.get()));
            Writes::of(format!("length of {}", name_of(track)), vec![write])
        }
        Edit::SetPatternSpeed { track, pattern, speed } => {
            let write = pattern_at(track, pattern).value(schema::SPEED, text(speed.key()));
            Writes::of(format!("speed of {}", name_of(track)), vec![write])
        }
        Edit::SetHumanise { track, pattern, humanise } => {
            let write = pattern_at(track, pattern).value(schema::HUMANISE, int(humanise.get()));
            Writes::of(format!("humanising of {}", name_of(track)), vec![write])
        }
        Edit::RenamePattern { track, pattern, name } => {
            let write = pattern_at(track, pattern).value(schema::NAME, text(name.as_str()));
            Writes::of(format!("name of a pattern of {}", name_of(track)), vec![write])
        }
        Edit::SetSteps { track, pattern, steps } => {
            let at = pattern_at(track, pattern);
            let writes = steps.iter().flat_map(|(step, patch)| at.step(*step, *patch));
            let label = several(steps.iter().map(|(step, _)| *step), "step", "steps");
            Writes::of(format!("{label} of {}", name_of(track)), super::last_of_each(writes))
        }
        Edit::SetChords { track, pattern, notes } => {
            let at = pattern_at(track, pattern);
            let writes = notes.iter().map(|(step, pitch, length)| at.chord(*step, *pitch, *length));
            let label = several(notes.iter().map(|(step, ..)| *step), "chord of step", "chords");
            Writes::of(format!("{label} of {}", name_of(track)), super::last_of_each(writes))
        }
        Edit::SetLocks { track, pattern, locks } => {
            let at = pattern_at(track, pattern);
            let writes = locks.iter().map(|(step, param, value)| at.lock(*step, *param, *value));
            let label = several(locks.iter().map(|(step, ..)| *step), "lock of step", "locks");
            Writes::of(format!("{label} of {}", name_of(track)), super::last_of_each(writes))
        }
        Edit::SetNotes { track, pattern, notes } => {
            let at = pattern_at(track, pattern);
            let Ok(before) = song.pattern(*track, *pattern) else { return Writes::nothing() };
            let last: BTreeMap<_, _> = notes.iter().map(|(id, note)| (*id, *note)).collect();
            let label = match last.len() {
                1 => "note".to_owned(),
                several => format!("{several} notes"),
            };
            let writes =
                last.into_iter().flat_map(|(id, note)| at.note(id, before.notes.get(id), note.as_ref()));
            Writes::of(format!("{label} of {}", name_of(track)), writes.collect())
        }
        Edit::ClearPattern { track, pattern } => {
            let writes =
                song.pattern(*track, *pattern).map(|before| pattern_at(track, pattern).clear(before));
            Writes::of(format!("clearing of {}", name_of(track)), writes.unwrap_or_default())
        }
        Edit::Reshape { track, pattern, reshape } => {
            let label = format!("{} of {}", tool(*reshape), name_of(track));
            change(label, song, raw, (*track, *pattern), |before| Some(reshaped(before, *reshape)))
        }
        Edit::SetPattern { track, pattern, content } => {
            let label = format!("pattern of {}", name_of(track));
            change(label, song, raw, (*track, *pattern), |_| Some((**content).clone()))
        }
        Edit::CopyPattern { from, to } => {
            let label = format!("pattern of {} from {}", name_of(&to.0), name_of(&from.0));
            let source = || song.pattern(from.0, from.1).ok();
            change(label, song, raw, *to, |_| Some((**source()?).clone()))
        }
        Edit::AddPattern { track, pattern, like } => {
            add(pattern_at(track, pattern), *pattern, like, &name_of(track))
        }
        Edit::RemovePattern { track, pattern } => {
            let name = song.pattern(*track, *pattern).map_or("", |pattern| pattern.name.as_str());
            let write = pattern_at(track, pattern).value(schema::DELETED, Scalar::Bool(true));
            Writes::of(format!("removal of pattern {name} of {}", name_of(track)), vec![write])
        }
        _ => Writes::nothing(),
    }
}

/// Makes a pattern into what `wanted` says: only what differs is written.
fn change(
    label: String,
    song: &Song,
    raw: &RawMap,
    (track, pattern): (TrackId, PatternId),
    wanted: impl FnOnce(&Pattern) -> Option<Pattern>,
) -> Writes {
    let Ok(before) = song.pattern(track, pattern) else { return Writes::nothing() };
    let Some(after) = wanted(before) else { return Writes::nothing() };
    Writes::of(label, PatternAt::new(raw, track, pattern).difference(before, &after))
}

/// What a pattern tool is called when it is undone.
fn tool(reshape: Reshape) -> &'static str {
    match reshape {
        Reshape::Euclid { .. } => "Euclidean rhythm",
        Reshape::Rotate { .. } => "rotation",
        Reshape::Invert => "inversion",
        Reshape::Reverse => "reversal",
        Reshape::Mirror => "mirroring",
        Reshape::Transpose { .. } => "transposition",
        Reshape::Quantise { .. } => "quantising",
        Reshape::Block { .. } => "chord block",
    }
}

/// One step by its number, or how many there are. People count from one.
fn several(steps: impl Iterator<Item = u16>, one: &str, many: &str) -> String {
    let steps: Vec<u16> = steps.collect();
    match steps.as_slice() {
        [step] => format!("{one} {}", step + 1),
        steps => format!("{} {many}", steps.len()),
    }
}

/// Where a pattern stands in the document, and what the document says of it so far.
pub(super) struct PatternAt<'a> {
    path: Vec<String>,
    raw: Option<&'a RawMap>,
}

impl<'a> PatternAt<'a> {
    pub(super) fn new(raw: &'a RawMap, track: TrackId, pattern: PatternId) -> Self {
        let mut path = tracks::path(track);
        path.extend([schema::PATTERNS.to_owned(), pattern.to_string()]);
        let raw = raw.at(path.iter().map(String::as_str));
        Self { path, raw }
    }

    fn value(&self, key: &str, value: Scalar) -> Write {
        Write { path: self.path.clone(), key: key.into(), value }
    }

    fn step(&self, step: u16, patch: StepPatch) -> Vec<Write> {
        let path = self.page(schema::STEPS, schema::step_page(step));
        let fields = [
            (StepField::On, patch.on.map(Scalar::Bool)),
            (StepField::Velocity, patch.velocity.map(|velocity| int(velocity.get()))),
            (StepField::Pitch, patch.pitch.map(|pitch| int(pitch.get()))),
            (StepField::Length, patch.length.map(|length| int(length.get()))),
            (StepField::Tie, patch.tie.map(Scalar::Bool)),
            (StepField::Micro, patch.micro.map(|micro| int(micro.get()))),
            (StepField::Ratchet, patch.ratchet.map(|ratchet| int(ratchet.get()))),
            (StepField::Chance, patch.chance.map(|chance| int(chance.get()))),
            (StepField::Condition, patch.condition.map(|condition| text(&condition.to_string()))),
        ];
        let write = |(field, value): (StepField, Option<Scalar>)| {
            Some(Write { path: path.clone(), key: keys::step_key(step, field), value: value? })
        };
        fields.into_iter().filter_map(write).collect()
    }

    fn chord(&self, step: u16, pitch: Pitch, length: Option<NoteLength>) -> Write {
        let path = self.page(schema::STEPS, schema::step_page(step));
        let value = length.map_or(NOT_SET, |length| int(length.get()));
        Write { path, key: keys::chord_key(step, pitch), value }
    }

    fn lock(&self, step: u16, param: Param, value: Option<i16>) -> Write {
        let path = self.page(schema::LOCKS, schema::step_page(step));
        Write { path, key: keys::lock_key(step, param), value: value.map_or(NOT_SET, int) }
    }

    /// Makes the note `before` into `after`.
    fn note(&self, id: NoteId, before: Option<&FreeNote>, after: Option<&FreeNote>) -> Vec<Write> {
        let shard = keys::note_shard(id);
        let was = self.raw.and_then(|raw| raw.at([schema::NOTES, &shard]));
        let path = self.page(schema::NOTES, shard);
        let write = |field, value| Write { path: path.clone(), key: keys::note_key(id, field), value };
        let field = |field, before: Option<i64>, after: i64| {
            (before != Some(after)).then(|| write(field, Scalar::Int(after)))
        };
        let fields = |before: Option<&FreeNote>, after: &FreeNote| {
            let differing = [
                field(NoteField::Start, before.map(|note| note.start.0), after.start.0),
                field(NoteField::Length, before.map(|note| note.length.0), after.length.0),
                field(NoteField::Pitch, before.map(|note| note.pitch.get().into()), after.pitch.get().into()),
                field(
                    NoteField::Velocity,
                    before.map(|note| note.velocity.get().into()),
                    after.velocity.get().into(),
                ),
            ];
            differing.into_iter().flatten().collect::<Vec<Write>>()
        };
        let deleted = |deleted| write(NoteField::Deleted, Scalar::Bool(deleted));
        match (before, after) {
            (Some(before), Some(after)) => fields(Some(before), after),
            (Some(_), None) => vec![deleted(true)],
            (None, None) => Vec::new(),
            (None, Some(note)) => {
                let made = write(NoteField::Made, Scalar::Bytes(codes::note_bytes(note)));
                let known = was.is_some_and(|was| was.starting_with(&id.to_string()).next().is_some());
                if !known {
                    return vec![made];
                }
                // It was here before: what was said of it then must not show through.
                [vec![made], fields(None, note), vec![deleted(false)]].concat()
            }
        }
    }

    fn clear(&self, before: &Pattern) -> Vec<Write> {
        let off = StepPatch { on: Some(false), ..StepPatch::default() };
        let on = before.steps.iter().filter(|(_, step)| step.on);
        on.flat_map(|(step, _)| self.step(*step, off)).collect()
    }

    /// What makes a pattern that plays like `before` play like `after`. Name and place are no part of that.
    pub(super) fn difference(&self, before: &Pattern, after: &Pattern) -> Vec<Write> {
        let mut writes = Vec::new();
        if before.length != after.length {
            writes.push(self.value(schema::LENGTH, int(after.length.get())));
        }
        if before.speed != after.speed {
            writes.push(self.value(schema::SPEED, text(after.speed.key())));
        }
        if before.humanise != after.humanise {
            writes.push(self.value(schema::HUMANISE, int(after.humanise.get())));
        }
        for step in keys_of(before.steps.keys(), after.steps.keys()) {
            writes.extend(self.step(step, step_difference(before.step(step), after.step(step))));
        }
        for key in keys_of(before.chords.keys(), after.chords.keys()) {
            let wanted = after.chords.get(&key).copied();
            if before.chords.get(&key).copied() != wanted {
                writes.push(self.chord(key.0, key.1, wanted));
            }
        }
        for key in keys_of(before.locks.keys(), after.locks.keys()) {
            let wanted = after.locks.get(&key).copied();
            if before.locks.get(&key).copied() != wanted {
                writes.push(self.lock(key.0, key.1, wanted));
            }
        }
        let notes = |pattern: &Pattern| pattern.notes.iter().map(|(id, _)| id).collect::<BTreeSet<_>>();
        for id in notes(before).union(&notes(after)) {
            writes.extend(self.note(*id, before.notes.get(*id), after.notes.get(*id)));
        }
        writes
    }

    fn page(&self, group: &str, page: String) -> Vec<String> {
        self.path.iter().cloned().chain([group.to_owned(), page]).collect()
    }
}

fn keys_of<'a, K: Ord + Copy + 'a>(
    before: impl Iterator<Item = &'a K>,
    after: impl Iterator<Item = &'a K>,
) -> BTreeSet<K> {
    before.chain(after).copied().collect()
}

fn step_difference(before: Step, after: Step) -> StepPatch {
    fn changed<T: PartialEq>(before: T, after: T) -> Option<T> {
        (before != after).then_some(after)
    }
    StepPatch {
        on: changed(before.on, after.on),
        velocity: changed(before.velocity, after.velocity),
        pitch: changed(before.pitch, after.pitch),
        length: changed(before.length, after.length),
        tie: changed(before.tie, after.tie),
        micro: changed(before.micro, after.micro),
        ratchet: changed(before.ratchet, after.ratchet),
        chance: changed(before.chance, after.chance),
        condition: changed(before.condition, after.condition),
    }
}

/// A new pattern with all of its maps: nobody makes one later.
fn add(at: PatternAt<'_>, pattern: PatternId, like: &Pattern, track: &str) -> Writes {
    let name = like.name.as_str();
    let mut writes = vec![
        at.value(schema::NAME, text(name)),
        at.value(schema::ORDER, text(like.order.as_str())),
        at.value(schema::DELETED, Scalar::Bool(false)),
    ];
    writes.extend(at.difference(&Pattern::empty(like.name.clone(), like.order.clone()), like));
    let label = format!("pattern {name} of {track}");
    // The track's path, without `patterns` and the pattern itself.
    let makes = pattern_maps(at.path.get(..2).unwrap_or_default(), pattern);
    Writes { label, makes, writes, can_undo: true, added: Some(at.path) }
}

/// The maps of a pattern of the track at `track`, parents before children.
pub(super) fn pattern_maps(track: &[String], pattern: PatternId) -> Vec<(Vec<String>, String)> {
    let under = |keys: &[&str]| -> Vec<String> {
        track.iter().cloned().chain(keys.iter().map(|key| (*key).to_owned())).collect()
    };
    let key = pattern.to_string();
    let mut makes = vec![(under(&[schema::PATTERNS]), key.clone())];
    for group in [schema::STEPS, schema::LOCKS, schema::NOTES] {
        makes.push((under(&[schema::PATTERNS, &key]), group.to_owned()));
    }
    for group in [schema::STEPS, schema::LOCKS] {
        let group = under(&[schema::PATTERNS, &key, group]);
        makes.extend(schema::step_pages().map(|page| (group.clone(), page)));
    }
    let notes = under(&[schema::PATTERNS, &key, schema::NOTES]);
    makes.extend(schema::note_shards().map(|shard| (notes.clone(), shard)));
    makes
}
