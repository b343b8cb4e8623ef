//! Oscillators, envelopes, filters, ramps, interpolation, limiter.
//!
//! The parts of a voice and of the mixer, for one sample rate: that of the canonical stream. Nothing here
//! knows songs or time; `antiphon-engine` puts the parts together.
//!
//! **Same bits everywhere.** Every peer has to compute the same stream, so this crate uses only what IEEE 754 pins
//! down (`+ - * /`, `sqrt`, comparisons, conversions) and `libm`, which is plain Rust. The transcendental
//! functions of `std` call the platform's and differ between machines; `mul_add` and reordered sums would
//! differ between processors. Sums are written in the order they are meant to be computed in.
//!
//! **Real-time.** Every method that a voice calls per sample or per block is real-time safe: no allocation,
//! lock, log or system call. Tables are built once, by [`SawTables::shared`], which is not.
//!
//! **No denormals.** Exponential envelopes end at -80 dB, filters are fed from sources that stop with
//! them, and ramps land on their target. So results do not depend on a host that flushes denormals either.
#![forbid(unsafe_code)]

mod drive;
mod envelope;
mod interpolate;
mod lanes;
mod limiter;
mod math;
mod noise;
mod oscillator;
mod pan;
mod ramp;
mod reverb;
mod svf;
mod true_peak;

pub use drive::{DcBlock, Drive};
pub use envelope::{Adsr, AdsrLanes, AdsrTimes, Decay};
pub use interpolate::{Resampler, SincTables};
pub use lanes::{LANES, to_frames, to_rows};
pub use limiter::Limiter;
pub use math::{db_to_gain, decay_factor, exp2, gain_to_db, semitones_to_ratio, sin_turns, tan_pi};
pub use noise::{Noise, mix_seed};
pub use oscillator::{Oscillator, Pulse, SawTables};
pub use pan::PanGains;
pub use ramp::Ramp;
pub use reverb::{Reverb, ReverbSettings};
pub use svf::{Svf, SvfLanes, SvfOutput, SvfSetting, SvfTurn};
pub use true_peak::{TRUE_PEAK_DELAY, TruePeak};
pub use wide::f32x8;

/// Frames in a second.
pub const SAMPLE_RATE: f32 = 48_000.0;
/// Control values (filter cutoff, pitch, pulse width) change at every multiple of this many frames of a voice's age.
pub const CONTROL_FRAMES: u32 = 32;
/// A level below this (-100 dB) is silence.
pub const SILENCE: f32 = 1e-5;
