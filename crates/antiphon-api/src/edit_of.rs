//! Commands of the interface as edits of the model: every number is checked here, once.

use std::str::FromStr;

use antiphon_model::{
    Colour, Edit, Gain, Name, NoteLength, Pan, ParseIdError, PatternId, PatternLength, Pitch, RangeError,
    Song, Sound, StepPatch, StripPatch, Swing, TrackId, Velocity,
};
use antiphon_timeline::Tempo;

use crate::{
    commands::{EditCommand, StepEdit},
    error::{ApiError, ErrorCode},
};

/// Reads an id.
pub(crate) fn id<T: FromStr<Err = ParseIdError>>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error: ParseIdError| ApiError::new(ErrorCode::BadRequest, error.to_string()))
}

/// Reads a name.
pub(crate) fn name(text: &str) -> Result<Name, ApiError> {
    Name::new(text)
        .map_err(|error| ApiError::new(ErrorCode::Invalid, error.to_string()).next("choose another name"))
}

/// Reads a sound.
pub(crate) fn sound(text: &str) -> Result<Sound, ApiError> {
    text.parse::<Sound>().map_err(|error| {
        ApiError::new(ErrorCode::Invalid, error.to_string()).next("choose one of those, such as drum:kick")
    })
}

/// Reads a gain in dB.
pub(crate) fn gain(db: f64) -> Result<Gain, ApiError> {
    let hundredths = if db.is_finite() { (db * 100.0).round() as i64 } else { i64::MAX };
    Gain::new(hundredths).map_err(|_| {
        ApiError::new(ErrorCode::Invalid, format!("a gain of {db} dB is outside -60 to 6"))
            .next("choose one between them")
    })
}

/// A number in its range, or the refusal that names it.
pub(crate) fn ranged<T>(checked: Result<T, RangeError>) -> Result<T, ApiError> {
    checked.map_err(|error| {
        ApiError::new(ErrorCode::Invalid, error.to_string()).next("choose a value in that range")
    })
}

/// The edit of the open song that a command stands for. Adding a track is not one: it needs fresh ids.
pub(crate) fn edit(song: &Song, command: EditCommand) -> Result<Edit, ApiError> {
    Ok(match command {
        EditCommand::RenameSession { name: text } => Edit::RenameSession { name: name(&text)? },
        EditCommand::SetTempo { bpm } => {
            let tempo = Tempo::from_bpm(bpm);
            let tempo = tempo.map_err(|error| {
                ApiError::new(ErrorCode::Invalid, error.to_string()).next("choose a tempo between them")
            })?;
            Edit::SetTempo { tempo }
        }
        EditCommand::SetSwing { percent } => Edit::SetSwing { swing: ranged(Swing::new(percent))? },
        EditCommand::SetMaster { db } => Edit::SetMaster { gain: gain(db)? },
        EditCommand::AddTrack { .. } => {
            return Err(ApiError::new(ErrorCode::Internal, "adding a track is not a plain edit"));
        }
        EditCommand::RemoveTrack { track } => Edit::RemoveTrack { track: id(&track)? },
        EditCommand::RenameTrack { track, name: text } => {
            Edit::RenameTrack { track: id(&track)?, name: name(&text)? }
        }
        EditCommand::SetTrackColour { track, colour } => {
            Edit::SetTrackColour { track: id(&track)?, colour: ranged(Colour::new(colour))? }
        }
        EditCommand::MoveTrack { track, index } => {
            let track = id(&track)?;
            Edit::MoveTrack { track, order: song.order_at(index as usize, Some(track)) }
        }
        EditCommand::SetSound { track, sound: text } => {
            Edit::SetSound { track: id(&track)?, sound: sound(&text)? }
        }
        EditCommand::SetStrip { track, gain_db, pan, mute, solo } => {
            let strip = StripPatch {
                gain: gain_db.map(gain).transpose()?,
                pan: pan.map(|pan| ranged(Pan::new(pan))).transpose()?,
                mute,
                solo,
            };
            Edit::SetStrip { track: id(&track)?, strip }
        }
        EditCommand::SetPatternLength { track, length } => {
            let (track, pattern) = current(song, &track)?;
            Edit::SetPatternLength { track, pattern, length: ranged(PatternLength::new(length))? }
        }
        EditCommand::SetSteps { track, steps } => {
            let (track, pattern) = current(song, &track)?;
            Edit::SetSteps { track, pattern, steps: steps.iter().map(step).collect::<Result<_, _>>()? }
        }
        EditCommand::ClearPattern { track } => {
            let (track, pattern) = current(song, &track)?;
            Edit::ClearPattern { track, pattern }
        }
    })
}

/// A track and the pattern of it that is on screen.
fn current(song: &Song, track: &str) -> Result<(TrackId, PatternId), ApiError> {
    let track: TrackId = id(track)?;
    let found = song.track(track).ok_or_else(|| {
        ApiError::new(ErrorCode::NotFound, format!("there is no track {track}"))
            .next("a peer may have removed it; undo brings it back there")
    })?;
    Ok((track, found.current.to))
}

fn step(edit: &StepEdit) -> Result<(u16, StepPatch), ApiError> {
    let patch = StepPatch {
        on: edit.on,
        velocity: edit.velocity.map(|value| ranged(Velocity::new(value))).transpose()?,
        pitch: edit.pitch.map(|value| ranged(Pitch::new(value))).transpose()?,
        length: edit.length.map(|value| ranged(NoteLength::new(value))).transpose()?,
        ..StepPatch::default()
    };
    Ok((edit.step, patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gain_that_is_no_number_is_refused() {
        for db in [f64::NAN, f64::INFINITY, -f64::INFINITY, 6.01, -60.01, 1e300] {
            assert!(gain(db).is_err(), "{db}");
        }
        assert_eq!(gain(-2.0).unwrap(), Gain::TRACK_DEFAULT);
    }

    #[test]
    fn a_value_outside_its_range_is_refused_with_the_range() {
        let edit = StepEdit { step: 0, on: None, velocity: Some(128), pitch: None, length: None };
        assert_eq!(step(&edit).unwrap_err().message, "velocity 128 is outside 1 to 127");
    }
}
