//! What others do, in the same rooms: four ways to share a clock from a server.
//!
//! Peer 0 is the server; the others follow it, each alone. Their clocks are ideal otherwise: no timer is
//! late, no packet is queued by the host, and the server answers at once. That is generous to them.
//!
//! Link is modelled from what is publicly said of it (on joining, ping repeatedly and take the middle of
//! the offsets; then trust the crystals), and no source of it was read.

mod follower;

use std::{cmp::Reverse, collections::BinaryHeap};

use self::follower::Follower;
use crate::{
    crystal::Crystal,
    errors::Errors,
    network::{Delay, Way},
    room::Room,
};

const LOOK_NS: i64 = 250_000_000;

/// A way to follow a server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Twenty times a second the server's time and half the round trip; the last one counts.
    Keyboardia,
    /// Link on joining: the median of repeated pings, then nothing more.
    LinkOnce,
    /// The same again every 30 s.
    LinkEvery30S,
    /// Once a second; of the last eight exchanges the fastest counts.
    Ntp8At1Hz,
    /// The same four times a second.
    Ntp8At4Hz,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Keyboardia, Self::LinkOnce, Self::LinkEvery30S, Self::Ntp8At1Hz, Self::Ntp8At4Hz];

    /// What tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyboardia => "Keyboardia style",
            Self::LinkOnce => "Link style, at join",
            Self::LinkEvery30S => "Link style, every 30 s",
            Self::Ntp8At1Hz => "NTP min of 8, 1 Hz",
            Self::Ntp8At4Hz => "NTP min of 8, 4 Hz",
        }
    }
}

/// How a method did.
#[derive(Debug, Clone, Default)]
pub struct Following {
    /// Errors of all pairs, every 250 ms once settled.
    pub errors: Errors,
    /// How far session time stepped, each time it was set anew.
    pub steps: Errors,
    /// Packets sent by all, from the start on.
    pub packets: u64,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A follower may want to ping.
    Due,
    /// A ping is at the server.
    Asked { sent_ns: i64 },
    /// The answer is back.
    Answered { sent_ns: i64, server_ns: i64 },
}

struct Star {
    now_ns: i64,
    crystals: Vec<Crystal>,
    /// To and from the server, by follower.
    ways: Vec<(Way, Way)>,
    followers: Vec<Follower>,
    /// When each follower wants to ping next. Other such events are void.
    due_ns: Vec<i64>,
    events: BinaryHeap<Reverse<(i64, u64, usize, Event)>>,
    number: u64,
    following: Following,
}

/// Runs `method` with so many peers for `settle_s` and then measures for `seconds`.
pub fn follow(method: Method, seed: u64, room: Room, peers: usize, settle_s: f64, seconds: f64) -> Following {
    let mut star = Star {
        now_ns: 0,
        crystals: (0..peers).map(|peer| room.crystal(seed, peer)).collect(),
        ways: (1..peers).map(|peer| room.ways(seed, peer, 0)).collect(),
        followers: (1..peers).map(|_| Follower::new(method)).collect(),
        due_ns: vec![0; peers - 1],
        events: BinaryHeap::new(),
        number: 0,
        following: Following::default(),
    };
    (0..peers - 1).for_each(|index| star.push(0, index, Event::Due));
    let [from_ns, until_ns] = [settle_s, settle_s + seconds].map(|s| (s * 1e9) as i64);
    let mut look_ns = from_ns;
    while look_ns < until_ns {
        look_ns += LOOK_NS;
        star.run_until(look_ns);
        star.look();
    }
    star.following
}

impl Star {
    fn push(&mut self, at_ns: i64, index: usize, event: Event) {
        self.number += 1;
        self.events.push(Reverse((at_ns, self.number, index, event)));
    }

    fn run_until(&mut self, until_ns: i64) {
        while self.events.peek().is_some_and(|Reverse((at_ns, ..))| *at_ns <= until_ns) {
            let Some(Reverse((at_ns, _, index, event))) = self.events.pop() else { break };
            self.now_ns = at_ns;
            self.handle(index, event);
        }
        self.now_ns = until_ns;
    }

    fn handle(&mut self, index: usize, event: Event) {
        match event {
            // Another answer has moved the moment since.
            Event::Due if self.due_ns[index] != self.now_ns => return,
            Event::Due => {}
            Event::Asked { sent_ns } => {
                let server_ns = self.read(0);
                let delay = self.ways[index].1.send(self.now_ns);
                return self.fly(delay, index, Event::Answered { sent_ns, server_ns });
            }
            Event::Answered { sent_ns, server_ns } => {
                let now_ns = self.read(index + 1);
                if let Some(step_ns) = self.followers[index].handle_answer(sent_ns, server_ns, now_ns) {
                    self.following.steps.add(step_ns);
                }
            }
        }
        self.ping(index);
    }

    fn ping(&mut self, index: usize) {
        let now_ns = self.read(index + 1);
        if self.followers[index].poll_ping(now_ns) {
            let delay = self.ways[index].0.send(self.now_ns);
            self.fly(delay, index, Event::Asked { sent_ns: now_ns });
        }
        if let Some(wait_ns) = self.followers[index].poll_wait(now_ns) {
            let due_ns = self.now_ns + wait_ns.max(1);
            if std::mem::replace(&mut self.due_ns[index], due_ns) != due_ns {
                self.push(due_ns, index, Event::Due);
            }
        }
    }

    fn fly(&mut self, delay: Delay, index: usize, event: Event) {
        self.following.packets += 1;
        if let Delay::After(ns) = delay {
            self.push(self.now_ns + ns, index, event);
        }
    }

    fn read(&mut self, peer: usize) -> i64 {
        self.crystals[peer].read(self.now_ns).0
    }

    fn look(&mut self) {
        let mut times = vec![self.read(0)];
        for index in 0..self.followers.len() {
            times.extend(self.followers[index].offset_ns().map(|offset_ns| self.read(index + 1) + offset_ns));
        }
        for (nth, a) in times.iter().enumerate() {
            times[nth + 1..].iter().for_each(|b| self.following.errors.add(a - b));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;

    fn errors(method: Method, network: Network) -> Following {
        follow(method, 1, network.into(), 3, 30.0, 60.0)
    }

    #[test]
    fn every_method_sends_as_often_as_it_says() {
        // Two followers for 90 s, question and answer.
        for (method, at_least, at_most) in [
            (Method::Keyboardia, 7_100, 7_202),
            (Method::LinkOnce, 200, 260),
            (Method::LinkEvery30S, 600, 1_040),
            (Method::Ntp8At1Hz, 350, 364),
            (Method::Ntp8At4Hz, 1_420, 1_444),
        ] {
            let packets = errors(method, Network::Lan).packets;
            assert!((at_least..=at_most).contains(&packets), "{method:?} sent {packets}");
        }
    }

    #[test]
    fn crystals_part_while_nobody_measures() {
        let once = errors(Method::LinkOnce, Network::Lan).errors;
        let again = errors(Method::LinkEvery30S, Network::Lan).errors;
        let always = errors(Method::Ntp8At4Hz, Network::Lan).errors;
        // 20 to 200 ppm between any two, for 30 to 90 s.
        assert!((1_000_000..20_000_000).contains(&once.max_ns()), "{once}");
        assert!(again.max_ns() < once.max_ns() && always.max_ns() < again.max_ns(), "{again} {always}");
    }

    #[test]
    fn the_last_sample_is_as_wrong_as_the_network_is_uneven() {
        let (good, bad) = (Network::GoodWifi, Network::BadWifi);
        let [good, bad] = [good, bad].map(|network| errors(Method::Keyboardia, network).errors);
        assert!(bad.quantile_ns(0.99) > 4 * good.quantile_ns(0.99), "{good} {bad}");
        assert!(good.quantile_ns(0.99) > 2_000_000, "{good}");
    }
}
