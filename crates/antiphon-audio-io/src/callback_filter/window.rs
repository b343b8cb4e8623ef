//! The earliest timestamps of the last twenty seconds, and the line under them.

use super::line::{Line, Point};
use crate::limits::{
    FILTER_CHORD_SECONDS_MIN, FILTER_GROUP_SECONDS, FILTER_GROUPS_MAX, FILTER_LEARNS_AFTER_SECONDS,
    FILTER_RATE_PPM_MAX, FILTER_SPREAD_LEARNT_FROM_NS, FILTER_START_SECONDS, FILTER_WINDOW_SECONDS,
};

/// The points that count.
#[derive(Debug)]
pub(super) struct Window {
    rate: f64,
    slope_max: f64,
    slope: f64,
    learnt: bool,
    /// The earliest of each past group, oldest first.
    points: Box<[Point]>,
    held: usize,
    group: Option<Group>,
    hull: Box<[Point]>,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    starts: f64,
    earliest: Point,
}

impl Window {
    /// For a card of `rate` whose frames last `nominal_ns`. Allocates; what follows does not.
    pub(super) fn new(rate: f64, nominal_ns: f64) -> Self {
        let points = vec![Point::default(); FILTER_GROUPS_MAX].into_boxed_slice();
        Self {
            rate,
            slope_max: FILTER_RATE_PPM_MAX * 1e-6 * nominal_ns,
            slope: 0.0,
            learnt: false,
            hull: points.clone(),
            points,
            held: 0,
            group: None,
        }
    }

    /// The slope that was learnt or assumed.
    pub(super) fn slope(&self) -> f64 {
        self.slope
    }

    pub(super) fn assume_slope(&mut self, slope: f64) {
        self.slope = slope.clamp(-self.slope_max, self.slope_max);
    }

    /// Whether the slope was learnt from these points.
    pub(super) fn has_learnt(&self) -> bool {
        self.learnt
    }

    /// Forgets all points but not the slope; the line through `at`, or none.
    pub(super) fn restart_at(&mut self, at: Option<Point>) -> Option<Line> {
        self.held = 0;
        self.group = at.map(|at| Group { starts: at.frames, earliest: at });
        at.map(|at| Line { height: at.height(self.slope), slope: self.slope })
    }

    /// Adds a point, and moves `line` to where it belongs now.
    pub(super) fn keep(&mut self, point: Point, line: &mut Line) {
        let slope = self.slope;
        let group = self.group.get_or_insert(Group { starts: point.frames, earliest: point });
        if point.height(slope) < group.earliest.height(slope) {
            group.earliest = point;
        }
        let (earliest, span) = (group.earliest, point.frames - group.starts);
        if span >= FILTER_GROUP_SECONDS * self.rate {
            self.group = None;
            self.push(earliest);
            if let Some(fitted) = self.fit() {
                *line = fitted;
            }
        } else {
            // Between fits the envelope still holds: no point may lie under the line.
            line.height = line.height.min(earliest.height(line.slope));
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

    fn fit(&mut self) -> Option<Line> {
        let [first, .., last] = self.points[..self.held] else {
            return None;
        };
        let seconds = (last.frames - first.frames) / self.rate;
        if let Some(slope) = self.hull_slope()
            && seconds >= self.seconds_to_learn(slope)
        {
            self.assume_slope(slope);
            self.learnt = true;
        }
        let reach = if self.learnt { FILTER_WINDOW_SECONDS } else { FILTER_START_SECONDS };
        let (_, height) = self.spread(self.slope, last.frames - reach * self.rate);
        Some(Line { height, slope: self.slope })
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
        let heights = recent.map(|point| point.height(slope));
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

/// Whether the way a → b → c bends upwards, so that b is a corner of the lower hull.
fn turns_up(a: Point, b: Point, c: Point) -> bool {
    (b.late_ns - a.late_ns) * (c.frames - b.frames) < (c.late_ns - b.late_ns) * (b.frames - a.frames)
}
