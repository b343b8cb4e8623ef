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

proptest! {
    #[test]
    fn the_true_offset_lies_within_the_bound(
        drift_ppm in -200.0..200.0,
        delays in proptest::collection::vec((0_i64..30_000_000, 0_i64..5_000_000), 4..100),
    ) {
        let (mut envelope, now) = measured(drift_ppm, &delays);
        // Seen from where the samples lie; the bound at `now` also holds for the line, not its slope.
        let estimate = envelope.estimate(now).unwrap().unwrap();
        let error_ns = (estimate.remote_at(now) - remote(drift_ppm, now)) as f64;
        let slope_ns = (estimate.drift - drift_ppm * 1e-6).abs() * estimate.span_s * 1e9;
        prop_assert!(error_ns.abs() <= estimate.half_ns + slope_ns + 5_000.0, "{error_ns} of {estimate:?}");
    }
}
