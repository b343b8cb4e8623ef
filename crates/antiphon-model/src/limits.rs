//! Bounds on what a song can hold, each with its reason.

/// Tracks in a session: four times what any groovebox offers, still one screen of meters.
pub const TRACKS_MAX: usize = 64;
/// Patterns of one track: one per section of a long song.
pub const PATTERNS_MAX: usize = 128;
/// Steps in a pattern: sixteen bars of sixteenths.
pub const STEPS_MAX: u16 = 256;
/// Steps in a page: the unit in which the document shards them.
pub const STEPS_PER_PAGE: u16 = 16;
/// Lengths offered for a pattern.
pub const PATTERN_LENGTHS: [u16; 3] = [16, 32, 64];
/// Characters in a name: a line on screen.
pub const NAME_CHARS_MAX: usize = 64;
/// Colours of the track palette.
pub const COLOURS: u8 = 12;
/// Samples a session refers to.
pub const SAMPLES_MAX: usize = 512;
/// The longest note, in sixteenths of a step: a whole pattern of 256 steps.
pub const NOTE_LENGTH_MAX: u16 = 16 * 256;
/// Steps that one edit may touch: a whole pattern.
pub const STEPS_PER_EDIT_MAX: usize = STEPS_MAX as usize;
/// Free notes of one pattern: a dense piano part of an hour.
pub const NOTES_MAX: usize = 100_000;
/// Free notes that one edit may touch.
pub const NOTES_PER_EDIT_MAX: usize = 1_000;
/// Notes that a step adds to its own: chords of eight.
pub const CHORD_NOTES_MAX: usize = 7;
/// Scenes of a session: the sections of the longest songs, several times over.
pub const SCENES_MAX: usize = 64;
/// Links of the chain.
pub const LINKS_MAX: usize = 256;
/// Bytes of a pattern's text that are read: the fullest pattern takes 100 bytes a free note, and some for its steps.
pub const NOTATION_BYTES_MAX: usize = 12 << 20;
