//! Whatever a document says, it means a valid song, and repairing that changes nothing.

mod jam;

use antiphon_document::{RawSong, Scalar, repair};
use antiphon_model::{
    Song, Sound,
    limits::{COLOURS, SAMPLES_MAX, TRACKS_MAX},
};
use jam::{SESSION, pattern_id, sample_id, track_id};
use proptest::prelude::*;

fn text(text: impl Into<String>) -> Scalar {
    Scalar::Text(text.into())
}

/// The document that says just this song.
fn document_of(song: &Song) -> RawSong {
    let mut raw = RawSong::new();
    let meta = raw.make("meta");
    meta.put("name", text(song.name.as_str()));
    meta.put("tempo", Scalar::Int(song.tempo.micro_bpm() as i64));
    meta.put("swing", Scalar::Int(song.swing.get().into()));
    meta.put("master", Scalar::Int(song.master.get().into()));
    for (id, info) in &song.samples {
        let sample = raw.make("samples").make(&id.to_string());
        sample.put("name", text(info.name.as_str()));
        sample.put("frames", Scalar::Int(info.frames as i64));
        sample.put("channels", Scalar::Int(info.channels.into()));
        sample.put("bytes", Scalar::Int(info.bytes as i64));
    }
    for track in &song.tracks {
        let map = raw.make("tracks").make(&track.id.to_string());
        map.put("name", text(track.name.as_str()));
        map.put("sound", text(track.sound.to_string()));
        map.put("colour", Scalar::Int(track.colour.get().into()));
        map.put("order", text(track.order.as_str()));
        map.put("current", text(track.current.to_string()));
        let mixer = map.make("mixer");
        mixer.put("gain", Scalar::Int(track.strip.gain.get().into()));
        mixer.put("pan", Scalar::Int(track.strip.pan.get().into()));
        mixer.put("mute", Scalar::Bool(track.strip.mute));
        mixer.put("solo", Scalar::Bool(track.strip.solo));
        for (id, pattern) in &track.patterns {
            let map = map.make("patterns").make(&id.to_string());
            map.put("name", text(pattern.name.as_str()));
            map.put("length", Scalar::Int(pattern.length.get().into()));
            for (index, step) in &pattern.steps {
                let page = map.make("steps").make(&format!("{:x}", index / 16));
                page.put(&format!("{index}o"), Scalar::Bool(step.on));
                page.put(&format!("{index}v"), Scalar::Int(step.velocity.get().into()));
                page.put(&format!("{index}p"), Scalar::Int(step.pitch.get().into()));
                page.put(&format!("{index}l"), Scalar::Int(step.length.get().into()));
            }
        }
    }
    raw
}

fn scalar() -> impl Strategy<Value = Scalar> {
    let ids = prop::sample::select(vec![
        pattern_id(0).to_string(),
        pattern_id(1).to_string(),
        format!("sample:{}", sample_id(0)),
        format!("sample:{}", sample_id(1)),
        "drum:kick".to_owned(),
        "theremin:9".to_owned(),
    ]);
    prop_oneof![
        any::<bool>().prop_map(Scalar::Bool),
        (-200i64..200).prop_map(Scalar::Int),
        any::<i64>().prop_map(Scalar::Int),
        ids.prop_map(Scalar::Text),
        "[a-zA-Z0-9 \u{202e}\u{7f}\n]{0,80}".prop_map(Scalar::Text),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Scalar::Bytes),
    ]
}

/// Paths as a document has them, and some that lead nowhere.
fn path() -> impl Strategy<Value = Vec<String>> {
    let segment = |keys: Vec<String>| prop::sample::select(keys);
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let track = segment(vec![track_id(0).to_string(), track_id(1).to_string(), "no id".into()]);
    let pattern = segment(vec![pattern_id(0).to_string(), pattern_id(1).to_string(), "FF".into()]);
    let page = segment(words(&["0", "1", "f", "10"]));
    let tracks = || Just("tracks".to_owned());
    prop_oneof![
        segment(words(&["name", "tempo", "swing", "master", "x"])).prop_map(|key| vec!["meta".into(), key]),
        (track.clone(), segment(words(&["name", "sound", "colour", "order", "current", "deleted", "mixer"])))
            .prop_map(|(track, key)| vec!["tracks".into(), track, key]),
        (tracks(), track.clone(), segment(words(&["gain", "pan", "mute", "solo"])))
            .prop_map(|(tracks, track, key)| vec![tracks, track, "mixer".into(), key]),
        (track.clone(), pattern.clone(), segment(words(&["name", "length", "deleted"])))
            .prop_map(|(track, pattern, key)| vec!["tracks".into(), track, "patterns".into(), pattern, key]),
        (track, pattern, page, 0u16..40, segment(words(&["o", "v", "p", "l", "z"]))).prop_map(
            |(track, pattern, page, step, field)| {
                let key = format!("{step}{field}");
                vec!["tracks".into(), track, "patterns".into(), pattern, "steps".into(), page, key]
            }
        ),
        (
            segment(vec![sample_id(0).to_string(), "x".into()]),
            segment(words(&["name", "frames", "channels", "bytes"]))
        )
            .prop_map(|(sample, key)| vec!["samples".into(), sample, key]),
    ]
}

fn put(raw: &mut RawSong, path: &[String], value: Scalar) {
    if let Some((key, maps)) = path.split_last() {
        let map = maps.iter().fold(raw, |map, key| map.make(key));
        map.put(key, value);
    }
}

fn check_valid(song: &Song) {
    assert!(song.tracks.len() <= TRACKS_MAX && song.samples.len() <= SAMPLES_MAX);
    assert!(song.tracks.windows(2).all(|pair| (&pair[0].order, pair[0].id) < (&pair[1].order, pair[1].id)));
    for track in &song.tracks {
        assert!(track.patterns.contains_key(&track.current));
        assert!(track.colour.get() < COLOURS);
        assert!(!track.name.as_str().is_empty());
        match &track.sound {
            Sound::Sample(id) => assert!(song.samples.contains_key(id)),
            Sound::Unknown(text) => assert!(text.chars().count() <= 96),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_document_means_a_valid_song_and_repair_of_that_song_is_the_same(
        puts in prop::collection::vec((path(), scalar()), 0..80),
    ) {
        let mut raw = RawSong::new();
        for (path, value) in puts {
            put(&mut raw, &path, value);
        }
        let song = repair(SESSION, &raw);
        check_valid(&song);
        prop_assert_eq!(&repair(SESSION, &document_of(&song)), &song);
    }
}

/// A document with one track, and in it what `fill` puts.
fn with_track(fill: impl FnOnce(&mut RawSong)) -> Song {
    let mut raw = RawSong::new();
    let track = raw.make("tracks").make(&track_id(0).to_string());
    track.make("patterns").make(&pattern_id(1).to_string());
    track.make("patterns").make(&pattern_id(2).to_string());
    fill(track);
    repair(SESSION, &raw)
}

#[test]
fn an_empty_document_is_an_empty_song_with_a_name() {
    let song = repair(SESSION, &RawSong::new());
    assert_eq!((song.name.as_str(), song.tracks.len()), ("Untitled", 0));
}

#[test]
fn numbers_are_held_to_their_range() {
    let song = with_track(|track| {
        track.make("mixer").put("gain", Scalar::Int(i64::MAX));
        track.put("colour", Scalar::Int(-4));
    });
    let track = &song.tracks[0];
    assert_eq!((track.strip.gain.get(), track.colour.get()), (600, 0));
}

#[test]
fn a_deleted_pattern_gives_way_to_the_first_live_one() {
    let (one, two) = (pattern_id(1).min(pattern_id(2)), pattern_id(1).max(pattern_id(2)));
    let song = with_track(|track| {
        track.put("current", text(one.to_string()));
        track.make("patterns").make(&one.to_string()).put("deleted", Scalar::Bool(true));
    });
    assert_eq!(song.tracks[0].current, two);
    assert_eq!(song.tracks[0].patterns.len(), 1);
}

#[test]
fn a_track_whose_patterns_are_all_deleted_keeps_one() {
    let song = with_track(|track| {
        for n in [1, 2] {
            track.make("patterns").make(&pattern_id(n).to_string()).put("deleted", Scalar::Bool(true));
        }
    });
    assert_eq!(song.tracks[0].current, pattern_id(1).min(pattern_id(2)));
}

#[test]
fn a_sample_nobody_announced_is_kept_as_text_and_silent() {
    let wanted = format!("sample:{}", sample_id(9));
    let song = with_track(|track| track.put("sound", text(wanted.clone())));
    assert_eq!(song.tracks[0].sound, Sound::Unknown(wanted));
}

#[test]
fn a_sound_of_a_newer_version_is_kept_as_text() {
    let song = with_track(|track| track.put("sound", text("granular:cloud")));
    assert_eq!(song.tracks[0].sound.to_string(), "granular:cloud");
}

#[test]
fn a_step_in_the_wrong_page_is_no_step() {
    let song = with_track(|track| {
        let pattern = track.make("patterns").make(&pattern_id(1).to_string());
        pattern.make("steps").make("0").put("16o", Scalar::Bool(true));
        pattern.make("steps").make("1").put("16v", Scalar::Int(500));
    });
    let steps = &song.tracks[0].patterns[&pattern_id(1)].steps;
    assert_eq!(steps.len(), 1);
    assert_eq!((steps[&16].on, steps[&16].velocity.get()), (false, 127));
}

#[test]
fn of_too_many_tracks_those_first_in_order_stay() {
    let mut raw = RawSong::new();
    for n in 0..TRACKS_MAX as u8 + 6 {
        let track = raw.make("tracks").make(&track_id(n).to_string());
        track.put("order", text(format!("{}V", char::from(b'A' + n % 26))));
        track.put("colour", Scalar::Int(i64::from(n % 12)));
    }
    let song = repair(SESSION, &raw);
    assert_eq!(song.tracks.len(), TRACKS_MAX);
    check_valid(&song);
    let last = song.tracks.last().map(|track| (track.order.clone(), track.id)).unwrap();
    let every = repair_all_orders(&raw);
    assert_eq!(every[TRACKS_MAX - 1], last);
}

fn repair_all_orders(raw: &RawSong) -> Vec<(antiphon_model::OrderKey, antiphon_model::TrackId)> {
    let tracks = raw.map("tracks").unwrap();
    let mut orders: Vec<_> = tracks
        .maps()
        .map(|(id, map)| (jam::order(map.text("order").unwrap()), id.parse().unwrap()))
        .collect();
    orders.sort();
    orders
}
