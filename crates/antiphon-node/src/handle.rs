//! The node's handle: what a face can ask of it.

use std::{
    sync::{Arc, OnceLock, atomic::AtomicU32},
    time::Duration,
};

use antiphon_engine::Ears;
use antiphon_identity::{DeviceKey, PeerId};
use antiphon_membership::{GrantId, Role};
use antiphon_model::{Edit, Gain, Name, Note, Pan, SessionId, Sound, TrackId, Velocity};
use antiphon_peer::{Command, Done, NewSession, StoredSession};
use antiphon_store::{Progress, SessionRecord, Store};
use antiphon_timeline::{HostClock, HostTime, Tempo, Ticks};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::{
    agreement::Agreement,
    ask::{Answer, Ask},
    clock::SystemClock,
    config::NodeConfig,
    error::NodeError,
    event::NodeEvent,
    first_start, random, settings,
    snapshot::Snapshot,
    start::Timings,
};

/// At the end, the last edits are waited for so long.
const LAST_SAVE_WAIT: Duration = Duration::from_secs(5);

/// A running node. Clones ask the same one.
#[derive(Clone)]
pub struct NodeHandle {
    pub(crate) asks: mpsc::Sender<Ask>,
    pub(crate) events: broadcast::Sender<NodeEvent>,
    pub(crate) store: Arc<Store>,
    pub(crate) key: Arc<DeviceKey>,
    pub(crate) clock: SystemClock,
    pub(crate) config: NodeConfig,
    pub(crate) jobs: Arc<AtomicU32>,
    pub(crate) timings: Arc<OnceLock<Timings>>,
}

impl NodeHandle {
    /// What changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<NodeEvent> {
        self.events.subscribe()
    }

    /// Everything that is shown, at one moment.
    pub async fn snapshot(&self) -> Result<Snapshot, NodeError> {
        self.ask(Ask::Snapshot).await
    }

    /// How well the clocks of the open session agree.
    pub async fn agreement(&self) -> Result<Agreement, NodeError> {
        self.ask(Ask::Agreement).await
    }

    /// Is everything on disk?
    pub fn saved(&self) -> Progress {
        self.store.progress()
    }

    /// The folder and how the node runs.
    pub fn config(&self) -> &NodeConfig {
        &self.config
    }

    /// This machine's clock, as it is bent for tests.
    pub fn host_time(&self) -> HostTime {
        self.clock.now()
    }

    /// How long each part of the start took.
    pub fn timings(&self) -> Timings {
        self.timings.get().cloned().unwrap_or_default()
    }

    /// Was a session ever opened by hand?
    pub fn is_first_start(&self) -> bool {
        !settings::is_welcomed(&self.store)
    }

    // The open session.

    /// One edit, one undo entry; gives its label.
    pub async fn edit(&self, edit: Edit) -> Result<String, NodeError> {
        Ok(label(self.command(Command::Edit(edit)).await?).unwrap_or_default())
    }

    /// Undoes my last edit; gives its label.
    pub async fn undo(&self) -> Result<Option<String>, NodeError> {
        Ok(label(self.command(Command::Undo).await?))
    }

    /// Redoes what I undid; gives its label.
    pub async fn redo(&self) -> Result<Option<String>, NodeError> {
        Ok(label(self.command(Command::Redo).await?))
    }

    /// Plays after so many bars of counting in; without a number, as this device is set.
    pub async fn play(&self, count_in_bars: Option<u8>) -> Result<(), NodeError> {
        self.stop_beat().await?;
        let count_in_bars = count_in_bars.unwrap_or_else(|| self.counting().count_in_bars);
        self.command(Command::Play { count_in_bars }).await.map(drop)
    }

    pub async fn pause(&self) -> Result<(), NodeError> {
        self.command(Command::Pause).await.map(drop)
    }

    pub async fn stop(&self) -> Result<(), NodeError> {
        self.stop_beat().await?;
        self.command(Command::Stop).await.map(drop)
    }

    pub async fn locate(&self, to: Ticks) -> Result<(), NodeError> {
        self.command(Command::Locate(to)).await.map(drop)
    }

    /// My own hearing of the open session.
    pub async fn set_ears(&self, ears: Ears) -> Result<(), NodeError> {
        self.ask(|answer| Ask::SetEars(ears, answer)).await
    }

    /// A live note; without a velocity it is let go.
    pub async fn note(
        &self,
        track: TrackId,
        note: Note,
        velocity: Option<Velocity>,
    ) -> Result<(), NodeError> {
        self.send(Ask::Note { track, note, velocity }).await
    }

    /// Ends everything that sounds here, at once; what comes next still sounds.
    pub async fn all_notes_off(&self) -> Result<(), NodeError> {
        self.send(Ask::AllNotesOff).await
    }

    pub async fn preview(&self, sound: Sound) -> Result<(), NodeError> {
        self.send(Ask::Preview(sound)).await
    }

    pub async fn gesture(
        &self,
        track: Option<TrackId>,
        gain: Option<Gain>,
        pan: Option<Pan>,
    ) -> Result<(), NodeError> {
        self.send(Ask::Gesture { track, gain, pan }).await
    }

    pub async fn set_output(&self, output: Option<String>, trim_ns: Option<i64>) -> Result<(), NodeError> {
        self.ask(|answer| Ask::SetOutput { output, trim_ns, answer }).await?
    }

    // Sessions of this device.

    /// The sessions on this device, latest first.
    pub fn sessions(&self) -> Result<Vec<SessionRecord>, NodeError> {
        let mut sessions = self.store.sessions()?.records;
        sessions.retain(|session| !session.forgotten);
        sessions.sort_by_key(|session| std::cmp::Reverse(session.edited_at_ms));
        Ok(sessions)
    }

    /// Makes a session and opens it.
    pub async fn new_session(
        &self,
        name: Name,
        tempo: Tempo,
        parent: Option<[u8; 32]>,
        edits: Vec<Edit>,
    ) -> Result<SessionId, NodeError> {
        let session = random::session()?;
        let grant = GrantId(random::bytes()?);
        let new = NewSession { session, grant, actor_n: random::number()?, name, tempo, parent, edits };
        self.command(Command::Found(Box::new(new))).await?;
        Ok(session)
    }

    /// Opens a session of this device, stopped.
    pub async fn open_session(&self, session: SessionId) -> Result<(), NodeError> {
        let no_session = || NodeError::NoSession(session);
        let record = self.store.session_record(session)?.ok_or_else(no_session)?;
        let roster = self.store.roster(session)?.ok_or_else(no_session)?;
        let stored = StoredSession {
            session,
            roster,
            envelopes: self.store.changes(session)?.envelopes,
            actor_n: random::number()?,
            parent: record.parent,
        };
        self.command(Command::Open(Box::new(stored))).await.map(drop)
    }

    /// The person has met the program: the greeting is over.
    pub fn welcome(&self) {
        settings::keep_welcomed(&self.store);
    }

    /// Takes a session off this device; published beats stay.
    pub async fn delete_session(&self, session: SessionId) -> Result<(), NodeError> {
        self.store.session_record(session)?.ok_or(NodeError::NoSession(session))?;
        self.check_writable()?;
        let open = self.snapshot().await?.session.is_some_and(|open| open.id == session);
        if open {
            self.command(Command::Leave).await?;
        }
        self.store.delete_session(session)?;
        let _ = self.events.send(NodeEvent::Sessions);
        Ok(())
    }

    /// At the start: what was open last, or the demo.
    pub(crate) async fn open_last(&self) {
        let last = settings::open_session(&self.store);
        let opened = match last {
            Some(session) => self.open_session(session).await,
            None => first_start::make_demo(self).await,
        };
        if let Err(error) = opened {
            tracing::warn!(%error, "the last session was not opened");
        }
    }

    // Together.

    pub async fn set_name(&self, name: Name) -> Result<(), NodeError> {
        self.check_writable()?;
        settings::keep_name(&self.store, &name);
        self.command(Command::SetName(name)).await.map(drop)
    }

    /// Asks a peer nearby for its session.
    pub async fn join(&self, peer: PeerId) -> Result<(), NodeError> {
        self.command(Command::Join { peer, actor_n: random::number()? }).await.map(drop)
    }

    pub async fn join_by_invite(&self, link: String) -> Result<(), NodeError> {
        self.command(Command::JoinByInvite { link, actor_n: random::number()? }).await.map(drop)
    }

    /// Dials an address and asks the peer there for its session.
    pub async fn join_at(&self, address: String) -> Result<(), NodeError> {
        self.ask(|answer| Ask::Dial { address, answer }).await?
    }

    pub async fn answer_join(&self, peer: PeerId, role: Option<Role>) -> Result<(), NodeError> {
        let grant = GrantId(random::bytes()?);
        self.command(Command::AnswerJoin { peer, role, grant }).await.map(drop)
    }

    /// A link that leads to the door of the open session, with its life in seconds.
    pub async fn invite(&self) -> Result<(String, u64), NodeError> {
        let addresses = self.addresses().await?;
        let invite = Command::MakeInvite { secret: random::bytes()?, role: Role::Editor, addresses };
        match self.command(invite).await? {
            Done::Invite { link, seconds } => Ok((link, seconds)),
            Done::Nothing | Done::Label(_) => Err(NodeError::TaskEnded),
        }
    }

    /// Where peers can reach this one.
    pub async fn addresses(&self) -> Result<Vec<String>, NodeError> {
        self.ask(Ask::Addresses).await
    }

    pub async fn set_presence(&self, track: Option<TrackId>, step: Option<u16>) -> Result<(), NodeError> {
        self.command(Command::SetPresence { track, step }).await.map(drop)
    }

    /// Ends the node with everything on disk; an error says that the last edits are not.
    pub async fn shutdown(&self) -> Result<(), NodeError> {
        // A node that has ended already has nothing more to say.
        let _ = self.ask(Ask::Stop).await;
        let store = self.store.clone();
        // The last edits are durable before the process may end; a full disk must not hold it forever.
        let saved = move || store.wait_durable(store.progress().submitted, LAST_SAVE_WAIT);
        let saved = tokio::task::spawn_blocking(saved).await.map_err(|_| NodeError::TaskEnded)?;
        Ok(saved.inspect_err(|error| tracing::error!(%error, "the last edits are not on disk"))?)
    }

    /// A folder of a newer version is looked at and played, and left as it is.
    fn check_writable(&self) -> Result<(), NodeError> {
        self.store.read_only().map_or(Ok(()), |reason| Err(NodeError::ReadOnly(reason.to_owned())))
    }

    pub(crate) async fn command(&self, command: Command) -> Result<Done, NodeError> {
        if is_kept(&command) {
            self.check_writable()?;
        }
        self.ask(|answer| Ask::Command(Box::new(command), answer)).await?
    }

    pub(crate) async fn ask<T>(&self, ask: impl FnOnce(Answer<T>) -> Ask) -> Result<T, NodeError> {
        let (answer, answered) = oneshot::channel();
        self.send(ask(answer)).await?;
        answered.await.map_err(|_| NodeError::Stopping)
    }

    async fn send(&self, ask: Ask) -> Result<(), NodeError> {
        self.asks.send(ask).await.map_err(|_| NodeError::Stopping)
    }
}

/// Is what the command does to be kept on disk? Where the playhead rests may be forgotten.
fn is_kept(command: &Command) -> bool {
    match command {
        Command::Open(_)
        | Command::Leave
        | Command::Play { .. }
        | Command::Pause
        | Command::Stop
        | Command::Locate(_)
        | Command::SetPresence { .. } => false,
        Command::SetName(_)
        | Command::Found(_)
        | Command::Edit(_)
        | Command::Undo
        | Command::Redo
        | Command::Join { .. }
        | Command::JoinByInvite { .. }
        | Command::AnswerJoin { .. }
        | Command::MakeInvite { .. } => true,
    }
}

fn label(done: Done) -> Option<String> {
    match done {
        Done::Label(label) => Some(label),
        Done::Nothing | Done::Invite { .. } => None,
    }
}
