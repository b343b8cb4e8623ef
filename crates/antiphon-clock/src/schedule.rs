//! When a link is asked for the time.
//!
//! A fresh link is measured by a burst, which goes on while the gap is wide; for some seconds more it is
//! asked often, so that its drift becomes known; then as seldom as its quality allows. A link that does
//! not answer is asked ever more rarely. All intervals are jittered, so that peers that started together
//! do not keep colliding.

use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use crate::rng::Rng;

const MILLISECOND: i64 = 1_000_000;

/// A burst measures a fresh link to the tenth of a millisecond within half a second.
const BURST_PINGS: u32 = 12;
/// A noisy link gets a longer one, 1.2 s at most.
const BURST_PINGS_MAX: u32 = 36;
const BURST_INTERVAL_NS: i64 = 30 * MILLISECOND;
const YOUNG_NS: i64 = 5 * NANOS_PER_SECOND;
const YOUNG_INTERVAL_NS: i64 = 150 * MILLISECOND;
/// A gap narrower than this, half of it, needs no haste.
const SHARP_NS: f64 = 0.5e6;
const BLURRED_NS: f64 = 3e6;
/// What all links together cost: eight packets a second each way, which with their headers are 1.4 kB,
/// until there are so many links that each is asked once a second.
const SHARE_NS: i64 = 125 * MILLISECOND;
const STEADY_MAX_NS: i64 = NANOS_PER_SECOND;
/// How much more rarely links are asked while nobody listens.
pub(crate) const IDLE_FACTOR: i64 = 4;
/// Waiting for a link that does not answer.
const SILENT_MIN_NS: i64 = 2 * NANOS_PER_SECOND;
const SILENT_MAX_NS: i64 = 10 * NANOS_PER_SECOND;

/// What the pace of one link depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Of two that could ask, this end does, unless the other one is too slow.
    pub leads: bool,
    /// Links that are asked in all.
    pub links: usize,
    /// Nobody listens here.
    pub idle: bool,
}

/// How the link has done so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Condition {
    pub half_ns: Option<f64>,
    pub heard: Option<HostTime>,
}

#[derive(Debug)]
pub(crate) struct Schedule {
    measured_since: HostTime,
    burst: u32,
    next_ping: HostTime,
    /// When the other end last asked.
    asked: Option<HostTime>,
    silent_ns: i64,
}

impl Schedule {
    pub fn new(now: HostTime) -> Self {
        Self { measured_since: now, burst: 0, next_ping: now, asked: None, silent_ns: SILENT_MIN_NS }
    }

    /// Measures anew, from a burst on.
    pub fn restart(&mut self, now: HostTime) {
        *self = Self { asked: self.asked, ..Self::new(now) };
    }

    /// Asks at once, because something has changed.
    pub fn hurry(&mut self, now: HostTime) {
        self.next_ping = self.next_ping.min(now);
    }

    pub fn note_asked(&mut self, now: HostTime) {
        self.asked = Some(now);
    }

    pub fn note_answer(&mut self) {
        self.silent_ns = SILENT_MIN_NS;
    }

    pub fn next_ping(&self) -> HostTime {
        self.next_ping
    }

    pub fn measured_since(&self) -> HostTime {
        self.measured_since
    }

    /// Whether a ping is due; reckons the next one.
    pub fn is_due(&mut self, pace: Pace, condition: Condition, now: HostTime, rng: &mut Rng) -> bool {
        if now < self.next_ping {
            return false;
        }
        let bursting = self.is_bursting(condition);
        let steady_ns = steady_interval_ns(pace, condition);
        let silence_max_ns = steady_ns.saturating_mul(2).max(SILENT_MIN_NS);
        let silent = condition.heard.is_none_or(|heard| now - heard > silence_max_ns);
        let interval_ns = if bursting {
            self.burst += 1;
            BURST_INTERVAL_NS
        } else if silent {
            let interval_ns = self.silent_ns;
            self.silent_ns = (interval_ns * 2).min(SILENT_MAX_NS);
            interval_ns
        } else if now - self.measured_since < YOUNG_NS {
            YOUNG_INTERVAL_NS.max(steady_ns.min(SHARE_NS * pace.links as i64 / 4))
        } else {
            steady_ns
        };
        self.next_ping = now + (interval_ns as f64 * (0.8 + 0.4 * rng.unit())) as i64;
        let neglected = self.asked.is_none_or(|asked| now - asked > interval_ns + interval_ns / 2);
        pace.leads || bursting || silent || neglected
    }

    fn is_bursting(&self, condition: Condition) -> bool {
        let sharp = condition.half_ns.is_some_and(|half_ns| half_ns < SHARP_NS);
        self.burst < BURST_PINGS || (self.burst < BURST_PINGS_MAX && !sharp && condition.heard.is_some())
    }
}

/// A worse link is asked more often, and so are few links: their packets add up to no more than those of
/// many.
fn steady_interval_ns(pace: Pace, condition: Condition) -> i64 {
    let by_quality = match condition.half_ns {
        // Once a second would do for a gate of 50 µs; twice makes p99 on a LAN 20 µs instead of 26.
        Some(half_ns) if half_ns < BLURRED_NS => 500 * MILLISECOND,
        _ => 250 * MILLISECOND,
    };
    let links = i64::try_from(pace.links).unwrap_or(i64::MAX).max(1);
    let share_ns = links.saturating_mul(SHARE_NS).min(STEADY_MAX_NS);
    let interval_ns = (by_quality / 4 * links.min(4)).max(share_ns).max(YOUNG_INTERVAL_NS);
    if pace.idle { interval_ns * IDLE_FACTOR } else { interval_ns }
}

#[cfg(test)]
mod tests;
