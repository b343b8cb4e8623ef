//! Every kind of edit, through two peers.

mod jam;

use std::{collections::BTreeSet, sync::OnceLock};

use antiphon_document::{SessionDocument, Touched};
use antiphon_model::{Edit, Song};
use automerge::Change;
use jam::{
    EDIT_KINDS, NOW_MS, SESSION, change, check_invariants, edit, full, kind_of, on, one_of_each, steps, take,
    track_id, try_edit, velocity,
};

/// What of a song a change did not touch has the same patterns, and not merely equal ones: the engine compiles
/// only those that are others.
fn check_untouched(before: &Song, after: &Song, touched: &Touched) {
    for (old, new) in before.tracks.iter().filter_map(|track| Some((track, after.track(track.id)?))) {
        for (id, pattern) in &old.patterns {
            let key = (old.id, *id);
            let whole = touched.new_tracks.contains(&old.id) || touched.patterns.contains(&key);
            let inside = touched.steps.contains_key(&key) || touched.notes.contains_key(&key);
            if let Some(now) = new.patterns.get(id).filter(|_| !whole && !inside) {
                assert!(std::sync::Arc::ptr_eq(pattern, now), "{} was made anew", now.name.as_str());
            }
        }
    }
}

/// Ada and Bo with the same session, in which neither has anything to undo yet.
fn both() -> (SessionDocument, SessionDocument) {
    static CHANGES: OnceLock<Vec<Change>> = OnceLock::new();
    let open = |actor| {
        let changes = CHANGES.get_or_init(|| full().1).clone();
        let mut document = SessionDocument::load_from_changes(SESSION, changes).unwrap();
        document.set_actor(actor);
        document
    };
    (open(jam::actor(0)), open(jam::actor(1)))
}

#[test]
fn there_is_one_of_each() {
    let (ada, ..) = both();
    let kinds: BTreeSet<u32> = one_of_each(ada.song()).iter().map(kind_of).collect();
    let all: BTreeSet<u32> = (0..EDIT_KINDS).filter(|kind| *kind != 6).collect();
    assert_eq!(kinds, all);
}

#[test]
fn a_peer_hears_every_edit_and_every_undo_of_it() {
    let (first, ..) = both();
    for wanted in one_of_each(first.song()) {
        let (mut ada, mut bo) = both();
        let before = ada.song().clone();
        let case = format!("{wanted:?}");
        let can_undo = !matches!(wanted, Edit::AddSample { .. });
        let made = match try_edit(&mut ada, wanted) {
            Ok(made) => made,
            Err(error) => panic!("{case}: {error}"),
        };
        assert_ne!(*ada.song(), before, "{case} changes nothing");
        assert_eq!(take(&mut bo, &change(&made)).unwrap(), made.touched, "{case}");
        check_untouched(&before, ada.song(), &made.touched);
        if !can_undo {
            continue;
        }
        let after = ada.song().clone();
        let back = ada.undo(NOW_MS).unwrap();
        take(&mut bo, &change(&back)).unwrap();
        assert_eq!(*ada.song(), before, "{case} is undone");
        let forth = ada.redo(NOW_MS).unwrap();
        take(&mut bo, &change(&forth)).unwrap();
        assert_eq!(*ada.song(), after, "{case} is redone");
        assert_eq!(ada.song(), bo.song(), "{case}");
        check_invariants(&ada);
        check_invariants(&bo);
    }
}

#[test]
fn every_edit_meets_every_other_made_at_the_same_time() {
    let (first, ..) = both();
    let edits = one_of_each(first.song());
    let long = std::env::var_os("ANTIPHON_LONG").is_some();
    for (n, mine) in edits.iter().enumerate() {
        // All pairs take a minute; by default each meets a few, always others.
        for theirs in edits.iter().skip(if long { 0 } else { n % 17 }).step_by(if long { 1 } else { 17 }) {
            let (mut ada, mut bo) = both();
            let before = ada.song().clone();
            let hers = change(&edit(&mut ada, mine.clone()));
            let his = change(&edit(&mut bo, theirs.clone()));
            let shown = ada.song().clone();
            let touched = take(&mut ada, &his).unwrap();
            take(&mut bo, &hers).unwrap();
            assert_eq!(ada.song(), bo.song(), "{mine:?} and {theirs:?}");
            check_untouched(&shown, ada.song(), &touched);
            check_invariants(&ada);
            check_invariants(&bo);
            // Both take their own back: what they had together is there again.
            let mut undone = Vec::new();
            undone.extend(ada.undo(NOW_MS).map(|made| change(&made)));
            undone.extend(bo.undo(NOW_MS).map(|made| change(&made)));
            for made in &undone {
                let _ = take(&mut ada, made);
                let _ = take(&mut bo, made);
            }
            assert_eq!(ada.song(), bo.song(), "{mine:?} and {theirs:?} undone");
            let samples = ada.song().samples.clone();
            let same = Song { samples, ..(*before).clone() };
            if mine != theirs && !overlap(mine, theirs) {
                assert_eq!(**ada.song(), same, "{mine:?} and {theirs:?} undone");
            }
        }
    }
}

/// May both write one field? Then who goes first finds the other's value there.
fn overlap(mine: &Edit, theirs: &Edit) -> bool {
    let whole = |edit: &Edit| {
        matches!(
            edit,
            Edit::Reshape { .. }
                | Edit::SetPattern { .. }
                | Edit::SetSteps { .. }
                | Edit::ClearPattern { .. }
                | Edit::SetChords { .. }
                | Edit::SetLocks { .. }
                | Edit::SetNotes { .. }
                | Edit::SetPatternLength { .. }
                | Edit::SetPatternSpeed { .. }
                | Edit::SetHumanise { .. }
        )
    };
    kind_of(mine) == kind_of(theirs) || (whole(mine) && whole(theirs))
}

#[test]
fn a_tool_meets_a_friends_step_and_both_stay() {
    for reshape in jam::reshapes() {
        let (mut ada, mut bo) = both();
        let track = track_id(0);
        let pattern = ada.song().track(track).unwrap().current.to;
        let Ok(hers) = try_edit(&mut ada, Edit::Reshape { track, pattern, reshape }) else {
            panic!("{reshape:?} changes nothing");
        };
        let his = edit(&mut bo, steps(0, vec![(15, velocity(77))]));
        take(&mut ada, &change(&his)).unwrap();
        take(&mut bo, &change(&hers)).unwrap();
        assert_eq!(ada.song(), bo.song(), "{reshape:?}");
        check_invariants(&ada);
        let back = ada.undo(NOW_MS).unwrap();
        take(&mut bo, &change(&back)).unwrap();
        assert_eq!(ada.song(), bo.song(), "{reshape:?}");
        assert_eq!(ada.song().track(track).unwrap().pattern().step(15).velocity.get(), 77, "{reshape:?}");
    }
}

#[test]
fn a_launch_that_follows_another_keeps_what_sounds_until_then() {
    use antiphon_model::{Change, Moment, Switch};
    use antiphon_timeline::{SessionTime, Ticks};
    let (mut ada, ..) = both();
    let track = &ada.song().tracks[0];
    let (id, first) = (track.id, track.current.to);
    let other = *track.patterns.keys().find(|pattern| **pattern != first).unwrap();
    let at = |bar| Moment { run: SessionTime(9), tick: Ticks::from_bars(bar) };
    edit(&mut ada, Edit::Launch { patterns: vec![(id, other)], at: Some(at(4)), quantum: None });
    let current = |ada: &SessionDocument| ada.song().tracks[0].current;
    assert_eq!(current(&ada), Switch { to: other, change: Some(Change { from: first, at: at(4) }) });
    edit(&mut ada, Edit::Launch { patterns: vec![(id, first)], at: Some(at(8)), quantum: None });
    assert_eq!(current(&ada), Switch { to: first, change: Some(Change { from: other, at: at(8) }) });
    // Before the first took effect, back again: nothing is heard of it.
    edit(&mut ada, Edit::Launch { patterns: vec![(id, other)], at: Some(at(8)), quantum: None });
    assert_eq!(current(&ada), Switch::settled(other));
}

#[test]
fn only_what_differs_is_written() {
    let (mut ada, ..) = both();
    let track = track_id(0);
    let pattern = ada.song().track(track).unwrap().current.to;
    let mut wanted = (**ada.song().pattern(track, pattern).unwrap()).clone();
    wanted.steps.entry(3).or_default().chance = antiphon_model::Chance::clamped(50);
    let made = edit(&mut ada, Edit::SetPattern { track, pattern, content: Box::new(wanted.clone()) });
    assert_eq!(change(&made).len(), 1, "one value");
    let again = Edit::SetPattern { track, pattern, content: Box::new(wanted) };
    assert!(try_edit(&mut ada, again).is_err(), "nothing would change");
    // The name of what is copied stays where it is.
    let (mut bo, _) = both();
    let to = bo.song().tracks[1].current.to;
    edit(&mut bo, Edit::CopyPattern { from: (track, pattern), to: (track_id(1), to) });
    let (from, to) =
        (bo.song().pattern(track, pattern).unwrap(), bo.song().pattern(track_id(1), to).unwrap());
    assert_ne!(from.name, to.name);
    assert_eq!(
        (&from.steps, &from.chords, &from.locks, &from.notes),
        (&to.steps, &to.chords, &to.locks, &to.notes)
    );
    edit(&mut bo, steps(1, vec![(3, on(true))]));
}
