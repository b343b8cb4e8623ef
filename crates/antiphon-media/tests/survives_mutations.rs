//! Altered files: refused or decoded, never a panic that escapes, a hang or a heap of memory.
//!
//! 30,000 files by default, 1,000,000 with `ANTIPHON_LONG=1`.

mod audio;

use std::{sync::mpsc, time::Duration};

use antiphon_media::{DecodeError, decode, decode_blob, prepare_pcm};
use audio::{Coding, Numbers, aiff, fixture, sine, wav};

/// No single altered file may take longer, by far: they all hold a fraction of a second of sound.
const PATIENCE: Duration = Duration::from_secs(60);

fn originals() -> Vec<(&'static str, Vec<u8>)> {
    let tone = sine(44_100, 440.0, 0.5, 600);
    let mut originals: Vec<_> = [
        "tone-44100-mono.flac",
        "tone-44100-mono.mp3",
        "tone-44100-mono.ogg",
        "tones-48000-stereo.flac",
        "tones-48000-stereo.mp3",
        "tones-48000-stereo.ogg",
        "tone-adpcm.wav",
        "tone.aiff",
    ]
    .map(|name| (name, fixture(name)))
    .into();
    originals.push(("16-bit wav", wav(Coding::S16, 44_100, 2, &tone)));
    originals.push(("float wav", wav(Coding::F32, 44_100, 1, &tone)));
    originals.push(("made aiff", aiff(44_100, 1, &tone)));
    originals
}

fn mutate(original: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=numbers.below(6) {
        // Headers decide most, so half of all changes fall there.
        let span = if numbers.below(2) == 0 { bytes.len().min(96) } else { bytes.len() };
        let at = numbers.below(span);
        match numbers.below(7) {
            0 => bytes.truncate(at),
            1 => {
                let piece: Vec<u8> = bytes.iter().skip(at).take(1 + numbers.below(64)).copied().collect();
                bytes.splice(at..at, piece);
            }
            2 => {
                let end = (at + 1 + numbers.below(32)).min(bytes.len());
                bytes.drain(at.min(end)..end);
            }
            3 => bytes.iter_mut().skip(at).take(4).for_each(|byte| *byte = 0xff),
            4 => bytes.iter_mut().skip(at).take(8).for_each(|byte| *byte = 0),
            5 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = numbers.next() as u8),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (numbers.next() % 8)),
        }
    }
    bytes
}

fn count() -> usize {
    if std::env::var_os("ANTIPHON_LONG").is_some() { 1_000_000 } else { 30_000 }
}

/// Peak memory of this process in KiB, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn altered_files_are_decoded_or_refused() {
    // Panics inside decoders are caught and become errors; their messages would drown the report.
    std::panic::set_hook(Box::new(|_| {}));
    let before = peak_kib();
    let (progress, watched) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        let originals = originals();
        let blob = prepare_pcm(&[0.25; 3000], 1).unwrap().blob;
        let (mut decoded, mut refused, mut caught) = (0, 0, 0);
        for seed in 0..count() {
            let mut numbers = Numbers(seed as u64);
            let (name, original) = &originals[seed % originals.len()];
            let bytes = mutate(original, &mut numbers);
            progress.send(format!("{name} with seed {seed}")).unwrap();
            match decode(&bytes, None) {
                Ok(pcm) => {
                    decoded += 1;
                    assert!(pcm.frames.iter().all(|sample| sample.is_normal() || *sample == 0.0), "{seed}");
                }
                Err(DecodeError::Internal { .. }) => caught += 1,
                Err(_) => refused += 1,
            }
            // Blobs come from peers: the same treatment.
            let _ = decode_blob(&mutate(&blob, &mut numbers));
        }
        (decoded, refused, caught)
    });
    let mut last = String::new();
    loop {
        match watched.recv_timeout(PATIENCE) {
            Ok(case) => last = case,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("decoding hangs at {last}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    let (decoded, refused, caught) = worker.join().unwrap_or_else(|_| panic!("a panic escaped at {last}"));
    let _ = std::panic::take_hook();
    println!("{decoded} decoded, {refused} refused, {caught} panics of decoders caught");
    assert!(decoded > 0 && refused > 0);
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        println!("peak memory grew by {} MiB", (after - before) >> 10);
        assert!(after - before < 300 << 10, "peak memory grew by {} KiB", after - before);
    }
}
