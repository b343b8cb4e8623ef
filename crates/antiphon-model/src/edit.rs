//! What a person can do to a song, as data.
//!
//! An [`Edit`] comes from outside; [`ValidEdit`] has been checked once against the song it is for and is
//! what the document applies: one valid edit is one document change and one undo entry.

use antiphon_timeline::Tempo;

use crate::{
    ids::{PatternId, SampleId, TrackId},
    limits::{SAMPLES_MAX, STEPS_PER_EDIT_MAX, TRACKS_MAX},
    song::{OrderKey, SampleInfo, Song, Strip},
    sound::Sound,
    values::{Colour, Gain, Name, NoteLength, Pan, PatternLength, Pitch, Swing, Velocity},
};

/// One act of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    RenameSession {
        name: Name,
    },
    /// Also the tempo a reopened session starts with; while playing it goes together with a timeline operation.
    SetTempo {
        tempo: Tempo,
    },
    SetSwing {
        swing: Swing,
    },
    SetMaster {
        gain: Gain,
    },
    /// `track` and `pattern` are fresh random ids.
    AddTrack {
        track: TrackId,
        pattern: PatternId,
        name: Name,
        colour: Colour,
        sound: Sound,
        order: OrderKey,
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
            | Edit::SetTempo { .. }
            | Edit::SetSwing { .. }
            | Edit::SetMaster { .. } => {}
            // A removed track is not in the song: whether it can come back is the document's to say.
            Edit::RestoreTrack { .. } => {}
            Edit::AddTrack { track, sound, .. } => {
                if song.tracks.len() >= TRACKS_MAX {
                    return Err(EditError::TooManyTracks);
                }
                if song.track(*track).is_some() {
                    return Err(EditError::TrackExists(*track));
                }
                check_sound(song, sound)?;
            }
            Edit::RemoveTrack { track }
            | Edit::RenameTrack { track, .. }
            | Edit::SetTrackColour { track, .. }
            | Edit::MoveTrack { track, .. } => {
                song.track(*track).ok_or(EditError::NoTrack(*track))?;
            }
            Edit::SetSound { track, sound } => {
                song.track(*track).ok_or(EditError::NoTrack(*track))?;
                check_sound(song, sound)?;
            }
            Edit::SetStrip { track, strip } => {
                song.track(*track).ok_or(EditError::NoTrack(*track))?;
                if *strip == StripPatch::default() {
                    return Err(EditError::Empty);
                }
            }
            Edit::SetPatternLength { track, pattern, .. } | Edit::ClearPattern { track, pattern } => {
                song.pattern(*track, *pattern)?;
            }
            Edit::SetSteps { track, pattern, steps } => check_steps(song, *track, *pattern, steps)?,
            Edit::AddSample { sample, .. } => {
                if song.samples.len() >= SAMPLES_MAX && !song.samples.contains_key(sample) {
                    return Err(EditError::TooManySamples);
                }
            }
        }
        Ok(ValidEdit(self))
    }
}

fn check_sound(song: &Song, sound: &Sound) -> Result<(), EditError> {
    match sound {
        Sound::Sample(id) if !song.samples.contains_key(id) => Err(EditError::NoSample(*id)),
        Sound::Unknown(_) => Err(EditError::UnknownSound),
        _ => Ok(()),
    }
}

fn check_steps(
    song: &Song,
    track: TrackId,
    pattern: PatternId,
    steps: &[(u16, StepPatch)],
) -> Result<(), EditError> {
    let length = song.pattern(track, pattern)?.length.get();
    if steps.is_empty() || steps.iter().any(|(_, patch)| *patch == StepPatch::default()) {
        return Err(EditError::Empty);
    }
    if steps.len() > STEPS_PER_EDIT_MAX {
        return Err(EditError::TooManySteps);
    }
    match steps.iter().find(|(step, _)| *step >= length) {
        Some((step, _)) => Err(EditError::NoStep { step: *step, length }),
        None => Ok(()),
    }
}

impl Song {
    /// The track with this id.
    pub fn track(&self, id: TrackId) -> Option<&crate::song::Track> {
        self.tracks.iter().find(|track| track.id == id)
    }

    /// The pattern with this id on that track.
    pub fn pattern(&self, track: TrackId, pattern: PatternId) -> Result<&crate::song::Pattern, EditError> {
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
