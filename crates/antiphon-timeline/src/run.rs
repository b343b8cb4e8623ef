//! A run: the music from one play to the next stop, as segments of constant tempo.
//!
//! Every peer that folds the same operations has the same run, and so places every tick on the
//! same nanosecond of session time and on the same frame of the canonical stream. Frame 0 of the
//! stream is the run's first tick.

use crate::{
    tempo::{Segment, Tempo},
    units::{Frames, SessionTime, Ticks},
};

/// Musical time laid on session time from one play to the next stop. Never empty; segments ascend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    segments: Vec<Segment>,
    end: Option<Ticks>,
}

impl Run {
    /// A run that starts with `from` sounding at `start`.
    pub fn new(start: SessionTime, from: Ticks, tempo: Tempo) -> Self {
        Self { segments: vec![Segment { time: start, tick: from, tempo }], end: None }
    }

    /// The same run, changing to `tempo` at tick `at`. A change at or before the last one replaces it.
    pub fn with_tempo(mut self, at: Ticks, tempo: Tempo) -> Self {
        while self.segments.len() > 1 && self.last().tick >= at {
            self.segments.pop();
        }
        let last = self.last();
        if at <= last.tick {
            self.segments[0].tempo = tempo;
        } else if last.tempo != tempo {
            let time = last.time + last.tempo.nanos_of(at - last.tick);
            self.segments.push(Segment { time, tick: at, tempo });
        }
        self
    }

    /// The same run, ending at tick `end`: nothing at or after it sounds.
    pub fn ending_at(mut self, end: Ticks) -> Self {
        self.end = Some(end);
        self
    }

    /// Session time of the first tick.
    pub fn start(&self) -> SessionTime {
        self.segments[0].time
    }

    /// The first tick.
    pub fn first_tick(&self) -> Ticks {
        self.segments[0].tick
    }

    /// The tick at which the run ends, when it does.
    pub fn end(&self) -> Option<Ticks> {
        self.end
    }

    /// The segments, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The tempo in force at `tick`.
    pub fn tempo_at(&self, tick: Ticks) -> Tempo {
        self.segment_by(|segment| segment.tick <= tick).tempo
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

    /// The first canonical frame at or after `tick`.
    ///
    /// Round up: a trigger before its frame would be lost, one after it is at most one frame late.
    pub fn frame_at(&self, tick: Ticks) -> Frames {
        Frames::at_or_after_nanos(self.time_at(tick) - self.start())
    }

    /// The tick sounding at the start of canonical frame `frame`, rounded down.
    pub fn tick_at_frame(&self, frame: Frames) -> Ticks {
        self.tick_at(self.start() + frame.nanos())
    }

    fn last(&self) -> Segment {
        self.segments[self.segments.len() - 1]
    }

    fn segment_by(&self, starts: impl Fn(&Segment) -> bool) -> Segment {
        let after = self.segments.partition_point(starts);
        self.segments[after.saturating_sub(1)]
    }
}
