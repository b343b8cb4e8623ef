//! The open session: its replicated document, its transport and who is in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use antiphon_identity::PeerId;
use antiphon_membership::{Role, Roster};
use antiphon_model::{Edit, SampleId, SessionId, Song};
use antiphon_sync::{Now, Presence, SessionSync, SyncConfig};
use antiphon_timeline::{Frames, SessionMap, SessionTime, TimelineOp};

use crate::{
    command::{NewSession, StoredSession},
    effect::Stream,
    error::CommandError,
    late::LateActs,
    limits::{EARLY_FRAME_BYTES_MAX, EARLY_FRAMES_MAX},
    transport::{Feel, SharedTransport},
};

/// One open session.
pub(crate) struct Jam {
    pub(crate) sync: SessionSync,
    pub(crate) transport: SharedTransport,
    /// Peers with the same session open that sync has been told of.
    pub(crate) here: BTreeSet<PeerId>,
    /// Peers that were sent this session's roster, so that two strangers do not ask each other forever.
    pub(crate) introduced: BTreeSet<PeerId>,
    pub(crate) parent: Option<[u8; 32]>,
    /// Frames of peers that we have not met yet: streams overtake one another, and a member's first frame may
    /// come before the hello that says it has this session open.
    pub(crate) early: BTreeMap<PeerId, Vec<(Stream, Vec<u8>)>>,
    /// Where the others edit.
    pub(crate) presences: BTreeMap<PeerId, Presence>,
    /// Samples on their way: how much of each is here, 0 to 1.
    pub(crate) arriving: BTreeMap<SampleId, f64>,
    /// When the next edits are to be heard that wait.
    pub(crate) hold_ends: Option<(SessionTime, Frames)>,
    /// Since when we could hear of others in time.
    pub(crate) since: SessionTime,
    pub(crate) late: LateActs,
    /// The song before the last change of others: what they launched is told by the difference.
    pub(crate) song_before: Arc<Song>,
    me: PeerId,
}

impl Jam {
    /// A session that begins now.
    pub(crate) fn found(
        config: SyncConfig,
        new: NewSession,
        map: &SessionMap,
        now: Now,
    ) -> Result<Self, CommandError> {
        let me = config.key.peer_id();
        let mut sync = SessionSync::create(config, new.session, new.grant, new.name, new.tempo, now.unix_ms);
        for edit in new.edits {
            sync.begin_with(edit, now)?;
        }
        Ok(Self::around(sync, me, map, new.parent, now))
    }

    /// A session of this device.
    pub(crate) fn restore(
        config: SyncConfig,
        stored: StoredSession,
        map: &SessionMap,
        now: Now,
    ) -> Result<Self, CommandError> {
        let me = config.key.peer_id();
        let roster = Roster::from_bytes(&stored.roster)?;
        if roster.session() != stored.session {
            return Err(CommandError::Stored("its roster belongs to another session".into()));
        }
        let (sync, restored) = SessionSync::restore(config, roster, stored.envelopes);
        if restored.refused > 0 {
            tracing::error!(
                refused = restored.refused,
                admitted = restored.admitted,
                "stored changes were not taken"
            );
        }
        Ok(Self::around(sync, me, map, stored.parent, now))
    }

    /// A session that we were just let into; its changes are on their way.
    pub(crate) fn join(config: SyncConfig, roster: Roster, map: &SessionMap, now: Now) -> Self {
        let me = config.key.peer_id();
        Self::around(SessionSync::join(config, roster), me, map, None, now)
    }

    fn around(sync: SessionSync, me: PeerId, map: &SessionMap, parent: Option<[u8; 32]>, now: Now) -> Self {
        let transport = fold(&sync, me, map, map.to_session(now.host));
        let song_before = sync.song().clone();
        Self {
            sync,
            transport,
            here: BTreeSet::new(),
            introduced: BTreeSet::new(),
            parent,
            early: BTreeMap::new(),
            presences: BTreeMap::new(),
            arriving: BTreeMap::new(),
            hold_ends: None,
            late: LateActs::default(),
            song_before,
            since: map.to_session(now.host),
            me,
        }
    }

    /// A frame of a peer in this session.
    pub(crate) fn frame(&mut self, peer: PeerId, stream: Stream, body: &[u8], now: Now) {
        match stream {
            Stream::Blob => self.sync.handle_blob_frame(peer, body, now),
            Stream::Sync | Stream::Control => self.sync.handle_frame(peer, body, now),
        }
    }

    /// Keeps a frame until its peer is met. A peer that sends more than a greeting before that is cut short:
    /// reconciling brings the rest.
    pub(crate) fn keep_early(&mut self, peer: PeerId, stream: Stream, body: &[u8]) {
        let kept = self.early.entry(peer).or_default();
        if kept.len() < EARLY_FRAMES_MAX && body.len() <= EARLY_FRAME_BYTES_MAX {
            kept.push((stream, body.to_vec()));
        }
    }

    /// A peer is in this session with us.
    pub(crate) fn meet(&mut self, peer: PeerId, now: Now) {
        if self.here.insert(peer) {
            self.sync.peer_up(peer, now);
            for (stream, body) in self.early.remove(&peer).unwrap_or_default() {
                self.frame(peer, stream, &body, now);
            }
        }
    }

    /// Takes in whatever of another's roster verifies. `true` where something was new.
    pub(crate) fn merge_roster(&mut self, bytes: &[u8], now: Now) -> bool {
        let Ok((_, grants)) = Roster::parts_from_bytes(bytes) else { return false };
        let mut is_new = false;
        for grant in grants {
            is_new |= self.sync.add_grant(grant, now).unwrap_or(false);
        }
        is_new
    }

    pub(crate) fn id(&self) -> SessionId {
        self.sync.session()
    }

    pub(crate) fn song(&self) -> &Arc<Song> {
        self.sync.song()
    }

    pub(crate) fn role(&self) -> Role {
        self.sync.roster().role_of(self.me).unwrap_or(Role::Listener)
    }

    /// May this peer change the song?
    pub(crate) fn check_may_edit(&self) -> Result<(), CommandError> {
        if self.role().can_edit() { Ok(()) } else { Err(CommandError::Listener) }
    }

    pub(crate) fn edit(&mut self, edit: Edit, now: Now) -> Result<String, CommandError> {
        self.check_may_edit()?;
        Ok(self.sync.edit(edit, now)?)
    }

    /// Records timeline operations in the document, which carries them to everybody.
    pub(crate) fn record(
        &mut self,
        ops: &[TimelineOp],
        map: &SessionMap,
        now: Now,
    ) -> Result<(), CommandError> {
        for op in ops {
            self.sync.timeline_op(map.timebase, op, now)?;
        }
        Ok(())
    }

    /// Folds in operations that arrived; those that were new.
    pub(crate) fn take_in_operations(&mut self, map: &SessionMap, at: SessionTime) -> Vec<TimelineOp> {
        self.transport.take_in(self.sync.document().timeline_ops(map.timebase), at)
    }

    /// The session clock is another one now: its operations are the ones that count. Where nobody has played
    /// by it yet, the music that plays here goes on in it without a stumble.
    pub(crate) fn change_timebase(
        &mut self,
        before: &SessionMap,
        map: &SessionMap,
        lead_ns: i64,
        now: Now,
    ) -> Result<(), CommandError> {
        let at = map.to_session(now.host);
        let next = fold(&self.sync, self.me, map, at);
        self.since = at;
        let last = std::mem::replace(&mut self.transport, next);
        if !self.transport.is_untouched() || !self.role().can_edit() {
            return Ok(());
        }
        let ops = self.transport.carry_over(&last, before.to_session(now.host), at, lead_ns);
        self.record(&ops, map, now)
    }
}

fn fold(sync: &SessionSync, me: PeerId, map: &SessionMap, at: SessionTime) -> SharedTransport {
    SharedTransport::new(me.0, Feel::of(sync.song()), sync.document().timeline_ops(map.timebase), at)
}
