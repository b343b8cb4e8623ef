//! Two clouds of points and the gap between them, by their lower hulls.
//!
//! Seen along a slope, the lowest point of a cloud is a vertex of its lower hull, and which one it is moves
//! from left to right as the slope grows. So the gap between two clouds, as a function of the slope, is
//! concave and made of straight pieces, one for each pair of vertices; all that is asked of it follows
//! from one walk along the pieces, exactly, and no slope has to be tried.

use std::collections::VecDeque;

use antiphon_timeline::HostTime;

use super::{BEND_NS_PER_S2, DRIFT_MAX, PRIOR_NS, Sample};

/// Our time from now in nanoseconds, and delay.
pub(super) type Point = (f64, f64);

/// The samples of one direction as points, in the order of time.
pub(super) struct Cloud(Vec<Point>);

impl Cloud {
    pub fn of(samples: &VecDeque<Sample>, now: HostTime, delay: impl Fn(i64) -> i64) -> Self {
        let point = |sample: &Sample| {
            let at = (sample.at - now) as f64;
            let age_s = at * 1e-9;
            (at, delay(sample.difference_ns) as f64 + BEND_NS_PER_S2 * age_s * age_s)
        };
        let mut points: Vec<Point> = samples.iter().map(point).collect();
        // Nearly sorted already: only a corrected time can be out of order.
        if !points.is_sorted_by(|a, b| a.0 <= b.0) {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        Self(points)
    }

    /// The points before `at`, and those from it on.
    pub fn split(&self, at: f64) -> (&[Point], &[Point]) {
        self.0.split_at(self.0.partition_point(|point| point.0 < at))
    }

    /// How far a middling point lies above the lowest, seen along `slope`.
    pub fn usual_above_lowest(&self, slope: f64) -> f64 {
        let mut heights: Vec<f64> = self.0.iter().map(|(at, height)| height - slope * at).collect();
        let middle = heights.len() / 2;
        if heights.is_empty() {
            return 0.0;
        }
        let (below, usual, _) = heights.select_nth_unstable_by(middle, f64::total_cmp);
        *usual - below.iter().copied().fold(*usual, f64::min)
    }

    /// The points that can be the lowest along some slope (Andrew's monotone chain).
    pub fn lower_hull(&self) -> Vec<Point> {
        let mut hull: Vec<Point> = Vec::with_capacity(32);
        for &point in &self.0 {
            while let [.., before, last] = hull[..]
                && (last.0 - before.0) * (point.1 - before.1) <= (last.1 - before.1) * (point.0 - before.0)
            {
                hull.pop();
            }
            hull.push(point);
        }
        hull
    }
}

/// The height at time 0 of the lowest point, seen along `slope`.
pub(super) fn lowest(points: &[Point], slope: f64) -> f64 {
    let height = |&(at, height): &Point| height - slope * at;
    points
        .iter()
        .map(height)
        .fold(f64::INFINITY, |lowest, height| if height < lowest { height } else { lowest })
}

/// What is between the lower hulls of two clouds, the second mirrored.
pub(super) struct Gap {
    forward: Vec<Point>,
    backward: Vec<Point>,
}

/// Slopes between which the same two vertices are the lowest.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: f64,
    to: f64,
    /// The gap's width at slope 0, if this piece went so far, and what it gains per slope.
    width: f64,
    gain: f64,
}

impl Piece {
    fn at(&self, slope: f64) -> f64 {
        self.width + self.gain * slope
    }

    /// Where the width is 0, kept within the piece.
    fn root(&self) -> f64 {
        (-self.width / self.gain).clamp(self.from, self.to)
    }
}

impl Gap {
    pub fn between(forward: Vec<Point>, backward: Vec<Point>) -> Self {
        Self { forward, backward }
    }

    /// Upper and lower edge at time 0, seen along `slope`.
    pub fn at(&self, slope: f64) -> (f64, f64) {
        (lowest(&self.forward, slope), -lowest(&self.backward, -slope))
    }

    /// The slope of the widest gap, but rather one near `prior`.
    pub fn widest(&self, prior: f64) -> f64 {
        let mut best = -DRIFT_MAX;
        for piece in self.pieces() {
            // Where gain and the prior's pull are equal. It lies further down with each piece.
            let summit = prior + piece.gain / (2.0 * PRIOR_NS);
            if summit <= piece.from {
                break;
            }
            best = summit.min(piece.to);
        }
        best
    }

    /// The lowest and the highest that any line between the clouds is at time 0, given the slope of one.
    pub fn range(&self, fits: f64) -> (f64, f64) {
        let (flattest, steepest) = self.fitting(fits);
        let highest = lowest(&self.forward, summit(&self.forward).clamp(flattest, steepest));
        let lowest = -lowest(&self.backward, summit(&self.backward).clamp(-steepest, -flattest));
        (lowest, highest)
    }

    /// The slopes furthest apart that still leave a gap; only `fits` where there is but an overlap.
    fn fitting(&self, fits: f64) -> (f64, f64) {
        let (mut flattest, mut steepest) = (fits, fits);
        for piece in self.pieces() {
            let (starts_open, ends_open) = (piece.at(piece.from) >= 0.0, piece.at(piece.to) >= 0.0);
            if starts_open || ends_open {
                flattest = flattest.min(if starts_open { piece.from } else { piece.root() });
                steepest = steepest.max(if ends_open { piece.to } else { piece.root() });
            }
        }
        (flattest, steepest)
    }

    /// From the flattest slope that clocks can have to the steepest.
    fn pieces(&self) -> impl Iterator<Item = Piece> {
        let (mut above, mut below) = (&self.forward[..], &self.backward[..]);
        let mut from = -DRIFT_MAX;
        std::iter::from_fn(move || {
            loop {
                let (upper, lower) = (above.first()?, below.last()?);
                if from >= DRIFT_MAX {
                    return None;
                }
                // Along steeper slopes the next vertex is lower: to the right above, to the left below.
                let (next_above, next_below) =
                    (end_of(upper, above.get(1), 1.0), end_of(lower, before_last(below), -1.0));
                let to = next_above.min(next_below).clamp(from, DRIFT_MAX);
                let piece = Piece { from, to, width: upper.1 + lower.1, gain: lower.0 - upper.0 };
                if next_above <= to {
                    above = above.get(1..)?;
                } else if next_below <= to {
                    below = below.split_last()?.1;
                } else {
                    from = DRIFT_MAX;
                    return Some(piece);
                }
                if to > piece.from {
                    from = to;
                    return Some(piece);
                }
            }
        })
    }
}

fn before_last(points: &[Point]) -> Option<&Point> {
    points.split_last()?.1.last()
}

/// Up to which slope `vertex` is lower than `next`: nothing ends where there is none. Of two at one time, which only
/// false times can be, the first is passed over.
fn end_of(vertex: &Point, next: Option<&Point>, sign: f64) -> f64 {
    let slope = next.map_or(f64::INFINITY, |next| sign * (next.1 - vertex.1) / (next.0 - vertex.0));
    if slope.is_nan() { f64::NEG_INFINITY } else { slope }
}

/// The slope along which the lowest point of a hull is highest at time 0: that of the edge over it.
fn summit(hull: &[Point]) -> f64 {
    let right = hull.partition_point(|point| point.0 <= 0.0);
    let left = right.checked_sub(1).and_then(|left| hull.get(left));
    left.map_or(f64::NEG_INFINITY, |left| end_of(left, hull.get(right), 1.0))
}
