//! What a beat says of itself, and what its authors sign.

use std::{collections::BTreeMap, fmt, str::FromStr};

use antiphon_identity::PeerId;
use antiphon_model::{Name, ParseIdError, SampleId, SessionId};
use antiphon_timeline::Tempo;
use serde::{Deserialize, Serialize};

use crate::{
    canonical,
    error::OpenBeatError,
    licence::Licence,
    limits::{AUTHORS_MAX, PARENTS_MAX},
};

const ENTRY: &str = "manifest";
const FORMAT: u8 = 1;

/// A beat's identity: the BLAKE3 hash of its manifest's bytes, which name the hash of everything else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BeatId(pub [u8; 32]);

impl BeatId {
    pub(crate) fn of(manifest: &[u8]) -> Self {
        Self(*blake3::hash(manifest).as_bytes())
    }
}

impl fmt::Display for BeatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from(self.0).to_hex())
    }
}

impl fmt::Debug for BeatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BeatId({self})")
    }
}

impl FromStr for BeatId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        // The same text form as a sample's hash.
        text.parse::<SampleId>().map(|hash| Self(hash.0))
    }
}

/// Who made a beat: a name as they say, and the key that signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub name: Name,
    pub peer: PeerId,
}

/// Everything a beat says of itself. Times and names are its authors' word; hashes are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    pub title: Name,
    /// In the order they are shown; each has signed.
    pub authors: Vec<Author>,
    pub licence: Licence,
    /// Unix milliseconds.
    pub created_at_ms: u64,
    /// The engine that rendered `pcm_hash`; another may sound a little different.
    pub engine_version: u32,
    pub tempo: Tempo,
    /// How long the rendered beat is, in bars of four quarters.
    pub bars: u32,
    /// The same in frames at 48 kHz, as rendered.
    pub frames: u64,
    /// The beats it was made from.
    pub parents: Vec<BeatId>,
    /// The session it was frozen from.
    pub session: SessionId,
    /// BLAKE3 of the rendered audio (`antiphon_engine::pcm_hash`).
    pub pcm_hash: [u8; 32],
    /// BLAKE3 of the frozen song's bytes.
    pub song_hash: [u8; 32],
    /// Bytes of the frozen song.
    pub song_bytes: u64,
    /// The samples inside and their lengths in bytes; an id is its bytes' hash.
    pub samples: BTreeMap<SampleId, u64>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    title: String,
    authors: Vec<(String, [u8; 32])>,
    licence: String,
    created_at_ms: u64,
    engine_version: u32,
    micro_bpm: u64,
    bars: u32,
    frames: u64,
    parents: Vec<[u8; 32]>,
    session: [u8; 16],
    pcm_hash: [u8; 32],
    song: ([u8; 32], u64),
    samples: Vec<([u8; 32], u64)>,
}

impl Manifest {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let wire = Wire {
            title: self.title.as_str().to_owned(),
            authors: self.authors.iter().map(|a| (a.name.as_str().to_owned(), a.peer.0)).collect(),
            licence: self.licence.as_str().to_owned(),
            created_at_ms: self.created_at_ms,
            engine_version: self.engine_version,
            micro_bpm: self.tempo.micro_bpm(),
            bars: self.bars,
            frames: self.frames,
            parents: self.parents.iter().map(|parent| parent.0).collect(),
            session: self.session.0,
            pcm_hash: self.pcm_hash,
            song: (self.song_hash, self.song_bytes),
            samples: self.samples.iter().map(|(id, bytes)| (id.0, *bytes)).collect(),
        };
        canonical::encode(FORMAT, &wire)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, OpenBeatError> {
        let wire: Wire = canonical::decode(ENTRY, FORMAT, bytes)?;
        if wire.authors.is_empty() || wire.authors.len() > AUTHORS_MAX || wire.parents.len() > PARENTS_MAX {
            return Err(malformed("it has too few or too many authors or parents"));
        }
        let authors = wire.authors.into_iter().map(|(name, peer)| {
            Ok(Author { name: Name::new(&name).map_err(malformed)?, peer: PeerId(peer) })
        });
        let manifest = Self {
            title: Name::new(&wire.title).map_err(malformed)?,
            authors: authors.collect::<Result<_, _>>()?,
            licence: Licence::new(&wire.licence).map_err(malformed)?,
            created_at_ms: wire.created_at_ms,
            engine_version: wire.engine_version,
            tempo: Tempo::from_micro_bpm_clamped(wire.micro_bpm),
            bars: wire.bars,
            frames: wire.frames,
            parents: wire.parents.into_iter().map(BeatId).collect(),
            session: SessionId(wire.session),
            pcm_hash: wire.pcm_hash,
            song_hash: wire.song.0,
            song_bytes: wire.song.1,
            samples: wire.samples.into_iter().map(|(id, bytes)| (SampleId(id), bytes)).collect(),
        };
        // Names are trimmed, tempos held to their range, samples sorted: what came in must be what that leaves.
        if manifest.to_bytes() != bytes {
            return Err(OpenBeatError::NotCanonical);
        }
        Ok(manifest)
    }
}

fn malformed(cause: impl fmt::Display) -> OpenBeatError {
    OpenBeatError::Malformed { entry: ENTRY, cause: cause.to_string() }
}
