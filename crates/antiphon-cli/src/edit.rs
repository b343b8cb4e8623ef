//! `antiphon edit`: one change of the open session.

mod arrangement;
mod find;
mod pattern;

use antiphon_api::{
    edits::{EditCommand, Edited},
    views::{GrooveView, Quantum, SessionView},
};

use crate::{
    args::{Change, LaunchGrid, Pulse, Switch, When},
    failure::Failure,
    reach::{Reach, find_track, print_json},
};

pub use find::{number, pattern_of, track_id};

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

/// The wire form of a change, what it names found by name.
fn command(session: &SessionView, change: Change) -> Result<EditCommand, Failure> {
    let id = |track: &str| track_id(session, track);
    Ok(match change {
        Change::Name { name } => EditCommand::RenameSession { name },
        Change::Pulse(change) => pulse(change),
        Change::Swing { percent, track } => swing(session, &percent, track.as_deref())?,
        Change::Groove { template, amount, track } => match track {
            None => EditCommand::SetGroove { groove: GrooveView { template, amount } },
            Some(track) => {
                let groove = (template != FOLLOW).then_some(GrooveView { template, amount });
                EditCommand::SetTrackGroove { track: id(&track)?, groove }
            }
        },
        Change::Master { db } => EditCommand::SetMaster { db },
        Change::Reroll => EditCommand::Reroll,
        Change::Fill { switch, quantum } => {
            EditCommand::SetFill { on: switch == Switch::On, quantum: quantum.map(grid) }
        }
        Change::Add { sound, name } => EditCommand::AddTrack { sound, name, index: None },
        Change::Remove { track } => EditCommand::RemoveTrack { track: id(&track)? },
        Change::Rename { track, name } => EditCommand::RenameTrack { track: id(&track)?, name },
        Change::Move { track, place } => {
            EditCommand::MoveTrack { track: id(&track)?, index: place.saturating_sub(1) }
        }
        Change::Sound { track, sound } => EditCommand::SetSound { track: id(&track)?, sound },
        Change::Strip { track, gain_db, pan, mute, solo } => {
            EditCommand::SetStrip { track: id(&track)?, gain_db, pan, mute, solo }
        }
        Change::Trigger { track, mode } => EditCommand::SetTrigger { track: id(&track)?, trigger: mode },
        Change::Choke { track, group } => EditCommand::SetChoke { track: id(&track)?, group },
        Change::Param { track, param, value } => EditCommand::SetParam { track: id(&track)?, param, value },
        Change::Scene(act) => arrangement::scene(session, act)?,
        Change::Chain(act) => arrangement::chain(session, act)?,
        inside => pattern::command(session, inside)?,
    })
}

fn pulse(change: Pulse) -> EditCommand {
    match change {
        Pulse::Tempo { bpm, over } => EditCommand::SetTempo { bpm, ramp_seconds: over },
        Pulse::Meter { meter: (beats, unit) } => EditCommand::SetMeter { beats, unit },
        Pulse::Quantum { grid: wanted } => EditCommand::SetQuantum { quantum: grid(wanted) },
        Pulse::EditsAt { when } => EditCommand::SetEditsAtBar { on: when == When::Bar },
    }
}

fn grid(grid: LaunchGrid) -> Quantum {
    match grid {
        LaunchGrid::Now => Quantum::Now,
        LaunchGrid::Beat => Quantum::Beat,
        LaunchGrid::Bar => Quantum::Bar,
        LaunchGrid::FourBars => Quantum::FourBars,
    }
}

/// What a track is told to follow the session again with.
const FOLLOW: &str = "session";

fn swing(session: &SessionView, percent: &str, track: Option<&str>) -> Result<EditCommand, Failure> {
    match track {
        None => Ok(EditCommand::SetSwing { percent: number(percent)? }),
        Some(track) => {
            let track = find_track(session, track)?.id.clone();
            let percent = (percent != FOLLOW).then(|| number(percent)).transpose()?;
            Ok(EditCommand::SetTrackSwing { track, percent })
        }
    }
}
