//! The repair of scenes and of the chain. What they name may come and go: that is settled when a song is assembled.

use std::collections::BTreeMap;

use antiphon_model::{Bars, Link, LinkId, Name, Scene, SceneId};

use super::{id, is_deleted, order};
use crate::{
    raw::{Entry, RawMap, RawSong, Scalar},
    schema,
};

/// Every scene that is not deleted, with all slots that anybody gave it.
pub(super) fn scenes(raw: &RawSong) -> BTreeMap<SceneId, Scene> {
    let maps = raw.map(schema::SCENES).into_iter().flat_map(RawMap::maps);
    let live = maps.filter(|(_, map)| !is_deleted(map));
    live.filter_map(|(key, map)| {
        let id = id(key)?;
        Some((id, scene(id, map)))
    })
    .collect()
}

fn scene(scene: SceneId, map: &RawMap) -> Scene {
    let slots = map.entries().filter_map(|(key, entry)| match entry {
        Entry::Scalar(Scalar::Text(pattern)) => Some((id(key)?, id(pattern)?)),
        _ => None,
    });
    Scene {
        id: scene,
        name: Name::repaired(map.text(schema::NAME).unwrap_or_default(), "Scene"),
        order: order(map),
        slots: slots.collect(),
    }
}

/// Every link that is not deleted and names a scene, whether or not that is there.
pub(super) fn links(raw: &RawSong) -> BTreeMap<LinkId, Link> {
    let maps = raw.map(schema::CHAIN).into_iter().flat_map(RawMap::maps);
    let live = maps.filter(|(_, map)| !is_deleted(map));
    live.filter_map(|(key, map)| {
        let link = Link {
            id: id(key)?,
            scene: map.text(schema::SCENE).and_then(id)?,
            bars: map.int(schema::BARS).map_or(Bars::DEFAULT, Bars::clamped),
            order: order(map),
        };
        Some((link.id, link))
    })
    .collect()
}
