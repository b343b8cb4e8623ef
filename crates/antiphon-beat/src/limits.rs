//! Bounds on a beat, each with its reason.

/// A beat file: what fits one blob, so that it travels like a sample.
pub const BEAT_BYTES_MAX: usize = 64 << 20;
/// The manifest: authors, parents and one line for each of the samples a session may have.
pub const MANIFEST_BYTES_MAX: usize = 256 << 10;
/// The song: 64 tracks of 128 patterns of 256 steps would be more; nobody plays that many.
pub const SONG_BYTES_MAX: usize = 8 << 20;
/// Signatures: one for each author.
pub const SIGNATURES_BYTES_MAX: usize = 4 << 10;
/// People who made it together: as many as a room of jammers has.
pub const AUTHORS_MAX: usize = 16;
/// Beats it was made from.
pub const PARENTS_MAX: usize = 16;
/// A licence expression: `CC-BY-SA-4.0`, or two of them with `OR`.
pub const LICENCE_CHARS_MAX: usize = 64;
