//! Clock threads on loopback, wired to each other without libp2p: their streams are queues, their sockets real.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use antiphon_identity::PeerId;
use antiphon_timeline::{HostClock, HostTime};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::{
    clock::{
        counters::{ClockCounters, ClockLinkState},
        desk::{ClockDesk, ToClock, ToStream},
        socket::ClockSocket,
        standstill::SleptNs,
        thread::{ClockParts, start},
        way::ClockPath,
    },
    frame::LinkNumber,
    limits::CLOCK_OUTBOX_MAX,
};

pub(crate) const SECOND: i64 = 1_000_000_000;
/// Longer than anything here takes on a machine that stalls.
const DEADLINE_NS: i64 = 30 * SECOND;

/// True time: the clock that all others here are bent from.
pub(crate) fn now_ns() -> i64 {
    nanos(clock_gettime(ClockId::Monotonic))
}

pub(crate) fn nanos(at: Timespec) -> i64 {
    at.tv_sec * SECOND + at.tv_nsec
}

/// Waits for a condition. Returns when it came true, by true time.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) -> i64 {
    let until = now_ns() + DEADLINE_NS;
    while !holds() {
        assert!(now_ns() < until, "waited in vain until {what}");
        pause(2_000_000);
    }
    now_ns()
}

/// Lets true time pass while threads do what is measured.
pub(crate) fn pause(ns: i64) {
    let until = now_ns() + ns;
    while let left @ 1.. = until - now_ns() {
        std::thread::park_timeout(std::time::Duration::from_nanos(left as u64));
    }
}

/// A machine's clock: an origin and a rate of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BentClock {
    pub(crate) offset_ns: i64,
    pub(crate) skew_ppb: i64,
}

impl BentClock {
    pub(crate) fn at(&self, true_ns: i64) -> HostTime {
        let skewed = i128::from(true_ns) * i128::from(self.skew_ppb) / 1_000_000_000;
        HostTime(true_ns + skewed as i64 + self.offset_ns)
    }
}

impl HostClock for BentClock {
    fn now(&self) -> HostTime {
        self.at(now_ns())
    }
}

/// One clock thread.
pub(crate) struct Member {
    pub(crate) id: PeerId,
    pub(crate) clock: BentClock,
    pub(crate) port: Option<u16>,
    pub(crate) desk: ClockDesk,
    thread: Option<JoinHandle<()>>,
    _events: tokio::sync::mpsc::Receiver<crate::NetEvent>,
}

impl Member {
    /// `number` makes the id, the offset and the skew, all different.
    pub(crate) fn start(number: u8, udp: bool) -> Self {
        Self::start_with(number, udp, Box::new(|| 0))
    }

    pub(crate) fn start_with(number: u8, udp: bool, slept_ns: SleptNs) -> Self {
        let spread = i64::from(number);
        let clock =
            BentClock { offset_ns: spread * 7_777 * SECOND, skew_ppb: (spread * 37 % 200 - 100) * 1_000 };
        let id = PeerId([number; 32]);
        let socket = udp.then(|| ClockSocket::open(0, true).expect("a socket on loopback"));
        let port = socket.as_ref().map(ClockSocket::port);
        let (events, receiver) = tokio::sync::mpsc::channel(64);
        let on_map = Box::new(|_| {});
        let seed = u64::from(number) + 1;
        let parts = ClockParts { me: id, seed, clock: Arc::new(clock), socket, slept_ns, on_map, events };
        let (desk, thread) = start(parts).expect("the thread starts");
        Self { id, clock, port, desk, thread: Some(thread), _events: receiver }
    }

    pub(crate) fn counters(&self) -> ClockCounters {
        self.desk.read(|readout| readout.counters)
    }

    pub(crate) fn link(&self, peer: &Self) -> Option<ClockLinkState> {
        self.desk.read(|readout| readout.links.get(&peer.id).copied())
    }

    pub(crate) fn path(&self, peer: &Self) -> Option<ClockPath> {
        self.link(peer).map(|link| link.path)
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.desk.read(|readout| readout.overview.locked)
    }

    /// Session time here minus there at one instant; `None` while they are not in the same one.
    pub(crate) fn error_ns(&self, other: &Self) -> Option<i64> {
        let (mine, theirs) = (self.desk.read(|readout| readout.map), other.desk.read(|readout| readout.map));
        let true_ns = now_ns();
        let session =
            |map: antiphon_timeline::SessionMap, clock: &BentClock| map.to_session(clock.at(true_ns));
        (mine.timebase == theirs.timebase).then(|| session(mine, &self.clock) - session(theirs, &other.clock))
    }

    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        self.is_locked()
            && other.is_locked()
            && self.error_ns(other).is_some_and(|error| error.abs() < 1_000_000)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.desk.tell(ToClock::Stop);
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || std::thread::panicking(), "a clock thread panicked");
        }
    }
}

/// How a link is wired.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wiring {
    /// Ports told instead of the offered ones, at which somebody in between listens: of the first, of the second.
    pub(crate) ports: Option<(u16, u16)>,
}

/// The streams of all links: whatever is written on one side is read on the other.
pub(crate) struct Streams {
    pumps: tokio::sync::mpsc::UnboundedSender<Pump>,
    links: AtomicU64,
}

/// One direction of one stream.
struct Pump {
    outbox: tokio::sync::mpsc::Receiver<ToStream>,
    from: (PeerId, BentClock),
    to: (ClockDesk, BentClock),
    number: LinkNumber,
    port: Option<u16>,
}

impl Streams {
    /// One thread carries them all, until this value goes.
    pub(crate) fn new() -> Self {
        let (pumps, mut given) = tokio::sync::mpsc::unbounded_channel::<Pump>();
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async move {
                while let Some(pump) = given.recv().await {
                    tokio::spawn(pump.run());
                }
            });
        };
        std::thread::spawn(run);
        Self { pumps, links: AtomicU64::new(0) }
    }

    /// Links two members as libp2p would, each counting the other as a member.
    pub(crate) fn link(&self, a: &Member, b: &Member, wiring: Wiring) {
        let number = LinkNumber(self.links.fetch_add(1, Ordering::Relaxed));
        let (to_b, from_a) = tokio::sync::mpsc::channel(CLOCK_OUTBOX_MAX);
        let (to_a, from_b) = tokio::sync::mpsc::channel(CLOCK_OUTBOX_MAX);
        let remote = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        a.desk.tell(ToClock::LinkUp { peer: b.id, number, remote, outbox: to_b });
        b.desk.tell(ToClock::LinkUp { peer: a.id, number, remote, outbox: to_a });
        let pump = |outbox, from: &Member, to: &Member, port| Pump {
            outbox,
            from: (from.id, from.clock),
            to: (to.desk.clone(), to.clock),
            number,
            port,
        };
        let (port_of_a, port_of_b) = (wiring.ports.map(|ports| ports.0), wiring.ports.map(|ports| ports.1));
        let _ = self.pumps.send(pump(from_a, a, b, port_of_a));
        let _ = self.pumps.send(pump(from_b, b, a, port_of_b));
    }
}

impl Pump {
    async fn run(mut self) {
        while let Some(item) = self.outbox.recv().await {
            match item {
                ToStream::Offer(mut offer) => {
                    offer.port = self.port.unwrap_or(offer.port);
                    let (peer, number) = (self.from.0, self.number);
                    self.to.0.tell(ToClock::Offer { peer, number, offer });
                }
                ToStream::Packet(mut transmit) => {
                    transmit.stamp(self.from.1.now());
                    tokio::task::yield_now().await;
                    self.to.0.packet(self.from.0, self.to.1.now(), transmit.bytes);
                }
            }
        }
    }
}

/// Makes everybody a member for everybody else.
pub(crate) fn introduce(members: &[&Member]) {
    let everybody: BTreeSet<PeerId> = members.iter().map(|member| member.id).collect();
    for member in members {
        member.desk.tell(ToClock::Members(everybody.clone()));
    }
}

/// The value below which a share of all lies.
pub(crate) fn quantile(values: &mut [i64], share: f64) -> i64 {
    values.sort_unstable();
    let index = ((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1));
    values.get(index).copied().unwrap_or_default()
}
