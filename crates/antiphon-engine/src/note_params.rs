//! What a note plays with beside its strike: the track's parameters with the step's locks over them.
//!
//! Looked up once when a plan is compiled, so that the audio thread only copies numbers.

use antiphon_dsp::{PanGains, db_to_gain};
use antiphon_model::Param;

/// The parameters of one note, in the units the voices want.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NoteParams {
    /// Linear.
    pub level: f32,
    /// The note's own place; `None` where the track's strip places it.
    pub pan: Option<PanGains>,
    pub tune_semitones: f32,
    /// From the sound's own cutoff; drums and samples are fully open at 0.
    pub cutoff_octaves: f32,
    /// 0 to 1, beside the sound's own.
    pub resonance: f32,
    /// Seconds that the attack takes longer.
    pub attack_seconds: f32,
    /// Factor on decay times.
    pub decay: f32,
    /// Factor on release times.
    pub release: f32,
    /// 0 to 1, beside the sound's own.
    pub drive: f32,
    /// Where a sample starts, 0 to 1.
    pub start: f32,
}

impl NoteParams {
    /// The sound as it was made.
    pub(crate) const NEUTRAL: Self = Self {
        level: 1.0,
        pan: None,
        tune_semitones: 0.0,
        cutoff_octaves: 0.0,
        resonance: 0.0,
        attack_seconds: 0.0,
        decay: 1.0,
        release: 1.0,
        drive: 0.0,
        start: 0.0,
    };

    /// The same with a parameter set.
    pub(crate) fn with(mut self, param: Param, value: i16) -> Self {
        let value = f32::from(value);
        match param {
            Param::Level if value <= -6000.0 => self.level = 0.0,
            Param::Level => self.level = db_to_gain(value / 100.0),
            Param::Pan => self.pan = Some(PanGains::at(value / 100.0)),
            Param::Tune => self.tune_semitones = value / 100.0,
            Param::Cutoff => self.cutoff_octaves = value / 1200.0,
            Param::Resonance => self.resonance = value / 100.0,
            Param::Attack => self.attack_seconds = value / 1000.0,
            Param::Decay => self.decay = value / 100.0,
            Param::Release => self.release = value / 100.0,
            Param::Drive => self.drive = value / 100.0,
            Param::Start => self.start = value / 1000.0,
        }
        self
    }
}
