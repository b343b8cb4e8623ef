//! Where the output is in the canonical stream.
//!
//! The session map says which place of the stream *should* be heard when a block is played. That target is
//! noisy and is corrected now and then; the cursor is the place that *is* heard. It moves without a gap: each
//! block begins exactly where the last one ended, so no frame is lost or doubled whatever the target does.
//!
//! It moves at the target's own speed (so a card's ppm and the session's rate cost no error at all), plus or
//! minus up to 1000 ppm to close the distance with a time constant of a second. Only a distance that slewing
//! would take too long to close is jumped, and the edge crossfades over that.

use crate::{
    limits::{JUMP_AFTER_REQUEST_NS, JUMP_AFTER_RESYNC_NS, JUMP_NS, SLEW_PPM_MAX, SLEW_SETTLES_NS},
    position::Position,
};

/// Which place of the stream should be heard from the start to the end of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// At the block's first frame.
    pub start: Position,
    /// At the frame after its last.
    pub end: Position,
}

/// Why the target may have stepped since the last block, and so how eagerly the cursor jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cue {
    /// A crossfade is still under way: slew whatever happens.
    Fading,
    /// It should not have: slew unless it is far away.
    Steady,
    /// The card's timeline broke.
    Resynced,
    /// Another timebase or another trim was asked for.
    Requested,
}

impl Cue {
    const fn tolerance(self) -> i128 {
        Position::span(match self {
            Self::Fading => i64::MAX,
            Self::Steady => JUMP_NS,
            Self::Resynced => JUMP_AFTER_RESYNC_NS,
            Self::Requested => JUMP_AFTER_REQUEST_NS,
        })
    }
}

/// How the cursor gets through one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance {
    /// Where the block begins.
    pub from: Position,
    /// How far each of its frames moves, in 2⁻³² stream frames.
    pub per_frame: i64,
    /// Where the last block ended, when this one begins elsewhere.
    pub jumped_from: Option<Position>,
}

/// A continuous place in the stream.
///
/// Every method is real-time safe.
#[derive(Debug, Default)]
pub struct Cursor {
    at: Option<Position>,
}

impl Cursor {
    /// A cursor that will start at its first target.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the next block begins.
    pub fn position(&self) -> Option<Position> {
        self.at
    }

    /// Moves through a block of `frames` output frames.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn advance(&mut self, target: Target, frames: u32, cue: Cue) -> Advance {
        let wanted = (target.end.0 - target.start.0).max(0);
        let error = self.at.map(|at| target.start.0 - at.0);
        let (from, step) = match (self.at, error) {
            (Some(at), Some(error)) if error.abs() <= cue.tolerance() => (at, wanted + slew(error, wanted)),
            _ => (target.start, wanted),
        };
        let frames = i128::from(frames.max(1));
        let per_frame = step.div_euclid(frames).clamp(0, i128::from(i64::MAX)) as i64;
        let jumped_from = self.at.filter(|at| *at != from);
        self.at = Some(Position(from.0 + i128::from(per_frame) * frames));
        Advance { from, per_frame, jumped_from }
    }
}

/// How much farther than `wanted` to go to close `error` gently.
fn slew(error: i128, wanted: i128) -> i128 {
    const SETTLES: i128 = Position::span(SLEW_SETTLES_NS);
    let limit = wanted * SLEW_PPM_MAX / 1_000_000;
    let gain = wanted.min(SETTLES);
    // Anything past a second slews at the limit anyway, and the product stays far inside an i128.
    let error = error.clamp(-SETTLES, SETTLES);
    (error * gain / SETTLES).clamp(-limit, limit)
}

#[cfg(test)]
mod tests;
