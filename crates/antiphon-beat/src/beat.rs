//! An intact beat, and the one way to it: every byte is accounted for.

use std::collections::BTreeMap;

use antiphon_identity::{PeerId, Signature};
use antiphon_model::{SampleId, Song, Sound};

use crate::{
    archive::{self, Entry, Reader},
    error::OpenBeatError,
    limits::{MANIFEST_BYTES_MAX, SIGNATURES_BYTES_MAX, SONG_BYTES_MAX},
    manifest::{BeatId, Manifest},
    signatures,
    song_bytes::decode_song,
};

/// A published snapshot of a session: intact, signed by its authors, never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    pub id: BeatId,
    pub manifest: Manifest,
    pub song: Song,
    /// The samples that the song plays, as stored blobs.
    pub samples: BTreeMap<SampleId, Vec<u8>>,
    /// One of each author, by key.
    pub signatures: Vec<(PeerId, Signature)>,
}

/// The entries of a beat file in the order they have there.
pub(crate) struct Parts<'a> {
    pub(crate) manifest: &'a [u8],
    pub(crate) song: &'a [u8],
    pub(crate) samples: BTreeMap<SampleId, &'a [u8]>,
    pub(crate) signatures: &'a [u8],
}

/// Opens a beat from its bytes alone, or says why they are not an intact one.
///
/// Checked: bounds, the entries and nothing else, every hash, that the bytes are the one form this beat has, that
/// its parts agree, and that exactly its authors signed. Any changed, added or missing bit fails one of these.
pub fn open(bytes: &[u8]) -> Result<Beat, OpenBeatError> {
    let mut reader = Reader::new(bytes)?;
    let manifest_bytes = bounded("manifest", reader.expect("manifest")?, MANIFEST_BYTES_MAX)?;
    let manifest = Manifest::from_bytes(manifest_bytes)?;
    let parts = read_parts(reader, manifest_bytes, &manifest)?;
    if parts.to_bytes() != bytes {
        return Err(OpenBeatError::NotCanonical);
    }
    let song = decode_song(parts.song)?;
    check_agreement(&manifest, &song)?;
    let signatures = signatures::verify(parts.signatures, manifest_bytes, &manifest.authors)?;
    let samples = parts.samples.into_iter().map(|(id, bytes)| (id, bytes.to_vec())).collect();
    Ok(Beat { id: BeatId::of(manifest_bytes), manifest, song, samples, signatures })
}

fn read_parts<'a>(
    mut reader: Reader<'a>,
    manifest_bytes: &'a [u8],
    manifest: &Manifest,
) -> Result<Parts<'a>, OpenBeatError> {
    let song = bounded("song", reader.expect("song")?, SONG_BYTES_MAX)?;
    check_hash("song", song, manifest.song_bytes, manifest.song_hash)?;
    let mut samples = BTreeMap::new();
    for (id, length) in &manifest.samples {
        let name = sample_entry(*id);
        let bytes = reader.expect(&name)?;
        check_hash(&name, bytes, *length, id.0)?;
        samples.insert(*id, bytes);
    }
    let signatures = bounded("signatures", reader.expect("signatures")?, SIGNATURES_BYTES_MAX)?;
    reader.end()?;
    Ok(Parts { manifest: manifest_bytes, song, samples, signatures })
}

impl Parts<'_> {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let names: Vec<String> = self.samples.keys().map(|id| sample_entry(*id)).collect();
        let mut entries = vec![Entry { name: "manifest", bytes: self.manifest }];
        entries.push(Entry { name: "song", bytes: self.song });
        entries.extend(self.samples.values().zip(&names).map(|(bytes, name)| Entry { name, bytes }));
        entries.push(Entry { name: "signatures", bytes: self.signatures });
        archive::write(&entries)
    }
}

/// The manifest repeats what a list shows of a song: both must say the same.
fn check_agreement(manifest: &Manifest, song: &Song) -> Result<(), OpenBeatError> {
    let inconsistent = |what| Err(OpenBeatError::Inconsistent(what));
    if manifest.session != song.session {
        return inconsistent("the song is of another session");
    }
    if manifest.tempo != song.tempo {
        return inconsistent("the song has another tempo");
    }
    let listed = song.samples.iter().map(|(id, info)| (*id, info.bytes));
    if !listed.eq(manifest.samples.iter().map(|(id, bytes)| (*id, *bytes))) {
        return inconsistent("the samples inside are not those of the song");
    }
    let plays = |track: &antiphon_model::Track| match &track.sound {
        Sound::Sample(id) => song.samples.contains_key(id),
        _ => true,
    };
    if !song.tracks.iter().all(plays) {
        return inconsistent("a track plays a sample that is not inside");
    }
    Ok(())
}

fn bounded<'a>(what: &'static str, bytes: &'a [u8], max: usize) -> Result<&'a [u8], OpenBeatError> {
    if bytes.len() > max {
        return Err(OpenBeatError::TooLarge { what, bytes: bytes.len() as u64, max });
    }
    Ok(bytes)
}

fn check_hash(entry: &str, bytes: &[u8], length: u64, hash: [u8; 32]) -> Result<(), OpenBeatError> {
    if bytes.len() as u64 != length || blake3::hash(bytes) != hash {
        return Err(OpenBeatError::Altered { entry: entry.to_owned() });
    }
    Ok(())
}

fn sample_entry(id: SampleId) -> String {
    format!("samples/{id}")
}
