//! The song as the interface sees it.

use antiphon_model::{
    Change, FreeNote, Groove, Link, NoteId, Pattern, PatternId, PlayMode, Scene, Song, Step, Switch, Track,
};
use antiphon_timeline::{Meter, Run, TICKS_PER_STEP, Ticks};

use super::{db, label};
use crate::views::{
    ChordView, FillView, GrooveView, LinkView, LockView, MeterView, Mode, ModeView, NoteView, ParamView,
    PatternView, PendingView, Quantum, SampleView, SceneView, SlotView, SongView, StepView, TrackView,
};

/// Where the music is: what a switch that waits for a bar is compared with.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Heard<'a>(pub(crate) Option<(&'a Run, Ticks)>);

impl Heard<'_> {
    /// What holds until a switch comes, and where that is; `None` where it has come.
    fn pending<T: Copy + PartialEq>(self, switch: &Switch<T>) -> Option<(T, f64)> {
        let (run, tick) = self.0?;
        let Change { from, at } = switch.change?;
        (at.run == run.start() && tick < at.tick).then(|| (from, steps(at.tick)))
    }
}

pub(crate) fn steps(ticks: Ticks) -> f64 {
    ticks.0 as f64 / TICKS_PER_STEP as f64
}

pub(crate) fn song(song: &Song, heard: Heard<'_>, samples: Vec<SampleView>) -> SongView {
    SongView {
        name: song.name.as_str().to_owned(),
        bpm: song.tempo.bpm(),
        meter: meter(song.meter),
        quantum: quantum(song.quantum),
        edits_at_bar: song.edits_at_bar,
        swing: song.swing.get(),
        groove: groove(song.groove),
        master_db: db(song.master),
        fill: fill(song, heard),
        mode: mode(song, heard),
        scenes: scenes(song),
        chain: song.chain.iter().map(link).collect(),
        seed: seed(song),
        tracks: song.tracks.iter().map(|one| track(song, one, heard)).collect(),
        samples,
    }
}

pub(crate) fn meter(meter: Meter) -> MeterView {
    MeterView { beats: meter.beats(), unit: meter.unit() }
}

pub(crate) fn quantum(quantum: antiphon_timeline::Quantum) -> Quantum {
    match quantum {
        antiphon_timeline::Quantum::Now => Quantum::Now,
        antiphon_timeline::Quantum::Beat => Quantum::Beat,
        antiphon_timeline::Quantum::Bar => Quantum::Bar,
        antiphon_timeline::Quantum::FourBars => Quantum::FourBars,
    }
}

pub(crate) fn seed(song: &Song) -> String {
    format!("{:016x}", song.seed)
}

pub(crate) fn groove(groove: Groove) -> GrooveView {
    GrooveView { template: groove.template.key().to_owned(), amount: groove.amount.get().into() }
}

pub(crate) fn fill(song: &Song, heard: Heard<'_>) -> FillView {
    let to = song.fill.to;
    match heard.pending(&song.fill) {
        Some((from, at)) => FillView { to, from, at_steps: Some(at) },
        None => FillView { to, from: to, at_steps: None },
    }
}

pub(crate) fn mode(song: &Song, heard: Heard<'_>) -> ModeView {
    let name = |mode| match mode {
        PlayMode::Live => Mode::Live,
        PlayMode::Chain => Mode::Chain,
    };
    let to = name(song.mode.to);
    match heard.pending(&song.mode) {
        Some((from, at)) => ModeView { to, from: name(from), at_steps: Some(at) },
        None => ModeView { to, from: to, at_steps: None },
    }
}

pub(crate) fn scenes(song: &Song) -> Vec<SceneView> {
    song.scenes.iter().map(|one| scene(song, one)).collect()
}

fn scene(song: &Song, scene: &Scene) -> SceneView {
    let slot = |track: &Track| {
        let pattern = scene.slots.get(&track.id)?;
        Some(SlotView { track: track.id.to_string(), pattern: pattern.to_string() })
    };
    SceneView {
        id: scene.id.to_string(),
        name: scene.name.as_str().to_owned(),
        slots: song.tracks.iter().filter_map(slot).collect(),
    }
}

pub(crate) fn link(link: &Link) -> LinkView {
    LinkView { id: link.id.to_string(), scene: link.scene.to_string(), bars: link.bars.get() }
}

pub(crate) fn track(song: &Song, track: &Track, heard: Heard<'_>) -> TrackView {
    let param = |(param, value): (&antiphon_model::Param, &i16)| ParamView {
        param: param.key().to_owned(),
        value: *value,
    };
    TrackView {
        id: track.id.to_string(),
        name: track.name.as_str().to_owned(),
        colour: track.colour.get(),
        sound: track.sound.to_string(),
        sound_label: label(&track.sound, Some(song)),
        melodic: track.sound.is_melodic(),
        gain_db: db(track.strip.gain),
        pan: track.strip.pan.get(),
        mute: track.strip.mute,
        solo: track.strip.solo,
        swing: track.swing.map(antiphon_model::Swing::get),
        groove: track.groove.map(groove),
        trigger: track.trigger.key().to_owned(),
        choke: track.choke.get(),
        params: track.params.iter().map(param).collect(),
        pattern: track.current.to.to_string(),
        pending: pending(track, heard),
        patterns: track.patterns_in_order().iter().map(|(id, one)| pattern(*id, one)).collect(),
    }
}

pub(crate) fn pending(track: &Track, heard: Heard<'_>) -> Option<PendingView> {
    let (from, at_steps) = heard.pending(&track.current)?;
    Some(PendingView { from: from.to_string(), at_steps })
}

pub(crate) fn pattern(id: PatternId, pattern: &Pattern) -> PatternView {
    let length = pattern.length.get();
    PatternView {
        id: id.to_string(),
        name: pattern.name.as_str().to_owned(),
        length,
        speed: pattern.speed.key().to_owned(),
        humanise: pattern.humanise.get(),
        steps: (0..length).map(|index| step(pattern.step(index))).collect(),
        chords: chords(pattern),
        locks: locks(pattern),
        notes: pattern.notes.iter().map(|(id, one)| note(id, one)).collect(),
    }
}

pub(crate) fn step(step: Step) -> StepView {
    StepView {
        on: step.on,
        velocity: step.velocity.get(),
        pitch: step.pitch.get(),
        length: step.length.get(),
        tie: step.tie,
        micro: step.micro.get(),
        ratchet: step.ratchet.get(),
        chance: step.chance.get(),
        condition: step.condition.to_string(),
    }
}

/// Those of the steps that play; those beyond the length come back with their steps.
pub(crate) fn chords(pattern: &Pattern) -> Vec<ChordView> {
    let chords = pattern.chords.iter().filter(|((step, _), _)| *step < pattern.length.get());
    let view = |((step, pitch), length): (&(u16, antiphon_model::Pitch), &antiphon_model::NoteLength)| {
        ChordView { step: *step, pitch: pitch.get(), length: length.get() }
    };
    chords.map(view).collect()
}

/// As [`chords`].
pub(crate) fn locks(pattern: &Pattern) -> Vec<LockView> {
    let locks = pattern.locks.iter().filter(|((step, _), _)| *step < pattern.length.get());
    let view = |((step, param), value): (&(u16, antiphon_model::Param), &i16)| LockView {
        step: *step,
        param: param.key().to_owned(),
        value: *value,
    };
    locks.map(view).collect()
}

pub(crate) fn note(id: NoteId, note: &FreeNote) -> NoteView {
    NoteView {
        id: id.to_string(),
        start_steps: steps(note.start),
        length_steps: steps(note.length),
        pitch: note.pitch.get(),
        velocity: note.velocity.get(),
    }
}
