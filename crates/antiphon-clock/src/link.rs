//! One link: who is owed which echo, what was measured, and what the other end says of itself.

use std::collections::VecDeque;

use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

use crate::{
    PeerKey,
    company::Company,
    envelope::{Envelope, Estimate, StepProof},
    event::Suspicion,
    glance::Glance,
    limits::AWAITED_MAX,
    rng::Rng,
    schedule::{Condition, IDLE_FACTOR, Pace, Schedule},
    trust::{Trust, contradicts},
    wire::{Announcement, Departure, Echo, Kind, Packet},
};

/// Silence after which a link's word counts for nothing. Three pings at the slowest steady pace.
const FRESH_NS: i64 = 3 * NANOS_PER_SECOND;
/// Silence after which samples are void: on return the link is measured anew.
const FORGET_NS: i64 = 15 * NANOS_PER_SECOND;
/// A machine that begins anew sooner than this after it last did has a clock that keeps stepping, by its own
/// account: nobody sleeps and wakes at such a pace.
const EPOCH_MIN_NS: i64 = 5 * NANOS_PER_SECOND;
/// How long an estimate from few samples has to have been tried for.
const PATIENT_NS: i64 = NANOS_PER_SECOND * 6 / 10;

/// Why a packet, or a part of it, was ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignored {
    /// An old or doubled packet.
    Stale,
    /// It echoes what was not sent, or cannot have been then.
    FalseEcho,
    /// What it says of its sender's clock contradicts itself, or what was said before.
    Implausible,
}

#[derive(Debug)]
struct Awaited {
    seq: u32,
    kind: Kind,
    queued: HostTime,
    /// When it really left, once that is known.
    sent: Option<HostTime>,
}

/// The newest packet of the other end.
#[derive(Debug, Clone, Copy)]
struct Heard {
    at: HostTime,
    /// When it was sent, by their clock.
    sent: HostTime,
    announcement: Announcement,
}

#[derive(Debug)]
pub(crate) struct Link {
    /// The other end among others: it is counted with each packet sent, and its key hashed once.
    pub mark: Company,
    envelope: Envelope,
    estimate: Option<Estimate>,
    glance: Option<Glance>,
    unread: bool,
    heard: Option<Heard>,
    epoch: Option<u32>,
    epoch_since: HostTime,
    retired_epoch: Option<u32>,
    last_seq: u32,
    next_seq: u32,
    awaited: VecDeque<Awaited>,
    owed: Option<Echo>,
    told: Option<Departure>,
    schedule: Schedule,
    loss: f32,
    packets: u64,
    /// When this link last proved that a clock stepped.
    pub proved_step: Option<HostTime>,
    pub trust: Trust,
}

impl Link {
    pub fn new(peer: &PeerKey, now: HostTime) -> Self {
        Self {
            mark: Company::of([peer]),
            envelope: Envelope::default(),
            estimate: None,
            glance: None,
            unread: false,
            heard: None,
            epoch: None,
            epoch_since: now,
            retired_epoch: None,
            last_seq: 0,
            next_seq: 1,
            awaited: VecDeque::new(),
            owed: None,
            told: None,
            schedule: Schedule::new(now),
            loss: 0.0,
            packets: 0,
            proved_step: None,
            trust: Trust::default(),
        }
    }

    /// Measures anew because our own clock jumped: also packets under way are void.
    pub fn restart_here(&mut self, now: HostTime) {
        self.awaited.clear();
        self.owed = None;
        self.told = None;
        self.glance = None;
        self.restart(now);
    }

    fn restart(&mut self, now: HostTime) {
        self.envelope.clear();
        self.estimate = None;
        self.measure_soon(now);
    }

    /// A clock that goes on stepping is not worth a burst each time.
    fn measure_soon(&mut self, now: HostTime) {
        if !self.trust.is_suspect() {
            self.schedule.restart(now);
        }
    }

    /// Takes a packet in. What cannot be true is left out; the rest of the packet counts.
    pub fn receive(&mut self, packet: &Packet, received: HostTime) -> Result<(), Ignored> {
        self.check_order(packet, received)?;
        let before = self.heard.filter(|heard| received - heard.at <= FORGET_NS);
        if self.heard.is_some() && before.is_none() {
            self.restart(received);
        }
        let plausible = !contradicts(before.map(|heard| (heard.announcement, heard.sent)), packet);
        let echo = packet.echo.map_or(Ok(()), |echo| self.redeem(echo, packet.sent, received));
        self.envelope.add_backward(packet.seq, packet.sent, received);
        let told = packet.told.map_or(Ok(()), |told| self.envelope.correct_backward(told.seq, told.sent));
        self.owed = Some(Echo { seq: packet.seq, sent: packet.sent, received });
        self.heard = Some(Heard { at: received, sent: packet.sent, announcement: packet.announcement });
        self.unread = true;
        self.packets = self.packets.saturating_add(1);
        self.schedule.note_answer();
        if packet.kind == Kind::Ping {
            self.schedule.note_asked(received);
        }
        if !plausible {
            self.trust.note(Suspicion::Jumps, received);
            return Err(Ignored::Implausible);
        }
        echo.and(told.map_err(|_| Ignored::FalseEcho))
    }

    fn check_order(&mut self, packet: &Packet, received: HostTime) -> Result<(), Ignored> {
        if Some(packet.epoch) == self.retired_epoch {
            return Err(Ignored::Stale);
        }
        if self.epoch != Some(packet.epoch) {
            self.retired_epoch = self.epoch.replace(packet.epoch);
            self.last_seq = 0;
            let lasted_ns = received - std::mem::replace(&mut self.epoch_since, received);
            if self.retired_epoch.is_some() {
                self.heard = None;
                if lasted_ns < EPOCH_MIN_NS {
                    self.trust.note(Suspicion::Runaway, received);
                }
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
    fn redeem(&mut self, echo: Echo, answered: HostTime, received: HostTime) -> Result<(), Ignored> {
        let index = self.awaited.iter().position(|awaited| awaited.seq == echo.seq);
        let awaited = index.and_then(|index| self.awaited.remove(index)).ok_or(Ignored::FalseEcho)?;
        if awaited.kind == Kind::Ping {
            self.count_ping(false);
        }
        if echo.sent < awaited.queued || echo.sent > received {
            return Err(Ignored::FalseEcho);
        }
        let sent = awaited.sent.unwrap_or(echo.sent);
        self.envelope.add_forward(echo.seq, sent, echo.received);
        self.glance = Some(Glance::after(self.glance, (sent, echo.received), (answered, received)));
        Ok(())
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
        self.awaited.push_back(Awaited { seq, kind, queued: now, sent: None });
        let (echo, told) = (self.owed.take(), self.told.take());
        Packet { kind, seq, epoch, sent: now, echo, told, announcement }
    }

    /// Packet `seq` really left at `sent`. Its echo may have come before.
    pub fn note_sent(&mut self, seq: u32, sent: HostTime) {
        self.told = Some(Departure { seq, sent });
        match self.awaited.iter_mut().rev().find(|awaited| awaited.seq == seq) {
            Some(awaited) => awaited.sent = Some(sent),
            None => self.unread |= self.envelope.correct_forward(seq, sent).is_ok(),
        }
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
        match self.envelope.estimate(now) {
            Ok(estimate) => self.estimate = estimate,
            Err(StepProof) => {
                self.trust.note(Suspicion::Runaway, now);
                self.proved_step = Some(now);
                self.estimate = None;
                self.measure_soon(now);
            }
        }
    }

    /// Whether a ping is due; reckons the next one.
    pub fn is_ping_due(&mut self, pace: Pace, now: HostTime, rng: &mut Rng) -> bool {
        let half_ns = self.estimate.map(|estimate| estimate.half_ns);
        let condition = Condition { half_ns, heard: self.heard.map(|heard| heard.at) };
        self.schedule.is_due(pace, condition, now, rng)
    }

    /// Pings at once, because something has changed.
    pub fn hurry(&mut self, now: HostTime) {
        self.schedule.hurry(now);
    }

    pub fn next_ping(&self) -> HostTime {
        self.schedule.next_ping()
    }

    pub fn loss(&self) -> f32 {
        self.loss
    }

    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// How much packets' delays differ, typically.
    pub fn jitter_ns(&self) -> i64 {
        self.estimate.map_or(0, |estimate| self.envelope.jitter_ns(estimate.at) as i64)
    }

    pub fn estimate(&self) -> Option<Estimate> {
        self.estimate
    }

    /// What the newest exchanges alone say.
    pub fn glance(&self) -> Option<Glance> {
        self.glance
    }

    /// What the other end says of itself, as long as it is heard. While pings are rare on purpose, silence
    /// lasts longer.
    pub fn remote(&self, idle: bool, now: HostTime) -> Option<Announcement> {
        let fresh_ns = if idle { FRESH_NS * IDLE_FACTOR } else { FRESH_NS };
        self.heard.filter(|heard| now - heard.at < fresh_ns).map(|heard| heard.announcement)
    }

    /// Whether nothing came for so long that pings are sent only now and then.
    pub fn is_dead(&self, now: HostTime) -> bool {
        self.heard.is_none_or(|heard| now - heard.at > FRESH_NS * IDLE_FACTOR)
    }

    /// Whether the estimate is good enough to adopt a session by it.
    pub fn is_ready(&self, now: HostTime) -> bool {
        self.estimate.is_some_and(|Estimate { count, half_ns, .. }| {
            let patient = now - self.schedule.measured_since() > PATIENT_NS;
            count >= 12 || (count >= 4 && (half_ns < 0.5e6 || patient))
        })
    }
}

#[cfg(test)]
mod tests;
