//! Who is here and where they work: ephemeral, never in the document.

use antiphon_model::{Colour, Name, TrackId};

use crate::wire::PresenceForm;

/// What a member says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// What the person is called.
    pub name: Name,
    /// The person's colour.
    pub colour: Colour,
    /// The track they work on.
    pub track: Option<TrackId>,
    /// The step they point at.
    pub step: Option<u16>,
}

impl Presence {
    pub(crate) fn form(&self) -> PresenceForm<'_> {
        PresenceForm {
            name: self.name.as_str(),
            colour: self.colour.get(),
            track: self.track.map(|track| track.0),
            step: self.step,
        }
    }

    /// What a peer's words mean: names and numbers are repaired, never trusted.
    pub(crate) fn read(form: &PresenceForm<'_>) -> Self {
        Self {
            name: Name::repaired(form.name, "Somebody"),
            colour: Colour::clamped(i64::from(form.colour)),
            track: form.track.map(TrackId),
            step: form.step.filter(|step| *step < antiphon_model::limits::STEPS_MAX),
        }
    }
}
