//! What a clock shows of itself and of its links.

use antiphon_timeline::SessionMap;

use super::{ClockPeer, PeerKey};
use crate::{
    event::{ClockFaults, LinkQuality, Overview, Suspicion},
    link::Link,
    neighbour::island_size,
    wire::Announcement,
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

    /// Why `peer`'s word is not believed, while that is so. Its clock may well defy measuring.
    pub fn suspicion(&self, peer: PeerKey) -> Option<Suspicion> {
        self.links.get(&peer)?.trust.suspicion()
    }

    /// What was known of `peer`'s clock at the last tick, once anything is.
    pub fn quality(&self, peer: PeerKey) -> Option<LinkQuality> {
        let now = self.ticked;
        let link = self.links.get(&peer)?;
        let remote = link.remote(self.hears_rarely(now), now)?;
        // A line through the samples of a clock that runs away is one only until the next packet.
        let runs_away = link.trust.suspicion() == Some(Suspicion::Runaway);
        let Some(estimate) = link.estimate().filter(|_| !runs_away) else {
            return self.rough_quality(link, &remote);
        };
        let error_ns = remote.map.to_session(estimate.remote_at(now)) - self.own.at(now);
        Some(LinkQuality {
            locked: self.is_with_us(&remote),
            error_ns,
            bound_ns: error_ns.saturating_abs().saturating_add(estimate.bound_ns as i64),
            round_trip_ns: (2.0 * estimate.half_ns) as i64,
            drift_ppb: (estimate.drift * 1e9) as i64,
            loss: link.loss(),
            jitter_ns: link.jitter_ns(),
            packets: link.packets(),
            suspect: link.trust.suspicion(),
        })
    }

    /// What is shown of a clock that no line fits: as long as it is suspect, for else it is being measured.
    fn rough_quality(&self, link: &Link, remote: &Announcement) -> Option<LinkQuality> {
        let suspect = Some(link.trust.suspicion()?);
        let glance = link.glance()?;
        let error_ns = remote.map.to_session(glance.remote) - self.own.at(glance.at);
        let half_ns = glance.round_trip_ns / 2;
        Some(LinkQuality {
            locked: false,
            error_ns,
            bound_ns: error_ns.saturating_abs().saturating_add(half_ns),
            round_trip_ns: glance.round_trip_ns,
            drift_ppb: (glance.drift * 1e9) as i64,
            loss: link.loss(),
            jitter_ns: 0,
            packets: link.packets(),
            suspect,
        })
    }

    /// How far our session time may be from that of a peer of our island.
    fn bound_ns(&self, link: &Link) -> Option<i64> {
        let now = self.ticked;
        let (estimate, remote) = (link.estimate()?, link.remote(self.hears_rarely(now), now)?);
        let error_ns = remote.map.to_session(estimate.remote_at(now)) - self.own.at(now);
        self.is_with_us(&remote).then(|| error_ns.saturating_abs().saturating_add(estimate.bound_ns as i64))
    }

    /// The whole clock at one glance, as of the last tick.
    pub fn overview(&self) -> Overview {
        let heard = self.heard(self.ticked);
        let believed = self.links.iter().filter(|(_, link)| link.trust.suspicion().is_none());
        let bounds = believed.filter_map(|(_, link)| self.bound_ns(link));
        let timebase = self.own.timebase();
        Overview {
            locked: self.own.is_locked(),
            timebase,
            members: island_size(timebase, &heard, Some(self.company_in(&heard))),
            error_bound_ns: bounds.max().unwrap_or(0),
            rate_ppb: (self.own.base() * 1e9) as i64,
            faults: self.faults,
        }
    }
}
