//! One source and the streams that take turns with it.
//!
//! A stream may vanish in the middle of a note and never call again, so it does not own the source: it has a
//! [`Seat`], and renders only while its [`Turn`] says so. Otherwise the keeper pulls the source in silence. The
//! engine thus goes on frame by frame from one card to silence to the next, and a frame is rendered once, on one
//! card: a turn begins at a frame that nobody has rendered, with a fade, and ends with one.
//!
//! The lock around the source is the one lock of the audio thread. Both sides only *try* to take it, so nobody
//! waits and no system call is made; as turns do not overlap, it is free.

use std::sync::{
    Arc, Mutex, MutexGuard, TryLockError,
    atomic::{AtomicI64, Ordering},
};

use antiphon_timeline::{CANONICAL_RATE, Frames};

use crate::{
    limits::{CROSSFADE_MS, SILENT_BLOCK_FRAMES, SILENT_CATCH_UP_NS, TURN_NEAR_FRAMES},
    position::Position,
    source::Source,
};

/// Frames that a turn fades in and out over.
const FADE_FRAMES: i64 = (CANONICAL_RATE * CROSSFADE_MS / 1000) as i64;
/// No such frame.
const NEVER: i64 = i64::MAX;
/// From wherever the stream is.
const AT_ONCE: i64 = i64::MIN;

/// The source, and how far it is.
pub(crate) struct Turns {
    slot: Mutex<Slot>,
}

struct Slot {
    source: Box<dyn Source>,
    next: Option<i64>,
    /// What is rendered in silence, to be thrown away.
    silent: Box<[f32]>,
}

impl Turns {
    pub(crate) fn new(source: Box<dyn Source>) -> Self {
        let silent = vec![0.0; 2 * SILENT_BLOCK_FRAMES].into_boxed_slice();
        let turns = Self { slot: Mutex::new(Slot { source, next: None, silent }) };
        // Some systems make a lock when it is first taken, which must not be on the audio thread.
        drop(turns.try_slot());
        turns
    }

    /// Renders in silence all frames before `end` that nobody has rendered; jumps when that is far away in either
    /// direction. Whether the source was free.
    pub(crate) fn pull_until(&self, end: i64) -> bool {
        self.try_slot().is_some_and(|mut slot| {
            slot.pull_until(end);
            true
        })
    }

    /// The frame after the last rendered one.
    pub(crate) fn next(&self) -> Option<i64> {
        self.try_slot()?.next
    }

    fn try_slot(&self) -> Option<MutexGuard<'_, Slot>> {
        match self.slot.try_lock() {
            Ok(slot) => Some(slot),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Slot {
    fn pull_until(&mut self, end: i64) {
        const FAR: i64 = (Position::span(SILENT_CATCH_UP_NS) >> 32) as i64;
        let near = self.next.filter(|next| end.abs_diff(*next) <= FAR.unsigned_abs());
        let mut next = near.unwrap_or(end);
        while next < end {
            let count =
                usize::try_from(end - next).map_or(SILENT_BLOCK_FRAMES, |n| n.min(SILENT_BLOCK_FRAMES));
            self.source.render(Frames(next), &mut self.silent[..2 * count]);
            next += count as i64;
        }
        self.next = Some(next);
    }
}

/// When one stream may render, and how far it is. Its keeper writes the first, its audio thread the second.
#[derive(Debug)]
pub(crate) struct Turn {
    /// First frame of its turn.
    from: AtomicI64,
    /// The frame at which it begins to fade out.
    until: AtomicI64,
    /// The frame after the last that it asked for.
    asked: AtomicI64,
}

impl Turn {
    /// A stream that renders as soon as it knows what to.
    pub(crate) const fn at_once() -> Self {
        Self { from: AtomicI64::new(AT_ONCE), until: AtomicI64::new(NEVER), asked: AtomicI64::new(NEVER) }
    }

    /// A stream that waits for its turn.
    pub(crate) const fn waiting() -> Self {
        Self { from: AtomicI64::new(NEVER), until: AtomicI64::new(NEVER), asked: AtomicI64::new(NEVER) }
    }

    /// It renders from `from` on.
    pub(crate) fn grant(&self, from: i64) {
        self.until.store(NEVER, Ordering::Relaxed);
        self.from.store(from, Ordering::Release);
    }

    /// It renders nothing from its next block on, and has asked for nothing yet.
    pub(crate) fn revoke(&self) {
        self.from.store(NEVER, Ordering::Release);
        self.asked.store(NEVER, Ordering::Relaxed);
    }

    /// It fades out from `until` on.
    pub(crate) fn end_at(&self, until: i64) {
        self.until.store(until, Ordering::Relaxed);
    }

    /// The frame after the last that it asked for, once it knows its place in the stream.
    pub(crate) fn asked(&self) -> Option<i64> {
        Some(self.asked.load(Ordering::Relaxed)).filter(|asked| *asked != NEVER)
    }

    /// Whether it has faded out.
    pub(crate) fn has_ended(&self) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        until != NEVER && self.asked().is_some_and(|asked| asked.saturating_sub(until) >= FADE_FRAMES)
    }
}

/// A stream's place at the source.
pub(crate) struct Seat {
    turns: Arc<Turns>,
    turn: Arc<Turn>,
    /// The beginning of the turn that has been faded in already.
    begun: i64,
}

impl Seat {
    pub(crate) fn new(turns: Arc<Turns>, turn: Arc<Turn>) -> Self {
        // The edge fades in by itself where it starts to play.
        Self { turns, turn, begun: AT_ONCE }
    }
}

impl Source for Seat {
    fn render(&mut self, first: Frames, out: &mut [f32]) {
        let first = first.0;
        let end = first.saturating_add((out.len() / 2) as i64);
        self.turn.asked.store(end, Ordering::Relaxed);
        let from = self.turn.from.load(Ordering::Acquire);
        if from == NEVER {
            return out.fill(0.0);
        }
        // A session that was moved far away does not wait until it is back.
        if from != self.begun && (first.saturating_sub(from) >= FADE_FRAMES || is_far(first, from)) {
            self.begun = from;
        }
        let start = if self.begun == from { first } else { from.clamp(first, end) };
        let (before, mine) = out.split_at_mut(2 * (start - first) as usize);
        before.fill(0.0);
        let rendered = self.turns.try_slot().map(|mut slot| {
            if !mine.is_empty() {
                slot.source.render(Frames(start), mine);
                slot.next = Some(end);
            }
        });
        if rendered.is_none() {
            return mine.fill(0.0);
        }
        if self.begun != from {
            fade(mine, start - from, |x| x);
        }
        let until = self.turn.until.load(Ordering::Relaxed);
        if until < end && !is_far(first, until) {
            fade(mine, start - until, |x| 1.0 - x);
        }
    }
}

fn is_far(one: i64, other: i64) -> bool {
    one.abs_diff(other) > TURN_NEAR_FRAMES.unsigned_abs()
}

/// Applies `gain` of how far each frame is through a fade that began `since` frames before the first.
fn fade(out: &mut [f32], since: i64, gain: impl Fn(f32) -> f32) {
    for (at, frame) in (since..).zip(out.as_chunks_mut::<2>().0) {
        let x = at.clamp(0, FADE_FRAMES) as f32 / FADE_FRAMES as f32;
        let gain = gain(x * x * (3.0 - 2.0 * x));
        frame[0] *= gain;
        frame[1] *= gain;
    }
}

#[cfg(test)]
mod tests;
