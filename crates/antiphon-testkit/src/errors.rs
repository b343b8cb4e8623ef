//! A collection of measured errors and what to say of them.

use std::fmt;

/// Errors in nanoseconds, by size.
#[derive(Debug, Clone, Default)]
pub struct Errors(Vec<i64>);

impl Errors {
    /// No error yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds an error of either sign.
    pub fn add(&mut self, error_ns: i64) {
        self.0.push(error_ns.saturating_abs());
    }

    /// Adds those of `other`.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The error that this share of them does not exceed, in nanoseconds; 0 of none.
    pub fn quantile_ns(&self, share: f64) -> i64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(0)
    }

    /// The largest, in nanoseconds; 0 of none.
    pub fn max_ns(&self) -> i64 {
        self.0.iter().copied().max().unwrap_or(0)
    }
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
}
