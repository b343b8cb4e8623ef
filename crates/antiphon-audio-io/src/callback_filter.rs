//! From jittery callback timestamps to a smooth line: when is which frame of the card heard?
//!
//! Each callback says when its first frame will be played. What it says is the truth plus a delay: the thread
//! woke late, the driver's counter was stale. Delays vary and are never negative, so the *earliest* timestamps
//! are the honest ones, and the line we want is the lower envelope of all of them. (A mean, a least-squares line
//! or a delay-locked loop estimates the mean delay too, and that differs between two machines.)
//!
//! - Of every 50 ms only the earliest timestamp is kept, for 20 s.
//! - The slope is that of the lower convex hull around the middle of the window; the height is the lowest
//!   that all points allow. Until 2 s have been seen, the slope is the nominal one and the window half a second.
//! - A timestamp far off the line (1 ms late, 0.25 ms early) is ignored. When six are off and agree with each
//!   other, and none was near the line meanwhile, the card's timeline broke (an xrun, a new route): the line moves
//!   there and keeps its slope. Late ones among early ones prove nothing, they are ordinary. Starting is the
//!   same thing: there is no line until six agree.
//! - A card whose outliers never agree is simply noisier than that. After two dozen of them the line moves to the
//!   next one and the gate opens twice as wide; it closes again slowly while timestamps fit.

mod agreement;

use agreement::Agreement;
use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use crate::limits::{
    FILTER_AGREE_NS, FILTER_AGREEING, FILTER_CHORD_SECONDS_MIN, FILTER_EARLY_NS, FILTER_GATE_CLOSES,
    FILTER_GATE_MAX, FILTER_GIVES_UP_AFTER, FILTER_GROUP_SECONDS, FILTER_GROUPS_MAX, FILTER_LATE_NS,
    FILTER_LEARNS_AFTER_SECONDS, FILTER_RATE_PPM_MAX, FILTER_SPREAD_LEARNT_FROM_NS, FILTER_START_SECONDS,
    FILTER_WINDOW_SECONDS,
};

/// What became of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// There is no line yet.
    Starting,
    /// It is near the line and counts.
    Kept,
    /// It is far off the line, and for now alone with that.
    Ignored,
    /// It is one of several that agree on another line: that is the line now.
    Resynced,
}

/// A timestamp as the filter sees it: frames from the reference, and how much later than the nominal
/// rate would have it.
#[derive(Debug, Clone, Copy, Default)]
struct Point {
    frames: f64,
    late_ns: f64,
}

/// The line: `late_ns = height + slope * frames`.
#[derive(Debug, Clone, Copy)]
struct Line {
    height: f64,
    slope: f64,
}

impl Line {
    fn at(&self, frames: f64) -> f64 {
        self.height + self.slope * frames
    }
}

/// Outliers that agree with each other, while none was near the line.
#[derive(Debug, Clone, Copy, Default)]
struct Suspects {
    agreeing: u32,
    seen: u32,
    first: Point,
    earliest: Point,
}

impl Suspects {
    /// Adds one more; once enough agree, the earliest of them.
    fn add(&mut self, point: Point, slope: f64) -> Option<Point> {
        let relative = |point: Point| point.late_ns - slope * point.frames;
        self.seen += 1;
        if self.agreeing > 0 && (relative(point) - relative(self.first)).abs() <= FILTER_AGREE_NS {
            self.agreeing += 1;
            if relative(point) < relative(self.earliest) {
                self.earliest = point;
            }
        } else {
            (self.agreeing, self.first, self.earliest) = (1, point, point);
        }
        (self.agreeing >= FILTER_AGREEING).then_some(self.earliest)
    }
}

/// The lower envelope of a card's callback times: frame of the card ↔ host time.
///
/// Every method is real-time safe: no allocation, lock or system call.
#[derive(Debug)]
pub struct CallbackFilter {
    rate: f64,
    nominal_ns: f64,
    origin: Option<HostTime>,
    line: Option<Line>,
    learnt_slope: f64,
    learnt: bool,
    /// The earliest of each past group, oldest first.
    points: Box<[Point]>,
    held: usize,
    group: Option<Group>,
    early: Suspects,
    late: Suspects,
    agreement: Agreement,
    /// How many times wider than usual the gate is.
    gate: f64,
    hull: Box<[Point]>,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    starts: f64,
    earliest: Point,
}

impl CallbackFilter {
    /// A filter for a card of `rate` frames per second. Allocates; what follows does not.
    pub fn new(rate: u32) -> Self {
        let rate = f64::from(rate.max(1));
        Self {
            rate,
            nominal_ns: NANOS_PER_SECOND as f64 / rate,
            origin: None,
            line: None,
            learnt_slope: 0.0,
            learnt: false,
            points: vec![Point::default(); FILTER_GROUPS_MAX].into_boxed_slice(),
            held: 0,
            group: None,
            early: Suspects::default(),
            late: Suspects::default(),
            agreement: Agreement::new(),
            gate: 1.0,
            hull: vec![Point::default(); FILTER_GROUPS_MAX].into_boxed_slice(),
        }
    }

    /// Starts from what was learnt of this card's rate earlier.
    pub fn assume_rate_ppm(&mut self, ppm: f64) {
        let limited = ppm.clamp(-FILTER_RATE_PPM_MAX, FILTER_RATE_PPM_MAX);
        self.learnt_slope = -self.nominal_ns * limited / (1e6 + limited);
    }

    /// Forgets the line, but not the rate: as at the start, there is none until several callbacks agree.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn restart(&mut self) {
        self.line = None;
        (self.early, self.late) = Default::default();
        self.agreement.forget();
        (self.held, self.group, self.gate) = (0, None, 1.0);
    }

    /// Whether the rate was learnt from this card.
    pub fn has_learnt(&self) -> bool {
        self.learnt
    }

    /// Takes note that the card says it will play its frame `frame` at `at`.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn observe(&mut self, frame: i64, at: HostTime) -> Observed {
        let origin = *self.origin.get_or_insert(at);
        let frames = frame as f64;
        let point = Point { frames, late_ns: at.saturating_since(origin) as f64 - frames * self.nominal_ns };
        let observed = self.judge(point);
        if observed == Observed::Resynced {
            self.agreement.forget();
        }
        let asks = self.agreement.add(point, self.learnt_slope, self.rate);
        if asks && self.follow_agreement(frames) { Observed::Resynced } else { observed }
    }

    /// Takes a timestamp by its distance from the line.
    fn judge(&mut self, point: Point) -> Observed {
        let off = self.line.map(|line| point.late_ns - line.at(point.frames));
        match off {
            Some(off) if passes(off / self.gate) => {
                (self.early, self.late) = Default::default();
                if passes(2.0 * off / self.gate) {
                    self.gate = 1.0 + (self.gate - 1.0) * FILTER_GATE_CLOSES;
                }
                self.keep(point);
                Observed::Kept
            }
            Some(off) if off < 0.0 => {
                self.late = Suspects::default();
                let start = self.early.add(point, self.learnt_slope);
                let start = start.or_else(|| self.widen(self.early.seen, point));
                self.restart_at(start, Observed::Ignored)
            }
            off => {
                let start = self.late.add(point, self.learnt_slope);
                let start = start.or_else(|| self.widen(self.late.seen, point));
                self.restart_at(start, if off.is_some() { Observed::Ignored } else { Observed::Starting })
            }
        }
    }

    /// Moves to the line that the newest second agrees on, if that is not this one.
    fn follow_agreement(&mut self, now: f64) -> bool {
        let agreed = self.line.and_then(|line| self.agreement.against(line, self.learnt, self.nominal_ns));
        let Some(agreed) = agreed else {
            return false;
        };
        self.learnt_slope = agreed.slope;
        self.gate = 1.0;
        self.agreement.forget();
        self.restart_at(Some(Point { frames: now, late_ns: agreed.at(now) }), Observed::Ignored);
        true
    }

    /// Gives up on agreement.
    fn widen(&mut self, seen: u32, at: Point) -> Option<Point> {
        (seen >= FILTER_GIVES_UP_AFTER).then(|| {
            self.gate = (self.gate * 2.0).min(FILTER_GATE_MAX);
            at
        })
    }

    /// When frame `frame` is played; nothing before the filter has started.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn host_at(&self, frame: i64) -> Option<HostTime> {
        let (origin, line) = (self.origin?, self.line?);
        let frames = frame as f64;
        Some(origin + (frames * self.nominal_ns + line.at(frames)).round() as i64)
    }

    /// The card's rate by the host's clock, in parts per million above the nominal one.
    pub fn rate_ppm(&self) -> f64 {
        -self.learnt_slope / (self.nominal_ns + self.learnt_slope) * 1e6
    }

    fn restart_at(&mut self, start: Option<Point>, otherwise: Observed) -> Observed {
        let Some(at) = start else {
            return otherwise;
        };
        (self.early, self.late) = Default::default();
        self.held = 0;
        self.group = Some(Group { starts: at.frames, earliest: at });
        let slope = self.learnt_slope;
        self.line = Some(Line { height: at.late_ns - slope * at.frames, slope });
        Observed::Resynced
    }

    fn keep(&mut self, point: Point) {
        let slope = self.learnt_slope;
        let relative = |point: Point| point.late_ns - slope * point.frames;
        let group = self.group.get_or_insert(Group { starts: point.frames, earliest: point });
        if relative(point) < relative(group.earliest) {
            group.earliest = point;
        }
        let (earliest, span) = (group.earliest, point.frames - group.starts);
        if span >= FILTER_GROUP_SECONDS * self.rate {
            self.group = None;
            self.push(earliest);
            self.fit();
        } else if let Some(line) = &mut self.line {
            // Between fits the envelope still holds: no point may lie under the line.
            line.height = line.height.min(earliest.late_ns - line.slope * earliest.frames);
        }
    }

    fn push(&mut self, point: Point) {
        let window = FILTER_WINDOW_SECONDS * self.rate;
        let old = self.points[..self.held].partition_point(|held| held.frames < point.frames - window);
        let old = if self.held == self.points.len() { old.max(1) } else { old };
        self.points.copy_within(old..self.held, 0);
        self.held -= old;
        self.points[self.held] = point;
        self.held += 1;
    }

    fn fit(&mut self) {
        let [first, .., last] = self.points[..self.held] else {
            return;
        };
        let seconds = (last.frames - first.frames) / self.rate;
        if let Some(slope) = self.hull_slope()
            && seconds >= self.seconds_to_learn(slope)
        {
            let limit = FILTER_RATE_PPM_MAX * 1e-6 * self.nominal_ns;
            self.learnt_slope = slope.clamp(-limit, limit);
            self.learnt = true;
        }
        let reach = if self.learnt { FILTER_WINDOW_SECONDS } else { FILTER_START_SECONDS };
        let (_, height) = self.spread(self.learnt_slope, last.frames - reach * self.rate);
        self.line = Some(Line { height, slope: self.learnt_slope });
    }

    /// How long a window must be before its slope says more about the card than about the noise.
    fn seconds_to_learn(&self, slope: f64) -> f64 {
        let (spread_ns, _) = self.spread(slope, f64::NEG_INFINITY);
        let longer = (spread_ns / FILTER_SPREAD_LEARNT_FROM_NS).max(1.0);
        (FILTER_LEARNS_AFTER_SECONDS * longer).min(FILTER_WINDOW_SECONDS - 1.0)
    }

    /// How far the points since `since` lie above the line of `slope` under them on average, and its height.
    fn spread(&self, slope: f64, since: f64) -> (f64, f64) {
        let recent = self.points[..self.held].iter().filter(|point| point.frames >= since);
        let heights = recent.map(|point| point.late_ns - slope * point.frames);
        let (lowest, sum, count) = heights.fold((f64::INFINITY, 0.0, 0.0), |(low, sum, n), height| {
            (height.min(low), sum + height, n + 1.0)
        });
        (sum / count - lowest, lowest)
    }

    /// The slope of the lower hull around the window's middle, unless its chord there is too short.
    fn hull_slope(&mut self) -> Option<f64> {
        let mut size = 0;
        for &point in &self.points[..self.held] {
            while size >= 2 && !turns_up(self.hull[size - 2], self.hull[size - 1], point) {
                size -= 1;
            }
            self.hull[size] = point;
            size += 1;
        }
        let hull = &self.hull[..size];
        let (first, last) = (hull.first()?.frames, hull.last()?.frames);
        let (middle, reach) = ((first + last) / 2.0, (last - first) / 8.0);
        let right = hull.partition_point(|point| point.frames < middle + reach).min(size - 1);
        let left = hull.partition_point(|point| point.frames <= middle - reach).saturating_sub(1);
        let (left, right) = (hull[left], hull[right]);
        let span = right.frames - left.frames;
        (span >= FILTER_CHORD_SECONDS_MIN * self.rate).then(|| (right.late_ns - left.late_ns) / span)
    }
}

/// Whether a timestamp this far off the line is near enough to count.
fn passes(off_ns: f64) -> bool {
    (-FILTER_EARLY_NS..=FILTER_LATE_NS).contains(&off_ns)
}

/// Whether the way a → b → c bends upwards, so that b is a corner of the lower hull.
fn turns_up(a: Point, b: Point, c: Point) -> bool {
    (b.late_ns - a.late_ns) * (c.frames - b.frames) < (c.late_ns - b.late_ns) * (b.frames - a.frames)
}

#[cfg(test)]
mod tests;
