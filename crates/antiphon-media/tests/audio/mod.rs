//! Small audio files and tones, made here or committed beside.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::{f64::consts::TAU, path::PathBuf};

/// A committed file.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// How samples lie in a WAV file.
#[derive(Debug, Clone, Copy)]
pub enum Coding {
    U8,
    S16,
    S24,
    S32,
    F32,
    F64,
}

impl Coding {
    pub const ALL: [Self; 6] = [Self::U8, Self::S16, Self::S24, Self::S32, Self::F32, Self::F64];

    pub fn bits(self) -> u16 {
        match self {
            Self::U8 => 8,
            Self::S16 => 16,
            Self::S24 => 24,
            Self::S32 | Self::F32 => 32,
            Self::F64 => 64,
        }
    }

    fn tag(self) -> u16 {
        if matches!(self, Self::F32 | Self::F64) { 3 } else { 1 }
    }

    fn push(self, sample: f64, out: &mut Vec<u8>) {
        let integer = |bits: u32| (sample * f64::from(1_u32 << (bits - 1))).round() as i64;
        match self {
            Self::U8 => out.push((integer(8) + 128) as u8),
            Self::S16 => out.extend(&(integer(16) as i16).to_le_bytes()),
            Self::S24 => out.extend(&integer(24).to_le_bytes()[..3]),
            Self::S32 => out.extend(&(integer(32) as i32).to_le_bytes()),
            Self::F32 => out.extend(&(sample as f32).to_le_bytes()),
            Self::F64 => out.extend(&sample.to_le_bytes()),
        }
    }
}

/// A WAV file of interleaved samples.
pub fn wav(coding: Coding, rate: u32, channels: u16, samples: &[f64]) -> Vec<u8> {
    let mut data = Vec::new();
    samples.iter().for_each(|sample| coding.push(*sample, &mut data));
    let block = channels * coding.bits() / 8;
    let mut file = b"RIFF".to_vec();
    file.extend(&(36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    file.extend(&coding.tag().to_le_bytes());
    file.extend(&channels.to_le_bytes());
    file.extend(&rate.to_le_bytes());
    file.extend(&(rate * u32::from(block)).to_le_bytes());
    file.extend(&block.to_le_bytes());
    file.extend(&coding.bits().to_le_bytes());
    file.extend(b"data");
    file.extend(&(data.len() as u32).to_le_bytes());
    file.extend(&data);
    file
}

/// A 16-bit AIFF file of interleaved samples.
pub fn aiff(rate: u32, channels: u16, samples: &[f64]) -> Vec<u8> {
    let data: Vec<u8> =
        samples.iter().flat_map(|sample| ((sample * 32768.0).round() as i16).to_be_bytes()).collect();
    let mut file = b"FORM".to_vec();
    file.extend(&(46 + data.len() as u32).to_be_bytes());
    file.extend(b"AIFFCOMM\0\0\0\x12");
    file.extend(&channels.to_be_bytes());
    file.extend(&(samples.len() as u32 / u32::from(channels)).to_be_bytes());
    file.extend(&16_u16.to_be_bytes());
    // The rate as an 80-bit float: exponent, then the number with its highest bit at the top.
    let shift = rate.leading_zeros();
    file.extend(&(16383 + 31 - shift as u16).to_be_bytes());
    file.extend(&(u64::from(rate << shift) << 32).to_be_bytes());
    file.extend(b"SSND");
    file.extend(&(8 + data.len() as u32).to_be_bytes());
    file.extend(&[0; 8]);
    file.extend(&data);
    file
}

/// A sine from phase zero.
pub fn sine(rate: u32, hz: f64, level: f64, frames: usize) -> Vec<f64> {
    (0..frames).map(|frame| level * (TAU * hz * frame as f64 / f64::from(rate)).sin()).collect()
}

/// The level of one frequency in a mono sound, as the amplitude of its sine.
pub fn level_at(frames: &[f32], rate: u32, hz: f64) -> f64 {
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (frame, sample) in frames.iter().enumerate() {
        let angle = TAU * hz * frame as f64 / f64::from(rate);
        real += f64::from(*sample) * angle.cos();
        imaginary += f64::from(*sample) * angle.sin();
    }
    2.0 * real.hypot(imaginary) / frames.len() as f64
}

/// Every other sample, from `channel` on.
pub fn channel(frames: &[f32], channel: usize) -> Vec<f32> {
    frames.iter().skip(channel).step_by(2).copied().collect()
}

/// Numbers that look random, the same in every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}
