//! A collection of measured errors and what to say of them.

use std::{collections::BTreeMap, fmt};

/// Bits of an error that are kept: those below 2048 ns exactly, larger ones to 0.05 %.
const KEPT_BITS: u32 = 11;

/// Errors in nanoseconds, by size.
///
/// They are counted in classes, so that a sweep of a thousand seeds fits in memory. The largest is exact.
#[derive(Debug, Clone, Default)]
pub struct Errors {
    classes: BTreeMap<i64, u64>,
    count: usize,
    sum_ns: i128,
    max_ns: i64,
}

impl Errors {
    /// No error yet.
    pub const fn new() -> Self {
        Self { classes: BTreeMap::new(), count: 0, sum_ns: 0, max_ns: 0 }
    }

    /// Adds an error of either sign.
    pub fn add(&mut self, error_ns: i64) {
        let size_ns = error_ns.saturating_abs();
        *self.classes.entry(class_of(size_ns)).or_default() += 1;
        self.count += 1;
        self.sum_ns += i128::from(size_ns);
        self.max_ns = self.max_ns.max(size_ns);
    }

    /// Adds those of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (class, count) in &other.classes {
            *self.classes.entry(*class).or_default() += count;
        }
        self.count += other.count;
        self.sum_ns += other.sum_ns;
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The error that this share of them does not exceed, in nanoseconds; 0 of none.
    pub fn quantile_ns(&self, share: f64) -> i64 {
        let rank = ((share * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (class, count) in &self.classes {
            seen += count;
            if seen >= rank {
                return (*class).min(self.max_ns);
            }
        }
        self.max_ns
    }

    /// The share of them that do not exceed `limit_ns`; 1 of none.
    pub fn share_within(&self, limit_ns: i64) -> f64 {
        let within: u64 = self.classes.range(..=class_of(limit_ns)).map(|(_, count)| count).sum();
        if self.count == 0 { 1.0 } else { within as f64 / self.count as f64 }
    }

    /// The mean of their sizes, in nanoseconds; 0 of none.
    pub fn mean_ns(&self) -> f64 {
        self.sum_ns as f64 / self.count.max(1) as f64
    }

    /// The largest, in nanoseconds; 0 of none.
    pub fn max_ns(&self) -> i64 {
        self.max_ns
    }
}

/// The largest error of the class of `size_ns`, so that no quantile looks smaller than it is.
fn class_of(size_ns: i64) -> i64 {
    let bits = 64 - size_ns.leading_zeros();
    let dropped = bits.saturating_sub(KEPT_BITS);
    size_ns | ((1_i64 << dropped) - 1)
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = |ns: i64| ns as f64 / 1e3;
        let [p50, p99] = [0.5, 0.99].map(|share| micros(self.quantile_ns(share)));
        write!(f, "p50 {p50:.0} / p99 {p99:.0} / max {:.0} µs", micros(self.max_ns()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let mut errors = Errors::new();
        assert_eq!((errors.quantile_ns(0.99), errors.max_ns()), (0, 0));
        (-100..0).for_each(|error| errors.add(error));
        assert_eq!((errors.quantile_ns(0.5), errors.quantile_ns(0.99), errors.max_ns()), (50, 99, 100));
    }

    #[test]
    fn a_large_quantile_is_at_most_a_thousandth_too_large_and_never_too_small() {
        for error in [2047, 2048, 123_456_789, i64::MAX - 1, i64::MAX] {
            let mut errors = Errors::new();
            errors.add(error);
            errors.add(i64::MAX);
            let shown = errors.quantile_ns(0.5);
            assert!(shown >= error && shown - error <= error / 1000, "{error} is shown as {shown}");
        }
    }

    #[test]
    fn collections_add_up() {
        let (mut one, mut two) = (Errors::new(), Errors::new());
        one.add(5);
        two.add(-7);
        two.add(1);
        one.extend(&two);
        assert_eq!((one.len(), one.quantile_ns(0.5), one.max_ns()), (3, 5, 7));
        assert!((one.share_within(5) - 2.0 / 3.0).abs() < 1e-9);
    }
}
