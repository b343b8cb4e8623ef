//! The session clock as the interface sees it.

use antiphon_identity::PeerId;
use antiphon_node::{Agreement, PeerAgreement, Snapshot, suspicion};
use antiphon_peer::{LateAct, Member};
use antiphon_timeline::HostTime;

use super::{members, name_in};
use crate::events::Event;
use crate::views::{ClockPath, ClockView, IgnoredPackets, SyncQuality};

pub(crate) fn clock(snapshot: &Snapshot, agreement: &Agreement, host: HostTime) -> ClockView {
    let map = snapshot.map;
    let ignored = agreement.ignored.iter().filter(|(_, packets)| *packets > 0);
    ClockView {
        timebase: format!("{:016x}", map.timebase.0),
        host_ms: host.0 as f64 / 1e6,
        session_ms: map.to_session(host).0 as f64 / 1e6,
        rate_ppm: map.rate_ppb as f64 / 1e3,
        locked: agreement.locked,
        sharing: agreement.sharing as u32,
        bound_ms: (agreement.sharing > 1).then(|| ms(agreement.bound_ns)),
        ignored: ignored
            .map(|(reason, packets)| IgnoredPackets { reason: (*reason).to_owned(), packets: *packets })
            .collect(),
        members: snapshot
            .session
            .as_ref()
            .map(|session| members(&session.members, agreement))
            .unwrap_or_default(),
    }
}

/// Something of a peer came after its moment.
pub(crate) fn late(author: PeerId, by_ns: i64, what: LateAct, members: &[Member]) -> Event {
    let what = match what {
        LateAct::Transport => "transport",
        LateAct::Launch => "launch",
        LateAct::Edit => "edit",
    };
    let name = name_in(members, author);
    Event::Late { peer: author.to_string(), name, by_ms: ms(by_ns), what: what.to_owned() }
}

pub(super) fn sync_quality(peer: &PeerAgreement) -> SyncQuality {
    let quality = &peer.quality;
    SyncQuality {
        locked: quality.locked,
        error_ms: ms(quality.error_ns),
        bound_ms: ms(quality.bound_ns),
        round_trip_ms: ms(quality.round_trip_ns),
        drift_ppm: quality.drift_ppb as f64 / 1e3,
        loss: f64::from(quality.loss),
        path: match peer.path {
            antiphon_net::ClockPath::Udp => ClockPath::Udp,
            antiphon_net::ClockPath::Stream => ClockPath::Stream,
        },
        suspect: quality.suspect.map(|why| suspicion(why).to_owned()),
    }
}

fn ms(ns: i64) -> f64 {
    ns as f64 / 1e6
}
