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

mod cloud;

use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use self::cloud::{Cloud, Gap};
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
        let (forward, backward) = self.clouds(origin_ns, now);
        let gap = Gap::between(forward.lower_hull(), backward.lower_hull());
        let drift = gap.widest(self.drift);
        let (above, below) = gap.at(drift);
        if above - below < -OVERLAP_MAX_NS {
            self.forget_all_but_newest();
            return Err(StepProof);
        }
        self.drift = drift;
        if is_pinched(&forward, &backward, drift, above - below) {
            for samples in [&mut self.forward, &mut self.backward] {
                // With a margin, so that none of before is left.
                samples.retain(|sample| now - sample.at <= RECENT_NS * 7 / 10);
            }
            return self.estimate(now);
        }
        let middle = f64::midpoint(above, below);
        let half_ns = ((above - below) / 2.0).max(1_000.0);
        let (lowest, highest) = gap.range(drift);
        Ok(Some(Estimate {
            at: now,
            offset_ns: origin_ns.saturating_add(middle as i64),
            half_ns,
            bound_ns: (highest - middle).max(middle - lowest).max(half_ns),
            drift,
            count: self.forward.len().min(self.backward.len()),
            span_s: self.span_ns() as f64 / 1e9,
        }))
    }

    /// Both directions as seen at `now`. Backward points are mirrored, so that both are looked at from below.
    fn clouds(&self, origin_ns: i64, now: HostTime) -> (Cloud, Cloud) {
        let forward = Cloud::of(&self.forward, now, |ns| ns.saturating_sub(origin_ns));
        let backward = Cloud::of(&self.backward, now, |ns| origin_ns.saturating_sub(ns));
        (forward, backward)
    }

    /// How much slower than the fastest packets a usual one is. For showing only: it costs as much as an estimate.
    pub fn jitter_ns(&self, now: HostTime) -> f64 {
        let Some(origin) = self.forward.front() else { return 0.0 };
        let (forward, backward) = self.clouds(origin.difference_ns, now);
        f64::midpoint(forward.usual_above_lowest(self.drift), backward.usual_above_lowest(-self.drift))
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

/// Whether samples of before and after some moment contradict each other, though not to a proof.
fn is_pinched(forward: &Cloud, backward: &Cloud, drift: f64, gap: f64) -> bool {
    let since = -RECENT_NS as f64;
    let ((forward_before, forward_after), (backward_before, backward_after)) =
        (forward.split(since), backward.split(since));
    let gap_of = |forward: &[cloud::Point], backward: &[cloud::Point]| {
        let enough = forward.len().min(backward.len()) >= RECENT_SAMPLES;
        enough.then(|| cloud::lowest(forward, drift) + cloud::lowest(backward, -drift))
    };
    let Some(after) = gap_of(forward_after, backward_after).filter(|after| is_much_wider(*after, gap)) else {
        return false;
    };
    gap_of(forward_before, backward_before).is_some_and(|before| is_much_wider(after.min(before), gap))
}

fn is_much_wider(alone: f64, gap: f64) -> bool {
    gap < PINCHED * alone && alone - gap > PINCH_MIN_NS
}

#[cfg(test)]
mod tests;
