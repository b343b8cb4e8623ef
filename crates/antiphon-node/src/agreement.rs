//! How well the clocks of a session agree: measured figures for the faces, structured events for tools.
//!
//! Each thing that happens to the session clock is one event of target `antiphon::clock`, which a tool can wait for: fields
//! only, the first being `event`. The maps themselves are `antiphon::clock::map`.

use std::collections::BTreeMap;

use antiphon_clock::{PeerKey, Suspicion};
use antiphon_identity::PeerId;
use antiphon_net::{ClockEvent, LinkQuality};

use crate::node::Node;

/// The session clock at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Agreement {
    /// Can session time be relied on?
    pub locked: bool,
    /// Clock packets ignored since the start, by reason.
    pub ignored: Vec<(&'static str, u64)>,
    /// Members that are here, as far as they are measured.
    pub peers: BTreeMap<PeerId, PeerAgreement>,
}

/// How well one peer agrees.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerAgreement {
    /// As measured.
    pub quality: LinkQuality,
}

impl Node {
    pub(crate) fn agreement(&self) -> Agreement {
        // Without a net the clock is this machine's own.
        let Some(net) = &self.net else { return Agreement { locked: true, ..Agreement::default() } };
        let members = self.peer.members().into_iter().filter(|member| member.here && !member.me);
        let peers = members.filter_map(|member| {
            Some((member.peer, PeerAgreement { quality: net.link_quality(member.peer)? }))
        });
        Agreement { locked: net.clock_is_locked(), ignored: Vec::new(), peers: peers.collect() }
    }
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

/// Writes what happened to the session clock into the log.
pub(crate) fn log(event: &ClockEvent) {
    const TARGET: &str = "antiphon::clock";
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
