//! What a person can do to a song, as data.
//!
//! An [`Edit`] comes from outside; [`ValidEdit`] has been checked once against the song it is for and is
//! what the document applies: one valid edit is one document change and one undo entry.

mod check;

use std::sync::Arc;

use antiphon_timeline::{Meter, NANOS_PER_SECOND, Quantum, RAMP_MAX_NS, Speed, Tempo};

use crate::{
    condition::{Condition, ConditionError},
    ids::{LinkId, NoteId, PatternId, SampleId, SceneId, TrackId},
    limits::{
        CHORD_NOTES_MAX, LINKS_MAX, NOTES_MAX, NOTES_PER_EDIT_MAX, PATTERNS_MAX, SAMPLES_MAX, SCENES_MAX,
        STEPS_MAX, STEPS_PER_EDIT_MAX, TRACKS_MAX,
    },
    notes::FreeNote,
    param::Param,
    reshape::Reshape,
    scene::PlayMode,
    song::{Groove, OrderKey, Pattern, SampleInfo, Song, Strip, TriggerMode},
    sound::Sound,
    switch::Moment,
    values::{
        Bars, Chance, ChokeGroup, Colour, Gain, Humanise, Micro, Name, NoteLength, Pan, PatternLength, Pitch,
        RangeError, Ratchet, Swing, Velocity,
    },
};

/// One act of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    RenameSession {
        name: Name,
    },
    /// Also the tempo a reopened session starts with; while playing it goes together with a timeline operation, which
    /// takes `ramp_ns` to get there (0: at once).
    SetTempo {
        tempo: Tempo,
        ramp_ns: i64,
    },
    /// Also the meter a reopened session starts with; while playing it changes at the next bar.
    SetMeter {
        meter: Meter,
    },
    /// Where launches take effect that do not say so themselves.
    SetQuantum {
        quantum: Quantum,
    },
    /// Are edits made while it plays heard from the next bar on?
    SetEditsAtBar {
        on: bool,
    },
    SetSwing {
        swing: Swing,
    },
    SetMaster {
        gain: Gain,
    },
    /// `track` and `pattern` are fresh random ids. `content` is what the pattern plays; its name and place are not taken.
    AddTrack {
        track: TrackId,
        pattern: PatternId,
        name: Name,
        colour: Colour,
        sound: Sound,
        order: OrderKey,
        content: Option<Box<Pattern>>,
    },
    RemoveTrack {
        track: TrackId,
    },
    /// Undoes a removal; what others edited meanwhile is there.
    RestoreTrack {
        track: TrackId,
    },
    RenameTrack {
        track: TrackId,
        name: Name,
    },
    SetTrackColour {
        track: TrackId,
        colour: Colour,
    },
    MoveTrack {
        track: TrackId,
        order: OrderKey,
    },
    SetSound {
        track: TrackId,
        sound: Sound,
    },
    SetStrip {
        track: TrackId,
        strip: StripPatch,
    },
    SetPatternLength {
        track: TrackId,
        pattern: PatternId,
        length: PatternLength,
    },
    /// One drag over the grid is one edit.
    SetSteps {
        track: TrackId,
        pattern: PatternId,
        steps: Vec<(u16, StepPatch)>,
    },
    /// Switches every sounding step off; their other values stay.
    ClearPattern {
        track: TrackId,
        pattern: PatternId,
    },
    /// Notes that sound with a step beside its own (`None` takes one away).
    SetChords {
        track: TrackId,
        pattern: PatternId,
        notes: Vec<(u16, Pitch, Option<NoteLength>)>,
    },
    /// Parameters that steps lock (`None` unlocks).
    SetLocks {
        track: TrackId,
        pattern: PatternId,
        locks: Vec<(u16, Param, Option<i16>)>,
    },
    /// Notes at any tick (`None` takes one away). New ones have fresh random ids.
    SetNotes {
        track: TrackId,
        pattern: PatternId,
        notes: Vec<(NoteId, Option<FreeNote>)>,
    },
    SetPatternSpeed {
        track: TrackId,
        pattern: PatternId,
        speed: Speed,
    },
    SetHumanise {
        track: TrackId,
        pattern: PatternId,
        humanise: Humanise,
    },
    RenamePattern {
        track: TrackId,
        pattern: PatternId,
        name: Name,
    },
    /// A tool over the whole pattern.
    Reshape {
        track: TrackId,
        pattern: PatternId,
        reshape: Reshape,
    },
    /// Makes what a pattern plays like `content`; its name and place stay.
    SetPattern {
        track: TrackId,
        pattern: PatternId,
        content: Box<Pattern>,
    },
    /// Makes what the second pattern plays like the first; both may be on other tracks.
    CopyPattern {
        from: (TrackId, PatternId),
        to: (TrackId, PatternId),
    },
    /// `pattern` is a fresh random id. `like` gives its content, name and place.
    AddPattern {
        track: TrackId,
        pattern: PatternId,
        like: Box<Pattern>,
    },
    /// Not the last one.
    RemovePattern {
        track: TrackId,
        pattern: PatternId,
    },
    /// Plays these patterns from `at` on (`None`: at once). A peer on which music plays puts in the place that `quantum`
    /// (`None`: the session's) comes to.
    Launch {
        patterns: Vec<(TrackId, PatternId)>,
        at: Option<Moment>,
        quantum: Option<Quantum>,
    },
    SetFill {
        on: bool,
        at: Option<Moment>,
        quantum: Option<Quantum>,
    },
    SetPlayMode {
        mode: PlayMode,
        at: Option<Moment>,
        quantum: Option<Quantum>,
    },
    /// `scene` is a fresh random id.
    AddScene {
        scene: SceneId,
        name: Name,
        order: OrderKey,
        slots: Vec<(TrackId, PatternId)>,
    },
    RemoveScene {
        scene: SceneId,
    },
    RenameScene {
        scene: SceneId,
        name: Name,
    },
    MoveScene {
        scene: SceneId,
        order: OrderKey,
    },
    /// What a track plays in a scene (`None`: it goes on with its own).
    SetSceneSlot {
        scene: SceneId,
        track: TrackId,
        pattern: Option<PatternId>,
    },
    /// `link` is a fresh random id.
    AddLink {
        link: LinkId,
        scene: SceneId,
        bars: Bars,
        order: OrderKey,
    },
    SetLink {
        link: LinkId,
        scene: Option<SceneId>,
        bars: Option<Bars>,
        order: Option<OrderKey>,
    },
    RemoveLink {
        link: LinkId,
    },
    /// Swing of one track (`None`: the session's).
    SetTrackSwing {
        track: TrackId,
        swing: Option<Swing>,
    },
    SetGroove {
        groove: Groove,
    },
    /// Groove of one track (`None`: the session's).
    SetTrackGroove {
        track: TrackId,
        groove: Option<Groove>,
    },
    SetTrigger {
        track: TrackId,
        trigger: TriggerMode,
    },
    SetChoke {
        track: TrackId,
        choke: ChokeGroup,
    },
    /// A parameter of the track's sound (`None`: neutral again). `Pan` is the strip's.
    SetParam {
        track: TrackId,
        param: Param,
        value: Option<i16>,
    },
    /// Rolls the dice anew, for everybody.
    SetSeed {
        seed: u64,
    },
    /// Makes a sample known to the session; its blob is stored already.
    AddSample {
        sample: SampleId,
        info: SampleInfo,
    },
}

/// The fields of a step that an edit sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepPatch {
    pub on: Option<bool>,
    pub velocity: Option<Velocity>,
    pub pitch: Option<Pitch>,
    pub length: Option<NoteLength>,
    pub tie: Option<bool>,
    pub micro: Option<Micro>,
    pub ratchet: Option<Ratchet>,
    pub chance: Option<Chance>,
    pub condition: Option<Condition>,
}

/// The fields of a strip that an edit sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StripPatch {
    pub gain: Option<Gain>,
    pub pan: Option<Pan>,
    pub mute: Option<bool>,
    pub solo: Option<bool>,
}

impl StripPatch {
    /// The strip with these fields set.
    pub fn applied_to(self, strip: Strip) -> Strip {
        Strip {
            gain: self.gain.unwrap_or(strip.gain),
            pan: self.pan.unwrap_or(strip.pan),
            mute: self.mute.unwrap_or(strip.mute),
            solo: self.solo.unwrap_or(strip.solo),
        }
    }
}

/// Why an edit does not fit the song.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("there is no track {0}; a peer may have removed it")]
    NoTrack(TrackId),
    #[error("track {track} has no pattern {pattern}")]
    NoPattern { track: TrackId, pattern: PatternId },
    #[error("there is no sample {0}")]
    NoSample(SampleId),
    // People count from one.
    #[error("step {} is outside the pattern; it has {length} steps", u32::from(*step) + 1)]
    NoStep { step: u16, length: u16 },
    #[error("a session holds at most {TRACKS_MAX} tracks; remove one first")]
    TooManyTracks,
    #[error("a session refers to at most {SAMPLES_MAX} samples")]
    TooManySamples,
    #[error("one edit sets at most {STEPS_PER_EDIT_MAX} steps")]
    TooManySteps,
    #[error("the edit sets nothing")]
    Empty,
    #[error("track {0} exists already")]
    TrackExists(TrackId),
    #[error("a track needs a sound that this version knows")]
    UnknownSound,
    #[error("there is no scene {0}; a peer may have removed it")]
    NoScene(SceneId),
    #[error("the chain has no link {0}; a peer may have removed it")]
    NoLink(LinkId),
    #[error("a track holds at most {PATTERNS_MAX} patterns; remove one first")]
    TooManyPatterns,
    #[error("a session holds at most {SCENES_MAX} scenes; remove one first")]
    TooManyScenes,
    #[error("a chain holds at most {LINKS_MAX} links; remove one first")]
    TooManyLinks,
    #[error("a step holds at most {} notes", CHORD_NOTES_MAX + 1)]
    TooManyChordNotes,
    #[error(
        "a pattern holds at most {NOTES_MAX} free notes, and one edit touches at most {NOTES_PER_EDIT_MAX}"
    )]
    TooManyNotes,
    #[error("a free note starts within the pattern's {STEPS_MAX} steps and lasts at least one tick")]
    NotePlace,
    #[error("a track keeps its last pattern")]
    LastPattern,
    #[error("pattern {0} is there already")]
    PatternExists(PatternId),
    #[error("scene {0} is there already")]
    SceneExists(SceneId),
    #[error("link {0} is there already")]
    LinkExists(LinkId),
    #[error("the pan of a track is its strip's")]
    PanIsTheStrips,
    #[error("patterns, fill and mode change on a sixteenth")]
    NotOnASixteenth,
    #[error("a tempo changes within {} seconds", RAMP_MAX_NS / NANOS_PER_SECOND)]
    RampTooLong { ramp_ns: i64 },
    #[error("one edit names at most {TRACKS_MAX} tracks")]
    TooManySlots,
    #[error(transparent)]
    Condition(#[from] ConditionError),
    #[error(transparent)]
    Range(#[from] RangeError),
}

/// An edit that fits the song it was checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidEdit(Edit);

impl ValidEdit {
    /// The edit.
    pub fn edit(&self) -> &Edit {
        &self.0
    }
}

impl Edit {
    /// Checks the edit against `song`. The only way to a [`ValidEdit`].
    pub fn validate(self, song: &Song) -> Result<ValidEdit, EditError> {
        match &self {
            Edit::RenameSession { .. }
            | Edit::SetMeter { .. }
            | Edit::SetQuantum { .. }
            | Edit::SetEditsAtBar { .. }
            | Edit::SetSwing { .. }
            | Edit::SetGroove { .. }
            | Edit::SetSeed { .. }
            | Edit::SetMaster { .. } => {}
            Edit::SetTempo { ramp_ns, .. } => {
                if !(0..=RAMP_MAX_NS).contains(ramp_ns) {
                    return Err(EditError::RampTooLong { ramp_ns: *ramp_ns });
                }
            }
            Edit::SetFill { at, .. } | Edit::SetPlayMode { at, .. } => check::moment(*at)?,
            // A removed track is not in the song: whether it can come back is the document's to say.
            Edit::RestoreTrack { .. } => {}
            Edit::AddTrack { track, sound, content, .. } => {
                check::new_track(song, *track, sound)?;
                content.as_deref().map(check::content).transpose()?;
            }
            Edit::RemoveTrack { track }
            | Edit::RenameTrack { track, .. }
            | Edit::SetTrackColour { track, .. }
            | Edit::SetTrackSwing { track, .. }
            | Edit::SetTrackGroove { track, .. }
            | Edit::SetTrigger { track, .. }
            | Edit::SetChoke { track, .. }
            | Edit::MoveTrack { track, .. } => {
                song.track(*track).ok_or(EditError::NoTrack(*track))?;
            }
            Edit::SetSound { track, sound } => {
                song.track(*track).ok_or(EditError::NoTrack(*track))?;
                check::sound(song, sound)?;
            }
            Edit::SetStrip { track, strip } => {
                song.track(*track).ok_or(EditError::NoTrack(*track))?;
                if *strip == StripPatch::default() {
                    return Err(EditError::Empty);
                }
            }
            Edit::SetPatternLength { track, pattern, .. }
            | Edit::SetPatternSpeed { track, pattern, .. }
            | Edit::SetHumanise { track, pattern, .. }
            | Edit::RenamePattern { track, pattern, .. }
            | Edit::ClearPattern { track, pattern } => {
                song.pattern(*track, *pattern)?;
            }
            Edit::SetPattern { track, pattern, content } => {
                song.pattern(*track, *pattern)?;
                check::content(content)?;
            }
            Edit::CopyPattern { from, to } => {
                song.pattern(from.0, from.1)?;
                song.pattern(to.0, to.1)?;
            }
            Edit::Reshape { track, pattern, reshape } => {
                crate::reshape::check(*reshape, song.pattern(*track, *pattern)?)?;
            }
            Edit::SetChords { track, pattern, notes } => check::chords(song, *track, *pattern, notes)?,
            Edit::SetLocks { track, pattern, locks } => check::locks(song, *track, *pattern, locks)?,
            Edit::SetNotes { track, pattern, notes } => check::notes(song, *track, *pattern, notes)?,
            Edit::SetParam { track, param, value } => {
                song.track(*track).ok_or(EditError::NoTrack(*track))?;
                if *param == Param::Pan {
                    return Err(EditError::PanIsTheStrips);
                }
                value.map(|value| param.value(value.into())).transpose()?;
            }
            Edit::AddPattern { track, pattern, like } => {
                check::content(like)?;
                let found = song.track(*track).ok_or(EditError::NoTrack(*track))?;
                if found.patterns.len() >= PATTERNS_MAX {
                    return Err(EditError::TooManyPatterns);
                }
                if found.patterns.contains_key(pattern) {
                    return Err(EditError::PatternExists(*pattern));
                }
            }
            Edit::RemovePattern { track, pattern } => {
                song.pattern(*track, *pattern)?;
                if song.track(*track).is_some_and(|track| track.patterns.len() == 1) {
                    return Err(EditError::LastPattern);
                }
            }
            Edit::Launch { patterns, at, .. } => {
                if patterns.is_empty() {
                    return Err(EditError::Empty);
                }
                check::moment(*at)?;
                check::slots(patterns)?;
                for (track, pattern) in patterns {
                    song.pattern(*track, *pattern)?;
                }
            }
            Edit::AddScene { scene, slots, .. } => {
                if song.scenes.len() >= SCENES_MAX {
                    return Err(EditError::TooManyScenes);
                }
                if song.scene(*scene).is_ok() {
                    return Err(EditError::SceneExists(*scene));
                }
                check::slots(slots)?;
                for (track, pattern) in slots {
                    song.pattern(*track, *pattern)?;
                }
            }
            Edit::RemoveScene { scene } | Edit::RenameScene { scene, .. } | Edit::MoveScene { scene, .. } => {
                song.scene(*scene)?;
            }
            Edit::SetSceneSlot { scene, track, pattern } => {
                song.scene(*scene)?;
                song.track(*track).ok_or(EditError::NoTrack(*track))?;
                pattern.map(|pattern| song.pattern(*track, pattern)).transpose()?;
            }
            Edit::AddLink { link, scene, .. } => {
                if song.chain.len() >= LINKS_MAX {
                    return Err(EditError::TooManyLinks);
                }
                if song.chain.iter().any(|known| known.id == *link) {
                    return Err(EditError::LinkExists(*link));
                }
                song.scene(*scene)?;
            }
            Edit::SetLink { link, scene, bars, order } => {
                song.link(*link)?;
                scene.map(|scene| song.scene(scene)).transpose()?;
                if scene.is_none() && bars.is_none() && order.is_none() {
                    return Err(EditError::Empty);
                }
            }
            Edit::RemoveLink { link } => {
                song.link(*link)?;
            }
            Edit::SetSteps { track, pattern, steps } => check::steps(song, *track, *pattern, steps)?,
            Edit::AddSample { sample, info } => {
                if let channels @ (0 | 3..) = info.channels {
                    let range = RangeError { what: "channels", value: channels.into(), min: 1, max: 2 };
                    return Err(EditError::Range(range));
                }
                if song.samples.len() >= SAMPLES_MAX && !song.samples.contains_key(sample) {
                    return Err(EditError::TooManySamples);
                }
            }
        }
        Ok(ValidEdit(self))
    }
}

impl Song {
    /// The scene with this id.
    pub fn scene(&self, id: SceneId) -> Result<&crate::scene::Scene, EditError> {
        self.scenes.iter().find(|scene| scene.id == id).ok_or(EditError::NoScene(id))
    }

    /// The link with this id.
    pub fn link(&self, id: LinkId) -> Result<&crate::scene::Link, EditError> {
        self.chain.iter().find(|link| link.id == id).ok_or(EditError::NoLink(id))
    }

    /// The track with this id.
    pub fn track(&self, id: TrackId) -> Option<&crate::song::Track> {
        self.tracks.iter().find(|track| track.id == id)
    }

    /// The pattern with this id on that track.
    pub fn pattern(&self, track: TrackId, pattern: PatternId) -> Result<&Arc<Pattern>, EditError> {
        let found = self.track(track).ok_or(EditError::NoTrack(track))?;
        found.patterns.get(&pattern).ok_or(EditError::NoPattern { track, pattern })
    }

    /// The order key that puts a new or moved track at `index` among the others (`moving` is not counted).
    pub fn order_at(&self, index: usize, moving: Option<TrackId>) -> OrderKey {
        let others: Vec<&OrderKey> =
            self.tracks.iter().filter(|track| Some(track.id) != moving).map(|track| &track.order).collect();
        let index = index.min(others.len());
        let before = index.checked_sub(1).map(|i| others[i]);
        OrderKey::between(before, others.get(index).copied())
    }
}
