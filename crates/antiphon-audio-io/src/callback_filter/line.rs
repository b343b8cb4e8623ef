//! Points, lines, and points off the line that agree with each other.

use crate::limits::{FILTER_AGREE_NS, FILTER_AGREEING, FILTER_EARLY_NS, FILTER_LATE_NS};

/// A timestamp as the filter sees it: frames from the reference, and how much later than the nominal
/// rate would have it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Point {
    pub(super) frames: f64,
    pub(super) late_ns: f64,
}

impl Point {
    /// Its height at frame 0 along a line of this slope.
    pub(super) fn height(self, slope: f64) -> f64 {
        self.late_ns - slope * self.frames
    }
}

/// The line: `late_ns = height + slope * frames`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) height: f64,
    pub(super) slope: f64,
}

impl Line {
    pub(super) fn at(&self, frames: f64) -> f64 {
        self.height + self.slope * frames
    }
}

/// Outliers that agree with each other, while none was near the line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Suspects {
    agreeing: u32,
    first: Point,
    earliest: Point,
}

impl Suspects {
    /// Adds one more; once enough agree, the earliest of them.
    pub(super) fn add(&mut self, point: Point, slope: f64) -> Option<Point> {
        if self.agreeing > 0 && (point.height(slope) - self.first.height(slope)).abs() <= FILTER_AGREE_NS {
            self.agreeing += 1;
            if point.height(slope) < self.earliest.height(slope) {
                self.earliest = point;
            }
        } else {
            (self.agreeing, self.first, self.earliest) = (1, point, point);
        }
        (self.agreeing >= FILTER_AGREEING).then_some(self.earliest)
    }
}

/// Whether a timestamp this far off the line is near enough to count.
pub(super) fn passes(off_ns: f64) -> bool {
    (-FILTER_EARLY_NS..=FILTER_LATE_NS).contains(&off_ns)
}
