//! Bounds on what a peer remembers of others, each with its reason.

/// Peers known nearby: a crowded festival field, and a bound on what a flood can cost.
pub const CONTACTS_MAX: usize = 256;
/// People waiting at the door of one session; more than a person can answer.
pub const JOIN_REQUESTS_MAX: usize = 16;
/// Invites that are open at once.
pub const INVITES_MAX: usize = 16;
/// How long an invite opens the door, in seconds.
pub const INVITE_SECONDS: u64 = 600;
/// The longest control frame: a hello with names, or an answer with a roster of hundreds of grants.
pub const CONTROL_FRAME_BYTES_MAX: usize = 256 * 1024;
/// Frames kept of a peer that is not met yet: its greeting and the first answers.
pub const EARLY_FRAMES_MAX: usize = 16;
/// The longest of them; a batch of changes is asked for again.
pub const EARLY_FRAME_BYTES_MAX: usize = 64 * 1024;
/// Characters of a reason or version that a peer sends, shown to people.
pub const PEER_TEXT_CHARS_MAX: usize = 200;
/// Addresses in an invite.
pub const INVITE_ADDRESSES_MAX: usize = 6;
/// Authors whose late acts are counted; more than play in one session.
pub const LATE_AUTHORS_MAX: usize = 256;
/// The least time between an act and its effect in company, ns: two LAN round trips and a block of sound.
pub const LEAD_MIN_NS: i64 = 80_000_000;
/// The most, ns: beyond it a late peer catches up instead.
pub const LEAD_MAX_NS: i64 = 1_000_000_000;
/// The time between an act and its effect alone, ns: one buffer of sound, so that the first note is whole.
pub const LEAD_ALONE_NS: i64 = 25_000_000;
