//! Bounds on a document and on what one change may carry, each with its reason.

/// Operations in one change: a track with all its maps is about 120, every value of a pattern's 256 steps 2,304; the
/// rest is room for chords and locks. What peers accept.
pub const OPS_PER_CHANGE_MAX: usize = 4_096;
/// Bytes of one change: a thousand notes. What peers accept.
pub const CHANGE_BYTES_MAX: usize = 64 * 1024;
/// Changes that one change follows directly: one per peer that edited at the same moment.
pub const DEPENDENCIES_MAX: usize = 64;
/// Bytes of a map key: two hashes in hexadecimal and a separator.
pub const KEY_BYTES_MAX: usize = 160;
/// Bytes of one value: a name of 64 four-byte characters, an order key, an encoded timeline operation.
pub const VALUE_BYTES_MAX: usize = 1_024;
/// Bytes of a change's label: the longest verb and a name of 64 characters fit; a longer one is cut.
pub const LABEL_BYTES_MAX: usize = 256;
/// Operations in a document: about fifty times the longest jam that was measured.
pub const OPS_MAX: u64 = 2_000_000;
/// Actors in a document: one per device, grant and reinstallation.
pub const ACTORS_MAX: usize = 4_096;
/// Bars that edits wait for at once: the next, and those after it for edits made as it comes.
pub const HOLDS_MAX: usize = 4;
/// Moments kept that edits waited for. Only those of the run that plays decide anything, and only for a bar or two.
pub const MOMENTS_MAX: usize = 256;
/// Undo entries kept. The oldest is forgotten first.
pub const UNDO_ENTRIES_MAX: usize = 2_000;
/// Pages of the transport map: operations spread over them by hash, so that none grows large.
pub const TRANSPORT_PAGES: u8 = 16;
/// Shards of a pattern's notes.
pub const NOTE_SHARDS: u8 = 64;
/// From this many changes at once, reading the document whole costs less than following patches.
pub const REREAD_FROM_CHANGES: usize = 64;
