//! How well the clocks of a session agree: measured figures for the faces, structured events for tools.
//!
//! Each thing that happens to the session clock is one event of target `antiphon::clock`, which a tool can wait for: fields
//! only, the first being `event`. The maps themselves are `antiphon::clock::map`.

use std::collections::BTreeMap;

use antiphon_clock::PeerKey;
use antiphon_identity::PeerId;
use antiphon_net::{ClockCounters, ClockEvent, ClockPath, LinkQuality, Suspicion};
use antiphon_peer::LateAct;

use crate::node::Node;

/// The session clock at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Can session time be relied on?
    pub locked: bool,
    /// Peers in this session clock, with this one.
    pub sharing: usize,
    /// Session time differs from that of each of them by at most this; 0 alone.
    pub bound_ns: i64,
    /// Clock packets ignored since the start, by reason.
    pub ignored: Vec<(&'static str, u64)>,
    /// Members that are here, as far as they are measured.
    pub peers: BTreeMap<PeerId, PeerAgreement>,
}

/// How well one peer agrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerAgreement {
    /// As measured.
    pub quality: LinkQuality,
    /// How its packets travel.
    pub path: ClockPath,
}

impl Agreement {
    /// Without a net the clock is this machine's own.
    fn alone() -> Self {
        Self { locked: true, sharing: 1, bound_ns: 0, ignored: Vec::new(), peers: BTreeMap::new() }
    }
}

impl Node {
    pub(crate) fn agreement(&self) -> Agreement {
        let Some(net) = &self.net else { return Agreement::alone() };
        let members = self.peer.members().into_iter().filter(|member| member.here && !member.me);
        let peers = members.filter_map(|member| {
            let link = net.clock_link(member.peer)?;
            Some((member.peer, PeerAgreement { quality: link.quality?, path: link.path }))
        });
        let overview = net.clock_overview();
        Agreement {
            locked: overview.locked,
            sharing: overview.members,
            bound_ns: overview.error_bound_ns,
            ignored: ignored(&net.clock_counters()),
            peers: peers.collect(),
        }
    }
}

/// Whatever came and was not believed: as a datagram, or as a packet.
fn ignored(counters: &ClockCounters) -> Vec<(&'static str, u64)> {
    let ClockCounters { packets, datagrams, .. } = counters;
    vec![
        ("forged", datagrams.forged),
        ("replayed", datagrams.replayed),
        ("malformed", datagrams.malformed + packets.malformed),
        ("stale", packets.stale),
        ("false echoes", packets.false_echoes),
        ("implausible", packets.implausible),
        ("from suspects", packets.disbelieved),
        ("from nobody here", datagrams.unknown + packets.unknown),
        ("too many", datagrams.flooded),
    ]
}

/// Why a peer's clock is not believed, in words that follow its name.
pub fn suspicion(why: Suspicion) -> &'static str {
    match why {
        Suspicion::Runaway => "its clock jumps, or runs as no clock does",
        Suspicion::Jumps => "its session time jumps without a reason",
        Suspicion::Apart => "its session time is far from everybody else's",
        Suspicion::Forges => "it sends packets that cannot be true",
    }
}

fn short(peer: &PeerKey) -> String {
    PeerId(*peer).short()
}

const TARGET: &str = "antiphon::clock";

/// Writes down that something came after its moment.
pub(crate) fn log_late(author: &PeerId, by_ns: i64, what: LateAct, count: u64) {
    tracing::info!(target: TARGET, event = "late", peer = author.short(), by_ns, what = ?what, count);
}

/// Writes what happened to the session clock into the log.
pub(crate) fn log(event: &ClockEvent) {
    match event {
        ClockEvent::Locked => tracing::info!(target: TARGET, event = "locked"),
        ClockEvent::Unlocked => tracing::info!(target: TARGET, event = "unlocked"),
        ClockEvent::TimebaseSwitched { old, new, step_ns } => tracing::info!(
            target: TARGET,
            event = "switched",
            old = format!("{:016x}", old.0),
            new = format!("{:016x}", new.0),
            step_ns
        ),
        ClockEvent::ClockStepped => tracing::warn!(target: TARGET, event = "stepped"),
        ClockEvent::PeerSuspect { peer, why } => {
            tracing::warn!(target: TARGET, event = "suspect", peer = short(peer), why = ?why)
        }
        ClockEvent::PeerCleared { peer } => {
            tracing::info!(target: TARGET, event = "cleared", peer = short(peer))
        }
        // Maps are told by the thread that steers, each as it makes it.
        _ => {}
    }
}
