//! The streams of a link: what each carries, and how one that arrives says where it belongs.

use futures::{
    AsyncReadExt, AsyncWriteExt,
    io::{ReadHalf, WriteHalf},
};
use libp2p::{Stream, StreamProtocol};
use libp2p_stream::OpenStreamError;
use tokio::time::timeout;

use crate::{
    event::{Channel, FrameError},
    frame::{Frame, FrameReader, LinkNumber, ReadEnd, write_frame},
    limits::SETUP_DEADLINE,
};

/// The longest frame before a link is set up: the number in `open`.
const SETUP_BYTES_MAX: usize = 8;

/// What one stream of a link carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    Channel(Channel),
    Clock,
}

impl Lane {
    pub(crate) const ALL: [Self; 4] = [
        Self::Channel(Channel::Control),
        Self::Channel(Channel::Sync),
        Self::Channel(Channel::Blob),
        Self::Clock,
    ];

    pub(crate) fn protocol(self) -> StreamProtocol {
        StreamProtocol::new(match self {
            Self::Channel(Channel::Control) => "/antiphon/control/1",
            Self::Channel(Channel::Sync) => "/antiphon/sync/1",
            Self::Channel(Channel::Blob) => "/antiphon/blob/1",
            Self::Clock => "/antiphon/clock/2",
        })
    }
}

/// The reading and the writing half of one stream.
pub(crate) struct Lines {
    pub(crate) reader: FrameReader<ReadHalf<Stream>>,
    pub(crate) writer: WriteHalf<Stream>,
}

impl Lines {
    pub(crate) fn new(stream: Stream) -> Self {
        let (reader, writer) = stream.split();
        Self { reader: FrameReader::new(reader, SETUP_BYTES_MAX), writer }
    }

    pub(crate) async fn send(&mut self, frame: &Frame) -> std::io::Result<()> {
        write_frame(&mut self.writer, frame).await?;
        self.writer.flush().await
    }
}

/// All streams of one link.
pub(crate) struct Lanes {
    pub(crate) control: Lines,
    pub(crate) sync: Lines,
    pub(crate) blob: Lines,
    pub(crate) clock: Lines,
}

/// Why a link could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("it does not speak this protocol")]
    NotAntiphon,
    #[error("it did not answer in time")]
    Late,
    #[error("{0}")]
    Lost(std::io::Error),
    #[error("it sent {0}")]
    Garbage(FrameError),
}

impl From<ReadEnd> for SetupError {
    fn from(end: ReadEnd) -> Self {
        match end {
            ReadEnd::Lost(error) => Self::Lost(error),
            ReadEnd::Garbage(error) => Self::Garbage(error),
        }
    }
}

impl From<std::io::Error> for SetupError {
    fn from(error: std::io::Error) -> Self {
        Self::Lost(error)
    }
}

impl From<OpenStreamError> for SetupError {
    fn from(error: OpenStreamError) -> Self {
        match error {
            OpenStreamError::Io(error) => Self::Lost(error),
            _ => Self::NotAntiphon,
        }
    }
}

/// Reads the number that a stream opened by a peer begins with.
pub(crate) async fn read_open(stream: Stream) -> Result<(LinkNumber, Lines), SetupError> {
    let mut lines = Lines::new(stream);
    match timeout(SETUP_DEADLINE, lines.reader.next()).await {
        Ok(Ok(Frame::Open(number))) => Ok((number, lines)),
        Ok(Ok(_)) => Err(SetupError::Garbage(FrameError::OutOfPlace)),
        Ok(Err(end)) => Err(end.into()),
        Err(_) => Err(SetupError::Late),
    }
}
