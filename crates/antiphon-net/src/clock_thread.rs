//! The clock's own thread: it owns the [`ClockPeer`] and nothing else waits on it.
//!
//! Packets arrive stamped by the task that read them, and leave stamped by the task that writes them, so the
//! queues between those tasks and this thread cost accuracy nothing. The thread sleeps until the clock's next
//! deadline or the next message.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread::JoinHandle,
    time::Duration,
};

use antiphon_clock::{ClockConfig, ClockEvent, ClockPeer, LinkQuality, Transmit};
use antiphon_identity::PeerId;
use antiphon_timeline::{HostClock, HostTime, SessionMap};

use crate::{
    event::NetEvent,
    frame::LinkNumber,
    limits::{CLOCK_EVENTS_MAX, CLOCK_INBOX_MAX, CLOCK_LATE_NS, CLOCK_NAP_MAX},
};

/// Called from the clock thread with each new map.
pub type OnMap = Box<dyn Fn(SessionMap) + Send>;

/// A packet for a link's clock writer, which stamps it just before it is written.
pub(crate) type ClockOutbox = tokio::sync::mpsc::Sender<Transmit>;

enum ToClock {
    Packet { from: PeerId, received: HostTime, bytes: Vec<u8> },
    LinkUp { peer: PeerId, number: LinkNumber, outbox: ClockOutbox },
    LinkDown { peer: PeerId, number: LinkNumber },
    Members(BTreeSet<PeerId>),
    LockNow,
    Begin { seed: u64 },
    Stop,
}

/// What the clock last said, for anyone to read. The lock guards plain values and is held for a copy only.
#[derive(Debug)]
struct Readout {
    map: SessionMap,
    locked: bool,
    quality: BTreeMap<PeerId, LinkQuality>,
}

/// How the rest of this crate talks to the clock thread. Never waits.
#[derive(Clone)]
pub(crate) struct ClockDesk {
    inbox: mpsc::Sender<ToClock>,
    /// Packets in the inbox. Everything else in it is bounded by the number of links.
    packets: Arc<AtomicUsize>,
    readout: Arc<Mutex<Readout>>,
}

impl ClockDesk {
    /// Hands over a packet; a flood is dropped here.
    pub(crate) fn packet(&self, from: PeerId, received: HostTime, bytes: Vec<u8>) {
        if self.packets.fetch_add(1, Ordering::Relaxed) < CLOCK_INBOX_MAX {
            self.tell(ToClock::Packet { from, received, bytes });
        } else {
            self.packets.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn link_up(&self, peer: PeerId, number: LinkNumber, outbox: ClockOutbox) {
        self.tell(ToClock::LinkUp { peer, number, outbox });
    }

    pub(crate) fn link_down(&self, peer: PeerId, number: LinkNumber) {
        self.tell(ToClock::LinkDown { peer, number });
    }

    pub(crate) fn set_members(&self, members: BTreeSet<PeerId>) {
        self.tell(ToClock::Members(members));
    }

    pub(crate) fn lock_now(&self) {
        self.tell(ToClock::LockNow);
    }

    pub(crate) fn begin(&self, seed: u64) {
        self.tell(ToClock::Begin { seed });
    }

    pub(crate) fn stop(&self) {
        self.tell(ToClock::Stop);
    }

    pub(crate) fn map(&self) -> SessionMap {
        self.readout().map
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.readout().locked
    }

    pub(crate) fn quality(&self, peer: PeerId) -> Option<LinkQuality> {
        self.readout().quality.get(&peer).copied()
    }

    fn tell(&self, message: ToClock) {
        // The thread ends only after the net does; what comes later has no meaning any more.
        let _ = self.inbox.send(message);
    }

    fn readout(&self) -> std::sync::MutexGuard<'_, Readout> {
        self.readout.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread. The first map is told before anything else happens.
pub(crate) fn start(
    me: PeerId,
    seed: u64,
    clock: Arc<dyn HostClock>,
    on_map: OnMap,
    events: tokio::sync::mpsc::Sender<NetEvent>,
) -> io::Result<(ClockDesk, JoinHandle<()>)> {
    let (sender, inbox) = mpsc::channel();
    let peer = ClockPeer::new(me.0, ClockConfig::default(), seed, clock.now());
    let readout = Readout { map: peer.map(), locked: peer.is_locked(), quality: BTreeMap::new() };
    let desk = ClockDesk {
        inbox: sender,
        packets: Arc::new(AtomicUsize::new(0)),
        readout: Arc::new(Mutex::new(readout)),
    };
    let thread = ClockThread {
        me,
        clock,
        peer,
        inbox,
        packets: Arc::clone(&desk.packets),
        readout: Arc::clone(&desk.readout),
        links: BTreeMap::new(),
        members: BTreeSet::new(),
        on_map,
        events,
        untold: VecDeque::new(),
    };
    let join = std::thread::Builder::new().name("antiphon-clock".into()).spawn(move || thread.run())?;
    Ok((desk, join))
}

struct ClockThread {
    me: PeerId,
    clock: Arc<dyn HostClock>,
    peer: ClockPeer,
    inbox: mpsc::Receiver<ToClock>,
    packets: Arc<AtomicUsize>,
    readout: Arc<Mutex<Readout>>,
    links: BTreeMap<PeerId, (LinkNumber, ClockOutbox)>,
    members: BTreeSet<PeerId>,
    on_map: OnMap,
    events: tokio::sync::mpsc::Sender<NetEvent>,
    untold: VecDeque<ClockEvent>,
}

impl ClockThread {
    fn run(mut self) {
        (self.on_map)(self.peer.map());
        loop {
            let wake_at = self.wake_at();
            let nap = Duration::from_nanos(wake_at.saturating_since(self.clock.now()).max(0).unsigned_abs());
            let message = self.inbox.recv_timeout(nap);
            self.notice_sleep(wake_at);
            match message {
                Ok(ToClock::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(message) => self.handle(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = self.clock.now();
            if self.peer.poll_timeout().is_some_and(|deadline| deadline <= now) {
                self.peer.handle_timeout(now);
            }
            self.send_packets();
            self.tell_events();
            self.update_readout();
        }
    }

    fn wake_at(&self) -> HostTime {
        let latest = self.clock.now() + CLOCK_NAP_MAX.as_nanos() as i64;
        self.peer.poll_timeout().map_or(latest, |deadline| deadline.min(latest))
    }

    fn notice_sleep(&mut self, wake_at: HostTime) {
        let now = self.clock.now();
        let late_ns = now.saturating_since(wake_at);
        if late_ns > CLOCK_LATE_NS {
            tracing::warn!(
                late_ms = late_ns / 1_000_000,
                "this machine stood still; the clock measures anew"
            );
            self.peer.handle_discontinuity(now, None);
        }
    }

    fn handle(&mut self, message: ToClock) {
        match message {
            ToClock::Packet { from, received, bytes } => {
                self.packets.fetch_sub(1, Ordering::Relaxed);
                if self.takes_part(from) {
                    self.peer.handle_packet(from.0, received, &bytes);
                }
            }
            ToClock::LinkUp { peer, number, outbox } => self.link_up(peer, number, outbox),
            ToClock::LinkDown { peer, number } => self.link_down(peer, number),
            ToClock::Members(members) => self.set_members(members),
            ToClock::LockNow => self.peer.lock_now(self.clock.now()),
            ToClock::Begin { seed } => self.begin(seed),
            ToClock::Stop => {}
        }
    }

    fn takes_part(&self, peer: PeerId) -> bool {
        self.links.contains_key(&peer) && self.members.contains(&peer)
    }

    fn link_up(&mut self, peer: PeerId, number: LinkNumber, outbox: ClockOutbox) {
        if self.takes_part(peer) {
            self.peer.peer_down(peer.0, self.clock.now());
        }
        self.links.insert(peer, (number, outbox));
        if self.takes_part(peer) {
            self.peer.peer_up(peer.0, self.clock.now());
        }
    }

    fn link_down(&mut self, peer: PeerId, number: LinkNumber) {
        if self.links.get(&peer).is_some_and(|(current, _)| *current == number) {
            if self.takes_part(peer) {
                self.peer.peer_down(peer.0, self.clock.now());
            }
            self.links.remove(&peer);
        }
    }

    fn set_members(&mut self, members: BTreeSet<PeerId>) {
        let now = self.clock.now();
        for peer in self.links.keys() {
            match (self.members.contains(peer), members.contains(peer)) {
                (false, true) => {
                    self.peer.peer_up(peer.0, now);
                }
                (true, false) => self.peer.peer_down(peer.0, now),
                _ => {}
            }
        }
        self.members = members;
    }

    /// A clock of age nothing: whoever meets it does not follow it, but is followed.
    fn begin(&mut self, seed: u64) {
        let now = self.clock.now();
        self.peer = ClockPeer::new(self.me.0, ClockConfig::default(), seed, now);
        for peer in self.links.keys().filter(|peer| self.members.contains(*peer)) {
            self.peer.peer_up(peer.0, now);
        }
        (self.on_map)(self.peer.map());
    }

    fn send_packets(&mut self) {
        while let Some(transmit) = self.peer.poll_transmit() {
            if let Some((_, outbox)) = self.links.get(&PeerId(transmit.to)) {
                // A full outbox is a slow link: the packet is lost, as on any network.
                let _ = outbox.try_send(transmit);
            }
        }
    }

    fn tell_events(&mut self) {
        while let Some(event) = self.peer.poll_event() {
            match event {
                ClockEvent::MapChanged(map) => {
                    log_map(&map);
                    (self.on_map)(map);
                }
                event => {
                    tracing::info!(target: "antiphon::clock", ?event);
                    self.untold.push_back(event);
                }
            }
        }
        while self.untold.len() > CLOCK_EVENTS_MAX {
            self.untold.pop_front();
        }
        while let Some(event) = self.untold.front() {
            if self.events.try_send(NetEvent::Clock(*event)).is_err() {
                return;
            }
            self.untold.pop_front();
        }
    }

    fn update_readout(&self) {
        let quality = self
            .links
            .keys()
            .filter(|peer| self.members.contains(*peer))
            .filter_map(|peer| Some((*peer, self.peer.quality(peer.0)?)))
            .collect();
        let readout = Readout { map: self.peer.map(), locked: self.peer.is_locked(), quality };
        *self.readout.lock().unwrap_or_else(PoisonError::into_inner) = readout;
    }
}

/// Tells the map to whoever measures: with the machine's clock known, it says session time at any moment.
fn log_map(map: &SessionMap) {
    tracing::debug!(
        target: "antiphon::clock::map",
        timebase = map.timebase.0,
        host_ns = map.host.0,
        session_ns = map.session.0,
        rate_ppb = map.rate_ppb
    );
}
