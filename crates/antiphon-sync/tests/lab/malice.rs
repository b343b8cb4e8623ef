//! A member that uses Automerge and its own valid key to make what no Antiphon makes.
#![allow(dead_code, reason = "each test binary uses its part of the lab")]

use std::sync::Arc;

use antiphon_identity::DeviceKey;
use antiphon_membership::{GrantId, actor_id};
use antiphon_model::SessionId;
use antiphon_sync::{Envelope, SessionSync};
use automerge::{
    ActorId, Automerge, Change, ExpandedChange, ObjId, ROOT, ReadDoc,
    transaction::{CommitOptions, Transaction},
};

pub struct Malice {
    pub key: Arc<DeviceKey>,
    pub grant: GrantId,
    pub session: SessionId,
    pub document: Automerge,
}

impl Malice {
    /// Starts from what an honest peer has.
    pub fn beside(key: Arc<DeviceKey>, sync: &SessionSync) -> Self {
        let grant = sync.roster().grant_of(key.peer_id()).expect("a member");
        let mut document = Automerge::new();
        for envelope in sync.envelopes() {
            let change = Envelope::decode(envelope).unwrap().change;
            document.apply_changes([Change::from_bytes(change).unwrap()]).unwrap();
        }
        let actor = actor_id(key.peer_id(), grant, 0);
        document.set_actor(ActorId::from(&actor[..]));
        Self { key, grant, session: sync.session(), document }
    }

    /// The object at the end of a path.
    pub fn object(&self, path: &[&str]) -> ObjId {
        path.iter().fold(ROOT, |object, key| self.document.get(&object, *key).unwrap().unwrap().1)
    }

    /// The first object in a map that has any.
    pub fn first_child(&self, object: &ObjId) -> ObjId {
        let key = self.document.keys(object).next().unwrap();
        self.document.get(object, key).unwrap().unwrap().1
    }

    /// A change made with Automerge.
    pub fn change(&mut self, act: impl FnOnce(&mut Transaction<'_>)) -> Change {
        let mut transaction = self.document.transaction();
        act(&mut transaction);
        let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(0));
        self.document.get_change_by_hash(&hash.expect("it does something")).unwrap()
    }

    /// An honest change, bent before it is encoded.
    pub fn bent(&mut self, bend: impl FnOnce(&mut ExpandedChange)) -> Change {
        let meta = self.object(&["meta"]);
        let honest = self.document.fork();
        let mut expanded = self.change(|tx| put(tx, &meta, "name", "bent")).decode();
        self.document = honest;
        bend(&mut expanded);
        Change::from(expanded)
    }

    pub fn seal(&self, change: Vec<u8>) -> Envelope {
        Envelope::seal(&self.key, self.session, self.grant, 0, change)
    }
}

pub fn put(tx: &mut Transaction<'_>, object: &ObjId, key: &str, value: impl Into<automerge::ScalarValue>) {
    use automerge::transaction::Transactable;
    tx.put(object, key, value).unwrap();
}

/// The frame in which an envelope travels live.
pub fn live(envelope: &Envelope) -> Vec<u8> {
    [&[5], &envelope.encode()[..]].concat()
}
