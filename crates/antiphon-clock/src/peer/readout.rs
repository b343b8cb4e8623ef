//! What a clock shows of itself and of its links.

use antiphon_timeline::SessionMap;

use super::{ClockPeer, PeerKey};
use crate::{
    event::{ClockFaults, LinkQuality, Overview},
    neighbour::island_size,
};

impl ClockPeer {
    /// Whose clock this is.
    pub fn key(&self) -> PeerKey {
        self.me
    }

    /// Host time to session time, now.
    pub fn map(&self) -> SessionMap {
        self.own.map()
    }

    /// Whether session time can be relied on.
    pub fn is_locked(&self) -> bool {
        self.own.is_locked()
    }

    /// Packets ignored so far, by reason.
    pub fn faults(&self) -> ClockFaults {
        self.faults
    }

    /// Whom this peer asks for the time: all others up to [`PARTNERS_MAX`](crate::PARTNERS_MAX) of them.
    pub fn partners(&self) -> impl Iterator<Item = PeerKey> {
        self.partners.iter().copied()
    }

    /// What was known of `peer`'s clock at the last tick, once anything is.
    pub fn quality(&self, peer: PeerKey) -> Option<LinkQuality> {
        let now = self.ticked;
        let link = self.links.get(&peer)?;
        let estimate = link.estimate()?;
        let remote = link.remote(self.hears_rarely(now), now)?;
        let error_ns = remote.map.to_session(estimate.remote_at(now)) - self.own.at(now);
        Some(LinkQuality {
            locked: self.is_with_us(&remote),
            error_ns,
            bound_ns: error_ns.saturating_abs().saturating_add(estimate.bound_ns as i64),
            round_trip_ns: (2.0 * estimate.half_ns) as i64,
            drift_ppb: (estimate.drift * 1e9) as i64,
            loss: link.loss(),
            jitter_ns: estimate.jitter_ns as i64,
            packets: link.packets(),
            suspect: link.trust.suspicion(),
        })
    }

    /// The whole clock at one glance, as of the last tick.
    pub fn overview(&self) -> Overview {
        let heard = self.heard(self.ticked);
        let bounds = self.links.keys().filter_map(|key| self.quality(*key));
        let believed = bounds.filter(|quality| quality.locked && quality.suspect.is_none());
        let timebase = self.own.timebase();
        Overview {
            locked: self.own.is_locked(),
            timebase,
            members: island_size(timebase, &heard, Some(self.company_in(&heard))),
            error_bound_ns: believed.map(|quality| quality.bound_ns).max().unwrap_or(0),
            rate_ppb: (self.own.base() * 1e9) as i64,
            faults: self.faults,
        }
    }
}
