//! One signed-for act on the transport, and its bytes.
//!
//! The bytes are stored in documents and sent to peers, so they are versioned, of fixed layout (little
//! endian) and strict: every operation has exactly one encoding, and whatever is not that is refused.
//!
//! ```text
//! u8 version = 2 | u8 kind | i64 stamp.time | u16 stamp.counter | 32 bytes author | arguments
//! kind 0 Play: i64 at, i64 from, i64 count_in   1 Stop: i64 at, i64 position   2 Locate: i64 to
//!      3 Tempo: i64 at, u64 µBPM, i64 ramp_ns   4 Meter: i64 at, u8 beats, u8 unit
//! ```
//!
//! Version 1, of which documents are full, knew neither count-in, ramp nor meter. It is read for ever: one that says no
//! more than version 1 could is the same operation in both.

use crate::{
    limits::{COUNT_IN_MAX, RAMP_MAX_NS},
    meter::Meter,
    stamp::Stamp,
    tempo::Tempo,
    units::{SessionTime, Ticks},
};

const VERSION: u8 = 2;
const FIRST_VERSION: u8 = 1;
const PLAY: u8 = 0;
const STOP: u8 = 1;
const LOCATE: u8 = 2;
const TEMPO: u8 = 3;
const METER: u8 = 4;

/// What is done to the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpKind {
    /// Start at `at` with tick `from`. While playing, move there.
    Play {
        /// When `from` sounds.
        at: SessionTime,
        /// The first tick.
        from: Ticks,
        /// How many ticks are counted in before `at`; 0 to [`COUNT_IN_MAX`].
        count_in: Ticks,
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
        /// The first tick in the new tempo, or of the way there.
        at: Ticks,
        /// The new tempo.
        tempo: Tempo,
        /// How long the way there is, linear in session time; 0 to [`RAMP_MAX_NS`]. While stopped there is none.
        ramp_ns: i64,
    },
    /// Change to `meter`: from the first bar line of the old one at or after `at`, or at once while stopped.
    Meter {
        /// Where the change was asked for.
        at: Ticks,
        /// The new meter.
        meter: Meter,
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
    #[error("timeline operation has version {version}, the newest known is {VERSION}")]
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
    /// No ramp takes so long, or a negative time.
    #[error("timeline operation ramps the tempo over {ramp_ns} ns")]
    BadRamp {
        /// The length found.
        ramp_ns: i64,
    },
    /// Not a meter.
    #[error("timeline operation sets the meter {beats}/{unit}")]
    BadMeter {
        /// The upper number found.
        beats: u8,
        /// The lower number found.
        unit: u8,
    },
    /// Nobody counts in so long, or backwards.
    #[error("timeline operation counts in {ticks} ticks")]
    BadCountIn {
        /// The ticks found.
        ticks: i64,
    },
}

impl TimelineOp {
    /// The one encoding of this operation, at most [`OP_BYTES_MAX`](crate::OP_BYTES_MAX) long.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(68);
        bytes.extend([VERSION, self.kind_byte()]);
        bytes.extend(self.stamp.time.0.to_le_bytes());
        bytes.extend(self.stamp.counter.to_le_bytes());
        bytes.extend(self.author);
        match self.kind {
            OpKind::Play { at, from, count_in } => {
                bytes.extend([at.0, from.0, count_in.0].map(i64::to_le_bytes).concat());
            }
            OpKind::Stop { at, position } => bytes.extend([at.0, position.0].map(i64::to_le_bytes).concat()),
            OpKind::Locate { to } => bytes.extend(to.0.to_le_bytes()),
            OpKind::Tempo { at, tempo, ramp_ns } => {
                bytes.extend(at.0.to_le_bytes());
                bytes.extend(tempo.micro_bpm().to_le_bytes());
                bytes.extend(ramp_ns.to_le_bytes());
            }
            OpKind::Meter { at, meter } => {
                bytes.extend(at.0.to_le_bytes());
                bytes.extend([meter.beats(), meter.unit()]);
            }
        }
        bytes
    }

    const fn kind_byte(&self) -> u8 {
        match self.kind {
            OpKind::Play { .. } => PLAY,
            OpKind::Stop { .. } => STOP,
            OpKind::Locate { .. } => LOCATE,
            OpKind::Tempo { .. } => TEMPO,
            OpKind::Meter { .. } => METER,
        }
    }

    /// Reads the bytes of [`Self::encode`], or those of version 1, and nothing else.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeOpError> {
        let mut reader = Reader { rest: bytes, len: bytes.len() };
        let [version] = reader.take()?;
        if !(FIRST_VERSION..=VERSION).contains(&version) {
            return Err(DecodeOpError::UnknownVersion { version });
        }
        let [kind] = reader.take()?;
        let time = SessionTime(reader.i64()?);
        let counter = u16::from_le_bytes(reader.take()?);
        let author = reader.take()?;
        let is_first = version == FIRST_VERSION;
        let kind = match kind {
            PLAY => OpKind::Play {
                at: SessionTime(reader.i64()?),
                from: Ticks(reader.i64()?),
                count_in: if is_first { Ticks::ZERO } else { reader.count_in()? },
            },
            STOP => OpKind::Stop { at: Ticks(reader.i64()?), position: Ticks(reader.i64()?) },
            LOCATE => OpKind::Locate { to: Ticks(reader.i64()?) },
            TEMPO => OpKind::Tempo {
                at: Ticks(reader.i64()?),
                tempo: reader.tempo()?,
                ramp_ns: if is_first { 0 } else { reader.ramp()? },
            },
            METER if !is_first => OpKind::Meter { at: Ticks(reader.i64()?), meter: reader.meter()? },
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

    fn count_in(&mut self) -> Result<Ticks, DecodeOpError> {
        match self.i64()? {
            ticks if (0..=COUNT_IN_MAX.0).contains(&ticks) => Ok(Ticks(ticks)),
            ticks => Err(DecodeOpError::BadCountIn { ticks }),
        }
    }

    fn ramp(&mut self) -> Result<i64, DecodeOpError> {
        match self.i64()? {
            ramp_ns if (0..=RAMP_MAX_NS).contains(&ramp_ns) => Ok(ramp_ns),
            ramp_ns => Err(DecodeOpError::BadRamp { ramp_ns }),
        }
    }

    fn meter(&mut self) -> Result<Meter, DecodeOpError> {
        let [beats, unit] = self.take()?;
        Meter::new(beats.into(), unit.into()).map_err(|_| DecodeOpError::BadMeter { beats, unit })
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

    fn all_kinds() -> [TimelineOp; 6] {
        [
            op(OpKind::Play { at: SessionTime(i64::MAX), from: Ticks(-1), count_in: COUNT_IN_MAX }),
            op(OpKind::Stop { at: Ticks(i64::MIN), position: Ticks(4) }),
            op(OpKind::Locate { to: Ticks(1 << 40) }),
            op(OpKind::Tempo { at: Ticks(5), tempo: Tempo::MAX, ramp_ns: 0 }),
            op(OpKind::Tempo { at: Ticks(5), tempo: Tempo::MIN, ramp_ns: RAMP_MAX_NS }),
            op(OpKind::Meter { at: Ticks(7), meter: Meter::new(7, 8).unwrap() }),
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

    fn layout(version: u8, kind: u8, arguments: &[&[u8]]) -> Vec<u8> {
        let head = [version, kind, 0xf9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3, 0];
        [&head, [9; 32].as_slice(), &arguments.concat()].concat()
    }

    #[test]
    fn the_layout_of_version_2_stays() {
        let eight = |number: i64| number.to_le_bytes();
        let (tempo, ramp) = (eight(120_000_000), eight(4_000_000_000));
        let play = OpKind::Play { at: SessionTime(5), from: Ticks(6), count_in: Ticks(7) };
        assert_eq!(op(play).encode(), layout(2, 0, &[&eight(5), &eight(6), &eight(7)]));
        let stop = OpKind::Stop { at: Ticks(5), position: Ticks(6) };
        assert_eq!(op(stop).encode(), layout(2, 1, &[&eight(5), &eight(6)]));
        assert_eq!(
            op(OpKind::Locate { to: Ticks(258) }).encode(),
            layout(2, 2, &[&[2, 1, 0, 0, 0, 0, 0, 0]])
        );
        let glide = OpKind::Tempo { at: Ticks(5), tempo: Tempo::DEFAULT, ramp_ns: 4_000_000_000 };
        assert_eq!(op(glide).encode(), layout(2, 3, &[&eight(5), &tempo, &ramp]));
        let meter = OpKind::Meter { at: Ticks(5), meter: Meter::new(7, 8).unwrap() };
        assert_eq!(op(meter).encode(), layout(2, 4, &[&eight(5), &[7, 8]]));
    }

    #[test]
    fn operations_of_version_1_are_still_read() {
        let eight = |number: i64| number.to_le_bytes();
        let read =
            |kind, arguments: &[&[u8]]| TimelineOp::decode(&layout(1, kind, arguments)).map(|op| op.kind);
        let play = OpKind::Play { at: SessionTime(5), from: Ticks(6), count_in: Ticks::ZERO };
        assert_eq!(read(0, &[&eight(5), &eight(6)]), Ok(play));
        assert_eq!(read(1, &[&eight(5), &eight(6)]), Ok(OpKind::Stop { at: Ticks(5), position: Ticks(6) }));
        assert_eq!(read(2, &[&eight(258)]), Ok(OpKind::Locate { to: Ticks(258) }));
        let tempo = OpKind::Tempo { at: Ticks(5), tempo: Tempo::DEFAULT, ramp_ns: 0 };
        assert_eq!(read(3, &[&eight(5), &eight(120_000_000)]), Ok(tempo));
        // It knew no more: what follows is refused, and so is a meter.
        let more = read(3, &[&eight(5), &eight(120_000_000), &eight(0)]);
        assert_eq!(more, Err(DecodeOpError::TooLong { extra: 8 }));
        assert_eq!(read(4, &[&eight(5), &[3, 4]]), Err(DecodeOpError::UnknownKind { kind: 4 }));
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
    fn unknown_versions_and_kinds_are_refused() {
        let bytes = all_kinds()[3].encode();
        let with = |index: usize, value: u8| {
            let mut bytes = bytes.clone();
            bytes[index] = value;
            TimelineOp::decode(&bytes)
        };
        for version in [0, 3, 255] {
            assert_eq!(with(0, version), Err(DecodeOpError::UnknownVersion { version }));
        }
        assert_eq!(with(1, 5), Err(DecodeOpError::UnknownKind { kind: 5 }));
    }

    #[test]
    fn absurd_arguments_are_refused() {
        let eight = |number: i64| number.to_le_bytes();
        let read =
            |kind, arguments: &[&[u8]]| TimelineOp::decode(&layout(2, kind, arguments)).map(|op| op.kind);
        for micro in [0, 1, 19_999_999, 999_000_001, i64::MAX, -1] {
            let found = read(3, &[&[0; 8], &eight(micro), &[0; 8]]);
            assert_eq!(found, Err(DecodeOpError::BadTempo { micro_bpm: micro.cast_unsigned() }));
        }
        for ramp_ns in [-1, RAMP_MAX_NS + 1, i64::MAX, i64::MIN] {
            let found = read(3, &[&[0; 8], &eight(120_000_000), &eight(ramp_ns)]);
            assert_eq!(found, Err(DecodeOpError::BadRamp { ramp_ns }));
        }
        for [beats, unit] in [[0, 0], [0, 4], [4, 0], [17, 4], [4, 3], [255, 255]] {
            assert_eq!(read(4, &[&[0; 8], &[beats, unit]]), Err(DecodeOpError::BadMeter { beats, unit }));
        }
        for ticks in [-1, COUNT_IN_MAX.0 + 1, i64::MAX, i64::MIN] {
            let found = read(0, &[&[0; 8], &[0; 8], &eight(ticks)]);
            assert_eq!(found, Err(DecodeOpError::BadCountIn { ticks }));
        }
    }
}
