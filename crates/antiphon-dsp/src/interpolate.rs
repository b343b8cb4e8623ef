//! Reading a sample at another pitch.
//!
//! Between two frames lies a windowed sinc of sixteen taps; when the pitch rises, what would end up above the
//! Nyquist frequency is removed by a longer sinc with a lower cutoff, one bank for each half octave or so.

use std::sync::OnceLock;

/// Points of the kernel between two frames; linear interpolation between them stays below -90 dB.
const PHASES: usize = 256;
const PHASE_BITS: u32 = 8;
/// Ratios up to which each bank serves: three octaves.
const BANK_RATIOS: [f64; 7] = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0];
/// Taps at ratio 1.
const TAPS: usize = 16;

/// The kernels.
pub struct SincTables {
    banks: Vec<Bank>,
}

struct Bank {
    ratio: f64,
    taps: usize,
    /// `PHASES + 1` rows of `taps`.
    rows: Vec<f32>,
}

impl SincTables {
    /// The kernels, built on first use (some milliseconds).
    ///
    /// Thread: any but audio. Whoever makes a voice keeps the reference.
    pub fn shared() -> &'static Self {
        static TABLES: OnceLock<SincTables> = OnceLock::new();
        TABLES.get_or_init(|| Self { banks: BANK_RATIOS.into_iter().map(Bank::build).collect() })
    }

    fn bank_for(&self, ratio: f64) -> usize {
        self.banks.partition_point(|bank| bank.ratio < ratio).min(self.banks.len() - 1)
    }
}

impl Bank {
    fn build(ratio: f64) -> Self {
        let taps = (TAPS as f64 * ratio) as usize;
        let mut rows = vec![0.0; taps * (PHASES + 1)];
        for (phase, row) in rows.chunks_exact_mut(taps).enumerate() {
            let offset = phase as f64 / PHASES as f64;
            let kernel: Vec<f64> = (0..taps).map(|tap| kernel(tap, offset, taps, ratio)).collect();
            // Unity gain at DC for every phase, or a constant would ripple.
            let sum: f64 = kernel.iter().sum();
            row.iter_mut().zip(&kernel).for_each(|(out, value)| *out = (value / sum) as f32);
        }
        Self { ratio, taps, rows }
    }
}

fn kernel(tap: usize, offset: f64, taps: usize, ratio: f64) -> f64 {
    use std::f64::consts::PI;
    let x = tap as f64 - (taps / 2 - 1) as f64 - offset;
    // The cutoff lies a little below the Nyquist frequency, as the transition is not infinitely steep.
    let cutoff = 0.92 / ratio;
    let sinc = if x.abs() < 1e-9 { 1.0 } else { libm::sin(PI * x * cutoff) / (PI * x * cutoff) };
    // Blackman.
    let place = x / (taps as f64 * 0.5);
    let window = if place.abs() >= 1.0 {
        0.0
    } else {
        0.42 + 0.5 * libm::cos(PI * place) + 0.08 * libm::cos(2.0 * PI * place)
    };
    sinc * window
}

/// A place in a sample that moves on at some ratio.
#[derive(Debug, Clone, Copy)]
pub struct Resampler {
    /// 32.32 fixed point: never drifts.
    position: u64,
    increment: u64,
    bank: usize,
}

impl Resampler {
    /// Reads from the first frame on, `ratio` times as fast as recorded (1/64 to 8).
    pub fn new(tables: &SincTables, ratio: f32) -> Self {
        Self::starting_at(tables, ratio, 0)
    }

    /// Reads from frame `frame` on.
    pub fn starting_at(tables: &SincTables, ratio: f32, frame: u64) -> Self {
        let ratio = f64::from(ratio).clamp(1.0 / 64.0, 8.0);
        Self {
            position: frame << 32,
            increment: (ratio * 4_294_967_296.0) as u64,
            bank: tables.bank_for(ratio),
        }
    }

    /// The whole frame it has reached.
    pub fn frame(&self) -> u64 {
        self.position >> 32
    }

    /// Frames of output until frame `frame` is reached.
    pub fn frames_until(&self, frame: u64) -> u64 {
        (frame << 32).saturating_sub(self.position).div_ceil(self.increment)
    }

    /// The next frame of `CHANNELS` interleaved channels.
    #[inline]
    pub fn next<const CHANNELS: usize>(&mut self, tables: &SincTables, data: &[f32]) -> [f32; CHANNELS] {
        let at = (self.position >> 32) as usize;
        let fraction = self.position as u32;
        self.position += self.increment;
        if fraction == 0 && self.bank == 0 {
            return std::array::from_fn(|channel| data.get(at * CHANNELS + channel).copied().unwrap_or(0.0));
        }
        convolve(&tables.banks[self.bank], data, at, fraction)
    }
}

fn convolve<const CHANNELS: usize>(bank: &Bank, data: &[f32], at: usize, fraction: u32) -> [f32; CHANNELS] {
    let phase = (fraction >> (32 - PHASE_BITS)) as usize;
    let between = (fraction << PHASE_BITS >> 8) as f32 * (1.0 / (1 << 24) as f32);
    let rows = &bank.rows[phase * bank.taps..(phase + 2) * bank.taps];
    let (row, next) = rows.split_at(bank.taps);
    let before = bank.taps / 2 - 1;
    // Taps that lie before the first frame meet silence.
    let skipped = before.saturating_sub(at);
    let from = (at + skipped).saturating_sub(before);
    let frames = data.get(from * CHANNELS..).unwrap_or(&[]).chunks_exact(CHANNELS);
    let mut sums = [0.0_f32; CHANNELS];
    for ((tap, next), frame) in row.iter().zip(next).skip(skipped).zip(frames) {
        let tap = tap + between * (next - tap);
        for (sum, sample) in sums.iter_mut().zip(frame) {
            *sum += tap * sample;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(ratio: f32, data: &[f32]) -> Vec<f32> {
        let tables = SincTables::shared();
        let mut reader = Resampler::new(tables, ratio);
        let frames = reader.frames_until(data.len() as u64);
        (0..frames).map(|_| reader.next::<1>(tables, data)[0]).collect()
    }

    fn tone(hz: f32) -> Vec<f32> {
        (0..48_000).map(|i| crate::sin_turns((i as f32 * hz / 48_000.0).fract())).collect()
    }

    #[test]
    fn the_recorded_pitch_is_a_copy() {
        let data = tone(997.0);
        assert_eq!(play(1.0, &data), data);
    }

    #[test]
    fn a_tone_moves_by_the_ratio_and_keeps_its_level() {
        for ratio in [0.5_f32, 0.7, 1.26, 2.0, 3.7, 8.0] {
            let out = play(ratio, &tone(500.0));
            for (i, sample) in out.iter().enumerate().skip(400).take(out.len() - 800) {
                let turns = (i as f64 * f64::from(ratio) * 500.0 / 48_000.0).fract();
                let exact = libm::sin(turns * std::f64::consts::TAU);
                // The tone itself is only exact to f32's phase.
                assert!((f64::from(*sample) - exact).abs() < 4e-3, "ratio {ratio} frame {i}");
            }
        }
    }

    #[test]
    fn what_would_fold_back_is_removed() {
        // 15 kHz an octave up would be 30 kHz and fold to 18 kHz.
        let out = play(2.0, &tone(15_000.0));
        let peak = out[200..out.len() - 200].iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!(peak < 0.002, "{peak}");
    }
}
