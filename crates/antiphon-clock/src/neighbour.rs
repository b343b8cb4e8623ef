//! The other peers as one peer sees them at a tick.

use antiphon_timeline::{HostTime, SessionTime, TimebaseId};

use crate::{PeerKey, company::Company, link::Link, wire::Announcement};

/// A neighbour that is heard, locked and believed. Whether it is measured is another matter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    pub key: PeerKey,
    /// It alone.
    pub mark: Company,
    pub announcement: Announcement,
}

/// One that is measured as well.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neighbour {
    pub key: PeerKey,
    pub announcement: Announcement,
    /// Their session time now, by their map.
    pub session: SessionTime,
    pub half_ns: f64,
    /// How much faster their clock runs than ours.
    pub drift: f64,
    pub span_s: f64,
    /// Measured well enough to take session time over from.
    pub ready: bool,
}

impl Neighbour {
    pub fn of(heard: Heard, link: &Link, now: HostTime) -> Option<Self> {
        let Heard { key, announcement, .. } = heard;
        let estimate = link.estimate()?;
        let session = announcement.map.to_session(estimate.remote_at(now));
        let (half_ns, drift, span_s) = (estimate.half_ns, estimate.drift, estimate.span_s);
        Some(Self { key, announcement, session, half_ns, drift, span_s, ready: link.is_ready(now) })
    }

    pub fn timebase(&self) -> TimebaseId {
        self.announcement.map.timebase
    }

    /// The lasting rate of its session time by our clock, less one.
    pub fn base_seen_here(&self) -> f64 {
        let base = f64::from(self.announcement.base_ppb) * 1e-9;
        (1.0 + base) * (1.0 + self.drift) - 1.0
    }
}

/// How many of `peers` peers in sight could lie: fewer than a third. Where not everybody sees everybody
/// a liar's neighbours cannot outvote it by more than that, whatever the size of the room.
pub(crate) const fn liars_among(peers: usize) -> usize {
    let liars = peers.saturating_sub(1) / 3;
    if peers <= 13 || liars < 2 { liars } else { 2 }
}

/// How many peers are in `timebase`: those heard, or as many as enough distinct ones of them say.
pub(crate) fn island_size(timebase: TimebaseId, heard: &[Heard], me: Option<Company>) -> usize {
    let witnesses = 1 + liars_among(1 + heard.len());
    let members: Vec<&Announcement> =
        heard.iter().map(|h| &h.announcement).filter(|a| a.map.timebase == timebase).collect();
    let mut claims: Vec<usize> = members.iter().map(|a| usize::from(a.members)).collect();
    claims.sort_unstable_by(|a, b| b.cmp(a));
    let backed = claims.get(witnesses - 1).copied().unwrap_or(0);
    let sets: Vec<Company> = members.iter().map(|a| a.company).chain(me).collect();
    let counted = Company::agreed(&sets, witnesses).size();
    (members.len() + usize::from(me.is_some())).max(backed).max(counted)
}

#[cfg(test)]
mod tests {
    use antiphon_timeline::SessionMap;

    use super::*;

    const ISLAND: TimebaseId = TimebaseId(5);

    fn heard(n: u8, members: u16, company: Company) -> Heard {
        let map = SessionMap::identity(ISLAND);
        let announcement = Announcement { locked: true, settled: true, map, base_ppb: 0, members, company };
        Heard { key: [n; 32], mark: Company::default(), announcement }
    }

    #[test]
    fn one_liar_cannot_make_its_island_larger_than_it_is() {
        let mut all: Vec<Heard> = (1..5).map(|n| heard(n, 4, Company::default())).collect();
        all.push(heard(9, u16::MAX, Company(u128::MAX)));
        assert_eq!(island_size(ISLAND, &all, None), 5);
    }

    #[test]
    fn what_two_of_six_say_is_believed() {
        let mut all: Vec<Heard> = (1..3).map(|n| heard(n, 9, Company::default())).collect();
        let elsewhere = Heard {
            announcement: Announcement { map: SessionMap::identity(TimebaseId(6)), ..all[0].announcement },
            key: [9; 32],
            mark: Company::default(),
        };
        all.extend([elsewhere; 3]);
        assert_eq!(island_size(ISLAND, &all, None), 9);
    }

    #[test]
    fn a_large_island_is_counted_by_whom_its_members_hear() {
        let keys: Vec<PeerKey> = (0..100).map(|n| [n; 32]).collect();
        let view = |n: usize| Company::of(keys.iter().cycle().skip(n * 17).take(50));
        let all: Vec<Heard> = (0..24).map(|n| heard(n as u8, 25, view(n))).collect();
        let size = island_size(ISLAND, &all, None);
        assert!((85..=120).contains(&size), "{size}");
    }
}
