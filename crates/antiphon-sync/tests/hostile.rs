//! What a malicious peer sends changes nothing, and costs it its connection.

mod lab;

use std::sync::Arc;

use antiphon_document::ChangeHash;
use antiphon_identity::{DeviceKey, PeerId};
use antiphon_membership::{GrantId, Role};
use antiphon_model::SessionId;
use antiphon_sync::{Envelope, Fault, SyncOutput, Violation};
use antiphon_timeline::NANOS_PER_SECOND;
use automerge::{Change, ObjType, ScalarValue, transaction::Transactable};
use lab::{
    Channel, Lab,
    malice::{Malice, live, put},
    step,
};

/// Ada, who is honest, and Mallory, a member of the session with an open connection.
struct Scene {
    lab: Lab,
    ada: PeerId,
    mallory: PeerId,
    malice: Malice,
}

impl Scene {
    fn new(role: Role) -> Self {
        let mut lab = Lab::new(1);
        let (ada, mallory) = (lab.owner(), lab.member(66, role));
        lab.connect(ada, mallory);
        lab.edit(ada, step(1, true));
        lab.converge(5 * NANOS_PER_SECOND);
        let malice = Malice::beside(lab::key(66), &lab.peers[&ada].sync);
        Self { lab, ada, mallory, malice }
    }

    fn send(&mut self, frame: &[u8]) {
        self.lab.inject(self.mallory, self.ada, Channel::Sync, frame);
    }

    fn heads(&self) -> Vec<ChangeHash> {
        self.lab.peers[&self.ada].sync.document().heads()
    }

    fn faults(&self) -> Vec<Fault> {
        self.lab.peers[&self.ada].faults.iter().map(|(_, fault)| *fault).collect()
    }

    fn check_refused(mut self, envelope: &Envelope, expected: Violation) {
        let before = self.heads();
        self.send(&live(envelope));
        assert_eq!(self.faults(), [Fault::Change(expected)]);
        assert_eq!(self.heads(), before);
        // The second copy finds nobody at home.
        self.send(&live(envelope));
        assert_eq!(self.faults().len(), 1, "blamed once");
    }
}

fn check_change(expected: Violation, make: impl FnOnce(&mut Malice) -> Vec<u8>) {
    let mut scene = Scene::new(Role::Editor);
    let change = make(&mut scene.malice);
    let envelope = scene.malice.seal(change);
    scene.check_refused(&envelope, expected);
}

#[test]
fn an_honest_change_by_the_same_means_is_taken() {
    let mut scene = Scene::new(Role::Editor);
    let before = scene.heads();
    let change = scene.malice.bent(|_| {});
    let envelope = scene.malice.seal(change.raw_bytes().to_vec());
    scene.send(&live(&envelope));
    assert_eq!(scene.faults(), []);
    assert_ne!(scene.heads(), before);
}

#[test]
fn a_change_signed_by_another_key_is_refused() {
    let mut scene = Scene::new(Role::Editor);
    let change = scene.malice.bent(|_| {}).raw_bytes().to_vec();
    let mut envelope = scene.malice.seal(change);
    let stranger = DeviceKey::from_seed(&[99; 32]);
    envelope.signature =
        Envelope::seal(&stranger, scene.malice.session, envelope.grant, 0, envelope.change.clone()).signature;
    scene.check_refused(&envelope, Violation::Signature);
}

#[test]
fn a_change_signed_for_another_session_is_refused() {
    let mut scene = Scene::new(Role::Editor);
    scene.malice.session = SessionId([9; 16]);
    let change = scene.malice.bent(|_| {}).raw_bytes().to_vec();
    let envelope = scene.malice.seal(change);
    scene.check_refused(&envelope, Violation::Signature);
}

#[test]
fn a_change_in_the_owners_name_is_refused() {
    let mut scene = Scene::new(Role::Editor);
    let change = scene.malice.bent(|_| {}).raw_bytes().to_vec();
    let mut envelope = scene.malice.seal(change);
    envelope.device = scene.ada;
    envelope.grant = GrantId([1; 16]);
    scene.check_refused(&envelope, Violation::UnboundActor);
}

#[test]
fn a_listeners_change_is_refused_by_all() {
    let mut scene = Scene::new(Role::Listener);
    let change = scene.malice.bent(|_| {}).raw_bytes().to_vec();
    let envelope = scene.malice.seal(change);
    scene.check_refused(&envelope, Violation::Listener);
}

#[test]
fn a_change_under_an_unknown_grant_is_refused() {
    let mut scene = Scene::new(Role::Editor);
    scene.malice.grant = GrantId([77; 16]);
    let actor = antiphon_membership::actor_id(scene.mallory, scene.malice.grant, 0);
    scene.malice.document.set_actor(automerge::ActorId::from(&actor[..]));
    let change = scene.malice.bent(|_| {}).raw_bytes().to_vec();
    let envelope = scene.malice.seal(change);
    scene.check_refused(&envelope, Violation::UnknownGrant);
}

#[test]
fn a_change_under_another_members_grant_is_refused() {
    let mut scene = Scene::new(Role::Editor);
    scene.malice.grant = GrantId([1; 16]);
    let actor = antiphon_membership::actor_id(scene.mallory, scene.malice.grant, 0);
    scene.malice.document.set_actor(automerge::ActorId::from(&actor[..]));
    let change = scene.malice.bent(|_| {}).raw_bytes().to_vec();
    let envelope = scene.malice.seal(change);
    scene.check_refused(&envelope, Violation::OthersGrant);
}

#[test]
fn an_actor_that_is_not_bound_to_its_device_is_refused() {
    check_change(Violation::UnboundActor, |malice| {
        malice.document.set_actor(automerge::ActorId::from(&[5u8; 32][..]));
        malice.bent(|_| {}).raw_bytes().to_vec()
    });
}

#[test]
fn lists_texts_and_counters_are_refused() {
    for kind in [ObjType::List, ObjType::Text] {
        check_change(Violation::Inadmissible, |malice| {
            let tracks = malice.object(&["tracks"]);
            let make = |tx: &mut automerge::transaction::Transaction<'_>| {
                tx.put_object(&tracks, "x", kind).unwrap();
            };
            malice.change(make).raw_bytes().to_vec()
        });
    }
    check_change(Violation::Inadmissible, |malice| {
        let meta = malice.object(&["meta"]);
        malice.change(|tx| put(tx, &meta, "x", ScalarValue::counter(1))).raw_bytes().to_vec()
    });
    check_change(Violation::OtherThanMaps, |malice| {
        let tracks = malice.object(&["tracks"]);
        let change = malice.change(|tx| {
            let list = tx.put_object(&tracks, "x", ObjType::List).unwrap();
            tx.insert(&list, 0, 1).unwrap();
        });
        change.raw_bytes().to_vec()
    });
}

#[test]
fn a_second_set_of_root_maps_is_refused() {
    check_change(Violation::Inadmissible, |malice| {
        let change = malice.change(|tx| {
            tx.put_object(automerge::ROOT, "tracks", ObjType::Map).unwrap();
        });
        change.raw_bytes().to_vec()
    });
}

#[test]
fn a_change_without_dependencies_by_another_than_the_owner_is_refused() {
    check_change(Violation::OthersBeginning, |malice| {
        malice.bent(|change| change.deps.clear()).raw_bytes().to_vec()
    });
}

#[test]
fn operation_numbers_far_ahead_are_refused() {
    check_change(Violation::Inadmissible, |malice| {
        let far = std::num::NonZeroU64::new(u64::from(u32::MAX) - 5).unwrap();
        malice.bent(|change| change.start_op = far).raw_bytes().to_vec()
    });
}

#[test]
fn a_skipped_sequence_number_is_refused() {
    check_change(Violation::Inadmissible, |malice| {
        malice.bent(|change| change.seq += 1).raw_bytes().to_vec()
    });
}

#[test]
fn a_deletion_of_nothing_is_refused() {
    check_change(Violation::Inadmissible, |malice| {
        let bend = |change: &mut automerge::ExpandedChange| {
            for op in &mut change.operations {
                op.action = automerge::legacy::OpType::Delete;
                op.pred = Vec::new().into();
            }
        };
        malice.bent(bend).raw_bytes().to_vec()
    });
}

#[test]
fn bytes_after_the_operations_are_refused() {
    check_change(Violation::Malformed, |malice| {
        malice.bent(|change| change.extra_bytes = vec![1, 2, 3]).raw_bytes().to_vec()
    });
}

#[test]
fn deflated_changes_and_documents_are_refused() {
    check_change(Violation::NotAChange, |malice| {
        let meta = malice.object(&["meta"]);
        let mut change = malice.change(|tx| put(tx, &meta, "name", "long ".repeat(200).as_str()));
        change.bytes().into_owned()
    });
    check_change(Violation::NotAChange, |malice| malice.document.save());
}

#[test]
fn oversized_values_are_refused() {
    check_change(Violation::Inadmissible, |malice| {
        let meta = malice.object(&["meta"]);
        malice.change(|tx| put(tx, &meta, "name", "x".repeat(2_000).as_str())).raw_bytes().to_vec()
    });
}

#[test]
fn a_replayed_change_is_ignored_without_blame() {
    let mut scene = Scene::new(Role::Editor);
    let heads = scene.heads();
    let known: Vec<Vec<u8>> = scene.lab.peers[&scene.ada].sync.envelopes().map(<[u8]>::to_vec).collect();
    for envelope in known.iter().chain(&known) {
        scene.send(&[&[5], &envelope[..]].concat());
    }
    assert_eq!(scene.faults(), []);
    assert_eq!(scene.heads(), heads);
}

#[test]
fn changes_in_reverse_order_wait_for_one_another() {
    let mut scene = Scene::new(Role::Editor);
    let meta = scene.malice.object(&["meta"]);
    let changes: Vec<Change> = (0..40)
        .map(|n| scene.malice.change(|tx| put(tx, &meta, "name", format!("take {n}").as_str())))
        .collect();
    for change in changes.iter().rev() {
        let envelope = scene.malice.seal(change.raw_bytes().to_vec());
        scene.send(&live(&envelope));
    }
    assert_eq!(scene.faults(), []);
    let last: Vec<ChangeHash> = changes.last().map(|change| change.hash().into()).into_iter().collect();
    assert_eq!(scene.heads(), last);
    assert_eq!(scene.lab.peers[&scene.ada].sync.held(), 0);
}

#[test]
fn garbage_and_floods_cost_the_connection() {
    let mut scene = Scene::new(Role::Editor);
    scene.send(&[200, 1, 2, 3]);
    assert_eq!(scene.faults(), [Fault::Garbage]);
    let mut scene = Scene::new(Role::Editor);
    for _ in 0..20_000 {
        scene.send(&[7, 0]);
    }
    assert_eq!(scene.faults(), [Fault::TooMuch]);
}

#[test]
fn a_roster_that_the_owner_did_not_sign_is_refused() {
    let mut scene = Scene::new(Role::Editor);
    let before = scene.lab.peers[&scene.ada].sync.roster().clone();
    let mallory = DeviceKey::from_seed(&[66; 32]);
    let forged = antiphon_membership::Roster::found(&mallory, before.session(), 0, GrantId([1; 16]));
    scene.send(&[&[2], &forged.to_bytes()[..]].concat());
    assert_eq!(scene.faults(), [Fault::Roster]);
    assert_eq!(*scene.lab.peers[&scene.ada].sync.roster(), before);
}

#[test]
fn one_who_lost_the_right_to_edit_is_not_believed_about_its_own_edits() {
    let mut scene = Scene::new(Role::Editor);
    let now = scene.lab.time();
    let owner = scene.lab.peers.get_mut(&scene.ada).unwrap();
    owner.sync.grant(scene.mallory, Role::Listener, GrantId([67; 16]), now).unwrap();
    scene.lab.settle(scene.ada);
    let before = scene.heads();
    let change = scene.malice.bent(|_| {}).raw_bytes().to_vec();
    let envelope = scene.malice.seal(change);
    scene.send(&live(&envelope));
    assert_eq!(scene.faults(), [], "it may not have heard yet");
    assert_eq!(scene.heads(), before);
}

#[test]
fn a_number_used_twice_is_told_and_blames_no_messenger() {
    let mut scene = Scene::new(Role::Editor);
    let bo = scene.lab.member(2, Role::Editor);
    scene.lab.connect(scene.ada, bo);
    scene.lab.converge(5 * NANOS_PER_SECOND);
    let meta = scene.malice.object(&["meta"]);
    let mut twin = Malice::beside(Arc::clone(&scene.malice.key), &scene.lab.peers[&scene.ada].sync);
    let one = scene.malice.change(|tx| put(tx, &meta, "name", "one")).raw_bytes().to_vec();
    let other = twin.change(|tx| put(tx, &meta, "name", "other")).raw_bytes().to_vec();
    scene.send(&live(&scene.malice.seal(one)));
    scene.lab.inject(scene.ada, bo, Channel::Sync, &live(&twin.seal(other)));
    scene.lab.run_for(5 * NANOS_PER_SECOND);
    for me in [scene.ada, bo] {
        let peer = &scene.lab.peers[&me];
        let forked = SyncOutput::Forked { author: scene.mallory };
        assert_eq!(peer.news.iter().filter(|news| **news == forked).count(), 1);
        assert_eq!(peer.faults, []);
    }
}
