//! The song: what a session means to everyone who plays, shows or edits it.
//!
//! Plain values without any format: `antiphon-document` reads them from Automerge, `antiphon-engine`
//! plays them, `antiphon-api` shows them. Every value holds its range by construction, so a [`Song`] is
//! always valid; a peer's document becomes one by repair.
#![forbid(unsafe_code)]

pub mod demo;
mod edit;
mod ids;
pub mod limits;
mod song;
mod sound;
mod values;

pub use edit::{Edit, EditError, StepPatch, StripPatch, ValidEdit};
pub use ids::{ParseIdError, PatternId, SampleId, SessionId, TrackId};
pub use song::{OrderKey, Pattern, SampleInfo, Song, Step, Strip, Track};
pub use sound::{Drum, ParseSoundError, Preset, Sound};
pub use values::{
    Colour, Gain, Name, NameError, Note, NoteLength, Pan, PatternLength, Pitch, RangeError, Swing, Velocity,
};
