//! Which changes the document takes: the structural half of the gate.
//!
//! Signature, roster, sizes and decoding are the gate's own (`antiphon-sync`); here a decoded change is held
//! against the document. The verdict depends on the change and its past alone, so that all peers agree.

use std::collections::{BTreeMap, HashMap, HashSet};

use automerge::{
    Change, ObjType, ScalarValue,
    legacy::{Key, ObjectId, Op, OpType},
};

use crate::{
    history::{Fingerprint, History, Past, op_id},
    ids::{ActorId, ChangeHash, OpId},
    limits::{ACTORS_MAX, DEPENDENCIES_MAX, KEY_BYTES_MAX, OPS_MAX, OPS_PER_CHANGE_MAX, VALUE_BYTES_MAX},
    schema::{Children, Place},
};

/// Why a change is not taken. Only [`Inadmissible::MissingDependency`] can pass with time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inadmissible {
    #[error("change {0} is here already")]
    Known(ChangeHash),
    #[error("change follows {0}, which is not here")]
    MissingDependency(ChangeHash),
    #[error("change follows {found} others, at most {DEPENDENCIES_MAX} do")]
    TooManyDependencies { found: usize },
    #[error("change follows nothing, but the document has begun")]
    SecondGenesis,
    #[error("actor id has {bytes} bytes, not 32")]
    ActorLength { bytes: usize },
    #[error("{actor} is a new actor, and the document has {ACTORS_MAX}")]
    TooManyActors { actor: ActorId },
    #[error("change is number {found} of {actor}, expected {expected}")]
    Sequence { actor: ActorId, found: u64, expected: u64 },
    #[error("change does not follow its own actor's last")]
    ForkedActor { actor: ActorId },
    #[error("change starts at operation {found}, expected {expected}")]
    StartOp { found: u64, expected: u64 },
    #[error("change has {found} operations, between 1 and {OPS_PER_CHANGE_MAX} fit")]
    OperationCount { found: usize },
    #[error("document would pass {OPS_MAX} operations")]
    DocumentFull,
    #[error("change names actor {actor}, which is not in its past")]
    UnknownActor { actor: ActorId },
    #[error("operation {counter}: {fault}")]
    Operation { counter: u64, fault: OperationFault },
}

/// What is wrong with one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperationFault {
    #[error("only map keys are written here")]
    NotMapKey,
    #[error("only values, deletions and maps are written here")]
    Kind,
    #[error("the value is too long or of a kind that is not stored here")]
    Value,
    #[error("the key is too long")]
    KeyLength,
    #[error("its map is not in the change's past")]
    NoObject,
    #[error("that place takes only maps")]
    OnlyMaps,
    #[error("that place takes only values")]
    OnlyScalars,
    #[error("that map is made together with the one it is in")]
    LateMap,
    #[error("there is a map under that key")]
    MapExists,
    #[error("a predecessor is not a value under that key in the change's past")]
    Predecessor,
    #[error("predecessors are named twice or out of order")]
    PredecessorOrder,
    #[error("a deletion deletes something")]
    EmptyDeletion,
}

/// What the gate asks a document.
#[derive(Debug, Clone, Copy)]
pub struct GateView<'a> {
    pub(crate) history: &'a History,
}

impl GateView<'_> {
    /// Is nothing here yet? Then only a genesis is admissible.
    pub fn is_empty(&self) -> bool {
        self.history.is_empty()
    }

    /// Is this change in the document?
    pub fn has_change(&self, hash: &ChangeHash) -> bool {
        self.history.has(hash)
    }

    /// Has this actor made a change that is here?
    pub fn knows_actor(&self, actor: &ActorId) -> bool {
        self.history.knows_actor(actor)
    }

    /// The last change of an actor: its number, counted from 1, and its hash.
    pub fn actor_head(&self, actor: &ActorId) -> Option<(u64, ChangeHash)> {
        self.history.head_of(actor)
    }

    /// The `seq`th change of an actor.
    pub fn change_of(&self, actor: &ActorId, seq: u64) -> Option<ChangeHash> {
        self.history.change_of(actor, seq)
    }

    /// The counter with which a change following `dependencies` starts; `None` where one is unknown.
    pub fn start_op_after(&self, dependencies: &[ChangeHash]) -> Option<u64> {
        Some(self.history.past(dependencies)?.max_op() + 1)
    }

    /// The last operation counter of a change.
    pub fn max_op_of(&self, change: &ChangeHash) -> Option<u64> {
        self.history.max_op_of(change)
    }

    /// Was this operation made?
    pub fn has_op(&self, op: &OpId) -> bool {
        self.history.has_op(op)
    }

    /// What the map that this operation made is for; `None` where it made none.
    pub fn place_of(&self, object: &OpId) -> Option<Place> {
        self.history.place(object)
    }

    /// Did this operation make a map?
    pub fn object_is_map(&self, object: &OpId) -> bool {
        self.place_of(object).is_some()
    }

    /// Operations in the document.
    pub fn ops(&self) -> u64 {
        self.history.ops()
    }

    /// May the document take this change? Decodes its operations: call it under `catch_unwind`.
    pub fn check(&self, change: &Change) -> Result<(), Inadmissible> {
        let past = self.check_place(change)?;
        let decoded = change.decode();
        let count = decoded.operations.len();
        if count == 0 || count > OPS_PER_CHANGE_MAX {
            return Err(Inadmissible::OperationCount { found: count });
        }
        if self.history.ops().saturating_add(count as u64) > OPS_MAX {
            return Err(Inadmissible::DocumentFull);
        }
        let actor = read_actor(change.actor_id())?;
        for other in change.other_actor_ids() {
            let other = read_actor(other)?;
            if self.history.seq_in(&past, &other) == 0 {
                return Err(Inadmissible::UnknownActor { actor: other });
            }
        }
        Operations::new(self.history, &past, actor, change.start_op().get()).check_all(&decoded.operations)
    }

    /// Does the change continue the history it names?
    fn check_place(&self, change: &Change) -> Result<Past, Inadmissible> {
        let hash = ChangeHash::from(change.hash());
        if self.history.has(&hash) {
            return Err(Inadmissible::Known(hash));
        }
        let actor = read_actor(change.actor_id())?;
        if !self.history.knows_actor(&actor) && self.history.actors() >= ACTORS_MAX {
            return Err(Inadmissible::TooManyActors { actor });
        }
        let dependencies: Vec<ChangeHash> =
            change.deps().iter().map(|hash| ChangeHash::from(*hash)).collect();
        if dependencies.len() > DEPENDENCIES_MAX {
            return Err(Inadmissible::TooManyDependencies { found: dependencies.len() });
        }
        if dependencies.is_empty() && !self.history.is_empty() {
            return Err(Inadmissible::SecondGenesis);
        }
        if let Some(missing) = dependencies.iter().find(|hash| !self.history.has(hash)) {
            return Err(Inadmissible::MissingDependency(*missing));
        }
        let past = self.history.past(&dependencies).ok_or(Inadmissible::SecondGenesis)?;
        self.check_sequence(change, actor, &past)?;
        let (found, expected) = (change.start_op().get(), past.max_op() + 1);
        if found != expected {
            return Err(Inadmissible::StartOp { found, expected });
        }
        Ok(past)
    }

    fn check_sequence(&self, change: &Change, actor: ActorId, past: &Past) -> Result<(), Inadmissible> {
        let last = self.history.head_of(&actor).map_or(0, |(seq, _)| seq);
        if change.seq() != last + 1 {
            return Err(Inadmissible::Sequence { actor, found: change.seq(), expected: last + 1 });
        }
        if self.history.seq_in(past, &actor) != last {
            return Err(Inadmissible::ForkedActor { actor });
        }
        Ok(())
    }
}

fn read_actor(actor: &automerge::ActorId) -> Result<ActorId, Inadmissible> {
    ActorId::read(actor).ok_or(Inadmissible::ActorLength { bytes: actor.to_bytes().len() })
}

/// The operations of one change, held one after the other against the past and those before them.
struct Operations<'a> {
    history: &'a History,
    past: &'a Past,
    actor: ActorId,
    start: u64,
    /// Maps made in this change.
    made: BTreeMap<u64, Place>,
    /// The keys they were made under.
    made_under: HashSet<Fingerprint>,
    /// Which key each of this change's operations wrote.
    written: HashMap<u64, Fingerprint>,
}

impl<'a> Operations<'a> {
    fn new(history: &'a History, past: &'a Past, actor: ActorId, start: u64) -> Self {
        Self {
            history,
            past,
            actor,
            start,
            made: BTreeMap::new(),
            made_under: HashSet::new(),
            written: HashMap::new(),
        }
    }

    fn check_all(mut self, operations: &[Op]) -> Result<(), Inadmissible> {
        for (counter, operation) in (self.start..).zip(operations) {
            self.check(counter, operation).map_err(|fault| Inadmissible::Operation { counter, fault })?;
        }
        Ok(())
    }

    fn check(&mut self, counter: u64, operation: &Op) -> Result<(), OperationFault> {
        let Key::Map(key) = &operation.key else { return Err(OperationFault::NotMapKey) };
        if operation.insert {
            return Err(OperationFault::NotMapKey);
        }
        if key.len() > KEY_BYTES_MAX {
            return Err(OperationFault::KeyLength);
        }
        let (place, newborn) = self.place(&operation.obj).ok_or(OperationFault::NoObject)?;
        let fingerprint = Fingerprint::of(&operation.obj, &operation.key);
        match &operation.action {
            OpType::Make(ObjType::Map) => {
                self.check_make(place, newborn, fingerprint, operation)?;
                self.made.insert(counter, place.child(key));
                self.made_under.insert(fingerprint);
            }
            OpType::Put(value) => {
                self.check_scalar(place, fingerprint)?;
                check_value(value)?;
            }
            OpType::Delete => {
                self.check_scalar(place, fingerprint)?;
                if operation.pred.is_empty() {
                    return Err(OperationFault::EmptyDeletion);
                }
            }
            _ => return Err(OperationFault::Kind),
        }
        self.check_predecessors(operation, fingerprint)?;
        if !matches!(operation.action, OpType::Delete) {
            self.written.insert(counter, fingerprint);
        }
        Ok(())
    }

    /// The place of the map that is written, and whether this change made it.
    fn place(&self, object: &ObjectId) -> Option<(Place, bool)> {
        let ObjectId::Id(id) = object else {
            // The root is written by the genesis alone: nobody may put another `tracks` over the first.
            return Some((Place::Root, self.history.is_empty()));
        };
        let id = op_id(id)?;
        if id.actor == self.actor && id.counter >= self.start {
            return self.made.get(&id.counter).map(|place| (*place, true));
        }
        self.history.place_in(self.past, &id).map(|place| (place, false))
    }

    fn check_make(
        &self,
        place: Place,
        newborn: bool,
        key: Fingerprint,
        operation: &Op,
    ) -> Result<(), OperationFault> {
        match place.children() {
            Children::Scalars => return Err(OperationFault::OnlyScalars),
            Children::MapsAtBirth | Children::Mixed if !newborn => return Err(OperationFault::LateMap),
            _ => {}
        }
        let again = self.history.made_in(self.past, key) || self.made_under.contains(&key);
        if again || !operation.pred.is_empty() {
            return Err(OperationFault::MapExists);
        }
        Ok(())
    }

    fn check_scalar(&self, place: Place, key: Fingerprint) -> Result<(), OperationFault> {
        match place.children() {
            Children::MapsAtBirth | Children::MapsAnytime => Err(OperationFault::OnlyMaps),
            Children::Mixed if self.history.made_in(self.past, key) || self.made_under.contains(&key) => {
                Err(OperationFault::MapExists)
            }
            Children::Mixed | Children::Scalars => Ok(()),
        }
    }

    fn check_predecessors(&self, operation: &Op, key: Fingerprint) -> Result<(), OperationFault> {
        let mut last = None;
        for id in operation.pred.iter() {
            let id = op_id(id).ok_or(OperationFault::Predecessor)?;
            if last.replace(id).is_some_and(|last| last >= id) {
                return Err(OperationFault::PredecessorOrder);
            }
            let own = id.actor == self.actor && id.counter >= self.start;
            let known = match own {
                true => self.written.get(&id.counter) == Some(&key),
                false => self.history.wrote_in(self.past, &id, key),
            };
            if !known {
                return Err(OperationFault::Predecessor);
            }
        }
        Ok(())
    }
}

fn check_value(value: &ScalarValue) -> Result<(), OperationFault> {
    let fits = match value {
        ScalarValue::Str(text) => text.len() <= VALUE_BYTES_MAX,
        ScalarValue::Bytes(bytes) => bytes.len() <= VALUE_BYTES_MAX,
        ScalarValue::Counter(_) | ScalarValue::Unknown { .. } => false,
        _ => true,
    };
    if fits { Ok(()) } else { Err(OperationFault::Value) }
}
