//! What the document holds, by change and by operation: an index of our own for the gate's questions.
//!
//! Automerge answers "does this predecessor exist" by panicking, or not at all; and an answer that depends on what else has arrived would let
//! two peers decide differently about one change. So this index answers about the *past of a change*: the
//! changes that it follows, directly or not. That past is the same wherever the change arrives.
//!
//! An operation costs eight bytes here (the fingerprint of the key it wrote), a change about a hundred.

use std::{collections::HashMap, sync::Arc};

use automerge::{
    Change,
    legacy::{Key, ObjectId, Op, OpType},
};

use crate::{
    ids::{ActorId, ChangeHash, OpId},
    schema::Place,
};

/// The fingerprint of an operation that wrote nothing: a deletion cannot be overwritten.
const DELETION: u64 = 0;

/// Every change of a document and every operation in it.
#[derive(Debug, Default)]
pub(crate) struct History {
    actors: Vec<ActorLog>,
    actor_index: HashMap<ActorId, u32>,
    changes: HashMap<ChangeHash, Recorded>,
    /// What each map is for.
    places: HashMap<(u32, u64), Place>,
    /// Which operations made a map, by the key they made it under.
    makes: HashMap<u64, Vec<(u32, u64)>>,
    ops: u64,
}

/// The changes of one actor, in order of `seq`.
#[derive(Debug, Default)]
struct ActorLog {
    hashes: Vec<ChangeHash>,
    /// First operation counter of each change, ascending.
    starts: Vec<u64>,
    /// Where each change's fingerprints begin.
    offsets: Vec<usize>,
    fingerprints: Vec<u64>,
}

#[derive(Debug)]
struct Recorded {
    actor: u32,
    seq: u64,
    max_op: u64,
    /// How many changes of each other actor lie in its past. Shared along a run of one actor's changes.
    others: Arc<[u64]>,
}

/// The past of a change: how many changes of each actor it follows.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    seqs: Vec<u64>,
    max_op: u64,
}

impl History {
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(crate) fn ops(&self) -> u64 {
        self.ops
    }

    pub(crate) fn actors(&self) -> usize {
        self.actors.len()
    }

    pub(crate) fn has(&self, hash: &ChangeHash) -> bool {
        self.changes.contains_key(hash)
    }

    pub(crate) fn knows_actor(&self, actor: &ActorId) -> bool {
        self.actor_index.contains_key(actor)
    }

    /// The last change of an actor.
    pub(crate) fn head_of(&self, actor: &ActorId) -> Option<(u64, ChangeHash)> {
        let log = self.log(actor)?;
        Some((log.hashes.len() as u64, *log.hashes.last()?))
    }

    /// Every actor with its last change.
    pub(crate) fn heads_by_actor(&self) -> impl Iterator<Item = (ActorId, u64, ChangeHash)> + '_ {
        self.actor_index.iter().filter_map(|(actor, index)| {
            let log = self.actors.get(*index as usize)?;
            Some((*actor, log.hashes.len() as u64, *log.hashes.last()?))
        })
    }

    /// The `seq`th change of an actor, counted from 1.
    pub(crate) fn change_of(&self, actor: &ActorId, seq: u64) -> Option<ChangeHash> {
        let place = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.log(actor)?.hashes.get(place).copied()
    }

    pub(crate) fn max_op_of(&self, hash: &ChangeHash) -> Option<u64> {
        self.changes.get(hash).map(|change| change.max_op)
    }

    /// What lies before a change with these dependencies; `None` where one is unknown.
    pub(crate) fn past(&self, dependencies: &[ChangeHash]) -> Option<Past> {
        let mut past = Past { seqs: vec![0; self.actors.len()], max_op: 0 };
        for hash in dependencies {
            let change = self.changes.get(hash)?;
            for (mine, theirs) in past.seqs.iter_mut().zip(change.others.iter()) {
                *mine = (*mine).max(*theirs);
            }
            if let Some(mine) = past.seqs.get_mut(change.actor as usize) {
                *mine = (*mine).max(change.seq);
            }
            past.max_op = past.max_op.max(change.max_op);
        }
        Some(past)
    }

    /// How many changes of `actor` lie in that past.
    pub(crate) fn seq_in(&self, past: &Past, actor: &ActorId) -> u64 {
        let seq = self.actor_index.get(actor).and_then(|index| past.seqs.get(*index as usize));
        seq.copied().unwrap_or(0)
    }

    /// The place of a map, if the operation that made it lies in `past`.
    pub(crate) fn place_in(&self, past: &Past, object: &OpId) -> Option<Place> {
        let index = *self.actor_index.get(&object.actor)?;
        self.is_past(past, index, object.counter).then_some(())?;
        self.places.get(&(index, object.counter)).copied()
    }

    /// The place of a map, in whatever order it came.
    pub(crate) fn place(&self, object: &OpId) -> Option<Place> {
        self.places.get(&(*self.actor_index.get(&object.actor)?, object.counter)).copied()
    }

    /// Was this operation made (by a change that is here)?
    pub(crate) fn has_op(&self, op: &OpId) -> bool {
        let log = self.log(&op.actor);
        log.is_some_and(|log| log.fingerprint(op.counter).is_some())
    }

    /// Did `op` write that key, and does it lie in `past`?
    pub(crate) fn wrote_in(&self, past: &Past, op: &OpId, key: Fingerprint) -> bool {
        let Some(index) = self.actor_index.get(&op.actor) else { return false };
        let Some(log) = self.actors.get(*index as usize) else { return false };
        self.is_past(past, *index, op.counter) && log.fingerprint(op.counter) == Some(key.0)
    }

    /// Was a map made under that key in `past`?
    pub(crate) fn made_in(&self, past: &Past, key: Fingerprint) -> bool {
        let makes = self.makes.get(&key.0);
        makes.is_some_and(|makes| makes.iter().any(|(actor, counter)| self.is_past(past, *actor, *counter)))
    }

    fn is_past(&self, past: &Past, actor: u32, counter: u64) -> bool {
        let seq = self.actors.get(actor as usize).and_then(|log| log.seq_of(counter));
        seq.is_some_and(|seq| past.seqs.get(actor as usize).is_some_and(|known| seq <= *known))
    }

    fn log(&self, actor: &ActorId) -> Option<&ActorLog> {
        self.actors.get(*self.actor_index.get(actor)? as usize)
    }

    /// Do this change's dependencies and number continue what is here?
    pub(crate) fn continues(&self, change: &Change) -> bool {
        let Some(actor) = ActorId::read(change.actor_id()) else { return false };
        let known = change.deps().iter().all(|hash| self.has(&ChangeHash::from(*hash)));
        known && change.seq() == self.head_of(&actor).map_or(0, |(seq, _)| seq) + 1
    }

    /// Notes a change that the document has taken. Its dependencies must have been noted before.
    ///
    /// Returns false, having noted nothing, where that or the order of the actor's changes does not hold.
    pub(crate) fn record(&mut self, change: &Change) -> bool {
        self.record_decoded(change, &change.decode().operations)
    }

    /// The same for a change whose operations were decoded already.
    pub(crate) fn record_decoded(&mut self, change: &Change, operations: &[Op]) -> bool {
        let hash = ChangeHash::from(change.hash());
        let dependencies: Vec<ChangeHash> =
            change.deps().iter().map(|hash| ChangeHash::from(*hash)).collect();
        let Some(actor) = ActorId::read(change.actor_id()) else { return false };
        let Some(past) = self.past(&dependencies) else { return false };
        if !self.continues(change) {
            return false;
        }
        let index = self.index_of(actor);
        let others = self.others(index, &dependencies, past);
        let start = change.start_op().get();
        self.record_places(actor, index, start, operations);
        self.ops += operations.len() as u64;
        if let Some(log) = self.actors.get_mut(index as usize) {
            log.hashes.push(hash);
            log.starts.push(start);
            log.offsets.push(log.fingerprints.len());
            log.fingerprints.extend(operations.iter().map(written));
        }
        self.changes
            .insert(hash, Recorded { actor: index, seq: change.seq(), max_op: change.max_op(), others });
        true
    }

    fn index_of(&mut self, actor: ActorId) -> u32 {
        let next = self.actors.len() as u32;
        let index = *self.actor_index.entry(actor).or_insert(next);
        if index == next {
            self.actors.push(ActorLog::default());
        }
        index
    }

    /// The past of a change without its own actor's part, shared with the change before where it is the same.
    fn others(&self, actor: u32, dependencies: &[ChangeHash], past: Past) -> Arc<[u64]> {
        if let [only] = dependencies
            && let Some(before) = self.changes.get(only).filter(|before| before.actor == actor)
        {
            return Arc::clone(&before.others);
        }
        let mut seqs = past.seqs;
        if let Some(own) = seqs.get_mut(actor as usize) {
            *own = 0;
        }
        seqs.into()
    }

    fn record_places(&mut self, actor: ActorId, index: u32, start: u64, operations: &[Op]) {
        for (counter, operation) in (start..).zip(operations) {
            let (OpType::Make(_), Key::Map(key)) = (&operation.action, &operation.key) else { continue };
            let parent = match &operation.obj {
                ObjectId::Root => Some(Place::Root),
                ObjectId::Id(id) => op_id(id).and_then(|object| self.place(&object)),
            };
            let place = parent.map_or(Place::Unknown, |parent| parent.child(key));
            debug_assert!(self.actor_index.get(&actor) == Some(&index));
            self.places.insert((index, counter), place);
            self.makes.entry(written(operation)).or_default().push((index, counter));
        }
    }
}

impl ActorLog {
    fn seq_of(&self, counter: u64) -> Option<u64> {
        let at = self.starts.partition_point(|start| *start <= counter).checked_sub(1)?;
        self.fingerprint_at(at, counter)?;
        Some(at as u64 + 1)
    }

    fn fingerprint(&self, counter: u64) -> Option<u64> {
        let at = self.starts.partition_point(|start| *start <= counter).checked_sub(1)?;
        self.fingerprint_at(at, counter)
    }

    fn fingerprint_at(&self, change: usize, counter: u64) -> Option<u64> {
        let begin = *self.offsets.get(change)?;
        let end = self.offsets.get(change + 1).copied().unwrap_or(self.fingerprints.len());
        let offset = usize::try_from(counter.checked_sub(*self.starts.get(change)?)?).ok()?;
        self.fingerprints.get(begin..end)?.get(offset).copied()
    }
}

impl Past {
    /// The greatest operation counter in it.
    pub(crate) fn max_op(&self) -> u64 {
        self.max_op
    }
}

/// Stands for one key of one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// Not seeded, so that every peer answers alike. Two keys that collide on purpose gain nothing: an
    /// operation could then name a predecessor under another key of its own making.
    pub(crate) fn of(object: &ObjectId, key: &Key) -> Self {
        let mut hasher = blake3::Hasher::new();
        if let ObjectId::Id(id) = object {
            hasher.update(&id.counter().to_le_bytes());
            hasher.update(id.actor().to_bytes());
        }
        if let Key::Map(key) = key {
            hasher.update(key.as_bytes());
        }
        let bytes = *hasher.finalize().as_bytes();
        let number = bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        Self(number.max(DELETION + 1))
    }
}

/// What an operation wrote, [`DELETION`] where nothing.
fn written(operation: &Op) -> u64 {
    match operation.action {
        OpType::Put(_) | OpType::Make(_) => Fingerprint::of(&operation.obj, &operation.key).0,
        _ => DELETION,
    }
}

/// The operation that an id names; `None` where its actor is not one of ours.
pub(crate) fn op_id(id: &automerge::legacy::OpId) -> Option<OpId> {
    Some(OpId { counter: id.counter(), actor: ActorId::read(id.actor())? })
}
