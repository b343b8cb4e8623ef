//! The metronome: a click on every beat of the run's meter, for one person.
//!
//! It belongs to a device as [`Ears`](crate::Ears) do: it is added to the stream behind the master and its limiter, past
//! the meters, and no render or beat contains it. Switched off it leaves every bit of the stream alone.
//!
//! It remembers nothing of the music. For every block it asks the run which beats lie in it, so a change of tempo
//! or meter, a relocation or a jump needs no word of its own; a change of the plan does not concern it. The frame of a
//! click is the frame at which a step on that beat sounds.
//!
//! A **count-in** belongs to the run: everybody who plays it hears the beats of the [`Run::count_in`] ticks before
//! its first, also with the metronome off, each at their own volume.

mod click;

use antiphon_model::Gain;
use antiphon_timeline::{Frames, Run, SessionTime, Ticks};
use click::{Click, Clicks};

use crate::{compile, laid::Laid, limits::LATE_START_FRAMES};

/// Frames between two beats at the least: sixteenths at 999 BPM are 720 apart. Bounds what one block looks at, whatever
/// run is laid.
const BEAT_FRAMES_MIN: usize = 512;

/// One device's metronome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Metronome {
    /// Does it click while the music plays?
    pub on: bool,
    /// How loud it clicks, counting in as well.
    pub volume: Gain,
}

/// The audio thread's part of it.
pub(crate) struct Clicker {
    on: bool,
    gain: f32,
    clicks: Clicks,
    /// Where the next block begins unless the stream jumps.
    next: Option<i64>,
    /// The last beat that clicked: a run that changes under it does not click it again.
    last: Option<Clicked>,
    /// A run arrived: what it begins with may lie a little back.
    run_is_new: bool,
}

/// A beat of a run, which is known by what two changes of one run have in common.
#[derive(Clone, Copy)]
struct Clicked {
    start: SessionTime,
    first_tick: Ticks,
    beat: Ticks,
}

impl Clicker {
    pub(crate) fn new() -> Self {
        let Metronome { on, volume } = Metronome::default();
        let gain = compile::gain(volume);
        Self { on, gain, clicks: Clicks::new(), next: None, last: None, run_is_new: false }
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn set(&mut self, on: bool, gain: f32) {
        (self.on, self.gain) = (on, gain);
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn handle_new_run(&mut self) {
        self.run_is_new = true;
    }

    /// Adds the clicks of the block that begins at stream frame `first`.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn add(&mut self, first: Frames, run: Option<&Run>, out: &mut [f32]) {
        let first = first.0;
        let goes_on = self.next == Some(first);
        let run_is_new = std::mem::take(&mut self.run_is_new);
        if !goes_on {
            self.last = None;
        }
        if let Some(run) = run.filter(|run| self.on || run.count_in() > Ticks::ZERO) {
            // Like a step, a beat that a new run brings a moment late is heard late rather than missed.
            let late = if goes_on && run_is_new { LATE_START_FRAMES } else { 0 };
            self.start_due(&Laid::new(run), first.saturating_sub(late), first, out.len() / 2);
        }
        self.clicks.add(out);
        self.next = Some(first.saturating_add(out.len() as i64 / 2));
    }

    /// Starts the clicks that lie between frame `from` and the end of the block.
    fn start_due(&mut self, laid: &Laid<'_>, from: i64, first: i64, frames: usize) {
        let end = first.saturating_add(frames as i64).min(laid.end);
        // A frame lies up to one frame after its tick: begin two earlier, and skip what is too early.
        let mut beat = laid.run.next_beat(laid.run.tick_at_stream_frame(Frames(from.saturating_sub(2))));
        for _ in 0..frames / BEAT_FRAMES_MIN + 8 {
            let frame = laid.frame(beat);
            if frame >= end {
                return;
            }
            if frame >= from && self.is_counted(laid.run, beat) && self.is_after_the_last(laid.run, beat) {
                self.last =
                    Some(Clicked { start: laid.run.start(), first_tick: laid.run.first_tick(), beat });
                let accent = laid.run.bar_at(beat).start == beat;
                let wait = frame.saturating_sub(first).max(0) as usize;
                self.clicks.start(if accent { Click::Accent } else { Click::Beat }, self.gain, wait);
            }
            beat = laid.run.next_beat(beat + 1);
        }
    }

    /// Does the beat click: in the run while the metronome is on, before it as far as the run is counted in?
    fn is_counted(&self, run: &Run, beat: Ticks) -> bool {
        let begin = run.first_tick();
        if beat >= begin { self.on } else { begin - beat <= run.count_in().0 }
    }

    fn is_after_the_last(&self, run: &Run, beat: Ticks) -> bool {
        self.last.is_none_or(|last| {
            (last.start, last.first_tick) != (run.start(), run.first_tick()) || beat > last.beat
        })
    }
}
