//! Steering: how one peer moves its session clock towards what it sees of the others'.
//!
//! There is no master. Every tick each peer takes the mean of its neighbours' errors, weighted by how
//! well it measures them and without the outermost on both sides, and leans towards it by changing its
//! rate, never its time. The same is done to the rate itself, more slowly, so that the offset it holds
//! against need not be an error. With everybody doing this, session time runs at the members' mean rate.
#![allow(
    clippy::disallowed_methods,
    reason = "steers one machine's clock; peers agree by measuring, not by bits"
)]

/// One neighbour, as measured now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    /// Their session time minus ours.
    pub error_ns: f64,
    /// How far the measurement can be off.
    pub half_ns: f64,
    /// Their base rate, seen by our clock, minus ours, as a ratio.
    pub rate_gap: f64,
    /// How long the rate was measured.
    pub span_s: f64,
}

/// What to do until the next tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Steering {
    /// The lasting rate of session time by our clock, less one.
    pub base: f64,
    /// The momentary addition to it.
    pub slew: f64,
}

/// Session time never departs further from a crystal for good.
const BASE_MAX: f64 = 250e-6;
/// Below what is heard as a change of pitch or tempo.
const SLEW_MAX: f64 = 1000e-6;
/// While joining, or when far off: audible to few, over sooner.
const SLEW_MAX_HURRY: f64 = 3000e-6;
const FAR_NS: f64 = 10e6;
/// Of three clocks, one that is further from both others than this is wrong.
const ASTRAY_NS: f64 = 5e6;
/// For what cannot be an error of measurement. Two faces halve it, at least, and so would keep honest
/// peers apart for long at the usual gain.
const GAIN_SURE_PER_S: f64 = 2.0;
/// Asymmetry that no measurement sees; keeps one excellent link from deciding alone.
const FLOOR_NS: f64 = 50e3;
/// A rate from a shorter span is noise.
const RATE_SPAN_MIN_S: f64 = 4.0;
/// Pulls the common rate back to the crystals' mean, against a random walk of everybody together.
const LEAK_PER_S: f64 = 0.0002;

/// One tick, `dt_s` after the last one. `acquiring` is the first seconds after locking.
pub(crate) fn steer(views: &[View], base: f64, acquiring: bool, dt_s: f64) -> Steering {
    let base_gain = if acquiring { 0.5 } else { 0.1 };
    let rate_gap = mean_rate_gap(views).unwrap_or(0.0);
    let leak = LEAK_PER_S * dt_s * base;
    let base = (base + base_gain * dt_s * rate_gap - leak).clamp(-BASE_MAX, BASE_MAX);
    let error_ns = mean_error(views).unwrap_or(0.0);
    let limit = if acquiring || error_ns.abs() > FAR_NS { SLEW_MAX_HURRY } else { SLEW_MAX };
    let gain_per_s = if error_ns.abs() > 1.2 * typical_half_ns(views) {
        GAIN_SURE_PER_S
    } else {
        gain_per_s(views, acquiring)
    };
    let slew = (gain_per_s * error_ns * 1e-9).clamp(-limit, limit);
    Steering { base, slew }
}

/// Better measured neighbours are followed faster.
fn gain_per_s(views: &[View], acquiring: bool) -> f64 {
    if acquiring {
        return 1.0;
    }
    (0.5 * 0.5e6 / typical_half_ns(views)).clamp(0.12, 0.5)
}

/// How far the measurement of a middling link can be off.
pub(crate) fn typical_half_ns(views: &[View]) -> f64 {
    let mut halves: Vec<f64> = views.iter().map(|view| view.half_ns).collect();
    median(&mut halves).unwrap_or(0.0).max(1.0)
}

/// Our error, as the neighbours see it: their weighted mean without those that could be lies.
pub(crate) fn mean_error(views: &[View]) -> Option<f64> {
    if let [one, other] = views
        && (one.error_ns - other.error_ns).abs() > ASTRAY_NS
    {
        // Of three clocks two agree: if that is the other two, follow; if I am one of them, stay.
        return median(&mut [0.0, one.error_ns, other.error_ns]);
    }
    let weighted = |view: &View| (view.error_ns, 1.0 / (view.half_ns.powi(2) + FLOOR_NS.powi(2)));
    trimmed_mean(views.iter().map(weighted).collect())
}

fn mean_rate_gap(views: &[View]) -> Option<f64> {
    let measured = views.iter().filter(|view| view.span_s > RATE_SPAN_MIN_S);
    let weight = |view: &View| (view.span_s.min(30.0) / (view.half_ns + FLOOR_NS)).powi(2);
    trimmed_mean(measured.map(|view| (view.rate_gap, weight(view))).collect())
}

/// The weighted mean without the third of the values that liars could be: as many from each end. What
/// is left lies between honest values, if no more than a third of the others lie.
fn trimmed_mean(mut values: Vec<(f64, f64)>) -> Option<f64> {
    let liars = if values.len() >= 3 { values.len() / 3 } else { 0 };
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let kept = values.get(liars..values.len() - liars)?;
    let weight: f64 = kept.iter().map(|(_, weight)| weight).sum();
    (weight > 0.0).then(|| kept.iter().map(|(value, weight)| value * weight).sum::<f64>() / weight)
}

/// The middle value, the lower one of two.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn view(error_ns: f64) -> View {
        View { error_ns, half_ns: 100e3, rate_gap: error_ns * 1e-12, span_s: 20.0 }
    }

    #[test]
    fn slew_and_base_stay_within_their_limits() {
        for error_ns in [1e12, -1e12, f64::MAX, f64::MIN] {
            for acquiring in [false, true] {
                let steering = steer(&[view(error_ns)], 0.0, acquiring, 0.25);
                assert!(steering.slew.abs() <= SLEW_MAX_HURRY && steering.base.abs() <= BASE_MAX);
            }
        }
        assert!(steer(&[view(9.9e6)], 0.0, false, 0.25).slew <= SLEW_MAX);
    }

    #[test]
    fn of_three_the_grossly_wrong_one_is_ignored() {
        assert_eq!(mean_error(&[view(3e7), view(1e4)]), Some(1e4));
        assert_eq!(mean_error(&[view(-3e7), view(1e4)]), Some(0.0));
    }

    #[test]
    fn nobody_in_sight_means_no_slew() {
        assert_eq!(steer(&[], 0.0, false, 0.25), Steering { base: 0.0, slew: 0.0 });
    }

    proptest! {
        #[test]
        fn the_mean_lies_between_honest_values_while_a_third_lie(
            honest in proptest::collection::vec(-1e6..1e6_f64, 2..9),
            lies in proptest::collection::vec(-1e9..1e9_f64, 0..4),
        ) {
            let all: Vec<_> = honest.iter().chain(&lies).map(|&e| view(e)).collect();
            prop_assume!(all.len() >= 3 && lies.len() <= all.len() / 3);
            let values = all.iter().map(|v| (v.error_ns, 1.0)).collect();
            let mean = trimmed_mean(values).unwrap();
            let low = honest.iter().copied().fold(f64::INFINITY, f64::min);
            let high = honest.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(low <= mean && mean <= high);
        }
    }
}
