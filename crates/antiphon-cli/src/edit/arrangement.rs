//! Scenes and the chain.

use antiphon_api::{
    edits::EditCommand,
    views::{Mode, SessionView},
};

use super::find;
use crate::{
    args::{ChainAct, SceneAct},
    failure::Failure,
    reach::find_track,
};

pub(super) fn scene(session: &SessionView, act: SceneAct) -> Result<EditCommand, Failure> {
    let id = |named: &str| find::scene(session, named).map(|scene| scene.id.clone());
    Ok(match act {
        SceneAct::Add { name } => EditCommand::AddScene { name, index: None },
        SceneAct::Remove { scene } => EditCommand::RemoveScene { scene: id(&scene)? },
        SceneAct::Rename { scene, name } => EditCommand::RenameScene { scene: id(&scene)?, name },
        SceneAct::Move { scene, place } => {
            EditCommand::MoveScene { scene: id(&scene)?, index: place.saturating_sub(1) }
        }
        SceneAct::Set { scene, track, pattern } => {
            let track = find_track(session, &track)?;
            let pattern = pattern.map(|pattern| find::pattern_of(track, &pattern)).transpose()?;
            EditCommand::SetSceneSlot {
                scene: id(&scene)?,
                track: track.id.clone(),
                pattern: pattern.map(|pattern| pattern.id.clone()),
            }
        }
        SceneAct::Launch { scene, quantum } => {
            EditCommand::LaunchScene { scene: id(&scene)?, quantum: quantum.map(super::grid) }
        }
    })
}

pub(super) fn chain(session: &SessionView, act: ChainAct) -> Result<EditCommand, Failure> {
    let scene = |named: &str| find::scene(session, named).map(|scene| scene.id.clone());
    let link = |place| find::link(session, place).map(|link| link.id.clone());
    Ok(match act {
        ChainAct::Add { scene: named, bars, place } => {
            let index = place.map(|place| place.saturating_sub(1));
            EditCommand::AddLink { scene: scene(&named)?, bars, index }
        }
        ChainAct::Set { place, scene: named, bars } => {
            let scene = named.map(|named| scene(&named)).transpose()?;
            EditCommand::SetLink { link: link(place)?, scene, bars }
        }
        ChainAct::Move { place, to } => {
            EditCommand::MoveLink { link: link(place)?, index: to.saturating_sub(1) }
        }
        ChainAct::Remove { place } => EditCommand::RemoveLink { link: link(place)? },
        ChainAct::On => EditCommand::SetPlayMode { mode: Mode::Chain, quantum: None },
        ChainAct::Off => EditCommand::SetPlayMode { mode: Mode::Live, quantum: None },
    })
}
