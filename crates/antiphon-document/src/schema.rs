//! The shape of the document: maps only, every one made together with what it belongs to.
//!
//! ```text
//! meta/{schema, name, created_at, tempo, meter, quantum, edits_at_bar, swing, master, seed, groove, fill, mode}
//! tracks/{track}/{name, sound, colour, order, current, deleted, swing, groove, trigger, choke}
//! tracks/{track}/mixer/{gain, pan, mute, solo, <param>}
//! tracks/{track}/effects/{effect}/...
//! tracks/{track}/patterns/{pattern}/{name, order, length, speed, humanise, deleted}
//! tracks/{track}/patterns/{pattern}/steps/{page 0..f}/{step}{o|v|p|l|t|m|r|c|i}
//! tracks/{track}/patterns/{pattern}/steps/{page 0..f}/{step}n{pitch}
//! tracks/{track}/patterns/{pattern}/locks/{page 0..f}/{step}{param}
//! tracks/{track}/patterns/{pattern}/notes/{shard 0..3f}/{note} and {note}{s|l|p|v|d}
//! scenes/{scene}/{name, order, deleted, <track>}
//! chain/{link}/{scene, bars, order, deleted}
//! samples/{blake3}/{name, frames, channels, bytes}
//! transport/{page 0..f}/{timebase}.{operation} = bytes
//! ```
//!
//! What can be taken away again (a chord note, a lock, a parameter, a slot, a track's own swing) is then `false`: a
//! value of another type than its own says "not set", and nothing is ever deleted but by an undo.
//!
//! Automerge walks every operation ever made in the object that a change touches, so objects stay small:
//! hence the pages and shards. Two peers who make the same child map at the same time hide one another's
//! edits, hence the rule that whoever adds a track makes all of its maps in that same change, and nobody
//! makes one later. Nothing that others may be editing is ever deleted; it is marked `deleted`.

use antiphon_model::limits::{STEPS_MAX, STEPS_PER_PAGE};

use crate::limits::NOTE_SHARDS;

/// The version this crate writes. A document of a newer one is read as far as it is understood.
///
/// 1: steps and strips. 2: the whole sequencer; only a session that began with it has room for scenes and a chain. 3:
/// meter, quantum and edits at bars, whose keys an older session takes too; switches on any sixteenth.
pub const SCHEMA_VERSION: i64 = 3;

pub(crate) const META: &str = "meta";
pub(crate) const TRACKS: &str = "tracks";
pub(crate) const SAMPLES: &str = "samples";
pub(crate) const TRANSPORT: &str = "transport";
pub(crate) const SCENES: &str = "scenes";
pub(crate) const CHAIN: &str = "chain";
pub(crate) const PATTERNS: &str = "patterns";
pub(crate) const MIXER: &str = "mixer";
pub(crate) const EFFECTS: &str = "effects";
pub(crate) const STEPS: &str = "steps";
pub(crate) const LOCKS: &str = "locks";
pub(crate) const NOTES: &str = "notes";

pub(crate) const SCHEMA: &str = "schema";
pub(crate) const NAME: &str = "name";
pub(crate) const CREATED_AT: &str = "created_at";
pub(crate) const TEMPO: &str = "tempo";
pub(crate) const METER: &str = "meter";
pub(crate) const QUANTUM: &str = "quantum";
pub(crate) const EDITS_AT_BAR: &str = "edits_at_bar";
pub(crate) const SWING: &str = "swing";
pub(crate) const MASTER: &str = "master";
pub(crate) const SOUND: &str = "sound";
pub(crate) const COLOUR: &str = "colour";
pub(crate) const ORDER: &str = "order";
pub(crate) const CURRENT: &str = "current";
pub(crate) const DELETED: &str = "deleted";
pub(crate) const LENGTH: &str = "length";
pub(crate) const GAIN: &str = "gain";
pub(crate) const PAN: &str = "pan";
pub(crate) const MUTE: &str = "mute";
pub(crate) const SOLO: &str = "solo";
pub(crate) const FRAMES: &str = "frames";
pub(crate) const CHANNELS: &str = "channels";
pub(crate) const BYTES: &str = "bytes";
pub(crate) const SEED: &str = "seed";
pub(crate) const GROOVE: &str = "groove";
pub(crate) const FILL: &str = "fill";
pub(crate) const MODE: &str = "mode";
pub(crate) const TRIGGER: &str = "trigger";
pub(crate) const CHOKE: &str = "choke";
pub(crate) const SPEED: &str = "speed";
pub(crate) const HUMANISE: &str = "humanise";
pub(crate) const SCENE: &str = "scene";
pub(crate) const BARS: &str = "bars";

/// The page that holds a step.
pub(crate) fn step_page(step: u16) -> String {
    page_key(step / STEPS_PER_PAGE)
}

/// The pages of a pattern, of its locks and of the transport.
pub(crate) fn page_key(page: u16) -> String {
    format!("{page:x}")
}

pub(crate) fn step_pages() -> impl Iterator<Item = String> {
    (0..STEPS_MAX / STEPS_PER_PAGE).map(page_key)
}

/// The shards of a pattern's notes.
pub(crate) fn note_shards() -> impl Iterator<Item = String> {
    (0..u16::from(NOTE_SHARDS)).map(page_key)
}

/// What a map is for, which decides what may be written into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    Root,
    Meta,
    Tracks,
    Track,
    Patterns,
    Pattern,
    Steps,
    StepPage,
    Locks,
    LockPage,
    Notes,
    NoteShard,
    Mixer,
    Effects,
    Effect,
    Samples,
    Sample,
    Transport,
    TransportPage,
    Scenes,
    Scene,
    Chain,
    Link,
    /// Of a newer version.
    Unknown,
}

/// What a place takes as children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Children {
    /// Only scalars.
    Scalars,
    /// Only maps, all made together with this map.
    MapsAtBirth,
    /// Only maps, at any time, each under a fresh id.
    MapsAnytime,
    /// Scalars at any time, and maps made together with this map.
    Mixed,
}

impl Place {
    /// What the map under `key` in a map at this place is for.
    pub fn child(self, key: &str) -> Self {
        match (self, key) {
            (Self::Root, META) => Self::Meta,
            (Self::Root, TRACKS) => Self::Tracks,
            (Self::Root, SAMPLES) => Self::Samples,
            (Self::Root, TRANSPORT) => Self::Transport,
            (Self::Root, SCENES) => Self::Scenes,
            (Self::Root, CHAIN) => Self::Chain,
            (Self::Scenes, _) => Self::Scene,
            (Self::Chain, _) => Self::Link,
            (Self::Tracks, _) => Self::Track,
            (Self::Track, PATTERNS) => Self::Patterns,
            (Self::Track, MIXER) => Self::Mixer,
            (Self::Track, EFFECTS) => Self::Effects,
            (Self::Patterns, _) => Self::Pattern,
            (Self::Pattern, STEPS) => Self::Steps,
            (Self::Pattern, LOCKS) => Self::Locks,
            (Self::Pattern, NOTES) => Self::Notes,
            (Self::Steps, _) => Self::StepPage,
            (Self::Locks, _) => Self::LockPage,
            (Self::Notes, _) => Self::NoteShard,
            (Self::Effects, _) => Self::Effect,
            (Self::Samples, _) => Self::Sample,
            (Self::Transport, _) => Self::TransportPage,
            _ => Self::Unknown,
        }
    }

    /// What may be written into a map at this place.
    pub const fn children(self) -> Children {
        match self {
            Self::Root | Self::Steps | Self::Locks | Self::Notes | Self::Transport => Children::MapsAtBirth,
            Self::Tracks | Self::Patterns | Self::Effects | Self::Samples | Self::Scenes | Self::Chain => {
                Children::MapsAnytime
            }
            Self::Track | Self::Pattern | Self::Unknown => Children::Mixed,
            Self::Meta
            | Self::StepPage
            | Self::LockPage
            | Self::NoteShard
            | Self::Mixer
            | Self::Effect
            | Self::Sample
            | Self::TransportPage
            | Self::Scene
            | Self::Link => Children::Scalars,
        }
    }
}
