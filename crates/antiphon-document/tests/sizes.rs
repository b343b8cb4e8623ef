//! A change stays small: with its envelope (about 120 bytes) a step toggle is to fit in 400.

mod jam;

use std::sync::Arc;

use antiphon_document::{ApplyError, limits::CHANGE_BYTES_MAX};
use antiphon_model::{
    Edit, FreeNote, NoteId, NoteLength, PatternLength, Pitch, Reshape, Velocity, limits::NOTES_PER_EDIT_MAX,
};
use antiphon_timeline::{Ticks, TimebaseId};
use jam::{NOW_MS, add_track, begin, change, edit, joined, on, steps, take, timeline_op, track_id, try_edit};

#[test]
fn a_step_toggle_takes_at_most_220_bytes() {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    let mut bo = joined(1, &changes);
    let first = edit(&mut ada, steps(0, vec![(0, on(true))]));
    take(&mut bo, &change(&first)).unwrap();
    // Over somebody else's value in somebody else's track: two more actors are named.
    let over = edit(&mut bo, steps(0, vec![(0, on(false))]));
    println!("a step toggle: {} bytes, over another's {}", first.bytes.len(), over.bytes.len());
    assert!(first.bytes.len() <= 140, "{}", first.bytes.len());
    assert!(over.bytes.len() <= 220, "{}", over.bytes.len());
}

#[test]
fn a_toggle_of_a_third_after_two_concurrent_changes_fits_its_envelope() {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    let (mut bo, mut cy) = (joined(1, &changes), joined(2, &changes));
    let mut made = Vec::new();
    for document in [&mut ada, &mut bo] {
        made.push(change(&edit(document, steps(0, vec![(0, on(true))]))));
    }
    for change in &made {
        take(&mut cy, change).unwrap();
    }
    let toggle = edit(&mut cy, steps(0, vec![(0, on(false))]));
    assert!(toggle.bytes.len() <= 270, "{}", toggle.bytes.len());
}

#[test]
fn genesis_track_and_timeline_changes_are_plain_and_small() {
    let (genesis, first) = antiphon_document::SessionDocument::create(
        jam::SESSION,
        jam::actor(0),
        jam::name("Jam"),
        antiphon_timeline::Tempo::DEFAULT,
        NOW_MS,
    );
    let mut document = genesis;
    let add = add_track(0, &document);
    let track = edit(&mut document, add);
    let play = document.add_timeline_op(TimebaseId(1), &timeline_op(1, 1)).unwrap();
    let gone = edit(&mut document, Edit::RemoveTrack { track: track_id(0) });
    for (made, most) in [(first, 400), (track, 900), (play, 280), (gone, 160)] {
        println!("{}: {} bytes", made.label, made.bytes.len());
        assert_eq!(made.bytes[8], 1, "{} is a plain change chunk", made.label);
        assert!(made.bytes.len() <= most, "{} takes {} bytes", made.label, made.bytes.len());
    }
}

fn free_notes(count: u16) -> Vec<(NoteId, Option<FreeNote>)> {
    let id = |n: u16| {
        let hash = blake3::hash(&n.to_be_bytes());
        NoteId(std::array::from_fn(|at| hash.as_bytes()[at]))
    };
    // Far into the pattern and long, so that every number takes as much as it can.
    let note = |n: u16| FreeNote {
        start: Ticks::from_steps(255) + i64::from(n),
        length: Ticks::from_steps(200) + i64::from(n),
        pitch: Pitch::MIN,
        velocity: Velocity::MAX,
    };
    (0..count).map(|n| (id(n), Some(note(n)))).collect()
}

#[test]
fn a_paste_of_a_thousand_notes_and_a_whole_dense_pattern_fit_a_change() {
    let (mut ada, _) = begin(0);
    let add = add_track(0, &ada);
    edit(&mut ada, add);
    let (track, pattern) = (track_id(0), jam::pattern_id(0));
    let notes = free_notes(NOTES_PER_EDIT_MAX as u16);
    let paste = edit(&mut ada, Edit::SetNotes { track, pattern, notes: notes.clone() });
    println!("a thousand notes: {} bytes", paste.bytes.len());
    assert!(paste.bytes.len() <= CHANGE_BYTES_MAX, "{}", paste.bytes.len());
    // All of them transposed at once: one value each.
    let up = |note: FreeNote| FreeNote { pitch: Pitch::MAX, ..note };
    let moved = notes.iter().map(|(id, note)| (*id, note.map(up))).collect();
    let moved = edit(&mut ada, Edit::SetNotes { track, pattern, notes: moved });
    println!("a thousand notes transposed: {} bytes", moved.bytes.len());
    assert!(moved.bytes.len() <= CHANGE_BYTES_MAX, "{}", moved.bytes.len());

    let (mut bo, _) = begin(1);
    let add = add_track(0, &bo);
    edit(&mut bo, add);
    let mut dense = jam::content(1, 1);
    dense.length = PatternLength::MAX;
    dense.steps = (0..256).map(|at| (at, jam::rich_step((at % 200) as u8))).collect();
    dense.chords = (0..256).map(|at| ((at, Pitch::clamped(7)), NoteLength::MAX)).collect();
    let whole = edit(&mut bo, Edit::SetPattern { track, pattern, content: Box::new(dense) });
    println!("a whole dense pattern: {} bytes", whole.bytes.len());
    assert!(whole.bytes.len() <= CHANGE_BYTES_MAX, "{}", whole.bytes.len());
    let turned = edit(&mut bo, Edit::Reshape { track, pattern, reshape: Reshape::Rotate { steps: 1 } });
    println!("turned: {} bytes", turned.bytes.len());
    assert!(turned.bytes.len() <= CHANGE_BYTES_MAX, "{}", turned.bytes.len());
}

#[test]
fn what_peers_would_refuse_is_not_made() {
    let (mut ada, _) = begin(0);
    let add = add_track(0, &ada);
    edit(&mut ada, add);
    let (track, pattern) = (track_id(0), jam::pattern_id(0));
    let mut content = jam::content(1, 1);
    let (before, heads) = (ada.song().clone(), ada.heads());
    content.notes = Arc::new(free_notes(5_000).into_iter().map(|(id, note)| (id, note.unwrap())).collect());
    let too_many = Edit::SetPattern { track, pattern, content: Box::new(content.clone()) };
    assert!(matches!(try_edit(&mut ada, too_many), Err(ApplyError::TooManyValues { .. })));
    content.notes = Arc::new(free_notes(2_000).into_iter().map(|(id, note)| (id, note.unwrap())).collect());
    let too_long = Edit::SetPattern { track, pattern, content: Box::new(content) };
    let error = try_edit(&mut ada, too_long).unwrap_err();
    assert!(matches!(error, ApplyError::TooManyBytes { .. }), "{error}");
    assert_eq!((ada.song(), ada.heads()), (&before, heads));
}
