//! A net on loopback with its events, for tests. Waiting is a condition and a deadline.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_identity::{DeviceKey, PeerId};
use antiphon_net::{Channel, DialFailure, DisconnectReason, Net, NetConfig, NetEvent, NetHandle};
use antiphon_timeline::{HostClock, HostTime};
use tokio::sync::mpsc::Receiver;

/// Longer than anything here takes on a machine that stalls, shorter than patience.
pub const DEADLINE: Duration = Duration::from_secs(20);

#[expect(clippy::disallowed_methods, reason = "the one clock read of the tests")]
pub fn now() -> Instant {
    Instant::now()
}

/// This machine's clock with an offset and a rate of its own.
pub struct SkewedClock {
    origin: Instant,
    offset_ns: i64,
    skew_ppb: i64,
}

impl SkewedClock {
    pub fn new(origin: Instant, offset_ns: i64, skew_ppb: i64) -> Arc<Self> {
        Arc::new(Self { origin, offset_ns, skew_ppb })
    }

    pub fn at(&self, instant: Instant) -> HostTime {
        let elapsed = instant.saturating_duration_since(self.origin).as_nanos() as i128;
        let skewed = elapsed + elapsed * i128::from(self.skew_ppb) / 1_000_000_000;
        HostTime(self.offset_ns + skewed as i64)
    }
}

impl HostClock for SkewedClock {
    fn now(&self) -> HostTime {
        self.at(now())
    }
}

pub struct TestNet {
    pub net: NetHandle,
    pub me: PeerId,
    events: Receiver<NetEvent>,
    runtime: tokio::runtime::Runtime,
    /// What was taken from the queue while something else was waited for.
    passed: Vec<NetEvent>,
}

/// Seeds whose peer ids ascend, so that a test can say who is lower.
pub fn ascending_seeds() -> ([u8; 32], [u8; 32]) {
    let (a, b) = ([1; 32], [2; 32]);
    let lower = DeviceKey::from_seed(&a).peer_id() < DeviceKey::from_seed(&b).peer_id();
    if lower { (a, b) } else { (b, a) }
}

pub fn config(seed: [u8; 32], port: u16) -> NetConfig {
    NetConfig { seed, discovery: false, port, listen_loopback_only: true, clock_udp: true }
}

impl TestNet {
    pub fn start(seed: [u8; 32]) -> Self {
        Self::start_with(config(seed, 0), SkewedClock::new(now(), 0, 0))
    }

    pub fn start_with(config: NetConfig, clock: Arc<dyn HostClock>) -> Self {
        let (net, events) = Net::start(config, clock, Box::new(|_| {})).expect("the net starts");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { me: net.peer_id(), net, events, runtime, passed: Vec::new() }
    }

    pub fn next(&mut self, within: Duration) -> Option<NetEvent> {
        let events = &mut self.events;
        self.runtime.block_on(async { tokio::time::timeout(within, events.recv()).await.ok().flatten() })
    }

    /// Takes events until `wanted` makes something of one.
    pub fn wait<T>(&mut self, what: &str, mut wanted: impl FnMut(&NetEvent) -> Option<T>) -> T {
        let until = now() + DEADLINE;
        while let Some(event) = self.next(until.saturating_duration_since(now())) {
            let found = wanted(&event);
            self.passed.push(event);
            if let Some(found) = found {
                return found;
            }
        }
        panic!("waited in vain for {what}; saw {:?}", self.passed);
    }

    /// The port for TCP and, once both listen, for QUIC.
    pub fn port(&mut self) -> u16 {
        self.listening("/tcp/").rsplit('/').next().unwrap().parse().unwrap()
    }

    pub fn listening(&mut self, part: &str) -> String {
        let until = now() + DEADLINE;
        loop {
            if let Some(address) = self.net.addresses().into_iter().find(|address| address.contains(part)) {
                return address;
            }
            assert!(now() < until, "never listened on {part}");
            self.next(Duration::from_millis(20)).into_iter().for_each(|event| self.passed.push(event));
        }
    }

    pub fn connected(&mut self) -> PeerId {
        self.wait("a connection", |event| match event {
            NetEvent::Connected { peer, .. } => Some(*peer),
            _ => None,
        })
    }

    pub fn disconnected(&mut self) -> DisconnectReason {
        self.wait("a disconnection", |event| match event {
            NetEvent::Disconnected { reason, .. } => Some(reason.clone()),
            _ => None,
        })
    }

    pub fn dial_failed(&mut self) -> DialFailure {
        self.wait("a failed dial", |event| match event {
            NetEvent::DialFailed { reason, .. } => Some(reason.clone()),
            _ => None,
        })
    }

    pub fn frame(&mut self) -> (Channel, Vec<u8>) {
        self.wait("a frame", |event| match event {
            NetEvent::Frame { channel, bytes, .. } => Some((*channel, bytes.clone())),
            _ => None,
        })
    }

    /// How many events so far satisfy `matches`, after letting `for_long` pass for more to come.
    pub fn count(&mut self, for_long: Duration, matches: impl Fn(&NetEvent) -> bool) -> usize {
        let until = now() + for_long;
        while let Some(event) = self.next(until.saturating_duration_since(now())) {
            self.passed.push(event);
        }
        self.passed.iter().filter(|event| matches(event)).count()
    }
}

/// Two nets on loopback, linked; the first has the lower id.
pub fn linked_pair() -> (TestNet, TestNet) {
    let (low, high) = ascending_seeds();
    let (mut low, mut high) = (TestNet::start(low), TestNet::start(high));
    let port = high.port();
    low.net.dial(&format!("127.0.0.1:{port}")).unwrap();
    assert_eq!(low.connected(), high.me);
    assert_eq!(high.connected(), low.me);
    (low, high)
}
