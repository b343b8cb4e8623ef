//! How a simulated card behaves.

use cpal::{SampleFormat, SupportedBufferSize, SupportedStreamConfigRange};

/// How a card behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct CardSpec {
    /// Its name, and its id.
    pub name: String,
    /// Frames per second by its own crystal.
    pub rate: u32,
    /// How fast that crystal is.
    pub ppm: f64,
    /// Channels it takes.
    pub channels: u16,
    /// The only sample format it takes.
    pub format: SampleFormat,
    /// The only buffer size it takes.
    pub buffer: u32,
    /// Playback timestamps are off by up to this much in both directions.
    pub timestamp_noise_ns: i64,
    /// Chance that a timestamp is off by 2 to 15 ms instead.
    pub outliers: f64,
    /// Callbacks come late by this much on average, exponentially distributed.
    pub lateness_ns: f64,
    /// Chance that a callback comes 20 to 200 ms late. What the card has queued does not last that long: it drops out.
    pub stalls: f64,
    /// What the card's own stream clock shows at true time 0.
    pub stream_clock_origin_ns: i64,
    /// Seed of its noise.
    pub seed: u64,
}

impl CardSpec {
    /// A consumer's card: its crystal is off by `ppm`, its timestamps are noisy and now and then wrong, its callbacks
    /// come late.
    pub fn consumer(ppm: f64, seed: u64) -> Self {
        Self {
            ppm,
            seed,
            timestamp_noise_ns: 80_000,
            outliers: 0.002,
            lateness_ns: 200_000.0,
            stream_clock_origin_ns: 5_000_000_000,
            ..Self::default()
        }
    }

    /// Frames per second of true time.
    pub(super) fn true_rate(&self) -> f64 {
        f64::from(self.rate) * (1.0 + self.ppm * 1e-6)
    }

    pub(super) fn stamp_error_ns(&self, noise: &mut Noise) -> i64 {
        let side = if noise.unit() < 0.5 { -1.0 } else { 1.0 };
        if noise.unit() < self.outliers {
            return (side * (2e6 + 13e6 * noise.unit())) as i64;
        }
        (side * noise.unit() * self.timestamp_noise_ns as f64) as i64
    }

    pub(super) fn late_ns(&self, noise: &mut Noise) -> f64 {
        let usual = -self.lateness_ns * (1.0 - noise.unit()).ln();
        if self.stalls > 0.0 && noise.unit() < self.stalls {
            usual + 20e6 + 180e6 * noise.unit()
        } else {
            usual
        }
    }

    pub(super) fn range(&self) -> SupportedStreamConfigRange {
        let buffer = SupportedBufferSize::Range { min: self.buffer, max: self.buffer };
        SupportedStreamConfigRange::new(self.channels, self.rate, self.rate, buffer, self.format)
    }
}

impl Default for CardSpec {
    fn default() -> Self {
        Self {
            name: "virtual".to_owned(),
            rate: 48_000,
            ppm: 0.0,
            channels: 2,
            format: SampleFormat::F32,
            buffer: 512,
            timestamp_noise_ns: 0,
            outliers: 0.0,
            lateness_ns: 0.0,
            stalls: 0.0,
            stream_clock_origin_ns: 1_000_000_000,
            seed: 1,
        }
    }
}

/// A xorshift sequence.
#[derive(Debug)]
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number, in [0, 1).
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
