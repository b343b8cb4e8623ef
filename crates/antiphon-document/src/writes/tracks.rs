//! Edits of tracks and their strips.

use antiphon_model::{Edit, Moment, Name, Param, PatternId, Song, StripPatch, TrackId};

use super::{NOT_SET, Write, Writes, int, patterns::pattern_maps, text};
use crate::{codes, raw::Scalar, schema};

pub(super) fn add(edit: &Edit) -> Writes {
    let Edit::AddTrack { track, pattern, name: title, colour, sound, order } = edit else {
        return Writes::nothing();
    };
    let at = path(*track);
    let mut makes = vec![
        (vec![schema::TRACKS.to_owned()], track.to_string()),
        (at.clone(), schema::MIXER.to_owned()),
        (at.clone(), schema::EFFECTS.to_owned()),
        (at.clone(), schema::PATTERNS.to_owned()),
    ];
    makes.extend(pattern_maps(&at, *pattern));
    let writes = vec![
        name(*track, title),
        value(*track, schema::SOUND, text(&sound.to_string())),
        value(*track, schema::COLOUR, int(colour.get())),
        value(*track, schema::ORDER, text(order.as_str())),
        value(*track, schema::CURRENT, text(&pattern.to_string())),
        deleted(*track, false),
    ];
    let label = format!("track {}", title.as_str());
    Writes { label, makes, writes, can_undo: true, added: Some(at) }
}

/// Several tracks are launched together, each from what it plays until then.
pub(super) fn launch(song: &Song, patterns: &[(TrackId, PatternId)], at: Option<Moment>) -> Writes {
    let launched = |(id, pattern): &(TrackId, PatternId)| {
        let track = song.track(*id)?;
        let current = track.current.followed_by(*pattern, at);
        Some(value(*id, schema::CURRENT, Scalar::Text(codes::switch_text(&current, |id| id.to_string()))))
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

pub(super) fn strip(track: TrackId, strip: StripPatch, name: &str) -> Writes {
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

pub(super) fn param(track: TrackId, param: Param, value: Option<i16>) -> Write {
    Write { path: mixer(track), key: param.key().into(), value: value.map_or(NOT_SET, int) }
}

pub(super) fn name(track: TrackId, name: &Name) -> Write {
    value(track, schema::NAME, text(name.as_str()))
}

pub(super) fn deleted(track: TrackId, deleted: bool) -> Write {
    value(track, schema::DELETED, Scalar::Bool(deleted))
}

pub(super) fn value(track: TrackId, key: &str, value: Scalar) -> Write {
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
