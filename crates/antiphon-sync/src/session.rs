//! One open session: its document, roster and log, and the links to its members.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    sync::Arc,
};

use antiphon_document::{ActorId, ApplyError, LocalChange, Playing, SessionDocument, Touched};
use antiphon_identity::{DeviceKey, PeerId};
use antiphon_membership::{GrantId, Role, Roster, RosterError, SignedGrant, actor_id};
use antiphon_model::{Edit, EditError, Name, SampleId, SessionId, Song};
use antiphon_timeline::{HostTime, Tempo, TimebaseId, TimelineOp};

use crate::{
    blob::BlobExchange,
    envelope::Envelope,
    gate::{self, Passed, Verdict},
    held::HeldChanges,
    limits::{CHANGE_BYTES_MAX, DOCUMENT_BYTES_MAX},
    link::Link,
    log::ChangeLog,
    output::SyncOutput,
    pace::Pace,
    presence::Presence,
};

/// The time of an input: this machine's clock for pacing, the calendar for what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Monotonic.
    pub host: HostTime,
    /// Milliseconds since 1970.
    pub unix_ms: u64,
}

/// Who we are in a session.
#[derive(Debug, Clone)]
pub struct SyncConfig {
    /// This device's key.
    pub key: Arc<DeviceKey>,
    /// Tells the runs of this device apart. Must be fresh whenever the last run may have sent changes that
    /// it did not store (it was killed, or the disk was full): a sequence number is never used twice. A
    /// counter that is stored before a session is opened, and raised at every start, does.
    pub actor_n: u32,
    /// Version of our engine, told to peers.
    pub engine_version: u32,
}

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditRefused {
    /// It does not fit the song.
    #[error(transparent)]
    Invalid(#[from] EditError),
    /// We only listen here.
    #[error("you are a listener in this session; ask its owner to let you edit")]
    Listener,
    /// We are no member.
    #[error("you are not a member of this session")]
    NotMember,
    /// A joiner has not received the session's beginning yet.
    #[error("the session has not arrived yet")]
    NotHereYet,
    /// No room.
    #[error("the session's history is full; publish or copy it into a new session")]
    DocumentFull,
    /// Larger than peers accept.
    #[error("the edit makes a change of {bytes} bytes, at most {CHANGE_BYTES_MAX} are allowed")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// The document did not take it.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// How the reading of a stored session went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// Changes taken.
    pub admitted: usize,
    /// Stored values that are no changes of this session, or follow changes that are missing.
    pub refused: usize,
}

/// Replication of one session. See the crate's documentation.
#[derive(Debug)]
pub struct SessionSync {
    pub(crate) config: SyncConfig,
    pub(crate) document: SessionDocument,
    pub(crate) roster: Roster,
    pub(crate) log: ChangeLog,
    pub(crate) held: HeldChanges,
    /// Hashes of refused envelopes.
    pub(crate) quarantine: HashSet<[u8; 32]>,
    /// Actors that signed two changes with one number.
    pub(crate) forked: BTreeSet<[u8; 32]>,
    pub(crate) links: BTreeMap<PeerId, Link>,
    pub(crate) paces: HashMap<PeerId, Pace>,
    pub(crate) presence: Option<Presence>,
    pub(crate) blobs: BlobExchange,
    pub(crate) outputs: VecDeque<SyncOutput>,
    /// What changed since the last news of it, by author.
    pub(crate) touched: BTreeMap<Option<PeerId>, Touched>,
    pub(crate) told_full: bool,
    /// The grant our edits are made under, as the document knows it.
    actor_grant: Option<GrantId>,
}

impl SessionSync {
    /// Begins a session of our own. `session` and `owner_grant` are fresh random bits.
    pub fn create(
        config: SyncConfig,
        session: SessionId,
        owner_grant: GrantId,
        name: Name,
        tempo: Tempo,
        unix_ms: u64,
    ) -> Self {
        let roster = Roster::found(&config.key, session, unix_ms, owner_grant);
        let actor = ActorId(actor_id(config.key.peer_id(), owner_grant, config.actor_n));
        let (document, first) = SessionDocument::create(session, actor, name, tempo, unix_ms);
        let mut sync = Self::with(config, document, roster);
        let roster = sync.roster.to_bytes();
        sync.outputs.push_back(SyncOutput::StoreRoster { roster });
        sync.record_own(first);
        sync
    }

    /// Enters a session that somebody let us into: `roster` is what they sent. The document arrives from
    /// whichever member is connected first.
    pub fn join(config: SyncConfig, roster: Roster) -> Self {
        let document = SessionDocument::empty(roster.session());
        let mut sync = Self::with(config, document, roster);
        let roster = sync.roster.to_bytes();
        sync.outputs.push_back(SyncOutput::StoreRoster { roster });
        sync
    }

    /// Opens a stored session: its roster, and its envelopes in the order they were stored.
    ///
    /// What was admitted once is not judged again: signatures were verified before the envelopes were stored,
    /// and the store checks its sums. Only where they do not fit together (a store that lost some, or that
    /// somebody else wrote) does each pass the gate by itself, and what does not is left out.
    pub fn restore(
        config: SyncConfig,
        roster: Roster,
        envelopes: impl IntoIterator<Item = Vec<u8>>,
    ) -> (Self, Restored) {
        let envelopes: Vec<Vec<u8>> = envelopes.into_iter().collect();
        let count = envelopes.len();
        if let Some((document, log)) = open_at_once(config.key.peer_id(), &roster, &envelopes) {
            let mut sync = Self::with(config, document, roster);
            sync.log = log;
            return (sync, Restored { admitted: count, refused: 0 });
        }
        let mut sync = Self::with(config, SessionDocument::empty(roster.session()), roster);
        let admitted = envelopes.iter().filter(|bytes| sync.restore_one(bytes)).count();
        sync.touched.clear();
        // What fits together is opened at once after all, which also finds what we can undo.
        sync.rebuild();
        (sync, Restored { admitted, refused: count - admitted })
    }

    /// The song as it is.
    pub fn song(&self) -> &Arc<Song> {
        self.document.song()
    }

    /// The document, to be read.
    pub fn document(&self) -> &SessionDocument {
        &self.document
    }

    /// Says what plays, which decides how long edits wait for their bar; see [`SessionDocument::set_playing`].
    pub fn set_playing(&mut self, playing: Option<Playing>) -> bool {
        self.document.set_playing(playing)
    }

    /// Who may do what.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The session.
    pub fn session(&self) -> SessionId {
        self.roster.session()
    }

    /// Our own role.
    pub fn role(&self) -> Option<Role> {
        self.roster.role_of(self.me())
    }

    /// Has the session's beginning arrived?
    pub fn has_begun(&self) -> bool {
        !self.document.gate().is_empty()
    }

    /// Every admitted envelope, in an order that [`Self::restore`] takes.
    pub fn envelopes(&self) -> impl Iterator<Item = &[u8]> {
        self.log.envelopes()
    }

    /// Refused envelopes so far, forgotten ones not counted.
    pub fn quarantined(&self) -> usize {
        self.quarantine.len()
    }

    /// Changes that wait for others.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// The members that are connected and exchange changes with us.
    pub fn open_links(&self) -> impl Iterator<Item = PeerId> + '_ {
        self.links.iter().filter(|(_, link)| link.is_open()).map(|(peer, _)| *peer)
    }

    /// Makes an edit: checks it against the song, applies, signs, stores and broadcasts it. Returns its label.
    pub fn edit(&mut self, edit: Edit, now: Now) -> Result<String, EditRefused> {
        self.check_may_edit()?;
        let valid = edit.validate(self.document.song())?;
        let change = self.document.apply(&valid, now.unix_ms)?;
        self.commit(change)
    }

    /// Makes an edit of those that a session begins with, which nobody undoes.
    pub fn begin_with(&mut self, edit: Edit, now: Now) -> Result<(), EditRefused> {
        self.check_may_edit()?;
        let valid = edit.validate(self.document.song())?;
        let change = self.document.begin_with(&valid, now.unix_ms)?;
        self.commit(change).map(|_| ())
    }

    /// Adds an operation of the timeline, which carries its own time.
    pub fn timeline_op(
        &mut self,
        timebase: TimebaseId,
        op: &TimelineOp,
        _now: Now,
    ) -> Result<(), EditRefused> {
        self.check_may_edit()?;
        let change = self.document.add_timeline_op(timebase, op)?;
        self.commit(change).map(|_| ())
    }

    /// Takes back our own last edit. Returns its label, `None` where there is nothing to undo.
    pub fn undo(&mut self, now: Now) -> Result<Option<String>, EditRefused> {
        self.check_may_edit()?;
        let change = self.document.undo(now.unix_ms);
        change.map(|change| self.commit(change)).transpose()
    }

    /// Makes the edit again that was last undone.
    pub fn redo(&mut self, now: Now) -> Result<Option<String>, EditRefused> {
        self.check_may_edit()?;
        let change = self.document.redo(now.unix_ms);
        change.map(|change| self.commit(change)).transpose()
    }

    /// Gives a device a role, as the session's owner; `id` is fresh random bits. Members are told.
    pub fn grant(
        &mut self,
        device: PeerId,
        role: Role,
        id: GrantId,
        now: Now,
    ) -> Result<SignedGrant, RosterError> {
        let key = Arc::clone(&self.config.key);
        let grant = self.roster.grant(&key, device, role, id, now.unix_ms)?;
        self.roster_changed(None, now);
        Ok(grant)
    }

    /// Takes in a grant that came another way: in an answer to our wish to join, or shown by a member whom
    /// we do not know yet.
    pub fn add_grant(&mut self, grant: SignedGrant, now: Now) -> Result<bool, RosterError> {
        let is_new = self.roster.admit(grant)?;
        if is_new {
            self.roster_changed(None, now);
        }
        Ok(is_new)
    }

    /// Says who we are and where we work. Sent at most twenty times a second, the newest wins.
    pub fn set_presence(&mut self, presence: Presence, now: Now) {
        if self.presence.as_ref() == Some(&presence) {
            return;
        }
        self.presence = Some(presence);
        self.presence_changed(now.host);
    }

    /// A blob of this session is in the store: members that need it may have it.
    pub fn have_blob(&mut self, sample: SampleId) {
        self.blobs.have(sample, &mut self.outputs);
    }

    /// A blob of this session is not in the store: fetch it. `false` where too many are waited for already.
    pub fn need_blob(&mut self, sample: SampleId, now: Now) -> bool {
        self.blobs.need(sample, now.host, &mut self.outputs)
    }

    /// A blob is not needed any more.
    pub fn forget_blob(&mut self, sample: SampleId) {
        self.blobs.forget(sample);
    }

    /// The answer to [`SyncOutput::ReadBlob`]; `None` where the store has not got it.
    pub fn blob_read(&mut self, sample: SampleId, bytes: Option<Vec<u8>>, now: Now) {
        self.blobs.read(sample, bytes, now.host, &mut self.outputs);
    }

    /// The next thing to do; `None` when all is done until the next input.
    pub fn poll_output(&mut self) -> Option<SyncOutput> {
        if self.outputs.is_empty() {
            self.tell_touched();
        }
        self.outputs.pop_front()
    }

    pub(crate) fn me(&self) -> PeerId {
        self.config.key.peer_id()
    }

    /// Follows a change of our own role and grant.
    pub(crate) fn take_up_grant(&mut self) {
        let grant = self.roster.grant_of(self.me());
        if let Some(grant) = grant.filter(|_| grant != self.actor_grant) {
            self.document.set_actor(ActorId(actor_id(self.me(), grant, self.config.actor_n)));
        }
        self.actor_grant = grant;
    }

    /// Applies a change that passed the gate. `false` where the document did not take it.
    pub(crate) fn admit(&mut self, passed: Passed, envelope: &Envelope) -> bool {
        let Passed { change, actor, hash, seq } = passed;
        let author = (envelope.device != self.me()).then_some(envelope.device);
        let admitted = gate::guarded(|| self.document.admit(change));
        match admitted {
            Ok(Ok(touched)) => {
                self.log.push(actor, hash, envelope.encode());
                debug_assert_eq!(self.log.seq(&actor.0), seq, "the log follows the document");
                self.touched.entry(author).or_default().merge(touched);
                true
            }
            Ok(Err(_)) => false,
            Err(_) => {
                // A panic may have left the document half-changed.
                self.rebuild();
                false
            }
        }
    }

    fn with(config: SyncConfig, document: SessionDocument, roster: Roster) -> Self {
        let mut sync = Self {
            config,
            document,
            roster,
            log: ChangeLog::default(),
            held: HeldChanges::default(),
            quarantine: HashSet::new(),
            forked: BTreeSet::new(),
            links: BTreeMap::new(),
            paces: HashMap::new(),
            presence: None,
            blobs: BlobExchange::default(),
            outputs: VecDeque::new(),
            touched: BTreeMap::new(),
            told_full: false,
            actor_grant: None,
        };
        sync.take_up_grant();
        sync
    }

    fn restore_one(&mut self, bytes: &[u8]) -> bool {
        let Ok(envelope) = Envelope::decode(bytes) else { return false };
        match gate::check(self.document.gate(), &self.roster, &envelope) {
            Verdict::Pass(passed) => self.admit(*passed, &envelope),
            _ => false,
        }
    }

    fn check_may_edit(&self) -> Result<(), EditRefused> {
        match self.role() {
            None => return Err(EditRefused::NotMember),
            Some(role) if !role.can_edit() => return Err(EditRefused::Listener),
            Some(_) => {}
        }
        if !self.has_begun() {
            return Err(EditRefused::NotHereYet);
        }
        if self.log.bytes() >= DOCUMENT_BYTES_MAX {
            return Err(EditRefused::DocumentFull);
        }
        Ok(())
    }

    fn commit(&mut self, change: LocalChange) -> Result<String, EditRefused> {
        let bytes = change.bytes.len();
        if bytes > CHANGE_BYTES_MAX {
            // Peers would refuse it, so it must not stay here either.
            self.rebuild();
            return Err(EditRefused::TooLarge { bytes });
        }
        let (label, actor, seq) = (change.label.clone(), change.actor, change.seq);
        self.record_own(change);
        self.broadcast(actor.0, seq, None);
        Ok(label)
    }

    fn record_own(&mut self, change: LocalChange) {
        let Some(grant) = self.roster.grant_of(self.me()) else { return };
        let session = self.roster.session();
        let envelope = Envelope::seal(&self.config.key, session, grant, self.config.actor_n, change.bytes);
        let bytes = envelope.encode();
        self.log.push(change.actor, change.hash.0, bytes.clone());
        self.outputs.push_back(SyncOutput::Store { envelope: bytes });
        self.touched.entry(None).or_default().merge(change.touched);
    }

    /// Builds the document again from the log.
    fn rebuild(&mut self) {
        let envelopes: Vec<Vec<u8>> = self.log.envelopes().map(<[u8]>::to_vec).collect();
        if let Some((document, log)) = open_at_once(self.me(), &self.roster, &envelopes) {
            (self.document, self.log) = (document, log);
        }
        self.actor_grant = None;
        self.take_up_grant();
    }

    fn tell_touched(&mut self) {
        for (author, touched) in std::mem::take(&mut self.touched) {
            if touched.transport {
                self.outputs.push_back(SyncOutput::TransportChanged { author });
            }
            if touched.reaches_song() {
                self.outputs.push_back(SyncOutput::SongChanged { touched, author });
            }
        }
    }
}

/// A document and log of envelopes that were admitted before, in that order; `None` where they do not fit.
/// What `me` did in them, as whichever actor, can be undone.
fn open_at_once(me: PeerId, roster: &Roster, envelopes: &[Vec<u8>]) -> Option<(SessionDocument, ChangeLog)> {
    let (mut log, mut changes) = (ChangeLog::default(), Vec::with_capacity(envelopes.len()));
    let mut mine: BTreeSet<ActorId> = BTreeSet::new();
    for bytes in envelopes {
        let envelope = Envelope::decode(bytes).ok()?;
        let (actor, change) = gate::read_again(roster, &envelope).ok()?;
        if envelope.device == me {
            mine.insert(actor);
        }
        log.push(actor, change.hash().0, bytes.clone());
        changes.push(change);
    }
    let load = || SessionDocument::load_with_undo(roster.session(), changes, |actor| mine.contains(actor));
    Some((gate::guarded(load).ok()?.ok()?, log))
}
