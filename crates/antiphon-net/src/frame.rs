//! Frames on a stream: a header of four bytes, then the content.
//!
//! ```text
//! u8 kind | u24 length, little endian | content
//! kind  0 data       what the application sent
//!       1 heartbeat  empty; on control, when nothing was sent on any stream for a while
//!       2 open       u64 link number; first on each stream, from the peer with the lower id
//!       3 accept     empty; on control: "all four streams of this link have arrived"
//!       4 ready      empty; on control: "and your accept has arrived here"
//!       5 farewell   u8: 0 closed on purpose, 1 the application ends
//!       6 offer      40 bytes; may come first on the clock's stream, after open
//! ```
//! Unknown kinds break the link: a new kind comes with a new protocol name.

use std::io;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::{clock::offer::Offer, event::FrameError, pulse::Pulse};

/// A number that both ends give to one link, so that streams of an older link are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinkNumber(pub(crate) u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    Closed,
    Leaving,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    Data(Vec<u8>),
    Heartbeat,
    Open(LinkNumber),
    Accept,
    Ready,
    Farewell(Farewell),
    /// Where and under which keys this side takes clock datagrams.
    Offer(Offer),
}

/// Why no further frame comes.
#[derive(Debug)]
pub(crate) enum ReadEnd {
    Lost(io::Error),
    Garbage(FrameError),
}

impl From<io::Error> for ReadEnd {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

impl From<FrameError> for ReadEnd {
    fn from(error: FrameError) -> Self {
        Self::Garbage(error)
    }
}

impl Frame {
    fn kind(&self) -> u8 {
        match self {
            Self::Data(_) => 0,
            Self::Heartbeat => 1,
            Self::Open(_) => 2,
            Self::Accept => 3,
            Self::Ready => 4,
            Self::Farewell(_) => 5,
            Self::Offer(_) => 6,
        }
    }

    fn parse(kind: u8, content: Vec<u8>) -> Result<Self, FrameError> {
        match (kind, content.as_slice()) {
            (0, _) => Ok(Self::Data(content)),
            (1, []) => Ok(Self::Heartbeat),
            (2, bytes) => match bytes.try_into() {
                Ok(number) => Ok(Self::Open(LinkNumber(u64::from_le_bytes(number)))),
                Err(_) => Err(FrameError::OutOfPlace),
            },
            (3, []) => Ok(Self::Accept),
            (4, []) => Ok(Self::Ready),
            (5, [0]) => Ok(Self::Farewell(Farewell::Closed)),
            (5, [1]) => Ok(Self::Farewell(Farewell::Leaving)),
            (6, bytes) => Offer::decode(bytes).map(Self::Offer).ok_or(FrameError::BadOffer),
            (0..=5, _) => Err(FrameError::OutOfPlace),
            (unknown, _) => Err(FrameError::UnknownKind(unknown)),
        }
    }
}

/// Writes one frame; the caller flushes. Contents are at most [`crate::FRAME_BYTES_MAX`], checked where they enter.
pub(crate) async fn write_frame<W: AsyncWrite + Unpin>(stream: &mut W, frame: &Frame) -> io::Result<()> {
    match frame {
        Frame::Data(content) => write_parts(stream, 0, content).await,
        Frame::Open(number) => write_parts(stream, 2, &number.0.to_le_bytes()).await,
        Frame::Farewell(farewell) => {
            write_parts(stream, 5, &[u8::from(*farewell == Farewell::Leaving)]).await
        }
        Frame::Offer(offer) => write_parts(stream, 6, &offer.encode()).await,
        Frame::Heartbeat | Frame::Accept | Frame::Ready => write_parts(stream, frame.kind(), &[]).await,
    }
}

async fn write_parts<W: AsyncWrite + Unpin>(stream: &mut W, kind: u8, content: &[u8]) -> io::Result<()> {
    let [a, b, c, _] = (content.len() as u32).to_le_bytes();
    if content.len() < 1024 {
        // One write, so that a small frame is one packet.
        return stream.write_all(&[&[kind, a, b, c], content].concat()).await;
    }
    stream.write_all(&[kind, a, b, c]).await?;
    stream.write_all(content).await
}

/// Reads frames and, once its link works, shows that something arrives.
pub(crate) struct FrameReader<R> {
    stream: R,
    content_max: usize,
    pulse: Option<Pulse>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(crate) fn new(stream: R, content_max: usize) -> Self {
        Self { stream, content_max, pulse: None }
    }

    /// From now on, everything that arrives is a sign of life of this link.
    pub(crate) fn show(&mut self, pulse: Pulse) {
        self.pulse = Some(pulse);
    }

    pub(crate) fn set_content_max(&mut self, content_max: usize) {
        self.content_max = content_max;
    }

    /// The next frame. Not cancel-safe: a reading that was given up ends the stream's use.
    pub(crate) async fn next(&mut self) -> Result<Frame, ReadEnd> {
        let mut header = [0; 4];
        self.fill(&mut header).await?;
        let [kind, a, b, c] = header;
        let bytes = u32::from_le_bytes([a, b, c, 0]) as usize;
        if bytes > self.content_max {
            return Err(FrameError::TooLong { bytes, max: self.content_max }.into());
        }
        let content = self.content(bytes).await?;
        Ok(Frame::parse(kind, content)?)
    }

    /// Memory grows with the bytes that arrive, not with the length that a stranger claims.
    async fn content(&mut self, bytes: usize) -> Result<Vec<u8>, ReadEnd> {
        const PIECE: usize = 16 * 1024;
        let mut content = Vec::new();
        while content.len() < bytes {
            let from = content.len();
            content.resize(bytes.min(from + PIECE), 0);
            let (_, fresh) = content.split_at_mut(from);
            self.fill(fresh).await?;
        }
        Ok(content)
    }

    async fn fill(&mut self, mut rest: &mut [u8]) -> Result<(), ReadEnd> {
        while !rest.is_empty() {
            let read = self.stream.read(rest).await?;
            if let Some(pulse) = &self.pulse {
                pulse.heard();
            }
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let (_, unread) = rest.split_at_mut(read);
            rest = unread;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, io::Cursor};

    use super::*;
    use crate::clock::offer::{Mailbox, Secret};

    fn written(frame: &Frame) -> Vec<u8> {
        let mut bytes = Vec::new();
        block_on(write_frame(&mut bytes, frame)).unwrap();
        bytes
    }

    fn read(bytes: &[u8], content_max: usize) -> Result<Frame, ReadEnd> {
        block_on(FrameReader::new(Cursor::new(bytes), content_max).next())
    }

    #[test]
    fn every_frame_reads_as_it_was_written() {
        let frames = [
            Frame::Data(vec![]),
            Frame::Data(vec![7; 1 << 20]),
            Frame::Heartbeat,
            Frame::Open(LinkNumber(u64::MAX - 3)),
            Frame::Accept,
            Frame::Ready,
            Frame::Farewell(Farewell::Closed),
            Frame::Farewell(Farewell::Leaving),
            Frame::Offer(Offer { port: 4002, mailbox: Mailbox(77), secret: Secret([5; 32]) }),
        ];
        for frame in frames {
            assert_eq!(read(&written(&frame), 1 << 20).unwrap(), frame);
        }
    }

    #[test]
    fn a_claimed_length_over_the_limit_is_refused_before_its_content() {
        assert!(matches!(
            read(&[0, 1, 0, 16], 1 << 20),
            Err(ReadEnd::Garbage(FrameError::TooLong { bytes: 1_048_577, max: 1_048_576 }))
        ));
    }

    #[test]
    fn an_unknown_kind_or_a_wrong_content_is_refused() {
        assert!(matches!(read(&[7, 0, 0, 0], 64), Err(ReadEnd::Garbage(FrameError::UnknownKind(7)))));
        assert!(matches!(read(&[6, 1, 0, 0, 1], 64), Err(ReadEnd::Garbage(FrameError::BadOffer))));
        for wrong in
            [&[1, 1, 0, 0, 9][..], &[2, 1, 0, 0, 9], &[3, 1, 0, 0, 9], &[5, 0, 0, 0], &[5, 1, 0, 0, 2]]
        {
            assert!(matches!(read(wrong, 64), Err(ReadEnd::Garbage(FrameError::OutOfPlace))), "{wrong:?}");
        }
    }

    #[test]
    fn a_truncated_frame_is_a_lost_stream() {
        let whole = written(&Frame::Data(vec![1; 40_000]));
        for end in [0, 1, 3, 4, 5, 20_000, whole.len() - 1] {
            assert!(matches!(read(&whole[..end], 1 << 20), Err(ReadEnd::Lost(_))), "{end}");
        }
    }

    #[test]
    fn any_bytes_read_without_a_panic() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..12)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    (state >> 32) as u8 & if state & 1 == 0 { 0x07 } else { 0xff }
                })
                .collect();
            let _ = read(&bytes, 64);
        }
    }
}
