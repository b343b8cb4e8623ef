//! The open session: its replicated document, its transport and who is in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use antiphon_identity::PeerId;
use antiphon_membership::{Role, Roster};
use antiphon_model::{Edit, SampleId, SessionId, Song};
use antiphon_sync::{Now, Presence, SessionSync, SyncConfig};
use antiphon_timeline::{SessionMap, SessionTime, TimelineOp};

use crate::{
    command::{NewSession, StoredSession},
    error::CommandError,
    transport::SharedTransport,
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
    /// Where the others edit.
    pub(crate) presences: BTreeMap<PeerId, Presence>,
    /// Samples on their way: how much of each is here, 0 to 1.
    pub(crate) arriving: BTreeMap<SampleId, f64>,
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
            sync.edit(edit, now)?;
        }
        // What a session begins with is not mine to undo.
        sync.forget_undo();
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
        Self {
            sync,
            transport,
            here: BTreeSet::new(),
            introduced: BTreeSet::new(),
            parent,
            presences: BTreeMap::new(),
            arriving: BTreeMap::new(),
            me,
        }
    }

    /// Takes in whatever of another's roster verifies. `true` where something was new.
    pub(crate) fn merge_roster(&mut self, bytes: &[u8], now: Now) -> bool {
        let Ok((_, grants)) = Roster::parts_from_bytes(bytes) else { return false };
        grants.into_iter().fold(false, |new, grant| self.sync.add_grant(grant, now).unwrap_or(false) || new)
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

    /// Folds in operations that arrived. `true` where something was new.
    pub(crate) fn take_in_operations(&mut self, map: &SessionMap, at: SessionTime) -> bool {
        self.transport.take_in(self.sync.document().timeline_ops(map.timebase), at)
    }

    /// The session clock is another one now: its operations are the ones that count.
    pub(crate) fn change_timebase(&mut self, map: &SessionMap, at: SessionTime) {
        self.transport = fold(&self.sync, self.me, map, at);
    }
}

fn fold(sync: &SessionSync, me: PeerId, map: &SessionMap, at: SessionTime) -> SharedTransport {
    SharedTransport::new(me.0, sync.song().tempo, sync.document().timeline_ops(map.timebase), at)
}
