//! Bounds of this crate, each with its reason.

use crate::units::{NANOS_PER_SECOND, TICKS_PER_BAR, Ticks};

/// Segments kept in one run. Turning the tempo knob makes a few a second; past this the oldest is
/// forgotten and ticks before it are only extrapolated, which touches nothing that still sounds.
pub const SEGMENTS_MAX: usize = 512;

/// Plays, stops and locates kept, each kind on its own. Only the newest few decide anything; the rest
/// are there for operations that arrive late.
pub const MOVES_MAX: usize = 1024;

/// Tempo changes kept. More than the moves, because a change inside the present run still shapes it:
/// forgetting one re-times the run, so this is some minutes of turning the knob without a stop.
pub const TEMPOS_MAX: usize = 8192;

/// How far a stamp may lie ahead of session time before it waits for its time to come. Honest stamps are
/// at most the clock disagreement ahead; a minute would let a forged one win for a minute.
pub const STAMP_AHEAD_MAX_NS: i64 = 2 * NANOS_PER_SECOND;

/// How far the start of a run may lie from the stamp of its play, either way. A count-in of eight bars
/// at 20 BPM is 96 s.
pub const PLAY_LEAD_MAX_NS: i64 = 120 * NANOS_PER_SECOND;

/// The last tick a playhead may be put on: about a million bars, three weeks at 120 BPM. It leaves the
/// arithmetic of a run a factor of 500 below overflow.
pub const POSITION_MAX: Ticks = Ticks(TICKS_PER_BAR << 20);

/// The longest encoded operation, in bytes; the longest of today has 60.
pub const OP_BYTES_MAX: usize = 80;
