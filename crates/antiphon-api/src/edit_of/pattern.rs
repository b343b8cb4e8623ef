//! Edits of one pattern: its steps, chords, locks, notes, and the tools over the whole of it.

use antiphon_model::{
    Block, Chance, Edit, FreeNote, Humanise, Micro, Name, NoteId, NoteLength, OrderKey, Pattern, PatternId,
    PatternLength, Percent, Pitch, Ratchet, Reshape, StepPatch, Track, Velocity, notation,
};

use super::{
    Planned, Planner, order_at, unused,
    values::{condition, id, name, narrow, param, quantise_grid, ranged, slip, speed, ticks},
};
use crate::{
    edits::{ChordEdit, EditCommand as C, Edited, LockEdit, NoteEdit, ReshapeTool, StepEdit},
    error::{ApiError, ErrorCode},
};

impl Planner<'_> {
    pub(super) fn pattern_edit(&mut self, command: C) -> Result<Planned, ApiError> {
        Ok(match command {
            C::SetPatternLength { track, pattern, length } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::SetPatternLength { track, pattern, length: ranged(PatternLength::new(length))? }.into()
            }
            C::SetSteps { track, pattern, steps } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::SetSteps { track, pattern, steps: all(&steps, step)? }.into()
            }
            C::ClearPattern { track, pattern } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::ClearPattern { track, pattern }.into()
            }
            C::SetChords { track, pattern, notes } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::SetChords { track, pattern, notes: all(&notes, chord)? }.into()
            }
            C::SetLocks { track, pattern, locks } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::SetLocks { track, pattern, locks: all(&locks, lock)? }.into()
            }
            C::SetNotes { track, pattern, notes } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                let notes = notes.iter().map(|edit| self.note(edit)).collect::<Result<_, _>>()?;
                Edit::SetNotes { track, pattern, notes }.into()
            }
            C::SetSpeed { track, pattern, speed: key } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::SetPatternSpeed { track, pattern, speed: speed(&key)? }.into()
            }
            C::SetHumanise { track, pattern, percent } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::SetHumanise { track, pattern, humanise: ranged(Humanise::new(percent))? }.into()
            }
            C::RenamePattern { track, pattern, name: text } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::RenamePattern { track, pattern, name: name(&text)? }.into()
            }
            C::Reshape { track, pattern, tool } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                Edit::Reshape { track, pattern, reshape: reshape(&tool)? }.into()
            }
            C::SetPatternText { track, pattern, text } => {
                let (track, pattern) = self.place(&track, pattern.as_deref())?;
                let content = notation::parse(&text, &mut *self.fresh).map_err(|error| slip(&error))?;
                Edit::SetPattern { track, pattern, content: Box::new(content) }.into()
            }
            C::CopyPattern { from_track, from_pattern, to_track, to_pattern } => {
                let from = self.place(&from_track, from_pattern.as_deref())?;
                let to = self.place(&to_track, to_pattern.as_deref())?;
                Edit::CopyPattern { from, to }.into()
            }
            C::AddPattern { track, like, name: named } => {
                self.add_pattern(&track, like.as_deref(), named.as_deref())?
            }
            C::RemovePattern { track, pattern } => {
                let (track, pattern) = self.place(&track, Some(&pattern))?;
                Edit::RemovePattern { track, pattern }.into()
            }
            _ => return Err(ApiError::new(ErrorCode::Internal, "this is no edit of a pattern")),
        })
    }

    fn note(&mut self, edit: &NoteEdit) -> Result<(NoteId, Option<FreeNote>), ApiError> {
        let known = edit.id.as_deref().map(id).transpose()?;
        let note = edit.note.as_ref().map(|note| {
            Ok::<_, ApiError>(FreeNote {
                start: ticks("the start", note.start_steps)?,
                length: ticks("the length", note.length_steps)?,
                pitch: ranged(Pitch::new(note.pitch))?,
                velocity: ranged(Velocity::new(note.velocity))?,
            })
        });
        Ok((known.unwrap_or_else(|| NoteId((self.fresh)())), note.transpose()?))
    }

    /// A new pattern at the end of its track.
    fn add_pattern(
        &mut self,
        track: &str,
        like: Option<&str>,
        named: Option<&str>,
    ) -> Result<Planned, ApiError> {
        let named = named.map(name).transpose()?;
        let found = self.track(track)?;
        let patterns = found.patterns_in_order();
        let orders: Vec<&OrderKey> = patterns.iter().map(|(_, pattern)| &pattern.order).collect();
        let order = order_at(&orders, orders.len());
        let named = named.unwrap_or_else(|| unused_letter(found));
        let content = match like {
            Some(like) => {
                let (_, like) = self.place(track, Some(like))?;
                let like = found.patterns.get(&like).map(|like| Pattern::clone(like));
                like.map(|like| Pattern { name: named.clone(), order: order.clone(), ..like })
            }
            None => None,
        };
        let like = Box::new(content.unwrap_or_else(|| Pattern::empty(named, order)));
        let track = found.id;
        let pattern = PatternId((self.fresh)());
        let made = Edited { pattern: Some(pattern.to_string()), ..Edited::default() };
        Ok(Planned { edit: Edit::AddPattern { track, pattern, like }, made })
    }
}

/// The first letter that no pattern of the track is called by; after Z, one with a number.
fn unused_letter(track: &Track) -> Name {
    let taken = track.patterns.values().map(|pattern| pattern.name.as_str());
    let letter = ('A'..='Z').map(String::from).find(|letter| taken.clone().all(|taken| taken != letter));
    Name::repaired(&letter.unwrap_or_else(|| unused("A".into(), taken)), "A")
}

fn all<T, U>(edits: &[T], read: impl Fn(&T) -> Result<U, ApiError>) -> Result<Vec<U>, ApiError> {
    edits.iter().map(read).collect()
}

fn step(edit: &StepEdit) -> Result<(u16, StepPatch), ApiError> {
    let patch = StepPatch {
        on: edit.on,
        velocity: edit.velocity.map(|value| ranged(Velocity::new(value))).transpose()?,
        pitch: edit.pitch.map(|value| ranged(Pitch::new(value))).transpose()?,
        length: edit.length.map(|value| ranged(NoteLength::new(value))).transpose()?,
        tie: edit.tie,
        micro: edit.micro.map(|value| ranged(Micro::new(value))).transpose()?,
        ratchet: edit.ratchet.map(|value| ranged(Ratchet::new(value))).transpose()?,
        chance: edit.chance.map(|value| ranged(Chance::new(value))).transpose()?,
        condition: edit.condition.as_deref().map(condition).transpose()?,
    };
    Ok((edit.step, patch))
}

fn chord(edit: &ChordEdit) -> Result<(u16, Pitch, Option<NoteLength>), ApiError> {
    let length = edit.length.map(|length| ranged(NoteLength::new(length))).transpose()?;
    Ok((edit.step, ranged(Pitch::new(edit.pitch))?, length))
}

fn lock(edit: &LockEdit) -> Result<(u16, antiphon_model::Param, Option<i16>), ApiError> {
    let param = param(&edit.param)?;
    Ok((edit.step, param, edit.value.map(|value| ranged(param.value(value))).transpose()?))
}

fn reshape(tool: &ReshapeTool) -> Result<Reshape, ApiError> {
    Ok(match tool {
        ReshapeTool::Euclid { hits, rotation } => Reshape::Euclid {
            hits: narrow("number of hits", *hits)?,
            rotation: narrow("rotation", *rotation)?,
        },
        ReshapeTool::Rotate { steps } => Reshape::Rotate { steps: narrow("number of steps", *steps)? },
        ReshapeTool::Invert => Reshape::Invert,
        ReshapeTool::Reverse => Reshape::Reverse,
        ReshapeTool::Mirror => Reshape::Mirror,
        ReshapeTool::Transpose { semitones } => {
            Reshape::Transpose { semitones: narrow("number of semitones", *semitones)? }
        }
        ReshapeTool::Quantise { grid, strength } => {
            Reshape::Quantise { grid: quantise_grid(grid)?, strength: ranged(Percent::new(*strength))? }
        }
        ReshapeTool::Block { colour, rhythm } => {
            Reshape::Block { colour: ranged(Block::new(*colour))?, rhythm: ranged(Block::new(*rhythm))? }
        }
    })
}
