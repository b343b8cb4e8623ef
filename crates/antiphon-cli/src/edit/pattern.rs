//! Changes inside a pattern, and of a track's patterns as wholes.

use antiphon_api::{
    ErrorCode,
    edits::{ChordEdit, EditCommand, LockEdit, NoteEdit, NotePlace, ReshapeTool, SlotEdit, StepEdit},
    views::{NoteView, SessionView},
};
use clap::ValueEnum;

use super::find;
use crate::{
    args::{At, Change, PatternAct, StepValues, Tool},
    failure::Failure,
    reach::find_track,
};

/// Free notes that start this near to the place that was named are meant, in steps.
const NEAR_STEPS: f64 = 1.0 / 128.0;

pub(super) fn command(session: &SessionView, change: Change) -> Result<EditCommand, Failure> {
    let place = |at: &At| place(session, at);
    Ok(match change {
        Change::Step { at, steps, values } => {
            let (track, pattern) = place(&at)?;
            let steps = steps.iter().map(|number| step(number - 1, &values)).collect();
            EditCommand::SetSteps { track, pattern, steps }
        }
        Change::Chord { at, step, pitches, length, off } => {
            let (track, pattern) = place(&at)?;
            let note = |pitch| ChordEdit { step: step - 1, pitch, length: (!off).then_some(length) };
            EditCommand::SetChords { track, pattern, notes: pitches.into_iter().map(note).collect() }
        }
        Change::Lock { at, param, value, steps } => {
            let (track, pattern) = place(&at)?;
            EditCommand::SetLocks { track, pattern, locks: locks(&steps, &param, Some(value)) }
        }
        Change::Unlock { at, param, steps } => {
            let (track, pattern) = place(&at)?;
            EditCommand::SetLocks { track, pattern, locks: locks(&steps, &param, None) }
        }
        Change::Note { at, place: named, length, pitch, velocity, off } => {
            // People count steps from one.
            let start = named - 1.0;
            let (track, pattern) = place(&at)?;
            let notes = match off {
                true => removals(session, &at, start, pitch)?,
                false => {
                    let note = NotePlace { start_steps: start, length_steps: length, pitch, velocity };
                    vec![NoteEdit { id: None, note: Some(note) }]
                }
            };
            EditCommand::SetNotes { track, pattern, notes }
        }
        Change::Length { at, steps } => {
            let (track, pattern) = place(&at)?;
            EditCommand::SetPatternLength { track, pattern, length: steps }
        }
        Change::Speed { at, speed } => {
            let (track, pattern) = place(&at)?;
            EditCommand::SetSpeed { track, pattern, speed }
        }
        Change::Humanise { at, percent } => {
            let (track, pattern) = place(&at)?;
            EditCommand::SetHumanise { track, pattern, percent }
        }
        Change::Clear { at } => {
            let (track, pattern) = place(&at)?;
            EditCommand::ClearPattern { track, pattern }
        }
        Change::Copy { from, to, from_pattern, to_pattern } => {
            let (from_track, from_pattern) = place(&At { track: from, pattern: from_pattern })?;
            let (to_track, to_pattern) = place(&At { track: to, pattern: to_pattern })?;
            EditCommand::CopyPattern { from_track, from_pattern, to_track, to_pattern }
        }
        Change::Tool(tool) => {
            let (at, tool) = reshape(tool);
            let (track, pattern) = place(&at)?;
            EditCommand::Reshape { track, pattern, tool }
        }
        Change::Pattern(act) => whole(session, act)?,
        _ => unreachable!("edits outside patterns were taken before"),
    })
}

/// The ids of a track and of the pattern that is named, if one is.
fn place(session: &SessionView, at: &At) -> Result<(String, Option<String>), Failure> {
    let track = find_track(session, &at.track)?;
    let pattern = at.pattern.as_deref().map(|named| find::pattern_of(track, named)).transpose()?;
    Ok((track.id.clone(), pattern.map(|pattern| pattern.id.clone())))
}

fn step(step: u16, values: &StepValues) -> StepEdit {
    StepEdit {
        step,
        on: Some(!values.off),
        velocity: values.velocity,
        pitch: values.pitch,
        length: values.length,
        tie: values.tie,
        micro: values.micro,
        ratchet: values.ratchet,
        chance: values.chance,
        condition: values.condition.clone(),
    }
}

fn locks(steps: &[u16], param: &str, value: Option<i64>) -> Vec<LockEdit> {
    steps.iter().map(|number| LockEdit { step: number - 1, param: param.to_owned(), value }).collect()
}

/// The free notes at a place, each taken away.
fn removals(session: &SessionView, at: &At, start: f64, pitch: i64) -> Result<Vec<NoteEdit>, Failure> {
    let track = find_track(session, &at.track)?;
    let pattern = find::pattern_of(track, at.pattern.as_deref().unwrap_or(&track.pattern))?;
    let meant =
        |note: &&NoteView| (note.start_steps - start).abs() <= NEAR_STEPS && i64::from(note.pitch) == pitch;
    let gone = |note: &NoteView| NoteEdit { id: Some(note.id.clone()), note: None };
    let notes: Vec<_> = pattern.notes.iter().filter(meant).map(gone).collect();
    match notes.is_empty() {
        false => Ok(notes),
        true => Err(Failure::new(
            ErrorCode::NotFound,
            format!("no note of pitch {pitch} starts at step {}", start + 1.0),
        )
        .next(format!("`antiphon text {:?}` shows what is there", track.name))),
    }
}

fn reshape(tool: Tool) -> (At, ReshapeTool) {
    match tool {
        Tool::Euclid { at, hits, rotation } => (at, ReshapeTool::Euclid { hits, rotation }),
        Tool::Rotate { at, steps } => (at, ReshapeTool::Rotate { steps }),
        Tool::Invert { at } => (at, ReshapeTool::Invert),
        Tool::Reverse { at } => (at, ReshapeTool::Reverse),
        Tool::Mirror { at } => (at, ReshapeTool::Mirror),
        Tool::Transpose { at, semitones } => (at, ReshapeTool::Transpose { semitones }),
        Tool::Quantise { at, grid, strength } => {
            let key = grid.to_possible_value().map(|value| value.get_name().to_owned());
            (at, ReshapeTool::Quantise { grid: key.unwrap_or_default(), strength })
        }
        // People count from one.
        Tool::Block { at, colour, rhythm } => {
            (at, ReshapeTool::Block { colour: colour - 1, rhythm: rhythm - 1 })
        }
    }
}

fn whole(session: &SessionView, act: PatternAct) -> Result<EditCommand, Failure> {
    let pattern = |track: &str, named: &str| {
        let track = find_track(session, track)?;
        Ok::<_, Failure>((track.id.clone(), find::pattern_of(track, named)?.id.clone()))
    };
    Ok(match act {
        PatternAct::Add { track, name, like } => {
            let (track, like) = place(session, &At { track, pattern: like })?;
            EditCommand::AddPattern { track, like, name }
        }
        PatternAct::Remove { track, pattern: named } => {
            let (track, pattern) = pattern(&track, &named)?;
            EditCommand::RemovePattern { track, pattern }
        }
        PatternAct::Rename { track, pattern: named, name } => {
            let (track, pattern) = pattern(&track, &named)?;
            EditCommand::RenamePattern { track, pattern: Some(pattern), name }
        }
        PatternAct::Launch { track, pattern: named, quantum } => {
            let (track, pattern) = pattern(&track, &named)?;
            EditCommand::Launch {
                slots: vec![SlotEdit { track, pattern }],
                quantum: quantum.map(super::grid),
            }
        }
    })
}
