//! The repair of tracks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use antiphon_model::{
    Change, ChokeGroup, Colour, Gain, Name, Pan, Param, Params, Pattern, PatternId, SampleId, SampleInfo,
    Sound, Strip, Swing, Switch, Track, TrackId, TriggerMode, limits::PATTERNS_MAX,
};

use super::{groove, id, is_deleted, order, patterns::pattern, switch};
use crate::{raw::RawMap, schema};

/// Patterns as they were read before and still are.
type Known = BTreeMap<PatternId, Arc<Pattern>>;

/// The track, unless it is deleted.
pub(super) fn track(
    id: TrackId,
    map: &RawMap,
    samples: &BTreeMap<SampleId, SampleInfo>,
    known: Known,
) -> Option<Track> {
    if is_deleted(map) {
        return None;
    }
    let (current, patterns) = patterns(id, map, known);
    Some(Track {
        id,
        name: Name::repaired(map.text(schema::NAME).unwrap_or_default(), "Track"),
        colour: map.int(schema::COLOUR).map_or(Colour::DEFAULT, Colour::clamped),
        order: order(map),
        sound: sound(map, samples),
        strip: strip(map.map(schema::MIXER)),
        swing: map.int(schema::SWING).map(Swing::clamped),
        groove: groove(map),
        trigger: map.text(schema::TRIGGER).and_then(TriggerMode::of_key).unwrap_or_default(),
        choke: map.int(schema::CHOKE).map_or(ChokeGroup::DEFAULT, ChokeGroup::clamped),
        params: map.map(schema::MIXER).map(params).unwrap_or_default(),
        current,
        patterns,
    })
}

pub(super) fn sound(map: &RawMap, samples: &BTreeMap<SampleId, SampleInfo>) -> Sound {
    match Sound::read(map.text(schema::SOUND).unwrap_or_default()) {
        Sound::Sample(id) if !samples.contains_key(&id) => Sound::Unknown(Sound::Sample(id).to_string()),
        sound => sound,
    }
}

fn strip(map: Option<&RawMap>) -> Strip {
    let Some(map) = map else { return Strip::default() };
    let default = Strip::default();
    Strip {
        gain: map.int(schema::GAIN).map_or(default.gain, Gain::clamped),
        pan: map.int(schema::PAN).map_or(default.pan, Pan::clamped),
        mute: map.bool(schema::MUTE).unwrap_or(default.mute),
        solo: map.bool(schema::SOLO).unwrap_or(default.solo),
    }
}

/// What is not neutral. The pan is the strip's.
fn params(map: &RawMap) -> Params {
    let settable = Param::ALL.into_iter().filter(|param| *param != Param::Pan);
    let set = settable.filter_map(|param| Some((param, param.clamped(map.int(param.key())?))));
    set.filter(|(param, value)| *value != param.neutral()).collect()
}

/// The pattern that plays and all that the track has.
fn patterns(track: TrackId, map: &RawMap, mut known: Known) -> (Switch<PatternId>, Known) {
    let maps: BTreeMap<PatternId, &RawMap> = map
        .map(schema::PATTERNS)
        .into_iter()
        .flat_map(RawMap::maps)
        .filter_map(|(key, map)| Some((id(key)?, map)))
        .collect();
    let mut live: BTreeSet<PatternId> =
        maps.iter().filter(|(_, map)| !is_deleted(map)).map(|(id, _)| *id).collect();
    if live.is_empty() {
        live.extend(maps.keys().next());
    }
    let Some(first) = live.first().copied() else {
        // No pattern was ever made: the empty one bears the track's own id, so that all peers name it alike.
        let current = PatternId(track.0);
        let empty = known.remove(&current).unwrap_or_else(|| Arc::new(pattern(&RawMap::new())));
        return (Switch::settled(current), BTreeMap::from([(current, empty)]));
    };
    let current = current(map, &live).unwrap_or_else(|| Switch::settled(first));
    let mut kept: BTreeSet<PatternId> = [current.to].into();
    kept.extend(current.change.map(|change| change.from));
    for id in live {
        if kept.len() >= PATTERNS_MAX {
            break;
        }
        kept.insert(id);
    }
    let kept = maps.into_iter().filter(|(id, _)| kept.contains(id));
    let patterns = kept.map(|(id, map)| (id, known.remove(&id).unwrap_or_else(|| Arc::new(pattern(map)))));
    (current, patterns.collect())
}

/// What was launched, as far as it can still be played.
fn current(map: &RawMap, live: &BTreeSet<PatternId>) -> Option<Switch<PatternId>> {
    let current = switch(map, schema::CURRENT, id)?;
    let from_lives = |change: Change<PatternId>| live.contains(&change.from);
    let current = Switch { change: current.change.filter(|change| from_lives(*change)), ..current };
    live.contains(&current.to).then_some(current)
}
