//! Edits of a track as a whole.

use antiphon_model::{
    ChokeGroup, Colour, Edit, Name, Pan, Pattern, PatternId, Sound, StripPatch, Swing, TrackId,
    limits::COLOURS, notation,
};

use super::{
    Planned, Planner, unused,
    values::{gain, groove, id, name, param, ranged, slip, sound, trigger},
};
use crate::{
    edits::{EditCommand as C, Edited},
    error::{ApiError, ErrorCode},
    view_of,
};

/// What a track from text plays where the text does not say it.
const PASTED_SOUND: &str = "drum:kick";

impl Planner<'_> {
    pub(super) fn track_edit(&mut self, command: C) -> Result<Planned, ApiError> {
        Ok(match command {
            C::AddTrack { sound: text, name: named, index } => {
                let named = named.as_deref().map(name).transpose()?;
                self.add_track(sound(&text)?, named, index, None)?
            }
            C::PasteTrack { text, index } => self.paste_track(&text, index)?,
            C::RemoveTrack { track } => Edit::RemoveTrack { track: id(&track)? }.into(),
            C::RenameTrack { track, name: text } => {
                Edit::RenameTrack { track: id(&track)?, name: name(&text)? }.into()
            }
            C::SetTrackColour { track, colour } => {
                Edit::SetTrackColour { track: id(&track)?, colour: ranged(Colour::new(colour))? }.into()
            }
            C::MoveTrack { track, index } => {
                let track = id(&track)?;
                Edit::MoveTrack { track, order: self.song.order_at(index as usize, Some(track)) }.into()
            }
            C::SetSound { track, sound: text } => {
                Edit::SetSound { track: id(&track)?, sound: sound(&text)? }.into()
            }
            C::SetStrip { track, gain_db, pan, mute, solo } => {
                let strip = StripPatch {
                    gain: gain_db.map(gain).transpose()?,
                    pan: pan.map(|pan| ranged(Pan::new(pan))).transpose()?,
                    mute,
                    solo,
                };
                Edit::SetStrip { track: id(&track)?, strip }.into()
            }
            C::SetTrackSwing { track, percent } => {
                let swing = percent.map(|percent| ranged(Swing::new(percent))).transpose()?;
                Edit::SetTrackSwing { track: id(&track)?, swing }.into()
            }
            C::SetTrackGroove { track, groove: template } => {
                let groove = template.as_ref().map(groove).transpose()?;
                Edit::SetTrackGroove { track: id(&track)?, groove }.into()
            }
            C::SetTrigger { track, trigger: key } => {
                Edit::SetTrigger { track: id(&track)?, trigger: trigger(&key)? }.into()
            }
            C::SetChoke { track, group } => {
                Edit::SetChoke { track: id(&track)?, choke: ranged(ChokeGroup::new(group))? }.into()
            }
            C::SetParam { track, param: key, value } => {
                let param = param(&key)?;
                let value = value.map(|value| ranged(param.value(value))).transpose()?;
                Edit::SetParam { track: id(&track)?, param, value }.into()
            }
            _ => return Err(ApiError::new(ErrorCode::Internal, "this is no edit of a track")),
        })
    }

    fn paste_track(&mut self, text: &str, index: Option<u32>) -> Result<Planned, ApiError> {
        let read = notation::parse_track(text, &mut *self.fresh).map_err(|error| slip(&error))?;
        let fallback = || sound(PASTED_SOUND);
        let sound = read.sound.map_or_else(fallback, Ok)?;
        self.add_track(sound, read.name, index, Some(read.pattern))
    }

    fn add_track(
        &mut self,
        sound: Sound,
        named: Option<Name>,
        index: Option<u32>,
        content: Option<Pattern>,
    ) -> Result<Planned, ApiError> {
        let taken = self.song.tracks.iter().map(|track| track.name.as_str());
        let named = match named {
            Some(named) => named,
            None => name(&unused(view_of::label(&sound, Some(self.song)), taken))?,
        };
        let colour = Colour::clamped((self.song.tracks.len() % usize::from(COLOURS)) as i64);
        let order = self.song.order_at(index.map_or(usize::MAX, |index| index as usize), None);
        let (track, pattern) = (TrackId((self.fresh)()), PatternId((self.fresh)()));
        let content = content.map(Box::new);
        let edit = Edit::AddTrack { track, pattern, name: named, colour, sound, order, content };
        let made = Edited {
            track: Some(track.to_string()),
            pattern: Some(pattern.to_string()),
            ..Edited::default()
        };
        Ok(Planned { edit, made })
    }
}
