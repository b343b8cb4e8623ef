//! Time among peers: what was measured, and what came of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::views::MemberView;

/// The session clock of this peer, and how everybody else in the session agrees with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ClockView {
    /// Names the session clock; peers with different ones cannot be compared.
    pub timebase: String,
    /// A moment of this machine's clock (as it is bent for tests), ms.
    pub host_ms: f64,
    /// The same moment in session time, ms.
    pub session_ms: f64,
    /// How much faster session time runs, parts per million.
    pub rate_ppm: f64,
    /// Can session time be relied on? Alone it always can.
    pub locked: bool,
    /// Peers that share this clock now, me included.
    pub sharing: u32,
    /// The largest guaranteed bound to any of them, ms; absent alone.
    pub bound_ms: Option<f64>,
    /// Clock packets that were ignored since the start; only reasons that occurred.
    pub ignored: Vec<IgnoredPackets>,
    /// Everybody in the session, me included.
    pub members: Vec<MemberView>,
}

/// Clock packets ignored for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IgnoredPackets {
    /// One word or two: `forged`, `stale`.
    pub reason: String,
    pub packets: u64,
}

/// How well two peers agree on time, as measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SyncQuality {
    pub locked: bool,
    /// Estimated difference of the two session clocks, ms, signed.
    pub error_ms: f64,
    /// Guaranteed bound of it, ms. An output's own latency is outside, unless trimmed.
    pub bound_ms: f64,
    pub round_trip_ms: f64,
    /// Relative drift of the two clocks in parts per million.
    pub drift_ppm: f64,
    /// 0 to 1.
    pub loss: f64,
    pub path: ClockPath,
    /// Why its clock is not believed, in words; it is left out of ours.
    pub suspect: Option<String>,
}

/// How clock packets travel to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ClockPath {
    /// Datagrams of their own.
    Udp,
    /// Over the connection that everything else uses: a little less exact.
    Stream,
}
