//! A change stays small: with its envelope (about 120 bytes) a step toggle is to fit in 400.

mod jam;

use antiphon_model::Edit;
use antiphon_timeline::TimebaseId;
use jam::{NOW_MS, add_track, begin, change, edit, joined, on, steps, take, timeline_op, track_id};

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
