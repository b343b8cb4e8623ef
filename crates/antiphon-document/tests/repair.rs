//! Whatever a document says, it means a valid song, and repairing that changes nothing.

mod jam;
mod raw_songs;

use antiphon_document::{RawSong, Scalar, repair};
use antiphon_model::{
    FreeNote, Param, Song, Sound, Switch,
    limits::{CHORD_NOTES_MAX, COLOURS, LINKS_MAX, SAMPLES_MAX, SCENES_MAX, TRACKS_MAX},
};
use jam::{SESSION, link_id, note_id, pattern_id, sample_id, scene_id, track_id};
use proptest::prelude::*;
use raw_songs::{document_of, note_bytes, shard, text};

fn scalar() -> impl Strategy<Value = Scalar> {
    let ids = prop::sample::select(vec![
        pattern_id(0).to_string(),
        pattern_id(1).to_string(),
        format!("sample:{}", sample_id(0)),
        format!("sample:{}", sample_id(1)),
        scene_id(0).to_string(),
        format!("{}|{}|5|-7", pattern_id(1), pattern_id(0)),
        format!("{}|{}|5|7", pattern_id(1), pattern_id(2)),
        format!("{}|{}|5|{}", pattern_id(1), pattern_id(2), 7_i64 << 34),
        "drum:kick".to_owned(),
        "on|off|1|2".to_owned(),
        format!("on|off|1|{}", 2_i64 << 34),
        "chain".to_owned(),
        "shuffle@60".to_owned(),
        "gated".to_owned(),
        "3/4".to_owned(),
        "!2:3".to_owned(),
        "theremin:9".to_owned(),
    ]);
    prop_oneof![
        any::<bool>().prop_map(Scalar::Bool),
        (-200i64..200).prop_map(Scalar::Int),
        any::<i64>().prop_map(Scalar::Int),
        ids.prop_map(Scalar::Text),
        "[a-zA-Z0-9 \u{202e}\u{7f}\n]{0,80}".prop_map(Scalar::Text),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Scalar::Bytes),
        any::<[u8; 12]>().prop_map(|bytes| Scalar::Bytes(bytes.to_vec())),
    ]
}

/// Paths as a document has them, and some that lead nowhere.
fn path() -> impl Strategy<Value = Vec<String>> {
    fn segment<T: Clone + std::fmt::Debug + 'static>(keys: Vec<T>) -> impl Strategy<Value = T> + Clone {
        prop::sample::select(keys)
    }
    let fields = ["o", "v", "p", "l", "t", "m", "r", "c", "i", "z", "n0", "n-3", "n7", "n8", "n05"];
    let fields = fields.map(|field| ("steps".to_owned(), field.to_owned()));
    let locks = ["pan", "tune", "level", "x"].map(|param| ("locks".to_owned(), param.to_owned()));
    let fields = [&fields[..], &locks[..]].concat();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let track = segment(vec![track_id(0).to_string(), track_id(1).to_string(), "no id".into()]);
    let pattern = segment(vec![pattern_id(0).to_string(), pattern_id(1).to_string(), "FF".into()]);
    let page = segment(words(&["0", "1", "f", "10"]));
    let tracks = || Just("tracks".to_owned());
    prop_oneof![
        segment(words(&["name", "tempo", "swing", "master", "seed", "groove", "fill", "mode", "x"]))
            .prop_map(|key| vec!["meta".into(), key]),
        (
            track.clone(),
            segment(words(&[
                "name", "sound", "colour", "order", "current", "deleted", "mixer", "swing", "groove",
                "trigger", "choke"
            ]))
        )
            .prop_map(|(track, key)| vec!["tracks".into(), track, key]),
        (
            tracks(),
            track.clone(),
            segment(words(&["gain", "pan", "mute", "solo", "tune", "decay", "cutoff"]))
        )
            .prop_map(|(tracks, track, key)| vec![tracks, track, "mixer".into(), key]),
        (
            track.clone(),
            pattern.clone(),
            segment(words(&["name", "length", "deleted", "order", "speed", "humanise"]))
        )
            .prop_map(|(track, pattern, key)| vec![
                "tracks".into(),
                track,
                "patterns".into(),
                pattern,
                key
            ]),
        (track.clone(), pattern.clone(), page, 0u16..40, segment(fields)).prop_map(
            |(track, pattern, page, step, (group, field))| {
                let key = format!("{step}{field}");
                vec!["tracks".into(), track, "patterns".into(), pattern, group, page, key]
            }
        ),
        (track.clone(), pattern, 0u8..6, segment(words(&["", "s", "l", "p", "v", "d", "x"]))).prop_map(
            |(track, pattern, note, field)| {
                let (shard, key) = (shard(note_id(note)), format!("{}{field}", note_id(note)));
                vec!["tracks".into(), track, "patterns".into(), pattern, "notes".into(), shard, key]
            }
        ),
        (0u8..3, prop_oneof![track, segment(words(&["name", "order", "deleted"]))])
            .prop_map(|(scene, key)| vec!["scenes".into(), scene_id(scene).to_string(), key]),
        (0u8..3, segment(words(&["scene", "bars", "order", "deleted"]))).prop_map(|(link, key)| vec![
            "chain".into(),
            link_id(link).to_string(),
            key
        ]),
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
    assert!(song.scenes.len() <= SCENES_MAX && song.chain.len() <= LINKS_MAX);
    assert!(song.scenes.windows(2).all(|pair| (&pair[0].order, pair[0].id) < (&pair[1].order, pair[1].id)));
    for (track, pattern) in song.scenes.iter().flat_map(|scene| &scene.slots) {
        assert!(song.pattern(*track, *pattern).is_ok());
    }
    assert!(song.chain.iter().all(|link| song.scene(link.scene).is_ok()));
    for track in &song.tracks {
        assert!(track.patterns.contains_key(&track.current.to));
        assert!(track.current.change.is_none_or(|change| track.patterns.contains_key(&change.from)));
        assert!(track.params.iter().all(|(param, value)| {
            *param != Param::Pan && *value != param.neutral() && param.value((*value).into()).is_ok()
        }));
        for pattern in track.patterns.values() {
            assert!(pattern.locks.iter().all(|((_, param), value)| param.value((*value).into()).is_ok()));
            assert!((0..256).all(|step| pattern.chord(step).count() <= CHORD_NOTES_MAX));
            assert!(pattern.notes.iter().all(|(_, note)| note.is_placed()));
        }
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
        puts in prop::collection::vec((path(), scalar()), 0..120),
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
    assert_eq!(song.tracks[0].current, Switch::settled(two));
    assert_eq!(song.tracks[0].patterns.len(), 1);
}

#[test]
fn a_track_whose_patterns_are_all_deleted_keeps_one() {
    let song = with_track(|track| {
        for n in [1, 2] {
            track.make("patterns").make(&pattern_id(n).to_string()).put("deleted", Scalar::Bool(true));
        }
    });
    assert_eq!(song.tracks[0].current.to, pattern_id(1).min(pattern_id(2)));
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

#[test]
fn a_launch_from_a_deleted_pattern_takes_effect_at_once() {
    let (one, two) = (pattern_id(1), pattern_id(2));
    let launch = |track: &mut RawSong| track.put("current", text(format!("{two}|{one}|9|{}", 3_i64 << 34)));
    let song = with_track(launch);
    assert_eq!(song.tracks[0].current.change.map(|change| change.from), Some(one));
    let song = with_track(|track| {
        launch(track);
        track.make("patterns").make(&one.to_string()).put("deleted", Scalar::Bool(true));
    });
    assert_eq!(song.tracks[0].current, Switch::settled(two));
}

/// What stands in the steps of the first pattern of a track.
fn with_page(group: &str, puts: &[(&str, Scalar)]) -> std::sync::Arc<antiphon_model::Pattern> {
    let song = with_track(|track| {
        let page = track.make("patterns").make(&pattern_id(1).to_string()).make(group).make("0");
        puts.iter().for_each(|(key, value)| page.put(key, value.clone()));
    });
    song.tracks[0].patterns[&pattern_id(1)].clone()
}

#[test]
fn of_too_many_chord_notes_the_lowest_stay() {
    // In the order of text, 10 comes before 5.
    let keys: Vec<String> = (5..15).rev().map(|pitch| format!("3n{pitch}")).collect();
    let puts: Vec<_> = keys.iter().map(|key| (key.as_str(), Scalar::Int(16))).collect();
    let pattern = with_page("steps", &puts);
    let pitches: Vec<i8> = pattern.chord(3).map(|(pitch, _)| pitch.get()).collect();
    assert_eq!(pitches, [5, 6, 7, 8, 9, 10, 11]);
}

#[test]
fn what_was_taken_away_is_false_and_not_there() {
    let pattern = with_page("steps", &[("3n4", Scalar::Bool(false)), ("3n5", Scalar::Int(8))]);
    assert_eq!(pattern.chord(3).count(), 1);
    assert!(pattern.steps.is_empty(), "a chord note is no step");
    let pattern = with_page("locks", &[("3pan", Scalar::Bool(false)), ("3tune", Scalar::Int(9_999))]);
    assert_eq!(pattern.locks_of(3).collect::<Vec<_>>(), [(Param::Tune, 2_400)]);
    let song = with_track(|track| {
        track.put("swing", Scalar::Bool(false));
        track.make("mixer").put("decay", Scalar::Int(100));
        track.make("mixer").put("tune", Scalar::Bool(false));
    });
    assert!(song.tracks[0].swing.is_none() && song.tracks[0].params.is_empty());
}

#[test]
fn a_condition_of_a_newer_version_sounds_always() {
    let pattern = with_page("steps", &[("0o", Scalar::Bool(true)), ("0i", text("7th moon"))]);
    assert_eq!(pattern.steps[&0].condition, antiphon_model::Condition::ALWAYS);
}

fn free_note(start: i64) -> FreeNote {
    use antiphon_model::{Pitch, Velocity};
    use antiphon_timeline::Ticks;
    let (pitch, velocity) = (Pitch::clamped(3), Velocity::clamped(90));
    FreeNote { start: Ticks(start), length: Ticks(50), pitch, velocity }
}

#[test]
fn a_note_is_what_it_was_made_and_what_was_changed_since() {
    let (one, two, three) = (note_id(1), note_id(2), note_id(3));
    let song = with_track(|track| {
        let shards = track.make("patterns").make(&pattern_id(1).to_string()).make("notes");
        for id in [one, two] {
            shards.make(&shard(id)).put(&id.to_string(), note_bytes(&free_note(100)));
        }
        shards.make(&shard(one)).put(&format!("{one}s"), Scalar::Int(7));
        shards.make(&shard(one)).put(&format!("{one}l"), Scalar::Int(-7));
        shards.make(&shard(two)).put(&format!("{two}d"), Scalar::Bool(true));
        // Somebody turned at a note whose maker took it back.
        shards.make(&shard(three)).put(&format!("{three}v"), Scalar::Int(9));
    });
    let notes: Vec<_> =
        song.tracks[0].patterns[&pattern_id(1)].notes.iter().map(|(id, note)| (id, *note)).collect();
    let length = antiphon_timeline::Ticks(1);
    assert_eq!(notes, [(one, FreeNote { length, ..free_note(7) })]);
}

#[test]
fn a_slot_a_link_and_a_scene_come_back_with_what_they_name() {
    let (track, pattern) = (track_id(0).to_string(), pattern_id(2).to_string());
    let mut raw = RawSong::new();
    let patterns = raw.make("tracks").make(&track).make("patterns");
    patterns.make(&pattern_id(1).to_string());
    patterns.make(&pattern);
    raw.make("scenes").make(&scene_id(0).to_string()).put(&track, text(pattern.clone()));
    raw.make("chain").make(&link_id(0).to_string()).put("scene", text(scene_id(0).to_string()));
    let mut deleted = |path: &[&str], deleted: bool| {
        let map = path.iter().fold(&mut raw, |map, key| map.make(key));
        map.put("deleted", Scalar::Bool(deleted));
        let song = repair(SESSION, &raw);
        check_valid(&song);
        (song.scenes.first().map(|scene| scene.slots.len()), song.chain.len())
    };
    let scene = scene_id(0).to_string();
    assert_eq!(deleted(&["tracks", &track, "patterns", &pattern], true), (Some(0), 1));
    assert_eq!(deleted(&["tracks", &track, "patterns", &pattern], false), (Some(1), 1));
    assert_eq!(deleted(&["tracks", &track], true), (Some(0), 1));
    assert_eq!(deleted(&["tracks", &track], false), (Some(1), 1));
    assert_eq!(deleted(&["scenes", &scene], true), (None, 0));
    assert_eq!(deleted(&["scenes", &scene], false), (Some(1), 1));
    assert_eq!(deleted(&["chain", &link_id(0).to_string()], true), (Some(1), 0));
}

#[test]
fn of_too_many_scenes_and_links_the_first_in_order_stay() {
    let mut raw = RawSong::new();
    for n in 0..=SCENES_MAX as u16 {
        let id = format!("{n:032x}");
        raw.make("scenes").make(&id).put("order", text(format!("{:05}V", 900 - n)));
    }
    for n in 0..LINKS_MAX as u16 + 7 {
        let link = raw.make("chain").make(&format!("{n:032x}"));
        // The scene numbered 0 is the last in order: it is the one too many.
        link.put("scene", text(format!("{:032x}", n % 2)));
        link.put("order", text(format!("{n:05}V")));
    }
    let song = repair(SESSION, &raw);
    check_valid(&song);
    assert_eq!(song.scenes.len(), SCENES_MAX);
    assert_eq!(song.chain.len(), (LINKS_MAX + 7) / 2);
    assert!(song.scenes.iter().all(|scene| scene.id != antiphon_model::SceneId([0; 16])));
}
