//! A run: the music from one play to the next stop, as segments of constant tempo and ramps, in bars of its meters.
//!
//! Every peer that folds the same operations has the same run, and so places every tick on the same
//! nanosecond of session time and on the same frame of the canonical stream. Frames of a run count from
//! its start; the stream counts from session time 0 and runs always, so a run lies on it at
//! [`Run::first_frame`].
//!
//! Rounding is always downwards in ticks and nanoseconds and upwards in frames, so every conversion is
//! monotone, and there and back is off by less than one unit of the coarser side.

use crate::{
    limits::{COUNT_IN_MAX, METERS_MAX, RAMP_MAX_NS, SEGMENTS_MAX},
    meter::{Bar, Meter, Meters},
    quantum::Quantum,
    ramp::Ramp,
    tempo::{Segment, Tempo},
    units::{Frames, SessionTime, TICKS_PER_STEP, Ticks, clamp_i64},
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
    meters: Meters,
    count_in: Ticks,
    end: Option<Ticks>,
}

impl Run {
    /// A run that starts with `from` sounding at `start`, in 4/4.
    pub fn new(start: SessionTime, from: Ticks, tempo: Tempo) -> Self {
        let segments = vec![Segment::steady(start, from, tempo)];
        let meters = Meters::of(Meter::DEFAULT);
        Self { start, first_tick: from, segments, meters, count_in: Ticks::ZERO, end: None }
    }

    /// The same run, changing to `tempo` at tick `at`; see [`Self::set_tempo`].
    pub fn with_tempo(mut self, at: Ticks, tempo: Tempo) -> Self {
        self.set_tempo(at, tempo);
        self
    }

    /// The same run, gliding to `tempo` from tick `at` on; see [`Self::set_ramp`].
    pub fn with_ramp(mut self, at: Ticks, tempo: Tempo, over_ns: i64) -> Self {
        self.set_ramp(at, tempo, over_ns);
        self
    }

    /// The same run, in `meter` from the first bar line at or after `at` on; see [`Self::set_meter`].
    pub fn with_meter(mut self, at: Ticks, meter: Meter) -> Self {
        self.set_meter(at, meter);
        self
    }

    /// The same run, with `ticks` counted in before it (held to 0 to [`COUNT_IN_MAX`]).
    pub fn with_count_in(mut self, ticks: Ticks) -> Self {
        self.count_in = ticks.clamp(Ticks::ZERO, COUNT_IN_MAX);
        self
    }

    /// Changes to `tempo` at tick `at` and forgets the changes after it. At or before the first tick it
    /// is the tempo of the whole run.
    ///
    /// Past [`SEGMENTS_MAX`] the oldest segment is forgotten: ticks before the second one then
    /// extrapolate from it, all others stay where they are.
    pub fn set_tempo(&mut self, at: Ticks, tempo: Tempo) {
        self.set_ramp(at, tempo, 0);
    }

    /// Glides to `tempo` over `over_ns` (held to 0 to [`RAMP_MAX_NS`]) from tick `at` on, linearly in session time, and
    /// forgets the changes after `at`. Otherwise like [`Self::set_tempo`].
    pub fn set_ramp(&mut self, at: Ticks, tempo: Tempo, over_ns: i64) {
        let kept = self.segments.partition_point(|segment| segment.tick < at).max(1);
        self.segments.truncate(kept);
        let last = self.last();
        let from = if at <= last.tick {
            self.segments.pop();
            Segment { ramp: None, ..last }
        } else {
            Segment::steady(last.time_at(at), at, last.tempo_at(at))
        };
        let over_ns = over_ns.clamp(0, RAMP_MAX_NS);
        if over_ns == 0 || from.tempo == tempo {
            self.push(Segment { tempo, ..from });
        } else {
            let ramp = Segment { ramp: Some(Ramp { to: tempo, over_ns }), ..from };
            let end = ramp.time + over_ns;
            self.push(ramp);
            self.push(Segment::steady(end, ramp.tick_at(end), tempo));
        }
    }

    /// Changes to `meter` at the first bar line at or after `at` and forgets the changes after it. At or before tick 0
    /// it is the meter of the whole run.
    pub fn set_meter(&mut self, at: Ticks, meter: Meter) {
        self.meters.set(at, meter, METERS_MAX);
    }

    /// The same run, ending at tick `end`: nothing at or after it sounds.
    pub fn ending_at(mut self, end: Ticks) -> Self {
        self.end = Some(end);
        self
    }

    /// A run that takes over at `start` with `from`: its tempo is at every time what that of this one would have been,
    /// changes ahead and ramps included, and its meter is the last one from tick 0 on.
    pub(crate) fn moved_to(&self, start: SessionTime, from: Ticks) -> Self {
        let mut moved = Self::new(start, from, self.tempo_at(self.tick_at(start)));
        let after = self.segments.partition_point(|segment| segment.time <= start);
        let begun = self.segments.get(after.saturating_sub(1)).copied();
        if let Some((segment, ramp)) = begun.and_then(|segment| Some((segment, segment.ramp?))) {
            let left = segment.time + ramp.over_ns - start;
            moved.set_ramp(from, ramp.to, left.min(ramp.over_ns));
        }
        for segment in self.segments.iter().skip(after.max(1)) {
            let at = moved.tick_at(segment.time);
            let (to, over_ns) = segment.ramp.map_or((segment.tempo, 0), |ramp| (ramp.to, ramp.over_ns));
            moved.set_ramp(at, to, over_ns);
        }
        moved.set_meter(Ticks::ZERO, self.last_meter());
        moved
    }

    /// Ends at `end`, or where it did when that is earlier.
    pub(crate) fn end_by(&mut self, end: Ticks) {
        self.end = Some(self.end.map_or(end, |earlier| earlier.min(end)));
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

    /// How many ticks are counted in before the first one; they sound before [`Self::start`].
    pub fn count_in(&self) -> Ticks {
        self.count_in
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
        self.segment_by(|segment| segment.tick <= tick).tempo_at(tick)
    }

    /// When the last change of tempo was, or the end of the last ramp is.
    pub fn last_change(&self) -> SessionTime {
        self.last().time
    }

    /// The tempo after the last change.
    pub fn last_tempo(&self) -> Tempo {
        self.last().tempo
    }

    /// The meters, each with the tick from which on it holds.
    pub fn meters(&self) -> impl Iterator<Item = (Ticks, Meter)> {
        self.meters.changes()
    }

    /// The meter in force at `tick`.
    pub fn meter_at(&self, tick: Ticks) -> Meter {
        self.bar_at(tick).meter
    }

    /// The meter after the last change.
    pub fn last_meter(&self) -> Meter {
        self.meters.last()
    }

    /// The bar that holds `tick`.
    pub fn bar_at(&self, tick: Ticks) -> Bar {
        self.meters.bar_at(tick)
    }

    /// The first tick of bar `number`, counted from 0 at tick 0.
    pub fn bar_start(&self, number: i64) -> Ticks {
        self.meters.bar(number).start
    }

    /// The first sixteenth at or after `tick`.
    pub fn next_step(&self, tick: Ticks) -> Ticks {
        let steps = -(-i128::from(tick.0)).div_euclid(TICKS_PER_STEP.into());
        Ticks::from_steps(clamp_i64(steps))
    }

    /// The first beat at or after `tick`.
    pub fn next_beat(&self, tick: Ticks) -> Ticks {
        let bar = self.bar_at(tick);
        let beat = bar.meter.beat().0;
        let beats = (tick - bar.start).saturating_add(beat - 1).div_euclid(beat);
        bar.start + beats * beat
    }

    /// The first bar line at or after `tick`.
    pub fn next_bar(&self, tick: Ticks) -> Ticks {
        self.meters.line_at_or_after(tick).start
    }

    /// The first line at or after `tick` of a bar whose number four divides.
    pub fn next_four_bars(&self, tick: Ticks) -> Ticks {
        let number = self.meters.line_at_or_after(tick).number;
        self.bar_start(number.saturating_add(3).div_euclid(4).saturating_mul(4))
    }

    /// The first place on the grid of `quantum` at or after `tick`.
    pub fn next(&self, quantum: Quantum, tick: Ticks) -> Ticks {
        match quantum {
            Quantum::Now => self.next_step(tick),
            Quantum::Beat => self.next_beat(tick),
            Quantum::Bar => self.next_bar(tick),
            Quantum::FourBars => self.next_four_bars(tick),
        }
    }

    /// Session time of `tick`; ticks before the run extrapolate from its first segment.
    pub fn time_at(&self, tick: Ticks) -> SessionTime {
        self.segment_by(|segment| segment.tick <= tick).time_at(tick)
    }

    /// The tick sounding at session time `time`, rounded down.
    pub fn tick_at(&self, time: SessionTime) -> Ticks {
        self.segment_by(|segment| segment.time <= time).tick_at(time)
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

    /// Adds a segment behind the last, unless it changes nothing or begins before the last has begun.
    fn push(&mut self, segment: Segment) {
        let Some(last) = self.segments.last_mut() else {
            self.segments.push(segment);
            return;
        };
        if segment.tick <= last.tick {
            *last = Segment { tempo: segment.tempo, ramp: None, ..*last };
        } else if last.ramp.is_some() || segment.ramp.is_some() || last.tempo != segment.tempo {
            self.segments.push(segment);
        }
        if self.segments.len() > SEGMENTS_MAX {
            self.segments.remove(0);
        }
    }

    fn last(&self) -> Segment {
        self.segments[self.segments.len() - 1]
    }

    fn segment_by(&self, starts: impl Fn(&Segment) -> bool) -> Segment {
        let after = self.segments.partition_point(starts);
        self.segments[after.saturating_sub(1)]
    }
}
