//! The compiled song: everything the audio thread needs, ready to play.

use std::sync::Arc;

use antiphon_dsp::{PanGains, mix_seed};
use antiphon_model::{Drum, Preset, Sound, TrackId};

use crate::sample::{SampleData, SamplePool};

/// An immutable, playable form of a song for one person's ears. Made by [`crate::compile`].
#[derive(Debug)]
pub struct Plan {
    pub(crate) tracks: Vec<PlanTrack>,
    pub(crate) swing_percent: u8,
    /// Shared master gain, linear.
    pub(crate) master: f32,
    /// Personal amplification before the limiter, at least 1.
    pub(crate) boost: f32,
    /// Personal volume after the limiter, at most 1.
    pub(crate) volume: f32,
}

#[derive(Debug)]
pub(crate) struct PlanTrack {
    pub id: TrackId,
    /// Seeds the noise of this track's notes.
    pub seed: u64,
    pub instrument: Instrument,
    pub strip: PlanStrip,
    /// One entry per step of the pattern that plays; never empty.
    pub steps: Box<[Option<PlanStep>]>,
}

/// A step that sounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanStep {
    pub velocity: u8,
    pub semitones: i8,
    pub length_ticks: i64,
}

/// Gains of a strip, linear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlanStrip {
    pub gain: f32,
    pub pan: PanGains,
    /// Personal gain of the track.
    pub personal: f32,
    pub audible: bool,
}

/// What a track or the preview plays with.
#[derive(Debug, Clone)]
pub(crate) enum Instrument {
    /// A sound of a newer version, or a sample that is not here yet.
    Silent,
    Drum(Drum),
    Synth(Preset),
    Sample(Arc<SampleData>),
}

impl Instrument {
    pub(crate) fn new(sound: &Sound, samples: &SamplePool) -> Self {
        match sound {
            Sound::Drum(drum) => Self::Drum(*drum),
            Sound::Synth(preset) => Self::Synth(*preset),
            Sound::Sample(id) => samples.get(id).map_or(Self::Silent, |data| Self::Sample(data.clone())),
            Sound::Unknown(_) => Self::Silent,
        }
    }
}

impl Plan {
    /// A plan without tracks.
    pub fn silent() -> Self {
        Self { tracks: Vec::new(), swing_percent: 0, master: 1.0, boost: 1.0, volume: 1.0 }
    }

    /// How many tracks it plays.
    pub fn track_count(&self) -> usize {
        self.tracks.len()
    }
}

/// Seeds a track's noise, so that two hat tracks do not hiss alike. The session is left out: a remix is another
/// session and must sound the same.
pub(crate) fn track_seed(track: TrackId) -> u64 {
    track.0.iter().fold(0, |seed, byte| mix_seed(seed, u64::from(*byte)))
}
