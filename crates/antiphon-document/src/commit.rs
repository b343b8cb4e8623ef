//! From writes to a change: one transaction each, followed by the mirror, the song and the index.

use std::{collections::HashMap, sync::Arc};

use antiphon_model::Moment;
use automerge::{
    AutomergeError, ObjId, ObjType, PatchLog, ReadDoc,
    transaction::{CommitOptions, Transactable, Transaction},
};

use crate::{
    document::{ApplyError, LocalChange, SessionDocument},
    ids::{ActorId, ChangeHash, OpId},
    limits::{CHANGE_BYTES_MAX, OPS_PER_CHANGE_MAX},
    moment,
    raw::{RawMap, Scalar},
    schema,
    touched::Touched,
    undo::{Deed, Field},
    writes::{Write, Writes},
};

/// What a field says, which operation says so, and what would show if that operation had not been made.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) value: Option<Scalar>,
    pub(crate) op: Option<OpId>,
    /// A write made at the same time as the one that won.
    pub(crate) rival: Option<(Scalar, OpId)>,
}

impl SessionDocument {
    /// Makes the writes of an edit, and its undo entry.
    pub(crate) fn write(&mut self, writes: &Writes, now_ms: u64) -> Result<LocalChange, ApplyError> {
        if writes.added.as_ref().is_some_and(|added| object(&self.raw, added).is_ok()) {
            return Err(ApplyError::IdTaken);
        }
        check_size(writes)?;
        let mut fields: Vec<Field> = Vec::new();
        if writes.can_undo {
            fields = writes.writes.iter().map(|write| self.field_before(write)).collect();
        }
        let deed = if writes.can_undo { Deed::Edit(&writes.label) } else { Deed::Other };
        let touched = self.transact(now_ms, deed, |tx, raw| perform(writes, tx, raw))?;
        if writes.can_undo {
            for field in &mut fields {
                field.after_op = self.undo.meaning(self.said(&field.path, &field.key).op);
            }
            self.undo.edited(&writes.label, fields, writes.added.as_deref());
        }
        self.change_made(writes.label.clone(), touched)
    }

    fn field_before(&self, write: &Write) -> Field {
        let said = self.said(&write.path, &write.key);
        let op = self.undo.meaning(said.op);
        Field::about_to(write, said.value, op)
    }

    /// One transaction. Whatever fails in it leaves the document as it was.
    pub(crate) fn transact(
        &mut self,
        now_ms: u64,
        deed: Deed<'_>,
        work: impl FnOnce(&mut Transaction<'_>, &RawMap) -> Result<(), ApplyError>,
    ) -> Result<Touched, ApplyError> {
        // Automerge would make an actor up, whose changes no peer takes.
        self.actor.ok_or(ApplyError::NoActor)?;
        // What nobody undoes says nothing in its message: it waits for no bar either.
        let waits = self.waits && deed != Deed::Other;
        let at = if waits { self.holds.local_moment() } else { None };
        let place = self.holds.place(at, self.automerge.get_heads().into_iter().map(ChangeHash::from));
        self.open_hold(place);
        let done = self.transact_held(now_ms, deed, at, work);
        if at.is_none() && !self.holds.is_active() {
            return done;
        }
        match self.automerge.get_last_local_change().filter(|_| done.is_ok()) {
            Some(change) => {
                self.holds.note(change.hash().into(), at);
                self.holds.take(&change, place);
            }
            None => self.holds.close_unused(),
        }
        done
    }

    fn transact_held(
        &mut self,
        now_ms: u64,
        deed: Deed<'_>,
        at: Option<Moment>,
        work: impl FnOnce(&mut Transaction<'_>, &RawMap) -> Result<(), ApplyError>,
    ) -> Result<Touched, ApplyError> {
        let log = PatchLog::active();
        let mut tx = self.automerge.transaction_log_patches(log).map_err(AutomergeError::from)?;
        if let Err(error) = work(&mut tx, &self.raw) {
            tx.rollback();
            return Err(error);
        }
        // Seconds, as Automerge keeps them. Nothing in the song depends on them.
        let seconds = i64::try_from(now_ms / 1_000).unwrap_or_default();
        let message = deed.message().map(|message| moment::with_moment(message, at));
        let (hash, log) = tx.commit_with(CommitOptions { message, time: Some(seconds) });
        hash.ok_or(ApplyError::Unchanged)?;
        Ok(self.follow(log))
    }

    /// The change that was just committed.
    pub(crate) fn change_made(&mut self, label: String, touched: Touched) -> Result<LocalChange, ApplyError> {
        let change = self.automerge.get_last_local_change().ok_or(ApplyError::Unchanged)?;
        if !self.history.record(&change) {
            return Err(ApplyError::OutOfOrder);
        }
        Ok(LocalChange {
            bytes: change.raw_bytes().to_vec(),
            hash: change.hash().into(),
            seq: change.seq(),
            actor: ActorId::read(change.actor_id()).ok_or(ApplyError::OutOfOrder)?,
            label,
            touched,
        })
    }

    /// Brings mirror and song to the document.
    pub(crate) fn follow(&mut self, mut log: PatchLog) -> Touched {
        let patches = self.automerge.make_patches(&mut log);
        let mut touched = Touched::default();
        self.raw.follow(patches, &mut touched);
        if touched.reaches_song() {
            self.repaired.update(&self.raw, &touched);
            self.song = Arc::new(self.repaired.song.clone());
        }
        touched
    }

    pub(crate) fn said(&self, path: &[String], key: &str) -> Said {
        let Ok(object) = object(&self.raw, path) else { return Said::default() };
        let mut all = self.automerge.get_all(&object, key).unwrap_or_default();
        let winner = all.pop();
        let read = |(value, id): &(automerge::Value<'_>, ObjId)| {
            (value.as_scalar().and_then(Scalar::read), OpId::of(id))
        };
        let (value, op) = winner.as_ref().map(read).unwrap_or_default();
        let rival = all.iter().rev().map(read).find_map(|(value, op)| value.zip(op));
        Said { value, op, rival }
    }
}

/// The object at a path of the mirror.
pub(crate) fn object(raw: &RawMap, path: &[String]) -> Result<ObjId, ApplyError> {
    let map = raw.at(path.iter().map(String::as_str));
    map.map(|map| map.id.clone()).ok_or_else(|| match path {
        [root] if root == schema::SCENES || root == schema::CHAIN => ApplyError::NoScenes,
        path => ApplyError::NoPlace(path.join("/")),
    })
}

/// Peers refuse a change that is too large, so it must not be made.
fn check_size(writes: &Writes) -> Result<(), ApplyError> {
    let found = writes.makes.len() + writes.writes.len();
    if found > OPS_PER_CHANGE_MAX {
        return Err(ApplyError::TooManyValues { found });
    }
    let bytes = writes.bytes_at_least();
    if bytes > CHANGE_BYTES_MAX {
        return Err(ApplyError::TooManyBytes { bytes });
    }
    Ok(())
}

fn perform(writes: &Writes, tx: &mut Transaction<'_>, raw: &RawMap) -> Result<(), ApplyError> {
    // Maps made in this transaction are not in the mirror yet.
    let mut made: HashMap<Vec<String>, ObjId> = HashMap::new();
    for (path, key) in &writes.makes {
        let at = [&path[..], std::slice::from_ref(key)].concat();
        // A sample that is known already is described again, not made again.
        if object(raw, &at).is_ok() {
            continue;
        }
        let id = tx.put_object(find(&made, raw, path)?, key.as_str(), ObjType::Map)?;
        made.insert(at, id);
    }
    for Write { path, key, value } in &writes.writes {
        tx.put(find(&made, raw, path)?, key.as_str(), value.to_automerge())?;
    }
    Ok(())
}

fn find(made: &HashMap<Vec<String>, ObjId>, raw: &RawMap, path: &[String]) -> Result<ObjId, ApplyError> {
    match made.get(path) {
        Some(id) => Ok(id.clone()),
        None => object(raw, path),
    }
}
