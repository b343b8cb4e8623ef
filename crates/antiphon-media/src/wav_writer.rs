//! Streaming WAV files: written beside their place and put there whole.

use std::{
    fmt,
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use crate::{error::WriteWavError, mixdown::scrubbed, resample::RATE};

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WavFormat {
    /// 32-bit float: bit for bit what was rendered.
    Float32,
    /// 24-bit integer: for programs that want integers. Clipped at full scale.
    Int24,
}

/// Writes 48 kHz frames to a WAV file, of which nothing is seen before it is finished.
///
/// Dropping it unfinished leaves the file's place as it was.
pub struct WavWriter {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
    /// `None` once finished or given up.
    writer: Option<hound::WavWriter<BufWriter<File>>>,
    format: WavFormat,
    channels: u16,
}

impl fmt::Debug for WavWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WavWriter")
            .field("path", &self.path)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl WavWriter {
    /// Begins a file. Its folder must be there.
    pub fn create(path: &Path, format: WavFormat, channels: u16) -> Result<Self, WriteWavError> {
        let failed = |source| WriteWavError::Io { path: path.to_path_buf(), source };
        let mut name =
            path.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?.to_os_string();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(name);
        let file = File::create(&temporary).map_err(failed)?;
        let (bits_per_sample, sample_format) = match format {
            WavFormat::Float32 => (32, hound::SampleFormat::Float),
            WavFormat::Int24 => (24, hound::SampleFormat::Int),
        };
        let spec = hound::WavSpec { channels, sample_rate: RATE, bits_per_sample, sample_format };
        let mut created = Self { path: path.to_path_buf(), temporary, file, writer: None, format, channels };
        let buffered = BufWriter::with_capacity(1 << 16, created.file.try_clone().map_err(failed)?);
        created.writer = Some(hound::WavWriter::new(buffered, spec).map_err(|error| created.failed(error))?);
        Ok(created)
    }

    /// Appends interleaved frames.
    pub fn write(&mut self, frames: &[f32]) -> Result<(), WriteWavError> {
        if !frames.len().is_multiple_of(self.channels.into()) {
            return Err(WriteWavError::PartFrame { samples: frames.len(), channels: self.channels });
        }
        self.write_samples(frames).map_err(|error| self.failed(error))
    }

    fn write_samples(&mut self, frames: &[f32]) -> Result<(), hound::Error> {
        let Some(writer) = &mut self.writer else { return Err(hound::Error::UnfinishedSample) };
        // hound would let the header's 32 bits run over.
        if u64::from(writer.len()) + frames.len() as u64 > u64::from(u32::MAX - 4096) / 4 {
            return Err(hound::Error::TooWide);
        }
        match self.format {
            WavFormat::Float32 => frames.iter().try_for_each(|sample| writer.write_sample(*sample)),
            WavFormat::Int24 => frames.iter().try_for_each(|sample| writer.write_sample(int24(*sample))),
        }
    }

    /// Completes the file and puts it in its place; it is on disk when this returns.
    pub fn finish(mut self) -> Result<(), WriteWavError> {
        if let Some(writer) = self.writer.take() {
            writer.finalize().map_err(|error| self.failed(error))?;
        }
        let placed = self.file.sync_all().and_then(|()| fs::rename(&self.temporary, &self.path));
        placed.map_err(|source| WriteWavError::Io { path: self.path.clone(), source })
    }

    fn failed(&self, error: hound::Error) -> WriteWavError {
        let source = match error {
            hound::Error::TooWide => return WriteWavError::TooLong,
            hound::Error::IoError(error) => error,
            other => io::Error::other(other.to_string()),
        };
        WriteWavError::Io { path: self.path.clone(), source }
    }
}

impl Drop for WavWriter {
    fn drop(&mut self) {
        // hound completes the header when dropped, which would fail again where writing has failed; harmless.
        drop(self.writer.take());
        // Gone already after `finish`; otherwise nothing half-written stays.
        let _ = fs::remove_file(&self.temporary);
    }
}

fn int24(sample: f32) -> i32 {
    const FULL_SCALE: f32 = (1 << 23) as f32;
    libm::roundf(scrubbed(sample) * FULL_SCALE).clamp(-FULL_SCALE, FULL_SCALE - 1.0) as i32
}
