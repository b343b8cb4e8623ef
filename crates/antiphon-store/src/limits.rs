//! Bounds on what the store keeps and queues, each with its reason.

use std::time::Duration;

/// How long the writer gathers submissions before it makes them durable: one fsync then pays for all of
/// them, and a person cannot tell 20 ms from none.
pub const COMMIT_WINDOW: Duration = Duration::from_millis(20);
/// First pause after a failed commit; it doubles up to [`RETRY_PAUSE_MAX`].
pub const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause between tries: room made on a full disk is noticed within this time.
pub const RETRY_PAUSE_MAX: Duration = Duration::from_secs(2);
/// Bytes of submissions held in memory while they cannot be written: hours of jamming, far below any machine's memory.
pub const QUEUE_BYTES_MAX: usize = 64 << 20;
/// Free space below which nothing is written: the database writes whole segments of 512 KiB and copies
/// pages when it splits them, and it must never meet the end of the disk halfway.
pub const FREE_BYTES_MIN: u64 = 8 << 20;
/// Memory for the database's page cache.
pub const CACHE_BYTES: u64 = 32 << 20;
/// One envelope of a change: 64 KiB of change bytes and what is signed around them.
pub const CHANGE_BYTES_MAX: usize = 72 << 10;
/// A session's roster: thousands of grants.
pub const ROSTER_BYTES_MAX: usize = 1 << 20;
/// One setting.
pub const SETTING_BYTES_MAX: usize = 64 << 10;
/// The name of a setting.
pub const SETTING_KEY_BYTES_MAX: usize = 128;
/// A sample's blob or a beat's file.
pub const FILE_BYTES_MAX: usize = 64 << 20;
