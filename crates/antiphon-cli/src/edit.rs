//! `antiphon edit`: one change of the open session.

use antiphon_api::commands::{EditCommand, Edited, StepEdit};
use antiphon_api::views::SessionView;

use crate::{
    args::Change,
    failure::Failure,
    reach::{Reach, find_track, print_json},
};

pub async fn edit(reach: &Reach, named: Option<String>, change: Change, json: bool) -> Result<(), Failure> {
    let session = reach.session(named).await?;
    let label = match change {
        Change::Undo => reach.call::<Option<String>>("undo", ()).await?,
        Change::Redo => reach.call::<Option<String>>("redo", ()).await?,
        change => {
            let edited: Edited = reach.call("edit", command(&session, change)?).await?;
            if json {
                return print_json(&edited);
            }
            Some(edited.label)
        }
    };
    if json {
        return print_json(&label);
    }
    println!("{}", label.as_deref().unwrap_or("nothing to do"));
    Ok(())
}

/// The wire form of a change, its tracks found by name.
fn command(session: &SessionView, change: Change) -> Result<EditCommand, Failure> {
    let id = |track: &str| find_track(session, track).map(|track| track.id.clone());
    Ok(match change {
        Change::Name { name } => EditCommand::RenameSession { name },
        Change::Tempo { bpm } => EditCommand::SetTempo { bpm },
        Change::Swing { percent } => EditCommand::SetSwing { percent },
        Change::Master { db } => EditCommand::SetMaster { db },
        Change::Add { sound, name } => EditCommand::AddTrack { sound, name, index: None },
        Change::Remove { track } => EditCommand::RemoveTrack { track: id(&track)? },
        Change::Rename { track, name } => EditCommand::RenameTrack { track: id(&track)?, name },
        Change::Move { track, place } => {
            EditCommand::MoveTrack { track: id(&track)?, index: place.saturating_sub(1) }
        }
        Change::Sound { track, sound } => EditCommand::SetSound { track: id(&track)?, sound },
        Change::Length { track, steps } => {
            EditCommand::SetPatternLength { track: id(&track)?, length: steps }
        }
        Change::Clear { track } => EditCommand::ClearPattern { track: id(&track)? },
        Change::Strip { track, gain_db, pan, mute, solo } => {
            EditCommand::SetStrip { track: id(&track)?, gain_db, pan, mute, solo }
        }
        Change::Step { track, steps, off, velocity, pitch, length } => {
            let edit = |number: &u16| StepEdit { step: number - 1, on: Some(!off), velocity, pitch, length };
            EditCommand::SetSteps { track: id(&track)?, steps: steps.iter().map(edit).collect() }
        }
        Change::Undo | Change::Redo => unreachable!("not edits of their own"),
    })
}
