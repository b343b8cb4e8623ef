//! The document of a session: Automerge, its mirror, its song and what I can undo.

use std::sync::Arc;

use antiphon_model::{Edit, Moment, Name, SessionId, Song, ValidEdit};
use antiphon_timeline::{Tempo, TimebaseId, TimelineOp};
use automerge::{Automerge, Change, PatchLog};

use crate::{
    check::GateView,
    history::History,
    holds::{Holds, Place, Playing, Stage},
    ids::{ActorId, ChangeHash},
    limits::{CHANGE_BYTES_MAX, OPS_PER_CHANGE_MAX},
    moment,
    raw::{RawMap, RawSong, Scalar},
    recall::Recall,
    repair::Repaired,
    touched::Touched,
    undo::{Undo, Way},
    writes::{self, Writes},
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
    /// [`SessionDocument::set_actor`] comes first.
    #[error("nobody was named whose edit this is")]
    NoActor,
    /// Ids are fresh: a removed track comes back by `RestoreTrack`.
    #[error("that id is taken, perhaps by a removed track")]
    IdTaken,
    /// Its maps were never made, and two who made them now would hide one another's scenes.
    #[error(
        "this session was begun by an older version of Antiphon and has no room for scenes; a remix of it has"
    )]
    NoScenes,
    #[error(
        "the edit writes {found} values at once, and a change holds {OPS_PER_CHANGE_MAX}; take fewer steps or notes"
    )]
    TooManyValues {
        /// Values and maps that it would write.
        found: usize,
    },
    #[error(
        "the edit writes {bytes} bytes at once, and a change holds {CHANGE_BYTES_MAX}; take fewer steps or notes"
    )]
    TooManyBytes {
        /// At least so many.
        bytes: usize,
    },
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
    pub(crate) automerge: Automerge,
    /// Whose changes local edits are, once it is known.
    pub(crate) actor: Option<ActorId>,
    pub(crate) raw: RawMap,
    pub(crate) repaired: Repaired,
    pub(crate) song: Arc<Song>,
    pub(crate) history: History,
    pub(crate) undo: Undo,
    pub(crate) holds: Holds,
    /// Does the edit that is being made wait for its bar, when edits do?
    pub(crate) waits: bool,
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
        let writes = writes::genesis(session, name.as_str(), tempo, created_at_ms);
        let change = document.write(&writes, created_at_ms).expect("an empty document takes its root maps");
        (document, change)
    }

    /// A document before its first changes have arrived.
    pub fn empty(session: SessionId) -> Self {
        let repaired = Repaired::new(session);
        let song = Arc::new(repaired.song.clone());
        Self {
            automerge: Automerge::new(),
            actor: None,
            raw: RawMap::new(),
            repaired,
            song,
            history: History::default(),
            undo: Undo::default(),
            holds: Holds::default(),
            waits: false,
        }
    }

    /// A document from changes that were admitted before, each after those it follows.
    pub fn load_from_changes(
        session: SessionId,
        changes: impl IntoIterator<Item = Change>,
    ) -> Result<Self, ApplyError> {
        Self::load_with_undo(session, changes, |_| false)
    }

    /// The same, with what I can undo. A device has a new actor in every run: `is_mine` says which are its own.
    /// What they did can be undone and redone as if the program had never been closed.
    pub fn load_with_undo(
        session: SessionId,
        changes: impl IntoIterator<Item = Change>,
        is_mine: impl Fn(&ActorId) -> bool,
    ) -> Result<Self, ApplyError> {
        let mut loaded = Self::empty(session);
        let mut recall = Recall::default();
        let changes: Vec<Change> = changes.into_iter().collect();
        for change in &changes {
            let decoded = change.decode();
            if !loaded.history.record_decoded(change, &decoded.operations) {
                return Err(ApplyError::OutOfOrder);
            }
            let actor = ActorId::read(change.actor_id()).ok_or(ApplyError::OutOfOrder)?;
            loaded.note_moment(change);
            recall.follow(actor, &decoded, is_mine(&actor));
        }
        loaded.automerge.apply_changes(changes)?;
        loaded.undo = recall.finish();
        loaded.reread();
        Ok(loaded)
    }

    /// Whose changes the next local edits are.
    pub fn set_actor(&mut self, actor: ActorId) {
        self.automerge.set_actor(actor.to_automerge());
        self.actor = Some(actor);
    }

    /// The repaired song.
    pub fn song(&self) -> &Arc<Song> {
        &self.song
    }

    /// The mirror that the song was repaired from.
    pub fn raw(&self) -> &RawSong {
        &self.raw
    }

    /// The document read anew and whole, past the mirror: what the mirror must always equal.
    pub fn read(&self) -> RawSong {
        RawMap::read(&self.automerge)
    }

    /// What the gate asks.
    pub fn gate(&self) -> GateView<'_> {
        GateView { history: &self.history }
    }

    /// The present frontier, sorted.
    pub fn heads(&self) -> Vec<ChangeHash> {
        let mut heads: Vec<ChangeHash> =
            self.automerge.get_heads().into_iter().map(ChangeHash::from).collect();
        heads.sort();
        heads
    }

    /// Every actor with the number and hash of its last change.
    pub fn actor_heads(&self) -> impl Iterator<Item = (ActorId, u64, ChangeHash)> + '_ {
        self.history.heads_by_actor()
    }

    /// The last change of one actor.
    pub fn actor_seq(&self, actor: &ActorId) -> Option<(u64, ChangeHash)> {
        self.history.head_of(actor)
    }

    /// Every change, each after those it follows.
    pub fn changes(&self) -> Vec<Change> {
        self.automerge.get_changes(&[])
    }

    /// A document from what [`Self::save`] gave, and from nowhere else: peers' bytes go through the gate.
    pub fn load_trusted(session: SessionId, bytes: &[u8]) -> Result<Self, ApplyError> {
        let mut loaded = Self::empty(session);
        loaded.automerge = Automerge::load(bytes)?;
        if !loaded.changes().iter().all(|change| loaded.history.record(change)) {
            return Err(ApplyError::OutOfOrder);
        }
        loaded.reread();
        Ok(loaded)
    }

    /// The whole document as Automerge saves it.
    pub fn save(&self) -> Vec<u8> {
        self.automerge.save()
    }

    /// Makes an edit: one transaction, one change, one undo entry.
    pub fn apply(&mut self, edit: &ValidEdit, now_ms: u64) -> Result<LocalChange, ApplyError> {
        if self.history.is_empty() {
            return Err(ApplyError::NotBegun);
        }
        let writes = Writes::of_edit(edit.edit(), &self.song, &self.raw);
        self.waits = waits(edit.edit());
        let change = self.write(&writes, now_ms);
        self.waits = false;
        change
    }

    /// Makes an edit of those that a session begins with: nobody undoes it, not in a later run either.
    pub fn begin_with(&mut self, edit: &ValidEdit, now_ms: u64) -> Result<LocalChange, ApplyError> {
        if self.history.is_empty() {
            return Err(ApplyError::NotBegun);
        }
        let writes = Writes { can_undo: false, ..Writes::of_edit(edit.edit(), &self.song, &self.raw) };
        self.write(&writes, now_ms)
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
        self.write(&writes::timeline(timebase.0, &op.encode()), 0)
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

    /// Takes in a change that the gate has passed; one that is here already touches nothing.
    ///
    /// Automerge may panic on what no gate has seen. Then the document is to be built again from its changes.
    pub fn admit(&mut self, change: Change) -> Result<Touched, ApplyError> {
        if self.history.has(&change.hash().into()) {
            return Ok(Touched::default());
        }
        if !self.history.continues(&change) {
            return Err(ApplyError::OutOfOrder);
        }
        let place = self.holds.place_of(&change);
        self.open_hold(place);
        let mut log = PatchLog::active();
        if let Err(error) = self.automerge.apply_changes_log_patches([change.clone()], &mut log) {
            self.holds.close_unused();
            return Err(error.into());
        }
        self.history.record(&change);
        self.note_moment(&change);
        self.holds.take(&change, place);
        Ok(Touched { late: place.late, ..self.follow(log) })
    }

    /// Says what plays, which decides how long edits wait. `true` where another song is to be heard now than before:
    /// [`Self::heard`] has it.
    pub fn set_playing(&mut self, playing: Option<Playing>) -> bool {
        let automerge = &self.automerge;
        self.holds.set_playing(playing, self.song.session, || automerge.get_changes(&[]))
    }

    /// Does [`Self::set_playing`] matter: does an edit carry the moment from which it is heard?
    pub fn knows_moments(&self) -> bool {
        self.holds.knows_moments()
    }

    /// The song that is to be heard: [`Self::song`] without the edits that wait. With it, where some do, the song that
    /// follows, and from when on.
    pub fn heard(&self) -> (Arc<Song>, Option<(Arc<Song>, Moment)>) {
        (self.holds.playing_song(&self.song), self.holds.next_song(&self.song))
    }

    /// Edits that wait for the next moment of [`Self::heard`].
    pub fn edits_waiting(&self) -> usize {
        self.holds.edits_waiting()
    }

    pub(crate) fn open_hold(&mut self, place: Place) {
        let Self { holds, automerge, raw, repaired, song, .. } = self;
        holds.open(place, || Stage::new(automerge.clone(), raw.clone(), repaired.clone(), song.clone()));
    }

    fn note_moment(&mut self, change: &Change) {
        let at = change.message().and_then(|message| moment::split(message).1);
        self.holds.note(change.hash().into(), at);
    }

    /// Undoes my last edit where nobody else has written since; `None` where nothing of it is left to undo.
    pub fn undo(&mut self, now_ms: u64) -> Option<LocalChange> {
        self.waits = true;
        let undone = self.rewind(Way::Back, now_ms);
        self.waits = false;
        undone
    }

    /// Does again what I undid last.
    pub fn redo(&mut self, now_ms: u64) -> Option<LocalChange> {
        self.waits = true;
        let redone = self.rewind(Way::Forth, now_ms);
        self.waits = false;
        redone
    }

    /// What undo would undo.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.label(Way::Back)
    }

    /// What redo would do.
    pub fn redo_label(&self) -> Option<&str> {
        self.undo.label(Way::Forth)
    }

    /// Forgets what could be undone, for this run. [`Self::begin_with`] makes edits that no run undoes.
    pub fn forget_undo(&mut self) {
        self.undo.forget();
    }

    fn reread(&mut self) {
        self.raw = self.read();
        self.repaired.read_all(&self.raw);
        self.song = Arc::new(self.repaired.song.clone());
    }
}

/// Launches, tempo and meter have a moment of their own, and settings are not heard.
fn waits(edit: &Edit) -> bool {
    !matches!(
        edit,
        Edit::Launch { .. }
            | Edit::SetFill { .. }
            | Edit::SetPlayMode { .. }
            | Edit::SetTempo { .. }
            | Edit::SetMeter { .. }
            | Edit::SetQuantum { .. }
            | Edit::SetEditsAtBar { .. }
    )
}
