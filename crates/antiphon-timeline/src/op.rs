//! One signed-for act on the transport, and its bytes.
//!
//! The bytes are stored in documents and sent to peers, so they are versioned, of fixed layout (little
//! endian) and strict: every operation has exactly one encoding, and whatever is not that is refused.
//!
//! ```text
//! u8 version = 1 | u8 kind | i64 stamp.time | u16 stamp.counter | 32 bytes author | arguments
//! kind 0 Play: i64 at, i64 from   1 Stop: i64 at, i64 position   2 Locate: i64 to   3 Tempo: i64 at, u64 µBPM
//! ```

use crate::{
    stamp::Stamp,
    tempo::Tempo,
    units::{SessionTime, Ticks},
};

const VERSION: u8 = 1;
const PLAY: u8 = 0;
const STOP: u8 = 1;
const LOCATE: u8 = 2;
const TEMPO: u8 = 3;

/// What is done to the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpKind {
    /// Start at `at` with tick `from`. While playing, move there.
    Play {
        /// When `from` sounds.
        at: SessionTime,
        /// The first tick.
        from: Ticks,
    },
    /// End the run before tick `at` and leave the playhead on `position`.
    Stop {
        /// The first tick of the run that does not sound.
        at: Ticks,
        /// Where the playhead rests.
        position: Ticks,
    },
    /// Put the resting playhead on `to`. While a run plays, nothing is heard of it, and its stop puts the
    /// playhead elsewhere; to move what sounds, play.
    Locate {
        /// Where the playhead rests.
        to: Ticks,
    },
    /// Change to `tempo`: from tick `at` of the run on, or at once while stopped.
    Tempo {
        /// The first tick in the new tempo.
        at: Ticks,
        /// The new tempo.
        tempo: Tempo,
    },
}

/// One act on the transport, by `author` at `stamp`. Operations fold in the order of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimelineOp {
    /// When it was made.
    pub stamp: Stamp,
    /// Who made it; decides between equal stamps.
    pub author: [u8; 32],
    /// What it does.
    pub kind: OpKind,
}

/// Why bytes are not a timeline operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeOpError {
    /// The bytes end early.
    #[error("timeline operation ends after {len} bytes")]
    TooShort {
        /// How many there were.
        len: usize,
    },
    /// Bytes follow the end.
    #[error("timeline operation is followed by {extra} bytes")]
    TooLong {
        /// How many follow.
        extra: usize,
    },
    /// Most likely a newer peer wrote it.
    #[error("timeline operation has version {version}, the one known is {VERSION}")]
    UnknownVersion {
        /// The version found.
        version: u8,
    },
    /// No such kind.
    #[error("timeline operation has unknown kind {kind}")]
    UnknownKind {
        /// The kind found.
        kind: u8,
    },
    /// A tempo no peer may set.
    #[error("timeline operation sets {micro_bpm} millionths of a beat per minute")]
    BadTempo {
        /// The tempo found.
        micro_bpm: u64,
    },
}

impl TimelineOp {
    /// The one encoding of this operation, at most [`OP_BYTES_MAX`](crate::OP_BYTES_MAX) long.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, first, second) = match self.kind {
            OpKind::Play { at, from } => (PLAY, at.0, Some(from.0.to_le_bytes())),
            OpKind::Stop { at, position } => (STOP, at.0, Some(position.0.to_le_bytes())),
            OpKind::Locate { to } => (LOCATE, to.0, None),
            OpKind::Tempo { at, tempo } => (TEMPO, at.0, Some(tempo.micro_bpm().to_le_bytes())),
        };
        let mut bytes = Vec::with_capacity(60);
        bytes.extend([VERSION, kind]);
        bytes.extend(self.stamp.time.0.to_le_bytes());
        bytes.extend(self.stamp.counter.to_le_bytes());
        bytes.extend(self.author);
        bytes.extend(first.to_le_bytes());
        bytes.extend(second.into_iter().flatten());
        bytes
    }

    /// Reads the bytes of [`Self::encode`] and nothing else.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeOpError> {
        let mut reader = Reader { rest: bytes, len: bytes.len() };
        let [version] = reader.take()?;
        if version != VERSION {
            return Err(DecodeOpError::UnknownVersion { version });
        }
        let [kind] = reader.take()?;
        let time = SessionTime(reader.i64()?);
        let counter = u16::from_le_bytes(reader.take()?);
        let author = reader.take()?;
        let kind = match kind {
            PLAY => OpKind::Play { at: SessionTime(reader.i64()?), from: Ticks(reader.i64()?) },
            STOP => OpKind::Stop { at: Ticks(reader.i64()?), position: Ticks(reader.i64()?) },
            LOCATE => OpKind::Locate { to: Ticks(reader.i64()?) },
            TEMPO => OpKind::Tempo { at: Ticks(reader.i64()?), tempo: reader.tempo()? },
            kind => return Err(DecodeOpError::UnknownKind { kind }),
        };
        match reader.rest.len() {
            0 => Ok(Self { stamp: Stamp { time, counter }, author, kind }),
            extra => Err(DecodeOpError::TooLong { extra }),
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    len: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeOpError> {
        let (head, rest) =
            self.rest.split_first_chunk::<N>().ok_or(DecodeOpError::TooShort { len: self.len })?;
        self.rest = rest;
        Ok(*head)
    }

    fn i64(&mut self) -> Result<i64, DecodeOpError> {
        self.take().map(i64::from_le_bytes)
    }

    fn tempo(&mut self) -> Result<Tempo, DecodeOpError> {
        let micro_bpm = u64::from_le_bytes(self.take()?);
        let tempo = Tempo::from_micro_bpm_clamped(micro_bpm);
        if tempo.micro_bpm() == micro_bpm { Ok(tempo) } else { Err(DecodeOpError::BadTempo { micro_bpm }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::OP_BYTES_MAX;

    fn op(kind: OpKind) -> TimelineOp {
        TimelineOp { stamp: Stamp { time: SessionTime(-7), counter: 3 }, author: [9; 32], kind }
    }

    fn all_kinds() -> [TimelineOp; 4] {
        [
            op(OpKind::Play { at: SessionTime(i64::MAX), from: Ticks(-1) }),
            op(OpKind::Stop { at: Ticks(i64::MIN), position: Ticks(4) }),
            op(OpKind::Locate { to: Ticks(1 << 40) }),
            op(OpKind::Tempo { at: Ticks(5), tempo: Tempo::MAX }),
        ]
    }

    #[test]
    fn decoding_undoes_encoding() {
        for op in all_kinds() {
            let bytes = op.encode();
            assert!(bytes.len() <= OP_BYTES_MAX);
            assert_eq!(TimelineOp::decode(&bytes), Ok(op));
        }
    }

    #[test]
    fn the_layout_of_version_1_stays() {
        let bytes = op(OpKind::Locate { to: Ticks(258) }).encode();
        let mut expected = vec![1, 2, 0xf9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3, 0];
        expected.extend([9; 32]);
        expected.extend([2, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn every_other_length_is_refused() {
        for op in all_kinds() {
            let mut bytes = op.encode();
            for len in 0..bytes.len() {
                assert_eq!(TimelineOp::decode(&bytes[..len]), Err(DecodeOpError::TooShort { len }));
            }
            bytes.push(0);
            assert_eq!(TimelineOp::decode(&bytes), Err(DecodeOpError::TooLong { extra: 1 }));
        }
    }

    #[test]
    fn unknown_versions_kinds_and_tempos_are_refused() {
        let bytes = all_kinds()[3].encode();
        let with = |index: usize, value: u8| {
            let mut bytes = bytes.clone();
            bytes[index] = value;
            TimelineOp::decode(&bytes)
        };
        assert_eq!(with(0, 2), Err(DecodeOpError::UnknownVersion { version: 2 }));
        assert_eq!(with(1, 4), Err(DecodeOpError::UnknownKind { kind: 4 }));
        assert!(matches!(with(59, 1), Err(DecodeOpError::BadTempo { .. })));
    }
}
