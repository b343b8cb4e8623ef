//! One channel of a link: frames to the node, frames from it, and heartbeats.

use antiphon_identity::PeerId;
use futures::{
    AsyncWriteExt,
    io::{ReadHalf, WriteHalf},
};
use libp2p::Stream;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    event::{Channel, DisconnectReason, FrameError, NetEvent},
    frame::{Farewell, Frame, FrameReader, ReadEnd, write_frame},
    outbox::{OutboxReader, Outgoing},
    pulse::Pulse,
};

/// Hands each frame to the node. While the node's queue is full nothing more is read, and the peer's own queue
/// fills in turn.
pub(crate) async fn read_channel(
    peer: PeerId,
    channel: Channel,
    mut reader: FrameReader<ReadHalf<Stream>>,
    events: mpsc::Sender<NetEvent>,
    pulse: Pulse,
) -> DisconnectReason {
    loop {
        let bytes = match reader.next().await {
            Ok(Frame::Data(bytes)) => bytes,
            Ok(Frame::Heartbeat) if channel == Channel::Control => continue,
            Ok(Frame::Farewell(Farewell::Closed)) => return DisconnectReason::ClosedByPeer,
            Ok(Frame::Farewell(Farewell::Leaving)) => return DisconnectReason::Left,
            Ok(_) => return DisconnectReason::Garbage(FrameError::OutOfPlace),
            Err(end) => return end.into(),
        };
        tracing::trace!(peer = %peer.short(), ?channel, bytes = bytes.len(), "frame");
        let _waiting = pulse.waiting();
        if events.send(NetEvent::Frame { peer, channel, bytes }).await.is_err() {
            return DisconnectReason::Closed;
        }
    }
}

/// Writes what the node hands over; on control also a heartbeat, when nothing was said on any channel for long.
pub(crate) async fn write_channel(
    channel: Channel,
    mut writer: WriteHalf<Stream>,
    mut outbox: OutboxReader,
    pulse: Pulse,
) -> DisconnectReason {
    match write_all(channel, &mut writer, &mut outbox, &pulse).await {
        Ok(reason) => reason,
        Err(error) => DisconnectReason::lost(&error),
    }
}

async fn write_all(
    channel: Channel,
    writer: &mut WriteHalf<Stream>,
    outbox: &mut OutboxReader,
    pulse: &Pulse,
) -> std::io::Result<DisconnectReason> {
    loop {
        let outgoing = tokio::select! {
            outgoing = outbox.next() => outgoing,
            () = sleep_until(pulse.beat_at()), if channel == Channel::Control => {
                // Meanwhile another channel may have said something.
                if pulse.beat_at() <= Instant::now() {
                    write_frame(writer, &Frame::Heartbeat).await?;
                    writer.flush().await?;
                    pulse.said();
                }
                continue;
            }
        };
        match outgoing {
            Some(Outgoing::Data(bytes)) => write_frame(writer, &Frame::Data(bytes)).await?,
            Some(Outgoing::Farewell(farewell)) => {
                write_frame(writer, &Frame::Farewell(farewell)).await?;
                writer.close().await?;
                // The other side ends the link when it has read this. Ending it here would let its other streams
                // break before the farewell is read.
                return std::future::pending().await;
            }
            None => return Ok(DisconnectReason::Closed),
        }
        if outbox.is_empty() {
            writer.flush().await?;
        }
        pulse.said();
    }
}

impl From<ReadEnd> for DisconnectReason {
    fn from(end: ReadEnd) -> Self {
        match end {
            ReadEnd::Lost(error) => Self::lost(&error),
            ReadEnd::Garbage(error) => Self::Garbage(error),
        }
    }
}

impl DisconnectReason {
    pub(crate) fn lost(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Lost("the other side ended it".into()),
            _ => Self::Lost(error.to_string()),
        }
    }
}
