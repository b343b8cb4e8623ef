//! A glide from one tempo to another, linear in session time.
//!
//! With speeds v₀ and v₁ (µBPM), length T (ns) and τ nanoseconds after its start, the ticks passed are
//!
//! ```text
//! f(τ) = (v₀τ + (v₁ - v₀)τ²/2T) · 2³² / 60·10¹⁵ = (2·v₀·T·τ + (v₁ - v₀)·τ²) · 2¹⁴ / (T·3·5¹⁶)
//! ```
//!
//! exactly, rounded down. With T at most two minutes every product stays below 2¹²⁰. The inverse is the greatest τ whose
//! ticks are not beyond those asked for, so it is exact: the quadratic formula with an integer root finds it to within a
//! nanosecond or two, and the exact forward formula settles it.

use crate::{tempo::Tempo, units::clamp_i64};

/// A glide to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ramp {
    /// The tempo at its end.
    pub to: Tempo,
    /// How long it takes, ns; 1 to [`RAMP_MAX_NS`](crate::RAMP_MAX_NS).
    pub over_ns: i64,
}

/// A ramp with the tempo that it starts from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glide {
    /// Speed at the start, µBPM.
    from: i128,
    /// Speed at the end less that at the start.
    gain: i128,
    /// Its length, ns.
    over: i128,
}

/// 2³² ticks a quarter over 60·10¹⁵ (µBPM · ns in a quarter), over two, in lowest terms.
const NUMERATOR: i128 = 1 << 14;
const DENOMINATOR: i128 = 3 * 152_587_890_625;

impl Glide {
    pub(crate) fn new(from: Tempo, ramp: Ramp) -> Self {
        let (from, to) = (i128::from(from.micro_bpm()), i128::from(ramp.to.micro_bpm()));
        Self { from, gain: to - from, over: i128::from(ramp.over_ns.max(1)) }
    }

    /// Ticks that pass in the first `nanos` of the ramp, rounded down.
    pub(crate) fn ticks_in(self, nanos: i64) -> i64 {
        let scaled = self.area(self.held(nanos)) * NUMERATOR;
        clamp_i64(scaled.div_euclid(self.over * DENOMINATOR))
    }

    /// How long the first `ticks` of the ramp last, rounded down.
    pub(crate) fn nanos_of(self, ticks: i64) -> i64 {
        if ticks <= 0 {
            return 0;
        }
        if ticks >= self.ticks_in(clamp_i64(self.over)) {
            return clamp_i64(self.over);
        }
        let passed = i128::from(ticks) * self.over * DENOMINATOR;
        let is_within = |nanos: i128| self.area(nanos) * NUMERATOR <= passed;
        let mut nanos = self.estimate(passed / NUMERATOR).clamp(0, self.over);
        while !is_within(nanos) {
            nanos -= 1;
        }
        while nanos < self.over && is_within(nanos + 1) {
            nanos += 1;
        }
        clamp_i64(nanos)
    }

    /// The tempo at `nanos` after the start of the ramp.
    pub(crate) fn tempo_at(self, nanos: i64) -> Tempo {
        let micro = self.from + (self.gain * self.held(nanos)).div_euclid(self.over);
        Tempo::from_micro_bpm_clamped(u64::try_from(micro).unwrap_or_default())
    }

    fn held(self, nanos: i64) -> i128 {
        i128::from(nanos).clamp(0, self.over)
    }

    /// Twice T times the integral of the speed.
    fn area(self, nanos: i128) -> i128 {
        (2 * self.from * self.over + self.gain * nanos) * nanos
    }

    /// The root of `area(τ) = area`, in the form without cancellation: area / (v₀T + √((v₀T)² + (v₁ - v₀)·area)).
    ///
    /// What is under the root would need 135 bits, so it is taken without its last ten.
    fn estimate(self, area: i128) -> i128 {
        let start = self.from * self.over;
        let square = (start >> 5) * (start >> 5) + self.gain * (area >> 10);
        let root = square.max(0).isqrt() << 5;
        area / (start + root).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::RAMP_MAX_NS;
    use proptest::prelude::*;

    fn glide() -> impl Strategy<Value = (Glide, i64)> {
        let tempo = || prop_oneof![Just(20_000_000_u64), Just(999_000_000), 20_000_000..999_000_000_u64];
        let over = prop_oneof![1..1_000_i64, 1..=RAMP_MAX_NS, Just(RAMP_MAX_NS)];
        (tempo(), tempo(), over).prop_map(|(from, to, over_ns)| {
            let [from, to] = [from, to].map(Tempo::from_micro_bpm_clamped);
            (Glide::new(from, Ramp { to, over_ns }), over_ns)
        })
    }

    /// The inverse by halving, slow and obvious.
    fn halved(glide: Glide, over: i64, ticks: i64) -> i64 {
        let (mut low, mut high) = (0, over);
        while low < high {
            let middle = low + (high - low + 1) / 2;
            let scaled = glide.area(middle.into()) * NUMERATOR;
            if scaled <= i128::from(ticks) * glide.over * DENOMINATOR {
                low = middle
            } else {
                high = middle - 1
            }
        }
        low
    }

    proptest! {
        #[test]
        fn the_inverse_is_the_greatest_time_that_is_not_beyond((glide, over) in glide(), part in 0.0..1.0) {
            let whole = glide.ticks_in(over);
            let ticks = (whole as f64 * part) as i64;
            prop_assert_eq!(glide.nanos_of(ticks), halved(glide, over, ticks));
        }

        #[test]
        fn the_estimate_is_within_two_nanoseconds((glide, over) in glide(), part in 0.0..1.0) {
            let area = (glide.area(over.into()) as f64 * part) as i128;
            let exact = glide.nanos_of(clamp_i64((area * NUMERATOR).div_euclid(glide.over * DENOMINATOR)));
            // A tick and a nanosecond of rounding beside.
            prop_assert!((glide.estimate(area) - i128::from(exact)).abs() <= 3);
        }
    }

    #[test]
    fn a_ramp_lasts_as_long_as_its_mean_tempo() {
        let [slow, fast] = [60.0, 180.0].map(|bpm| Tempo::from_bpm(bpm).unwrap());
        let glide = Glide::new(slow, Ramp { to: fast, over_ns: 4_000_000_000 });
        // Four seconds at 120 BPM in the mean are eight quarters.
        assert_eq!(glide.ticks_in(4_000_000_000), 8 << 32);
        assert_eq!(glide.tempo_at(2_000_000_000), Tempo::DEFAULT);
        // The first second covers 60 to 90 BPM: one quarter and a quarter of one.
        assert_eq!(glide.ticks_in(1_000_000_000), 5 << 30);
        assert_eq!(glide.nanos_of(5 << 30), 1_000_000_000);
    }
}
