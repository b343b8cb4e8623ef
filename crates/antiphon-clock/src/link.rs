//! One link: who is owed which echo, when to ping next, and what the other end says of itself.

use std::collections::VecDeque;

use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use crate::{
    envelope::{Envelope, Estimate, StepProof},
    limits::AWAITED_MAX,
    rng::Rng,
    wire::{Announcement, Departure, Echo, Kind, Packet},
};

const MILLISECOND: i64 = 1_000_000;

/// A burst measures a fresh link to the tenth of a millisecond within half a second.
const BURST_PINGS: u32 = 12;
/// A noisy link gets a longer one, 1.2 s at most.
const BURST_PINGS_MAX: u32 = 36;
const BURST_INTERVAL_NS: i64 = 30 * MILLISECOND;
/// Silence after which a link's word counts for nothing. Three pings at the slowest steady pace.
const FRESH_NS: i64 = 3 * NANOS_PER_SECOND;
/// Silence after which samples are void: on return the link is measured anew.
const FORGET_NS: i64 = 15 * NANOS_PER_SECOND;

/// Why a packet was ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignored {
    /// An old or doubled packet.
    Stale,
    /// It echoes what was not sent, or cannot have been then.
    FalseEcho,
}

#[derive(Debug)]
struct Awaited {
    seq: u32,
    kind: Kind,
    queued: HostTime,
}

#[derive(Debug)]
pub(crate) struct Link {
    envelope: Envelope,
    estimate: Option<Estimate>,
    unread: bool,
    remote: Option<Announcement>,
    heard: Option<HostTime>,
    epoch: Option<u32>,
    retired_epoch: Option<u32>,
    last_seq: u32,
    next_seq: u32,
    awaited: VecDeque<Awaited>,
    owed: Option<Echo>,
    told: Option<Departure>,
    measured_since: HostTime,
    burst: u32,
    next_ping: HostTime,
    loss: f32,
    /// When this link last proved that a clock stepped.
    pub proved_step: Option<HostTime>,
}

impl Link {
    pub fn new(now: HostTime) -> Self {
        Self {
            envelope: Envelope::default(),
            estimate: None,
            unread: false,
            remote: None,
            heard: None,
            epoch: None,
            retired_epoch: None,
            last_seq: 0,
            next_seq: 1,
            awaited: VecDeque::with_capacity(AWAITED_MAX),
            owed: None,
            told: None,
            measured_since: now,
            burst: 0,
            next_ping: now,
            loss: 0.0,
            proved_step: None,
        }
    }

    /// Measures anew because our own clock jumped: also packets under way are void.
    pub fn restart_here(&mut self, now: HostTime) {
        self.awaited.clear();
        self.owed = None;
        self.restart(now);
    }

    fn restart(&mut self, now: HostTime) {
        self.envelope.clear();
        self.estimate = None;
        self.measured_since = now;
        self.burst = 0;
        self.next_ping = now;
    }

    /// Takes a packet in. An echo of nothing that was sent is left out; the rest of its packet counts.
    pub fn receive(&mut self, packet: &Packet, received: HostTime) -> Result<(), Ignored> {
        self.check_order(packet, received)?;
        if self.heard.is_some_and(|heard| received - heard > FORGET_NS) {
            self.restart(received);
        }
        let echo = packet.echo.map(|echo| self.redeem(echo, received));
        if let Some(Ok(echo)) = echo {
            self.envelope.add_forward(echo.sent, echo.received);
        }
        self.envelope.add_backward(packet.sent, received);
        self.owed = Some(Echo { seq: packet.seq, sent: packet.sent, received });
        self.remote = Some(packet.announcement);
        self.heard = Some(received);
        self.unread = true;
        echo.map_or(Ok(()), |echo| echo.map(|_| ()))
    }

    fn check_order(&mut self, packet: &Packet, received: HostTime) -> Result<(), Ignored> {
        if Some(packet.epoch) == self.retired_epoch {
            return Err(Ignored::Stale);
        }
        if self.epoch != Some(packet.epoch) {
            self.retired_epoch = self.epoch.replace(packet.epoch);
            self.last_seq = 0;
            if self.retired_epoch.is_some() {
                self.restart(received);
            }
        }
        if packet.seq <= self.last_seq {
            return Err(Ignored::Stale);
        }
        self.last_seq = packet.seq;
        Ok(())
    }

    /// Finds the packet that is echoed. Its sending time is known to lie between its queueing and now.
    fn redeem(&mut self, echo: Echo, received: HostTime) -> Result<Echo, Ignored> {
        let index = self.awaited.iter().position(|awaited| awaited.seq == echo.seq);
        let awaited = index.and_then(|index| self.awaited.remove(index)).ok_or(Ignored::FalseEcho)?;
        if awaited.kind == Kind::Ping {
            self.count_ping(false);
        }
        if echo.sent < awaited.queued || echo.sent > received {
            return Err(Ignored::FalseEcho);
        }
        Ok(echo)
    }

    /// The next packet of `kind`, to be stamped when it is sent.
    pub fn packet(&mut self, kind: Kind, epoch: u32, announcement: Announcement, now: HostTime) -> Packet {
        let seq = self.next_seq;
        // Four thousand million packets are a hundred years; the epoch would have to change before.
        self.next_seq = self.next_seq.saturating_add(1);
        if self.awaited.len() == AWAITED_MAX
            && self.awaited.pop_front().is_some_and(|lost| lost.kind == Kind::Ping)
        {
            self.count_ping(true);
        }
        self.awaited.push_back(Awaited { seq, kind, queued: now });
        Packet { kind, seq, epoch, sent: now, echo: self.owed.take(), told: self.told.take(), announcement }
    }

    /// Packet `seq` really left at `sent`.
    pub fn note_sent(&mut self, seq: u32, sent: HostTime) {
        self.told = Some(Departure { seq, sent });
    }

    fn count_ping(&mut self, lost: bool) {
        let lost = if lost { 1.0 } else { 0.0 };
        self.loss += (lost - self.loss) / 32.0;
    }

    /// Reads new samples, when there are any.
    pub fn refresh(&mut self, now: HostTime) {
        if !std::mem::take(&mut self.unread) {
            return;
        }
        // A narrow gap is told by recent packets; over a wide one the crystals bend less than it is wide.
        let narrow = self.estimate.is_some_and(|estimate| estimate.half_ns < 0.5e6);
        let window_ns = if narrow { 20 } else { 60 } * NANOS_PER_SECOND;
        match self.envelope.estimate(now, window_ns) {
            Ok(estimate) => self.estimate = estimate,
            Err(StepProof) => {
                self.proved_step = Some(now);
                self.estimate = None;
                self.measured_since = now;
                self.burst = 0;
                self.next_ping = now;
            }
        }
    }

    /// Whether a ping is due; reckons the next one. The side with the lower key pings, the other one
    /// only during its burst and when the link is silent.
    pub fn is_ping_due(&mut self, lower: bool, links: usize, now: HostTime, rng: &mut Rng) -> bool {
        if now < self.next_ping {
            return false;
        }
        let bursting = self.is_bursting();
        let silent = !self.is_heard_within(2 * NANOS_PER_SECOND, now);
        let interval_ns = if bursting {
            self.burst += 1;
            BURST_INTERVAL_NS
        } else if silent {
            2 * NANOS_PER_SECOND
        } else if now - self.measured_since < 5 * NANOS_PER_SECOND {
            150 * MILLISECOND
        } else {
            self.steady_interval_ns(links)
        };
        // Jittered, so that peers that started together do not keep colliding.
        self.next_ping = now + (interval_ns as f64 * (0.8 + 0.4 * rng.unit())) as i64;
        lower || bursting || silent
    }

    fn is_bursting(&self) -> bool {
        let sharp = self.estimate.is_some_and(|estimate| estimate.half_ns < 0.5e6);
        self.burst < BURST_PINGS || (self.burst < BURST_PINGS_MAX && !sharp && self.heard.is_some())
    }

    /// A worse link is asked more often, and so are few links: their packets add up to no more than
    /// those of many.
    fn steady_interval_ns(&self, links: usize) -> i64 {
        let by_quality = match self.estimate {
            Some(Estimate { half_ns, .. }) if half_ns < 0.5e6 => 1000 * MILLISECOND,
            Some(Estimate { half_ns, .. }) if half_ns < 3e6 => 500 * MILLISECOND,
            _ => 250 * MILLISECOND,
        };
        (by_quality / 4 * links.clamp(1, 4) as i64).max(150 * MILLISECOND)
    }

    pub fn next_ping(&self) -> HostTime {
        self.next_ping
    }

    pub fn loss(&self) -> f32 {
        self.loss
    }

    pub fn estimate(&self) -> Option<Estimate> {
        self.estimate
    }

    /// What the other end says of itself, as long as it is heard.
    pub fn remote(&self, now: HostTime) -> Option<Announcement> {
        self.remote.filter(|_| self.is_heard_within(FRESH_NS, now))
    }

    fn is_heard_within(&self, silence_ns: i64, now: HostTime) -> bool {
        self.heard.is_some_and(|heard| now - heard < silence_ns)
    }

    /// Whether the estimate is good enough to adopt a session by it.
    pub fn is_ready(&self, now: HostTime) -> bool {
        self.estimate.is_some_and(|Estimate { count, half_ns, .. }| {
            let patient = now - self.measured_since > 600 * MILLISECOND;
            count >= 12 || (count >= 4 && (half_ns < 0.5e6 || patient))
        })
    }
}

#[cfg(test)]
mod tests;
