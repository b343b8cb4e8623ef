//! What the document refuses, whoever signed it.

mod jam;

use antiphon_document::{ChangeHash, Inadmissible, OperationFault, SessionDocument};
use automerge::{
    Automerge, Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue,
    legacy::{Key, ObjectId, OpId, OpType},
    transaction::{Transactable, Transaction},
};
use jam::{actor, add_track, begin, change, edit, on, pattern_id, scene_id, steps, track_id};

/// A session of Ada's with one track and one step, and Bo, who writes what no honest program writes.
struct Scene {
    ada: SessionDocument,
    bo: Automerge,
}

impl Scene {
    fn new() -> Self {
        let (mut ada, mut changes) = begin(0);
        let add = add_track(0, &ada);
        changes.push(change(&edit(&mut ada, add)));
        changes.push(change(&edit(&mut ada, steps(0, vec![(0, on(true))]))));
        let mut bo = Automerge::new().with_actor(automerge::ActorId::from(&actor(1).0[..]));
        bo.apply_changes(changes).unwrap();
        Self { ada, bo }
    }

    fn at(&self, path: &[&str]) -> ObjId {
        path.iter().fold(ROOT, |object, key| self.bo.get(&object, *key).unwrap().unwrap().1)
    }

    fn page(&self) -> ObjId {
        let (track, pattern) = (track_id(0).to_string(), pattern_id(0).to_string());
        self.at(&["tracks", &track, "patterns", &pattern, "steps", "0"])
    }

    fn write(&mut self, work: impl FnOnce(&mut Transaction<'_>)) -> Change {
        let mut tx = self.bo.transaction();
        work(&mut tx);
        tx.commit();
        self.bo.get_last_local_change().unwrap()
    }

    /// An honest toggle by Bo.
    fn toggle(&mut self) -> Change {
        let page = self.page();
        self.write(|tx| tx.put(&page, "0o", false).unwrap())
    }

    fn verdict(&self, change: &Change) -> Result<(), Inadmissible> {
        self.ada.gate().check(change)
    }

    /// What is said to a transaction of Bo's.
    fn fault(mut self, work: impl FnOnce(&Self, &mut Transaction<'_>)) -> Option<OperationFault> {
        let before = Self { ada: SessionDocument::empty(jam::SESSION), bo: self.bo.clone() };
        let change = self.write(|tx| work(&before, tx));
        match self.verdict(&change) {
            Err(Inadmissible::Operation { fault, .. }) => Some(fault),
            Ok(()) => None,
            Err(other) => panic!("{other}"),
        }
    }
}

/// The same change with something about it altered.
fn altered(change: &Change, alter: impl FnOnce(&mut automerge::ExpandedChange)) -> Change {
    let mut expanded = change.decode();
    alter(&mut expanded);
    Change::from(expanded)
}

#[test]
fn an_honest_change_passes() {
    let mut scene = Scene::new();
    let toggle = scene.toggle();
    scene.verdict(&toggle).unwrap();
    scene.ada.admit(toggle.clone()).unwrap();
    assert_eq!(scene.verdict(&toggle), Err(Inadmissible::Known(toggle.hash().into())));
}

#[test]
fn a_numbering_that_does_not_continue_is_refused() {
    let mut scene = Scene::new();
    let toggle = scene.toggle();
    let jump = altered(&toggle, |change| change.start_op = (u64::from(u32::MAX) - 1).try_into().unwrap());
    assert!(matches!(scene.verdict(&jump), Err(Inadmissible::StartOp { .. })));
    let skip = altered(&toggle, |change| change.seq = 2);
    assert!(matches!(scene.verdict(&skip), Err(Inadmissible::Sequence { found: 2, expected: 1, .. })));
    let rootless = altered(&toggle, |change| change.deps.clear());
    assert_eq!(scene.verdict(&rootless), Err(Inadmissible::SecondGenesis));
    let early = altered(&toggle, |change| change.deps = vec![automerge::ChangeHash([3; 32])]);
    assert_eq!(scene.verdict(&early), Err(Inadmissible::MissingDependency(ChangeHash([3; 32]))));
    let short = altered(&toggle, |change| change.actor_id = automerge::ActorId::from(&[1u8; 16][..]));
    assert_eq!(scene.verdict(&short), Err(Inadmissible::ActorLength { bytes: 16 }));
}

#[test]
fn a_change_that_does_not_follow_its_own_last_is_refused() {
    let mut scene = Scene::new();
    let (first, second) = (scene.toggle(), {
        let page = scene.page();
        scene.write(|tx| tx.put(&page, "1o", true).unwrap())
    });
    scene.ada.admit(first.clone()).unwrap();
    let beside = altered(&second, |change| {
        change.deps = first.deps().to_vec();
        change.start_op = first.start_op();
    });
    assert!(matches!(scene.verdict(&beside), Err(Inadmissible::ForkedActor { .. })));
}

#[test]
fn nobody_writes_at_the_root_after_the_beginning() {
    assert_eq!(
        Scene::new().fault(|_, tx| drop(tx.put_object(ROOT, "tracks", ObjType::Map).unwrap())),
        Some(OperationFault::LateMap)
    );
    assert_eq!(Scene::new().fault(|_, tx| tx.put(ROOT, "x", 1).unwrap()), Some(OperationFault::OnlyMaps));
    assert_eq!(Scene::new().fault(|_, tx| tx.delete(ROOT, "meta").unwrap()), Some(OperationFault::OnlyMaps));
}

#[test]
fn maps_come_with_the_map_they_are_in() {
    let late = Scene::new().fault(|scene, tx| {
        let track = scene.at(&["tracks", &track_id(0).to_string()]);
        tx.put_object(track, "mixer2", ObjType::Map).unwrap();
    });
    assert_eq!(late, Some(OperationFault::LateMap));
    let in_page =
        Scene::new().fault(|scene, tx| drop(tx.put_object(scene.page(), "0o", ObjType::Map).unwrap()));
    assert_eq!(in_page, Some(OperationFault::OnlyScalars));
}

#[test]
fn a_scene_and_a_link_are_maps_of_values() {
    let scene = scene_id(0).to_string();
    let made = |root: &'static str, work: &dyn Fn(&mut Transaction<'_>, &ObjId)| {
        Scene::new().fault(|at, tx| {
            let map = tx.put_object(at.at(&[root]), scene.as_str(), ObjType::Map).unwrap();
            work(tx, &map);
        })
    };
    for root in ["scenes", "chain"] {
        assert_eq!(made(root, &|tx, map| tx.put(map, "name", "Verse").unwrap()), None);
        let inner = made(root, &|tx, map| drop(tx.put_object(map, "x", ObjType::Map).unwrap()));
        assert_eq!(inner, Some(OperationFault::OnlyScalars));
        let value = Scene::new().fault(|at, tx| tx.put(at.at(&[root]), "x", 1).unwrap());
        assert_eq!(value, Some(OperationFault::OnlyMaps));
        let again = Scene::new().fault(|_, tx| drop(tx.put_object(ROOT, root, ObjType::Map).unwrap()));
        assert_eq!(again, Some(OperationFault::LateMap));
    }
}

#[test]
fn a_map_is_neither_replaced_nor_deleted() {
    let track = track_id(0).to_string();
    let again = Scene::new().fault(|scene, tx| {
        tx.put_object(scene.at(&["tracks"]), track.as_str(), ObjType::Map).unwrap();
    });
    assert_eq!(again, Some(OperationFault::MapExists));
    let gone = Scene::new().fault(|scene, tx| tx.delete(scene.at(&["tracks"]), track.as_str()).unwrap());
    assert_eq!(gone, Some(OperationFault::OnlyMaps));
    let over = Scene::new().fault(|scene, tx| tx.put(scene.at(&["tracks", &track]), "mixer", 1).unwrap());
    assert_eq!(over, Some(OperationFault::MapExists));
}

#[test]
fn only_maps_and_bounded_values_are_stored() {
    let long = "x".repeat(1_025);
    let put = |value: ScalarValue| Scene::new().fault(|scene, tx| tx.put(scene.page(), "1o", value).unwrap());
    assert_eq!(put(ScalarValue::counter(1)), Some(OperationFault::Value));
    assert_eq!(put(ScalarValue::Str(long.as_str().into())), Some(OperationFault::Value));
    assert_eq!(put(ScalarValue::Bytes(vec![0; 1_025])), Some(OperationFault::Value));
    assert_eq!(put(ScalarValue::F64(f64::NAN)), None, "a foreign value is stored, and repaired away");
    let list = Scene::new()
        .fault(|scene, tx| drop(tx.put_object(scene.at(&["tracks"]), "x", ObjType::List).unwrap()));
    assert_eq!(list, Some(OperationFault::Kind));
    let key = Scene::new().fault(|scene, tx| tx.put(scene.page(), "k".repeat(161), 1).unwrap());
    assert_eq!(key, Some(OperationFault::KeyLength));
}

#[test]
fn operations_name_what_their_author_had_seen() {
    let mut scene = Scene::new();
    let toggle = scene.toggle();
    let fault = |scene: &Scene, alter: &dyn Fn(&mut automerge::legacy::Op)| match scene
        .verdict(&altered(&toggle, |change| alter(&mut change.operations[0])))
    {
        Err(Inadmissible::Operation { fault, .. }) => fault,
        other => panic!("{other:?}"),
    };
    let ada = automerge::ActorId::from(&actor(0).0[..]);
    let nowhere = OpId(9_999, ada.clone());
    let elsewhere = OpId(1, ada.clone());
    assert_eq!(
        fault(&scene, &|op| op.pred = vec![nowhere.clone()].into()),
        OperationFault::Predecessor,
        "an operation that was never made"
    );
    assert_eq!(
        fault(&scene, &|op| op.pred = vec![elsewhere.clone()].into()),
        OperationFault::Predecessor,
        "an operation on another key"
    );
    assert_eq!(fault(&scene, &|op| op.key = Key::Map("1o".into())), OperationFault::Predecessor);
    assert_eq!(fault(&scene, &|op| op.obj = ObjectId::Id(nowhere.clone())), OperationFault::NoObject);
    assert_eq!(
        fault(&scene, &|op| {
            op.action = OpType::Delete;
            op.pred = Vec::new().into();
        }),
        OperationFault::EmptyDeletion
    );
}

#[test]
fn what_the_author_had_not_seen_is_refused_even_where_it_is_known() {
    let mut scene = Scene::new();
    let newest = change(&edit(&mut scene.ada, steps(0, vec![(0, jam::velocity(50))])));
    let toggle = scene.toggle();
    scene.verdict(&toggle).unwrap();
    let ada = automerge::ActorId::from(&actor(0).0[..]);
    let unseen = OpId(newest.start_op().get(), ada);
    let peeking = altered(&toggle, |change| {
        change.operations[0].key = Key::Map("0v".into());
        change.operations[0].pred = vec![unseen].into();
    });
    assert!(matches!(
        scene.verdict(&peeking),
        Err(Inadmissible::Operation { fault: OperationFault::Predecessor, .. })
    ));
}

#[test]
fn the_view_answers_about_actors_and_operations() {
    let mut scene = Scene::new();
    let gate = scene.ada.gate();
    let (seq, head) = gate.actor_head(&actor(0)).unwrap();
    assert_eq!((seq, vec![head]), (3, scene.ada.heads()));
    assert_eq!(gate.change_of(&actor(0), 3), Some(head));
    assert_eq!((gate.change_of(&actor(0), 4), gate.change_of(&actor(0), 0)), (None, None));
    assert!(gate.knows_actor(&actor(0)) && !gate.knows_actor(&actor(1)));
    let last = gate.max_op_of(&head).unwrap();
    assert_eq!(gate.start_op_after(&[head]), Some(last + 1));
    assert_eq!(gate.ops(), last);
    let op = |counter| antiphon_document::OpId { counter, actor: actor(0) };
    assert!(
        gate.has_op(&op(1)) && gate.has_op(&op(last)) && !gate.has_op(&op(last + 1)) && !gate.has_op(&op(0))
    );
    assert!(gate.object_is_map(&op(1)) && !gate.object_is_map(&op(last)));
    let toggle = scene.toggle();
    assert_eq!(toggle.start_op().get(), last + 1);
}
