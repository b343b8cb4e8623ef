use proptest::prelude::*;

use super::*;

const OFFSET_NS: i64 = 123_456_789_012;

/// Two clocks `drift_ppm` apart, a passage each way every 250 ms with these delays.
fn measured(drift_ppm: f64, delays_ns: &[(i64, i64)]) -> (Envelope, HostTime) {
    let mut envelope = Envelope::default();
    let mut now = HostTime(1_000_000_000);
    for (there, back) in delays_ns {
        now = now + 250_000_000;
        let arrives = now + *there;
        envelope.add_forward(1, now, remote(drift_ppm, arrives));
        envelope.add_backward(1, remote(drift_ppm, arrives), arrives + *back);
    }
    (envelope, now + 10_000_000)
}

fn remote(drift_ppm: f64, local: HostTime) -> HostTime {
    local + OFFSET_NS + (drift_ppm * 1e-6 * local.0 as f64) as i64
}

#[test]
fn equal_fastest_ways_give_the_offset_and_the_drift() {
    let delays: Vec<_> =
        (0..80_i64).map(|k| (200_000 + k * 7919 % 90_000, 200_000 + k * 104_729 % 90_000)).collect();
    let (mut envelope, now) = measured(63.0, &delays);
    let estimate = envelope.estimate(now).unwrap().unwrap();
    let error_ns = estimate.remote_at(now) - remote(63.0, now);
    assert!(error_ns.abs() < 10_000, "{error_ns} ns off");
    assert!((estimate.drift - 63e-6).abs() < 1e-6, "{}", estimate.drift);
}

#[test]
fn slow_packets_change_nothing() {
    let delays: Vec<_> =
        (0..80_i64).map(|k| if k % 4 == 0 { (200_000, 200_000) } else { (40_000_000, 900_000) }).collect();
    let (mut envelope, now) = measured(-20.0, &delays);
    let estimate = envelope.estimate(now).unwrap().unwrap();
    assert!((estimate.remote_at(now) - remote(-20.0, now)).abs() < 5_000);
}

#[test]
fn a_step_wider_than_the_gap_is_proved_and_then_followed() {
    let (mut envelope, mut now) = measured(0.0, &[(200_000, 200_000); 40]);
    assert!(envelope.estimate(now).is_ok());
    let step_ns = 1_000_000;
    for round in 0..4 {
        now = now + 250_000_000;
        envelope.add_forward(1, now, now + OFFSET_NS + step_ns + 200_000);
        envelope.add_backward(1, now + OFFSET_NS + step_ns + 200_000, now + 400_000);
        assert_eq!(envelope.estimate(now).is_err(), round == 0, "round {round}");
    }
    let estimate = envelope.estimate(now).unwrap().unwrap();
    assert!((estimate.offset_ns - OFFSET_NS - step_ns).abs() < 10_000);
}

#[test]
fn a_step_smaller_than_the_gap_is_noticed_after_some_seconds() {
    let (mut envelope, mut now) = measured(20.0, &[(1_000_000, 1_000_000); 100]);
    envelope.estimate(now).unwrap();
    let step_ns = 1_200_000;
    for _ in 0..60 {
        now = now + 250_000_000;
        let arrives = now + 1_000_000;
        envelope.add_forward(1, now, remote(20.0, arrives) + step_ns);
        envelope.add_backward(1, remote(20.0, arrives) + step_ns, arrives + 1_000_000);
        envelope.estimate(now).expect("such a step cannot be proved");
    }
    let estimate = envelope.estimate(now).unwrap().unwrap();
    let error_ns = estimate.remote_at(now) - remote(20.0, now) - step_ns;
    assert!(error_ns.abs() < step_ns / 4, "{error_ns} ns off");
}

#[test]
fn hostile_times_are_only_wrong() {
    let mut envelope = Envelope::default();
    let times = [i64::MIN, i64::MAX, 0, -1].map(HostTime);
    for sent in times {
        for received in times {
            envelope.add_forward(1, sent, received);
            envelope.add_backward(1, sent, received);
            for now in times {
                if let Ok(Some(estimate)) = envelope.estimate(now) {
                    estimate.remote_at(HostTime(i64::MAX));
                }
            }
        }
    }
}

/// The slow form of the filter, over all points and by trying slopes.
struct Slow {
    forward: Vec<cloud::Point>,
    backward: Vec<cloud::Point>,
}

/// Golden section steps and bisections: 600 ppm · 0.618⁴⁸ is far below a rounding error.
const STEPS: usize = 48;

impl Slow {
    fn of(envelope: &Envelope, now: HostTime) -> Self {
        let origin_ns = envelope.forward.front().unwrap().difference_ns;
        let (forward, backward) = envelope.clouds(origin_ns, now);
        let all = |cloud: &Cloud| cloud.split(f64::INFINITY).0.to_vec();
        Self { forward: all(&forward), backward: all(&backward) }
    }

    fn gap(&self, slope: f64) -> f64 {
        cloud::lowest(&self.forward, slope) + cloud::lowest(&self.backward, -slope)
    }

    fn widest(&self, prior: f64) -> f64 {
        summit(|slope| self.gap(slope) - PRIOR_NS * (slope - prior) * (slope - prior), -DRIFT_MAX, DRIFT_MAX)
    }

    fn range(&self, fits: f64) -> (f64, f64) {
        let (flattest, steepest) = (self.last_fit(fits, -DRIFT_MAX), self.last_fit(fits, DRIFT_MAX));
        let above = |slope: f64| cloud::lowest(&self.forward, slope);
        let below = |slope: f64| cloud::lowest(&self.backward, -slope);
        (-below(summit(below, flattest, steepest)), above(summit(above, flattest, steepest)))
    }

    fn last_fit(&self, fits: f64, end: f64) -> f64 {
        if self.gap(end) >= 0.0 {
            return end;
        }
        let (mut inside, mut outside) = (fits, end);
        for _ in 0..STEPS {
            let middle = f64::midpoint(inside, outside);
            if self.gap(middle) >= 0.0 { inside = middle } else { outside = middle }
        }
        outside
    }
}

/// Where a concave function of the slope is highest, by golden section.
fn summit(merit: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const RATIO: f64 = 0.618_033_988_749_894_9;
    for _ in 0..STEPS {
        let (left, right) = (high - RATIO * (high - low), low + RATIO * (high - low));
        if merit(left) > merit(right) { high = right } else { low = left }
    }
    f64::midpoint(low, high)
}

/// Every slope at which the gap can be widest: along two points of one cloud, or the ends.
fn widest_gap_by_force(envelope: &Envelope, now: HostTime) -> Vec<(f64, f64)> {
    let slow = Slow::of(envelope, now);
    let mut slopes = vec![-DRIFT_MAX, DRIFT_MAX];
    for (cloud, sign) in [(&slow.forward, 1.0), (&slow.backward, -1.0)] {
        for (nth, a) in cloud.iter().enumerate() {
            slopes.extend(cloud[nth + 1..].iter().map(|b| sign * (b.1 - a.1) / (b.0 - a.0)));
        }
    }
    slopes.retain(|slope| slope.abs() <= DRIFT_MAX);
    slopes.into_iter().map(|slope| (slope, slow.gap(slope))).collect()
}

proptest! {
    #[test]
    fn the_true_offset_lies_within_the_bound(
        drift_ppm in -290.0..290.0,
        delays in proptest::collection::vec((0_i64..30_000_000, 0_i64..5_000_000), 1..100),
    ) {
        let (mut envelope, now) = measured(drift_ppm, &delays);
        let estimate = envelope.estimate(now).unwrap().unwrap();
        let error_ns = (estimate.remote_at(now) - remote(drift_ppm, now)) as f64;
        prop_assert!(error_ns.abs() <= estimate.bound_ns + 10.0, "{error_ns} of {estimate:?}");
        prop_assert!(estimate.half_ns <= estimate.bound_ns);
    }

    /// Delays of some microseconds, where many points touch the gap, and of milliseconds, where few do; clocks
    /// with and without a step, so that clouds overlap too.
    #[test]
    fn what_the_hulls_say_is_what_all_points_say(
        drift_ppm in -290.0..290.0,
        delays in proptest::collection::vec((0_i64..1_000, 0_i64..1_000), 1..150),
        spread_ns in prop_oneof![Just(1_i64), Just(30), Just(1_000), Just(20_000)],
        step_ns in prop_oneof![Just(0_i64), -60_000_i64..60_000],
        prior_ppm in -300.0..300.0,
        late_ns in prop_oneof![Just(0_i64), -2_000_000_000_i64..2_000_000_000],
    ) {
        let delays: Vec<_> = delays.iter().map(|(there, back)| (there * spread_ns, back * spread_ns)).collect();
        let (mut envelope, now) = measured(drift_ppm, &delays);
        for sample in envelope.forward.iter_mut().skip(delays.len() / 2) {
            sample.difference_ns += step_ns;
        }
        let now = now + late_ns;
        let (slow, prior) = (Slow::of(&envelope, now), prior_ppm * 1e-6);
        let origin_ns = envelope.forward.front().unwrap().difference_ns;
        let (forward, backward) = envelope.clouds(origin_ns, now);
        let gap = Gap::between(forward.lower_hull(), backward.lower_hull());
        let (drift, slowly) = (gap.widest(prior), slow.widest(prior));
        // Golden section cannot tell slopes whose merits round to the same.
        let merit = |slope: f64| slow.gap(slope) - PRIOR_NS * (slope - prior) * (slope - prior);
        prop_assert!(merit(drift) >= merit(slowly) - 1e-2, "{} at {drift}, not {} at {slowly}", merit(drift), merit(slowly));
        prop_assert!((drift - slowly).abs() < 1e-7, "{drift}, not {slowly}");
        let (above, below) = gap.at(drift);
        prop_assert!((above - below - slow.gap(drift)).abs() < 1e-2);
        // Where the clouds but touch, rounding decides which slopes fit.
        if above - below > 1.0 {
        let ((low, high), (lowest, highest)) = (gap.range(drift), slow.range(drift));
        prop_assert!((low - lowest).abs() < 1.0 && (high - highest).abs() < 1.0, "{low}..{high}, not {lowest}..{highest}");
        }
    }

    #[test]
    fn no_slope_has_a_wider_gap(
        drift_ppm in -200.0..200.0,
        delays in proptest::collection::vec((0_i64..3_000_000, 0_i64..9_000_000), 2..40),
    ) {
        let (mut envelope, now) = measured(drift_ppm, &delays);
        let found = envelope.estimate(now).unwrap().unwrap();
        for (slope, gap) in widest_gap_by_force(&envelope, now) {
            // The filter started from slope 0 and prefers what is near it.
            let handicap = PRIOR_NS * slope * slope;
            prop_assert!(2.0 * found.half_ns + 500.0 >= gap - handicap, "{gap} at {slope}, {found:?}");
        }
    }

    #[test]
    fn a_step_larger_than_the_gap_is_proved_and_none_is_proved_without(
        drift_ppm in -100.0..100.0,
        delays in proptest::collection::vec((200_000_i64..900_000, 200_000_i64..900_000), 20..60),
        step_us in 3_000_i64..1_000_000,
        ahead in any::<bool>(),
    ) {
        let (mut envelope, now) = measured(drift_ppm, &delays);
        prop_assert!(envelope.estimate(now).is_ok());
        let step_ns = if ahead { step_us * 1000 } else { -step_us * 1000 };
        for n in 1..=4 {
            let at = now + n * 250_000_000;
            envelope.add_forward(1, at, remote(drift_ppm, at + 300_000) + step_ns);
            envelope.add_backward(1, remote(drift_ppm, at) + step_ns, at + 300_000);
        }
        prop_assert_eq!(envelope.estimate(now + 1_100_000_000).err(), Some(StepProof));
    }
}
