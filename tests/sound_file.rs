//! WAV files that the product wrote, and ones for it to read.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

use std::{f64::consts::TAU, fs, path::Path};

use antiphon_testkit::sound::{peak_db, rms_db};

/// A rendered file.
#[derive(Debug)]
pub struct Recording {
    /// The file as it is.
    pub bytes: Vec<u8>,
    /// Left and right in turn.
    pub samples: Vec<f32>,
}

impl Recording {
    /// Reads a file of 48 kHz, two channels, 32-bit float.
    #[track_caller]
    pub fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut reader = hound::WavReader::new(bytes.as_slice()).expect("a render is a WAV file");
        let spec = reader.spec();
        assert_eq!((spec.sample_rate, spec.channels, spec.bits_per_sample), (48_000, 2, 32));
        let samples = reader.samples::<f32>().collect::<Result<_, _>>().expect("whole frames");
        Self { bytes, samples }
    }

    pub fn peak_db(&self) -> f64 {
        peak_db(&self.samples)
    }

    pub fn rms_db(&self) -> f64 {
        rms_db(&self.samples)
    }

    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / 2.0 / 48_000.0
    }
}

/// Writes a tone of `hertz` that dies away: something to import.
pub fn write_tone(path: &Path, hertz: f64, seconds: f64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).expect("a temporary file");
    let frames = (seconds * 44_100.0) as u32;
    for frame in 0..frames {
        let fade = 1.0 - f64::from(frame) / f64::from(frames);
        let wave = (f64::from(frame) * hertz * TAU / 44_100.0).sin();
        writer.write_sample((wave * fade * 20_000.0) as i16).expect("a temporary file");
    }
    writer.finalize().expect("a temporary file");
}
