//! Moving to another island, or to the larger part of a torn one. See [`island`](crate::island) for who moves.

use antiphon_timeline::{HostTime, NANOS_PER_SECOND, SessionTime, TimebaseId};

use crate::{
    consensus::{mean_error, median, typical_half_ns},
    event::ClockEvent,
    island::Standing,
    neighbour::{Heard, Neighbour, island_size},
    peer::{ClockPeer, MILLISECOND},
};

/// Alone one moves soon.
const DWELL_ALONE_NS: i64 = 300 * MILLISECOND;
/// In company one waits for the others to be counted, each a different while.
const DWELL_NS: i64 = NANOS_PER_SECOND;
/// An error past this is not drift: the island has fallen apart and its larger part decides.
pub(crate) const APART_NS: f64 = 50e6;
const COHERENT_NS: f64 = 20e6;
const APART_DWELL_NS: i64 = 200 * MILLISECOND;
/// What was just taken over or carried on is mended if it is off by more than this, and by more than an
/// error of measurement.
const SETTLED_WITHIN_NS: f64 = 1e6;
/// Until the others' announcements after a step are here.
const SETTLE_WAIT_NS: i64 = 400 * MILLISECOND;

/// Something that has to stay true for a while before it is acted on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dwell<T> {
    pub what: T,
    pub since: HostTime,
    pub ns: i64,
}

/// A time just taken over or carried on, to be compared with all others'.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settling {
    pub due: HostTime,
    round: u8,
}

impl Settling {
    /// A time carried over a known gap. It is compared as soon as anybody is measured.
    pub fn carried(now: HostTime) -> Self {
        Self { due: now, round: 0 }
    }

    /// A time taken over from some, to be compared with all.
    fn adopted(now: HostTime) -> Self {
        Self { due: now + SETTLE_WAIT_NS, round: 0 }
    }

    fn again(self, now: HostTime) -> Self {
        Self { round: self.round.wrapping_add(1), ..Self::adopted(now) }
    }
}

impl ClockPeer {
    /// Moves to the best island that outranks ours, when it has done so for long enough.
    pub(crate) fn merge(&mut self, heard: &[Heard], neighbours: &[Neighbour], now: HostTime) {
        let Some(timebase) = self.better_island(heard, neighbours, now) else {
            self.courted = None;
            return;
        };
        let courted = match self.courted {
            // The wait is drawn once.
            Some(courted) if courted.what == timebase => courted,
            _ => Dwell { what: timebase, since: now, ns: self.dwell_ns(heard) },
        };
        self.courted = Some(courted);
        let is_member = |remote: TimebaseId| remote == timebase;
        let members = heard.iter().filter(|h| is_member(h.announcement.map.timebase)).count();
        let ready = neighbours.iter().filter(|n| n.ready && is_member(n.timebase()));
        let ready: Vec<Neighbour> = ready.copied().collect();
        if now - courted.since >= courted.ns && ready.len() >= members.min(3) {
            self.adopt(timebase, &ready, now);
        }
    }

    fn better_island(&self, heard: &[Heard], neighbours: &[Neighbour], now: HostTime) -> Option<TimebaseId> {
        let ours = self.own.timebase();
        let mut timebases: Vec<TimebaseId> = neighbours.iter().map(Neighbour::timebase).collect();
        timebases.sort_unstable();
        timebases.dedup();
        let standing = |timebase: &TimebaseId| {
            let members = neighbours.iter().filter(|n| n.timebase() == *timebase);
            // The middle one of what they say, so that no single one makes an island old.
            let age_ns = median(&mut members.map(|n| n.session.0 as f64).collect::<Vec<_>>())? as i64;
            Some(Standing { members: island_size(*timebase, heard, None), age_ns, timebase: *timebase })
        };
        let others = timebases.iter().filter(|timebase| !self.own.is_locked() || **timebase != ours);
        let best = others
            .filter_map(standing)
            .reduce(|best, next| if next.outranks(&best) { next } else { best })?;
        if self.own.is_locked() {
            let own = Standing {
                members: island_size(ours, heard, Some(self.company_in(heard))),
                age_ns: self.own.at(now).0,
                timebase: ours,
            };
            return best.outranks(&own).then_some(best.timebase);
        }
        Some(best.timebase)
    }

    fn dwell_ns(&mut self, heard: &[Heard]) -> i64 {
        let ours = self.own.timebase();
        if !self.own.is_locked() {
            return 0;
        }
        if !heard.iter().any(|h| h.announcement.map.timebase == ours) {
            return DWELL_ALONE_NS;
        }
        DWELL_NS + (DWELL_NS as f64 * self.rng.unit()) as i64
    }

    fn adopt(&mut self, timebase: TimebaseId, members: &[Neighbour], now: HostTime) {
        let ahead = |n: &Neighbour| (n.session - self.own.at(now)) as f64;
        let Some(step) = median(&mut members.iter().map(ahead).collect::<Vec<_>>()) else { return };
        let rates = members.iter().filter(|n| n.span_s > 4.0);
        let base = median(&mut rates.map(Neighbour::base_seen_here).collect::<Vec<_>>());
        let to = self.own.at(now) + step as i64;
        let was_locked = self.own.is_locked();
        self.step(timebase, to, base, now);
        self.own.lock(now);
        self.courted = None;
        self.settling = Some(Settling::adopted(now));
        if !was_locked {
            self.tell(ClockEvent::Locked);
        }
    }

    pub(crate) fn step(&mut self, timebase: TimebaseId, to: SessionTime, base: Option<f64>, now: HostTime) {
        let old = self.own.timebase();
        let step_ns = self.own.step(timebase, to, base, now);
        self.tell(ClockEvent::TimebaseSwitched { old, new: timebase, step_ns });
        self.tell(ClockEvent::MapChanged(self.own.map()));
    }

    /// After a long parting the same timebase can hold two times too far apart to steer together. The
    /// larger part stays; of equal ones that with the lowest key.
    pub(crate) fn rejoin_if_apart(&mut self, neighbours: &[Neighbour], now: HostTime) {
        let Some(median_ns) = self.larger_part_ahead(neighbours, now) else {
            self.apart = None;
            return;
        };
        let apart = *self.apart.get_or_insert(Dwell { what: (), since: now, ns: APART_DWELL_NS });
        if now - apart.since >= apart.ns {
            self.apart = None;
            let to = self.own.at(now) + median_ns as i64;
            self.step(self.own.timebase(), to, None, now);
        }
    }

    fn larger_part_ahead(&self, neighbours: &[Neighbour], now: HostTime) -> Option<f64> {
        if !self.own.is_locked() {
            return None;
        }
        let ours = neighbours.iter().filter(|n| n.ready && self.is_with_us(&n.announcement));
        let ahead = |n: &Neighbour| ((n.session - self.own.at(now)) as f64, n.key);
        let (near, mut far): (Vec<_>, Vec<_>) = ours.map(ahead).partition(|(e, _)| e.abs() <= APART_NS);
        let middle = median(&mut far.iter().map(|(e, _)| *e).collect::<Vec<_>>())?;
        far.retain(|(e, _)| (e - middle).abs() <= COHERENT_NS);
        let lowest_near = near.iter().map(|(_, key)| *key).chain([self.me]).min();
        let lowest_far = far.iter().map(|(_, key)| *key).min();
        let larger = (far.len(), lowest_near) > (near.len() + 1, lowest_far);
        larger.then_some(middle)
    }

    /// Just after locking nothing sounds yet, so an error too large to be steered away soon is mended by
    /// a step. Where a liar let peers in at different times, this is what brings them together.
    pub(crate) fn settle_by_step(&mut self, neighbours: &[Neighbour], now: HostTime) {
        self.settling = self.settling.filter(|_| self.own.is_fresh(now));
        let Some(settling) = self.settling.filter(|settling| now >= settling.due) else { return };
        let known = neighbours.iter().filter(|n| self.is_with_us(&n.announcement)).count();
        let views = self.views(neighbours, now);
        let Some(mean_ns) = mean_error(&views).filter(|_| views.len() >= known.min(3)) else { return };
        self.settling = Some(settling.again(now));
        if mean_ns.abs() <= SETTLED_WITHIN_NS.max(2.0 * typical_half_ns(&views)) {
            return;
        }
        let mut errors: Vec<f64> = views.iter().map(|view| view.error_ns).chain([0.0]).collect();
        let middle_ns = median(&mut errors).unwrap_or(mean_ns);
        // Both lie between honest ones. The middle one is the same for all who are told the same, and so
        // agrees at once; the mean comes closer by half even where a liar has two faces.
        let off_ns = if settling.round % 2 == 0 && mean_ns.abs() > APART_NS { middle_ns } else { mean_ns };
        let to = self.own.at(now) + off_ns as i64;
        self.step(self.own.timebase(), to, None, now);
        // Whoever was so far off is a newcomer still.
        self.own.lock(now);
    }
}
