//! A link between two connected peers, from its set-up to its end.
//!
//! The peer with the lower id opens all four streams and names them with one number; the other gathers them,
//! accepts on the control stream, and hears `ready`. Only then is the link told to the node, so a link that is
//! told works both ways. One task owns the link from there to its end, so its events are in order.

use std::{net::IpAddr, sync::Arc};

use antiphon_identity::PeerId;
use antiphon_timeline::HostClock;
use libp2p_stream::Control as StreamControl;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};

use crate::{
    channel::{read_channel, write_channel},
    clock::{
        desk::{ClockDesk, ToClock},
        stream as clock_stream,
    },
    event::{Channel, DisconnectReason, FrameError, NetEvent},
    frame::{Farewell, Frame, LinkNumber},
    lanes::{Lane, Lanes, Lines, SetupError},
    limits::{CLOCK_OUTBOX_MAX, FAREWELL_DEADLINE, FRAME_BYTES_MAX, SETUP_DEADLINE},
    outbox::{LinkOutboxes, OutboxReader, Outboxes, Outgoing, outbox},
    pulse::Pulse,
};

/// How a link came to its end.
#[derive(Debug)]
pub(crate) enum LinkEnd {
    /// It never worked.
    Setup(SetupError),
    /// It was told as connected, and now as disconnected.
    Disconnected(DisconnectReason),
}

/// Told to the swarm about one link.
#[derive(Debug)]
pub(crate) struct LinkNews {
    pub(crate) peer: PeerId,
    pub(crate) number: LinkNumber,
    pub(crate) news: News,
}

#[derive(Debug)]
pub(crate) enum News {
    /// The node has been told `Connected`.
    Works,
    /// The link is over, and the node knows.
    Ended(LinkEnd),
}

/// Why the swarm wants a link to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) reason: DisconnectReason,
    /// Said to the other side, when it can still hear.
    pub(crate) farewell: Option<Farewell>,
}

impl Stop {
    pub(crate) fn on_purpose() -> Self {
        Self { reason: DisconnectReason::Closed, farewell: Some(Farewell::Closed) }
    }
}

/// Which side of the set-up is ours.
pub(crate) enum Role {
    Opener(StreamControl),
    Acceptor(Box<Lanes>),
}

/// Everything a link needs from the net.
#[derive(Clone)]
pub(crate) struct LinkDesk {
    pub(crate) events: mpsc::Sender<NetEvent>,
    pub(crate) outboxes: Outboxes,
    pub(crate) clock_desk: ClockDesk,
    pub(crate) clock: Arc<dyn HostClock>,
    pub(crate) news: mpsc::Sender<LinkNews>,
}

/// A link from its set-up to its end.
pub(crate) struct Link {
    pub(crate) peer: PeerId,
    pub(crate) number: LinkNumber,
    pub(crate) address: String,
    /// The machine at that address, as far as it has one of its own.
    pub(crate) remote: Option<IpAddr>,
    pub(crate) desk: LinkDesk,
}

impl Link {
    /// Sets the link up, runs it, and tells the swarm how it ended.
    #[tracing::instrument(name = "link", skip_all, fields(peer = %self.peer.short(), number = self.number.0))]
    pub(crate) async fn run(self, role: Role, mut stop: oneshot::Receiver<Stop>) {
        let setup = tokio::select! {
            setup = timeout(SETUP_DEADLINE, self.set_up(role)) => setup.unwrap_or(Err(SetupError::Late)),
            _ = &mut stop => Err(SetupError::Late),
        };
        let end = match setup {
            Ok(lanes) => LinkEnd::Disconnected(self.carry(lanes, stop).await),
            Err(error) => LinkEnd::Setup(error),
        };
        tracing::debug!(?end, "link ended");
        self.tell_swarm(News::Ended(end)).await;
    }

    async fn tell_swarm(&self, news: News) {
        // Fails only while the net ends.
        let _ = self.desk.news.send(LinkNews { peer: self.peer, number: self.number, news }).await;
    }

    async fn set_up(&self, role: Role) -> Result<Lanes, SetupError> {
        match role {
            Role::Opener(mut streams) => {
                let mut lanes = self.open(&mut streams).await?;
                expect(&mut lanes.control, &Frame::Accept).await?;
                lanes.control.send(&Frame::Ready).await?;
                Ok(lanes)
            }
            Role::Acceptor(mut lanes) => {
                lanes.control.send(&Frame::Accept).await?;
                expect(&mut lanes.control, &Frame::Ready).await?;
                Ok(*lanes)
            }
        }
    }

    async fn open(&self, streams: &mut StreamControl) -> Result<Lanes, SetupError> {
        let [control, sync, blob, clock] = Lane::ALL;
        Ok(Lanes {
            control: self.open_lane(streams, control).await?,
            sync: self.open_lane(streams, sync).await?,
            blob: self.open_lane(streams, blob).await?,
            clock: self.open_lane(streams, clock).await?,
        })
    }

    async fn open_lane(&self, streams: &mut StreamControl, lane: Lane) -> Result<Lines, SetupError> {
        let peer = crate::peer_key::to_libp2p(self.peer);
        let mut lines = Lines::new(streams.open_stream(peer, lane.protocol()).await?);
        lines.send(&Frame::Open(self.number)).await?;
        Ok(lines)
    }

    /// Runs a link that works: tells it, carries frames until something ends it, tells that.
    async fn carry(&self, lanes: Lanes, stop: oneshot::Receiver<Stop>) -> DisconnectReason {
        let Self { peer, number, desk, .. } = self;
        let (control, control_out) = outbox();
        let (sync, sync_out) = outbox();
        let (blob, blob_out) = outbox();
        let (clock_outbox, clock_out) = mpsc::channel(CLOCK_OUTBOX_MAX);
        let outboxes = LinkOutboxes { number: *number, control: control.clone(), sync, blob };

        desk.outboxes.insert(*peer, outboxes);
        let _ = desk.events.send(NetEvent::Connected { peer: *peer, address: self.address.clone() }).await;
        self.tell_swarm(News::Works).await;
        desk.clock_desk.tell(ToClock::LinkUp {
            peer: *peer,
            number: *number,
            remote: self.remote,
            outbox: clock_outbox,
        });

        let mut tasks = JoinSet::new();
        let pulse = Pulse::new();
        self.spawn_channel(&mut tasks, Channel::Control, lanes.control, control_out, &pulse);
        self.spawn_channel(&mut tasks, Channel::Sync, lanes.sync, sync_out, &pulse);
        self.spawn_channel(&mut tasks, Channel::Blob, lanes.blob, blob_out, &pulse);
        clock_stream::spawn(&mut tasks, (*peer, *number), lanes.clock, clock_out, desk, &pulse);
        tasks.spawn(async move {
            pulse.silence().await;
            DisconnectReason::Silent
        });

        let reason = tokio::select! {
            reason = first_reason(&mut tasks) => reason,
            Ok(stop) = stop => {
                if let Some(farewell) = stop.farewell
                    && control.push(Outgoing::Farewell(farewell)).is_ok() {
                    let _ = timeout(FAREWELL_DEADLINE, first_reason(&mut tasks)).await;
                }
                stop.reason
            }
        };
        desk.clock_desk.tell(ToClock::LinkDown { peer: *peer, number: *number });
        desk.outboxes.remove(*peer, *number);
        // Wait for the readers, so that no frame follows the farewell.
        tasks.shutdown().await;
        let _ = desk.events.send(NetEvent::Disconnected { peer: *peer, reason: reason.clone() }).await;
        reason
    }

    fn spawn_channel(
        &self,
        tasks: &mut JoinSet<DisconnectReason>,
        channel: Channel,
        Lines { mut reader, writer }: Lines,
        outbox: OutboxReader,
        pulse: &Pulse,
    ) {
        reader.set_content_max(FRAME_BYTES_MAX);
        reader.show(pulse.clone());
        tasks.spawn(read_channel(self.peer, channel, reader, self.desk.events.clone(), pulse.clone()));
        tasks.spawn(write_channel(channel, writer, outbox, pulse.clone()));
    }
}

async fn expect(lines: &mut Lines, expected: &Frame) -> Result<(), SetupError> {
    let frame = lines.reader.next().await?;
    if frame == *expected { Ok(()) } else { Err(SetupError::Garbage(FrameError::OutOfPlace)) }
}

async fn first_reason(tasks: &mut JoinSet<DisconnectReason>) -> DisconnectReason {
    match tasks.join_next().await {
        Some(Ok(reason)) => reason,
        Some(Err(error)) => DisconnectReason::Lost(error.to_string()),
        None => DisconnectReason::Closed,
    }
}
