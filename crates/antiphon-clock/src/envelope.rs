//! The link filter: offset and drift of another clock from one-way samples.
//!
//! Let θ(l) be their clock minus ours when ours reads l. A packet we send arrives at x = θ + delay, one
//! that they send at z = θ − delay. Delays are never negative, so every x lies above the line θ and every
//! z below it, and the true line runs through the gap between the two clouds. Slow packets lie far from
//! the gap and say nothing; only the fastest of each direction touch it. The filter turns the line to the
//! slope at which the gap is widest and takes its middle. That yields the drift, an offset, and a hard
//! bound: whatever the asymmetry of the network, θ is within half the gap. If no slope leaves a gap, the
//! clocks are not lines, so one of them has stepped.
//!
//! Crystals are not quite lines either: they bend as they warm. So an old sample is believed only to within
//! what a crystal may have bent since, which grows with the square of its age. On a quiet link, where the
//! gap is a few microseconds, that soon leaves only the newest samples; on a noisy one the fastest packet
//! of a minute still counts.

use std::collections::VecDeque;

use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use crate::limits::{DEPARTURE_LATE_NS, SAMPLES_MAX};

/// Crystals are within 100 ppm, and a host clock that is being steered moves another 100 at most.
const DRIFT_MAX: f64 = 300e-6;
/// How much gap a slope may win per squared distance from the last slope: 4 µs at 60 ppm. It decides only
/// while the samples span so little time that they cannot.
const PRIOR_NS: f64 = 4_000.0 / (60e-6 * 60e-6);
/// Twice as much as warming crystals bend more than [`BEND_NS_PER_S2`] allows for; less overlap is no step.
const OVERLAP_MAX_NS: f64 = 50_000.0;
/// Half the change of rate that is allowed for: 0.08 ppm a second. In simulation a quarter of it does no
/// better on a LAN and five times as much costs it a third.
const BEND_NS_PER_S2: f64 = 40.0;
/// A step smaller than the gap leaves samples of before and after that fit together, but in a gap narrower
/// than either alone. Chance makes it a fifth narrower, a step that matters more than this.
const PINCHED: f64 = 0.6;
const PINCH_MIN_NS: f64 = 200_000.0;
/// What counts as after, and how many samples of each direction say anything.
const RECENT_NS: i64 = 10 * NANOS_PER_SECOND;
const RECENT_SAMPLES: usize = 16;
/// Older samples are dropped: what they still say is less than what a fresh one does.
const WINDOW_NS: i64 = 60 * NANOS_PER_SECOND;
/// Golden section steps: 600 ppm · 0.618²⁴ is 6 ppb.
const STEPS: usize = 24;

/// One packet's passage.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Which packet.
    seq: u32,
    /// Our clock, at our end of the passage.
    at: HostTime,
    /// Their clock at their end minus ours at ours.
    difference_ns: i64,
}

/// The fastest passages of one link.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    forward: VecDeque<Sample>,
    backward: VecDeque<Sample>,
    drift: f64,
}

/// What the samples say at one moment of our clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estimate {
    /// Our clock when this holds.
    pub at: HostTime,
    /// Their clock minus ours.
    pub offset_ns: i64,
    /// Half the gap at the slope of `drift`: what weighs links against each other.
    pub half_ns: f64,
    /// `offset_ns` is off by at most this, whatever the slope: the line may be any that fits in the gap.
    pub bound_ns: f64,
    /// How much faster their clock runs, as a ratio.
    pub drift: f64,
    /// Samples in the scarcer direction.
    pub count: usize,
    /// Seconds from the oldest to the newest sample.
    pub span_s: f64,
    /// How much slower than the fastest packets a usual one is.
    pub jitter_ns: f64,
}

impl Estimate {
    /// Their clock when ours reads `now`.
    pub fn remote_at(&self, now: HostTime) -> HostTime {
        let drifted = self.drift * (now - self.at) as f64;
        now + self.offset_ns + drifted as i64
    }
}

/// No straight line fits: a clock has stepped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepProof;

/// A time told later is not one that this packet can have left at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Implausible;

impl Envelope {
    /// Our packet `seq`, sent at `sent` by our clock, arrived at `received` by theirs.
    pub fn add_forward(&mut self, seq: u32, sent: HostTime, received: HostTime) {
        push(&mut self.forward, Sample { seq, at: sent, difference_ns: received - sent });
    }

    /// Their packet `seq`, sent at `sent` by their clock, arrived at `received` by ours.
    pub fn add_backward(&mut self, seq: u32, sent: HostTime, received: HostTime) {
        push(&mut self.backward, Sample { seq, at: received, difference_ns: sent - received });
    }

    /// Our packet `seq` really left at `sent`.
    pub fn correct_forward(&mut self, seq: u32, sent: HostTime) -> Result<(), Implausible> {
        let Some(sample) = self.forward.iter_mut().rev().find(|sample| sample.seq == seq) else {
            return Ok(());
        };
        let later_ns = check_departure(sample.at, sent)?;
        sample.at = sent;
        sample.difference_ns = sample.difference_ns.saturating_sub(later_ns);
        Ok(())
    }

    /// Their packet `seq` really left at `sent`, by their clock.
    pub fn correct_backward(&mut self, seq: u32, sent: HostTime) -> Result<(), Implausible> {
        let Some(sample) = self.backward.iter_mut().rev().find(|sample| sample.seq == seq) else {
            return Ok(());
        };
        let later_ns = check_departure(sample.at + sample.difference_ns, sent)?;
        sample.difference_ns = sample.difference_ns.saturating_add(later_ns);
        Ok(())
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Estimates at `now`.
    ///
    /// After a step proof only the newest samples are left; the slope is kept, a step does not change it.
    pub fn estimate(&mut self, now: HostTime) -> Result<Option<Estimate>, StepProof> {
        for samples in [&mut self.forward, &mut self.backward] {
            while samples.front().is_some_and(|sample| now - sample.at > WINDOW_NS) {
                samples.pop_front();
            }
        }
        let (Some(origin), Some(_)) = (self.forward.front(), self.backward.front()) else { return Ok(None) };
        let origin_ns = origin.difference_ns;
        // Backward points are mirrored, so that both clouds are looked at from below.
        let forward = Cloud::of(&self.forward, now, |ns| ns.saturating_sub(origin_ns));
        let backward = Cloud::of(&self.backward, now, |ns| origin_ns.saturating_sub(ns));
        let drift = widest(&forward, &backward, self.drift);
        let (above, below) = (forward.lowest(drift), -backward.lowest(-drift));
        if above - below < -OVERLAP_MAX_NS {
            self.forget_all_but_newest();
            return Err(StepProof);
        }
        self.drift = drift;
        if self.is_pinched(now, origin_ns, above - below) {
            for samples in [&mut self.forward, &mut self.backward] {
                // With a margin, so that none of before is left.
                samples.retain(|sample| now - sample.at <= RECENT_NS * 7 / 10);
            }
            return self.estimate(now);
        }
        let middle = f64::midpoint(above, below);
        let half_ns = ((above - below) / 2.0).max(1_000.0);
        let (lowest, highest) = range(&forward, &backward, drift);
        Ok(Some(Estimate {
            at: now,
            offset_ns: origin_ns.saturating_add(middle as i64),
            half_ns,
            bound_ns: (highest - middle).max(middle - lowest).max(half_ns),
            drift,
            count: self.forward.len().min(self.backward.len()),
            span_s: self.span_ns() as f64 / 1e9,
            jitter_ns: f64::midpoint(forward.usual(drift) - above, backward.usual(-drift) + below).max(0.0),
        }))
    }

    /// Whether samples of before and after some moment contradict each other, though not to a proof.
    fn is_pinched(&self, now: HostTime, origin_ns: i64, gap: f64) -> bool {
        let gap_of = |recent: bool| {
            let part = |samples: &VecDeque<Sample>| -> VecDeque<Sample> {
                samples.iter().filter(|sample| (now - sample.at <= RECENT_NS) == recent).copied().collect()
            };
            let (forward, backward) = (part(&self.forward), part(&self.backward));
            let enough = forward.len().min(backward.len()) >= RECENT_SAMPLES;
            let above = Cloud::of(&forward, now, |ns| ns.saturating_sub(origin_ns)).lowest(self.drift);
            let below = Cloud::of(&backward, now, |ns| origin_ns.saturating_sub(ns)).lowest(-self.drift);
            enough.then_some(above + below)
        };
        let (Some(after), Some(before)) = (gap_of(true), gap_of(false)) else { return false };
        let alone = after.min(before);
        gap < PINCHED * alone && alone - gap > PINCH_MIN_NS
    }

    fn span_ns(&self) -> i64 {
        let span = |samples: &VecDeque<Sample>| match (samples.front(), samples.back()) {
            (Some(first), Some(last)) => last.at - first.at,
            _ => 0,
        };
        span(&self.forward).min(span(&self.backward))
    }

    fn forget_all_but_newest(&mut self) {
        for samples in [&mut self.forward, &mut self.backward] {
            samples.drain(..samples.len().saturating_sub(1));
        }
    }
}

fn push(samples: &mut VecDeque<Sample>, sample: Sample) {
    if samples.len() == SAMPLES_MAX {
        samples.pop_front();
    }
    samples.push_back(sample);
}

/// By how much `really` is later than `written`, if a packet can have waited so long. Clocks of network
/// cards are read a little apart from the host's, so it may seem to have left a little early.
fn check_departure(written: HostTime, really: HostTime) -> Result<i64, Implausible> {
    let later_ns = really - written;
    let plausible = (-DEPARTURE_LATE_NS / 1000..=DEPARTURE_LATE_NS).contains(&later_ns);
    if plausible { Ok(later_ns) } else { Err(Implausible) }
}

/// The samples of one direction as points: our time from now in nanoseconds, and delay.
struct Cloud {
    points: Vec<(f64, f64)>,
    /// Those that can be the lowest along some slope.
    hull: Vec<(f64, f64)>,
}

impl Cloud {
    fn of(samples: &VecDeque<Sample>, now: HostTime, delay: impl Fn(i64) -> i64) -> Self {
        let point = |sample: &Sample| {
            let at = (sample.at - now) as f64;
            let age_s = at / 1e9;
            (at, delay(sample.difference_ns) as f64 + BEND_NS_PER_S2 * age_s * age_s)
        };
        let mut points: Vec<(f64, f64)> = samples.iter().map(point).collect();
        // Nearly sorted already: only a corrected time can be out of order.
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let hull = lower_hull(&points);
        Self { points, hull }
    }

    /// The height at time 0 of the lowest point, seen along `slope`.
    fn lowest(&self, slope: f64) -> f64 {
        self.hull.iter().map(|(at, height)| height - slope * at).fold(f64::INFINITY, f64::min)
    }

    /// The same of a middling point.
    fn usual(&self, slope: f64) -> f64 {
        let mut heights: Vec<f64> = self.points.iter().map(|(at, height)| height - slope * at).collect();
        let middle = heights.len() / 2;
        if heights.is_empty() { 0.0 } else { *heights.select_nth_unstable_by(middle, f64::total_cmp).1 }
    }
}

/// The lower convex hull of points sorted by time (Andrew's monotone chain).
fn lower_hull(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut hull: Vec<(f64, f64)> = Vec::new();
    for &point in points {
        while let [.., before, last] = hull[..]
            && (last.0 - before.0) * (point.1 - before.1) <= (last.1 - before.1) * (point.0 - before.0)
        {
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

/// The slope of the widest gap, but rather one near `prior`.
fn widest(forward: &Cloud, backward: &Cloud, prior: f64) -> f64 {
    let merit = |slope: f64| {
        let gap = forward.lowest(slope) + backward.lowest(-slope);
        gap - PRIOR_NS * (slope - prior) * (slope - prior)
    };
    summit(merit, -DRIFT_MAX, DRIFT_MAX)
}

/// The lowest and the highest that any line between the clouds is at time 0, given the slope of one.
fn range(forward: &Cloud, backward: &Cloud, drift: f64) -> (f64, f64) {
    let gap = |slope: f64| forward.lowest(slope) + backward.lowest(-slope);
    let (flattest, steepest) = (last_fit(gap, drift, -DRIFT_MAX), last_fit(gap, drift, DRIFT_MAX));
    let highest = forward.lowest(summit(|slope| forward.lowest(slope), flattest, steepest));
    let lowest = -backward.lowest(-summit(|slope| backward.lowest(-slope), flattest, steepest));
    (lowest, highest)
}

/// The slope furthest towards `end` that still leaves a gap; bisected, and rounded towards `end`.
fn last_fit(gap: impl Fn(f64) -> f64, fits: f64, end: f64) -> f64 {
    if gap(end) >= 0.0 {
        return end;
    }
    let (mut inside, mut outside) = (fits, end);
    for _ in 0..STEPS {
        let middle = f64::midpoint(inside, outside);
        if gap(middle) >= 0.0 { inside = middle } else { outside = middle }
    }
    outside
}

/// Where a concave function of the slope is highest, by golden section.
fn summit(merit: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - RATIO * (high - low), low + RATIO * (high - low));
    let (mut left_merit, mut right_merit) = (merit(left), merit(right));
    for _ in 0..STEPS {
        if left_merit > right_merit {
            (high, right, right_merit) = (right, left, left_merit);
            left = high - RATIO * (high - low);
            left_merit = merit(left);
        } else {
            (low, left, left_merit) = (left, right, right_merit);
            right = low + RATIO * (high - low);
            right_merit = merit(right);
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests;
