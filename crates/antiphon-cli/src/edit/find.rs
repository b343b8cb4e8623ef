//! Finding what people name.

use antiphon_api::{
    ErrorCode,
    views::{LinkView, PatternView, SceneView, SessionView, TrackView},
};

use crate::{failure::Failure, reach::find_track};

/// The id of the track with this number, name or id.
pub fn track_id(session: &SessionView, named: &str) -> Result<String, Failure> {
    find_track(session, named).map(|track| track.id.clone())
}

/// The pattern of the track with this name or id.
pub fn pattern_of<'a>(track: &'a TrackView, named: &str) -> Result<&'a PatternView, Failure> {
    let is_named = |one: &&PatternView| one.name.eq_ignore_ascii_case(named) || one.id == named;
    track.patterns.iter().find(is_named).ok_or_else(|| {
        let names: Vec<_> = track.patterns.iter().map(|one| one.name.as_str()).collect();
        Failure::new(ErrorCode::NotFound, format!("{} has no pattern {named:?}", track.name))
            .next(format!("its patterns are: {}", names.join(", ")))
    })
}

/// The scene with this name, number (1 is the first) or id.
pub fn scene<'a>(session: &'a SessionView, named: &str) -> Result<&'a SceneView, Failure> {
    let scenes = &session.song.scenes;
    let by_number = || named.parse::<usize>().ok().and_then(|number| scenes.get(number.checked_sub(1)?));
    let by_name = scenes.iter().find(|scene| scene.name.eq_ignore_ascii_case(named) || scene.id == named);
    by_name.or_else(by_number).ok_or_else(|| {
        let names: Vec<_> = scenes.iter().map(|scene| scene.name.as_str()).collect();
        let failure = Failure::new(ErrorCode::NotFound, format!("there is no scene {named:?}"));
        match names.is_empty() {
            true => failure.next("make one of what plays with `antiphon edit scene add`"),
            false => failure.next(format!("the scenes are: {}", names.join(", "))),
        }
    })
}

/// The link of the chain at a place, 1 being the first.
pub fn link(session: &SessionView, place: usize) -> Result<&LinkView, Failure> {
    let chain = &session.song.chain;
    place.checked_sub(1).and_then(|index| chain.get(index)).ok_or_else(|| {
        Failure::new(ErrorCode::NotFound, format!("the chain has no place {place}"))
            .next(format!("it has {} places", chain.len()))
    })
}

/// A whole number.
pub fn number(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_| {
        Failure::new(ErrorCode::Invalid, format!("{text:?} is not a whole number")).next("give one")
    })
}
