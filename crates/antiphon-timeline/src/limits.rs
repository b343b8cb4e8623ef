//! Bounds of this crate, each with its reason.

use crate::units::{NANOS_PER_SECOND, TICKS_PER_BAR, Ticks};

/// Segments kept in one run. Turning the tempo knob makes a few a second; past this the oldest is
/// forgotten and ticks before it are only extrapolated, which touches nothing that still sounds.
pub const SEGMENTS_MAX: usize = 512;

/// Meters kept in one run; changing it at every bar for two minutes. Past this the oldest is forgotten, and the numbers of
/// later bars stay.
pub const METERS_MAX: usize = 64;

/// The longest ramp from one tempo to another. Two minutes are a long build-up, and short enough for exact arithmetic in
/// 128 bits.
pub const RAMP_MAX_NS: i64 = 120 * NANOS_PER_SECOND;

/// Taps that a tempo is estimated from: two bars, so that a change of mind is followed within them.
pub const TAPS_MAX: usize = 8;

/// The longest pause between two taps; after it the tapping begins anew.
pub const TAP_PAUSE_MAX_NS: i64 = 2 * NANOS_PER_SECOND;

/// Plays, stops and locates kept, each kind on its own. Only the newest few decide anything; the rest
/// are there for operations that arrive late.
pub const MOVES_MAX: usize = 1024;

/// The longest count-in: eight bars of 4/4.
pub const COUNT_IN_MAX: Ticks = Ticks(TICKS_PER_BAR * 8);

/// Tempo changes kept. More than the moves, because a change inside the present run still shapes it:
/// forgetting one re-times the run, so this is some minutes of turning the knob without a stop.
pub const TEMPOS_MAX: usize = 8192;

/// How far a stamp may lie ahead of session time before it waits for its time to come. Honest stamps are
/// at most the clock disagreement ahead; a minute would let a forged one win for a minute.
pub const STAMP_AHEAD_MAX_NS: i64 = 2 * NANOS_PER_SECOND;

/// Runs that wait to take over from one another: as many moves as fit into the lead of one. Past this a new one takes the
/// place of the last.
pub const RUNS_MAX: usize = 8;

/// How far the start of a run may lie from the stamp of its play, either way. A count-in of eight bars
/// at 20 BPM is 96 s.
pub const PLAY_LEAD_MAX_NS: i64 = 120 * NANOS_PER_SECOND;

/// The last tick a playhead may be put on: about a million bars, three weeks at 120 BPM. It leaves the
/// arithmetic of a run a factor of 500 below overflow.
pub const POSITION_MAX: Ticks = Ticks(TICKS_PER_BAR << 20);

/// The longest encoded operation, in bytes; the longest of today has 68.
pub const OP_BYTES_MAX: usize = 80;
