//! Our part of `cargo xtask bench-synths`: plays a list of notes on bare voices, one reverb on the sum, into a WAV file.
//!
//! `same_patch NOTES OUT.wav`; a line of NOTES is `start-frame voice midi-note frames-held`, earliest first.

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write},
};

use antiphon_dsp::{Reverb, ReverbSettings};
use antiphon_engine::reference::VoiceBank;

const VOICES: usize = 64;
const FRAMES: u64 = 60 * 48_000;
/// The block of the other programs.
const BLOCK: u64 = 64;
/// Share of the reverb in the sum.
const WET: f32 = 0.3;
/// As loud as the other programs.
const LEVEL: f32 = 0.2;

struct Note {
    start: u64,
    voice: usize,
    semitones: f32,
    gate: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(notes), Some(wav)) = (args.next(), args.next()) else {
        return Err("usage: same_patch NOTES OUT.wav".into());
    };
    let notes = std::fs::read_to_string(notes)?;
    let notes =
        notes.lines().map(note).collect::<Option<Vec<_>>>().ok_or("a line of the notes is not one")?;
    let mut out = BufWriter::with_capacity(1 << 16, File::create(wav)?);
    out.write_all(&header())?;
    play(&notes, &mut out)?;
    out.flush()?;
    Ok(())
}

fn note(line: &str) -> Option<Note> {
    let mut words = line.split(' ');
    let mut number = || words.next()?.parse::<u64>().ok();
    let (start, voice, pitch, gate) = (number()?, number()? as usize, number()?, number()?);
    Some(Note { start, voice, semitones: pitch as f32 - 60.0, gate })
}

fn play(notes: &[Note], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut bank = VoiceBank::new(VOICES);
    let mut reverb = Reverb::new(ReverbSettings::default());
    let mut notes = notes.iter().peekable();
    let mut now = 0;
    let mut bytes = Vec::with_capacity(BLOCK as usize * 8);
    while now < FRAMES {
        while let Some(note) = notes.next_if(|note| note.start <= now) {
            bank.strike(note.voice, note.semitones, note.gate);
        }
        // A note begins on its very frame: a segment ends there and the next begins, as in the engine.
        let next = notes.peek().map_or(FRAMES, |note| note.start).min(FRAMES);
        let frames = (next - now).min(BLOCK) as usize;
        let (mut dry, mut left, mut right) =
            ([0.0; 2 * BLOCK as usize], [0.0; BLOCK as usize], [0.0; BLOCK as usize]);
        let (dry, left, right) = (&mut dry[..2 * frames], &mut left[..frames], &mut right[..frames]);
        bank.render(dry);
        for ((pair, left), right) in dry.chunks_exact(2).zip(left.iter_mut()).zip(right.iter_mut()) {
            (*left, *right) = (pair[0], pair[1]);
        }
        reverb.process(left, right);
        bytes.clear();
        for ((pair, left), right) in dry.chunks_exact(2).zip(left).zip(right) {
            for (dry, wet) in [(pair[0], *left), (pair[1], *right)] {
                let sample = LEVEL * (dry * (1.0 - WET) + wet * WET);
                bytes.extend(sample.to_le_bytes());
            }
        }
        out.write_all(&bytes)?;
        now += frames as u64;
    }
    Ok(())
}

/// A WAV header: 32-bit floats, stereo, 48 kHz.
fn header() -> Vec<u8> {
    let data = (FRAMES * 8) as u32;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x03\0\x02\0");
    bytes.extend(48_000_u32.to_le_bytes());
    bytes.extend((48_000_u32 * 8).to_le_bytes());
    bytes.extend(b"\x08\0\x20\0data");
    bytes.extend(data.to_le_bytes());
    bytes
}
