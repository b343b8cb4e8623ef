//! Clock packets on their stream: stamped right after reading and right before writing.

use std::{io, sync::Arc};

use antiphon_clock::Transmit;
use antiphon_identity::PeerId;
use antiphon_timeline::{HostClock, HostTime};
use futures::{
    AsyncWriteExt,
    io::{ReadHalf, WriteHalf},
};
use libp2p::Stream;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Duration, Instant},
};

use crate::{
    clock_thread::ClockDesk,
    event::{DisconnectReason, FrameError},
    frame::{Frame, FrameReader, write_frame},
    limits::{CLOCK_PACKET_BYTES_MAX, CLOCK_PACKETS_PER_SECOND_MAX},
    link::{Lines, LinkDesk},
};

/// Starts the reader and the writer of one link's clock stream.
pub(crate) fn spawn(
    tasks: &mut JoinSet<DisconnectReason>,
    peer: PeerId,
    Lines { mut reader, writer }: Lines,
    outbox: mpsc::Receiver<Transmit>,
    desk: &LinkDesk,
) {
    reader.set_content_max(CLOCK_PACKET_BYTES_MAX);
    tasks.spawn(read_packets(peer, reader, Arc::clone(&desk.clock), desk.clock_desk.clone()));
    let clock = Arc::clone(&desk.clock);
    tasks.spawn(async move {
        match write_packets(writer, outbox, clock).await {
            Ok(()) => DisconnectReason::Closed,
            Err(error) => DisconnectReason::lost(&error),
        }
    });
}

async fn read_packets(
    peer: PeerId,
    mut reader: FrameReader<ReadHalf<Stream>>,
    clock: Arc<dyn HostClock>,
    desk: ClockDesk,
) -> DisconnectReason {
    let mut allowance = Allowance::new(Instant::now());
    loop {
        match reader.next().await {
            Ok(Frame::Data(bytes)) => {
                let received = clock.now();
                if allowance.take(Instant::now()) {
                    desk.packet(peer, received, bytes);
                }
            }
            Ok(_) => return DisconnectReason::Garbage(FrameError::OutOfPlace),
            Err(end) => return end.into(),
        }
    }
}

async fn write_packets(
    mut writer: WriteHalf<Stream>,
    mut outbox: mpsc::Receiver<Transmit>,
    clock: Arc<dyn HostClock>,
) -> io::Result<()> {
    while let Some(transmit) = outbox.recv().await {
        let packet = stamped(transmit, clock.now());
        write_frame(&mut writer, &Frame::Data(packet)).await?;
        writer.flush().await?;
    }
    // The clock thread has a newer link to this peer, or ended. The link's own end decides what follows.
    std::future::pending().await
}

fn stamped(Transmit { mut bytes, stamp_at, .. }: Transmit, now: HostTime) -> Vec<u8> {
    if let Some(stamp) = bytes.get_mut(stamp_at..).and_then(|rest| rest.first_chunk_mut::<8>()) {
        *stamp = now.0.to_le_bytes();
    }
    bytes
}

/// How many packets a peer may still send: a second's worth, refilled evenly. More are dropped unread.
struct Allowance {
    packets: f64,
    counted_at: Instant,
}

impl Allowance {
    fn new(now: Instant) -> Self {
        Self { packets: f64::from(CLOCK_PACKETS_PER_SECOND_MAX), counted_at: now }
    }

    fn take(&mut self, now: Instant) -> bool {
        let rate = f64::from(CLOCK_PACKETS_PER_SECOND_MAX);
        let passed: Duration = now.saturating_duration_since(self.counted_at);
        self.packets = (self.packets + passed.as_secs_f64() * rate).min(rate);
        self.counted_at = now;
        let granted = self.packets >= 1.0;
        if granted {
            self.packets -= 1.0;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamp_is_written_where_the_clock_wants_it_and_never_past_the_end() {
        let packet = |stamp_at| {
            let transmit = Transmit { to: [0; 32], seq: 1, bytes: vec![9; 16], stamp_at };
            stamped(transmit, HostTime(0x0102_0304_0506_0708))
        };
        assert_eq!(packet(4), [9, 9, 9, 9, 8, 7, 6, 5, 4, 3, 2, 1, 9, 9, 9, 9]);
        assert_eq!(packet(9), [9; 16]);
        assert_eq!(packet(usize::MAX), [9; 16]);
    }

    #[test]
    fn a_flood_is_thinned_to_the_allowed_rate() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let granted = (0..100_000).filter(|n| allowance.take(start + Duration::from_micros(n * 20))).count();
        // A full second's worth at first, then two seconds of refill.
        assert!((598..=602).contains(&granted), "{granted}");
    }
}
