//! What the parts of an edit must be for the song it is for.

use antiphon_timeline::TICKS_PER_STEP;

use super::{EditError, StepPatch};
use crate::{
    ids::{NoteId, PatternId, TrackId},
    limits::{CHORD_NOTES_MAX, NOTES_MAX, NOTES_PER_EDIT_MAX, STEPS_MAX, STEPS_PER_EDIT_MAX, TRACKS_MAX},
    notes::FreeNote,
    param::Param,
    song::{Pattern, Song},
    sound::Sound,
    switch::Moment,
    values::{NoteLength, Pitch},
};

pub(super) fn new_track(song: &Song, track: TrackId, with: &Sound) -> Result<(), EditError> {
    if song.tracks.len() >= TRACKS_MAX {
        return Err(EditError::TooManyTracks);
    }
    if song.track(track).is_some() {
        return Err(EditError::TrackExists(track));
    }
    sound(song, with)
}

pub(super) fn sound(song: &Song, sound: &Sound) -> Result<(), EditError> {
    match sound {
        Sound::Sample(id) if !song.samples.contains_key(id) => Err(EditError::NoSample(*id)),
        Sound::Unknown(_) => Err(EditError::UnknownSound),
        _ => Ok(()),
    }
}

/// What plays changes only on sixteenths, on which every beat and bar of every meter lies.
pub(super) fn moment(at: Option<Moment>) -> Result<(), EditError> {
    match at {
        Some(at) if at.tick.0.rem_euclid(TICKS_PER_STEP) != 0 => Err(EditError::NotOnASixteenth),
        _ => Ok(()),
    }
}

pub(super) fn slots(slots: &[(TrackId, PatternId)]) -> Result<(), EditError> {
    if slots.len() > TRACKS_MAX { Err(EditError::TooManySlots) } else { Ok(()) }
}

pub(super) fn steps(
    song: &Song,
    track: TrackId,
    pattern: PatternId,
    steps: &[(u16, StepPatch)],
) -> Result<(), EditError> {
    let length = song.pattern(track, pattern)?.length.get();
    if steps.is_empty() || steps.iter().any(|(_, patch)| *patch == StepPatch::default()) {
        return Err(EditError::Empty);
    }
    if steps.len() > STEPS_PER_EDIT_MAX {
        return Err(EditError::TooManySteps);
    }
    inside(length, steps.iter().map(|(step, _)| *step))?;
    steps.iter().filter_map(|(_, patch)| patch.condition).try_for_each(|condition| Ok(condition.check()?))
}

fn inside(length: u16, mut steps: impl Iterator<Item = u16>) -> Result<(), EditError> {
    match steps.find(|step| *step >= length) {
        Some(step) => Err(EditError::NoStep { step, length }),
        None => Ok(()),
    }
}

pub(super) fn chords(
    song: &Song,
    track: TrackId,
    pattern: PatternId,
    notes: &[(u16, Pitch, Option<NoteLength>)],
) -> Result<(), EditError> {
    let pattern = song.pattern(track, pattern)?;
    if notes.is_empty() {
        return Err(EditError::Empty);
    }
    if notes.len() > STEPS_PER_EDIT_MAX * CHORD_NOTES_MAX {
        return Err(EditError::TooManySteps);
    }
    inside(pattern.length.get(), notes.iter().map(|(step, ..)| *step))?;
    let mut after = pattern.chords.clone();
    for (step, pitch, length) in notes {
        match length {
            Some(length) => after.insert((*step, *pitch), *length),
            None => after.remove(&(*step, *pitch)),
        };
    }
    let full = |step: &u16| after.range((*step, Pitch::MIN)..=(*step, Pitch::MAX)).count() > CHORD_NOTES_MAX;
    match notes.iter().any(|(step, ..)| full(step)) {
        true => Err(EditError::TooManyChordNotes),
        false => Ok(()),
    }
}

pub(super) fn locks(
    song: &Song,
    track: TrackId,
    pattern: PatternId,
    locks: &[(u16, Param, Option<i16>)],
) -> Result<(), EditError> {
    let length = song.pattern(track, pattern)?.length.get();
    if locks.is_empty() {
        return Err(EditError::Empty);
    }
    if locks.len() > STEPS_PER_EDIT_MAX * Param::ALL.len() {
        return Err(EditError::TooManySteps);
    }
    inside(length, locks.iter().map(|(step, ..)| *step))?;
    for (_, param, value) in locks {
        value.map(|value| param.value(value.into())).transpose()?;
    }
    Ok(())
}

pub(super) fn notes(
    song: &Song,
    track: TrackId,
    pattern: PatternId,
    notes: &[(NoteId, Option<FreeNote>)],
) -> Result<(), EditError> {
    let pattern = song.pattern(track, pattern)?;
    if notes.is_empty() {
        return Err(EditError::Empty);
    }
    let added = notes.iter().filter(|(id, note)| note.is_some() && pattern.notes.get(*id).is_none()).count();
    if notes.len() > NOTES_PER_EDIT_MAX || pattern.notes.len() + added > NOTES_MAX {
        return Err(EditError::TooManyNotes);
    }
    match notes.iter().filter_map(|(_, note)| note.as_ref()).all(FreeNote::is_placed) {
        true => Ok(()),
        false => Err(EditError::NotePlace),
    }
}

/// A whole pattern from outside holds what its maps do not: places, ranges and how much.
pub(super) fn content(pattern: &Pattern) -> Result<(), EditError> {
    let chords = pattern.chords.keys().map(|(step, _)| *step);
    let locks = pattern.locks.keys().map(|(step, _)| *step);
    inside(STEPS_MAX, pattern.steps.keys().copied().chain(chords.clone()).chain(locks))?;
    // Sorted by step: eight in a row at one step are one too many.
    let chords: Vec<u16> = chords.collect();
    if chords.windows(CHORD_NOTES_MAX + 1).any(|steps| steps.first() == steps.last()) {
        return Err(EditError::TooManyChordNotes);
    }
    for ((_, param), value) in &pattern.locks {
        param.value((*value).into())?;
    }
    for step in pattern.steps.values() {
        step.condition.check()?;
    }
    if pattern.notes.len() > NOTES_MAX {
        return Err(EditError::TooManyNotes);
    }
    match pattern.notes.iter().all(|(_, note)| note.is_placed()) {
        true => Ok(()),
        false => Err(EditError::NotePlace),
    }
}
