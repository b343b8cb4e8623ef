//! What peers say to one another, as frames: a tag, then the message in postcard.
//!
//! Tags and messages only grow: a tag that we do not know is passed over when it comes from a peer whose
//! protocol is newer than ours, and so are bytes that a newer peer added to the end of a message.

use serde::{Deserialize, Serialize};

use crate::limits::{ACTORS_MAX, BATCH_CHANGES_MAX, FRAME_BYTES_MAX, LINKS_MAX};

/// The version of everything in this file. Peers that differ work as far as they understand one another.
pub const PROTOCOL_VERSION: u32 = 3;

/// A message on the sync channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    Hello(Hello),
    /// Encoded by `antiphon_membership::Roster::to_bytes`.
    Roster(&'a [u8]),
    Digest(Digest),
    Have(Have),
    /// One envelope, sent once when it was made, or first seen by one whose peer would else go without.
    Live(&'a [u8]),
    Batch(Batch<'a>),
    Ack {
        bytes: u64,
    },
    Presence(PresenceForm<'a>),
    Company(CompanyForm),
    /// Of a newer protocol.
    Unknown,
}

/// Opens a link. Answered by one with `answer` set, so that a peer which starts later starts both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub protocol: u32,
    pub engine: u32,
    pub session: [u8; 16],
    pub answer: bool,
}

/// Says in 32 bytes what we have, so that equal peers stay quiet: the first halves of two hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest {
    pub changes: [u8; 16],
    pub roster: [u8; 16],
}

/// Each actor's last change that we have; asks for what comes after. `seq` of `u64::MAX` asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Have {
    pub actors: Vec<HaveActor>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HaveActor {
    pub actor: [u8; 32],
    pub seq: u64,
    pub head: [u8; 32],
}

/// The answer to a `Have`, in dependency order; the last has `more` unset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Batch<'a> {
    #[serde(borrow)]
    pub envelopes: Vec<&'a [u8]>,
    pub more: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PresenceForm<'a> {
    pub name: &'a str,
    pub colour: u8,
    pub track: Option<[u8; 16]>,
    pub step: Option<u16>,
}

/// The peers with whom the sender exchanges changes, the receiver not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CompanyForm {
    pub peers: Vec<[u8; 32]>,
}

/// A message on the blob channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BlobMessage<'a> {
    /// Have you this blob? Answered by `Outline`, or by `None` and later by `Have`.
    Want([u8; 32]),
    Outline(OutlineForm),
    None([u8; 32]),
    Have([u8; 32]),
    WantChunk(ChunkName),
    Chunk(Chunk<'a>),
    /// Of a newer protocol.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutlineForm {
    pub sample: [u8; 32],
    pub bytes: u64,
    pub chunks: Vec<[u8; 32]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChunkName {
    pub sample: [u8; 32],
    pub index: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chunk<'a> {
    pub name: ChunkName,
    #[serde(borrow)]
    pub bytes: &'a [u8],
}

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Garbage;

const HELLO: u8 = 1;
const ROSTER: u8 = 2;
const DIGEST: u8 = 3;
const HAVE: u8 = 4;
const LIVE: u8 = 5;
const BATCH: u8 = 6;
const ACK: u8 = 7;
const PRESENCE: u8 = 8;
const COMPANY: u8 = 9;

const WANT: u8 = 1;
const OUTLINE: u8 = 2;
const NONE: u8 = 3;
const HAVE_BLOB: u8 = 4;
const WANT_CHUNK: u8 = 5;
const CHUNK: u8 = 6;

impl<'a> Message<'a> {
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Hello(hello) => write(HELLO, hello),
            Self::Roster(bytes) => tagged(ROSTER, bytes),
            Self::Digest(digest) => write(DIGEST, digest),
            Self::Have(have) => write(HAVE, have),
            Self::Live(envelope) => tagged(LIVE, envelope),
            Self::Batch(batch) => write(BATCH, batch),
            Self::Ack { bytes } => write(ACK, bytes),
            Self::Presence(presence) => write(PRESENCE, presence),
            Self::Company(company) => write(COMPANY, company),
            Self::Unknown => Vec::new(),
        }
    }

    /// Reads a frame. `newer` says whether its sender's protocol is newer than ours.
    pub fn decode(frame: &'a [u8], newer: bool) -> Result<Self, Garbage> {
        let (tag, body) = split(frame)?;
        match tag {
            HELLO => read(body, true).map(Self::Hello),
            ROSTER => Ok(Self::Roster(body)),
            DIGEST => read(body, newer).map(Self::Digest),
            HAVE => {
                let have: Have = read(body, newer)?;
                if have.actors.len() > ACTORS_MAX { Err(Garbage) } else { Ok(Self::Have(have)) }
            }
            LIVE => Ok(Self::Live(body)),
            BATCH => {
                let batch: Batch<'a> = read(body, newer)?;
                if batch.envelopes.len() > BATCH_CHANGES_MAX { Err(Garbage) } else { Ok(Self::Batch(batch)) }
            }
            ACK => read(body, newer).map(|bytes| Self::Ack { bytes }),
            PRESENCE => read(body, newer).map(Self::Presence),
            COMPANY => {
                let company: CompanyForm = read(body, newer)?;
                if company.peers.len() > LINKS_MAX { Err(Garbage) } else { Ok(Self::Company(company)) }
            }
            _ if newer => Ok(Self::Unknown),
            _ => Err(Garbage),
        }
    }
}

impl<'a> BlobMessage<'a> {
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Want(sample) => tagged(WANT, sample),
            Self::Outline(outline) => write(OUTLINE, outline),
            Self::None(sample) => tagged(NONE, sample),
            Self::Have(sample) => tagged(HAVE_BLOB, sample),
            Self::WantChunk(name) => write(WANT_CHUNK, name),
            Self::Chunk(chunk) => write(CHUNK, chunk),
            Self::Unknown => Vec::new(),
        }
    }

    /// Reads a frame. `newer` says whether its sender's protocol is newer than ours.
    pub fn decode(frame: &'a [u8], newer: bool) -> Result<Self, Garbage> {
        let (tag, body) = split(frame)?;
        match tag {
            WANT => read(body, newer).map(Self::Want),
            OUTLINE => read(body, newer).map(Self::Outline),
            NONE => read(body, newer).map(Self::None),
            HAVE_BLOB => read(body, newer).map(Self::Have),
            WANT_CHUNK => read(body, newer).map(Self::WantChunk),
            CHUNK => read(body, newer).map(Self::Chunk),
            _ if newer => Ok(Self::Unknown),
            _ => Err(Garbage),
        }
    }
}

fn split(frame: &[u8]) -> Result<(u8, &[u8]), Garbage> {
    if frame.len() > FRAME_BYTES_MAX {
        return Err(Garbage);
    }
    frame.split_first().map(|(tag, body)| (*tag, body)).ok_or(Garbage)
}

fn write(tag: u8, message: &impl Serialize) -> Vec<u8> {
    postcard::to_extend(message, vec![tag]).expect("plain values encode")
}

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[tag], bytes].concat()
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8], may_be_longer: bool) -> Result<T, Garbage> {
    match postcard::take_from_bytes(body) {
        Ok((message, rest)) if rest.is_empty() || may_be_longer => Ok(message),
        _ => Err(Garbage),
    }
}
