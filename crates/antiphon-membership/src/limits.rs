//! Bounds on a roster, each with its reason.

/// Bytes of one signed record: four times what the largest one takes today.
pub const RECORD_BYTES_MAX: usize = 512;
/// Grants in a session: thirty times the connections a peer has, as people change devices and roles; in
/// bytes far below one network frame.
pub const GRANTS_MAX: usize = 1_024;
/// Bytes of an encoded roster: every record at its greatest.
pub const ROSTER_BYTES_MAX: usize = (GRANTS_MAX + 1) * (RECORD_BYTES_MAX + 80);
