//! What is frozen opens again as it was, and the same song always is the same bytes.

mod songs;

use std::{collections::BTreeMap, path::PathBuf};

use antiphon_beat::{
    BeatId, FreezeError, OpenBeatError, decode_song, encode_song, freeze, frozen_song,
    limits::{BEAT_BYTES_MAX, PARENTS_MAX},
    open,
};
use antiphon_model::{SampleId, Sound};
use proptest::prelude::*;
use songs::{any_song, key, name, options, small_song};

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
        // Tracks with one id twice are no song.
        prop_assume!(song.tracks.iter().map(|t| t.id).collect::<std::collections::BTreeSet<_>>().len() == song.tracks.len());
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

/// Written by the first version. When this fails, beats that people have no longer open.
#[test]
fn a_beat_of_format_1_opens_for_ever() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/night-bus-v1.beat");
    let (song, blobs) = small_song();
    if std::env::var_os("ANTIPHON_BLESS").is_some() {
        std::fs::write(&path, freeze(&song, &blobs, options(), &key(1)).unwrap().bytes).unwrap();
    }
    let bytes = std::fs::read(&path).unwrap();
    let beat = open(&bytes).unwrap();
    assert_eq!(beat.id.to_string(), "fce42c5cfac883c13ca81fd61be3fa6008ec29dc15a97350551bf38973344bd9");
    assert_eq!((beat.song, beat.samples), (song.clone(), blobs.clone()));
    assert_eq!(beat.manifest.authors[0].peer, key(1).peer_id());
    // While format 1 is the one that is written, writing gives these very bytes.
    assert_eq!(freeze(&song, &blobs, options(), &key(1)).unwrap().bytes, bytes);
}
