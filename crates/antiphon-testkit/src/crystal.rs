//! A machine's crystal: an offset, a constant error, a random walk and a slow wave, known exactly.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

use antiphon_timeline::HostTime;

use crate::rng::SeededRng;

/// The rate is constant for this long, then changes a little.
const KNOT_NS: i64 = 100_000_000;
/// A crystal that warms gains this much in a minute, and loses it in the next.
const WARMTH: f64 = 10e-6;
const WARMING_S: f64 = 60.0;
/// Random walk of the rate, in 1 per square root of second.
const WALK: f64 = 0.01e-6;

/// The relation of one machine's clock to true time.
#[derive(Debug)]
pub struct Crystal {
    rng: SeededRng,
    /// True time and reading at the last knot, and the rate since then, less one.
    knot: (i64, i64),
    rate: f64,
    walk: f64,
    error: f64,
    wave: f64,
    period_s: f64,
    warms: bool,
}

impl Crystal {
    /// A crystal with an error of 20 to 100 ppm either way, as cheap ones have, and any origin.
    pub fn new(rng: SeededRng) -> Self {
        Self::with_error(rng, 20.0, 100.0)
    }

    /// A better one, of 5 to 20 ppm.
    pub fn kind(rng: SeededRng) -> Self {
        Self::with_error(rng, 5.0, 20.0)
    }

    fn with_error(mut rng: SeededRng, from_ppm: f64, to_ppm: f64) -> Self {
        let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
        let error = sign * rng.between(from_ppm, to_ppm) * 1e-6;
        let (wave, period_s) = (rng.between(0.1e-6, 1e-6), rng.between(30.0, 300.0));
        let origin = rng.between(1e12, 1e15) as i64;
        Self { rng, knot: (0, origin), rate: error, walk: 0.0, error, wave, period_s, warms: false }
    }

    /// The reading at true time `now_ns`, which never goes back.
    pub fn read(&mut self, now_ns: i64) -> HostTime {
        while now_ns - self.knot.0 >= KNOT_NS {
            self.knot = (self.knot.0 + KNOT_NS, self.reading_at(self.knot.0 + KNOT_NS));
            self.walk += WALK * (KNOT_NS as f64 / 1e9).sqrt() * self.rng.normal();
            let phase = std::f64::consts::TAU * self.knot.0 as f64 / 1e9 / self.period_s;
            self.rate = self.error + self.walk + self.wave * phase.sin() + self.warmth();
        }
        HostTime(self.reading_at(now_ns))
    }

    /// True time at which the crystal will read `reading`, as far as the present rate tells.
    pub fn when(&self, reading: HostTime) -> i64 {
        self.knot.0 + ((reading.0 - self.knot.1) as f64 / (1.0 + self.rate)).ceil() as i64
    }

    /// Steps the clock, as a broken machine's does.
    pub fn step(&mut self, ns: i64) {
        self.knot.1 += ns;
    }

    /// Changes the constant error.
    pub fn set_error_ppm(&mut self, ppm: f64) {
        self.error = ppm * 1e-6;
    }

    /// Lets it warm by 10 ppm in a minute and cool in the next, on and on, as beside a busy processor.
    pub fn warm(&mut self) {
        self.warms = true;
    }

    fn warmth(&self) -> f64 {
        let minutes = self.knot.0 as f64 / 1e9 / WARMING_S;
        if self.warms { WARMTH * (1.0 - (minutes % 2.0 - 1.0).abs()) } else { 0.0 }
    }

    fn reading_at(&self, now_ns: i64) -> i64 {
        let elapsed = now_ns - self.knot.0;
        self.knot.1 + elapsed + (elapsed as f64 * self.rate).round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rate of `crystal` from `from_s` on for a second, less one, in ppm.
    fn rate_ppm(crystal: &mut Crystal, from_s: i64) -> f64 {
        let [before, after] = [from_s, from_s + 1].map(|s| crystal.read(s * 1_000_000_000));
        (after - before) as f64 / 1e3 - 1e6
    }

    #[test]
    fn cheap_crystals_err_by_tens_of_ppm_and_kind_ones_by_fewer() {
        for n in 0..50 {
            let cheap = rate_ppm(&mut Crystal::new(SeededRng::new(n)), 0).abs();
            let kind = rate_ppm(&mut Crystal::kind(SeededRng::new(n)), 0).abs();
            assert!((18.9..101.1).contains(&cheap) && (3.9..21.1).contains(&kind), "{cheap} {kind}");
        }
    }

    #[test]
    fn a_warm_crystal_gains_ten_ppm_in_a_minute_and_loses_them_in_the_next() {
        let mut warm = Crystal::kind(SeededRng::new(1));
        let mut even = Crystal::kind(SeededRng::new(1));
        warm.warm();
        let gained = [0, 30, 60, 90, 119].map(|s| rate_ppm(&mut warm, s) - rate_ppm(&mut even, s));
        for (gained, expected) in gained.into_iter().zip([0.0, 5.0, 10.0, 5.0, 0.0]) {
            assert!((gained - expected).abs() < 0.2, "{gained} ppm, not {expected}");
        }
    }

    #[test]
    fn a_reading_comes_when_it_is_said_to() {
        let mut crystal = Crystal::new(SeededRng::new(3));
        let now = crystal.read(5_000_000_000);
        let at = crystal.when(now + 50_000_000);
        assert!((crystal.read(at) - now - 50_000_000).abs() <= 1);
    }
}
