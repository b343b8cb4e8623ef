//! Clock packets on their stream: stamped right after reading and right before writing.
//!
//! The first frame may be the peer's offer of datagrams; a second one, or one that cannot be read, ends the link.

use std::{io, sync::Arc};

use antiphon_identity::PeerId;
use antiphon_timeline::HostClock;
use futures::{
    AsyncWriteExt,
    io::{ReadHalf, WriteHalf},
};
use libp2p::Stream;
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    allowance::Allowance,
    desk::{ClockDesk, ToClock, ToStream},
};
use crate::{
    event::{DisconnectReason, FrameError},
    frame::{Frame, FrameReader, LinkNumber, write_frame},
    lanes::Lines,
    limits::{CLOCK_PACKET_BYTES_MAX, CLOCK_PACKETS_PER_SECOND_MAX},
    link::LinkDesk,
    pulse::Pulse,
};

/// Starts the reader and the writer of one link's clock stream.
pub(crate) fn spawn(
    tasks: &mut JoinSet<DisconnectReason>,
    (peer, number): (PeerId, LinkNumber),
    Lines { mut reader, writer }: Lines,
    outbox: mpsc::Receiver<ToStream>,
    desk: &LinkDesk,
    pulse: &Pulse,
) {
    reader.set_content_max(CLOCK_PACKET_BYTES_MAX);
    reader.show(pulse.clone());
    let (clock, clock_desk) = (Arc::clone(&desk.clock), desk.clock_desk.clone());
    tasks.spawn(read_packets(peer, number, reader, clock, clock_desk));
    let (clock, pulse) = (Arc::clone(&desk.clock), pulse.clone());
    tasks.spawn(async move {
        match write_packets(writer, outbox, clock, pulse).await {
            Ok(()) => DisconnectReason::Closed,
            Err(error) => DisconnectReason::lost(&error),
        }
    });
}

async fn read_packets(
    peer: PeerId,
    number: LinkNumber,
    mut reader: FrameReader<ReadHalf<Stream>>,
    clock: Arc<dyn HostClock>,
    desk: ClockDesk,
) -> DisconnectReason {
    let mut allowance = Allowance::new(CLOCK_PACKETS_PER_SECOND_MAX, clock.now());
    let mut begun = false;
    loop {
        match reader.next().await {
            Ok(Frame::Data(bytes)) => {
                let received = clock.now();
                if allowance.take(received) {
                    desk.packet(peer, received, bytes);
                }
            }
            Ok(Frame::Offer(offer)) if !begun => desk.tell(ToClock::Offer { peer, number, offer }),
            Ok(_) => return DisconnectReason::Garbage(FrameError::OutOfPlace),
            Err(end) => return end.into(),
        }
        begun = true;
    }
}

async fn write_packets(
    mut writer: WriteHalf<Stream>,
    mut outbox: mpsc::Receiver<ToStream>,
    clock: Arc<dyn HostClock>,
    pulse: Pulse,
) -> io::Result<()> {
    while let Some(item) = outbox.recv().await {
        let frame = match item {
            ToStream::Offer(offer) => Frame::Offer(offer),
            ToStream::Packet(mut transmit) => {
                transmit.stamp(clock.now());
                Frame::Data(transmit.bytes)
            }
        };
        write_frame(&mut writer, &frame).await?;
        writer.flush().await?;
        pulse.said();
    }
    // The clock thread has a newer link to this peer, or ended. The link's own end decides what follows.
    std::future::pending().await
}
