//! Edits of tracks and their strips.

use antiphon_model::{Edit, Moment, Name, Param, Pattern, PatternId, Song, StripPatch, TrackId};

use super::{
    NOT_SET, Write, Writes, int,
    patterns::{PatternAt, pattern_maps},
    text,
};
use crate::{
    codes,
    raw::{RawMap, Scalar},
    schema,
};

/// Edits of a track, its strip and its sound, and what is launched.
pub(super) fn of_edit(edit: &Edit, song: &Song) -> Writes {
    let name_of = |track: &TrackId| super::track_name(song, *track);
    match edit {
        Edit::Launch { patterns, at, .. } => launch(song, patterns, *at),
        Edit::AddTrack { .. } => add(edit),
        Edit::RemoveTrack { track } => {
            Writes::of(format!("removal of {}", name_of(track)), vec![deleted(*track, true)])
        }
        Edit::RestoreTrack { track } => Writes::of("return of a track", vec![deleted(*track, false)]),
        Edit::RenameTrack { track, name } => {
            Writes::of(format!("name of {}", name_of(track)), vec![title_of(*track, name)])
        }
        Edit::SetTrackColour { track, colour } => {
            let write = of_track(*track, schema::COLOUR, int(colour.get()));
            Writes::of(format!("colour of {}", name_of(track)), vec![write])
        }
        Edit::MoveTrack { track, order } => {
            let write = of_track(*track, schema::ORDER, text(order.as_str()));
            Writes::of(format!("place of {}", name_of(track)), vec![write])
        }
        Edit::SetSound { track, sound } => {
            let write = of_track(*track, schema::SOUND, text(&sound.to_string()));
            Writes::of(format!("sound of {}", name_of(track)), vec![write])
        }
        Edit::SetTrackSwing { track, swing } => {
            let value = swing.map_or(NOT_SET, |swing| int(swing.get()));
            let write = of_track(*track, schema::SWING, value);
            Writes::of(format!("swing of {}", name_of(track)), vec![write])
        }
        Edit::SetTrackGroove { track, groove } => {
            let value = groove.map_or(NOT_SET, |groove| Scalar::Text(codes::groove_text(groove)));
            let write = of_track(*track, schema::GROOVE, value);
            Writes::of(format!("groove of {}", name_of(track)), vec![write])
        }
        Edit::SetTrigger { track, trigger } => {
            let write = of_track(*track, schema::TRIGGER, text(trigger.key()));
            Writes::of(format!("trigger mode of {}", name_of(track)), vec![write])
        }
        Edit::SetChoke { track, choke } => {
            let write = of_track(*track, schema::CHOKE, int(choke.get()));
            Writes::of(format!("choke group of {}", name_of(track)), vec![write])
        }
        Edit::SetStrip { track, strip } => set_strip(*track, *strip, &name_of(track)),
        Edit::SetParam { track, param, value } => {
            let write = set_param(*track, *param, *value);
            Writes::of(format!("{} of {}", param.key(), name_of(track)), vec![write])
        }
        _ => Writes::nothing(),
    }
}

fn add(edit: &Edit) -> Writes {
    let Edit::AddTrack { track, pattern, name: title, colour, sound, order, content } = edit else {
        return Writes::nothing();
    };
    let (track, pattern) = (*track, *pattern);
    let at = path(track);
    let mut makes = vec![
        (vec![schema::TRACKS.to_owned()], track.to_string()),
        (at.clone(), schema::MIXER.to_owned()),
        (at.clone(), schema::EFFECTS.to_owned()),
        (at.clone(), schema::PATTERNS.to_owned()),
    ];
    makes.extend(pattern_maps(&at, pattern));
    let mut writes = vec![
        title_of(track, title),
        of_track(track, schema::SOUND, text(&sound.to_string())),
        of_track(track, schema::COLOUR, int(colour.get())),
        of_track(track, schema::ORDER, text(order.as_str())),
        of_track(track, schema::CURRENT, text(&pattern.to_string())),
        deleted(track, false),
    ];
    if let Some(content) = content {
        let nothing = RawMap::new();
        let empty = Pattern::empty(content.name.clone(), content.order.clone());
        writes.extend(PatternAt::new(&nothing, track, pattern).difference(&empty, content));
    }
    let label = format!("track {}", title.as_str());
    Writes { label, makes, writes, can_undo: true, added: Some(at) }
}

/// Several tracks are launched together, each from what it plays until then.
fn launch(song: &Song, patterns: &[(TrackId, PatternId)], at: Option<Moment>) -> Writes {
    let launched = |(id, pattern): &(TrackId, PatternId)| {
        let track = song.track(*id)?;
        let current = track.current.followed_by(*pattern, at);
        Some(of_track(*id, schema::CURRENT, Scalar::Text(codes::switch_text(&current, |id| id.to_string()))))
    };
    let label = match patterns {
        [(track, pattern)] => {
            let name = song.pattern(*track, *pattern).map_or("", |pattern| pattern.name.as_str());
            format!("launch of {name} of {}", super::track_name(song, *track))
        }
        several => format!("launch of {} patterns", several.len()),
    };
    Writes::of(label, super::last_of_each(patterns.iter().filter_map(launched)))
}

fn set_strip(track: TrackId, strip: StripPatch, name: &str) -> Writes {
    let fields = [
        (schema::GAIN, "volume", strip.gain.map(|gain| int(gain.get()))),
        (schema::PAN, "pan", strip.pan.map(|pan| int(pan.get()))),
        (schema::MUTE, "mute", strip.mute.map(Scalar::Bool)),
        (schema::SOLO, "solo", strip.solo.map(Scalar::Bool)),
    ];
    let mut words = Vec::new();
    let mut writes = Vec::new();
    for (key, word, value) in fields {
        if let Some(value) = value {
            words.push(word);
            writes.push(Write { path: mixer(track), key: key.into(), value });
        }
    }
    Writes::of(format!("{} of {name}", words.join(" and ")), writes)
}

fn set_param(track: TrackId, param: Param, value: Option<i16>) -> Write {
    Write { path: mixer(track), key: param.key().into(), value: value.map_or(NOT_SET, int) }
}

fn title_of(track: TrackId, name: &Name) -> Write {
    of_track(track, schema::NAME, text(name.as_str()))
}

fn deleted(track: TrackId, deleted: bool) -> Write {
    of_track(track, schema::DELETED, Scalar::Bool(deleted))
}

fn of_track(track: TrackId, key: &str, value: Scalar) -> Write {
    Write { path: path(track), key: key.into(), value }
}

pub(super) fn path(track: TrackId) -> Vec<String> {
    vec![schema::TRACKS.to_owned(), track.to_string()]
}

fn mixer(track: TrackId) -> Vec<String> {
    let mut path = path(track);
    path.push(schema::MIXER.to_owned());
    path
}
