//! From a file to a sample: decoded, brought to 48 kHz and 24 bits, and stored once.

use crate::{
    decode::{Pcm, decode},
    error::{BlobError, DecodeError},
    flac::{self, FULL_SCALE},
    limits::DECODED_BYTES_MAX,
    mixdown::scrubbed,
    resample::to_canonical_rate,
};

/// A sample ready to be kept and played.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// What is stored and shared: 24-bit FLAC at 48 kHz.
    pub blob: Vec<u8>,
    /// BLAKE3 of the blob: the sample's id.
    pub sample: [u8; 32],
    /// 1 or 2.
    pub channels: u8,
    /// Frames at 48 kHz.
    pub frames: u64,
    /// Interleaved; exactly what [`decode_blob`] gives for the blob.
    pub pcm: Vec<f32>,
}

/// Makes a sample of an audio file.
///
/// A sound that goes beyond full scale is turned down as a whole until it fits, so nothing is clipped.
/// 16- and 24-bit files at 48 kHz keep every bit.
pub fn prepare(bytes: &[u8], extension: Option<&str>) -> Result<Prepared, DecodeError> {
    let Pcm { rate, channels, mut frames } = decode(bytes, extension)?;
    // Before resampling, because a float file may be louder than the transform can add up.
    turn_down_to_full_scale(&mut frames);
    let mut frames = to_canonical_rate(frames, channels.into(), rate)?;
    if frames.len() * 4 > DECODED_BYTES_MAX {
        return Err(DecodeError::TooLarge);
    }
    // And after, because between two samples at full scale a wave may go beyond it.
    turn_down_to_full_scale(&mut frames);
    prepare_pcm(&frames, channels)
}

/// Makes a sample of interleaved frames at 48 kHz, as of a recording or a rendered sound. What is beyond full
/// scale is clipped.
pub fn prepare_pcm(frames: &[f32], channels: u8) -> Result<Prepared, DecodeError> {
    if !(1..=2).contains(&channels) {
        return Err(DecodeError::TooManyChannels { channels: channels.into() });
    }
    let whole = frames.len() - frames.len() % usize::from(channels);
    let samples: Vec<i32> = frames.iter().take(whole).map(|sample| quantised(*sample)).collect();
    if samples.is_empty() {
        return Err(DecodeError::NoSound);
    }
    let blob = flac::encode(&samples, channels.into())?;
    // The bits are fixed for ever here, so no encoder's mistake may pass.
    if flac::decode(&blob) != Ok((channels.into(), samples.clone())) {
        return Err(DecodeError::Internal {
            cause: "the encoded sound does not decode to itself".to_owned(),
        });
    }
    Ok(Prepared {
        sample: *blake3::hash(&blob).as_bytes(),
        blob,
        channels,
        frames: (samples.len() / usize::from(channels)) as u64,
        pcm: samples.into_iter().map(to_float).collect(),
    })
}

/// The channels and interleaved frames of a stored sample, the same bits everywhere. Anything but a blob in its
/// one form is refused.
pub fn decode_blob(blob: &[u8]) -> Result<(u8, Vec<f32>), BlobError> {
    let (channels, samples) = flac::decode(blob)?;
    Ok((channels as u8, samples.into_iter().map(to_float).collect()))
}

fn turn_down_to_full_scale(frames: &mut [f32]) {
    /// The largest sample that 24 bits hold: positive full scale is one step short of 1.
    const LARGEST: f32 = (FULL_SCALE - 1.0) / FULL_SCALE;
    let peak = frames.iter().fold(0.0_f32, |peak, sample| peak.max(scrubbed(*sample).abs()));
    // -1 itself is a 24-bit sample: an integer file that uses it must not be touched.
    if peak > 1.0 {
        frames.iter_mut().for_each(|sample| *sample = scrubbed(*sample) / peak * LARGEST);
    }
}

fn quantised(sample: f32) -> i32 {
    let steps = libm::roundf(scrubbed(sample) * FULL_SCALE);
    steps.clamp(-FULL_SCALE, FULL_SCALE - 1.0) as i32
}

/// Exact: 24 bits fit the mantissa, and the scale is a power of two.
fn to_float(sample: i32) -> f32 {
    sample as f32 / FULL_SCALE
}
