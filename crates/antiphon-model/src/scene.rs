//! Scenes and the chain: which pattern every track plays together, and in which order.

use std::collections::BTreeMap;

use crate::{
    ids::{LinkId, PatternId, SceneId, TrackId},
    song::OrderKey,
    values::{Bars, Name},
};

/// Patterns that are launched together: a verse, a chorus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    pub id: SceneId,
    pub name: Name,
    /// Fractional index: scenes are shown by (order, id).
    pub order: OrderKey,
    /// Only tracks and patterns that the song has. A track that is not named goes on with its own pattern.
    pub slots: BTreeMap<TrackId, PatternId>,
}

/// A scene's place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub id: LinkId,
    /// One of the song's scenes.
    pub scene: SceneId,
    /// For how many bars.
    pub bars: Bars,
    /// Fractional index: links play by (order, id).
    pub order: OrderKey,
}

/// What decides which pattern a track plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PlayMode {
    /// What was launched last.
    #[default]
    Live,
    /// The chain, from tick 0 on, over and over. An empty chain leaves it to what was launched.
    Chain,
}

impl PlayMode {
    /// The name in documents and on the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Chain => "chain",
        }
    }

    /// The mode called `key`.
    pub fn of_key(key: &str) -> Option<Self> {
        [Self::Live, Self::Chain].into_iter().find(|mode| mode.key() == key)
    }
}
