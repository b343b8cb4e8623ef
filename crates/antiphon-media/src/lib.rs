//! Audio files to PCM, resampling, peaks; PCM to FLAC and WAV.
#![forbid(unsafe_code)]
