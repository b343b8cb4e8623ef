//! A run: the music from one play to the next stop, as segments of constant tempo.
//!
//! Every peer that folds the same operations has the same run, and so places every tick on the same
//! nanosecond of session time and on the same frame of the canonical stream. Frames of a run count from
//! its start; the stream counts from session time 0 and runs always, so a run lies on it at
//! [`Run::first_frame`].
//!
//! Rounding is always downwards in ticks and nanoseconds and upwards in frames, so every conversion is
//! monotone, and there and back is off by less than one unit of the coarser side.

use crate::{
    limits::SEGMENTS_MAX,
    tempo::{Segment, Tempo},
    units::{Frames, SessionTime, Ticks},
};

/// Musical time laid on session time from one play to the next stop. Never empty; segments ascend.
///
/// ```
/// use antiphon_timeline::*;
/// let run = Run::new(SessionTime(2_000_000_000), Ticks::ZERO, Tempo::DEFAULT)
///     .with_tempo(Ticks::from_bars(1), Tempo::from_bpm(60.0).unwrap());
/// // A bar at 120 BPM lasts two seconds, the quarter after it at 60 BPM one.
/// assert_eq!(run.time_at(Ticks::from_bars(1) + TICKS_PER_QUARTER), SessionTime(5_000_000_000));
/// assert_eq!(run.frame_at(Ticks::from_bars(1)), Frames(96_000));
/// assert_eq!(run.stream_frame_at(Ticks::from_bars(1)), Frames(192_000));
/// assert_eq!(run.tick_at_frame(Frames(96_000)), Ticks::from_bars(1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    start: SessionTime,
    first_tick: Ticks,
    segments: Vec<Segment>,
    end: Option<Ticks>,
}

impl Run {
    /// A run that starts with `from` sounding at `start`.
    pub fn new(start: SessionTime, from: Ticks, tempo: Tempo) -> Self {
        let segments = vec![Segment { time: start, tick: from, tempo }];
        Self { start, first_tick: from, segments, end: None }
    }

    /// The same run, changing to `tempo` at tick `at`; see [`Self::set_tempo`].
    pub fn with_tempo(mut self, at: Ticks, tempo: Tempo) -> Self {
        self.set_tempo(at, tempo);
        self
    }

    /// Changes to `tempo` at tick `at` and forgets the changes after it. At or before the first tick it
    /// is the tempo of the whole run.
    ///
    /// Past [`SEGMENTS_MAX`] the oldest segment is forgotten: ticks before the second one then
    /// extrapolate from it, all others stay where they are.
    pub fn set_tempo(&mut self, at: Ticks, tempo: Tempo) {
        let kept = self.segments.partition_point(|segment| segment.tick < at).max(1);
        self.segments.truncate(kept);
        let last = self.last();
        if at <= last.tick {
            self.segments[0].tempo = tempo;
        } else if last.tempo != tempo {
            let time = last.time + last.tempo.nanos_of(at - last.tick);
            self.segments.push(Segment { time, tick: at, tempo });
        }
        if self.segments.len() > SEGMENTS_MAX {
            self.segments.remove(0);
        }
    }

    /// The same run, ending at tick `end`: nothing at or after it sounds.
    pub fn ending_at(mut self, end: Ticks) -> Self {
        self.end_at(end);
        self
    }

    pub(crate) fn end_at(&mut self, end: Ticks) {
        self.end = Some(end);
    }

    /// Session time of the first tick.
    pub fn start(&self) -> SessionTime {
        self.start
    }

    /// The first tick.
    pub fn first_tick(&self) -> Ticks {
        self.first_tick
    }

    /// The tick at which the run ends, when it does.
    pub fn end(&self) -> Option<Ticks> {
        self.end
    }

    /// When the run is over, when it ends.
    pub fn over_at(&self) -> Option<SessionTime> {
        self.end.map(|end| self.time_at(end))
    }

    /// Whether the run has ended by `now`.
    pub fn is_over(&self, now: SessionTime) -> bool {
        self.over_at().is_some_and(|over_at| over_at <= now)
    }

    /// The segments, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The tempo in force at `tick`.
    pub fn tempo_at(&self, tick: Ticks) -> Tempo {
        self.segment_by(|segment| segment.tick <= tick).tempo
    }

    /// The tempo after the last change.
    pub fn last_tempo(&self) -> Tempo {
        self.last().tempo
    }

    /// Session time of `tick`; ticks before the run extrapolate from its first segment.
    pub fn time_at(&self, tick: Ticks) -> SessionTime {
        let segment = self.segment_by(|segment| segment.tick <= tick);
        segment.time + segment.tempo.nanos_of(tick - segment.tick)
    }

    /// The tick sounding at session time `time`, rounded down.
    pub fn tick_at(&self, time: SessionTime) -> Ticks {
        let segment = self.segment_by(|segment| segment.time <= time);
        segment.tick + segment.tempo.ticks_in(time - segment.time)
    }

    /// The first frame of the run, counted from its start, at or after `tick`.
    ///
    /// Round up: a trigger before its frame would be lost, one after it is at most one frame late.
    pub fn frame_at(&self, tick: Ticks) -> Frames {
        Frames::at_or_after_nanos(self.time_at(tick) - self.start)
    }

    /// The tick sounding at frame `frame` of the run, rounded down.
    pub fn tick_at_frame(&self, frame: Frames) -> Ticks {
        self.tick_at(self.start + frame.nanos())
    }

    /// The frame of the canonical stream on which the run's frame 0 lies.
    pub fn first_frame(&self) -> Frames {
        Frames::at_or_after_nanos(self.start.0)
    }

    /// The frame of the canonical stream at which `tick` sounds.
    pub fn stream_frame_at(&self, tick: Ticks) -> Frames {
        self.first_frame() + self.frame_at(tick).0
    }

    /// The tick sounding at frame `frame` of the canonical stream, rounded down.
    pub fn tick_at_stream_frame(&self, frame: Frames) -> Ticks {
        self.tick_at_frame(Frames(frame - self.first_frame()))
    }

    fn last(&self) -> Segment {
        self.segments[self.segments.len() - 1]
    }

    fn segment_by(&self, starts: impl Fn(&Segment) -> bool) -> Segment {
        let after = self.segments.partition_point(starts);
        self.segments[after.saturating_sub(1)]
    }
}
