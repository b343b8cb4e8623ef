//! Edits of what plays when: launches, scenes and the chain.

use antiphon_model::{Bars, Edit, LinkId, OrderKey, PatternId, SceneId, TrackId};

use super::{
    Planned, Planner, order_at, unused,
    values::{id, invalid, name, quantum, ranged},
};
use crate::{
    edits::{EditCommand as C, Edited, SlotEdit},
    error::{ApiError, ErrorCode},
    views::Quantum,
};

impl Planner<'_> {
    pub(super) fn scene_edit(&mut self, command: C) -> Result<Planned, ApiError> {
        Ok(match command {
            C::Launch { slots, quantum: wanted } => {
                let slot = |slot: &SlotEdit| self.place(&slot.track, Some(&slot.pattern));
                let patterns = slots.iter().map(slot).collect::<Result<_, _>>()?;
                Edit::Launch { patterns, at: None, quantum: wanted.map(quantum) }.into()
            }
            C::LaunchScene { scene, quantum } => self.launch_scene(&scene, quantum)?,
            C::AddScene { name: named, index } => self.add_scene(named.as_deref(), index)?,
            C::RemoveScene { scene } => Edit::RemoveScene { scene: id(&scene)? }.into(),
            C::RenameScene { scene, name: text } => {
                Edit::RenameScene { scene: id(&scene)?, name: name(&text)? }.into()
            }
            C::MoveScene { scene, index } => {
                let scene: SceneId = id(&scene)?;
                Edit::MoveScene { scene, order: self.scene_order(index as usize, Some(scene)) }.into()
            }
            C::SetSceneSlot { scene, track, pattern } => {
                let track_id: TrackId = id(&track)?;
                let pattern = pattern.map(|pattern| self.place(&track, Some(&pattern))).transpose()?;
                let pattern = pattern.map(|(_, pattern)| pattern);
                Edit::SetSceneSlot { scene: id(&scene)?, track: track_id, pattern }.into()
            }
            C::AddLink { scene, bars, index } => {
                let order = self.link_order(index.map_or(usize::MAX, |index| index as usize), None);
                let link = LinkId((self.fresh)());
                let edit = Edit::AddLink { link, scene: id(&scene)?, bars: ranged(Bars::new(bars))?, order };
                let made = Edited { link: Some(link.to_string()), ..Edited::default() };
                Planned { edit, made }
            }
            C::SetLink { link, scene, bars } => {
                let scene = scene.as_deref().map(id).transpose()?;
                let bars = bars.map(|bars| ranged(Bars::new(bars))).transpose()?;
                Edit::SetLink { link: id(&link)?, scene, bars, order: None }.into()
            }
            C::MoveLink { link, index } => {
                let link: LinkId = id(&link)?;
                let order = Some(self.link_order(index as usize, Some(link)));
                Edit::SetLink { link, scene: None, bars: None, order }.into()
            }
            C::RemoveLink { link } => Edit::RemoveLink { link: id(&link)? }.into(),
            _ => return Err(ApiError::new(ErrorCode::Internal, "this is no edit of scenes")),
        })
    }

    fn launch_scene(&self, scene: &str, wanted: Option<Quantum>) -> Result<Planned, ApiError> {
        let scene: SceneId = id(scene)?;
        let scene = self.song.scene(scene).map_err(|error| {
            ApiError::new(ErrorCode::NotFound, error.to_string()).next("look at the scenes again")
        })?;
        let patterns: Vec<(TrackId, PatternId)> =
            scene.slots.iter().map(|(track, slot)| (*track, *slot)).collect();
        if patterns.is_empty() {
            return Err(invalid(format!("scene {:?} names no pattern", scene.name.as_str()))
                .next("give one of its tracks a pattern first"));
        }
        Ok(Edit::Launch { patterns, at: None, quantum: wanted.map(quantum) }.into())
    }

    /// A scene of what every track was launched to.
    fn add_scene(&mut self, named: Option<&str>, index: Option<u32>) -> Result<Planned, ApiError> {
        let taken = self.song.scenes.iter().map(|scene| scene.name.as_str());
        let made_up = || unused(format!("Scene {}", self.song.scenes.len() + 1), taken);
        let name = name(&named.map_or_else(made_up, str::to_owned))?;
        let order = self.scene_order(index.map_or(usize::MAX, |index| index as usize), None);
        let slots = self.song.tracks.iter().map(|track| (track.id, track.current.to)).collect();
        let scene = SceneId((self.fresh)());
        let made = Edited { scene: Some(scene.to_string()), ..Edited::default() };
        Ok(Planned { edit: Edit::AddScene { scene, name, order, slots }, made })
    }

    fn scene_order(&self, index: usize, moving: Option<SceneId>) -> OrderKey {
        let others = self.song.scenes.iter().filter(|scene| Some(scene.id) != moving);
        order_at(&others.map(|scene| &scene.order).collect::<Vec<_>>(), index)
    }

    fn link_order(&self, index: usize, moving: Option<LinkId>) -> OrderKey {
        let others = self.song.chain.iter().filter(|link| Some(link.id) != moving);
        order_at(&others.map(|link| &link.order).collect::<Vec<_>>(), index)
    }
}
