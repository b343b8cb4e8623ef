//! Patterns in format 2.

use std::{collections::BTreeMap, sync::Arc};

use antiphon_model::{
    Chance, Condition, FreeNote, Humanise, Micro, NoteId, NoteLength, Notes, Param, Pattern, PatternId,
    PatternLength, Pitch, Ratchet, Step, Velocity,
    limits::{CHORD_NOTES_MAX, NOTES_MAX, STEPS_MAX},
};
use antiphon_timeline::{Speed, Ticks};
use serde::{Deserialize, Serialize};

use super::{malformed, name, order, param};
use crate::error::OpenBeatError;

#[derive(Serialize, Deserialize)]
pub(super) struct WirePattern {
    id: [u8; 16],
    name: String,
    order: String,
    length: u16,
    speed: String,
    humanise: u8,
    steps: Vec<WireStep>,
    chords: Vec<(u16, i8, u16)>,
    locks: Vec<(u16, String, i16)>,
    notes: Vec<WireNote>,
}

#[derive(Serialize, Deserialize)]
struct WireStep {
    at: u16,
    on: bool,
    velocity: u8,
    pitch: i8,
    length: u16,
    tie: bool,
    micro: i8,
    ratchet: u8,
    chance: u8,
    /// `None` where it sounds always.
    condition: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct WireNote {
    id: [u8; 16],
    start: i64,
    length: i64,
    pitch: i8,
    velocity: u8,
}

pub(super) fn wire(id: PatternId, pattern: &Pattern) -> WirePattern {
    let chord = |((step, pitch), length): (&(u16, Pitch), &NoteLength)| (*step, pitch.get(), length.get());
    let lock = |((step, param), value): (&(u16, Param), &i16)| (*step, param.key().to_owned(), *value);
    let mut locks: Vec<_> = pattern.locks.iter().map(lock).collect();
    locks.sort();
    WirePattern {
        id: id.0,
        name: pattern.name.as_str().to_owned(),
        order: pattern.order.as_str().to_owned(),
        length: pattern.length.get(),
        speed: pattern.speed.key().to_owned(),
        humanise: pattern.humanise.get(),
        steps: pattern.steps.iter().map(|(at, step)| wire_step(*at, step)).collect(),
        chords: pattern.chords.iter().map(chord).collect(),
        locks,
        notes: pattern.notes.iter().map(|(id, note)| wire_note(id, note)).collect(),
    }
}

fn wire_step(at: u16, step: &Step) -> WireStep {
    WireStep {
        at,
        on: step.on,
        velocity: step.velocity.get(),
        pitch: step.pitch.get(),
        length: step.length.get(),
        tie: step.tie,
        micro: step.micro.get(),
        ratchet: step.ratchet.get(),
        chance: step.chance.get(),
        condition: (step.condition != Condition::ALWAYS).then(|| step.condition.to_string()),
    }
}

fn wire_note(id: NoteId, note: &FreeNote) -> WireNote {
    WireNote {
        id: id.0,
        start: note.start.0,
        length: note.length.0,
        pitch: note.pitch.get(),
        velocity: note.velocity.get(),
    }
}

pub(super) fn read(wire: WirePattern) -> Result<(PatternId, Arc<Pattern>), OpenBeatError> {
    if wire.notes.len() > NOTES_MAX {
        return Err(malformed("a pattern has too many notes"));
    }
    let pattern = Pattern {
        length: PatternLength::new(wire.length.into()).map_err(malformed)?,
        speed: Speed::of_key(&wire.speed).ok_or_else(|| malformed("a speed is not known"))?,
        humanise: Humanise::new(wire.humanise.into()).map_err(malformed)?,
        steps: wire.steps.into_iter().map(step).collect::<Result<_, _>>()?,
        chords: chords(wire.chords)?,
        locks: wire.locks.into_iter().map(lock).collect::<Result<_, _>>()?,
        notes: Arc::new(wire.notes.into_iter().map(note).collect::<Result<Notes, _>>()?),
        ..Pattern::empty(name(&wire.name)?, order(&wire.order)?)
    };
    Ok((PatternId(wire.id), Arc::new(pattern)))
}

fn check_place(step: u16) -> Result<(), OpenBeatError> {
    if step < STEPS_MAX { Ok(()) } else { Err(malformed("a step lies outside every pattern")) }
}

fn step(wire: WireStep) -> Result<(u16, Step), OpenBeatError> {
    check_place(wire.at)?;
    let condition = wire.condition.map(|text| text.parse::<Condition>()).transpose().map_err(malformed)?;
    let step = Step {
        on: wire.on,
        velocity: Velocity::new(wire.velocity.into()).map_err(malformed)?,
        pitch: Pitch::new(wire.pitch.into()).map_err(malformed)?,
        length: NoteLength::new(wire.length.into()).map_err(malformed)?,
        tie: wire.tie,
        micro: Micro::new(wire.micro.into()).map_err(malformed)?,
        ratchet: Ratchet::new(wire.ratchet.into()).map_err(malformed)?,
        chance: Chance::new(wire.chance.into()).map_err(malformed)?,
        condition: condition.unwrap_or_default(),
    };
    Ok((wire.at, step))
}

fn chords(wire: Vec<(u16, i8, u16)>) -> Result<BTreeMap<(u16, Pitch), NoteLength>, OpenBeatError> {
    let mut chords = BTreeMap::new();
    let mut at_step = BTreeMap::new();
    for (step, pitch, length) in wire {
        check_place(step)?;
        let pitch = Pitch::new(pitch.into()).map_err(malformed)?;
        chords.insert((step, pitch), NoteLength::new(length.into()).map_err(malformed)?);
        let notes: &mut usize = at_step.entry(step).or_default();
        *notes += 1;
        if *notes > CHORD_NOTES_MAX {
            return Err(malformed("a chord has too many notes"));
        }
    }
    Ok(chords)
}

fn lock((step, key, value): (u16, String, i16)) -> Result<((u16, Param), i16), OpenBeatError> {
    check_place(step)?;
    let (param, value) = param(&key, value)?;
    Ok(((step, param), value))
}

fn note(wire: WireNote) -> Result<(NoteId, FreeNote), OpenBeatError> {
    let note = FreeNote {
        start: Ticks(wire.start),
        length: Ticks(wire.length),
        pitch: Pitch::new(wire.pitch.into()).map_err(malformed)?,
        velocity: Velocity::new(wire.velocity.into()).map_err(malformed)?,
    };
    if !note.is_placed() {
        return Err(malformed("a note lies outside every pattern"));
    }
    Ok((NoteId(wire.id), note))
}
