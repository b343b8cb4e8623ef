//! What is frozen opens again as it was, and the same song always is the same bytes.

mod songs;

use std::{collections::BTreeMap, path::PathBuf};

use antiphon_beat::{
    BeatId, FreezeError, OpenBeatError, decode_song, encode_song, freeze, frozen_song,
    limits::{BEAT_BYTES_MAX, PARENTS_MAX},
    open,
};
use antiphon_model::{Moment, OrderKey, Pattern, PatternId, PlayMode, SampleId, Sound, Switch};
use antiphon_timeline::{SessionTime, Speed, Ticks};
use proptest::prelude::*;
use songs::{any_song, full_song, key, name, options, small_song};

#[test]
fn a_beat_opens_with_everything_it_was_given() {
    let (song, blobs) = small_song();
    let frozen = freeze(&song, &blobs, options(), &key(1)).unwrap();
    let beat = open(&frozen.bytes).unwrap();
    assert_eq!(beat, frozen.beat);
    assert_eq!(beat.song, song);
    assert_eq!(beat.samples, blobs);
    let manifest = &beat.manifest;
    assert_eq!((&manifest.title, &manifest.authors[0].name), (&name("Night bus"), &name("Ada")));
    assert_eq!(manifest.authors[0].peer, key(1).peer_id());
    assert_eq!((manifest.bars, manifest.frames, manifest.engine_version), (4, 384_000, 1));
    assert_eq!((manifest.tempo, manifest.session), (song.tempo, song.session));
    assert_eq!((manifest.parents.as_slice(), manifest.pcm_hash), ([BeatId([4; 32])].as_slice(), [5; 32]));
    assert_eq!(manifest.licence.as_str(), "CC-BY-4.0");
    assert_eq!(beat.id.to_string().parse::<BeatId>().unwrap(), beat.id);
}

#[test]
fn the_same_song_is_the_same_bytes() {
    let (song, blobs) = small_song();
    let freeze_it = || freeze(&song, &blobs, options(), &key(1)).unwrap();
    assert_eq!(freeze_it(), freeze_it());
}

#[test]
fn an_id_names_everything_that_was_signed() {
    let (song, blobs) = small_song();
    let id = |song, options, seed| freeze(song, &blobs, options, &key(seed)).unwrap().beat.id;
    let first = id(&song, options(), 1);
    let mut louder = song.clone();
    louder.tracks[0].strip.gain = antiphon_model::Gain::DEFAULT;
    let mut titled = options();
    titled.title = name("Another");
    for other in [id(&louder, options(), 1), id(&song, titled, 1), id(&song, options(), 2)] {
        assert_ne!(other, first);
    }
}

proptest! {
    #[test]
    fn songs_survive_their_bytes(song in any_song()) {
        let bytes = encode_song(&song);
        prop_assert_eq!(decode_song(&bytes), Ok(song));
    }

    #[test]
    fn any_song_freezes_and_opens(song in any_song(), seed in 1_u8..) {
        let frozen = freeze(&song, &BTreeMap::new(), options(), &key(seed)).unwrap();
        prop_assert_eq!(open(&frozen.bytes).unwrap().song, song);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), archive in any::<bool>()) {
        let start: &[u8] = if archive { b"PK\x03\x04" } else { b"" };
        prop_assert!(open(&[start, &bytes].concat()).is_err());
        prop_assert!(decode_song(&bytes).is_err());
    }
}

#[test]
fn sounds_of_a_newer_version_are_kept() {
    let (mut song, _) = small_song();
    song.tracks[2].sound = Sound::read("granular:cloud");
    let frozen = freeze(&song, &BTreeMap::new(), options(), &key(1)).unwrap();
    assert_eq!(frozen.beat.song.tracks[2].sound, Sound::Unknown("granular:cloud".to_owned()));
}

#[test]
fn samples_that_no_track_plays_stay_out() {
    let (mut song, mut blobs) = small_song();
    let spare = b"a spare one".to_vec();
    let id = SampleId(*blake3::hash(&spare).as_bytes());
    song.samples.insert(id, song.samples.values().next().unwrap().clone());
    blobs.insert(id, spare);
    let frozen = freeze(&song, &blobs, options(), &key(1)).unwrap();
    assert_eq!(frozen.beat.samples.len(), 1);
    assert_eq!(frozen.beat.song, frozen_song(&song));
}

#[test]
fn a_song_without_its_bytes_is_not_frozen() {
    let (song, blobs) = small_song();
    let sample = *blobs.keys().next().unwrap();
    let track = song.tracks[2].id;
    let missing = freeze(&song, &BTreeMap::new(), options(), &key(1));
    assert_eq!(missing, Err(FreezeError::MissingSample { sample, track }));
    let wrong = BTreeMap::from([(sample, b"something else".to_vec())]);
    assert_eq!(freeze(&song, &wrong, options(), &key(1)), Err(FreezeError::WrongSample(sample)));
    let mut many = options();
    many.parents = vec![BeatId([1; 32]); PARENTS_MAX + 1];
    assert_eq!(freeze(&song, &blobs, many, &key(1)), Err(FreezeError::TooManyParents));
}

#[test]
fn what_is_too_large_is_told_on_both_sides() {
    let (mut song, _) = small_song();
    let blob = vec![7; BEAT_BYTES_MAX];
    let sample = SampleId(*blake3::hash(&blob).as_bytes());
    let info = song.samples.values().next().unwrap().clone();
    song.samples = BTreeMap::from([(sample, info)]);
    song.tracks[2].sound = Sound::Sample(sample);
    let error = freeze(&song, &BTreeMap::from([(sample, blob)]), options(), &key(1)).unwrap_err();
    assert!(matches!(error, FreezeError::TooLarge { .. }), "{error}");
    let mut padded = freeze(&small_song().0, &small_song().1, options(), &key(1)).unwrap().bytes;
    padded.resize(BEAT_BYTES_MAX + 1, 0);
    assert!(matches!(open(&padded), Err(OpenBeatError::TooLarge { what: "file", .. })));
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Written by the first version. When this fails, beats that people have no longer open.
#[test]
fn a_beat_of_format_1_opens_for_ever() {
    let (song, blobs) = small_song();
    let bytes = std::fs::read(fixture("night-bus-v1.beat")).unwrap();
    let beat = open(&bytes).unwrap();
    assert_eq!(beat.id.to_string(), "fce42c5cfac883c13ca81fd61be3fa6008ec29dc15a97350551bf38973344bd9");
    assert_eq!((beat.song, beat.samples), (song, blobs));
    assert_eq!(beat.manifest.authors[0].peer, key(1).peer_id());
    // It was signed as it stands: one that was made from it in the new format would be another.
    assert_ne!(freeze(&small_song().0, &small_song().1, options(), &key(1)).unwrap().beat.id, beat.id);
}

#[test]
fn the_beats_that_came_with_the_first_version_open_and_say_what_they_said() {
    for (name, id, title, tracks, steps) in [
        (
            "beat-v1-night-ferry.beat",
            "c0c6675b17e56ba157f27234c8ee648814ec9b4f6ae2378e31cf1af6100e1606",
            "Night Ferry",
            8,
            73,
        ),
        (
            "beat-v1-paper-lanterns.beat",
            "4d096174265107515281dfdc38c07124c02a1f99aa3c43e553834ecbbcc43f0c",
            "Paper Lanterns",
            7,
            30,
        ),
        (
            "beat-v1-tin-roof.beat",
            "cc3bb4414b38c95bc633b088a4d845603be42d34eb1a7b8155df519e54c2ac47",
            "Tin Roof",
            7,
            49,
        ),
    ] {
        let beat = open(&std::fs::read(fixture(name)).unwrap()).unwrap();
        let patterns = || beat.song.tracks.iter().flat_map(|track| track.patterns.values());
        let count: usize = patterns().map(|pattern| pattern.steps.len()).sum();
        assert_eq!(
            (beat.id.to_string().as_str(), beat.manifest.title.as_str(), beat.song.tracks.len(), count),
            (id, title, tracks, steps)
        );
        assert!(patterns().all(|pattern| pattern.speed == Speed::One && pattern.notes.is_empty()));
        assert_eq!((beat.song.seed, beat.song.scenes.len()), (0, 0));
    }
}

/// Written by the version that had the whole sequencer first.
#[test]
fn a_beat_of_format_2_opens_for_ever() {
    let path = fixture("full-v2.beat");
    let song = full_song();
    if std::env::var_os("ANTIPHON_BLESS").is_some() {
        std::fs::write(&path, freeze(&song, &BTreeMap::new(), options(), &key(1)).unwrap().bytes).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap();
    let beat = open(&bytes).unwrap();
    assert_eq!(beat.song, song);
    assert_eq!(beat.id.to_string(), "7e2a0d0e7513ecb82391dbdd947a299a526ed52506917d896c1b979551e175b9");
    // While format 2 is the one that is written, writing gives these very bytes.
    assert_eq!(freeze(&song, &BTreeMap::new(), options(), &key(1)).unwrap().bytes, bytes);
}

#[test]
fn what_was_about_to_change_has_changed_in_a_beat() {
    let (mut song, blobs) = small_song();
    let at = Moment { run: SessionTime(7), tick: Ticks::from_bars(4) };
    let (id, later) = (song.tracks[0].current.to, PatternId([77; 16]));
    let empty = Pattern::empty(name("B"), OrderKey::first());
    song.tracks[0].patterns.insert(later, std::sync::Arc::new(empty));
    song.tracks[0].current = Switch::scheduled(id, later, at);
    song.fill = Switch::scheduled(false, true, at);
    song.mode = Switch::scheduled(PlayMode::Live, PlayMode::Chain, at);
    let frozen = freeze(&song, &blobs, options(), &key(1)).unwrap().beat.song;
    assert_eq!(frozen, frozen_song(&song));
    assert_eq!(frozen.tracks[0].current, Switch::settled(later));
    assert_eq!((frozen.fill, frozen.mode), (Switch::settled(true), Switch::settled(PlayMode::Chain)));
}
