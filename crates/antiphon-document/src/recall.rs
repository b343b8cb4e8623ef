//! What I can undo, found again in the changes of earlier runs.
//!
//! Changes are read once, in the order in which they were admitted. Of my own, the message tells the deed, the
//! operations tell the fields, and their predecessors tell what stood there before: a transaction names every
//! visible value under a key as a predecessor, and the greatest of them is the one that was shown. The stacks
//! were made from nothing else, so repeating the deeds makes them again.

use std::collections::HashMap;

use automerge::{
    ExpandedChange,
    legacy::{Key, ObjectId, Op, OpType},
};

use crate::{
    history::op_id,
    ids::{ActorId, OpId},
    raw::Scalar,
    schema,
    undo::{Deed, Field, Undo, Way},
};

/// Follows changes and repeats on the undo stacks what my own did.
#[derive(Debug, Default)]
pub(crate) struct Recall {
    /// The keys that lead to each map.
    paths: HashMap<OpId, Vec<String>>,
    /// What each operation wrote, where it is of a kind that the mirror takes in.
    said: HashMap<OpId, Scalar>,
    undo: Undo,
}

/// A field that a change of mine wrote.
struct Written {
    path: Vec<String>,
    key: String,
    op: OpId,
    /// `None` for a deletion.
    value: Option<Scalar>,
    /// What was visible before, the one that was shown last.
    before: Vec<OpId>,
}

/// Is the map at `path` one that an edit adds and an undo marks?
fn is_addition(path: &[String]) -> bool {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        keys[..],
        [schema::TRACKS | schema::SCENES | schema::CHAIN, _] | [schema::TRACKS, _, schema::PATTERNS, _]
    )
}

impl Recall {
    /// Follows one change; `mine` where one of my actors made it.
    pub(crate) fn follow(&mut self, actor: ActorId, change: &ExpandedChange, mine: bool) {
        let deed = if mine { Deed::of_message(change.message.as_deref()) } else { Deed::Other };
        let mut written: Vec<Written> = Vec::new();
        let mut added = None;
        for (counter, operation) in (change.start_op.get()..).zip(&change.operations) {
            let op = OpId { counter, actor };
            let Key::Map(key) = &operation.key else { continue };
            let value = match &operation.action {
                OpType::Make(_) => {
                    let Some(path) = self.path_of_child(&operation.obj, key) else { continue };
                    // A new track comes with a pattern: what was added is the first of what could have been.
                    if added.is_none() && is_addition(&path) {
                        added = Some(path.clone());
                    }
                    self.paths.insert(op, path);
                    continue;
                }
                OpType::Put(value) => Scalar::read(value),
                OpType::Delete => None,
                _ => continue,
            };
            if deed != Deed::Other {
                written.extend(self.written(op, operation, key, value.clone()));
            }
            if let Some(value) = value {
                self.said.insert(op, value);
            }
        }
        match deed {
            Deed::Other => {}
            Deed::Edit(label) => self.repeat_edit(label, written, added.as_deref()),
            Deed::Undo => self.repeat_walk(Way::Back, &written),
            Deed::Redo => self.repeat_walk(Way::Forth, &written),
        }
    }

    /// What can be undone and redone after the last change.
    pub(crate) fn finish(self) -> Undo {
        self.undo
    }

    fn path(&self, object: &ObjectId) -> Option<&[String]> {
        match object {
            ObjectId::Root => Some(&[]),
            ObjectId::Id(id) => self.paths.get(&op_id(id)?).map(Vec::as_slice),
        }
    }

    fn path_of_child(&self, object: &ObjectId, key: &str) -> Option<Vec<String>> {
        Some(self.path(object)?.iter().cloned().chain([key.to_owned()]).collect())
    }

    fn written(&self, op: OpId, operation: &Op, key: &str, value: Option<Scalar>) -> Option<Written> {
        let path = self.path(&operation.obj)?.to_vec();
        let mut before: Vec<OpId> = operation.pred.iter().filter_map(op_id).collect();
        before.sort_unstable();
        Some(Written { path, key: key.to_owned(), op, value, before })
    }

    fn repeat_edit(&mut self, label: &str, written: Vec<Written>, added: Option<&[String]>) {
        let fields = written.into_iter().filter_map(|Written { path, key, op, value, before }| {
            let before_op = before.last().copied();
            let before = before_op.and_then(|before| self.said.get(&before).cloned());
            let before_op = self.undo.meaning(before_op);
            Some(Field { path, key, before, before_op, after: value?, after_op: Some(op) })
        });
        let fields = fields.collect();
        self.undo.edited(label, fields, added);
    }

    /// The entry that was walked is the first of which the change wrote a field that was still the entry's
    /// own; those above it had nothing left, or they would have been walked instead.
    fn repeat_walk(&mut self, way: Way, written: &[Written]) {
        let by_field: HashMap<(&[String], &str), &Written> =
            written.iter().map(|written| ((&written.path[..], written.key.as_str()), written)).collect();
        while let Some(mut entry) = self.undo.take(way) {
            entry.fields.retain_mut(|field| {
                let written = by_field.get(&(&field.path[..], field.key.as_str())).copied();
                written.is_some_and(|written| self.repeat_field(way, field, written))
            });
            if !entry.fields.is_empty() {
                self.undo.carried_out(entry, way);
                return;
            }
        }
    }

    /// Was it this entry's field that was walked?
    fn repeat_field(&mut self, way: Way, field: &mut Field, written: &Written) -> bool {
        let replaced = written.before.last().copied();
        if self.undo.meaning(replaced) != field.expected(way) {
            return false;
        }
        let rivals = written.before.iter().rev().skip(1);
        let rival = rivals.filter_map(|op| Some((*op, self.said.get(op)?.clone()))).next();
        if let (Way::Back, Some((op, value))) = (way, rival) {
            let op = self.undo.meaning(Some(op));
            field.uncovers(value, op);
        }
        let now = written.value.is_some().then_some(written.op);
        self.undo.stands_for(now, field.wanted(way).1, replaced);
        true
    }
}
