//! Maps and limits that two peers reach at the same time.

mod jam;

use antiphon_document::{ApplyError, SessionDocument};
use antiphon_model::{Edit, SampleId, Sound, limits::SAMPLES_MAX};
use automerge::{Automerge, Change, ObjType, ROOT, ReadDoc, transaction::Transactable};
use jam::{
    actor, add_track, begin, change, check_invariants, edit, joined, on, sample_id, sample_info, steps, take,
    track_id, try_edit,
};

fn with_a_track() -> (SessionDocument, Vec<Change>) {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    (ada, changes)
}

#[test]
fn one_sample_announced_by_two_is_one_sample() {
    let (mut ada, changes) = with_a_track();
    let mut bo = joined(1, &changes);
    let announce = || Edit::AddSample { sample: sample_id(4), info: sample_info() };
    let (hers, his) = (change(&edit(&mut ada, announce())), change(&edit(&mut bo, announce())));
    take(&mut ada, &his).unwrap();
    take(&mut bo, &hers).unwrap();
    for document in [&ada, &bo] {
        check_invariants(document);
        assert_eq!(document.song().samples[&sample_id(4)], sample_info());
    }
    assert!(matches!(try_edit(&mut ada, announce()), Err(ApplyError::Unchanged)));
}

#[test]
fn of_too_many_samples_the_one_in_use_stays_as_long_as_it_is_used() {
    let (mut ada, changes) = with_a_track();
    let mut bo = joined(1, &changes);
    let last = sample_id(255);
    let mut his = Vec::new();
    his.push(change(&edit(&mut bo, Edit::AddSample { sample: last, info: sample_info() })));
    let plays = Edit::SetSound { track: track_id(0), sound: Sound::Sample(last) };
    his.push(change(&edit(&mut bo, plays)));
    for n in 0..SAMPLES_MAX as u16 {
        let [high, low] = n.to_be_bytes();
        let mut id = [0; 32];
        id[..2].copy_from_slice(&[high, low]);
        edit(&mut ada, Edit::AddSample { sample: SampleId(id), info: sample_info() });
    }
    for change in &his {
        take(&mut ada, change).unwrap();
        check_invariants(&ada);
    }
    assert_eq!(ada.song().samples.len(), SAMPLES_MAX);
    assert!(ada.song().samples.contains_key(&last));
    edit(&mut ada, Edit::SetSound { track: track_id(0), sound: Sound::read("drum:kick") });
    check_invariants(&ada);
    assert!(!ada.song().samples.contains_key(&last));
}

#[test]
fn a_track_made_over_another_at_the_same_time_converges_and_breaks_nothing() {
    let (mut ada, changes) = with_a_track();
    let toggle = change(&edit(&mut ada, steps(0, vec![(0, on(true))])));
    // Bo's program does not draw ids at random: it makes a map where Ada's track is, without having seen it.
    let mut program = Automerge::new().with_actor(automerge::ActorId::from(&actor(1).0[..]));
    program.apply_changes(changes[..1].to_vec()).unwrap();
    let mut rivals = Vec::new();
    // Many operations, so that its map wins by its number.
    for n in 0..200 {
        let mut tx = program.transaction();
        let tracks = tx.get(ROOT, "tracks").unwrap().unwrap().1;
        let id = if n == 199 { track_id(0) } else { track_id(100 + (n % 100) as u8 + (n / 100) as u8 * 56) };
        if tx.get(&tracks, id.to_string()).unwrap().is_none() {
            let track = tx.put_object(&tracks, id.to_string(), ObjType::Map).unwrap();
            tx.put(&track, "name", "Rival").unwrap();
        }
        if tx.commit().0.is_some() {
            rivals.push(program.get_last_local_change().unwrap());
        }
    }
    let (mut after, mut before) = (joined(2, &changes), joined(3, &changes[..1]));
    take(&mut after, &toggle).unwrap();
    for rival in &rivals {
        take(&mut after, rival).unwrap();
        take(&mut before, rival).unwrap();
    }
    for change in changes[1..].iter().chain([&toggle]) {
        take(&mut before, change).unwrap();
    }
    for document in [&after, &before] {
        check_invariants(document);
        assert_eq!(document.song().track(track_id(0)).unwrap().name.as_str(), "Rival");
    }
    assert_eq!(after.song(), before.song());
    // It has no maps to write into: an error, and the document as it was.
    let pattern = after.song().track(track_id(0)).unwrap().current.to;
    let wanted = Edit::SetSteps { track: track_id(0), pattern, steps: vec![(0, on(true))] };
    assert!(matches!(try_edit(&mut after, wanted), Err(ApplyError::NoPlace(_))));
    check_invariants(&after);
}

#[test]
fn chord_notes_of_two_that_do_not_fit_together_keep_the_lowest_on_both_sides() {
    use antiphon_model::{NoteLength, Pitch, limits::CHORD_NOTES_MAX};
    let (mut ada, changes) = with_a_track();
    let mut bo = joined(1, &changes);
    let (track, pattern) = (track_id(0), jam::pattern_id(0));
    let chord = |from: i64| Edit::SetChords {
        track,
        pattern,
        notes: (from..from + 5).map(|pitch| (3, Pitch::clamped(pitch), Some(NoteLength::DEFAULT))).collect(),
    };
    let (hers, his) = (change(&edit(&mut ada, chord(0))), change(&edit(&mut bo, chord(10))));
    take(&mut ada, &his).unwrap();
    take(&mut bo, &hers).unwrap();
    assert_eq!(ada.song(), bo.song());
    check_invariants(&ada);
    assert_eq!(ada.song().tracks[0].pattern().chord(3).count(), CHORD_NOTES_MAX);
    // One that is taken away makes room for one that was left out.
    let removal = Edit::SetChords { track, pattern, notes: vec![(3, Pitch::clamped(0), None)] };
    edit(&mut ada, removal);
    check_invariants(&ada);
    let top = ada.song().tracks[0].pattern().chord(3).last().unwrap().0;
    assert_eq!(top, Pitch::clamped(12));
}

#[test]
fn a_note_that_one_moves_while_another_plays_it_harder_is_moved_and_harder() {
    use antiphon_model::{FreeNote, Velocity};
    let (mut ada, mut changes) = with_a_track();
    let (track, pattern, id) = (track_id(0), jam::pattern_id(0), jam::note_id(0));
    let note = |note| Edit::SetNotes { track, pattern, notes: vec![(id, note)] };
    let made = jam::free_note(2, 9);
    changes.push(change(&edit(&mut ada, note(Some(made)))));
    let mut bo = joined(1, &changes);
    let start = made.start + 500;
    let hers = change(&edit(&mut ada, note(Some(FreeNote { start, ..made }))));
    let his = change(&edit(&mut bo, note(Some(FreeNote { velocity: Velocity::MAX, ..made }))));
    take(&mut ada, &his).unwrap();
    take(&mut bo, &hers).unwrap();
    let both = FreeNote { start, velocity: Velocity::MAX, ..made };
    for document in [&ada, &bo] {
        assert_eq!(document.song().tracks[0].pattern().notes.get(id), Some(&both));
    }
    // Taken away by one, it returns to both with what the other did meanwhile.
    let gone = change(&edit(&mut ada, note(None)));
    let softer = change(&edit(&mut bo, note(Some(FreeNote { velocity: Velocity::MIN, ..both }))));
    take(&mut ada, &softer).unwrap();
    take(&mut bo, &gone).unwrap();
    assert!(bo.song().tracks[0].pattern().notes.is_empty());
    take(&mut bo, &change(&ada.undo(jam::NOW_MS).unwrap())).unwrap();
    assert_eq!(bo.song().tracks[0].pattern().notes.get(id).unwrap().velocity, Velocity::MIN);
    // A note of an id that was used before is as it is put now, whatever was said of it then.
    edit(&mut ada, note(None));
    edit(&mut ada, note(Some(made)));
    assert_eq!(ada.song().tracks[0].pattern().notes.get(id), Some(&made));
    check_invariants(&ada);
}

#[test]
fn a_pattern_launched_by_one_and_removed_by_another_gives_way_until_it_returns() {
    let (mut ada, mut changes) = with_a_track();
    let (track, first, second) = (track_id(0), jam::pattern_id(0), jam::pattern_id(40));
    let like = Box::new(jam::content(3, 3));
    changes.push(change(&edit(&mut ada, Edit::AddPattern { track, pattern: second, like })));
    let mut bo = joined(1, &changes);
    let launch =
        change(&edit(&mut ada, Edit::Launch { patterns: vec![(track, second)], at: None, quantum: None }));
    let removal = change(&edit(&mut bo, Edit::RemovePattern { track, pattern: second }));
    take(&mut ada, &removal).unwrap();
    take(&mut bo, &launch).unwrap();
    for document in [&ada, &bo] {
        check_invariants(document);
        assert_eq!(document.song().tracks[0].current.to, first);
    }
    let back = change(&bo.undo(jam::NOW_MS).unwrap());
    take(&mut ada, &back).unwrap();
    assert_eq!(ada.song().tracks[0].current.to, second, "the launch was not lost");
}
