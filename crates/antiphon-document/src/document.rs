//! The document of a session: Automerge, its mirror, its song and what I can undo.

use std::sync::Arc;

use antiphon_model::{Name, SessionId, Song, ValidEdit};
use antiphon_timeline::{Tempo, TimebaseId, TimelineOp};
use automerge::{
    Automerge, Change, ObjId, ObjType, PatchLog, ReadDoc,
    transaction::{CommitOptions, Transactable},
};

use crate::{
    check::GateView,
    history::History,
    ids::{ActorId, ChangeHash, OpId},
    raw::{RawMap, Scalar},
    repair::Repaired,
    touched::Touched,
    undo::{Entry, Field, Undo, Way},
    writes::{self, Write, Writes},
};

/// A change that was just made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalChange {
    /// The plain (never deflated) change chunk.
    pub bytes: Vec<u8>,
    pub hash: ChangeHash,
    /// Its number among its actor's changes, from 1.
    pub seq: u64,
    pub actor: ActorId,
    /// What it did, for people.
    pub label: String,
    /// What of the song it touched.
    pub touched: Touched,
}

/// Why an edit or a change was not applied. The document is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Everything is so already.
    #[error("nothing would change")]
    Unchanged,
    #[error("the session has not arrived yet")]
    NotBegun,
    #[error("there is no such place in the document: {0}")]
    NoPlace(String),
    #[error("the document refused it: {0}")]
    Automerge(#[from] automerge::AutomergeError),
    /// Its dependencies or its number do not continue the document.
    #[error("the change does not continue the document")]
    OutOfOrder,
}

/// One session's document. Not shared: its owner passes values on.
#[derive(Debug)]
pub struct SessionDocument {
    document: Automerge,
    raw: RawMap,
    repaired: Repaired,
    song: Arc<Song>,
    history: History,
    undo: Undo,
}

impl SessionDocument {
    /// A new session: the change that makes its root maps.
    pub fn create(
        session: SessionId,
        actor: ActorId,
        name: Name,
        tempo: Tempo,
        created_at_ms: u64,
    ) -> (Self, LocalChange) {
        let mut document = Self::empty(session);
        document.set_actor(actor);
        let tempo = i64::try_from(tempo.micro_bpm()).unwrap_or(i64::MAX);
        let writes = writes::genesis(name.as_str(), tempo, created_at_ms);
        let change = document.write(writes, created_at_ms).expect("an empty document takes its root maps");
        (document, change)
    }

    /// A document before its first changes have arrived.
    pub fn empty(session: SessionId) -> Self {
        let repaired = Repaired::new(session);
        let song = Arc::new(repaired.song.clone());
        Self {
            document: Automerge::new(),
            raw: RawMap::new(),
            repaired,
            song,
            history: History::default(),
            undo: Undo::default(),
        }
    }

    /// A document from changes that were admitted before, each after those it follows.
    pub fn load_from_changes(
        session: SessionId,
        changes: impl IntoIterator<Item = Change>,
    ) -> Result<Self, ApplyError> {
        let mut loaded = Self::empty(session);
        let changes: Vec<Change> = changes.into_iter().collect();
        if !changes.iter().all(|change| loaded.history.record(change)) {
            return Err(ApplyError::OutOfOrder);
        }
        loaded.document.apply_changes(changes)?;
        loaded.reread();
        Ok(loaded)
    }

    /// Whose changes the next local edits are.
    pub fn set_actor(&mut self, actor: ActorId) {
        self.document.set_actor(actor.to_automerge());
    }

    /// The repaired song.
    pub fn song(&self) -> &Arc<Song> {
        &self.song
    }

    /// What the gate asks.
    pub fn gate(&self) -> GateView<'_> {
        GateView { history: &self.history }
    }

    /// The present frontier, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<ChangeHash> =
            self.document.get_heads().into_iter().map(ChangeHash::from).collect();
        heads.sort();
        heads
    }

    /// Every actor with the number and hash of its last change.
    pub fn actor_heads(&self) -> impl Iterator<Item = (ActorId, u64, ChangeHash)> + '_ {
        self.history.heads_by_actor()
    }

    /// The whole document as Automerge saves it.
    pub fn save(&self) -> Vec<u8> {
        self.document.save()
    }

    /// Makes an edit: one transaction, one change, one undo entry.
    pub fn apply(&mut self, edit: &ValidEdit, now_ms: u64) -> Result<LocalChange, ApplyError> {
        if self.history.is_empty() {
            return Err(ApplyError::NotBegun);
        }
        let writes = Writes::of_edit(edit.edit(), &self.song);
        self.write(writes, now_ms)
    }

    /// Records an operation on the transport.
    pub fn add_timeline_op(
        &mut self,
        timebase: TimebaseId,
        op: &TimelineOp,
    ) -> Result<LocalChange, ApplyError> {
        if self.history.is_empty() {
            return Err(ApplyError::NotBegun);
        }
        self.write(writes::timeline(timebase.0, &op.encode()), 0)
    }

    /// The operations of one timebase that can be read, in no particular order.
    pub fn timeline_ops(&self, timebase: TimebaseId) -> Vec<TimelineOp> {
        let prefix = writes::timeline_prefix(timebase.0);
        let pages = self.raw.map(crate::schema::TRANSPORT).into_iter().flat_map(RawMap::maps);
        let entries = pages.flat_map(|(_, page)| page.entries());
        entries
            .filter(|(key, _)| key.starts_with(&prefix))
            .filter_map(|(_, entry)| match entry {
                crate::raw::Entry::Scalar(Scalar::Bytes(bytes)) => TimelineOp::decode(bytes).ok(),
                _ => None,
            })
            .collect()
    }

    /// Takes in a change that the gate has passed.
    pub fn admit(&mut self, change: Change) -> Result<Touched, ApplyError> {
        let mut log = PatchLog::active();
        self.document.apply_changes_log_patches([change.clone()], &mut log)?;
        if !self.history.record(&change) {
            return Err(ApplyError::OutOfOrder);
        }
        Ok(self.follow(log))
    }

    /// Undoes my last edit where nobody else has written since; `None` where nothing of it is left to undo.
    pub fn undo(&mut self, now_ms: u64) -> Option<LocalChange> {
        self.walk(Way::Back, now_ms)
    }

    /// Does again what I undid last.
    pub fn redo(&mut self, now_ms: u64) -> Option<LocalChange> {
        self.walk(Way::Forth, now_ms)
    }

    /// What undo would undo.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.label(Way::Back)
    }

    /// What redo would do.
    pub fn redo_label(&self) -> Option<&str> {
        self.undo.label(Way::Forth)
    }

    /// Forgets what could be undone: a session's first content is nobody's to undo.
    pub fn forget_undo(&mut self) {
        self.undo.forget();
    }

    /// Entries of which nothing is left are passed over, so that one press does something.
    fn walk(&mut self, way: Way, now_ms: u64) -> Option<LocalChange> {
        while let Some(mut entry) = self.undo.take(way) {
            let mut fields: Vec<Field> = Vec::new();
            for field in entry.fields.drain(..) {
                let said = self.undo.meaning(self.winner(&field.path, &field.key).1);
                if said == field.expected(way) {
                    fields.push(field);
                }
            }
            entry.fields = fields;
            let Ok(change) = self.write_back(&entry, way, now_ms) else { continue };
            self.undo.carried_out(entry, way);
            return Some(change);
        }
        None
    }

    fn write_back(&mut self, entry: &Entry, way: Way, now_ms: u64) -> Result<LocalChange, ApplyError> {
        let mut tx = self
            .document
            .transaction_log_patches(PatchLog::active())
            .map_err(automerge::AutomergeError::from)?;
        for field in &entry.fields {
            let object = object(&self.raw, &field.path)?;
            match field.wanted(way).0 {
                Some(value) => tx.put(&object, field.key.as_str(), value.to_automerge())?,
                None => tx.delete(&object, field.key.as_str())?,
            }
        }
        let (hash, log) = tx.commit_with(commit_time(now_ms));
        hash.ok_or(ApplyError::Unchanged)?;
        let touched = self.follow(log);
        for field in &entry.fields {
            let (_, now) = self.winner(&field.path, &field.key);
            self.undo.stands_for(now, field.wanted(way).1);
        }
        self.made(entry.label.clone(), touched)
    }

    fn write(&mut self, writes: Writes, now_ms: u64) -> Result<LocalChange, ApplyError> {
        let before = writes.writes.iter().map(|write| {
            let (before, op) = self.winner(&write.path, &write.key);
            Field::about_to(write, before, op)
        });
        let mut fields: Vec<Field> = before.collect();
        let mut tx = self
            .document
            .transaction_log_patches(PatchLog::active())
            .map_err(automerge::AutomergeError::from)?;
        // Maps made in this transaction are not in the mirror yet.
        let mut made: Vec<(Vec<String>, ObjId)> = Vec::new();
        let find =
            |made: &[(Vec<String>, ObjId)], path: &[String]| match made.iter().find(|(at, _)| at == path) {
                Some((_, id)) => Ok(id.clone()),
                None => object(&self.raw, path),
            };
        for (path, key) in &writes.makes {
            let at = [&path[..], &[key.clone()]].concat();
            // A sample that is known already is described again, not made again.
            if object(&self.raw, &at).is_ok() {
                continue;
            }
            let id = tx.put_object(find(&made, path)?, key.as_str(), ObjType::Map)?;
            made.push((at, id));
        }
        for Write { path, key, value } in &writes.writes {
            tx.put(find(&made, path)?, key.as_str(), value.to_automerge())?;
        }
        let (hash, log) = tx.commit_with(commit_time(now_ms));
        hash.ok_or(ApplyError::Unchanged)?;
        let touched = self.follow(log);
        if writes.can_undo {
            for field in &mut fields {
                field.after_op = self.winner(&field.path, &field.key).1;
            }
            if let Some(added) = &writes.added {
                fields.retain(|field| field.path == *added && field.key == crate::schema::DELETED);
                fields.iter_mut().for_each(|field| field.before = Some(Scalar::Bool(true)));
            }
            self.undo.push(Entry { label: writes.label.clone(), fields });
        }
        self.made(writes.label, touched)
    }

    /// The change that was just committed.
    fn made(&mut self, label: String, touched: Touched) -> Result<LocalChange, ApplyError> {
        let change = self.document.get_last_local_change().ok_or(ApplyError::Unchanged)?;
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
    fn follow(&mut self, mut log: PatchLog) -> Touched {
        let patches = self.document.make_patches(&mut log);
        let mut touched = Touched::default();
        self.raw.follow(patches, &mut touched);
        if touched.reaches_song() {
            self.repaired.update(&self.raw, &touched);
            self.song = Arc::new(self.repaired.song.clone());
        }
        touched
    }

    fn reread(&mut self) {
        self.raw = RawMap::read(&self.document);
        self.repaired.read_all(&self.raw);
        self.song = Arc::new(self.repaired.song.clone());
    }

    /// What a field says and the operation that says so.
    fn winner(&self, path: &[String], key: &str) -> (Option<Scalar>, Option<OpId>) {
        let Ok(object) = object(&self.raw, path) else { return (None, None) };
        let value = self.raw.at(path.iter().map(String::as_str)).and_then(|map| map.scalar(key)).cloned();
        let said = self.document.get(&object, key).ok().flatten();
        (value, said.and_then(|(_, id)| OpId::of(&id)))
    }
}

fn object(raw: &RawMap, path: &[String]) -> Result<ObjId, ApplyError> {
    let map = raw.at(path.iter().map(String::as_str));
    map.map(|map| map.id.clone()).ok_or_else(|| ApplyError::NoPlace(path.join("/")))
}

/// Seconds, as Automerge keeps them. Nothing in the song depends on them.
fn commit_time(now_ms: u64) -> CommitOptions {
    CommitOptions::default().with_time(i64::try_from(now_ms / 1_000).unwrap_or(0))
}
