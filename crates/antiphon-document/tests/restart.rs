//! Undo does not end with the program: what I did in earlier runs is found again in the changes.

mod jam;

use antiphon_document::{ActorId, SessionDocument};
use antiphon_model::{Edit, Swing};
use automerge::Change;
use jam::{NOW_MS, SESSION, act, actor, add_track, begin, change, edit, joined, name, on, steps, take};
use proptest::prelude::*;

const MY_RUNS: u8 = 100;

/// Mine are the actors up to this one.
fn is_mine(actor: &ActorId) -> bool {
    (0..MY_RUNS).any(|run| *actor == jam::actor(run))
}

/// The next run of my program.
fn reopened(run: u8, changes: &[Change]) -> SessionDocument {
    let mut document = SessionDocument::load_with_undo(SESSION, changes.to_vec(), is_mine).unwrap();
    document.set_actor(actor(run));
    document
}

/// Everything that undo does until it ends, then everything that redo does.
fn walk_to_both_ends(mut document: SessionDocument) -> Vec<(String, antiphon_model::Song)> {
    let mut seen = Vec::new();
    while let Some(undone) = document.undo(NOW_MS) {
        seen.push((undone.label, (**document.song()).clone()));
    }
    while let Some(redone) = document.redo(NOW_MS) {
        seen.push((redone.label, (**document.song()).clone()));
    }
    seen
}

#[derive(Debug, Clone)]
enum Event {
    Mine([u8; 4]),
    Theirs([u8; 4]),
    /// Everything so far crosses over.
    Meet,
    Restart,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => any::<[u8; 4]>().prop_map(Event::Mine),
        2 => (13u8..15, any::<[u8; 3]>()).prop_map(|(kind, [a, b, c])| Event::Mine([kind, a, b, c])),
        3 => any::<[u8; 4]>().prop_map(Event::Theirs),
        2 => Just(Event::Meet),
        1 => Just(Event::Restart),
    ];
    prop::collection::vec(event, 1..50)
}

fn cases() -> ProptestConfig {
    let long = std::env::var_os("ANTIPHON_LONG").is_some();
    ProptestConfig::with_cases(if long { 5_000 } else { 48 })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_restart_loses_nothing_that_could_be_undone_or_redone(events in events()) {
        let (mut mine, mut changes) = begin(0);
        let add = add_track(0, &mine);
        changes.push(change(&edit(&mut mine, add)));
        let mut theirs = joined(MY_RUNS, &changes);
        // Each as its own machine has them: in the order of arrival.
        let (mut here, mut there) = (changes.clone(), changes);
        let mut run = 0;
        for event in events {
            match event {
                Event::Mine(numbers) => here.extend(act(&mut mine, numbers).as_ref().map(change)),
                Event::Theirs(numbers) => there.extend(act(&mut theirs, numbers).as_ref().map(change)),
                Event::Meet => {
                    exchange(&there, &mut here, &mut mine);
                    exchange(&here, &mut there, &mut theirs);
                }
                Event::Restart => {
                    run += 1;
                    mine = reopened(run, &here);
                }
            }
        }
        exchange(&there, &mut here, &mut mine);
        let again = reopened(run + 1, &here);
        prop_assert_eq!(mine.song(), again.song());
        prop_assert_eq!(walk_to_both_ends(mine), walk_to_both_ends(again));
    }
}

fn exchange(from: &[Change], to: &mut Vec<Change>, document: &mut SessionDocument) {
    for change in from {
        if !document.gate().has_change(&change.hash().into()) {
            take(document, change).unwrap();
            to.push(change.clone());
        }
    }
}

fn swing(percent: i64) -> Edit {
    Edit::SetSwing { swing: Swing::clamped(percent) }
}

#[test]
fn each_command_of_its_own_run_can_be_undone_by_the_next() {
    let (mut first, mut changes) = begin(0);
    let add = add_track(0, &first);
    changes.push(change(&edit(&mut first, add)));
    let mut second = reopened(1, &changes);
    changes.push(change(&edit(&mut second, steps(0, vec![(4, on(true))]))));

    let mut third = reopened(2, &changes);
    assert_eq!(third.undo_label(), Some("step 5 of Track 0"));
    changes.push(change(&third.undo(NOW_MS).unwrap()));
    assert!(third.song().tracks[0].pattern().steps.is_empty());

    let mut fourth = reopened(3, &changes);
    assert_eq!(
        (fourth.undo_label(), fourth.redo_label()),
        (Some("track Track 0"), Some("step 5 of Track 0"))
    );
    changes.push(change(&fourth.redo(NOW_MS).unwrap()));

    let mut fifth = reopened(4, &changes);
    assert!(fifth.song().tracks[0].pattern().steps[&4].on);
    fifth.undo(NOW_MS).unwrap();
    fifth.undo(NOW_MS).unwrap();
    assert!(fifth.song().tracks.is_empty());
    assert!(fifth.undo(NOW_MS).is_none(), "the session's beginning stays");
}

#[test]
fn what_others_did_is_not_mine_after_a_restart() {
    let (mut mine, mut changes) = begin(0);
    let mut theirs = joined(MY_RUNS, &changes);
    changes.push(change(&edit(&mut mine, swing(30))));
    exchange(&changes, &mut Vec::new(), &mut theirs);
    changes.push(change(&edit(&mut theirs, swing(50))));
    exchange(&changes, &mut Vec::new(), &mut mine);
    changes.push(change(&edit(&mut mine, swing(70))));
    let mut again = reopened(1, &changes);
    again.undo(NOW_MS).unwrap();
    assert_eq!(again.song().swing.get(), 50);
    assert!(again.undo(NOW_MS).is_none(), "mine under theirs is gone");
    assert_eq!(again.song().swing.get(), 50);
}

#[test]
fn what_an_undo_uncovered_is_uncovered_again_after_a_restart() {
    // Ada and Bo write at the same time; of the runs in which Ada could have, one that wins.
    let run = (0..MY_RUNS).find(|run| actor(*run) > actor(MY_RUNS)).unwrap();
    let (mut mine, mut changes) = begin(run);
    let mut theirs = joined(MY_RUNS, &changes);
    let concurrent = [edit(&mut mine, swing(30)), edit(&mut theirs, swing(50))];
    changes.extend(concurrent.iter().map(change));
    exchange(&changes, &mut Vec::new(), &mut mine);
    assert_eq!(mine.song().swing.get(), 30);
    changes.push(change(&mine.undo(NOW_MS).unwrap()));
    assert_eq!(mine.song().swing.get(), 50);

    let mut again = reopened(if run == 0 { 1 } else { 0 }, &changes);
    again.redo(NOW_MS).unwrap();
    assert_eq!(again.song().swing.get(), 30);
    again.undo(NOW_MS).unwrap();
    assert_eq!(again.song().swing.get(), 50);
}

/// Ada's session after a first swing of 10, then `mine` and `theirs` at the same time, of which mine won.
fn won_against(mine: i64, theirs: i64) -> (SessionDocument, Vec<Change>) {
    let run = (0..MY_RUNS).find(|run| actor(*run) > actor(MY_RUNS)).unwrap();
    let (mut ada, mut changes) = begin(run);
    changes.push(change(&edit(&mut ada, swing(10))));
    let mut bo = joined(MY_RUNS, &changes);
    let concurrent = [edit(&mut ada, swing(mine)), edit(&mut bo, swing(theirs))];
    changes.extend(concurrent.iter().map(change));
    exchange(&changes, &mut Vec::new(), &mut ada);
    assert_eq!(ada.song().swing.get(), mine as u8);
    (ada, changes)
}

#[test]
fn a_value_that_is_confirmed_over_a_rival_is_still_mine_to_undo() {
    let (mut ada, mut changes) = won_against(30, 50);
    changes.push(change(&edit(&mut ada, swing(30))));
    for mut document in [ada, reopened(99, &changes)] {
        document.undo(NOW_MS).unwrap();
        assert_eq!(document.song().swing.get(), 10);
    }
}

#[test]
fn an_undo_that_would_show_nothing_is_passed_over() {
    let (ada, changes) = won_against(30, 30);
    for mut document in [ada, reopened(99, &changes)] {
        assert!(document.undo(NOW_MS).is_none(), "somebody else said 30 too");
        assert_eq!(document.song().swing.get(), 30);
    }
}

#[test]
fn what_a_session_begins_with_is_not_undone_in_any_run() {
    let (mut first, mut changes) = begin(0);
    let content = [add_track(0, &first), steps(0, vec![(0, on(true))])];
    for content in content {
        let valid = content.validate(first.song()).unwrap();
        changes.push(change(&first.begin_with(&valid, NOW_MS).unwrap()));
    }
    assert!(first.undo(NOW_MS).is_none());
    let mut second = reopened(1, &changes);
    assert_eq!(second.undo_label(), None);
    assert!(second.undo(NOW_MS).is_none());
}

#[test]
fn the_last_two_thousand_edits_come_back() {
    let (mut first, mut changes) = begin(0);
    for n in 0..2_100 {
        changes.push(change(&edit(&mut first, swing(1 + n % 100))));
    }
    let mut again = reopened(1, &changes);
    let undone = std::iter::from_fn(|| again.undo(NOW_MS)).count();
    assert_eq!(undone, antiphon_document::limits::UNDO_ENTRIES_MAX);
}

#[test]
fn a_label_longer_than_a_change_carries_is_cut_at_a_character() {
    let (mut first, mut changes) = begin(0);
    let add = add_track(0, &first);
    changes.push(change(&edit(&mut first, add)));
    let track = jam::track_id(0);
    let wide = name(&"\u{1f941}".repeat(64));
    changes.push(change(&edit(&mut first, Edit::RenameTrack { track, name: wide })));
    changes.push(change(&edit(&mut first, steps(0, vec![(0, on(true))]))));
    let sent = changes.last().and_then(Change::message).unwrap();
    assert!(sent.len() <= 256, "{} bytes", sent.len());
    let again = reopened(1, &changes);
    assert_eq!(first.undo_label(), again.undo_label());
    let label = again.undo_label().unwrap();
    assert!(label.starts_with("step 1 of \u{1f941}") && label.len() <= 256, "{} bytes", label.len());
}

#[test]
fn a_drag_that_crosses_a_step_twice_is_undone_whole() {
    let (mut first, mut changes) = begin(0);
    let add = add_track(0, &first);
    changes.push(change(&edit(&mut first, add)));
    changes.push(change(&edit(&mut first, steps(0, vec![(3, on(true)), (3, on(false)), (3, on(true))]))));
    for mut document in [first, reopened(1, &changes)] {
        assert!(document.song().tracks[0].pattern().steps[&3].on);
        document.undo(NOW_MS).unwrap();
        assert!(document.song().tracks[0].pattern().steps.is_empty());
    }
}
