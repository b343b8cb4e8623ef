//! Audio files to samples, and sound to files.
//!
//! [`prepare`] turns a person's WAV, FLAC, MP3, OGG Vorbis or AIFF file into a sample: decoded within bounds, mixed to
//! one or two channels, resampled to 48 kHz, and encoded as a 24-bit FLAC blob. The rule that must hold: the bits of
//! a sample are fixed there, once. [`decode_blob`] is exact on integers, so every peer that has the blob plays the
//! same numbers, whatever its CPU. Files are untrusted; each refusal says its cause.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let tone: Vec<f32> = (0..4800).map(|n| (n % 100) as f32 / 200.0).collect();
//! let sample = antiphon_media::prepare_pcm(&tone, 1)?;
//! let (channels, frames) = antiphon_media::decode_blob(&sample.blob)?;
//! assert_eq!((channels, frames), (1, sample.pcm));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod prepare;

mod container;
mod decode;
mod flac_file;
mod flac_frames;
mod intake;
mod mixdown;
mod resample;

mod flac;

mod peaks;
mod wav_writer;

mod error;
pub mod limits;

pub use decode::{Pcm, decode};
pub use error::{BlobError, DecodeError, WriteWavError};
pub use peaks::{Peak, peaks};
pub use prepare::{Prepared, decode_blob, prepare, prepare_pcm};
pub use resample::RATE;
pub use wav_writer::{WavFormat, WavWriter};
