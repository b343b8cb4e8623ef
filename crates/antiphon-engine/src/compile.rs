//! Song to plan: look everything up once, off the audio thread.
//!
//! A [`Compiler`] remembers what it compiled, so that after an edit only the pattern that changed is compiled again.
//! It knows a pattern by its `Arc`: a song that shares its patterns with the one before costs next to nothing.

use std::{collections::HashMap, sync::Arc};

use antiphon_dsp::{PanGains, db_to_gain};
use antiphon_model::{
    Gain, Groove, Link, Pan, Params, Pattern, PatternId, Scene, Song, Switch, Track, TrackId, TriggerMode,
    limits::TRACKS_MAX,
};

use crate::{
    compile_pattern::compile_pattern,
    dice::Die,
    ears::{Ears, Solos},
    note_params::NoteParams,
    plan::{
        Instrument, Plan, PlanChain, PlanEntry, PlanLink, PlanPart, PlanPattern, PlanStrip, PlanTrack,
        track_seed,
    },
    sample::SamplePool,
};

/// Compiles `song` for one person's `ears`.
///
/// Pure. A track whose sample is not in `samples` is silent until a later plan has it. Whoever compiles one song
/// after every edit keeps a [`Compiler`].
pub fn compile(song: &Song, samples: &SamplePool, ears: &Ears) -> Plan {
    Compiler::default().compile(song, samples, ears)
}

/// Compiles one version of a song after another; the plans are equal to those of [`compile`].
#[derive(Debug, Default)]
pub struct Compiler {
    tracks: HashMap<TrackId, KnownTrack>,
    chain: KnownChain,
}

/// What a track's part was made of, and the part.
#[derive(Debug)]
struct KnownTrack {
    seed: u64,
    current: Switch<PatternId>,
    swing: u8,
    groove: Groove,
    params: Params,
    patterns: Vec<KnownPattern>,
    part: Arc<PlanPart>,
}

/// What a pattern was made of, and the pattern. Holding the source keeps its address from being used again.
#[derive(Debug, Clone)]
struct KnownPattern {
    id: PatternId,
    source: Arc<Pattern>,
    compiled: Arc<PlanPattern>,
}

#[derive(Debug, Default)]
struct KnownChain {
    scenes: Vec<Scene>,
    links: Vec<Link>,
    chain: Arc<PlanChain>,
}

impl Compiler {
    /// Compiles `song`; see [`compile`].
    pub fn compile(&mut self, song: &Song, samples: &SamplePool, ears: &Ears) -> Plan {
        let solos = ears.solos(song);
        let volume = gain(ears.volume);
        let tracks = song.tracks.iter().take(TRACKS_MAX);
        let tracks = tracks.map(|track| self.compile_track(song, track, samples, ears, solos)).collect();
        if self.tracks.len() > song.tracks.len() {
            self.tracks.retain(|id, _| song.tracks.iter().any(|track| track.id == *id));
        }
        Plan {
            tracks,
            fill: song.fill,
            mode: song.mode,
            chain: self.chain.compile(song),
            master: gain(song.master),
            boost: volume.max(1.0),
            volume: volume.min(1.0),
        }
    }

    fn compile_track(
        &mut self,
        song: &Song,
        track: &Track,
        samples: &SamplePool,
        ears: &Ears,
        solos: Solos,
    ) -> PlanTrack {
        PlanTrack {
            id: track.id,
            seed: track_seed(track.id),
            instrument: Instrument::new(&track.sound, samples),
            strip: PlanStrip {
                gain: gain(track.strip.gain),
                pan: pan(track.strip.pan),
                personal: gain(ears.track(track.id).gain),
                audible: ears.hears(solos, track.id, track.strip),
            },
            params: note_params(&track.params),
            gated: track.trigger == TriggerMode::Gated,
            choke: track.choke.get(),
            part: self.part(song, track),
        }
    }

    fn part(&mut self, song: &Song, track: &Track) -> Arc<PlanPart> {
        let known = self.tracks.get(&track.id);
        if let Some(known) = known.filter(|known| known.is_of(song, track)) {
            return known.part.clone();
        }
        let params = note_params(&track.params);
        let same_params = known.is_some_and(|known| known.params == track.params);
        let pattern = |(id, source): (&PatternId, &Arc<Pattern>)| {
            let at = known.and_then(|known| known.patterns.binary_search_by_key(id, |one| one.id).ok());
            let same = at.and_then(|at| known?.patterns.get(at)).filter(|one| {
                // Parameters are in the locked steps alone.
                Arc::ptr_eq(&one.source, source) && (same_params || source.locks.is_empty())
            });
            let compiled =
                same.map_or_else(|| Arc::new(compile_pattern(source, params)), |one| one.compiled.clone());
            KnownPattern { id: *id, source: source.clone(), compiled }
        };
        let patterns: Vec<_> = track.patterns.iter().map(pattern).collect();
        let entry = |one: &KnownPattern| PlanEntry {
            id: one.id,
            die: Die::new(song.seed, track.id, one.id),
            pattern: one.compiled.clone(),
        };
        let (swing, groove) = feel(song, track);
        let part = Arc::new(PlanPart {
            current: track.current,
            swing,
            groove,
            patterns: patterns.iter().map(entry).collect(),
        });
        let known = KnownTrack {
            seed: song.seed,
            current: track.current,
            swing,
            groove,
            params: track.params.clone(),
            patterns,
            part: part.clone(),
        };
        self.tracks.insert(track.id, known);
        part
    }
}

impl KnownTrack {
    fn is_of(&self, song: &Song, track: &Track) -> bool {
        let same = |(known, (id, source)): (&KnownPattern, (&PatternId, &Arc<Pattern>))| {
            known.id == *id && Arc::ptr_eq(&known.source, source)
        };
        self.seed == song.seed
            && self.current == track.current
            && (self.swing, self.groove) == feel(song, track)
            && self.params == track.params
            && self.patterns.len() == track.patterns.len()
            && self.patterns.iter().zip(&track.patterns).all(same)
    }
}

impl KnownChain {
    fn compile(&mut self, song: &Song) -> Arc<PlanChain> {
        if self.links != song.chain || self.scenes != song.scenes {
            self.chain = Arc::new(compile_chain(song));
            (self.links, self.scenes) = (song.chain.clone(), song.scenes.clone());
        }
        self.chain.clone()
    }
}

fn compile_chain(song: &Song) -> PlanChain {
    let mut bars = 0;
    let mut link = |link: &Link| {
        let scene = song.scenes.iter().position(|scene| scene.id == link.scene);
        let from = bars;
        bars += i64::from(link.bars.get());
        PlanLink { from, scene: scene.and_then(|scene| u16::try_from(scene).ok()) }
    };
    let links = song.chain.iter().map(&mut link).collect();
    let slots = |scene: &Scene| scene.slots.iter().map(|(track, pattern)| (*track, *pattern)).collect();
    PlanChain { scenes: song.scenes.iter().map(slots).collect(), links, bars }
}

/// The swing and groove that a track plays with.
fn feel(song: &Song, track: &Track) -> (u8, Groove) {
    (track.swing.unwrap_or(song.swing).get(), track.groove.unwrap_or(song.groove))
}

fn note_params(params: &Params) -> NoteParams {
    params.iter().fold(NoteParams::NEUTRAL, |params, (param, value)| params.with(*param, *value))
}

/// The factor that a fader position stands for.
pub(crate) fn gain(gain: Gain) -> f32 {
    if gain.is_silent() { 0.0 } else { db_to_gain(f32::from(gain.get()) / 100.0) }
}

pub(crate) fn pan(pan: Pan) -> PanGains {
    PanGains::at(f32::from(pan.get()) / 100.0)
}
