//! The notation of the demo songs.

use super::FreshId;
use crate::{
    edit::{Edit, StepPatch, StripPatch},
    ids::{PatternId, TrackId},
    song::OrderKey,
    sound::Sound,
    values::{Colour, Gain, Name, NoteLength, Pan, PatternLength, Pitch, Velocity},
};

/// One track.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) sound: &'static str,
    pub(super) colour: i64,
    /// Hundredths of a decibel.
    pub(super) gain: i64,
    pub(super) pan: i64,
    pub(super) steps: Steps,
}

/// The steps of a row; white space and `|` only help the eye.
pub(super) enum Steps {
    /// `x`, `X`, `.` and `-`.
    Hits(&'static str),
    /// Words: a pitch (`0`, `-5`, `7!` hard, `7?` soft), `_` goes on, `-` is silence.
    Notes(&'static str),
}

const SOFT: i64 = 62;
const PLAIN: i64 = 94;
const HARD: i64 = 120;

/// The edits that make a row after the one ordered `before`, and its own order.
pub(super) fn edits(
    row: &Row,
    index: usize,
    before: Option<&OrderKey>,
    fresh: &mut FreshId,
) -> (OrderKey, Vec<Edit>) {
    let (track, pattern) = (TrackId(fresh()), PatternId(fresh()));
    let order = OrderKey::between(before, None);
    let steps = match row.steps {
        Steps::Hits(text) => hits(text),
        Steps::Notes(text) => notes(text),
    };
    let strip = StripPatch {
        gain: Some(Gain::clamped(row.gain)),
        pan: Some(Pan::clamped(row.pan)),
        ..StripPatch::default()
    };
    let sounding = steps.iter().enumerate().filter_map(|(at, patch)| Some((at as u16, (*patch)?))).collect();
    let edits = vec![
        Edit::AddTrack {
            track,
            pattern,
            name: Name::repaired(row.name, "Track"),
            colour: Colour::clamped(if row.colour < 0 { index as i64 } else { row.colour }),
            sound: Sound::read(row.sound),
            order: order.clone(),
        },
        Edit::SetStrip { track, strip },
        Edit::SetPatternLength { track, pattern, length: PatternLength::clamped(steps.len() as i64) },
        Edit::SetSteps { track, pattern, steps: sounding },
    ];
    (order, edits)
}

fn hits(text: &str) -> Vec<Option<StepPatch>> {
    let hit = |c: char| match c {
        '-' => Some(None),
        '.' => Some(Some(step(SOFT, 0))),
        'x' => Some(Some(step(PLAIN, 0))),
        'X' => Some(Some(step(HARD, 0))),
        _ => None,
    };
    text.chars().filter_map(hit).collect()
}

fn notes(text: &str) -> Vec<Option<StepPatch>> {
    let mut steps: Vec<Option<StepPatch>> = Vec::new();
    let mut sounding: Option<usize> = None;
    for word in text.split_whitespace().filter(|word| *word != "|") {
        match word {
            "-" => sounding = None,
            "_" => {
                if let Some(Some(patch)) = sounding.and_then(|at| steps.get_mut(at)) {
                    let length = i64::from(patch.length.unwrap_or_default().get()) + 16;
                    patch.length = Some(NoteLength::clamped(length));
                }
            }
            word => {
                let (pitch, velocity) = match (word.strip_suffix('!'), word.strip_suffix('?')) {
                    (Some(pitch), _) => (pitch, HARD),
                    (_, Some(pitch)) => (pitch, SOFT),
                    _ => (word, PLAIN),
                };
                sounding = Some(steps.len());
                steps.push(Some(step(velocity, pitch.parse().unwrap_or(0))));
                continue;
            }
        }
        steps.push(None);
    }
    steps
}

fn step(velocity: i64, pitch: i64) -> StepPatch {
    StepPatch {
        on: Some(true),
        velocity: Some(Velocity::clamped(velocity)),
        pitch: Some(Pitch::clamped(pitch)),
        length: Some(NoteLength::DEFAULT),
        ..StepPatch::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_prolongs_the_note_before_it() {
        let steps = notes("0 _ _ - 7! | _ -5?");
        assert_eq!(steps.len(), 7);
        assert_eq!(steps[0].unwrap().length, Some(NoteLength::clamped(48)));
        assert_eq!(steps[4].unwrap().velocity, Some(Velocity::clamped(HARD)));
        assert_eq!(steps[6].unwrap().pitch, Some(Pitch::clamped(-5)));
        assert_eq!(steps.iter().flatten().count(), 3);
    }

    #[test]
    fn hits_keep_their_strength() {
        let steps = hits("X-.- | x---");
        assert_eq!(steps.len(), 8);
        let strength: Vec<_> = steps.iter().flatten().map(|step| step.velocity.unwrap().get()).collect();
        assert_eq!(strength, [120, 62, 94]);
    }
}
