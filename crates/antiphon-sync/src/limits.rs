//! Bounds on what a peer can make us do, each with its reason.

/// Bytes of one change: the document's own bound.
pub const CHANGE_BYTES_MAX: usize = antiphon_document::limits::CHANGE_BYTES_MAX;
/// Bytes of an encoded envelope: a change and its 150 bytes of provenance.
pub const ENVELOPE_BYTES_MAX: usize = CHANGE_BYTES_MAX + 256;
/// Operations in one change: the document's own bound.
pub const OPS_PER_CHANGE_MAX: u64 = antiphon_document::limits::OPS_PER_CHANGE_MAX as u64;
/// Predecessors named in one change: as many operations, each with a few concurrent values.
pub const PREDECESSORS_PER_CHANGE_MAX: u64 = 4 * OPS_PER_CHANGE_MAX;
/// Dependencies of a change: heads left by that many people editing at the same moment.
pub const DEPENDENCIES_MAX: u64 = 64;
/// Other actors whose operations one change touches: twice the steps of a pattern and the fields of each, all last set by different ones.
pub const OTHER_ACTORS_MAX: u64 = 1_024;
/// Columns in a change: the ten that map operations need.
pub const COLUMNS_MAX: u64 = 10;
/// Bytes of a map key: the document's own bound.
pub const KEY_BYTES_MAX: usize = antiphon_document::limits::KEY_BYTES_MAX;
/// Bytes of a change's label: the document's own bound.
pub const LABEL_BYTES_MAX: usize = antiphon_document::limits::LABEL_BYTES_MAX;
/// Bytes of all changes of a document.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Actors in a list of what a peer has: the document's own bound.
pub const ACTORS_MAX: usize = antiphon_document::limits::ACTORS_MAX;

/// Changes held until what they depend on arrives. More are dropped: reconciling brings them in order.
pub const HELD_CHANGES_MAX: usize = 10_000;
/// Bytes of held changes.
pub const HELD_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Refused changes remembered by hash, so that a second copy costs nothing.
pub const QUARANTINE_MAX: usize = 1_024;

/// Bytes of a frame; the network's own bound.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of changes under way to one peer before it has to acknowledge some: what a slow peer can make us queue.
pub const WINDOW_BYTES: u64 = 512 * 1024;
/// Bytes of changes in one batch: small enough that a live change behind it waits for milliseconds.
pub const BATCH_BYTES: usize = 64 * 1024;
/// Changes in one batch, for the same reason (a change costs about 0.2 ms).
pub const BATCH_CHANGES_MAX: usize = 128;
/// Live frames that are acknowledged together.
pub const ACK_EVERY_BYTES: u64 = 16 * 1024;
/// Connected peers; the network allows 32.
pub const LINKS_MAX: usize = 64;

/// Live changes a second from one author, sustained. A fast player edits ten times a second.
pub const LIVE_CHANGES_PER_SECOND: u32 = 50;
/// Live changes of one author at once: what exceeds it is reconciled in batches instead.
pub const LIVE_CHANGES_BURST: u32 = 500;
/// Frames a second from one peer, sustained: 32 authors at their limit, presence and answers.
pub const FRAMES_PER_SECOND: u32 = 4_000;
/// Frames of one peer at once.
pub const FRAMES_BURST: u32 = 8_000;
/// Frames taken from a peer that is no member before its connection is closed: it may be about to become one.
pub const STRANGER_FRAMES_MAX: u32 = 64;
/// Presence a second from one peer, and its burst. We send 20.
pub const PRESENCE_PER_SECOND: u32 = 25;

/// Bytes of a blob.
pub const BLOB_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of one chunk of a blob.
pub const BLOB_CHUNK_BYTES: usize = 64 * 1024;
/// Chunks asked of a peer before the first arrives: hides 40 ms of distance at 100 Mbit/s.
pub const BLOB_CHUNKS_ASKED: usize = 8;
/// Blobs fetched at the same time: 128 MiB of memory at the worst. Others wait their turn.
pub const BLOBS_FETCHED_AT_ONCE: usize = 2;
/// Blobs waited for: a song's samples.
pub const BLOBS_WANTED_MAX: usize = 512;
/// Blobs held in memory while they are served.
pub const BLOBS_SERVED_AT_ONCE: usize = 2;
/// Requests of one peer for chunks that may wait.
pub const BLOB_REQUESTS_MAX: usize = 64;
/// Samples a peer may say it wants and does not find here, to be told when it comes.
pub const BLOB_INTERESTS_MAX: usize = 512;
/// Bytes of a session's blobs that are fetched.
pub const SESSION_BLOB_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
