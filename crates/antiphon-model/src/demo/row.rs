//! One row of a demo, and the edits that make a track of it.

use crate::{
    edit::{Edit, StepPatch, StripPatch},
    ids::{FreshId, PatternId, TrackId},
    notation,
    song::{OrderKey, Step},
    sound::Sound,
    values::{Colour, Gain, Name, Pan, Velocity},
};

/// One track.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) sound: &'static str,
    pub(super) colour: i64,
    /// Hundredths of a decibel.
    pub(super) gain: i64,
    pub(super) pan: i64,
    /// In the notation; only velocity, pitch and length are used.
    pub(super) steps: &'static str,
}

/// The demos are played a little softer than a new step is, so that their accents stand out.
const PLAIN: i64 = 94;

/// The edits that make a row after the one ordered `before`, and its own order.
pub(super) fn edits(
    row: &Row,
    index: usize,
    before: Option<&OrderKey>,
    fresh: &mut FreshId,
) -> (OrderKey, Vec<Edit>) {
    let (track, pattern) = (TrackId(fresh()), PatternId(fresh()));
    let order = OrderKey::between(before, None);
    let played = notation::parse(row.steps, fresh).expect("the rows of the demos are read by a test");
    let strip = StripPatch {
        gain: Some(Gain::clamped(row.gain)),
        pan: Some(Pan::clamped(row.pan)),
        ..StripPatch::default()
    };
    let edits = vec![
        Edit::AddTrack {
            track,
            pattern,
            name: Name::repaired(row.name, "Track"),
            colour: Colour::clamped(if row.colour < 0 { index as i64 } else { row.colour }),
            sound: Sound::read(row.sound),
            order: order.clone(),
            content: None,
        },
        Edit::SetStrip { track, strip },
        Edit::SetPatternLength { track, pattern, length: played.length },
        Edit::SetSteps {
            track,
            pattern,
            steps: played.steps.into_iter().map(|(at, step)| (at, patch(step))).collect(),
        },
    ];
    (order, edits)
}

fn patch(step: Step) -> StepPatch {
    let plain = step.velocity == Velocity::DEFAULT;
    StepPatch {
        on: Some(step.on),
        velocity: Some(if plain { Velocity::clamped(PLAIN) } else { step.velocity }),
        pitch: Some(step.pitch),
        length: Some(step.length),
        ..StepPatch::default()
    }
}
