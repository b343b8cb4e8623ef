//! Turns what the node tells into events for the interface, sending only what differs.

use std::sync::Arc;

use antiphon_model::{PatternId, TrackId};
use antiphon_node::{NodeError, NodeEvent, NodeHandle, SessionSnapshot, Snapshot};
use antiphon_peer::{Change, Notice};
use tokio::{
    sync::{broadcast, broadcast::error::RecvError},
    time::{Duration, interval},
};

use crate::{
    difference::Shown,
    events::{Event, NoticeLevel, SongChange},
    peer_api::{saved_of, session_entries},
    view_of,
    views::{SampleView, Saved, WaitingView},
};

/// How often measured times are shown anew.
const MEMBERS_EVERY: Duration = Duration::from_millis(500);

/// The one reader of the node's events; writes the interface's.
pub(crate) struct Presenter {
    node: NodeHandle,
    events: broadcast::Sender<Arc<Event>>,
    /// What the interfaces show now.
    shown: Option<Shown>,
    samples: Vec<SampleView>,
    /// Had the open session arrived when it was shown last?
    arrived: bool,
    saved: Saved,
    /// What waits for a bar, as it was told last.
    waiting: Option<WaitingView>,
}

impl Presenter {
    pub(crate) fn new(node: NodeHandle, events: broadcast::Sender<Arc<Event>>) -> Self {
        Self {
            node,
            events,
            shown: None,
            samples: Vec::new(),
            arrived: true,
            saved: Saved::Saved,
            waiting: None,
        }
    }

    /// Runs until the node stops.
    pub(crate) async fn run(mut self, mut told: broadcast::Receiver<NodeEvent>) {
        let mut members = interval(MEMBERS_EVERY);
        // What a face reads when it comes is what the next change is compared with.
        if let Ok(Snapshot { session: Some(session), .. }) = self.node.snapshot().await {
            self.show(&session);
        }
        loop {
            let outcome = tokio::select! {
                event = told.recv() => match event {
                    Ok(event) => self.present(event).await,
                    // Behind: the whole session says it all.
                    Err(RecvError::Lagged(_)) => self.session().await,
                    Err(RecvError::Closed) => return,
                },
                _ = members.tick() => self.members().await,
            };
            if outcome.is_err() {
                return;
            }
        }
    }

    async fn present(&mut self, event: NodeEvent) -> Result<(), NodeError> {
        match event {
            NodeEvent::Telemetry(telemetry) => {
                self.send(Event::Telemetry { telemetry: view_of::telemetry(&telemetry) });
            }
            NodeEvent::Saved => self.save(),
            NodeEvent::Job(job) => self.send(Event::Job { job: view_of::job(&job) }),
            NodeEvent::Warning(text) => {
                self.send(Event::Notice { level: NoticeLevel::Warning, text, next_step: None });
            }
            NodeEvent::Sessions => self.sessions().await?,
            NodeEvent::Beats => self.beats().await?,
            NodeEvent::Ears => {
                if let Some(session) = self.snapshot().await?.session {
                    self.send(Event::Ears { ears: view_of::ears(&session.ears) });
                }
            }
            NodeEvent::Metronome => {
                self.send(Event::Metronome { metronome: view_of::metronome(&self.node.counting()) });
            }
            NodeEvent::Audio => {
                let audio = view_of::audio(&self.snapshot().await?);
                self.send(Event::Audio { audio });
            }
            NodeEvent::Peer(change) => self.change(change).await?,
        }
        Ok(())
    }

    async fn change(&mut self, change: Change) -> Result<(), NodeError> {
        match change {
            Change::Session => {
                self.session().await?;
                self.sessions().await?;
            }
            Change::Song { touched, author } => {
                self.song().await?;
                if let Some(author) = author {
                    self.flash(author, &touched).await?;
                }
            }
            Change::Transport => {
                if let Some(session) = self.snapshot().await?.session {
                    self.send(Event::Transport { transport: view_of::transport(&session) });
                }
                // What waits for a bar of a run that has ended has come.
                self.song().await?;
            }
            Change::History => {
                if let Some(session) = self.snapshot().await?.session {
                    self.send(Event::History { history: view_of::history(&session) });
                }
            }
            Change::Members => self.members().await?,
            Change::Nearby => {
                let nearby = view_of::nearby(&self.snapshot().await?.nearby);
                self.send(Event::Nearby { nearby });
            }
            Change::JoinRequests => {
                let requests = view_of::join_requests(&self.snapshot().await?);
                self.send(Event::JoinRequests { requests });
            }
            Change::Samples => {
                if let Some(session) = self.snapshot().await?.session {
                    self.send(Event::Samples { samples: view_of::samples(&session) });
                }
            }
            Change::Notice(notice) => self.send(noticed(notice)),
            // What is shown is the document, whatever of it is heard yet; beside it how much is not.
            Change::Heard => {
                if let Some(session) = self.snapshot().await?.session {
                    self.wait(&session);
                }
            }
            Change::Late { author, by_ns, what, .. } => {
                let members = self.snapshot().await?.session.map(|session| session.members);
                self.send(view_of::late(author, by_ns, what, &members.unwrap_or_default()));
            }
        }
        Ok(())
    }

    async fn session(&mut self) -> Result<(), NodeError> {
        let agreement = self.node.agreement().await?;
        let session = self.snapshot().await?.session;
        self.saved = saved_of(&self.node.saved());
        self.arrived = session.as_ref().is_none_or(|session| session.arrived);
        self.shown = None;
        self.waiting = session.as_ref().and_then(view_of::waiting);
        if let Some(session) = &session {
            self.show(session);
        }
        let view =
            session.map(|session| Box::new(view_of::session(&session, &agreement, self.saved.clone())));
        self.send(Event::Session { session: view });
        Ok(())
    }

    /// The song changed: only what differs from what is shown.
    async fn song(&mut self) -> Result<(), NodeError> {
        let Some(session) = self.snapshot().await?.session else { return Ok(()) };
        if !self.arrived && session.arrived {
            return self.session().await;
        }
        let (shown, samples) = (self.shown.take(), std::mem::take(&mut self.samples));
        let next = self.show(&session).clone();
        let Some(shown) = shown else { return self.session().await };
        if samples != self.samples {
            self.send(Event::Samples { samples: self.samples.clone() });
        }
        self.wait(&session);
        let change = shown.change_to(&next, view_of::heard(&session));
        if change != SongChange::default() {
            self.send(Event::Song { change });
        }
        Ok(())
    }

    /// Notes what the interfaces show from now on.
    fn show(&mut self, session: &SessionSnapshot) -> &Shown {
        self.samples = view_of::samples(session);
        self.shown.insert(Shown::new(&session.song, view_of::heard(session)))
    }

    async fn members(&mut self) -> Result<(), NodeError> {
        let agreement = self.node.agreement().await?;
        if let Some(session) = self.snapshot().await?.session {
            self.send(Event::Members { members: view_of::members(&session.members, &agreement) });
        }
        Ok(())
    }

    async fn sessions(&mut self) -> Result<(), NodeError> {
        let open = self.snapshot().await?.session;
        let sessions = session_entries(&self.node.sessions()?, open.as_ref());
        self.send(Event::Sessions { sessions });
        Ok(())
    }

    async fn beats(&mut self) -> Result<(), NodeError> {
        let me = self.snapshot().await?.me;
        let beats = self.node.beats(None).await?;
        self.send(Event::Beats { beats: view_of::beats(&beats, &beats, me) });
        Ok(())
    }

    fn wait(&mut self, session: &SessionSnapshot) {
        let waiting = view_of::waiting(session);
        if waiting != self.waiting {
            self.waiting = waiting;
            self.send(Event::Waiting { waiting });
        }
    }

    fn save(&mut self) {
        let saved = saved_of(&self.node.saved());
        if saved != self.saved {
            self.saved = saved.clone();
            self.send(Event::Saved { saved });
        }
    }

    async fn flash(
        &self,
        author: antiphon_identity::PeerId,
        touched: &antiphon_peer::Touched,
    ) -> Result<(), NodeError> {
        let Some(session) = self.snapshot().await?.session else { return Ok(()) };
        let colour = view_of::colours(&session.members).get(&author).copied();
        let mut person = view_of::person(author, None);
        person.colour = colour.unwrap_or(person.colour);
        let flash = |track: Option<TrackId>, pattern: Option<PatternId>, steps| {
            let (track, pattern) = (track.map(|id| id.to_string()), pattern.map(|id| id.to_string()));
            let (peer, colour) = (person.peer.clone(), person.colour);
            self.send(Event::Flash { peer, colour, track, pattern, steps });
        };
        for ((track, pattern), steps) in &touched.steps {
            flash(Some(*track), Some(*pattern), steps.iter().copied().collect());
        }
        for (track, pattern) in touched.patterns.iter().chain(touched.notes.keys()) {
            flash(Some(*track), Some(*pattern), Vec::new());
        }
        for track in &touched.tracks {
            flash(Some(*track), None, Vec::new());
        }
        if touched.song || touched.scenes || touched.chain {
            flash(None, None, Vec::new());
        }
        Ok(())
    }

    async fn snapshot(&self) -> Result<Snapshot, NodeError> {
        self.node.snapshot().await
    }

    fn send(&self, event: Event) {
        // Nobody may be looking: that is no error.
        let _ = self.events.send(Arc::new(event));
    }
}

fn noticed(notice: Notice) -> Event {
    let event = |level, text: String, next_step: Option<&str>| Event::Notice {
        level,
        text,
        next_step: next_step.map(str::to_owned),
    };
    match notice {
        Notice::Joined { by } => event(NoticeLevel::Info, format!("{by} let you in"), None),
        Notice::JoinRefused { by, reason } => event(
            NoticeLevel::Warning,
            format!("{by} did not let you in: {reason}"),
            Some("ask them, then join again"),
        ),
        Notice::InviteUnanswered { reason } => event(
            NoticeLevel::Warning,
            format!("nobody answers at the invite's address: {reason}"),
            Some("check that both are on one network and that their Antiphon runs"),
        ),
        Notice::PeerFaulted { name, reason } => event(
            NoticeLevel::Warning,
            format!("{name} was disconnected: {reason}"),
            Some("nothing of it was taken in; the rest goes on"),
        ),
        Notice::DocumentFull => event(
            NoticeLevel::Warning,
            "this session's history is full: further changes are not taken".into(),
            Some("publish it and remix the beat into a fresh session"),
        ),
        Notice::PeerDiffers { name, how } => {
            event(NoticeLevel::Info, format!("{name} {how}"), Some("update both to the same version"))
        }
    }
}
