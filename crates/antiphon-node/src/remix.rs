//! A remix: the edits that make a beat's song in an empty session.
//!
//! Tracks and patterns keep their ids and the session its seed, so the dice fall as they fell and the remix renders
//! to the same bits until somebody changes something. Every edit is small enough for one change of the document.

use antiphon_model::{
    Edit, FreeNote, NoteId, OrderKey, Pattern, PatternId, PlayMode, Song, StripPatch, Track, TriggerMode,
};
use antiphon_timeline::Meter;

/// Values that are written together with the pattern that they are in; more go in edits of their own.
const VALUES_AT_ONCE_MAX: usize = 1_000;
/// Free notes in one edit.
const NOTES_AT_ONCE: usize = 500;
/// Values of a step.
const VALUES_PER_STEP: usize = 9;

/// The edits that make `song` in an empty session. They fit one after the other.
pub(crate) fn edits_of(song: &Song) -> Vec<Edit> {
    let mut edits = vec![
        Edit::SetSeed { seed: song.seed },
        Edit::SetSwing { swing: song.swing },
        Edit::SetGroove { groove: song.groove },
        Edit::SetMaster { gain: song.master },
    ];
    edits.extend(song.samples.iter().map(|(id, info)| Edit::AddSample { sample: *id, info: info.clone() }));
    song.tracks.iter().for_each(|track| add_track(track, &mut edits));
    edits.extend(song.scenes.iter().map(|scene| Edit::AddScene {
        scene: scene.id,
        name: scene.name.clone(),
        order: scene.order.clone(),
        slots: scene.slots.iter().map(|(track, pattern)| (*track, *pattern)).collect(),
    }));
    edits.extend(song.chain.iter().map(|link| Edit::AddLink {
        link: link.id,
        scene: link.scene,
        bars: link.bars,
        order: link.order.clone(),
    }));
    if song.meter != Meter::DEFAULT {
        edits.push(Edit::SetMeter { meter: song.meter });
    }
    if song.fill.to {
        edits.push(Edit::SetFill { on: true, at: None, quantum: None });
    }
    if song.mode.to != PlayMode::default() {
        edits.push(Edit::SetPlayMode { mode: song.mode.to, at: None, quantum: None });
    }
    edits
}

fn add_track(track: &Track, edits: &mut Vec<Edit>) {
    let id = track.id;
    // A track is born with a pattern, which stands in the first place. Where none of this track's does, another is
    // there until they are.
    let first = OrderKey::first();
    let born = track.patterns.iter().find(|(_, pattern)| pattern.order == first).map(|(id, _)| *id);
    let pattern = born.unwrap_or_else(|| unused(track));
    edits.push(Edit::AddTrack {
        track: id,
        pattern,
        name: track.name.clone(),
        colour: track.colour,
        sound: track.sound.clone(),
        order: track.order.clone(),
        content: None,
    });
    add_strip(track, edits);
    for (n, (pattern, content)) in track.patterns.iter().enumerate() {
        add_pattern(track, *pattern, content, born == Some(*pattern), edits);
        if n == 0 && born.is_none() {
            edits.push(Edit::RemovePattern { track: id, pattern: unused(track) });
        }
    }
    if born != Some(track.current.to) {
        edits.push(Edit::Launch { patterns: vec![(id, track.current.to)], at: None, quantum: None });
    }
}

/// An id that no pattern of the track has.
fn unused(track: &Track) -> PatternId {
    let mut id = PatternId(track.id.0);
    while track.patterns.contains_key(&id) {
        id = PatternId(u128::from_be_bytes(id.0).wrapping_add(1).to_be_bytes());
    }
    id
}

fn add_strip(track: &Track, edits: &mut Vec<Edit>) {
    let id = track.id;
    let strip = StripPatch {
        gain: Some(track.strip.gain),
        pan: Some(track.strip.pan),
        mute: Some(track.strip.mute),
        solo: Some(track.strip.solo),
    };
    edits.push(Edit::SetStrip { track: id, strip });
    if track.swing.is_some() {
        edits.push(Edit::SetTrackSwing { track: id, swing: track.swing });
    }
    if track.groove.is_some() {
        edits.push(Edit::SetTrackGroove { track: id, groove: track.groove });
    }
    if track.trigger != TriggerMode::default() {
        edits.push(Edit::SetTrigger { track: id, trigger: track.trigger });
    }
    if track.choke != antiphon_model::ChokeGroup::default() {
        edits.push(Edit::SetChoke { track: id, choke: track.choke });
    }
    let params = track.params.iter();
    edits.extend(params.map(|(param, value)| Edit::SetParam {
        track: id,
        param: *param,
        value: Some(*value),
    }));
}

/// Makes a pattern, or fills the one that is there, in as few edits as fit.
fn add_pattern(track: &Track, pattern: PatternId, content: &Pattern, is_there: bool, edits: &mut Vec<Edit>) {
    let id = track.id;
    let bare = Pattern {
        length: content.length,
        speed: content.speed,
        humanise: content.humanise,
        ..Pattern::empty(content.name.clone(), content.order.clone())
    };
    let values = VALUES_PER_STEP * content.steps.len() + content.chords.len() + content.locks.len();
    let at_once = values + content.notes.len() <= VALUES_AT_ONCE_MAX;
    let born = if at_once { content.clone() } else { bare.clone() };
    let nothing = Pattern::empty(content.name.clone(), content.order.clone());
    if !is_there {
        edits.push(Edit::AddPattern { track: id, pattern, like: Box::new(born) });
    } else {
        edits.push(Edit::RenamePattern { track: id, pattern, name: content.name.clone() });
        if born != nothing {
            edits.push(Edit::SetPattern { track: id, pattern, content: Box::new(born) });
        }
    }
    if at_once {
        return;
    }
    let with_steps = Pattern { steps: content.steps.clone(), ..bare.clone() };
    let with_chords = Pattern { chords: content.chords.clone(), ..with_steps.clone() };
    let with_locks = Pattern { locks: content.locks.clone(), ..with_chords.clone() };
    let stages = [bare, with_steps, with_chords, with_locks];
    // A stage that adds nothing would be no edit.
    let stages = stages.windows(2).filter_map(|pair| match pair {
        [before, after] if before != after => Some(Box::new(after.clone())),
        _ => None,
    });
    edits.extend(stages.map(|content| Edit::SetPattern { track: id, pattern, content }));
    let notes: Vec<(NoteId, Option<FreeNote>)> =
        content.notes.iter().map(|(note, value)| (note, Some(*value))).collect();
    edits.extend(notes.chunks(NOTES_AT_ONCE).map(|notes| Edit::SetNotes {
        track: id,
        pattern,
        notes: notes.to_vec(),
    }));
}

#[cfg(test)]
mod tests;
