//! The shape of the document: maps only, every one made together with what it belongs to.
//!
//! ```text
//! meta/{schema, name, created_at, tempo, swing, master}
//! tracks/{track}/{name, sound, colour, order, current, deleted}
//! tracks/{track}/mixer/{gain, pan, mute, solo}
//! tracks/{track}/effects/{effect}/...
//! tracks/{track}/patterns/{pattern}/{name, length, speed, deleted}
//! tracks/{track}/patterns/{pattern}/steps/{page 0..f}/{step}{o|v|p|l}
//! tracks/{track}/patterns/{pattern}/locks/{page 0..f}/{step}{param}
//! tracks/{track}/patterns/{pattern}/notes/{shard 00..3f}/{note}{field}
//! samples/{blake3}/{name, frames, channels, bytes}
//! transport/{page 0..f}/{timebase}.{operation} = bytes
//! ```
//!
//! Automerge walks every operation ever made in the object that a change touches, so objects stay small:
//! hence the pages and shards. Two peers who make the same child map at the same time hide one another's
//! edits, hence the rule that whoever adds a track makes all of its maps in that same change, and nobody
//! makes one later. Nothing that others may be editing is ever deleted; it is marked `deleted`.

use antiphon_model::limits::{STEPS_MAX, STEPS_PER_PAGE};

/// The version this crate writes. A document of a newer one is read as far as it is understood.
pub const SCHEMA_VERSION: i64 = 1;

pub(crate) const META: &str = "meta";
pub(crate) const TRACKS: &str = "tracks";
pub(crate) const SAMPLES: &str = "samples";
pub(crate) const TRANSPORT: &str = "transport";
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

/// One value of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepField {
    On,
    Velocity,
    Pitch,
    Length,
}

impl StepField {
    pub(crate) const ALL: [Self; 4] = [Self::On, Self::Velocity, Self::Pitch, Self::Length];

    const fn letter(self) -> char {
        match self {
            Self::On => 'o',
            Self::Velocity => 'v',
            Self::Pitch => 'p',
            Self::Length => 'l',
        }
    }
}

pub(crate) fn step_key(step: u16, field: StepField) -> String {
    format!("{step}{}", field.letter())
}

/// The step that a key in page `page` speaks of; `None` for keys that are not written this way.
pub(crate) fn step_of_key(page: &str, key: &str) -> Option<u16> {
    let digits = key.trim_end_matches(|c: char| !c.is_ascii_digit());
    let step: u16 = digits.parse().ok().filter(|step| *step < STEPS_MAX)?;
    let canonical = StepField::ALL.iter().any(|field| step_key(step, *field) == key);
    (canonical && step_page(step) == page).then_some(step)
}

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
            Self::Tracks | Self::Patterns | Self::Effects | Self::Samples => Children::MapsAnytime,
            Self::Track | Self::Pattern | Self::Unknown => Children::Mixed,
            Self::Meta
            | Self::StepPage
            | Self::LockPage
            | Self::NoteShard
            | Self::Mixer
            | Self::Effect
            | Self::Sample
            | Self::TransportPage => Children::Scalars,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_key_leads_back_to_its_step() {
        for step in 0..STEPS_MAX {
            for field in StepField::ALL {
                assert_eq!(step_of_key(&step_page(step), &step_key(step, field)), Some(step));
            }
        }
    }

    #[test]
    fn keys_written_another_way_are_no_steps() {
        for (page, key) in
            [("0", "01o"), ("0", "17o"), ("0", "o"), ("0", "1x"), ("0", "+1o"), ("10", "256o"), ("0", "")]
        {
            assert_eq!(step_of_key(page, key), None, "{page}/{key}");
        }
    }
}
