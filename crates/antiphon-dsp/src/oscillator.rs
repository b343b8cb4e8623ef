//! Band-limited sawtooth and pulse.
//!
//! A sawtooth is read from a table that holds just the harmonics that fit below the Nyquist frequency at the
//! highest pitch the table serves: two tables per octave, so that at most the harmonics above 16 kHz are
//! missing, and nothing folds back. A pulse of any width is the difference of two such sawtooths, which
//! keeps it free of DC as well.

use std::sync::OnceLock;

use wide::{bytemuck::cast, f32x4, f32x8, i32x8, u32x8, u64x2};

use crate::{SAMPLE_RATE, math::sin_turns};

const TABLE_BITS: u32 = 11;
const TABLE: usize = 1 << TABLE_BITS;
const FRACTION_BITS: u32 = 32 - TABLE_BITS;
/// The lowest table serves up to this pitch.
const LOWEST_TOP_HZ: f64 = 28.3;
/// Half octaves from there to 20 kHz.
const LEVELS: usize = 20;
/// No harmonic above this is stored: it leaves room for vibrato above the table's top pitch.
const HIGHEST_HARMONIC_HZ: f64 = 23_000.0;
/// Harmonics stored at most: more would need larger tables for linear interpolation.
const HARMONICS_MAX: usize = 512;

/// What a phase between two entries needs: the value at the first, and how far it is from there to the next, in the
/// 2²¹st parts that the phase counts in. Both lie in one word, which one load fetches.
type Entry = u64;
type Table = [Entry; TABLE];

/// Frames read in one go.
const WIDE: usize = 8;

/// One period of a sawtooth for each half octave. Falls from 1 to -1.
pub struct SawTables {
    levels: Vec<Table>,
    top_hz: Vec<f32>,
}

impl SawTables {
    /// The tables, built on first use (some milliseconds).
    ///
    /// Thread: any but audio. Whoever makes a voice keeps the reference.
    pub fn shared() -> &'static Self {
        static TABLES: OnceLock<SawTables> = OnceLock::new();
        TABLES.get_or_init(Self::build)
    }

    fn build() -> Self {
        let sine: Vec<f64> =
            (0..TABLE).map(|i| libm::sin(i as f64 * std::f64::consts::TAU / TABLE as f64)).collect();
        let top_hz: Vec<f64> =
            (0..LEVELS).map(|level| LOWEST_TOP_HZ * libm::exp2(level as f64 * 0.5)).collect();
        let mut levels = vec![[0; TABLE]; LEVELS];
        let mut sum = vec![0.0_f64; TABLE];
        let mut harmonics = 0;
        // From the top down each table is the one above it with harmonics added.
        for (level, top) in top_hz.iter().enumerate().rev() {
            let fitting = ((HIGHEST_HARMONIC_HZ / top) as usize).clamp(1, HARMONICS_MAX);
            for harmonic in harmonics + 1..=fitting {
                let amplitude = std::f64::consts::FRAC_2_PI / harmonic as f64;
                for (i, value) in sum.iter_mut().enumerate() {
                    *value += amplitude * sine[i * harmonic % TABLE];
                }
            }
            harmonics = harmonics.max(fitting);
            for (i, entry) in levels[level].iter_mut().enumerate() {
                let (value, next) = (sum[i] as f32, sum[(i + 1) % TABLE] as f32);
                // The factor is a power of two: it takes nothing from the slope's precision.
                *entry = cast([value, (next - value) * FRACTION]);
            }
        }
        Self { levels, top_hz: top_hz.into_iter().map(|hz| hz as f32).collect() }
    }

    fn level_for(&self, hz: f32) -> usize {
        self.top_hz.partition_point(|top| *top < hz).min(LEVELS - 1)
    }
}

/// A phase that turns. 2³² is one turn, so it wraps by itself and never drifts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Oscillator {
    phase: u32,
    increment: u32,
    level: usize,
}

impl Oscillator {
    /// An oscillator at `hz`, starting `phase` turns into its period.
    pub fn new(tables: &SawTables, hz: f32, phase: f32) -> Self {
        let mut oscillator = Self { phase: turns(phase), increment: 0, level: 0 };
        oscillator.set_hz(tables, hz);
        oscillator
    }

    /// Changes the pitch, keeping the phase.
    pub fn set_hz(&mut self, tables: &SawTables, hz: f32) {
        let hz = hz.clamp(0.0, 20_000.0);
        self.increment = (f64::from(hz) * (4_294_967_296.0 / f64::from(SAMPLE_RATE))) as u32;
        self.level = tables.level_for(hz);
    }

    /// Adds a sawtooth of amplitude `level`.
    pub fn add_saw(&mut self, tables: &SawTables, level: f32, out: &mut [f32]) {
        let table = &tables.levels[self.level];
        let (chunks, rest) = out.as_chunks_mut::<WIDE>();
        let mut phases = Phases::of(self);
        for chunk in chunks {
            let value = f32x8::splat(level) * phases.read(table);
            *chunk = (f32x8::from(*chunk) + value).to_array();
            phases.pass();
        }
        self.phase = phases.first;
        self.add(rest, |phase| level * read(table, phase));
    }

    /// Adds a pulse of amplitude `level`.
    pub fn add_pulse(&mut self, tables: &SawTables, pulse: Pulse, level: f32, out: &mut [f32]) {
        let table = &tables.levels[self.level];
        let (chunks, rest) = out.as_chunks_mut::<WIDE>();
        let mut phases = Phases::of(self);
        let mut later = Phases::of(&Self { phase: self.phase.wrapping_add(pulse.0), ..*self });
        for chunk in chunks {
            let value = f32x8::splat(level) * (phases.read(table) - later.read(table));
            *chunk = (f32x8::from(*chunk) + value).to_array();
            phases.pass();
            later.pass();
        }
        self.phase = phases.first;
        self.add(rest, |phase| level * (read(table, phase) - read(table, phase.wrapping_add(pulse.0))));
    }

    /// Adds a sine of amplitude `level`.
    pub fn add_sine(&mut self, level: f32, out: &mut [f32]) {
        self.add(out, |phase| level * sin_turns(phase as i32 as f32 * (1.0 / 4_294_967_296.0)));
    }

    #[inline]
    fn add(&mut self, out: &mut [f32], value: impl Fn(u32) -> f32) {
        let (mut phase, increment) = (self.phase, self.increment);
        for out in out {
            *out += value(phase);
            phase = phase.wrapping_add(increment);
        }
        self.phase = phase;
    }

    /// The next value of a pulse.
    #[inline]
    pub fn pulse(&mut self, tables: &SawTables, pulse: Pulse) -> f32 {
        let mut value = [0.0];
        self.add_pulse(tables, pulse, 1.0, &mut value);
        value[0]
    }
}

/// The width of a pulse.
#[derive(Debug, Clone, Copy)]
pub struct Pulse(u32);

impl Pulse {
    /// Half a period: a square.
    pub const SQUARE: Self = Self(1 << 31);

    /// `width` of a period, between 5 and 95 %.
    pub fn width(width: f32) -> Self {
        Self(turns(width.clamp(0.05, 0.95)))
    }
}

#[inline]
fn turns(turns: f32) -> u32 {
    (f64::from(turns) * 4_294_967_296.0) as u64 as u32
}

const FRACTION: f32 = 1.0 / (1 << FRACTION_BITS) as f32;
const FRACTION_MASK: u32 = (1 << FRACTION_BITS) - 1;

#[inline(always)]
fn entry(table: &Table, phase: u32) -> Entry {
    table[(phase >> FRACTION_BITS) as usize & (TABLE - 1)]
}

#[inline]
fn read(table: &Table, phase: u32) -> f32 {
    let [value, slope]: [f32; 2] = cast(entry(table, phase));
    value + (phase & FRACTION_MASK) as i32 as f32 * slope
}

/// The phases of the next [`WIDE`] frames: the first to look up by, all to interpolate by.
struct Phases {
    first: u32,
    increment: u32,
    all: u32x8,
}

impl Phases {
    #[inline(always)]
    fn of(oscillator: &Oscillator) -> Self {
        let Oscillator { phase, increment, .. } = *oscillator;
        let all = std::array::from_fn(|frame| phase.wrapping_add(increment.wrapping_mul(frame as u32)));
        Self { first: phase, increment, all: u32x8::new(all) }
    }

    #[inline(always)]
    fn pass(&mut self) {
        let step = self.increment.wrapping_mul(WIDE as u32);
        self.first = self.first.wrapping_add(step);
        self.all += u32x8::splat(step);
    }

    /// What [`read`] gives for each, to the same bits.
    #[inline(always)]
    fn read(&self, table: &Table) -> f32x8 {
        let entry = |frame: u32| entry(table, self.first.wrapping_add(self.increment.wrapping_mul(frame)));
        // Two entries come in one register each; then the values and the slopes of four.
        let pair = |frame: u32| -> [f32; 4] { cast(u64x2::new([entry(frame), entry(frame + 1)])) };
        let four = |frame: u32| {
            let ([a, s, b, t], [c, u, d, v]) = (pair(frame), pair(frame + 2));
            (f32x4::new([a, b, c, d]), f32x4::new([s, t, u, v]))
        };
        let ((low_values, low_slopes), (high_values, high_slopes)) = (four(0), four(4));
        let (values, slopes): (f32x8, f32x8) =
            (cast([low_values, high_values]), cast([low_slopes, high_slopes]));
        let fractions: i32x8 = cast(self.all & u32x8::splat(FRACTION_MASK));
        values + f32x8::from_i32x8(fractions) * slopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_any_size_have_the_bits_of_single_frames() {
        let tables = SawTables::shared();
        for (number, hz) in [0.0, 27.5, 441.3, 3_000.0, 19_000.0].into_iter().enumerate() {
            let mut single = Oscillator::new(tables, hz, 0.37);
            let mut blocks = single;
            let pulse = Pulse::width(0.1 + 0.2 * number as f32);
            let (mut a, mut b) = (vec![0.25; 1_000], vec![0.25; 1_000]);
            a.chunks_mut(1).for_each(|out| single.add_saw(tables, 0.7, out));
            a.chunks_mut(1).for_each(|out| single.add_pulse(tables, pulse, 0.3, out));
            b.chunks_mut(37).for_each(|out| blocks.add_saw(tables, 0.7, out));
            b.chunks_mut(53).for_each(|out| blocks.add_pulse(tables, pulse, 0.3, out));
            assert!(a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()), "at {hz} Hz");
        }
    }
}
