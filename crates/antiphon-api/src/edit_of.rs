//! Commands of the interface as edits of the model: every number is checked here, once.
//!
//! [`Planned`] is pure: the song and the random bits of new ids are given to it.

mod pattern;
mod scenes;
mod tracks;
pub(crate) mod values;

use antiphon_model::{Edit, FreshId, OrderKey, Pattern, PatternId, Song, Swing, Track, TrackId};

use crate::{
    edits::{EditCommand, Edited},
    error::{ApiError, ErrorCode},
};
use values::{gain, groove, id, meter, mode, name, quantum, ramp_ns, ranged, tempo};

/// What a command comes to: the edit that does it, and the ids of what that makes.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) edit: Edit,
    /// Its label is given by the edit.
    pub(crate) made: Edited,
}

impl From<Edit> for Planned {
    fn from(edit: Edit) -> Self {
        Self { edit, made: Edited::default() }
    }
}

/// What a command is read against.
pub(crate) struct Planner<'a> {
    pub(crate) song: &'a Song,
    /// Random bits for new ids.
    pub(crate) fresh: &'a mut FreshId<'a>,
}

impl Planner<'_> {
    /// The edit that a command stands for.
    pub(crate) fn plan(&mut self, command: EditCommand) -> Result<Planned, ApiError> {
        use EditCommand as C;
        Ok(match command {
            C::RenameSession { name: text } => Edit::RenameSession { name: name(&text)? }.into(),
            C::SetTempo { bpm, ramp_seconds } => {
                Edit::SetTempo { tempo: tempo(bpm)?, ramp_ns: ramp_ns(ramp_seconds)? }.into()
            }
            C::SetMeter { beats, unit } => Edit::SetMeter { meter: meter(beats, unit)? }.into(),
            C::SetQuantum { quantum: wanted } => Edit::SetQuantum { quantum: quantum(wanted) }.into(),
            C::SetEditsAtBar { on } => Edit::SetEditsAtBar { on }.into(),
            C::SetSwing { percent } => Edit::SetSwing { swing: ranged(Swing::new(percent))? }.into(),
            C::SetGroove { groove: template } => Edit::SetGroove { groove: groove(&template)? }.into(),
            C::SetMaster { db } => Edit::SetMaster { gain: gain(db)? }.into(),
            C::Reroll => {
                let [a, b, c, d, e, f, g, h, ..] = (self.fresh)();
                Edit::SetSeed { seed: u64::from_be_bytes([a, b, c, d, e, f, g, h]) }.into()
            }
            C::SetFill { on, quantum: wanted } => {
                Edit::SetFill { on, at: None, quantum: wanted.map(quantum) }.into()
            }
            C::SetPlayMode { mode: wanted, quantum: when } => {
                Edit::SetPlayMode { mode: mode(wanted), at: None, quantum: when.map(quantum) }.into()
            }
            command @ (C::AddTrack { .. }
            | C::PasteTrack { .. }
            | C::RemoveTrack { .. }
            | C::RenameTrack { .. }
            | C::SetTrackColour { .. }
            | C::MoveTrack { .. }
            | C::SetSound { .. }
            | C::SetStrip { .. }
            | C::SetTrackSwing { .. }
            | C::SetTrackGroove { .. }
            | C::SetTrigger { .. }
            | C::SetChoke { .. }
            | C::SetParam { .. }) => self.track_edit(command)?,
            command @ (C::Launch { .. }
            | C::LaunchScene { .. }
            | C::AddScene { .. }
            | C::RemoveScene { .. }
            | C::RenameScene { .. }
            | C::MoveScene { .. }
            | C::SetSceneSlot { .. }
            | C::AddLink { .. }
            | C::SetLink { .. }
            | C::MoveLink { .. }
            | C::RemoveLink { .. }) => self.scene_edit(command)?,
            command => self.pattern_edit(command)?,
        })
    }

    fn track(&self, text: &str) -> Result<&Track, ApiError> {
        let track: TrackId = id(text)?;
        self.song.track(track).ok_or_else(|| {
            ApiError::new(ErrorCode::NotFound, format!("there is no track {track}"))
                .next("a peer may have removed it; undo brings it back there")
        })
    }

    /// A track and one of its patterns: the one that is named, else the one that was launched.
    fn place(&self, track: &str, pattern: Option<&str>) -> Result<(TrackId, PatternId), ApiError> {
        place(self.song, track, pattern).map(|(track, pattern, _)| (track.id, pattern))
    }
}

/// A track and one of its patterns: the one that is named, else the one that was launched.
pub(crate) fn place<'a>(
    song: &'a Song,
    track: &str,
    pattern: Option<&str>,
) -> Result<(&'a Track, PatternId, &'a Pattern), ApiError> {
    let track: TrackId = id(track)?;
    let track = song.track(track).ok_or_else(|| {
        ApiError::new(ErrorCode::NotFound, format!("there is no track {track}"))
            .next("a peer may have removed it; undo brings it back there")
    })?;
    let wanted = pattern.map(id).transpose()?.unwrap_or(track.current.to);
    let pattern = track.patterns.get(&wanted).ok_or_else(|| {
        ApiError::new(ErrorCode::NotFound, format!("there is no pattern {wanted}"))
            .next("a peer may have removed it; look at the track again")
    })?;
    Ok((track, wanted, pattern))
}

/// The key that puts something at `index` among `others`, which are in order.
fn order_at(others: &[&OrderKey], index: usize) -> OrderKey {
    let index = index.min(others.len());
    let before = index.checked_sub(1).and_then(|before| others.get(before)).copied();
    OrderKey::between(before, others.get(index).copied())
}

/// `wanted`, or `wanted 2`, `wanted 3` where there is one already.
fn unused<'a>(wanted: String, taken: impl Iterator<Item = &'a str> + Clone) -> String {
    let numbered = (2..).map(|number| format!("{wanted} {number}"));
    std::iter::once(wanted.clone())
        .chain(numbered)
        .find(|name| taken.clone().all(|taken| taken != name))
        .unwrap_or(wanted)
}
