//! Any rate to 48 kHz, once, at import.
//!
//! rubato's FFT resampler: the spectrum is cut or extended and filtered, so nothing aliases. It picks its code by the
//! CPU, so two machines may differ in the last bit; that does no harm, because what one of them made is stored,
//! hashed and shared as it is.

use rubato::{Fft, FixedSync, Resampler, WindowFunction, audioadapter_buffers::direct::InterleavedSlice};

use crate::error::DecodeError;

/// The canonical rate.
pub const RATE: u32 = 48_000;

/// Frames that one transform takes, about: its filter is as long, which puts the cutoff close below the end of
/// the band and keeps ringing within 20 ms.
const TRANSFORM_FRAMES: usize = 1024;

/// Interleaved frames at 48 kHz; the first frame stays the first.
pub(crate) fn to_canonical_rate(
    frames: Vec<f32>,
    channels: usize,
    rate: u32,
) -> Result<Vec<f32>, DecodeError> {
    if rate == RATE {
        return Ok(frames);
    }
    // Both rates fit a whole number of times into one transform. An even number of frames has a middle: with an
    // odd one the filter sits half a frame off it and shifts the sound.
    let unit = (rate / greatest_common_divisor(rate, RATE)) as usize;
    let units = TRANSFORM_FRAMES.div_ceil(unit).next_multiple_of(if unit.is_multiple_of(2) { 1 } else { 2 });
    let internal = |cause: String| DecodeError::Internal { cause };
    let mut resampler = Fft::<f32>::new_custom(
        rate as usize,
        RATE as usize,
        unit * units,
        1,
        channels,
        WindowFunction::BlackmanHarris2,
        FixedSync::Both,
    )
    .map_err(|error| internal(error.to_string()))?;
    let count = frames.len() / channels;
    let input =
        InterleavedSlice::new(&frames, channels, count).map_err(|error| internal(error.to_string()))?;
    let output = resampler.process_all(&input, count, None).map_err(|error| internal(error.to_string()))?;
    Ok(output.take_data())
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
