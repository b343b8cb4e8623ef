//! Bounds on what is decoded, each with its reason. They hold before and during decoding: a header's word is
//! never enough to allocate on.

/// An audio file: as large as a blob may be.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// Decoded audio as 32-bit floats, at the file's rate and again at 48 kHz: a tenth of a small machine's memory.
pub const DECODED_BYTES_MAX: usize = 256 << 20;
/// Length of a sample: longer than any track people jam over.
pub const SECONDS_MAX: u64 = 20 * 60;
/// Channels of a file; more than 2 are mixed to stereo. 7.1 is the most that files really have.
pub const CHANNELS_MAX: usize = 8;
/// Channels of a sample.
pub const SAMPLE_CHANNELS_MAX: usize = 2;
/// Slowest rate of a file: old telephones and trackers.
pub const RATE_MIN: u32 = 4_000;
/// Fastest rate of a file: eight times 48 kHz.
pub const RATE_MAX: u32 = 384_000;
/// A lossy file may skip one damaged packet in this many; more is damage that is heard.
pub const DAMAGED_PACKETS_ONE_IN: u64 = 16;
