//! Nothing but the very bytes of a beat is that beat.
//!
//! Every bit is flipped by default; `ANTIPHON_LONG=1` does it to every bit of 20 beats and adds every cut.

mod songs;

use antiphon_beat::{OpenBeatError, decode_song, encode_song, freeze, open};
use antiphon_identity::{DeviceKey, Domain};
use antiphon_timeline::Meter;
use songs::{key, name, options, small_song};

fn small_beat(seed: u8) -> Vec<u8> {
    let (mut song, blobs) = small_song();
    song.name = name(&format!("Song {seed}"));
    freeze(&song, &blobs, options(), &key(seed)).unwrap().bytes
}

fn is_long() -> bool {
    std::env::var_os("ANTIPHON_LONG").is_some()
}

fn beats() -> Vec<Vec<u8>> {
    (1..=if is_long() { 20 } else { 1 }).map(small_beat).collect()
}

#[test]
fn every_flipped_bit_is_refused() {
    let mut flipped = 0;
    for mut bytes in beats() {
        open(&bytes).unwrap();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&bytes).is_err(), "bit {} of byte {} may be flipped", bit % 8, bit / 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            flipped += 1;
        }
    }
    println!("{flipped} bits flipped, all refused");
}

#[test]
fn every_cut_and_every_addition_is_refused() {
    let bytes = small_beat(1);
    for keep in (0..bytes.len()).step_by(if is_long() { 1 } else { 3 }) {
        assert!(open(&bytes[..keep]).is_err(), "cut to {keep} bytes");
    }
    for tail in [b"\0".as_slice(), b"PK\x05\x06", &bytes] {
        assert!(open(&[&bytes, tail].concat()).is_err());
        assert!(open(&[tail, &bytes].concat()).is_err());
    }
    for at in (0..bytes.len()).step_by(7) {
        let mut longer = bytes.clone();
        longer.insert(at, bytes[at]);
        let mut shorter = bytes.clone();
        shorter.remove(at);
        // Removing one of several equal bytes and adding it elsewhere would be no change; these change lengths.
        assert!(open(&longer).is_err() && open(&shorter).is_err(), "at {at}");
    }
}

/// An entry of the archive: where its header begins, its name, its bytes.
struct Entry {
    name: String,
    bytes: Vec<u8>,
}

fn entries(beat: &[u8]) -> Vec<Entry> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(beat)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            Entry { name, bytes }
        })
        .collect()
}

/// A stored-only archive in the form that beats have, of any entries: what an attacker would write.
fn archive(entries: &[Entry]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut header = vec![10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        header.extend(&crc32(&entry.bytes).to_le_bytes());
        header.extend(&(entry.bytes.len() as u32).to_le_bytes());
        header.extend(&(entry.bytes.len() as u32).to_le_bytes());
        header.extend(&(entry.name.len() as u16).to_le_bytes());
        header.extend(&[0, 0]);
        directory.extend(b"PK\x01\x02\x0a\0");
        directory.extend(&header);
        directory.extend(&[0; 10]);
        directory.extend(&(out.len() as u32).to_le_bytes());
        directory.extend(entry.name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&header);
        out.extend(entry.name.as_bytes());
        out.extend(&entry.bytes);
    }
    let (offset, count) = (out.len() as u32, (entries.len() as u16).to_le_bytes());
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.iter().chain(&count));
    out.extend(&(directory.len() as u32).to_le_bytes());
    out.extend(&offset.to_le_bytes());
    out.extend(&[0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

/// Rebuilds a beat with `change` made to its entries, in an archive that is right in itself.
fn rebuilt(change: impl FnOnce(&mut Vec<Entry>)) -> Vec<u8> {
    let mut entries = entries(&small_beat(1));
    change(&mut entries);
    archive(&entries)
}

#[test]
fn the_attackers_archive_is_ours_when_nothing_is_changed() {
    // Otherwise the tests below would pass for a reason that is not theirs.
    assert_eq!(rebuilt(|_| {}), small_beat(1));
}

#[test]
fn entries_that_are_moved_added_renamed_or_missing_are_refused() {
    let last = entries(&small_beat(1)).len() - 1;
    for index in 0..last {
        let swapped = rebuilt(|entries| entries.swap(index, index + 1));
        assert!(matches!(open(&swapped), Err(OpenBeatError::WrongEntry { .. })), "{index}");
    }
    for index in 0..=last {
        assert!(open(&rebuilt(|entries| drop(entries.remove(index)))).is_err(), "{index} removed");
        let doubled = rebuilt(|entries| {
            let Entry { name, bytes } = &entries[index];
            let copy = Entry { name: name.clone(), bytes: bytes.clone() };
            entries.insert(index, copy);
        });
        assert!(open(&doubled).is_err(), "{index} doubled");
    }
    for name in ["extra", "preview.flac", "../song", "/etc/passwd", "samples/../song", "", "song\0", "SONG"] {
        let added = rebuilt(|entries| entries.push(Entry { name: name.to_owned(), bytes: vec![1] }));
        assert!(matches!(open(&added), Err(OpenBeatError::WrongEntry { .. })), "{name:?} added");
        let renamed = rebuilt(|entries| entries[1].name = name.to_owned());
        assert!(matches!(open(&renamed), Err(OpenBeatError::WrongEntry { .. })), "{name:?} for song");
    }
}

#[test]
fn other_content_under_a_signed_name_is_refused() {
    let sample = rebuilt(|entries| entries[2].bytes[0] ^= 1);
    assert!(matches!(open(&sample), Err(OpenBeatError::Altered { entry }) if entry.starts_with("samples/")));
    let song = rebuilt(|entries| {
        let mut song = decode_song(&entries[1].bytes).unwrap();
        song.tracks[0].strip.mute = true;
        entries[1].bytes = encode_song(&song);
    });
    assert_eq!(open(&song), Err(OpenBeatError::Altered { entry: "song".to_owned() }));
}

#[test]
fn a_manifest_that_was_edited_needs_a_new_signature() {
    // One letter of the title: all hashes hold, only the signature does not.
    let retitled = rebuilt(|entries| {
        let manifest = &mut entries[0].bytes;
        let at = manifest.windows(5).position(|part| part == b"Night").unwrap();
        manifest[at] = b'L';
    });
    assert!(matches!(open(&retitled), Err(OpenBeatError::BadSignature { .. })));
}

/// The signatures entry of one signer.
fn signed(manifest: &[u8], key: &DeviceKey, domain: Domain) -> Vec<u8> {
    let signature = key.sign(domain, manifest);
    [[1, 1].as_slice(), &key.peer_id().0, &signature.0].concat()
}

#[test]
fn only_the_authors_sign_and_only_as_a_beat() {
    let resign = |key: DeviceKey, domain| {
        rebuilt(|entries| {
            let last = entries.len() - 1;
            entries[last].bytes = signed(&entries[0].bytes, &key, domain);
        })
    };
    assert_eq!(resign(key(1), Domain::Beat), small_beat(1), "the entry is built as it should be");
    assert!(matches!(open(&resign(key(2), Domain::Beat)), Err(OpenBeatError::WrongSigners { .. })));
    for domain in [Domain::Genesis, Domain::Grant, Domain::Change, Domain::Invite] {
        let replayed = resign(key(1), domain);
        assert!(matches!(open(&replayed), Err(OpenBeatError::BadSignature { .. })), "{domain:?}");
    }
    // A signature of the same author for another beat.
    let other = entries(&small_beat(1));
    let swapped = rebuilt(|entries| {
        let last = entries.len() - 1;
        let mut manifest = other[0].bytes.clone();
        manifest[1] ^= 1;
        entries[last].bytes = signed(&manifest, &key(1), Domain::Beat);
    });
    assert!(matches!(open(&swapped), Err(OpenBeatError::BadSignature { .. })));
    let unsigned = rebuilt(|entries| {
        let last = entries.len() - 1;
        entries[last].bytes = vec![1, 0];
    });
    assert!(matches!(open(&unsigned), Err(OpenBeatError::WrongSigners { .. })));
    let twice = rebuilt(|entries| {
        let last = entries.len() - 1;
        let one = entries[last].bytes[2..].to_vec();
        entries[last].bytes = [[1, 2].as_slice(), &one, &one].concat();
    });
    assert!(matches!(open(&twice), Err(OpenBeatError::WrongSigners { .. })));
}

#[test]
fn one_kind_of_entry_is_not_taken_for_another() {
    for (from, to) in [(0, 1), (1, 0), (0, 3), (3, 0), (1, 3), (2, 1), (2, 0)] {
        let confused = rebuilt(|entries| entries[to].bytes = entries[from].bytes.clone());
        assert!(open(&confused).is_err(), "entry {from} as {to}");
    }
    for (name, bytes) in entries(&small_beat(1)).into_iter().map(|entry| (entry.name, entry.bytes)) {
        assert_eq!(decode_song(&bytes).is_ok(), name == "song", "{name} as a song");
    }
}

/// A number in more bytes than it needs means the same to a decoder, and is refused here.
#[test]
fn there_is_one_form_of_a_song() {
    let (song, _) = small_song();
    let bytes = encode_song(&song);
    // Behind the format and the session: the length of the name, as one byte.
    let at = 17;
    assert_eq!(usize::from(bytes[at]), song.name.as_str().len());
    let mut longer = bytes.clone();
    longer[at] |= 0x80;
    longer.insert(at + 1, 0);
    assert_eq!(decode_song(&longer), Err(OpenBeatError::NotCanonical));
    assert!(decode_song(&[bytes.as_slice(), &[0]].concat()).is_err());
    assert_eq!(decode_song(&[4, 0]), Err(OpenBeatError::TooNew { version: 4, newest: 3 }));
    assert!(matches!(decode_song(&[]), Err(OpenBeatError::Malformed { .. })));
}

#[test]
fn a_song_in_another_meter_is_format_3_and_one_in_4_4_is_not() {
    let (mut song, _) = small_song();
    let common = encode_song(&song);
    assert_eq!(common[0], 2);
    song.meter = Meter::new(7, 8).unwrap();
    let odd = encode_song(&song);
    assert_eq!(odd, [&[3], &common[1..], &[7, 8]].concat());
    assert_eq!(decode_song(&odd), Ok(song));
    let with = |beats, unit| decode_song(&[&[3], &common[1..], &[beats, unit]].concat());
    assert_eq!(with(4, 4), Err(OpenBeatError::NotCanonical));
    for (beats, unit) in [(0, 4), (17, 4), (3, 0), (3, 5)] {
        assert!(matches!(with(beats, unit), Err(OpenBeatError::Malformed { .. })), "{beats}/{unit}");
    }
}

#[test]
fn a_newer_format_is_told_from_damage() {
    let newer = rebuilt(|entries| entries[0].bytes[0] = 2);
    assert_eq!(open(&newer), Err(OpenBeatError::TooNew { version: 2, newest: 1 }));
    assert_eq!(open(b""), Err(OpenBeatError::NotABeat));
    assert_eq!(open(b"RIFF....WAVE"), Err(OpenBeatError::NotABeat));
}

/// Ordinary programs make zips in many ways; none of them is a beat.
#[test]
fn the_same_entries_zipped_by_another_program_are_refused() {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for entry in entries(&small_beat(1)) {
        writer.start_file(entry.name, stored).unwrap();
        std::io::Write::write_all(&mut writer, &entry.bytes).unwrap();
    }
    let zipped = writer.finish().unwrap().into_inner();
    assert!(open(&zipped).is_err());
}

/// What the bytes of a song say that no song says.
#[test]
fn what_no_song_says_is_refused() {
    use std::sync::Arc;

    use antiphon_model::{LinkId, NoteLength, Param, PatternId, Pitch, SceneId, Song, Switch};

    let refused = |case: &str, alter: &dyn Fn(&mut Song)| {
        let mut song = songs::full_song();
        alter(&mut song);
        assert!(decode_song(&encode_song(&song)).is_err(), "{case}");
    };
    let pattern = |song: &mut Song, alter: &dyn Fn(&mut antiphon_model::Pattern)| {
        let pattern = song.tracks[0].patterns.values_mut().last().unwrap();
        alter(Arc::make_mut(pattern));
    };
    assert!(decode_song(&encode_song(&songs::full_song())).is_ok());
    let nowhere = PatternId([200; 16]);
    refused("plays a pattern it does not have", &|song| song.tracks[0].current = Switch::settled(nowhere));
    refused("a slot with no pattern", &|song| {
        let track = song.tracks[0].id;
        song.scenes[0].slots.insert(track, nowhere);
    });
    refused("a link to no scene", &|song| song.chain[0].scene = SceneId([200; 16]));
    refused("a scene twice", &|song| song.scenes[1].id = song.scenes[0].id);
    refused("a link twice", &|song| song.chain[1].id = LinkId([9; 16]));
    refused("scenes out of order", &|song| song.scenes.reverse());
    refused("a pan beside the strip's", &|song| song.tracks[0].params.extend([(Param::Pan, 3)]));
    refused("a neutral parameter", &|song| song.tracks[0].params.extend([(Param::Tune, 0)]));
    refused("a parameter out of range", &|song| song.tracks[0].params.extend([(Param::Tune, 9_999)]));
    refused("a lock out of range", &|song| {
        pattern(song, &|pattern| pattern.locks.extend([((0, Param::Start), -1)]));
    });
    refused("a lock outside", &|song| {
        pattern(song, &|pattern| pattern.locks.extend([((256, Param::Start), 1)]));
    });
    refused("a step outside", &|song| {
        pattern(song, &|pattern| pattern.steps.extend([(256, antiphon_model::Step::default())]));
    });
    refused("nine notes at a step", &|song| {
        pattern(song, &|pattern| {
            pattern.chords.extend((0..8).map(|n| ((9, Pitch::clamped(n)), NoteLength::DEFAULT)));
        });
    });
    refused("a note outside", &|song| {
        pattern(song, &|pattern| {
            let (id, mut note) = pattern.notes.iter().next().map(|(id, note)| (id, *note)).unwrap();
            note.start = antiphon_timeline::Ticks(-1);
            Arc::make_mut(&mut pattern.notes).insert(id, note);
        });
    });
}
