//! Whatever order changes arrive in, all peers have the same session.

mod jam;

use antiphon_document::SessionDocument;
use antiphon_model::Edit;
use antiphon_timeline::TimebaseId;
use automerge::Change;
use jam::{
    SESSION, act, add_track, begin, change, check_invariants, edit, joined, on, steps, take, track_id,
};
use proptest::prelude::*;

const PEERS: usize = 3;

/// One act of one peer, or the arrival of one peer's changes at another.
#[derive(Debug, Clone)]
enum Event {
    Act { peer: usize, numbers: [u8; 4] },
    Arrive { at: usize, any: prop::sample::Index },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let acts = (0..PEERS, any::<[u8; 4]>()).prop_map(|(peer, numbers)| Event::Act { peer, numbers });
    let arrivals = (0..PEERS, any::<prop::sample::Index>()).prop_map(|(at, any)| Event::Arrive { at, any });
    prop::collection::vec(prop_oneof![acts, arrivals], 1..60)
}

struct Room {
    documents: Vec<SessionDocument>,
    changes: Vec<Change>,
}

impl Room {
    fn new() -> Self {
        let (mut first, mut changes) = begin(0);
        for n in 0..2 {
            let add = add_track(n, &first);
            changes.push(change(&edit(&mut first, add)));
        }
        let others = (1..PEERS).map(|n| joined(n as u8, &changes));
        let documents = std::iter::once(first).chain(others.collect::<Vec<_>>()).collect();
        Self { documents, changes }
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Act { peer, numbers } => {
                let made = act(&mut self.documents[*peer], *numbers);
                self.changes.extend(made.as_ref().map(change));
                check_invariants(&self.documents[*peer]);
            }
            Event::Arrive { at, any } => {
                // One of the changes that could come next: those whose dependencies are here.
                let ready: Vec<Change> = self.ready(*at).cloned().collect();
                if !ready.is_empty() {
                    take(&mut self.documents[*at], any.get(&ready)).unwrap();
                    check_invariants(&self.documents[*at]);
                }
            }
        }
    }

    fn ready(&self, at: usize) -> impl Iterator<Item = &Change> {
        let gate = self.documents[at].gate();
        self.changes.iter().filter(move |change| {
            !gate.has_change(&change.hash().into())
                && change.deps().iter().all(|hash| gate.has_change(&(*hash).into()))
        })
    }

    fn deliver_all(&mut self) {
        for at in 0..PEERS {
            while let Some(next) = self.ready(at).last().cloned() {
                take(&mut self.documents[at], &next).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(jam::cases(96))]

    #[test]
    fn any_edits_in_any_causal_order_give_one_song(events in events()) {
        let mut room = Room::new();
        for event in &events {
            room.happen(event);
        }
        room.deliver_all();
        let [first, others @ ..] = room.documents.as_slice() else { unreachable!() };
        check_invariants(first);
        for other in others {
            check_invariants(other);
            prop_assert_eq!(first.song(), other.song());
            prop_assert_eq!(first.heads(), other.heads());
            for timebase in [TimebaseId(0), TimebaseId(1)] {
                let (mut ours, mut theirs) = (first.timeline_ops(timebase), other.timeline_ops(timebase));
                ours.sort();
                theirs.sort();
                prop_assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn a_session_reloads_from_its_changes_and_from_a_save(events in events()) {
        let mut room = Room::new();
        for event in &events {
            room.happen(event);
        }
        room.deliver_all();
        let document = &room.documents[0];
        let loaded = SessionDocument::load_from_changes(SESSION, room.changes.clone()).unwrap();
        let saved = SessionDocument::load_trusted(SESSION, &document.save()).unwrap();
        for reloaded in [loaded, saved] {
            check_invariants(&reloaded);
            prop_assert_eq!(reloaded.song(), document.song());
            prop_assert_eq!(reloaded.heads(), document.heads());
            let heads = |document: &SessionDocument| {
                let mut heads: Vec<_> = document.actor_heads().collect();
                heads.sort();
                heads
            };
            prop_assert_eq!(heads(&reloaded), heads(document));
            prop_assert_eq!(reloaded.gate().ops(), document.gate().ops());
        }
    }
}

#[test]
fn an_edit_of_a_track_that_is_removed_meanwhile_is_there_when_it_returns() {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    let mut bo = joined(1, &changes);

    let removal = change(&edit(&mut ada, Edit::RemoveTrack { track: track_id(0) }));
    let toggle = change(&edit(&mut bo, steps(0, vec![(3, on(true))])));
    take(&mut ada, &toggle).unwrap();
    take(&mut bo, &removal).unwrap();
    assert!(ada.song().tracks.is_empty() && bo.song().tracks.is_empty());

    let back = ada.undo(jam::NOW_MS).unwrap();
    take(&mut bo, &change(&back)).unwrap();
    for document in [&ada, &bo] {
        assert!(document.song().tracks[0].pattern().steps[&3].on);
    }
}

#[test]
fn two_fields_of_one_step_merge() {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    let mut bo = joined(1, &changes);
    let toggle = change(&edit(&mut ada, steps(0, vec![(3, on(true))])));
    let harder = change(&edit(&mut bo, steps(0, vec![(3, jam::velocity(120))])));
    take(&mut ada, &harder).unwrap();
    take(&mut bo, &toggle).unwrap();
    let step = ada.song().tracks[0].pattern().steps[&3];
    assert!(step.on && step.velocity.get() == 120);
    assert_eq!(ada.song(), bo.song());
}

#[test]
fn a_change_that_is_here_already_touches_nothing() {
    let (mut ada, mut changes) = begin(0);
    let add = add_track(0, &ada);
    changes.push(change(&edit(&mut ada, add)));
    let heads = ada.heads();
    for change in changes {
        assert!(ada.admit(change).unwrap().is_empty());
    }
    assert_eq!(ada.heads(), heads);
}

#[test]
fn a_change_before_its_dependency_leaves_the_document_as_it_was() {
    let (mut ada, genesis) = begin(0);
    let add = add_track(0, &ada);
    let added = change(&edit(&mut ada, add));
    let toggled = change(&edit(&mut ada, steps(0, vec![(0, on(true))])));
    let mut bo = joined(1, &genesis);
    assert!(bo.admit(toggled.clone()).is_err());
    check_invariants(&bo);
    for change in [added, toggled] {
        take(&mut bo, &change).unwrap();
    }
    assert_eq!(ada.song(), bo.song());
    assert_eq!(ada.heads(), bo.heads());
}
