//! Edits that wait for a bar: the same is heard everywhere, whatever the order of arrival; and values that no peer writes.

mod jam;

use std::sync::Arc;

use antiphon_document::{Playing, SessionDocument};
use antiphon_model::{Edit, Moment, Song};
use antiphon_timeline::{Meter, OpKind, Quantum, SessionTime, Stamp, Tempo, Ticks, TimebaseId, TimelineOp};
use automerge::{Automerge, Change, ObjId, ROOT, ReadDoc, transaction::Transactable};
use jam::{
    SESSION, act, actor, add_track, begin, cases, change, check_invariants, edit, joined, on, steps, take,
    velocity,
};
use proptest::prelude::*;

const RUN: SessionTime = SessionTime(5);

/// In the run, `now` bars into it; local edits wait for bar `edits_at`.
fn playing(now: i64, edits_at: Option<i64>) -> Option<Playing> {
    Some(Playing {
        run: RUN,
        now: Ticks::from_bars(now),
        latest: Ticks::from_bars(8),
        edits_at: edits_at.map(Ticks::from_bars),
    })
}

/// Takes in changes in this order, each as soon as it fits.
fn take_all(document: &mut SessionDocument, changes: &[Change]) {
    let mut waiting: Vec<&Change> = changes.iter().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|change| take(document, change).is_err());
        assert!(waiting.len() < before, "changes that never fit");
    }
}

/// The song of those changes that are heard by bar `now`: each waits at least as long as what it follows.
fn slowly(changes: &[Change], now: i64) -> Arc<Song> {
    let moment = |change: &Change| -> i64 {
        let text =
            change.message().and_then(|message| message.split_once('\u{1f}')).map(|(_, moment)| moment);
        let tick = text.and_then(|text| text.strip_prefix("5|")).map_or(0, |tick| tick.parse().unwrap());
        if tick <= Ticks::from_bars(8).0 { tick } else { 0 }
    };
    let mut due = std::collections::HashMap::new();
    let mut heard = Vec::new();
    for change in changes {
        let before = change.deps().iter().map(|hash| due[hash]).max().unwrap_or(0);
        let at = moment(change).max(before);
        due.insert(change.hash(), at);
        if at <= Ticks::from_bars(now).0 {
            heard.push(change.clone());
        }
    }
    SessionDocument::load_from_changes(SESSION, heard).unwrap().song().clone()
}

/// What launches say is heard as the document has it, so it is no part of the comparison.
fn without_switches(song: &Song) -> Song {
    let mut song = song.clone();
    (song.fill, song.mode) = Default::default();
    for track in &mut song.tracks {
        let first = *track.patterns.keys().next().unwrap();
        track.current = antiphon_model::Switch::settled(first);
    }
    song
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn the_same_is_heard_at_every_bar_whatever_came_first(
        deeds in prop::collection::vec((any::<bool>(), any::<[u8; 4]>(), 0..6_i64, any::<bool>()), 1..40),
    ) {
        let (mut ada, mut common) = begin(0);
        let add = add_track(0, &ada);
        common.push(change(&edit(&mut ada, add)));
        let mut bo = joined(1, &common);
        let mut made: [Vec<Change>; 2] = Default::default();
        for (is_bo, numbers, bar, meet) in deeds {
            let (author, own) = if is_bo { (&mut bo, &mut made[1]) } else { (&mut ada, &mut made[0]) };
            author.set_playing(playing(0, (bar > 0).then_some(bar)));
            own.extend(act(author, numbers).as_ref().map(change));
            if meet {
                made[1].iter().for_each(|one| { take(&mut ada, one).ok(); });
                made[0].iter().for_each(|one| { take(&mut bo, one).ok(); });
            }
        }
        let (mut cy, mut di) = (joined(2, &common), joined(3, &common));
        cy.set_playing(playing(0, None));
        di.set_playing(playing(0, None));
        take_all(&mut cy, &made.concat());
        made.reverse();
        take_all(&mut di, &made.concat());
        let all = cy.changes();
        // Who has everything before it knows what plays.
        let mut late = SessionDocument::load_from_changes(SESSION, all.clone()).unwrap();
        for bar in 0..7 {
            for document in [&mut cy, &mut di, &mut late] {
                document.set_playing(playing(bar, None));
                check_invariants(document);
            }
            let heard = cy.heard();
            prop_assert_eq!(&di.heard(), &heard);
            prop_assert_eq!(&late.heard(), &heard);
            prop_assert_eq!(without_switches(&heard.0), without_switches(&slowly(&all, bar)), "bar {}", bar);
        }
        prop_assert_eq!(cy.heard(), (cy.song().clone(), None));
    }
}

fn step(at: u16) -> Edit {
    steps(0, vec![(at, on(true))])
}

/// Ada and Bo with a track; Bo hears Ada's edits.
fn two() -> (SessionDocument, SessionDocument) {
    let (mut ada, mut common) = begin(0);
    let add = add_track(0, &ada);
    common.push(change(&edit(&mut ada, add)));
    let bo = joined(1, &common);
    (ada, bo)
}

fn steps_on(song: &Song) -> usize {
    song.tracks[0].pattern().steps.values().filter(|step| step.on).count()
}

#[test]
fn a_moment_that_nobody_honest_writes_waits_for_nothing() {
    let far = Ticks((1 << 62) / (1 << 30) * (1 << 30));
    for (run, at) in
        [(RUN, far), (SessionTime(6), Ticks::from_bars(2)), (SessionTime(i64::MIN), Ticks::from_bars(1))]
    {
        let (mut ada, mut bo) = two();
        ada.set_playing(Some(Playing { run, now: Ticks::ZERO, latest: far, edits_at: Some(at) }));
        bo.set_playing(playing(0, None));
        let forged = change(&edit(&mut ada, step(3)));
        assert_eq!(take(&mut bo, &forged).unwrap().late, None);
        assert_eq!((steps_on(&bo.heard().0), bo.heard().1, bo.edits_waiting()), (1, None, 0));
    }
}

#[test]
fn many_moments_cost_few_copies_and_what_waits_too_many_ways_waits_together() {
    let (mut ada, mut bo) = two();
    bo.set_playing(playing(0, None));
    for number in 0..200_u16 {
        let edits_at = Some(Ticks::from_steps(1 + i64::from(number % 100)));
        ada.set_playing(Some(Playing { run: RUN, now: Ticks::ZERO, latest: Ticks::from_bars(8), edits_at }));
        let louder = steps(0, vec![(number % 16, velocity(i64::from(1 + number / 2)))]);
        take(&mut bo, &change(&edit(&mut ada, louder))).unwrap();
    }
    let mut changes = 0;
    for sixteenth in 0..=128 {
        changes += usize::from(bo.set_playing(Some(Playing {
            run: RUN,
            now: Ticks::from_steps(sixteenth),
            latest: Ticks::from_bars(8),
            edits_at: None,
        })));
    }
    assert!((1..=4).contains(&changes), "{changes} songs were heard on the way");
    assert_eq!(bo.heard(), (ada.song().clone(), None));
}

#[test]
fn what_misses_its_bar_is_heard_at_once_and_says_by_how_much() {
    let (mut ada, mut bo) = two();
    ada.set_playing(playing(0, Some(1)));
    bo.set_playing(playing(3, None));
    let late = change(&edit(&mut ada, step(3)));
    assert_eq!(take(&mut bo, &late).unwrap().late, Some(Ticks::from_bars(2).0));
    assert_eq!(steps_on(&bo.heard().0), 1);
}

#[test]
fn an_edit_that_fails_holds_nothing_back() {
    let (mut ada, _) = two();
    edit(&mut ada, step(3));
    ada.set_playing(playing(0, Some(1)));
    assert!(jam::try_edit(&mut ada, step(3)).is_err());
    assert_eq!(ada.heard(), (ada.song().clone(), None));
}

#[test]
fn settings_and_launches_do_not_wait() {
    let (mut ada, _) = two();
    ada.set_playing(playing(0, Some(1)));
    let at = Some(Moment { run: RUN, tick: Ticks::from_steps(2) });
    for settled in [
        Edit::SetMeter { meter: Meter::new(3, 4).unwrap() },
        Edit::SetQuantum { quantum: Quantum::Beat },
        Edit::SetEditsAtBar { on: true },
        Edit::SetFill { on: true, at, quantum: None },
    ] {
        edit(&mut ada, settled);
        assert_eq!(ada.heard(), (ada.song().clone(), None));
    }
    assert_eq!(ada.undo_label(), Some("fill"));
    edit(&mut ada, step(3));
    assert_eq!(ada.undo_label(), Some("step 4 of Track 0"), "the moment is no part of the label");
    assert_eq!((steps_on(&ada.heard().0), ada.edits_waiting()), (0, 1));
}

/// A document whose `meta` another program wrote.
fn altered(write: impl FnOnce(&mut automerge::transaction::Transaction<'_>, &ObjId)) -> SessionDocument {
    let (ada, _) = two();
    let mut other =
        Automerge::load(&ada.save()).unwrap().with_actor(automerge::ActorId::from(&actor(9).0[..]));
    let mut tx = other.transaction();
    let meta = tx.get(ROOT, "meta").unwrap().unwrap().1;
    write(&mut tx, &meta);
    tx.commit();
    SessionDocument::load_trusted(SESSION, &other.save()).unwrap()
}

#[test]
fn absurd_settings_are_repaired() {
    for (meter, quantum) in
        [("0/0", "never"), ("4/0", ""), ("17/4", "Bar"), ("-3/4", "bars"), ("4", "\u{1f}")]
    {
        let document = altered(|tx, meta| {
            tx.put(meta, "meter", meter).unwrap();
            tx.put(meta, "quantum", quantum).unwrap();
            tx.put(meta, "edits_at_bar", 1).unwrap();
            tx.put(meta, "tempo", 0).unwrap();
        });
        let song = document.song();
        assert_eq!((song.meter, song.quantum, song.edits_at_bar), (Meter::DEFAULT, Quantum::Bar, false));
        assert_eq!(song.tempo, Tempo::MIN);
    }
    let song = altered(|tx, meta| tx.put(meta, "tempo", f64::NAN).unwrap()).song().clone();
    assert_eq!(song.tempo, Tempo::DEFAULT);
}

#[test]
fn a_session_of_schema_2_opens_as_it_was_and_takes_the_new_settings() {
    let mut old = altered(|tx, meta| {
        tx.put(meta, "schema", 2).unwrap();
    });
    let song = old.song();
    assert_eq!((song.meter, song.quantum, song.edits_at_bar), (Meter::DEFAULT, Quantum::Bar, false));
    old.set_actor(actor(3));
    edit(&mut old, Edit::SetMeter { meter: Meter::new(7, 8).unwrap() });
    edit(&mut old, Edit::SetEditsAtBar { on: true });
    assert_eq!((old.song().meter.to_string(), old.song().edits_at_bar), ("7/8".into(), true));
    check_invariants(&old);
}

#[test]
fn an_operation_with_absurd_values_is_left_out_and_takes_none_with_it() {
    let (mut ada, _) = two();
    let timebase = TimebaseId(3);
    let kind = OpKind::Tempo { at: Ticks::ZERO, tempo: Tempo::MAX, ramp_ns: 0 };
    let op = TimelineOp { stamp: Stamp { time: SessionTime(1), counter: 0 }, author: [1; 32], kind };
    ada.add_timeline_op(timebase, &op).unwrap();
    let honest = op.encode();
    let forged = |at: usize, bytes: [u8; 8]| {
        let mut forged = honest.clone();
        forged[at..at + 8].copy_from_slice(&bytes);
        forged
    };
    // Tempo 0, a ramp without end, one that goes back.
    let absurd = [forged(52, [0; 8]), forged(60, i64::MAX.to_le_bytes()), forged(60, (-1_i64).to_le_bytes())];
    let mut other =
        Automerge::load(&ada.save()).unwrap().with_actor(automerge::ActorId::from(&actor(9).0[..]));
    for (number, bytes) in absurd.into_iter().enumerate() {
        assert!(TimelineOp::decode(&bytes).is_err());
        let mut tx = other.transaction();
        let transport = tx.get(ROOT, "transport").unwrap().unwrap().1;
        let page = tx.get(&transport, "0").unwrap().unwrap().1;
        tx.put(&page, format!("{:016x}.{number:016x}", timebase.0), bytes).unwrap();
        tx.commit();
    }
    let document = SessionDocument::load_trusted(SESSION, &other.save()).unwrap();
    assert_eq!(document.timeline_ops(timebase), [op]);
}
