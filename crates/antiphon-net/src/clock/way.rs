//! Which way a link's clock packets take: datagrams once a round trip has proved them, the stream until then.
//!
//! A way is proved by an answer to a probe, and stays proved while sealed packets or answers keep coming. When
//! packets go out and nothing comes back for [`SILENCE_NS`], probes ask; when those go unanswered too, the stream
//! carries the clock again and a slow probe keeps asking. A peer that still speaks by the stream while we send
//! datagrams may not hear them, so that makes us ask at once. Probes alone prove nothing: they say that the peer
//! is heard, not that it hears.
//!
//! The link filter needs no reset at a change of ways. Each packet of either way arrives later than it was sent,
//! so each is a true bound on the offset; the faster way simply gives the tighter ones, per direction.
//!
//! Nothing here reads a clock or a socket: time goes in, and what to send comes out.

use std::net::SocketAddr;

use antiphon_timeline::HostTime;

const MILLISECOND: i64 = 1_000_000;
/// Silence after which datagrams are doubted: a few of the schedule's periods.
const SILENCE_NS: i64 = 2_000 * MILLISECOND;
/// Probes that may go unanswered before the stream takes over, and the time between them.
const DOUBTS_MAX: u32 = 4;
const DOUBT_EVERY_NS: i64 = 250 * MILLISECOND;
/// While unproved: the first probes come quickly, so that a burst finds the better way, then ever slower.
const PROBE_FIRST_NS: i64 = 50 * MILLISECOND;
const PROBE_LAST_NS: i64 = 10_000 * MILLISECOND;
/// A probe asked for by what the peer sent waits at least this long after the one before it.
const PROBE_AGAIN_NS: i64 = 20 * MILLISECOND;

/// How clock packets reach a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockPath {
    /// By datagrams on the clock's own socket.
    Udp,
    /// By the link's stream: datagrams are off on one side, or do not get through.
    Stream,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The stream carries; probes ask whether datagrams do.
    Trying { probes: u32 },
    /// Datagrams carry. `unanswered` is when the first packet went out since something last came back.
    Proved { unanswered: Option<HostTime> },
    /// Datagrams still carry, and probes ask why nothing comes back.
    Doubted { probes: u32 },
}

/// The way to one peer.
#[derive(Debug)]
pub(crate) struct Way {
    /// Where datagrams go: as offered, or where the newest genuine one came from.
    address: Option<SocketAddr>,
    phase: Phase,
    probe_at: Option<HostTime>,
    probed: Option<HostTime>,
}

impl Way {
    /// The first probe is due at once.
    pub(crate) fn new(address: Option<SocketAddr>, now: HostTime) -> Self {
        Self { address, phase: Phase::Trying { probes: 0 }, probe_at: Some(now), probed: None }
    }

    /// What carries packets now.
    pub(crate) fn path(&self) -> ClockPath {
        match self.phase {
            Phase::Trying { .. } => ClockPath::Stream,
            Phase::Proved { .. } | Phase::Doubted { .. } => ClockPath::Udp,
        }
    }

    /// Where datagrams go, as far as that is known.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// A genuine datagram, the newest so far, came from `address`: the peer is there now.
    pub(crate) fn is_at(&mut self, address: SocketAddr) {
        self.address = Some(address);
    }

    /// A genuine probe came: the peer looks for the way, so ours is worth another try too.
    pub(crate) fn handle_probe(&mut self, now: HostTime) {
        if matches!(self.phase, Phase::Trying { .. }) {
            self.probe_soon(now);
        }
    }

    /// An answer to a probe of ours came: both directions work.
    pub(crate) fn handle_answer(&mut self) {
        self.prove();
    }

    /// A genuine clock packet came as a datagram. Its sender has proved the way, which says that ours arrive.
    pub(crate) fn handle_packet(&mut self, now: HostTime) {
        match self.phase {
            Phase::Trying { .. } => self.probe_soon(now),
            Phase::Proved { .. } => self.prove(),
            // The sender may not have noticed yet that it is not heard: only an answer settles a doubt.
            Phase::Doubted { .. } => {}
        }
    }

    /// A clock packet came by the stream: perhaps the peer does not hear our datagrams.
    pub(crate) fn handle_stream_packet(&mut self, now: HostTime) {
        if matches!(self.phase, Phase::Proved { .. }) {
            self.doubt(now);
        }
    }

    /// A clock packet was sent as a datagram.
    pub(crate) fn sent(&mut self, now: HostTime) {
        if let Phase::Proved { unanswered } = &mut self.phase {
            unanswered.get_or_insert(now);
        }
    }

    /// The system refuses to send there. True when packets took this way until now.
    pub(crate) fn handle_failure(&mut self, now: HostTime) -> bool {
        let carried = self.path() == ClockPath::Udp;
        if carried {
            self.phase = Phase::Trying { probes: 1 };
            self.probe_at = Some(now + PROBE_FIRST_NS);
        }
        carried
    }

    /// When [`Self::is_probe_due`] has something to say next.
    pub(crate) fn poll_timeout(&self) -> Option<HostTime> {
        match self.phase {
            Phase::Proved { unanswered } => unanswered.map(|since| since + SILENCE_NS),
            Phase::Trying { .. } | Phase::Doubted { .. } => self.probe_at,
        }
    }

    /// Whether a probe is to be sent now. Time passes here, so the path may change.
    pub(crate) fn is_probe_due(&mut self, now: HostTime) -> bool {
        if self.poll_timeout().is_none_or(|due| due > now) {
            return false;
        }
        let next_ns = match &mut self.phase {
            Phase::Proved { .. } => {
                self.phase = Phase::Doubted { probes: 1 };
                DOUBT_EVERY_NS
            }
            Phase::Doubted { probes } if *probes < DOUBTS_MAX => {
                *probes += 1;
                DOUBT_EVERY_NS
            }
            Phase::Doubted { .. } => {
                self.phase = Phase::Trying { probes: 1 };
                PROBE_FIRST_NS
            }
            Phase::Trying { probes } => {
                let wait_ns = PROBE_FIRST_NS << (*probes).min(8);
                *probes = probes.saturating_add(1);
                wait_ns.min(PROBE_LAST_NS)
            }
        };
        self.probe_at = Some(now + next_ns);
        self.probed = Some(now);
        self.address.is_some()
    }

    fn prove(&mut self) {
        self.phase = Phase::Proved { unanswered: None };
        self.probe_at = None;
    }

    fn doubt(&mut self, now: HostTime) {
        self.phase = Phase::Doubted { probes: 0 };
        self.probe_soon(now);
    }

    fn probe_soon(&mut self, now: HostTime) {
        let soonest = self.probed.map_or(now, |probed| (probed + PROBE_AGAIN_NS).max(now));
        self.probe_at = Some(self.probe_at.map_or(soonest, |due| due.min(soonest)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: &str = "192.0.2.7:4002";

    fn at(ms: i64) -> HostTime {
        HostTime(ms * MILLISECOND)
    }

    fn fresh() -> Way {
        Way::new(Some(THERE.parse().unwrap()), at(0))
    }

    fn proved() -> Way {
        let mut way = fresh();
        assert!(way.is_probe_due(at(0)));
        way.handle_answer();
        assert_eq!(way.path(), ClockPath::Udp);
        way
    }

    /// Lets time pass; says when probes went out.
    fn probes(way: &mut Way, until: HostTime) -> Vec<i64> {
        let mut sent = Vec::new();
        while let Some(due) = way.poll_timeout().filter(|due| *due <= until) {
            if way.is_probe_due(due) {
                sent.push(due.0 / MILLISECOND);
            }
        }
        sent
    }

    #[test]
    fn the_stream_carries_until_an_answer_proves_the_way() {
        let mut way = fresh();
        assert!(way.is_probe_due(at(0)));
        way.handle_probe(at(1));
        way.handle_packet(at(2));
        assert_eq!(way.path(), ClockPath::Stream, "being heard is not hearing");
        way.handle_answer();
        assert_eq!(way.path(), ClockPath::Udp);
    }

    #[test]
    fn an_unproved_way_is_asked_ever_slower_and_for_ever() {
        let mut way = fresh();
        assert_eq!(probes(&mut way, at(3_500)), [0, 50, 150, 350, 750, 1_550, 3_150]);
        assert_eq!(probes(&mut way, at(60_000)).len(), 6);
    }

    #[test]
    fn a_proved_way_that_answers_is_never_probed() {
        let mut way = proved();
        for second in 1..100 {
            way.sent(at(second * 1_000));
            assert_eq!(probes(&mut way, at(second * 1_000 + 900)), []);
            way.handle_packet(at(second * 1_000 + 900));
        }
        assert_eq!(way.poll_timeout(), None, "a link without packets costs nothing");
    }

    #[test]
    fn silence_is_asked_about_before_the_stream_takes_over() {
        let mut way = proved();
        way.sent(at(1_000));
        way.sent(at(2_000));
        assert_eq!(probes(&mut way, at(3_900)), [3_000, 3_250, 3_500, 3_750]);
        assert_eq!(way.path(), ClockPath::Udp);
        assert_eq!(probes(&mut way, at(4_000)), [4_000]);
        assert_eq!(way.path(), ClockPath::Stream);
        way.handle_answer();
        assert_eq!(way.path(), ClockPath::Udp);
    }

    #[test]
    fn an_answer_in_doubt_keeps_the_way() {
        let mut way = proved();
        way.sent(at(1_000));
        assert_eq!(probes(&mut way, at(3_300)), [3_000, 3_250]);
        way.handle_packet(at(3_310));
        assert_eq!(probes(&mut way, at(3_500)), [3_500], "being heard is not hearing");
        way.handle_answer();
        assert_eq!(probes(&mut way, at(60_000)), []);
        assert_eq!(way.path(), ClockPath::Udp);
    }

    #[test]
    fn a_peer_that_speaks_by_the_stream_makes_us_ask_at_once() {
        let mut way = proved();
        way.handle_stream_packet(at(500));
        assert_eq!(probes(&mut way, at(1_400)), [500, 750, 1_000, 1_250]);
        assert_eq!(probes(&mut way, at(1_500)), [1_500]);
        assert_eq!(way.path(), ClockPath::Stream);
    }

    #[test]
    fn a_refusal_of_the_system_falls_back_at_once() {
        let mut way = proved();
        assert!(way.handle_failure(at(100)));
        assert_eq!(way.path(), ClockPath::Stream);
        assert!(!way.handle_failure(at(101)));
        assert_eq!(probes(&mut way, at(200)), [150]);
    }

    #[test]
    fn a_flood_of_probes_is_not_answered_by_one_of_ours() {
        let mut way = fresh();
        assert!(way.is_probe_due(at(0)));
        let sent: usize = (1..1_000)
            .map(|ms| {
                way.handle_probe(at(ms));
                probes(&mut way, at(ms)).len()
            })
            .sum();
        assert!(sent <= 50, "{sent} probes in a second");
    }

    #[test]
    fn without_an_address_nothing_is_sent_until_the_peer_shows_one() {
        let mut way = Way::new(None, at(0));
        assert_eq!(probes(&mut way, at(1_000)), []);
        way.is_at(THERE.parse().unwrap());
        way.handle_probe(at(1_001));
        assert_eq!(probes(&mut way, at(1_010)), [1_001]);
    }
}
