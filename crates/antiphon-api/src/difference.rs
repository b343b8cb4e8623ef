//! What of a song changed between two moments, and nothing else.
//!
//! A song shares what did not change with the one before it, so patterns are told apart by their address first:
//! the cost is that of the change, not of the song.

use std::sync::Arc;

use antiphon_model::{Pattern, PatternId, Song, Track, TrackId};

use crate::{
    events::{PatternChange, SongChange, StepChange},
    view_of::{self, Heard},
    views::{FillView, ModeView, PendingView},
};

/// What the interfaces show of a song.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    song: Arc<Song>,
    fill: FillView,
    mode: ModeView,
    pending: Vec<(TrackId, Option<PendingView>)>,
}

impl Shown {
    pub(crate) fn new(song: &Arc<Song>, heard: Heard<'_>) -> Self {
        Self {
            fill: view_of::fill(song, heard),
            mode: view_of::mode(song, heard),
            pending: song.tracks.iter().map(|track| (track.id, view_of::pending(track, heard))).collect(),
            song: song.clone(),
        }
    }

    fn pending(&self, track: TrackId) -> Option<&PendingView> {
        self.pending.iter().find(|(known, _)| *known == track)?.1.as_ref()
    }

    /// What is to be told so that `next` is shown, which is `heard` now.
    pub(crate) fn change_to(&self, next: &Self, heard: Heard<'_>) -> SongChange {
        let (old, new) = (&*self.song, &*next.song);
        let ids = |song: &Song| song.tracks.iter().map(|track| track.id).collect::<Vec<_>>();
        let mut change = SongChange {
            name: (old.name != new.name).then(|| new.name.as_str().to_owned()),
            bpm: (old.tempo != new.tempo).then(|| new.tempo.bpm()),
            meter: (old.meter != new.meter).then(|| view_of::meter(new.meter)),
            quantum: (old.quantum != new.quantum).then(|| view_of::quantum(new.quantum)),
            edits_at_bar: (old.edits_at_bar != new.edits_at_bar).then_some(new.edits_at_bar),
            swing: (old.swing != new.swing).then(|| new.swing.get()),
            groove: (old.groove != new.groove).then(|| view_of::groove(new.groove)),
            master_db: (old.master != new.master).then(|| view_of::db(new.master)),
            fill: (self.fill != next.fill).then(|| next.fill.clone()),
            mode: (self.mode != next.mode).then(|| next.mode.clone()),
            scenes: (old.scenes != new.scenes || ids(old) != ids(new)).then(|| view_of::scenes(new)),
            chain: (old.chain != new.chain).then(|| new.chain.iter().map(view_of::link).collect()),
            seed: (old.seed != new.seed).then(|| view_of::seed(new)),
            tracks: Vec::new(),
            patterns: Vec::new(),
            order: (ids(old) != ids(new))
                .then(|| new.tracks.iter().map(|track| track.id.to_string()).collect()),
        };
        for track in &new.tracks {
            let known = old.track(track.id).filter(|known| is_same_beside_patterns(old, known, new, track));
            match known.filter(|_| self.pending(track.id) == next.pending(track.id)) {
                Some(known) => change.patterns.extend(changed_patterns(known, track)),
                None => change.tracks.push(view_of::track(new, track, heard)),
            }
        }
        change
    }
}

/// Are the tracks alike, but for what is inside of their patterns?
fn is_same_beside_patterns(old_song: &Song, old: &Track, new_song: &Song, new: &Track) -> bool {
    let label = |song, track: &Track| view_of::label(&track.sound, Some(song));
    let Track {
        id: _,
        name,
        colour,
        order: _,
        sound,
        strip,
        swing,
        groove,
        trigger,
        choke,
        params,
        current,
        patterns,
    } = new;
    let patterns_alike = old.patterns.len() == patterns.len()
        && old.patterns.iter().zip(patterns).all(|((old_id, old), (id, new))| {
            old_id == id && (Arc::ptr_eq(old, new) || old.order == new.order)
        });
    patterns_alike
        && (&old.name, old.colour, &old.sound, old.strip) == (name, *colour, sound, *strip)
        && (old.swing, old.groove, old.trigger, old.choke) == (*swing, *groove, *trigger, *choke)
        && (&old.params, old.current) == (params, *current)
        && label(old_song, old) == label(new_song, new)
}

fn changed_patterns(old: &Track, new: &Track) -> Vec<PatternChange> {
    let pairs = new.patterns.iter().filter_map(|(id, pattern)| Some((*id, old.patterns.get(id)?, pattern)));
    let changed = pairs.filter(|(_, old, new)| !Arc::ptr_eq(old, new));
    let changes = changed.map(|(id, old, new_one)| pattern_change(new.id, id, old, new_one));
    changes.filter(|change| !is_empty(change)).collect()
}

fn pattern_change(track: TrackId, id: PatternId, old: &Pattern, new: &Pattern) -> PatternChange {
    let shown = |pattern: &Pattern, index: u16| (index < pattern.length.get()).then(|| pattern.step(index));
    let steps = (0..new.length.get()).filter(|index| shown(old, *index) != shown(new, *index));
    let (chords, locks) = (view_of::chords(new), view_of::locks(new));
    let same_notes = Arc::ptr_eq(&old.notes, &new.notes);
    let notes = new.notes.iter().filter(|(id, note)| !same_notes && old.notes.get(*id) != Some(note));
    let gone = old.notes.iter().filter(|(id, _)| !same_notes && new.notes.get(*id).is_none());
    PatternChange {
        track: track.to_string(),
        pattern: id.to_string(),
        name: (old.name != new.name).then(|| new.name.as_str().to_owned()),
        length: (old.length != new.length).then(|| new.length.get()),
        speed: (old.speed != new.speed).then(|| new.speed.key().to_owned()),
        humanise: (old.humanise != new.humanise).then(|| new.humanise.get()),
        steps: steps.map(|index| StepChange { index, step: view_of::step(new.step(index)) }).collect(),
        chords: (view_of::chords(old) != chords).then_some(chords),
        locks: (view_of::locks(old) != locks).then_some(locks),
        notes: notes.map(|(id, note)| view_of::note(id, note)).collect(),
        gone_notes: gone.map(|(id, _)| id.to_string()).collect(),
    }
}

fn is_empty(change: &PatternChange) -> bool {
    let (track, pattern) = (change.track.clone(), change.pattern.clone());
    *change == PatternChange { track, pattern, ..PatternChange::default() }
}
