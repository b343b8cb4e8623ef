//! The compiled song: everything the audio thread needs, ready to play.
//!
//! A plan is shared with the one before it as far as nothing changed: patterns and the timing of a track are behind
//! `Arc`s, and free notes are the song's own, never copied.

use std::sync::Arc;

use antiphon_dsp::PanGains;
use antiphon_model::{Condition, Drum, Groove, Notes, PatternId, PlayMode, Preset, Sound, Switch, TrackId};
use antiphon_timeline::{Speed, TICKS_PER_STEP, Ticks};

use crate::{
    dice::{Die, mix_id},
    note_params::NoteParams,
    sample::{SampleData, SamplePool},
};

/// An immutable, playable form of a song for one person's ears. Made by [`crate::compile`].
#[derive(Debug)]
pub struct Plan {
    pub(crate) tracks: Vec<PlanTrack>,
    pub(crate) fill: Switch<bool>,
    pub(crate) mode: Switch<PlayMode>,
    pub(crate) chain: Arc<PlanChain>,
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
    /// Seeds the noise of live notes.
    pub seed: u64,
    pub instrument: Instrument,
    pub strip: PlanStrip,
    /// Of notes that lock nothing.
    pub params: NoteParams,
    pub gated: bool,
    pub choke: u8,
    pub part: Arc<PlanPart>,
}

/// What decides when and what a track plays. The same `Arc` in two plans: nothing of it changed.
#[derive(Debug)]
pub(crate) struct PlanPart {
    pub current: Switch<PatternId>,
    pub swing: u8,
    pub groove: Groove,
    /// By id.
    pub patterns: Box<[PlanEntry]>,
}

#[derive(Debug)]
pub(crate) struct PlanEntry {
    pub id: PatternId,
    pub die: Die,
    pub pattern: Arc<PlanPattern>,
}

/// A pattern with everything looked up.
#[derive(Debug)]
pub(crate) struct PlanPattern {
    pub speed: Speed,
    /// How long a step lasts.
    pub step_ticks: i64,
    pub humanise: u8,
    /// One entry per step; `None` where nothing strikes. Never empty.
    pub steps: Box<[Option<PlanStep>]>,
    pub chords: Box<[Tone]>,
    pub locks: Box<[NoteParams]>,
    /// For every step, how many steps back (0: itself) the nearest lies whose condition counts, cyclically; empty
    /// where none does.
    pub counting_back: Box<[u16]>,
    pub notes: Arc<Notes>,
    /// Does anything strike?
    pub sounds: bool,
}

/// A step that strikes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanStep {
    pub velocity: u8,
    pub micro: i8,
    pub ratchet: u8,
    pub chance: u8,
    pub condition: Condition,
    pub tone: Tone,
    /// Where its other notes are in the pattern's `chords`.
    pub chord: (u16, u8),
    /// Its entry in the pattern's `locks`.
    pub lock: Option<u16>,
    /// How many steps back the nearest earlier step lies whose condition counts; 0 where there is none.
    pub pre_back: u16,
}

/// A pitch and how long it lasts, ties included, in ticks at speed 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tone {
    pub pitch: i8,
    pub length: i64,
}

/// The chain with its scenes.
#[derive(Debug, Default)]
pub(crate) struct PlanChain {
    pub scenes: Box<[PlanSlots]>,
    pub links: Box<[PlanLink]>,
    /// Bars until it begins anew; 0 without links.
    pub bars: i64,
}

/// What each track plays in a scene, by track.
pub(crate) type PlanSlots = Box<[(TrackId, PatternId)]>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanLink {
    /// Bars from the beginning of the chain.
    pub from: i64,
    pub scene: Option<u16>,
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
        Self {
            tracks: Vec::new(),
            fill: Switch::default(),
            mode: Switch::default(),
            chain: Arc::default(),
            master: 1.0,
            boost: 1.0,
            volume: 1.0,
        }
    }

    /// How many tracks it plays.
    pub fn track_count(&self) -> usize {
        self.tracks.len()
    }
}

impl PlanPart {
    /// The pattern with this id; the first where it is gone, as the song has it.
    pub(crate) fn entry(&self, id: PatternId) -> Option<&PlanEntry> {
        self.exact_entry(id).or_else(|| self.patterns.first())
    }

    pub(crate) fn exact_entry(&self, id: PatternId) -> Option<&PlanEntry> {
        let at = self.patterns.binary_search_by_key(&id, |entry| entry.id).ok()?;
        self.patterns.get(at)
    }
}

impl PlanPattern {
    pub(crate) fn length(&self) -> i64 {
        self.steps.len().max(1) as i64
    }

    /// The tick of step `k`, from the pattern's origin.
    pub(crate) fn tick_of(&self, k: i64) -> i64 {
        self.speed.tick_of_step(k).0
    }

    /// The tick of `start` within cycle `cycle`, from the pattern's origin.
    pub(crate) fn tick_in_cycle(&self, cycle: i64, start: Ticks) -> i64 {
        let cycle_ticks = self.length() * TICKS_PER_STEP;
        self.speed.stretched(Ticks(cycle.saturating_mul(cycle_ticks)) + start.0).0
    }

    /// What strikes at step `index`.
    pub(crate) fn step(&self, index: i64) -> Option<&PlanStep> {
        self.steps.get(index as usize)?.as_ref()
    }

    pub(crate) fn chord_of(&self, step: &PlanStep) -> &[Tone] {
        let (from, count) = (usize::from(step.chord.0), usize::from(step.chord.1));
        self.chords.get(from..from + count).unwrap_or_default()
    }
}

/// Seeds a track's live notes, so that two hat tracks do not hiss alike.
pub(crate) fn track_seed(track: TrackId) -> u64 {
    mix_id(0, track.0)
}
