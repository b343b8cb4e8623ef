//! A run laid on the canonical stream: at which frame a hit sounds.

use antiphon_timeline::{Frames, Run, Ticks};

use crate::score::SLOWEST_STEP;

/// The run with its two ends as stream frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Laid<'a> {
    pub run: &'a Run,
    /// The frame of the first tick.
    pub origin: i64,
    /// The first frame after the run.
    pub end: i64,
}

impl<'a> Laid<'a> {
    pub(crate) fn new(run: &'a Run) -> Self {
        let origin = Frames::at_or_after_nanos(run.start().0).0;
        let end = run.end().map_or(i64::MAX, |end| origin.saturating_add(run.frame_at(end).0));
        Self { run, origin, end }
    }

    /// The frame of a tick.
    pub(crate) fn frame(&self, tick: Ticks) -> i64 {
        self.origin.saturating_add(self.run.frame_at(tick).0)
    }

    /// The frame at which a hit sounds; `None` outside of the run. What a run begins with sounds at its first frame,
    /// also where it is played early.
    pub(crate) fn sounding_frame(&self, nominal: Ticks, tick: Ticks) -> Option<i64> {
        let frame = self.frame(tick);
        let frame = if nominal >= self.run.first_tick() { frame.max(self.origin) } else { frame };
        (self.origin <= frame && frame < self.end).then_some(frame)
    }

    /// A tick such that everything at or after `frame` lies at or after it, at most two frames early.
    pub(crate) fn tick_before(&self, frame: i64) -> Ticks {
        // Frames are rounded up: a hit of this frame can lie almost a frame before it.
        let frame = frame.max(self.origin).saturating_sub(self.origin).saturating_sub(2);
        self.run.tick_at_frame(Frames(frame))
    }

    /// Does time pass here? A run that a peer laid at the end of all time has none.
    pub(crate) fn flows_at(&self, tick: Ticks) -> bool {
        self.frame(tick) < self.frame(tick + SLOWEST_STEP)
    }
}
