//! The link filter: offset and drift of another clock from one-way samples.
//!
//! Let θ(l) be their clock minus ours when ours reads l. A packet we send arrives at x = θ + delay, one
//! that they send at z = θ − delay. Delays are never negative, so every x lies above the line θ and every
//! z below it, and the true line runs through the gap between the two clouds. Slow packets lie far from
//! the gap and say nothing; only the fastest of each direction touch it. The filter turns the line to the
//! slope at which the gap is widest and takes its middle. That yields the drift, an offset, and a hard
//! bound: whatever the asymmetry of the network, θ is within half the gap. If no slope leaves a gap, the
//! clocks are not lines, so one of them has stepped.

use std::collections::VecDeque;

use antiphon_timeline::HostTime;

use crate::limits::SAMPLES_MAX;

/// Crystals are within 100 ppm, and a host clock that is being steered moves another 100 at most.
const DRIFT_MAX: f64 = 300e-6;
/// How much gap a slope may win per squared distance from the last slope: 4 µs at 60 ppm. It decides only
/// while the samples span so little time that they cannot.
const PRIOR_NS: f64 = 4_000.0 / (60e-6 * 60e-6);
/// Crystals that warm up bend; less overlap than this is no step.
const OVERLAP_MAX_NS: f64 = 50_000.0;
/// Golden section steps: 600 ppm · 0.618²⁴ is 6 ppb.
const STEPS: usize = 24;

/// One packet's passage.
#[derive(Debug, Clone, Copy)]
struct Sample {
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
    /// `offset_ns` is off by at most this.
    pub half_ns: f64,
    /// How much faster their clock runs, as a ratio.
    pub drift: f64,
    /// Samples in the scarcer direction.
    pub count: usize,
    /// Seconds from the oldest to the newest sample.
    pub span_s: f64,
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

impl Envelope {
    /// Our packet, sent at `sent` by our clock, arrived at `received` by theirs.
    pub fn add_forward(&mut self, sent: HostTime, received: HostTime) {
        push(&mut self.forward, Sample { at: sent, difference_ns: received - sent });
    }

    /// Their packet, sent at `sent` by their clock, arrived at `received` by ours.
    pub fn add_backward(&mut self, sent: HostTime, received: HostTime) {
        push(&mut self.backward, Sample { at: received, difference_ns: sent - received });
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Estimates at `now`, from the samples of the last `window_ns`.
    ///
    /// After a step proof only the newest samples are left; the slope is kept, a step does not change it.
    pub fn estimate(&mut self, now: HostTime, window_ns: i64) -> Result<Option<Estimate>, StepProof> {
        for samples in [&mut self.forward, &mut self.backward] {
            while samples.front().is_some_and(|sample| now - sample.at > window_ns) {
                samples.pop_front();
            }
        }
        let (Some(origin), Some(_)) = (self.forward.front(), self.backward.front()) else { return Ok(None) };
        let origin_ns = origin.difference_ns;
        let points = |samples: &VecDeque<Sample>| -> Vec<(f64, f64)> {
            let point = |s: &Sample| ((s.at - now) as f64, s.difference_ns.saturating_sub(origin_ns) as f64);
            samples.iter().map(point).collect()
        };
        let (forward, backward) = (points(&self.forward), points(&self.backward));
        let drift = widest(&forward, &backward, self.drift);
        let (above, below) = edges(&forward, &backward, drift);
        if above - below < -OVERLAP_MAX_NS {
            self.forget_all_but_newest();
            return Err(StepProof);
        }
        self.drift = drift;
        Ok(Some(Estimate {
            at: now,
            offset_ns: origin_ns.saturating_add(((above + below) / 2.0) as i64),
            half_ns: ((above - below) / 2.0).max(1_000.0),
            drift,
            count: forward.len().min(backward.len()),
            span_s: self.span_ns() as f64 / 1e9,
        }))
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

/// The lowest forward and the highest backward point at time 0, seen along `slope`.
fn edges(forward: &[(f64, f64)], backward: &[(f64, f64)], slope: f64) -> (f64, f64) {
    let above = forward.iter().map(|(at, x)| x - slope * at).fold(f64::INFINITY, f64::min);
    let below = backward.iter().map(|(at, z)| z - slope * at).fold(f64::NEG_INFINITY, f64::max);
    (above, below)
}

/// The slope of the widest gap. The gap is concave in the slope, so golden section finds it.
fn widest(forward: &[(f64, f64)], backward: &[(f64, f64)], prior: f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    let merit = |slope: f64| {
        let (above, below) = edges(forward, backward, slope);
        above - below - PRIOR_NS * (slope - prior) * (slope - prior)
    };
    let (mut low, mut high) = (-DRIFT_MAX, DRIFT_MAX);
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
