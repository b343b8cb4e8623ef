//! A machine's crystal: an offset, a constant error, a random walk and a slow wave, known exactly.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

use antiphon_timeline::HostTime;

use crate::rng::SeededRng;

/// The rate is constant for this long, then changes a little.
const KNOT_NS: i64 = 100_000_000;
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
}

impl Crystal {
    /// A crystal with an error of 20 to 100 ppm either way, as cheap ones have, and any origin.
    pub fn new(mut rng: SeededRng) -> Self {
        let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
        let error = sign * rng.between(20e-6, 100e-6);
        let (wave, period_s) = (rng.between(0.1e-6, 1e-6), rng.between(30.0, 300.0));
        let origin = rng.between(1e12, 1e15) as i64;
        Self { rng, knot: (0, origin), rate: error, walk: 0.0, error, wave, period_s }
    }

    /// The reading at true time `now_ns`, which never goes back.
    pub fn read(&mut self, now_ns: i64) -> HostTime {
        while now_ns - self.knot.0 >= KNOT_NS {
            self.knot = (self.knot.0 + KNOT_NS, self.reading_at(self.knot.0 + KNOT_NS));
            self.walk += WALK * (KNOT_NS as f64 / 1e9).sqrt() * self.rng.normal();
            let phase = std::f64::consts::TAU * self.knot.0 as f64 / 1e9 / self.period_s;
            self.rate = self.error + self.walk + self.wave * phase.sin();
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

    fn reading_at(&self, now_ns: i64) -> i64 {
        let elapsed = now_ns - self.knot.0;
        self.knot.1 + elapsed + (elapsed as f64 * self.rate).round() as i64
    }
}
