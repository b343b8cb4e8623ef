//! One follower of a server: when it asks and what it makes of the answers.

use std::collections::VecDeque;

use super::Method;

const SECOND: i64 = 1_000_000_000;
/// Exchanges that the minimum filter remembers.
const REMEMBERED: usize = 8;
/// Answers of one round of Link's measurement.
const ROUND: usize = 60;
/// A ping that is not answered by then is followed by the next.
const PATIENCE_NS: i64 = 50_000_000;
/// Without enough answers a round ends.
const ROUND_PINGS_MAX: usize = 2 * ROUND;

#[derive(Debug, Clone, Copy)]
struct Exchange {
    sent_ns: i64,
    round_trip_ns: i64,
    offset_ns: i64,
}

#[derive(Debug)]
pub(super) struct Follower {
    method: Method,
    offset_ns: Option<i64>,
    exchanges: VecDeque<Exchange>,
    /// Pings of this round of measurement.
    pings: usize,
    /// By the follower's clock; none when it will never ask again.
    next_ping_ns: Option<i64>,
}

impl Follower {
    pub fn new(method: Method) -> Self {
        Self { method, offset_ns: None, exchanges: VecDeque::new(), pings: 0, next_ping_ns: Some(i64::MIN) }
    }

    /// Server time minus ours, once it is known.
    pub fn offset_ns(&self) -> Option<i64> {
        self.offset_ns
    }

    /// Whether to ping now; reckons the next one.
    pub fn poll_ping(&mut self, now_ns: i64) -> bool {
        if self.next_ping_ns.is_none_or(|at_ns| now_ns < at_ns) {
            return false;
        }
        let interval_ns = match self.method {
            Method::Keyboardia => SECOND / 20,
            Method::Ntp8At1Hz => SECOND,
            Method::Ntp8At4Hz => SECOND / 4,
            Method::LinkOnce | Method::LinkEvery30S => PATIENCE_NS,
        };
        self.pings += 1;
        self.next_ping_ns = Some(now_ns + interval_ns);
        true
    }

    /// How long until it wants to ping.
    pub fn poll_wait(&self, now_ns: i64) -> Option<i64> {
        self.next_ping_ns.map(|at_ns| at_ns.saturating_sub(now_ns))
    }

    /// Takes an answer; the step of our session time, when it is set anew by it.
    pub fn handle_answer(&mut self, sent_ns: i64, server_ns: i64, now_ns: i64) -> Option<i64> {
        let round_trip_ns = now_ns - sent_ns;
        let offset_ns = server_ns + round_trip_ns / 2 - now_ns;
        let exchange = Exchange { sent_ns, round_trip_ns, offset_ns };
        let set_ns = match self.method {
            Method::Keyboardia => self.last(exchange),
            Method::Ntp8At1Hz | Method::Ntp8At4Hz => self.fastest(exchange),
            Method::LinkOnce | Method::LinkEvery30S => self.median(exchange, now_ns),
        }?;
        let before_ns = self.offset_ns.replace(set_ns)?;
        (set_ns != before_ns).then_some(set_ns - before_ns)
    }

    /// The newest one, also when an older one comes after it.
    fn last(&mut self, exchange: Exchange) -> Option<i64> {
        let is_newest = self.exchanges.back().is_none_or(|last| last.sent_ns < exchange.sent_ns);
        is_newest.then(|| {
            self.exchanges = [exchange].into();
            exchange.offset_ns
        })
    }

    fn fastest(&mut self, exchange: Exchange) -> Option<i64> {
        if self.exchanges.len() == REMEMBERED {
            self.exchanges.pop_front();
        }
        self.exchanges.push_back(exchange);
        self.exchanges.iter().min_by_key(|exchange| exchange.round_trip_ns).map(|best| best.offset_ns)
    }

    /// Nothing until the round is over.
    fn median(&mut self, exchange: Exchange, now_ns: i64) -> Option<i64> {
        if self.pings == 0 {
            // It was late for the round before.
            return None;
        }
        self.exchanges.push_back(exchange);
        self.next_ping_ns = Some(now_ns);
        if self.exchanges.len() < ROUND && self.pings < ROUND_PINGS_MAX {
            return None;
        }
        let mut offsets: Vec<i64> = self.exchanges.drain(..).map(|exchange| exchange.offset_ns).collect();
        offsets.sort_unstable();
        self.pings = 0;
        self.next_ping_ns = (self.method == Method::LinkEvery30S).then_some(now_ns + 30 * SECOND);
        Some(offsets[offsets.len() / 2])
    }
}
