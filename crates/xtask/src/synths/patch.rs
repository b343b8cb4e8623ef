//! The patch and its notes, in numbers that every program is given.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

/// Frames a second.
pub const RATE: u32 = 48_000;
/// Length of the piece.
pub const SECONDS: u32 = 60;
/// Frames of a block, and of a control period, in scsynth and Csound.
pub const BLOCK: u32 = 64;
/// Voices that sound at once.
pub const VOICES: u32 = 64;
/// How long a key is held; the voice is struck again a second after its last note began.
pub const GATE_SECONDS: f64 = 0.7;

// The numbers of our comparison patch (crates/antiphon-engine/src/voice/preset.rs).
/// Each saw is this many cents off the note, one up and one down, and has this amplitude.
pub const DETUNE_CENTS: f64 = 6.0;
pub const SAW: f64 = 0.5;
/// Cutoff at middle C with the envelope at 0; how many octaves an octave of pitch and the whole envelope add.
const CUTOFF_HZ: f64 = 800.0;
const KEY_FOLLOW: f64 = 0.5;
pub const CUTOFF_OCTAVES: f64 = 2.5;
/// Resonance of the two-pole low-pass.
pub const Q: f64 = 2.5;
/// Attack, decay, sustain, release of the amplifier.
pub const AMP: [f64; 4] = [0.01, 0.3, 0.7, 0.3];
/// The same of the cutoff.
pub const FILTER: [f64; 4] = [0.01, 0.4, 0.3, 0.3];
/// Gain of a voice.
pub const LEVEL: f64 = 0.05;
/// Share of the reverb in the sum, its size and its damping.
pub const WET: f64 = 0.3;
pub const ROOM: f64 = 0.7;
pub const DAMP: f64 = 0.5;

/// A note of the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    pub voice: u32,
    pub start_frame: u32,
    /// MIDI note: whole tones only, so that the semitones in between must stay empty.
    pub pitch: u32,
}

impl Note {
    pub fn start_seconds(self) -> f64 {
        f64::from(self.start_frame) / f64::from(RATE)
    }

    pub fn hz(self) -> f64 {
        hz(self.pitch)
    }

    /// Cutoff while the envelope is at 0.
    pub fn cutoff_hz(self) -> f64 {
        CUTOFF_HZ * (KEY_FOLLOW * (f64::from(self.pitch) - 60.0) / 12.0).exp2()
    }
}

/// Where a voice stands, from -1 (left) to 1.
pub fn place(voice: u32) -> f64 {
    f64::from(voice) / f64::from(VOICES) * 2.0 - 1.0
}

/// Every note, earliest first. The voices begin one after the other within a second.
pub fn notes() -> Vec<Note> {
    let all = (0..SECONDS).flat_map(|second| {
        (0..VOICES).map(move |voice| Note {
            voice,
            start_frame: second * RATE + voice * (RATE / VOICES),
            pitch: 36 + 2 * ((voice * 5 + second * 3) % 24),
        })
    });
    // A note that the end would cut off is left out.
    all.filter(|note| note.start_frame + RATE <= SECONDS * RATE).collect()
}

/// Frequency of a MIDI note.
pub fn hz(pitch: u32) -> f64 {
    440.0 * ((f64::from(pitch) - 69.0) / 12.0).exp2()
}

/// The notes as our program reads them: start frame, voice, pitch, frames it is held.
pub fn text(notes: &[Note]) -> String {
    let gate = (GATE_SECONDS * f64::from(RATE)).round();
    let line = |note: &Note| format!("{} {} {} {gate}\n", note.start_frame, note.voice, note.pitch);
    notes.iter().map(line).collect()
}

/// One line for the heading.
pub fn describe() -> String {
    format!(
        "{VOICES} voices, two saws, resonant low-pass, two envelopes each; one reverb; {SECONDS} s at {RATE} Hz"
    )
}
