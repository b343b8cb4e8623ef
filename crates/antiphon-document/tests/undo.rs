//! Undo takes back my own work and nobody else's.

mod jam;

use antiphon_document::{ApplyError, SessionDocument};
use antiphon_model::{Edit, Swing};
use antiphon_timeline::Tempo;
use automerge::{Automerge, Change};
use jam::{NOW_MS, act, add_track, begin, change, check_invariants, edit, joined, on, steps, take, velocity};
use proptest::prelude::*;

/// Ada and Bo with one track.
fn two() -> (SessionDocument, SessionDocument) {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    let bo = joined(1, &changes);
    ada.forget_undo();
    (ada, bo)
}

fn swing(percent: i64) -> Edit {
    Edit::SetSwing { swing: Swing::clamped(percent) }
}

fn swing_of(document: &SessionDocument) -> u8 {
    document.song().swing.get()
}

fn both(from: &mut SessionDocument, to: &mut SessionDocument, made: Edit) -> Change {
    let change = change(&edit(from, made));
    take(to, &change).unwrap();
    change
}

fn both_add(ada: &mut SessionDocument, bo: &mut SessionDocument) {
    let add = add_track(1, ada);
    both(ada, bo, add);
}

proptest! {
    #![proptest_config(jam::cases(128))]

    #[test]
    fn alone_undo_leads_back_through_every_song_and_redo_forth(acts in prop::collection::vec(any::<[u8; 4]>(), 1..30)) {
        let (mut ada, _) = two();
        let mut songs = vec![ada.song().clone()];
        for mut numbers in acts {
            // Samples stay known, and undo itself is what is tested below.
            if matches!(numbers[0] % jam::KINDS, 9 | 13 | 14) {
                numbers[0] = 16;
            }
            act(&mut ada, numbers);
            if ada.song() != songs.last().unwrap() {
                songs.push(ada.song().clone());
            }
        }
        for _ in 0..2 {
            for song in songs.iter().rev().skip(1) {
                // An entry may leave the song as it is: a removed track was edited by an older entry.
                while ada.song() != song {
                    prop_assert!(ada.undo(NOW_MS).is_some(), "undo ended early");
                    check_invariants(&ada);
                }
            }
            for song in &songs[1..] {
                while ada.song() != song {
                    prop_assert!(ada.redo(NOW_MS).is_some(), "redo ended early");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(jam::cases(64))]

    #[test]
    fn undo_and_redo_write_only_over_my_own_work(
        acts in prop::collection::vec((any::<bool>(), any::<bool>(), any::<[u8; 4]>()), 1..40),
    ) {
        let (mut ada, mut bo) = two();
        let mut unsent: [Vec<Change>; 2] = Default::default();
        for (is_ada, exchange, numbers) in acts {
            let document = if is_ada { &mut ada } else { &mut bo };
            let before = Automerge::load(&document.save()).unwrap();
            let me = jam::actor(if is_ada { 0 } else { 1 });
            if let Some(made) = act(document, numbers) {
                let made = change(&made);
                if matches!(numbers[0] % jam::KINDS, 13 | 14) {
                    assert_over_own(&before, &made, &me.0);
                }
                unsent[usize::from(is_ada)].push(made);
            }
            if exchange {
                let [from_bo, from_ada] = std::mem::take(&mut unsent);
                from_bo.iter().for_each(|change| drop(take(&mut ada, change).unwrap()));
                from_ada.iter().for_each(|change| drop(take(&mut bo, change).unwrap()));
            }
        }
    }
}

/// Every value that the change replaces was shown by an operation of `me`.
fn assert_over_own(before: &Automerge, change: &Change, me: &[u8; 32]) {
    for operation in change.decode().operations {
        let shown = operation.pred.iter().max_by_key(|id| (id.counter(), id.actor().clone()));
        if let Some(shown) = shown {
            assert_eq!(shown.actor().to_bytes(), me, "{operation:?} in {} heads", before.get_heads().len());
        }
    }
}

#[test]
fn what_somebody_wrote_after_me_stays() {
    let (mut ada, mut bo) = two();
    both(&mut ada, &mut bo, swing(30));
    both(&mut bo, &mut ada, swing(50));
    ada.undo(NOW_MS);
    assert_eq!(swing_of(&ada), 50);
}

#[test]
fn what_somebody_wrote_between_two_of_mine_stays() {
    let (mut ada, mut bo) = two();
    both(&mut ada, &mut bo, swing(30));
    both(&mut bo, &mut ada, swing(50));
    both(&mut ada, &mut bo, swing(70));
    ada.undo(NOW_MS).unwrap();
    assert_eq!(swing_of(&ada), 50, "my last write goes");
    ada.undo(NOW_MS);
    assert_eq!(swing_of(&ada), 50, "Bo's is not mine to take back, though it is my undo that shows it");
    ada.redo(NOW_MS).unwrap();
    assert_eq!(swing_of(&ada), 70);
}

#[test]
fn what_somebody_wrote_at_the_same_time_shows_when_mine_goes() {
    // Whoever wins: the one who does undoes, and the other's value is what both see.
    for (first, second) in [(0, 1), (1, 0)] {
        let (mut ada, mut changes) = begin(first);
        let add = add_track(0, &ada);
        changes.push(change(&edit(&mut ada, add)));
        let mut bo = joined(second, &changes);
        let (mine, theirs) = (change(&edit(&mut ada, swing(30))), change(&edit(&mut bo, swing(50))));
        take(&mut ada, &theirs).unwrap();
        take(&mut bo, &mine).unwrap();
        let (winner, other, others) = match swing_of(&ada) {
            30 => (&mut ada, &mut bo, 50),
            _ => (&mut bo, &mut ada, 30),
        };
        let won = swing_of(winner);
        take(other, &change(&winner.undo(NOW_MS).unwrap())).unwrap();
        assert_eq!([swing_of(winner), swing_of(other)], [others, others]);
        take(other, &change(&winner.redo(NOW_MS).unwrap())).unwrap();
        assert_eq!([swing_of(winner), swing_of(other)], [won, won]);
    }
}

#[test]
fn one_field_of_an_edit_goes_back_where_another_was_overwritten() {
    let (mut ada, mut bo) = two();
    both(&mut ada, &mut bo, steps(0, vec![(1, on(true)), (2, on(true))]));
    both(&mut bo, &mut ada, steps(0, vec![(2, on(false))]));
    both(&mut bo, &mut ada, steps(0, vec![(2, on(true))]));
    ada.undo(NOW_MS).unwrap();
    let pattern = ada.song().tracks[0].pattern();
    assert!(!pattern.steps.contains_key(&1), "mine is as if it had never been set");
    assert!(pattern.steps[&2].on, "Bo's stays");
}

#[test]
fn redo_does_not_overwrite_what_was_written_since() {
    let (mut ada, mut bo) = two();
    both(&mut ada, &mut bo, swing(30));
    let undone = change(&ada.undo(NOW_MS).unwrap());
    take(&mut bo, &undone).unwrap();
    both(&mut bo, &mut ada, swing(50));
    assert!(ada.redo(NOW_MS).is_none());
    assert_eq!(swing_of(&ada), 50);
}

#[test]
fn back_and_forth_at_one_field_still_leads_to_its_beginning() {
    let (mut ada, _) = two();
    for percent in [10, 20] {
        edit(&mut ada, swing(percent));
    }
    ada.undo(NOW_MS).unwrap();
    edit(&mut ada, swing(30));
    ada.undo(NOW_MS).unwrap();
    ada.redo(NOW_MS).unwrap();
    ada.undo(NOW_MS).unwrap();
    assert_eq!(swing_of(&ada), 10);
    ada.undo(NOW_MS).unwrap();
    assert_eq!(swing_of(&ada), 0);
}

#[test]
fn an_added_track_goes_and_returns_with_what_others_did_in_it() {
    let (mut ada, mut bo) = two();
    both_add(&mut ada, &mut bo);
    let gone = change(&ada.undo(NOW_MS).unwrap());
    both(&mut bo, &mut ada, steps(1, vec![(5, velocity(9))]));
    take(&mut bo, &gone).unwrap();
    assert_eq!([ada.song().tracks.len(), bo.song().tracks.len()], [1, 1]);
    ada.redo(NOW_MS).unwrap();
    assert_eq!(ada.song().tracks[1].pattern().steps[&5].velocity.get(), 9);
}

#[test]
fn an_edit_that_changes_nothing_is_no_entry() {
    let (mut ada, _) = two();
    edit(&mut ada, swing(30));
    assert!(matches!(jam::try_edit(&mut ada, swing(30)), Err(ApplyError::Unchanged)));
    ada.undo(NOW_MS).unwrap();
    assert_eq!(swing_of(&ada), 0);
}

#[test]
fn a_thousand_edits_can_be_undone() {
    let (mut ada, _) = two();
    let begin = ada.song().clone();
    for n in 0..1_000 {
        edit(&mut ada, swing(1 + n % 100));
    }
    for _ in 0..1_000 {
        ada.undo(NOW_MS).unwrap();
    }
    assert_eq!(ada.song(), &begin);
    assert!(ada.undo(NOW_MS).is_none());
}

#[test]
fn labels_say_what_would_be_undone() {
    let (mut ada, mut bo) = two();
    both_add(&mut ada, &mut bo);
    assert_eq!(ada.undo_label(), Some("track Track 1"));
    edit(&mut ada, steps(0, vec![(4, on(true))]));
    assert_eq!(ada.undo_label(), Some("step 5 of Track 0"));
    edit(&mut ada, Edit::SetTempo { tempo: Tempo::from_bpm(99.0).unwrap(), ramp_ns: 0 });
    assert_eq!((ada.undo_label(), ada.redo_label()), (Some("tempo"), None));
    let undone = ada.undo(NOW_MS).unwrap();
    assert_eq!(undone.label, "tempo");
    assert_eq!((ada.undo_label(), ada.redo_label()), (Some("step 5 of Track 0"), Some("tempo")));
}
