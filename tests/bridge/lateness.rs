//! How late the bridge was itself.

use std::fmt;

use antiphon_testkit::sound::quantile;

/// A frame that is handed over later than this tells of the host, not of the network it stands for.
pub const TOO_LATE_MS: f64 = 2.0;

/// How long after its due time each frame was handed over.
#[derive(Debug, Clone, Default)]
pub struct Lateness {
    micros: Vec<f64>,
}

impl Lateness {
    pub(super) fn add(&mut self, nanos: i64) {
        self.micros.push(nanos as f64 / 1e3);
    }

    /// How many frames it was.
    pub fn count(&self) -> usize {
        self.micros.len()
    }

    /// The milliseconds that this share of frames stayed below; 0 without frames.
    pub fn quantile_ms(&self, part: f64) -> f64 {
        if self.micros.is_empty() { 0.0 } else { quantile(&mut self.micros.clone(), part) / 1e3 }
    }

    /// Does this run tell of the host rather than of the network?
    pub fn is_unfit(&self) -> bool {
        self.quantile_ms(1.0) > TOO_LATE_MS
    }

    /// The share of frames that were too late.
    pub fn too_late(&self) -> f64 {
        let late = self.micros.iter().filter(|micros| **micros > TOO_LATE_MS * 1e3).count();
        late as f64 / self.count().max(1) as f64
    }
}

impl fmt::Display for Lateness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |part| self.quantile_ms(part) * 1e3;
        let (count, late) = (self.count(), self.too_late() * 100.0);
        write!(
            f,
            "p50 {:.0}, p99 {:.0}, worst {:.0} µs; {late:.2} % of {count} frames",
            at(0.5),
            at(0.99),
            at(1.0)
        )?;
        write!(f, " later than {TOO_LATE_MS} ms")
    }
}
