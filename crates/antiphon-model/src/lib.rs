//! The song: what a session means to everyone who plays, shows or edits it.
//!
//! Plain values without any format: `antiphon-document` reads them from Automerge, `antiphon-engine`
//! plays them, `antiphon-api` shows them. Every value holds its range by construction, so a [`Song`] is
//! always valid; a peer's document becomes one by repair.
#![forbid(unsafe_code)]

mod condition;
pub mod demo;
mod edit;
mod ids;
pub mod limits;
pub mod notation;
mod notes;
mod param;
mod reshape;
mod scene;
mod song;
mod sound;
mod switch;
mod values;

pub use condition::{Condition, ConditionError, ParseConditionError, RATIO_MAX, Test};
pub use edit::{Edit, EditError, StepPatch, StripPatch, ValidEdit};
pub use ids::{FreshId, LinkId, NoteId, ParseIdError, PatternId, SampleId, SceneId, SessionId, TrackId};
pub use notes::{FreeNote, Notes};
pub use param::{Param, Params};
pub use reshape::{COLOUR_NAMES, QuantiseGrid, RHYTHM_NAMES, Reshape, colour_name, reshaped, rhythm_name};
pub use scene::{Link, PlayMode, Scene};
pub use song::{Groove, OrderKey, Pattern, SampleInfo, Song, Step, Strip, Track, TriggerMode};
pub use sound::{Drum, ParseSoundError, Preset, Sound};
pub use switch::{Change, Moment, Switch};
pub use values::{
    Bars, Block, Chance, ChokeGroup, Colour, Gain, Humanise, Micro, Name, NameError, Note, NoteLength, Pan,
    PatternLength, Percent, Pitch, RangeError, Ratchet, Swing, Velocity,
};
