//! Renders every sound alone and the reference song to WAV files, and prints how loud they are.
//!
//! `cargo run --release -p antiphon-engine --example listen -- FOLDER`
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

use std::{error::Error, fs, ops::ControlFlow, path::Path};

use antiphon_engine::{
    RenderOptions, SamplePool,
    reference::{self, SongBuilder},
    render,
};
use antiphon_model::{Drum, Gain, Preset, Song, Sound, Strip};
use ebur128::{EbuR128, Mode};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder for the WAV files")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let sounds = Drum::ALL.map(Sound::Drum).into_iter().chain(Preset::ALL.map(Sound::Synth));
    println!("{:<18}{:>10}{:>12}{:>10}", "sound", "125 ms", "true peak", "dc");
    for sound in sounds {
        let strip = Strip { gain: Gain::default(), ..Strip::default() };
        let steps = format!("0:100:32 {}", ". ".repeat(15));
        let song = SongBuilder::new(120.0, 0).track(sound.clone(), strip, &steps).build();
        let pcm = pcm(&song, &RenderOptions::bars(1));
        report(&sound.to_string(), &pcm)?;
        write_wav(&folder.join(format!("{}.wav", sound.to_string().replace(':', "-"))), &pcm)?;
        let phrase = "0:100 . . 0:60 0:127 . 7:90 0:40 12:100 . 5:110 . 0:127:24 3:100 -5:80 -12:100";
        let song = SongBuilder::new(120.0, 0).track(sound.clone(), strip, phrase).build();
        let pcm = self::pcm(&song, &RenderOptions::bars(2));
        write_wav(&folder.join(format!("{}-phrase.wav", sound.to_string().replace(':', "-"))), &pcm)?;
    }
    let song = reference::song();
    let pcm = pcm(&song, &RenderOptions::bars(8));
    report("reference song", &pcm)?;
    write_wav(&folder.join("reference.wav"), &pcm)
}

fn pcm(song: &Song, options: &RenderOptions) -> Vec<f32> {
    let mut pcm = Vec::new();
    render(song, &SamplePool::new(), options, |block, _| {
        pcm.extend_from_slice(block);
        ControlFlow::Continue(())
    });
    pcm
}

fn report(name: &str, pcm: &[f32]) -> Result<(), Box<dyn Error>> {
    let mut meter = EbuR128::new(2, 48_000, Mode::M | Mode::TRUE_PEAK)?;
    let mut momentary = f64::NEG_INFINITY;
    for block in pcm.chunks(2 * 480) {
        meter.add_frames_f32(block)?;
        momentary = momentary.max(meter.loudness_window(125)?);
    }
    let peak = 20.0 * meter.true_peak(0)?.max(meter.true_peak(1)?).log10();
    let dc = pcm.iter().map(|sample| f64::from(*sample)).sum::<f64>() / pcm.len() as f64;
    println!("{name:<18}{momentary:>10.2}{peak:>12.2}{dc:>10.5}");
    Ok(())
}

fn write_wav(path: &Path, pcm: &[f32]) -> Result<(), Box<dyn Error>> {
    let data = pcm.len() as u32 * 4;
    let mut bytes = Vec::with_capacity(44 + data as usize);
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&(36 + data).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16_u32.to_le_bytes());
    // Format 3: floating point, 2 channels, 48 kHz, 8 bytes a frame.
    for word in [3_u16, 2] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    for word in [48_000_u32, 48_000 * 8] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    for word in [8_u16, 32] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&data.to_le_bytes());
    pcm.iter().for_each(|sample| bytes.extend_from_slice(&sample.to_le_bytes()));
    fs::write(path, bytes)?;
    Ok(())
}
