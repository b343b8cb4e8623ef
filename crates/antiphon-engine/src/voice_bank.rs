//! Bare synth voices without song, mixer or limiter: what one voice costs, for benchmarks against other synthesizers.
//!
//! The patch is the one that such comparisons use: two band-limited saws a few cents apart, a resonant low-pass
//! with an envelope of its own, an ADSR. Voices are spread over the stereo field by equal power.

use antiphon_dsp::{PanGains, SawTables, SincTables};

use crate::{
    limits::SEGMENT_FRAMES,
    note_params::NoteParams,
    sample_bank::SampleBank,
    voice::{Body, COMPARISON, HELD, Origin, Strike, SynthBody, Tables, Voice},
    voices::NoteStart,
};

/// Any number of voices of the comparison patch.
pub struct VoiceBank {
    tables: Tables,
    samples: SampleBank,
    voices: Vec<(Voice, PanGains)>,
    struck: u64,
}

impl VoiceBank {
    /// `voices` voices that hold a wide chord until they are let go.
    pub fn new(voices: usize) -> Self {
        let tables = Tables { saw: SawTables::shared(), sinc: SincTables::shared() };
        let mut bank = Self { tables, samples: SampleBank::new(), voices: Vec::new(), struck: 0 };
        for number in 0..voices {
            let place = number as f32 / voices.max(2) as f32 * 2.0 - 1.0;
            // Fourths from C2 upwards, folded into four octaves.
            let semitones = (number * 5 % 48) as f32 - 24.0;
            let voice = bank.voice(semitones, HELD);
            bank.voices.push((voice, PanGains::at(place)));
        }
        bank
    }

    fn voice(&mut self, semitones: f32, gate: u64) -> Voice {
        self.struck += 1;
        let strike = Strike { semitones, velocity: 100, seed: self.struck };
        let body = Body::Synth(SynthBody::new(&COMPARISON, strike, &NoteParams::NEUTRAL, self.tables.saw));
        let note = NoteStart {
            lane: 0,
            origin: Origin::Preview,
            strike,
            gate,
            gated: false,
            choke: 0,
            params: NoteParams::NEUTRAL,
        };
        Voice::new(&note, body)
    }

    /// Strikes voice number `index` anew: `semitones` from middle C, held for `gate_frames`.
    pub fn strike(&mut self, index: usize, semitones: f32, gate_frames: u64) {
        let voice = self.voice(semitones, gate_frames);
        if let Some(slot) = self.voices.get_mut(index) {
            slot.0 = voice;
        }
    }

    /// Fills `out` (interleaved stereo) with the next frames.
    pub fn render(&mut self, out: &mut [f32]) {
        for part in out.chunks_mut(2 * SEGMENT_FRAMES) {
            let frames = part.len() / 2;
            part.fill(0.0);
            for (voice, pan) in &mut self.voices {
                let (mut left, mut right) = ([0.0; SEGMENT_FRAMES], [0.0; SEGMENT_FRAMES]);
                voice.render(&self.tables, &self.samples, &mut left[..frames], &mut right[..frames]);
                for (out, sample) in part.chunks_exact_mut(2).zip(&left) {
                    out[0] += sample * pan.left;
                    out[1] += sample * pan.right;
                }
            }
        }
    }
}
