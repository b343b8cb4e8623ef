//! Edits of scenes and of the chain.

use antiphon_model::{Edit, LinkId, PatternId, SceneId, Song};

use super::{NOT_SET, Write, Writes, int, text};
use crate::{raw::Scalar, schema};

pub(super) fn of_scene_edit(edit: &Edit, song: &Song) -> Writes {
    let name_of = |scene: &SceneId| {
        song.scene(*scene).map_or_else(|_| "a scene".to_owned(), |scene| scene.name.as_str().to_owned())
    };
    match edit {
        Edit::AddScene { scene, name, order, slots } => {
            let mut writes = vec![
                of_scene(*scene, schema::NAME, text(name.as_str())),
                of_scene(*scene, schema::ORDER, text(order.as_str())),
                of_scene(*scene, schema::DELETED, Scalar::Bool(false)),
            ];
            let slots = slots.iter().map(|(track, pattern)| (track.to_string(), Some(*pattern)));
            let slots = slots.map(|(track, pattern)| of_scene(*scene, &track, slot(pattern)));
            writes.extend(super::last_of_each(slots));
            added(format!("scene {}", name.as_str()), schema::SCENES, scene.to_string(), writes)
        }
        Edit::RemoveScene { scene } => {
            let write = of_scene(*scene, schema::DELETED, Scalar::Bool(true));
            Writes::of(format!("removal of scene {}", name_of(scene)), vec![write])
        }
        Edit::RenameScene { scene, name } => {
            let write = of_scene(*scene, schema::NAME, text(name.as_str()));
            Writes::of(format!("name of scene {}", name_of(scene)), vec![write])
        }
        Edit::MoveScene { scene, order } => {
            let write = of_scene(*scene, schema::ORDER, text(order.as_str()));
            Writes::of(format!("place of scene {}", name_of(scene)), vec![write])
        }
        Edit::SetSceneSlot { scene, track, pattern } => {
            let write = of_scene(*scene, &track.to_string(), slot(*pattern));
            let label = format!("{} in scene {}", super::track_name(song, *track), name_of(scene));
            Writes::of(label, vec![write])
        }
        _ => Writes::nothing(),
    }
}

pub(super) fn of_link_edit(edit: &Edit, song: &Song) -> Writes {
    let name_of = |scene: SceneId| song.scene(scene).map_or("a scene", |scene| scene.name.as_str());
    let name_of_link = |link: &LinkId| song.link(*link).map_or("a scene", |link| name_of(link.scene));
    match edit {
        Edit::AddLink { link, scene, bars, order } => {
            let writes = vec![
                of_link(*link, schema::SCENE, text(&scene.to_string())),
                of_link(*link, schema::BARS, int(bars.get())),
                of_link(*link, schema::ORDER, text(order.as_str())),
                of_link(*link, schema::DELETED, Scalar::Bool(false)),
            ];
            added(format!("{} in the chain", name_of(*scene)), schema::CHAIN, link.to_string(), writes)
        }
        Edit::SetLink { link, scene, bars, order } => {
            let fields = [
                (schema::SCENE, scene.map(|scene| text(&scene.to_string()))),
                (schema::BARS, bars.map(|bars| int(bars.get()))),
                (schema::ORDER, order.as_ref().map(|order| text(order.as_str()))),
            ];
            let writes = fields.into_iter().filter_map(|(key, value)| Some(of_link(*link, key, value?)));
            Writes::of(format!("{} in the chain", name_of_link(link)), writes.collect())
        }
        Edit::RemoveLink { link } => {
            let write = of_link(*link, schema::DELETED, Scalar::Bool(true));
            Writes::of(format!("removal of {} from the chain", name_of_link(link)), vec![write])
        }
        _ => Writes::nothing(),
    }
}

fn added(label: String, root: &str, key: String, writes: Vec<Write>) -> Writes {
    let added = Some(vec![root.to_owned(), key.clone()]);
    Writes { label, makes: vec![(vec![root.to_owned()], key)], writes, can_undo: true, added }
}

fn slot(pattern: Option<PatternId>) -> Scalar {
    pattern.map_or(NOT_SET, |pattern| text(&pattern.to_string()))
}

fn of_scene(scene: SceneId, key: &str, value: Scalar) -> Write {
    Write { path: vec![schema::SCENES.to_owned(), scene.to_string()], key: key.into(), value }
}

fn of_link(link: LinkId, key: &str, value: Scalar) -> Write {
    Write { path: vec![schema::CHAIN.to_owned(), link.to_string()], key: key.into(), value }
}
