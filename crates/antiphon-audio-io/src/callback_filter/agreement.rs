//! What the newest second of timestamps agrees on, whatever the filter's line says.
//!
//! The filter lets timestamps in by their distance from its line. Where the line itself went wrong (a sound
//! server that says nonsense while it wakes up, a clock 1500 ppm off before the rate is learnt) the gate keeps
//! the honest ones out, and late ones that happen to fall near the line confirm it. So here every timestamp
//! counts: the earliest height at which many of them crowd is where the card is. Late wake-ups are spread over
//! milliseconds and lone early ones are lone, so neither crowds.

use super::line::{Line, Point, passes};
use crate::limits::{
    AGREEMENT_AFTER_BREAK_SECONDS, AGREEMENT_BREAK_CROWD, AGREEMENT_BREAK_NS, AGREEMENT_CROWD_MIN,
    AGREEMENT_GROUP_SECONDS, AGREEMENT_GROUPS_MAX, AGREEMENT_NEWEST_SECONDS, AGREEMENT_RATE_PPM_STEP,
    AGREEMENT_RATE_STEPS, AGREEMENT_SECONDS, AGREEMENT_WIDTH_NS, FILTER_LATE_NS,
};

/// The earliest timestamps of the newest second.
#[derive(Debug)]
pub(super) struct Agreement {
    points: [Point; AGREEMENT_GROUPS_MAX],
    held: usize,
    group_starts: f64,
}

/// A line that many timestamps lie on.
#[derive(Debug, Clone, Copy)]
struct Crowd {
    line: Line,
    size: usize,
}

impl Agreement {
    pub(super) fn new() -> Self {
        Self { points: [Point::default(); AGREEMENT_GROUPS_MAX], held: 0, group_starts: 0.0 }
    }

    /// The timeline is another one: what was said of the old one is void.
    pub(super) fn forget(&mut self) {
        self.held = 0;
    }

    /// Adds a timestamp, whatever it says. Whether that completed a group, so that asking again is worth while.
    pub(super) fn add(&mut self, point: Point, slope: f64, rate: f64) -> bool {
        let same_group = (0.0..AGREEMENT_GROUP_SECONDS * rate).contains(&(point.frames - self.group_starts));
        if same_group && let Some(newest) = self.points[..self.held].last_mut() {
            if point.height(slope) < newest.height(slope) {
                *newest = point;
            }
            return false;
        }
        let oldest = point.frames - AGREEMENT_SECONDS * rate;
        let old = self.points[..self.held].iter().take_while(|held| held.frames < oldest).count();
        let old = if self.held == AGREEMENT_GROUPS_MAX { old.max(1) } else { old };
        self.points.copy_within(old..self.held, 0);
        self.held -= old;
        self.points[self.held] = point;
        self.held += 1;
        self.group_starts = point.frames;
        true
    }

    /// The line that the newest timestamps lie on, when it is clearly another than `line`. The rate is `line`'s
    /// where that is `settled` or the timeline seems broken, and otherwise looked for as well. No timestamp was near
    /// `line` since frame `unconfirmed_from`.
    pub(super) fn against(
        &self,
        line: Line,
        settled: bool,
        unconfirmed_from: Option<f64>,
        nominal_ns: f64,
    ) -> Option<Line> {
        let points = &self.points[..self.held];
        let last = points.last()?.frames;
        let ago = |seconds: f64| last - seconds * 1e9 / nominal_ns;
        let since = |start: f64| &points[points.partition_point(|point| point.frames < start)..];
        let broken = unconfirmed_from.and_then(|from| break_from(line, since(from)));
        if broken.is_some() || points.first()?.frames > ago(AGREEMENT_NEWEST_SECONDS) {
            return broken;
        }
        let believes = |point: &Point| passes(point.late_ns - line.at(point.frames));
        let believed = since(ago(AGREEMENT_NEWEST_SECONDS)).iter().any(believes);
        let asked = if believed { points } else { since(ago(AGREEMENT_AFTER_BREAK_SECONDS)) };
        let same_rate = crowd(asked, line.slope);
        let looks = believed && !settled;
        let crowd = if looks { crowd_of_any_rate(asked, same_rate, nominal_ns) } else { same_rate }?;
        let off = crowd.line.at(last) - line.at(last);
        // Lateness is ordinary: it takes a larger crowd, and nobody left on the line.
        let later = || 3 * crowd.size >= asked.len() && !believed;
        let other = off < -AGREEMENT_WIDTH_NS || (off > FILTER_LATE_NS && later());
        other.then_some(crowd.line)
    }

    /// The narrowest crowd at this rate, up to `widest` times the usual width, and how many times that it is wide.
    pub(super) fn narrowest(&self, slope: f64, widest: f64) -> Option<(Line, f64)> {
        let points = &self.points[..self.held];
        let widths = std::iter::successors(Some(1.0), |width| Some(2.0 * width));
        let widths = widths.take_while(|width| *width <= widest);
        let mut crowds = widths.filter_map(|width| {
            let crowd = crowd_within(points, slope, width * AGREEMENT_WIDTH_NS, AGREEMENT_CROWD_MIN)?;
            Some((crowd.line, width))
        });
        // Timestamps that are nowhere near each other: the newest is as good as any.
        let newest = || Some((Line { height: points.last()?.height(slope), slope }, widest));
        crowds.next().or_else(newest)
    }
}

/// Where these points, none of which is near `line`, crowd, if that is farther off than lateness ever is.
fn break_from(line: Line, points: &[Point]) -> Option<Line> {
    let crowd = crowd_within(points, line.slope, AGREEMENT_WIDTH_NS, AGREEMENT_BREAK_CROWD)?.line;
    ((crowd.height - line.height).abs() > AGREEMENT_BREAK_NS).then_some(crowd)
}

/// The largest crowd of any plausible rate, the nearest to the nominal one among equals; `usual` unless it is half as
/// large again. At a wrong rate two seconds are smeared to many times the width; noise crowds at any rate alike.
fn crowd_of_any_rate(points: &[Point], usual: Option<Crowd>, nominal_ns: f64) -> Option<Crowd> {
    let step = AGREEMENT_RATE_PPM_STEP * 1e-6 * nominal_ns;
    let mut best: Option<Crowd> = None;
    for steps in (0..=AGREEMENT_RATE_STEPS).flat_map(|steps| [steps, -steps]) {
        let crowd = crowd(points, f64::from(steps) * step);
        if crowd.is_some_and(|crowd| best.is_none_or(|best| crowd.size > best.size)) {
            best = crowd;
        }
    }
    best.filter(|best| usual.is_none_or(|usual| 2 * best.size > 3 * usual.size)).or(usual)
}

/// The earliest crowd at this rate.
fn crowd(points: &[Point], slope: f64) -> Option<Crowd> {
    crowd_within(points, slope, AGREEMENT_WIDTH_NS, AGREEMENT_CROWD_MIN)
}

/// The earliest so many, and a quarter of all, that lie within `width_ns` at this rate.
fn crowd_within(points: &[Point], slope: f64, width_ns: f64, least: usize) -> Option<Crowd> {
    let mut heights = [0.0; AGREEMENT_GROUPS_MAX];
    let count = points.len().min(AGREEMENT_GROUPS_MAX);
    let heights = &mut heights[..count];
    for (place, point) in heights.iter_mut().zip(points) {
        *place = point.height(slope);
    }
    heights.sort_unstable_by(f64::total_cmp);
    let enough = least.max(count.div_ceil(4));
    let size_from = |at: usize| {
        let end = heights[at] + width_ns;
        heights[at..].partition_point(|height| *height <= end)
    };
    let earliest = (0..count).find(|at| size_from(*at) >= enough)?;
    let line = Line { height: heights[earliest], slope };
    Some(Crowd { line, size: size_from(earliest) })
}
