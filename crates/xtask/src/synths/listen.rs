//! Does a file sound like the patch? Levels, silence, and whether the notes that were asked for are the ones heard.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

use std::{f64::consts::TAU, fs, path::Path};

use super::patch::{RATE, SECONDS, hz};

/// What was heard.
pub struct Heard {
    pub seconds: f64,
    pub rms_db: f64,
    pub peak_db: f64,
    /// The spectrum's root mean square frequency.
    pub brightness_hz: f64,
    /// Energy at the notes of the piece (whole tones) over that at the semitones between.
    pub notes_over_rest_db: f64,
    /// Seconds with nothing above -60 dB.
    pub silent_seconds: usize,
}

impl Heard {
    /// What is not as the patch wants it.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut check = |good: bool, fault: String| {
            if !good {
                faults.push(fault);
            }
        };
        check((self.seconds - f64::from(SECONDS)).abs() < 0.1, format!("{:.2} s long", self.seconds));
        check(self.rms_db > -40.0 && self.peak_db < 6.0, format!("at {:.1} dB", self.rms_db));
        check(self.silent_seconds == 0, format!("{} silent seconds", self.silent_seconds));
        check((200.0..6_000.0).contains(&self.brightness_hz), format!("around {:.0} Hz", self.brightness_hz));
        check(self.notes_over_rest_db > 6.0, format!("other notes ({:.1} dB)", self.notes_over_rest_db));
        faults
    }
}

/// Reads a stereo WAV file of 32-bit floats.
pub fn listen(wav: &Path) -> Result<Heard, String> {
    let bytes = fs::read(wav).map_err(|error| format!("{}: {error}", wav.display()))?;
    let data = data_chunk(&bytes).ok_or_else(|| format!("{} is not a WAV file of floats", wav.display()))?;
    let samples: Vec<f64> =
        data.as_chunks::<4>().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect();
    let mono: Vec<f64> =
        samples.as_chunks::<2>().0.iter().map(|[left, right]| (left + right) / 2.0).collect();
    let peak = |samples: &[f64]| samples.iter().fold(0.0_f64, |peak, sample| peak.max(sample.abs()));
    let slopes: Vec<f64> = mono.windows(2).map(|pair| pair[1] - pair[0]).collect();
    Ok(Heard {
        seconds: mono.len() as f64 / f64::from(RATE),
        rms_db: decibels(power(&samples)),
        peak_db: 2.0 * decibels(peak(&samples)),
        brightness_hz: (power(&slopes) / power(&mono)).sqrt() * f64::from(RATE) / TAU,
        notes_over_rest_db: notes_over_rest(&mono),
        silent_seconds: mono.chunks(RATE as usize).filter(|second| peak(second) < 0.001).count(),
    })
}

fn data_chunk(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(b"RIFF")?.get(8..)?;
    let mut floats = false;
    loop {
        let size = u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?) as usize;
        let body = rest.get(8..)?;
        match rest.get(..4)? {
            // 32 bits in 2 channels, as format 3 or the extensible one.
            b"fmt " => {
                floats =
                    matches!(body.get(..4)?, [3, 0, 2, 0] | [254, 255, 2, 0]) && body.get(14..16)? == [32, 0];
            }
            b"data" => return body.get(..size.min(body.len())).filter(|_| floats),
            _ => {}
        }
        rest = body.get(size.next_multiple_of(2)..)?;
    }
}

/// Over one second in the middle.
fn notes_over_rest(mono: &[f64]) -> f64 {
    let middle = mono.len() / 2;
    let Some(second) = mono.get(middle..middle + RATE as usize) else { return 0.0 };
    let energy = |from: u32| (from..84).step_by(2).map(|pitch| energy_at(second, hz(pitch))).sum::<f64>();
    decibels(energy(36) / energy(37))
}

/// Goertzel's filter behind a Hann window.
fn energy_at(samples: &[f64], hz: f64) -> f64 {
    let turn = TAU * hz / f64::from(RATE);
    let (mut last, mut before) = (0.0, 0.0);
    for (at, sample) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * at as f64 / samples.len() as f64).cos();
        (last, before) = (sample * window + 2.0 * turn.cos() * last - before, last);
    }
    last * last + before * before - 2.0 * turn.cos() * last * before
}

fn power(samples: &[f64]) -> f64 {
    samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64
}

fn decibels(power: f64) -> f64 {
    10.0 * power.log10()
}
