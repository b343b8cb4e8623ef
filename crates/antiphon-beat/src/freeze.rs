//! From a song to a signed beat.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_identity::{DeviceKey, Domain};
use antiphon_model::{Name, SampleId, Song, Sound, Switch, TrackId};
use antiphon_timeline::Quantum;

use crate::{
    beat::{Beat, Parts, open},
    error::{FreezeError, OpenBeatError},
    licence::Licence,
    limits::{BEAT_BYTES_MAX, PARENTS_MAX},
    manifest::{Author, BeatId, Manifest},
    signatures,
    song_bytes::encode_song,
};

/// What a beat says beside its song. All of it ends up in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeOptions {
    pub title: Name,
    /// What the signer calls themselves.
    pub author: Name,
    pub licence: Licence,
    /// Unix milliseconds.
    pub created_at_ms: u64,
    /// `antiphon_engine::ENGINE_VERSION`.
    pub engine_version: u32,
    /// How long the render is.
    pub bars: u32,
    /// The same in frames at 48 kHz.
    pub frames: u64,
    /// The beats it was made from.
    pub parents: Vec<BeatId>,
    /// The hash of the render.
    pub pcm_hash: [u8; 32],
}

/// A new beat and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    pub bytes: Vec<u8>,
    /// What opening the file gives: it was opened once before anybody gets it.
    pub beat: Beat,
}

/// The song as a beat holds it: only the samples that a track plays stay listed, and what was about to change has
/// changed. It sounds the same as the song will.
pub fn frozen_song(song: &Song) -> Song {
    let played: BTreeSet<SampleId> = played_samples(song).map(|(id, _)| id).collect();
    let mut frozen = song.clone();
    frozen.samples.retain(|id, _| played.contains(id));
    // How a session is played together is no part of what it sounds like.
    (frozen.quantum, frozen.edits_at_bar) = (Quantum::default(), false);
    frozen.fill = Switch::settled(frozen.fill.to);
    frozen.mode = Switch::settled(frozen.mode.to);
    frozen.tracks.iter_mut().for_each(|track| track.current = Switch::settled(track.current.to));
    frozen
}

/// Freezes `song` into a beat signed by `key`. `samples` holds at least the blobs that tracks play.
///
/// Render [`frozen_song`] for the hash, so that the beat is hashed as it will be opened. The same arguments
/// give the same bytes.
pub fn freeze(
    song: &Song,
    samples: &BTreeMap<SampleId, Vec<u8>>,
    options: FreezeOptions,
    key: &DeviceKey,
) -> Result<Frozen, FreezeError> {
    if options.parents.len() > PARENTS_MAX {
        return Err(FreezeError::TooManyParents);
    }
    let mut song = frozen_song(song);
    let blobs = collect_blobs(&mut song, samples)?;
    let song_bytes = encode_song(&song);
    let manifest = manifest(&song, &song_bytes, &blobs, options, key).to_bytes();
    let signature = key.sign(Domain::Beat, &manifest);
    let signatures = signatures::to_bytes(&[(key.peer_id(), signature)]);
    let size: usize = blobs.values().map(|bytes| bytes.len()).sum::<usize>() + song_bytes.len();
    if size > BEAT_BYTES_MAX {
        return Err(FreezeError::TooLarge { bytes: size as u64 });
    }
    let parts = Parts { manifest: &manifest, song: &song_bytes, samples: blobs, signatures: &signatures };
    let bytes = parts.to_bytes();
    match open(&bytes) {
        Ok(beat) => Ok(Frozen { bytes, beat }),
        Err(OpenBeatError::TooLarge { bytes, .. }) => Err(FreezeError::TooLarge { bytes }),
        Err(error) => Err(FreezeError::Unsound(error)),
    }
}

fn played_samples(song: &Song) -> impl Iterator<Item = (SampleId, TrackId)> {
    song.tracks.iter().filter_map(|track| match &track.sound {
        Sound::Sample(id) => Some((*id, track.id)),
        _ => None,
    })
}

/// The blobs that tracks play; the song is told their true lengths.
fn collect_blobs<'a>(
    song: &mut Song,
    samples: &'a BTreeMap<SampleId, Vec<u8>>,
) -> Result<BTreeMap<SampleId, &'a [u8]>, FreezeError> {
    let mut blobs = BTreeMap::new();
    for (sample, track) in played_samples(song).collect::<Vec<_>>() {
        let missing = FreezeError::MissingSample { sample, track };
        let bytes = samples.get(&sample).ok_or(missing.clone())?;
        if blake3::hash(bytes) != sample.0 {
            return Err(FreezeError::WrongSample(sample));
        }
        song.samples.get_mut(&sample).ok_or(missing)?.bytes = bytes.len() as u64;
        blobs.insert(sample, bytes.as_slice());
    }
    Ok(blobs)
}

fn manifest(
    song: &Song,
    song_bytes: &[u8],
    blobs: &BTreeMap<SampleId, &[u8]>,
    options: FreezeOptions,
    key: &DeviceKey,
) -> Manifest {
    Manifest {
        title: options.title,
        authors: vec![Author { name: options.author, peer: key.peer_id() }],
        licence: options.licence,
        created_at_ms: options.created_at_ms,
        engine_version: options.engine_version,
        tempo: song.tempo,
        bars: options.bars,
        frames: options.frames,
        parents: options.parents,
        session: song.session,
        pcm_hash: options.pcm_hash,
        song_hash: *blake3::hash(song_bytes).as_bytes(),
        song_bytes: song_bytes.len() as u64,
        samples: blobs.iter().map(|(id, bytes)| (*id, bytes.len() as u64)).collect(),
    }
}
