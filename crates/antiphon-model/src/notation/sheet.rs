//! A pattern while its text is read.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    cursor::Place,
    error::{NotationError, NotationReason},
};
use crate::{
    ids::{FreshId, NoteId},
    limits::{CHORD_NOTES_MAX, NOTES_MAX, STEPS_MAX},
    notes::FreeNote,
    param::Param,
    song::{OrderKey, Pattern, Step},
    values::{Name, NoteLength, PatternLength, Pitch},
};

/// What of a pattern was read so far.
pub(super) struct Sheet {
    pattern: Pattern,
    /// Steps read, those after the loop's end among them.
    steps: u16,
    /// How many of them loop, once that was said.
    length: Option<u16>,
    /// The step that `_` prolongs.
    sounding: Option<u16>,
    /// Chord notes that last as long as their step, however long it becomes.
    as_long: Vec<(u16, Pitch)>,
    notes: BTreeMap<NoteId, FreeNote>,
    /// Notes that get an id in the end.
    unnamed: Vec<(Place, FreeNote)>,
}

impl Sheet {
    pub(super) fn new() -> Self {
        Self {
            pattern: Pattern::empty(Name::repaired("A", "A"), OrderKey::first()),
            steps: 0,
            length: None,
            sounding: None,
            as_long: Vec::new(),
            notes: BTreeMap::new(),
            unnamed: Vec::new(),
        }
    }

    /// What the whole pattern is, apart from its steps and notes.
    pub(super) fn pattern_mut(&mut self) -> &mut Pattern {
        &mut self.pattern
    }

    /// The index of the step that begins here. Nothing sounds through it so far.
    pub(super) fn next_step(&mut self, place: Place) -> Result<u16, NotationError> {
        let index = self.steps;
        if index >= STEPS_MAX {
            return Err(place.error(NotationReason::TooManySteps));
        }
        self.steps += 1;
        self.sounding = None;
        Ok(index)
    }

    pub(super) fn set_step(&mut self, index: u16, step: Step) {
        self.sounding = step.on.then_some(index);
        self.pattern.steps.insert(index, step);
    }

    /// One more step through which the note before it lasts.
    pub(super) fn prolong(&mut self, place: Place) -> Result<(), NotationError> {
        let Some(sounding) = self.sounding else {
            return Err(place.error(NotationReason::NothingToProlong));
        };
        self.next_step(place)?;
        self.sounding = Some(sounding);
        if let Some(step) = self.pattern.steps.get_mut(&sounding) {
            let longer = i64::from(step.length.get()) + i64::from(NoteLength::DEFAULT.get());
            step.length = NoteLength::new(longer).map_err(|error| place.error(error))?;
        }
        Ok(())
    }

    pub(super) fn end_loop(&mut self, place: Place) -> Result<(), NotationError> {
        match (self.length, self.steps) {
            (Some(_), _) => Err(place.error(NotationReason::Twice("the end of the loop"))),
            (None, 0) => Err(place.error(NotationReason::LoopOfNothing)),
            (None, steps) => {
                self.length = Some(steps);
                self.sounding = None;
                Ok(())
            }
        }
    }

    /// A note beside a step's own, as long as the step where no length is given.
    pub(super) fn add_chord_note(
        &mut self,
        place: Place,
        step: u16,
        pitch: Pitch,
        length: Option<NoteLength>,
    ) -> Result<(), NotationError> {
        if self.pattern.chord(step).count() >= CHORD_NOTES_MAX {
            return Err(place.error(NotationReason::TooManyChordNotes));
        }
        if length.is_none() {
            self.as_long.push((step, pitch));
        }
        match self.pattern.chords.insert((step, pitch), length.unwrap_or_default()) {
            Some(_) => Err(place.error(NotationReason::Twice("a note of the chord"))),
            None => Ok(()),
        }
    }

    pub(super) fn lock(
        &mut self,
        place: Place,
        step: u16,
        param: Param,
        value: i16,
    ) -> Result<(), NotationError> {
        match self.pattern.locks.insert((step, param), value) {
            Some(_) => Err(place.error(NotationReason::Twice(param.key()))),
            None => Ok(()),
        }
    }

    pub(super) fn add_note(
        &mut self,
        place: Place,
        id: Option<NoteId>,
        note: FreeNote,
    ) -> Result<(), NotationError> {
        if self.notes.len() + self.unnamed.len() >= NOTES_MAX {
            return Err(place.error(NotationReason::TooManyNotes));
        }
        match id {
            Some(id) => self.name_note(place, id, note),
            None => {
                self.unnamed.push((place, note));
                Ok(())
            }
        }
    }

    fn name_note(&mut self, place: Place, id: NoteId, note: FreeNote) -> Result<(), NotationError> {
        match self.notes.insert(id, note) {
            Some(_) => Err(place.error(NotationReason::NoteExists(id))),
            None => Ok(()),
        }
    }

    /// Was there anything of a pattern?
    pub(super) fn is_empty(&self) -> bool {
        self.steps == 0 && self.notes.is_empty() && self.unnamed.is_empty()
    }

    /// The pattern. Text without a row of steps has a bar of rests.
    pub(super) fn finish(mut self, fresh: &mut FreshId) -> Result<Pattern, NotationError> {
        for (place, note) in std::mem::take(&mut self.unnamed) {
            self.name_note(place, NoteId(fresh()), note)?;
        }
        let mut pattern = self.pattern;
        for (step, pitch) in self.as_long {
            let length = pattern.step(step).length;
            pattern.chords.insert((step, pitch), length);
        }
        if let length @ 1.. = self.length.unwrap_or(self.steps) {
            pattern.length = PatternLength::clamped(length.into());
        }
        pattern.notes = Arc::new(self.notes.into_iter().collect());
        Ok(pattern)
    }
}
