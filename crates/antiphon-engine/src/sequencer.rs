//! When the next step sounds.
//!
//! Steps are counted from tick 0 of the session, whatever a run begins with; a track's own step is the absolute one
//! modulo its length. So whoever joins late or seeks lands in phase. A step sounds at the first frame at or
//! after its (swung) tick. The sequencer keeps the number of the next step rather than a time: when swing or
//! tempo change under it, each step still sounds exactly once.

use antiphon_timeline::{Frames, Run, TICKS_PER_STEP, Ticks, swung_tick};

use crate::limits::LATE_START_FRAMES;

/// Steps walked from the one before the position to the first that is not past: three at most, unless a run lies so
/// far from all music that its times saturate.
const WALK_MAX: usize = 4;

/// What a new run means for the notes that sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunChange {
    /// They go on.
    Continues,
    /// They stop.
    Breaks,
}

/// What happens next on the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Step(i64),
    End,
}

#[derive(Default)]
pub(crate) struct Sequencer {
    run: Option<Box<Run>>,
    swing_percent: u8,
    /// Stream frame at which the run begins.
    origin: i64,
    /// Stream frame at which it ends.
    end: i64,
    next_step: i64,
    next_frame: i64,
    over: bool,
}

impl Sequencer {
    /// Replaces the run at stream frame `now` (`None`: nothing was played yet). Gives back the old one.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn set_run(
        &mut self,
        run: Option<Box<Run>>,
        now: Option<i64>,
    ) -> (RunChange, Option<Box<Run>>) {
        let old = std::mem::replace(&mut self.run, run);
        let continues = match (&old, &self.run) {
            (Some(old), Some(new)) => old.start() == new.start() && old.first_tick() == new.first_tick(),
            (None, None) => true,
            _ => false,
        };
        let was_over = std::mem::replace(&mut self.over, self.run.is_none());
        self.locate_ends();
        let Some(now) = now else { return (RunChange::Continues, old) };
        if continues && !was_over && self.run.is_some() {
            self.keep_step(now);
            return (RunChange::Continues, old);
        }
        self.seek(now);
        (if continues { RunChange::Continues } else { RunChange::Breaks }, old)
    }

    fn locate_ends(&mut self) {
        if let Some(run) = &self.run {
            self.origin = Frames::at_or_after_nanos(run.start().0).0;
            self.end = run.end().map_or(i64::MAX, |end| self.origin.saturating_add(run.frame_at(end).0));
        }
    }

    /// Changes the swing at stream frame `now`.
    pub(crate) fn set_swing(&mut self, percent: u8) {
        self.swing_percent = percent;
        self.next_frame = self.frame_of(self.next_step);
    }

    /// Goes to the first step at or after stream frame `now`.
    pub(crate) fn seek(&mut self, now: i64) {
        let Some(run) = &self.run else { return };
        self.over = false;
        let first_step = first_step_at_or_after(run.first_tick(), self.swing_percent);
        let position = run.tick_at_frame(Frames(now.saturating_sub(self.origin)));
        // Swing delays by less than a step: start one early and walk.
        let mut step = first_step.max(position.0.div_euclid(TICKS_PER_STEP) - 1);
        let late = LATE_START_FRAMES;
        if step == first_step && (now - late..now).contains(&self.frame_of(step)) {
            self.aim_at(step);
            return;
        }
        for _ in 0..WALK_MAX {
            if self.frame_of(step) >= now {
                break;
            }
            step += 1;
        }
        self.aim_at(step);
    }

    /// Stays on the next step, unless the tempo moved the music by more than that.
    fn keep_step(&mut self, now: i64) {
        let step = self.next_step;
        self.seek(now);
        if (step - self.next_step).abs() <= 1 {
            self.aim_at(step);
        }
    }

    fn aim_at(&mut self, step: i64) {
        self.next_step = step;
        self.next_frame = self.frame_of(step);
    }

    fn frame_of(&self, step: i64) -> i64 {
        self.frame_of_tick(swung_tick(step, self.swing_percent))
    }

    fn frame_of_tick(&self, tick: Ticks) -> i64 {
        self.run.as_ref().map_or(i64::MAX, |run| self.origin.saturating_add(run.frame_at(tick).0))
    }

    /// The frame of the next event: in the past when it moved there, to be played at once.
    pub(crate) fn next_event_frame(&self) -> i64 {
        if self.over { i64::MAX } else { self.next_frame.min(self.end) }
    }

    /// Takes the event that is due at stream frame `now`, if any.
    pub(crate) fn take_event(&mut self, now: i64) -> Option<Event> {
        if self.next_event_frame() > now {
            return None;
        }
        if self.end <= now {
            self.over = true;
            return Some(Event::End);
        }
        let step = self.next_step;
        self.aim_at(step + 1);
        Some(Event::Step(step))
    }

    /// How many frames a note of `ticks` lasts that begins with `step`.
    pub(crate) fn frames_of_note(&self, step: i64, ticks: i64) -> u64 {
        let tick = swung_tick(step, self.swing_percent);
        let frames = self.frame_of_tick(tick + ticks).saturating_sub(self.frame_of_tick(tick));
        frames.max(1) as u64
    }
}

fn first_step_at_or_after(tick: Ticks, swing_percent: u8) -> i64 {
    let step = tick.0.div_euclid(TICKS_PER_STEP);
    if swung_tick(step, swing_percent) >= tick { step } else { step + 1 }
}
