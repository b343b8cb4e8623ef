//! Bare synth voices without song, mixer or limiter: what one voice costs, for benchmarks against other synthesizers.
//!
//! The patch is the one that such comparisons use: two band-limited saws a few cents apart, a resonant low-pass
//! with an envelope of its own, an ADSR. Voices are spread over the stereo field by equal power.

use antiphon_dsp::{PanGains, SawTables, SincTables};

use crate::{
    limits::SEGMENT_FRAMES,
    note_params::NoteParams,
    voice::{Body, COMPARISON, HELD, Origin, Outlets, Section, Strike, SynthBody, Tables, Voice},
    voices::NoteStart,
};

/// Up to 255 voices of the comparison patch.
pub struct VoiceBank {
    tables: Tables,
    voices: Vec<Option<Voice>>,
    order: Vec<u8>,
    section: Box<Section>,
    mix: Mix,
    struck: u64,
}

/// The sum of all voices in a segment.
struct Mix([[f32; SEGMENT_FRAMES]; 2]);

impl Outlets for Mix {
    fn outlet(&mut self, _: u8, _: bool, frames: usize) -> [&mut [f32]; 2] {
        self.0.each_mut().map(|channel| &mut channel[..frames])
    }
}

impl VoiceBank {
    /// `voices` voices (at most 255) that hold a wide chord until they are let go.
    pub fn new(voices: usize) -> Self {
        let tables = Tables { saw: SawTables::shared(), sinc: SincTables::shared() };
        let count = voices.min(usize::from(u8::MAX));
        let mut bank = Self {
            tables,
            voices: std::iter::repeat_with(|| None).take(count).collect(),
            order: (0..count as u8).collect(),
            section: Section::new(),
            mix: Mix([[0.0; SEGMENT_FRAMES]; 2]),
            struck: 0,
        };
        for number in 0..count {
            // Fourths from C2 upwards, folded into four octaves.
            bank.strike(number, (number * 5 % 48) as f32 - 24.0, HELD);
        }
        bank
    }

    /// Strikes voice number `index` anew: `semitones` from middle C, held for `gate_frames`. Its place in the stereo
    /// field goes by its number.
    pub fn strike(&mut self, index: usize, semitones: f32, gate_frames: u64) {
        let place = index as f32 / self.voices.len().max(2) as f32 * 2.0 - 1.0;
        let Some(slot) = self.voices.get_mut(index) else { return };
        self.struck += 1;
        let note = NoteStart {
            lane: 0,
            origin: Origin::Preview,
            strike: Strike { semitones, velocity: 100, seed: self.struck },
            gate: gate_frames,
            gated: false,
            choke: 0,
            params: NoteParams { pan: Some(PanGains::at(place)), ..NoteParams::NEUTRAL },
        };
        let body = SynthBody::new(&COMPARISON, note.strike, &note.params, self.tables.saw);
        *slot = Some(Voice::new(&note, Body::Synth(body)));
    }

    /// Fills `out` (interleaved stereo) with the next frames.
    pub fn render(&mut self, out: &mut [f32]) {
        for part in out.chunks_mut(2 * SEGMENT_FRAMES) {
            let frames = part.len() / 2;
            self.mix.0 = [[0.0; SEGMENT_FRAMES]; 2];
            self.section.render(&mut self.voices, &self.order, frames, &self.tables, &mut self.mix);
            for voice in &mut self.voices {
                voice.take_if(|voice| voice.has_ended());
            }
            let [left, right] = &self.mix.0;
            for (out, (left, right)) in part.chunks_exact_mut(2).zip(left.iter().zip(right)) {
                out.copy_from_slice(&[*left, *right]);
            }
        }
    }
}
