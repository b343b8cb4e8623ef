//! The node's loop: the one owner of the peer, of its sound and of its links.
//!
//! Everything that can make it act comes through one `select`: asks of the faces, events of the net, the
//! clock's maps, the store's progress, and a tick that keeps meters and transport moving. It never waits
//! for a disk, a decoder or a render: those run beside it and come back as asks.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use antiphon_identity::PeerId;
use antiphon_net::{Channel, NetEvent, NetHandle};
use antiphon_peer::{Change, Command, Effect, Input, Peer, Stream};
use antiphon_store::{Batch, Store};
use antiphon_timeline::{Run, SessionMap, TapTempo, Ticks, TimebaseId, Transport};
use tokio::{
    sync::{broadcast, mpsc, watch},
    time::{MissedTickBehavior, interval},
};

use crate::{
    agreement,
    ask::Ask,
    clock::SystemClock,
    event::NodeEvent,
    outputs::OutputWatch,
    records, samples, settings,
    snapshot::{SessionSnapshot, Snapshot},
    sound::Sound,
};

/// Between two looks at transport, meters and timers: sixty a second, as screens show them.
const TICK: Duration = Duration::from_millis(16);
/// A session's line in the list is written at most so often.
const RECORD_TICKS: u32 = 30;

/// What the loop owns.
pub(crate) struct Node {
    pub(crate) peer: Peer,
    pub(crate) sound: Sound,
    pub(crate) store: Arc<Store>,
    pub(crate) clock: SystemClock,
    pub(crate) net: Option<NetHandle>,
    pub(crate) events: broadcast::Sender<NodeEvent>,
    /// To come back to the loop from tasks beside it.
    pub(crate) asks: mpsc::Sender<Ask>,
    pub(crate) output: OutputWatch,
    /// Samples being decoded, or found unreadable.
    pub(crate) decoding: BTreeSet<antiphon_model::SampleId>,
    record_due: Option<u32>,
    /// The open song changed since its line in the list was written.
    song_changed: bool,
    was_playing: bool,
    taps: TapTempo,
    /// Dialled by hand and reached: its session is asked for when it says hello.
    joining: Option<PeerId>,
    /// The address dialled to join whoever answers there.
    dialled: Option<String>,
}

/// Where the loop speaks to.
pub(crate) struct Outlets {
    pub(crate) net: Option<NetHandle>,
    pub(crate) events: broadcast::Sender<NodeEvent>,
    /// To come back to the loop from tasks beside it.
    pub(crate) asks: mpsc::Sender<Ask>,
}

/// What reaches the loop.
pub(crate) struct Inlets {
    pub(crate) asks: mpsc::Receiver<Ask>,
    pub(crate) net: Option<mpsc::Receiver<NetEvent>>,
    pub(crate) maps: watch::Receiver<SessionMap>,
}

impl Node {
    pub(crate) fn new(
        peer: Peer,
        sound: Sound,
        store: Arc<Store>,
        clock: SystemClock,
        outlets: Outlets,
    ) -> Self {
        Self {
            peer,
            sound,
            store,
            clock,
            net: outlets.net,
            events: outlets.events,
            asks: outlets.asks,
            output: OutputWatch::default(),
            decoding: BTreeSet::new(),
            record_due: None,
            song_changed: false,
            was_playing: false,
            taps: TapTempo::new(),
            joining: None,
            dialled: None,
        }
    }

    /// Runs until it is asked to stop.
    pub(crate) async fn run(mut self, mut inlets: Inlets) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                ask = inlets.asks.recv() => match ask {
                    None => return,
                    Some(Ask::Stop(answer)) => {
                        self.write_record();
                        let _ = answer.send(());
                        return;
                    }
                    Some(ask) => self.asked(ask),
                },
                event = next(&mut inlets.net) => self.net_event(event),
                Ok(()) = inlets.maps.changed() => {
                    let map = *inlets.maps.borrow_and_update();
                    self.sound.set_map(map);
                    self.input(Input::Clock { map });
                }
                _ = ticks.tick() => self.tick(),
            }
            self.perform();
        }
    }

    fn asked(&mut self, ask: Ask) {
        match ask {
            Ask::Command(command, answer) => {
                if may_change_session(&command) {
                    // The open session's line in the list is written while it is here.
                    self.write_record();
                }
                let done = self.peer.handle_command(*command, self.clock.moment());
                // The effects come first: what the caller reads next has them.
                self.perform();
                let _ = answer.send(done.map_err(Into::into));
            }
            Ask::Snapshot(answer) => drop(answer.send(self.snapshot())),
            Ask::Agreement(answer) => drop(answer.send(self.agreement())),
            Ask::SetEars(ears, answer) => {
                if let Some(session) = self.peer.session() {
                    settings::keep_ears(&self.store, session, &ears);
                }
                self.sound.set_ears(ears);
                self.tell(NodeEvent::Ears);
                let _ = answer.send(());
            }
            Ask::SetCounting(counting, answer) => {
                self.set_counting(counting);
                let _ = answer.send(());
            }
            Ask::Tap(answer) => drop(answer.send(self.taps.tap(self.clock.moment().host))),
            Ask::Note { track, note, velocity } => self.sound.note(track, note, velocity),
            Ask::Preview(sound) => self.sound.preview(&sound),
            Ask::AllNotesOff => self.sound.all_notes_off(),
            Ask::Gesture { track, gain, pan } => self.sound.gesture(track, gain, pan),
            Ask::SetOutput { output, trim_ns, answer } => {
                self.set_output(output, trim_ns, answer);
            }
            Ask::AdjustTrim { add_ns, answer } => self.adjust_trim(add_ns, answer),
            Ask::Sample { sample, data } => {
                self.decoding.remove(&sample);
                self.sound.add_sample(sample, data);
                self.input(Input::BlobHere { sample });
                self.tell(NodeEvent::Peer(Change::Samples));
            }
            Ask::Blob { session, sample, bytes } => self.input(Input::BlobBytes { session, sample, bytes }),
            Ask::Dial { address, answer } => {
                let _ = answer.send(self.dial(&address));
            }
            Ask::Addresses(answer) => {
                let _ = answer.send(self.net.as_ref().map(NetHandle::addresses).unwrap_or_default());
            }
            Ask::PlayBeat(beat, answer) => {
                self.sound.play_beat(beat.map(|beat| *beat));
                self.tell(NodeEvent::Peer(Change::Transport));
                let _ = answer.send(());
            }
            Ask::Stop(_) => unreachable!("taken by the loop"),
        }
    }

    fn net_event(&mut self, event: NetEvent) {
        match event {
            NetEvent::Listening(address) => tracing::info!(%address, "listening"),
            // Discovery dials by itself; a peer is shown once it has said hello.
            NetEvent::Discovered { .. } => {}
            NetEvent::Connected { peer, address } => {
                tracing::info!(peer = %peer.short(), %address, "connected");
                self.input(Input::Connected { peer });
            }
            NetEvent::Disconnected { peer, reason } => {
                tracing::info!(peer = %peer.short(), %reason, "disconnected");
                self.input(Input::Disconnected { peer });
            }
            NetEvent::Frame { peer, channel, bytes } => {
                let stream = match channel {
                    Channel::Control => Stream::Control,
                    Channel::Sync => Stream::Sync,
                    Channel::Blob => Stream::Blob,
                };
                self.input(Input::Frame { peer, stream, bytes });
            }
            NetEvent::DialReached { peer, address } => {
                if self.dialled.take_if(|dialled| *dialled == address).is_some() {
                    self.joining = Some(peer);
                    self.join_dialled();
                }
            }
            NetEvent::DialFailed { address, reason } => {
                self.dialled = None;
                let reason = format!("{address}: {reason}");
                self.input(Input::DialFailed { reason: reason.clone() });
                self.tell(NodeEvent::Warning(reason));
            }
            NetEvent::Clock(event) => {
                agreement::log(&event);
                self.tell(NodeEvent::Peer(Change::Members));
            }
        }
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.peer.handle_input(input, self.clock.moment());
    }

    /// Performs what the peer asks of the world.
    fn perform(&mut self) {
        while let Some(effect) = self.peer.poll_effect() {
            match effect {
                Effect::Send { peer, stream, frame } => {
                    let channel = match stream {
                        Stream::Control => Channel::Control,
                        Stream::Sync => Channel::Sync,
                        Stream::Blob => Channel::Blob,
                    };
                    let sent = self.net.as_ref().is_some_and(|net| net.send(peer, channel, frame));
                    if !sent {
                        tracing::debug!(peer = %peer.short(), ?channel, "a frame was not sent: the peer is gone");
                    }
                }
                Effect::Dial { address } => {
                    if let Err(error) = self.dial_only(&address) {
                        tracing::warn!(%address, %error, "an invite's address was not dialled");
                    }
                }
                Effect::Close { peer, reason } => {
                    tracing::warn!(peer = %peer.short(), %reason, "closing");
                    if let Some(net) = &self.net {
                        net.close(peer);
                    }
                }
                Effect::ClockMembers(members) => {
                    if let Some(net) = &self.net {
                        net.set_clock_members(members);
                    }
                }
                Effect::BeginClock => self.begin_clock(),
                Effect::StoreEnvelope { session, envelope } => {
                    self.submit(Batch::new().append(session, envelope));
                }
                Effect::StoreRoster { session, roster } => {
                    self.submit(Batch::new().put_roster(session, roster))
                }
                Effect::StoreRecord => drop(self.record_due.get_or_insert(RECORD_TICKS)),
                Effect::ReadBlob { session, sample } => samples::read_blob(self, session, sample),
                Effect::KeepBlob { sample, bytes } => samples::keep_blob(self, sample, bytes),
                Effect::Tell(change) => self.changed(change),
            }
        }
    }

    /// Without a net the clock is this machine's own, under a fresh name.
    fn begin_clock(&mut self) {
        let Ok(bits) = crate::random::bytes().map(u64::from_le_bytes) else { return };
        match &self.net {
            Some(net) => net.begin_clock(bits),
            None => {
                let map = SessionMap::identity(TimebaseId(bits));
                self.sound.set_map(map);
                self.input(Input::Clock { map });
            }
        }
    }

    fn changed(&mut self, change: Change) {
        match &change {
            Change::Session => {
                self.sound.play_beat(None);
                let ears = self.peer.session().map(|session| {
                    // However it came to be open, made, chosen or joined: the next start opens it again.
                    settings::keep_open_session(&self.store, session);
                    settings::ears(&self.store, session)
                });
                self.sound.ears = ears.unwrap_or_default();
                self.sound.play_song(self.peer.heard(self.clock.moment().host));
                self.write_record();
                samples::load_missing(self);
                self.follow_transport();
            }
            Change::Song { touched, .. } => {
                self.song_changed = true;
                self.sound.play_song(self.peer.heard(self.clock.moment().host));
                if touched.samples {
                    samples::load_missing(self);
                }
            }
            Change::Heard => self.sound.play_song(self.peer.heard(self.clock.moment().host)),
            Change::Transport => self.follow_transport(),
            Change::Late { author, by_ns, what, count } => {
                agreement::log_late(author, *by_ns, *what, *count);
            }
            Change::Nearby => self.join_dialled(),
            _ => {}
        }
        self.tell(NodeEvent::Peer(change));
    }

    fn tick(&mut self) {
        self.sound.collect();
        self.follow_transport();
        let now = self.clock.moment();
        if self.peer.poll_timeout().is_some_and(|due| due <= now.host) {
            self.input(Input::Timeout);
        }
        if let Some(left) = &mut self.record_due {
            *left -= 1;
            if *left == 0 {
                self.write_record();
            }
        }
        if self.sound.beat_is_over(now.host) {
            self.sound.play_beat(None);
            self.tell(NodeEvent::Peer(Change::Transport));
        }
        self.watch_output();
        if self.events.receiver_count() > 0 {
            self.tell_telemetry();
        }
    }

    /// The run that the engine should have: early enough that nothing of a new one is missed, and the old
    /// one to its end.
    fn follow_transport(&mut self) {
        let now = self.clock.moment().host;
        let ahead = now + self.sound.ahead_ns();
        let run = self.run_at(ahead).or_else(|| self.run_at(now));
        self.sound.set_run(run);
        let playing = self.is_playing();
        if playing != self.was_playing {
            self.was_playing = playing;
            self.tell(NodeEvent::Peer(Change::Transport));
        }
    }

    fn run_at(&self, host: antiphon_timeline::HostTime) -> Option<Run> {
        match self.peer.transport(host)?.0 {
            Transport::Playing(run) => Some(run),
            Transport::Stopped { .. } => None,
        }
    }

    fn is_playing(&self) -> bool {
        self.run_at(self.clock.moment().host).is_some()
    }

    fn resting_at(&self) -> Ticks {
        match self.peer.transport(self.clock.moment().host) {
            Some((Transport::Stopped { position, .. }, _)) => position,
            _ => Ticks::ZERO,
        }
    }

    fn dial(&mut self, address: &str) -> Result<(), crate::error::NodeError> {
        self.dial_only(address)?;
        self.dialled = Some(address.trim().to_owned());
        Ok(())
    }

    fn dial_only(&self, address: &str) -> Result<(), crate::error::NodeError> {
        let net = self.net.as_ref().ok_or(crate::error::NodeError::Offline)?;
        Ok(net.dial(address)?)
    }

    /// The peer that was dialled by hand has said hello: asks for its session.
    fn join_dialled(&mut self) {
        let shown = |peer: &PeerId| {
            self.peer.nearby().iter().any(|near| near.peer == *peer && near.session.is_some())
        };
        let Some(peer) = self.joining.filter(shown) else { return };
        self.joining = None;
        let Ok(actor_n) = crate::random::number() else { return };
        let join = antiphon_peer::Command::Join { peer, actor_n };
        if let Err(error) = self.peer.handle_command(join, self.clock.moment()) {
            self.tell(NodeEvent::Warning(error.to_string()));
        }
    }

    fn submit(&mut self, batch: Batch) {
        match self.store.submit(batch) {
            Ok(_) => self.tell(NodeEvent::Saved),
            Err(error) => self.tell(NodeEvent::Warning(format!("not saved: {error}"))),
        }
    }

    fn write_record(&mut self) {
        if self.record_due.take().is_none() {
            return;
        }
        let known = self.peer.session().and_then(|session| self.store.session_record(session).ok()?);
        // Opening a session is no change of it.
        let edited_at_ms = match (known, std::mem::take(&mut self.song_changed)) {
            (Some(known), false) => known.edited_at_ms,
            _ => self.clock.moment().unix_ms,
        };
        if let Some(record) = records::of_open_session(&self.peer, edited_at_ms) {
            self.submit(Batch::new().put_session(record));
            self.tell(NodeEvent::Sessions);
        }
    }

    pub(crate) fn tell(&self, event: NodeEvent) {
        // Nobody may be listening: that is no error.
        let _ = self.events.send(event);
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            me: self.peer.id(),
            name: self.peer.name().clone(),
            map: self.peer.map(),
            session: self.session_snapshot(),
            nearby: self.peer.nearby(),
            requests: self.peer.join_requests(),
            audio: Some(self.sound.status()),
            beat: self.sound.playing_beat(),
        }
    }

    fn session_snapshot(&self) -> Option<SessionSnapshot> {
        let now = self.clock.moment().host;
        let song = self.peer.song()?.clone();
        let (undo, redo) = self.peer.history();
        let share = |id| match self.sound.pool.contains_key(id) {
            true => 1.0,
            false => self.peer.sample_progress(*id).unwrap_or(0.0).min(0.999),
        };
        let samples = song.samples.keys().map(|id| (*id, share(id))).collect();
        let at = self.peer.session_time(now);
        let heard = self.run_at(now).map(|run| (run.clone(), run.tick_at(at)));
        Some(SessionSnapshot {
            id: self.peer.session()?,
            role: self.peer.role()?,
            read_only: self.store.read_only().map(str::to_owned),
            arrived: self.peer.has_arrived(),
            parent: self.peer.parent(),
            ears: self.sound.ears.clone(),
            playing: heard.is_some(),
            heard,
            waiting: self.peer.waiting(now),
            pressed_by: self.peer.pressed_by(),
            beat: self.sound.playing_beat(),
            position: self.resting_at(),
            tempo: self.peer.tempo(now)?,
            undo,
            redo,
            members: self.peer.members(),
            samples,
            song,
        })
    }
}

/// Could another session, or none, be open after this command or after the answer to it?
fn may_change_session(command: &Command) -> bool {
    matches!(
        command,
        Command::Found(_)
            | Command::Open(_)
            | Command::Leave
            | Command::Join { .. }
            | Command::JoinByInvite { .. }
    )
}

/// The next event of the net; never, without one.
async fn next(net: &mut Option<mpsc::Receiver<NetEvent>>) -> NetEvent {
    match net {
        Some(events) => match events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
