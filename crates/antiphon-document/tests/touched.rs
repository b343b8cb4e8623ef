//! A change says what it touched, no less and not much more: that is what is compiled and drawn again.

mod jam;

use std::collections::{BTreeMap, BTreeSet};

use antiphon_document::{SessionDocument, Touched};
use antiphon_model::{Edit, Gain, NoteLength, Param, Pitch, Sound, StripPatch, Swing};
use antiphon_timeline::TimebaseId;
use automerge::{Automerge, ReadDoc, ScalarValue, transaction::Transactable};
use jam::{
    actor, add_track, begin, change, check_invariants, edit, joined, on, pattern_id, sample_id, sample_info,
    steps, take, timeline_op, track_id,
};

/// What Ada's edit touches, which must be the same for her and for a peer.
fn touched_by(wanted: impl FnOnce(&SessionDocument) -> Edit) -> Touched {
    let (mut ada, mut changes) = begin(0);
    for n in 0..2 {
        let add = add_track(n, &ada);
        changes.push(change(&edit(&mut ada, add)));
    }
    let mut bo = joined(1, &changes);
    let wanted = wanted(&ada);
    let made = edit(&mut ada, wanted);
    let there = take(&mut bo, &change(&made)).unwrap();
    assert_eq!(made.touched, there);
    made.touched
}

#[test]
fn a_step_touches_only_itself() {
    let touched = touched_by(|_| steps(1, vec![(3, on(true)), (4, on(true))]));
    let steps = BTreeMap::from([((track_id(1), pattern_id(1)), BTreeSet::from([3, 4]))]);
    assert_eq!(touched, Touched { steps, ..Touched::default() });
    assert!(touched.reaches_song());
    assert_eq!(touched.all_tracks(), BTreeSet::from([track_id(1)]));
}

#[test]
fn a_chord_note_and_a_lock_touch_their_step_and_a_free_note_only_itself() {
    let (track, pattern) = (track_id(1), pattern_id(1));
    let chord = vec![(3, Pitch::clamped(7), Some(NoteLength::DEFAULT))];
    let edits = [
        Edit::SetChords { track, pattern, notes: chord },
        Edit::SetLocks { track, pattern, locks: vec![(3, Param::Tune, Some(5))] },
    ];
    for wanted in edits {
        let touched = touched_by(|_| wanted);
        let steps = BTreeMap::from([((track, pattern), BTreeSet::from([3]))]);
        assert_eq!(touched, Touched { steps, ..Touched::default() });
    }
    let note = jam::note_id(4);
    let touched =
        touched_by(|_| Edit::SetNotes { track, pattern, notes: vec![(note, Some(jam::free_note(1, 2)))] });
    let notes = BTreeMap::from([((track, pattern), BTreeSet::from([note]))]);
    assert_eq!(touched, Touched { notes, ..Touched::default() });
    assert!(touched.reaches_song());
    assert_eq!(touched.all_tracks(), BTreeSet::from([track]));
}

#[test]
fn a_new_pattern_and_a_scene_touch_what_they_are() {
    let (track, pattern) = (track_id(0), pattern_id(70));
    let like = Box::new(antiphon_model::Pattern::empty(jam::name("B"), jam::order("k")));
    let touched = touched_by(|_| Edit::AddPattern { track, pattern, like });
    let patterns = BTreeSet::from([(track, pattern)]);
    assert_eq!(touched, Touched { tracks: BTreeSet::from([track]), patterns, ..Touched::default() });
    let scene = jam::scene_id(0);
    let touched = touched_by(|_| Edit::AddScene {
        scene,
        name: jam::name("Verse"),
        order: jam::order("V"),
        slots: Vec::new(),
    });
    assert_eq!(touched, Touched { scenes: true, ..Touched::default() });
}

#[test]
fn a_key_of_a_newer_version_touches_nothing() {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    let mut newer = Automerge::new().with_actor(automerge::ActorId::from(&actor(1).0[..]));
    newer.apply_changes(changes).unwrap();
    let (track, pattern) = (track_id(0).to_string(), pattern_id(0).to_string());
    for (group, key) in [("steps", "0z"), ("locks", "0wobble"), ("notes", "nonsense")] {
        let path = ["tracks", &track, "patterns", &pattern, group, "0"];
        let page = path.iter().fold(automerge::ROOT, |at, key| newer.get(&at, *key).unwrap().unwrap().1);
        let mut tx = newer.transaction();
        tx.put(&page, key, 1).unwrap();
        tx.commit();
        let touched = take(&mut ada, &newer.get_last_local_change().unwrap()).unwrap();
        assert!(touched.is_empty(), "{group}/{key}: {touched:?}");
        check_invariants(&ada);
    }
}

#[test]
fn a_strip_touches_its_track() {
    let strip = StripPatch { gain: Some(Gain::MAX), ..StripPatch::default() };
    let touched = touched_by(|_| Edit::SetStrip { track: track_id(0), strip });
    assert_eq!(touched, Touched { tracks: BTreeSet::from([track_id(0)]), ..Touched::default() });
}

#[test]
fn a_new_track_touches_no_other() {
    let touched = touched_by(|ada| add_track(2, ada));
    assert_eq!(touched.all_tracks(), BTreeSet::from([track_id(2)]));
}

#[test]
fn a_sound_touches_its_track_and_which_samples_are_used() {
    let touched = touched_by(|_| Edit::SetSound { track: track_id(0), sound: Sound::read("synth:pad") });
    let tracks = BTreeSet::from([track_id(0)]);
    assert_eq!(touched, Touched { tracks, samples: true, ..Touched::default() });
}

#[test]
fn swing_touches_the_song_and_a_sample_the_samples() {
    let touched = touched_by(|_| Edit::SetSwing { swing: Swing::MAX });
    assert_eq!(touched, Touched { song: true, ..Touched::default() });
    let touched = touched_by(|_| Edit::AddSample { sample: sample_id(1), info: sample_info() });
    assert_eq!(touched, Touched { samples: true, ..Touched::default() });
}

#[test]
fn a_timeline_operation_touches_only_the_transport() {
    let (mut ada, _) = begin(0);
    let made = ada.add_timeline_op(TimebaseId(1), &timeline_op(1, 1)).unwrap();
    assert_eq!(made.touched, Touched { transport: true, ..Touched::default() });
    assert!(!made.touched.reaches_song());
}

#[test]
fn a_value_of_a_foreign_type_takes_the_place_of_the_one_before() {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    changes.push(change(&edit(&mut ada, steps(0, vec![(0, on(true)), (0, jam::velocity(9))]))));
    let mut newer = Automerge::new().with_actor(automerge::ActorId::from(&actor(1).0[..]));
    newer.apply_changes(changes).unwrap();
    let (track, pattern) = (track_id(0).to_string(), pattern_id(0).to_string());
    let path = ["tracks", &track, "patterns", &pattern, "steps", "0"];
    let page = path.iter().fold(automerge::ROOT, |at, key| newer.get(&at, *key).unwrap().unwrap().1);
    let mut tx = newer.transaction();
    tx.put(&page, "0v", ScalarValue::F64(f64::NAN)).unwrap();
    tx.commit();
    take(&mut ada, &newer.get_last_local_change().unwrap()).unwrap();
    check_invariants(&ada);
    let step = ada.song().tracks[0].pattern().steps[&0];
    assert_eq!((step.on, step.velocity), (true, antiphon_model::Velocity::DEFAULT));
}
