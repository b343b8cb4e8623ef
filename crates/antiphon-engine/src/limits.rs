//! Bounds of the engine, each with its reason.

use antiphon_model::limits::TRACKS_MAX;

/// Voices that sound at once, besides those fading out: one per track, four in a usual song of 16.
pub const VOICES_MAX: usize = 64;
/// Voice slots: twice as many again, so that two steps within one fade can each steal a whole pool without cutting it.
pub const VOICE_SLOTS: usize = VOICES_MAX * 3;
/// Voices of one sampler track: a long sample struck on every step must not starve the others.
pub const SAMPLER_VOICES_PER_TRACK: usize = 8;
/// Mixer lanes: a whole song, a whole song fading away after an edit, and the preview.
pub const LANES: usize = TRACKS_MAX * 2 + 1;
/// Frames rendered in one go: the lanes' buffers stay in the second-level cache.
pub const SEGMENT_FRAMES: usize = 64;
/// A stolen, choked or stopped voice is gone after this many frames (4 ms).
pub const FADE_FRAMES: u32 = 192;
/// A gated note is gone this many frames (2.5 ms) after its gate has ended.
pub const CUT_FRAMES: u32 = 120;
/// What a run begins with still sounds when the run arrives up to this late (20 ms), and so does what an edit moves into
/// the past: a hardly noticed delay instead of a missing downbeat.
pub const LATE_START_FRAMES: i64 = 960;
/// Free notes of a track that start within one sixteenth: more than ten fingers and two pedals can play. It bounds what
/// the audio thread looks at for one hit.
pub const NOTES_PER_STEP_MAX: usize = 32;
/// Messages to the audio thread: a hundred times what a busy person causes in one block.
pub const COMMANDS_MAX: usize = 1024;
/// Values on their way back to be dropped; the player takes no new command while this is full.
pub const RETURNS_MAX: usize = 1024;
/// Meter snapshots not read yet; when full, the player goes on accumulating.
pub const METERS_MAX: usize = 8;
/// Frames between meter snapshots (10 ms): faster than any screen.
pub const METER_FRAMES: u32 = 480;
/// Bars of a loop that is rendered as a whole; the common multiple of odd lengths can be far longer.
pub const LOOP_BARS_MAX: u32 = 64;
/// Length of a previewed note (0.4 s).
pub const PREVIEW_FRAMES: i64 = 19_200;
