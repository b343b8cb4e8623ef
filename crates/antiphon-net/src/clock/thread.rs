//! The clock's own thread: it owns the [`ClockPeer`] and its socket, and nothing else waits on it.
//!
//! It sleeps until a datagram comes, another thread has something to say, or the clock's next deadline. Datagrams
//! are stamped by the kernel or right after the wake-up, and leave right after they were stamped, on this thread.
//! Packets of the stream are stamped by the tasks that read and write it, so their way through the queues costs
//! accuracy nothing.

use std::{
    collections::{BTreeSet, VecDeque},
    io,
    sync::Arc,
    thread::JoinHandle,
};

use antiphon_clock::{ClockConfig, ClockEvent, ClockPeer};
use antiphon_identity::PeerId;
use antiphon_timeline::{HostClock, HostTime, SessionMap};
use rustix::time::{ClockId, clock_gettime};

use super::{
    allowance::Allowance,
    counters::{ClockCounters, DatagramFaults},
    desk::{ClockDesk, Inbox, Readout, ToClock, desk},
    link::Sent,
    links::Links,
    priority,
    seal::{Header, Kind},
    socket::ClockSocket,
    standstill::{SleptNs, StandstillWatch},
    waker::{Waiter, waker},
};
use crate::{
    event::NetEvent,
    limits::{
        CLOCK_DATAGRAM_BYTES_MAX, CLOCK_DATAGRAMS_AT_ONCE_MAX, CLOCK_EVENTS_MAX, CLOCK_FLOOD_REST_NS,
        CLOCK_JUNK_PER_SECOND_MAX, CLOCK_NAP_MAX, CLOCK_READOUT_EVERY_NS, CLOCK_REST_MIN_NS,
        CLOCK_SOCKET_FAILURES_MAX,
    },
};

/// Called from the clock thread with each new map.
pub type OnMap = Box<dyn Fn(SessionMap) + Send>;

/// What the thread is made of.
pub(crate) struct ClockParts {
    pub(crate) me: PeerId,
    pub(crate) seed: u64,
    pub(crate) clock: Arc<dyn HostClock>,
    /// `None` leaves all packets to the streams.
    pub(crate) socket: Option<ClockSocket>,
    pub(crate) slept_ns: SleptNs,
    pub(crate) on_map: OnMap,
    pub(crate) events: tokio::sync::mpsc::Sender<NetEvent>,
}

/// Starts the thread. The first map is told before anything else happens.
pub(crate) fn start(parts: ClockParts) -> io::Result<(ClockDesk, JoinHandle<()>)> {
    let now = parts.clock.now();
    let peer = ClockPeer::new(parts.me.0, ClockConfig::default(), parts.seed, now);
    let readout = Readout {
        map: peer.map(),
        overview: peer.overview(),
        links: std::collections::BTreeMap::new(),
        counters: ClockCounters::default(),
    };
    let (waker, waiter) = waker()?;
    let (desk, inbox) = desk(readout, waker);
    let thread = ClockThread {
        me: parts.me,
        clock: parts.clock,
        peer,
        socket: parts.socket,
        waiter,
        inbox,
        links: Links::new(parts.me),
        members: BTreeSet::new(),
        standstill: StandstillWatch::new(parts.slept_ns),
        on_map: parts.on_map,
        events: parts.events,
        untold: VecDeque::new(),
        junk: Allowance::new(CLOCK_JUNK_PER_SECOND_MAX, now),
        deaf_until: None,
        socket_failures: 0,
        faults: DatagramFaults::default(),
        wakeups: 0,
        idle: false,
        changed: true,
        read_out: now,
        datagram: Vec::new(),
    };
    let join = std::thread::Builder::new().name("antiphon-clock".into()).spawn(move || thread.run())?;
    Ok((desk, join))
}

struct ClockThread {
    me: PeerId,
    clock: Arc<dyn HostClock>,
    peer: ClockPeer,
    socket: Option<ClockSocket>,
    waiter: Waiter,
    inbox: Inbox,
    links: Links,
    members: BTreeSet<PeerId>,
    standstill: StandstillWatch,
    on_map: OnMap,
    events: tokio::sync::mpsc::Sender<NetEvent>,
    untold: VecDeque<ClockEvent>,
    /// How many datagrams that are nobody's may still be looked at.
    junk: Allowance,
    /// Until when the socket is left alone, after a flood.
    deaf_until: Option<HostTime>,
    /// Errors of the socket in a row.
    socket_failures: u32,
    /// Datagrams that belong to no link.
    faults: DatagramFaults,
    wakeups: u64,
    idle: bool,
    /// Whether the readout is behind.
    changed: bool,
    read_out: HostTime,
    /// Where datagrams are sealed.
    datagram: Vec<u8>,
}

impl ClockThread {
    fn run(mut self) {
        priority::raise();
        (self.on_map)(self.peer.map());
        loop {
            let wake_at = self.wait();
            self.notice_standstill(wake_at);
            self.receive_datagrams();
            while let Some(message) = self.inbox.next() {
                if matches!(message, ToClock::Stop) {
                    return;
                }
                self.handle(message);
            }
            self.handle_due();
            self.send_packets();
            self.tell_events();
            self.update_readout();
        }
    }

    /// Sleeps until there is something to do; says when it would have ended by itself.
    fn wait(&mut self) -> HostTime {
        let now = self.clock.now();
        let deadlines = [self.peer.poll_timeout(), self.links.poll_timeout(), self.deaf_until];
        let latest = now + CLOCK_NAP_MAX.as_nanos() as i64;
        let wake_at = deadlines.into_iter().flatten().min().map_or(latest, |deadline| deadline.min(latest));
        // A deadline that lies in the past when everything due has just been done is a mistake somewhere. It may
        // cost accuracy, but never a core.
        let wake_at = if wake_at <= now { now + CLOCK_REST_MIN_NS } else { wake_at };
        let socket = self.socket.as_ref().filter(|_| self.deaf_until.is_none());
        self.waiter.wait(socket.map(ClockSocket::as_fd), wake_at.saturating_since(now));
        self.wakeups += 1;
        wake_at
    }

    fn notice_standstill(&mut self, wake_at: HostTime) {
        let now = self.clock.now();
        self.deaf_until = self.deaf_until.filter(|until| *until > now);
        if let Some(standstill) = self.standstill.notice(wake_at, now) {
            tracing::warn!(target: "antiphon::clock", ?standstill, "this machine stood still");
            self.peer.handle_discontinuity(now, standstill.known_gap_ns());
        }
    }

    // Datagrams.

    fn receive_datagrams(&mut self) {
        let Some(mut socket) = self.socket.take_if(|_| self.deaf_until.is_none()) else { return };
        for _ in 0..CLOCK_DATAGRAMS_AT_ONCE_MAX {
            match self.receive_datagram(&mut socket) {
                Ok(true) => self.socket_failures = 0,
                Ok(false) => break,
                Err(error) => {
                    self.socket_failures += 1;
                    tracing::debug!(%error, "the clock's socket failed");
                    break;
                }
            }
        }
        if self.socket_failures < CLOCK_SOCKET_FAILURES_MAX {
            self.socket = Some(socket);
        } else {
            tracing::warn!("the clock's socket is given up; streams carry the clock");
            self.links.close_ways();
        }
    }

    /// Takes one datagram in and answers it. False when none waits.
    fn receive_datagram(&mut self, socket: &mut ClockSocket) -> io::Result<bool> {
        let Some(mut arrival) = socket.receive(&*self.clock)? else { return Ok(false) };
        let (from, received) = (arrival.from, arrival.received);
        let bytes = std::mem::take(&mut arrival.bytes);
        let header = if bytes.len() > CLOCK_DATAGRAM_BYTES_MAX { None } else { Header::split(bytes) };
        let Some((header, body)) = header else {
            self.faults.malformed += 1;
            self.junk(received);
            return Ok(true);
        };
        let Some(link) = self.links.at(header.mailbox) else {
            self.faults.unknown += 1;
            self.junk(received);
            return Ok(true);
        };
        let peer = link.peer;
        let Some(taken) = link.open(&header, from, received, body) else {
            self.junk(received);
            return Ok(true);
        };
        match taken.kind {
            Kind::Packet if self.members.contains(&peer) => {
                self.peer.handle_packet(peer.0, received, taken.content);
            }
            Kind::Packet | Kind::Answer => {}
            Kind::Probe => link.answer(socket, &*self.clock, &mut self.datagram),
        }
        self.changed |= self.links.touched(peer);
        self.send_packets_by(Some(socket));
        Ok(true)
    }

    /// Counts what was looked at in vain. When there is too much of it, the socket rests: what comes meanwhile
    /// waits in the kernel, stamped, and what does not fit there is lost.
    fn junk(&mut self, now: HostTime) {
        if !self.junk.take(now) {
            self.deaf_until = Some(self.clock.now() + CLOCK_FLOOD_REST_NS);
        }
    }

    // Messages.

    fn handle(&mut self, message: ToClock) {
        let now = self.clock.now();
        match message {
            ToClock::Packet { from, received, bytes } => {
                if self.takes_part(from) {
                    self.peer.handle_packet(from.0, received, &bytes);
                }
                if let Some(link) = self.links.get(from) {
                    link.handle_stream_packet(now);
                    self.changed |= self.links.touched(from);
                }
            }
            ToClock::LinkUp { peer, number, remote, outbox } => {
                if self.takes_part(peer) {
                    self.peer.peer_down(peer.0, now);
                }
                let port = self.socket.as_ref().map(ClockSocket::port);
                self.links.insert(peer, number, remote, outbox, port);
                if self.takes_part(peer) {
                    self.peer.peer_up(peer.0, now);
                }
                self.changed = true;
            }
            ToClock::LinkDown { peer, number } => {
                let took_part = self.takes_part(peer);
                if self.links.remove(peer, number) && took_part {
                    self.peer.peer_down(peer.0, now);
                }
                self.changed = true;
            }
            ToClock::Offer { peer, number, offer } => {
                if let Some(link) = self.links.get(peer).filter(|link| link.number == number) {
                    link.handle_offer(&offer, now);
                    self.changed |= self.links.touched(peer);
                }
            }
            ToClock::Members(members) => self.set_members(members, now),
            ToClock::LockNow => self.peer.lock_now(now),
            ToClock::Idle(idle) => {
                self.idle = idle;
                self.peer.set_idle(idle, now);
            }
            ToClock::Begin { seed } => self.begin(seed, now),
            ToClock::Stop => {}
        }
    }

    fn takes_part(&self, peer: PeerId) -> bool {
        self.links.contains(peer) && self.members.contains(&peer)
    }

    fn set_members(&mut self, members: BTreeSet<PeerId>, now: HostTime) {
        for peer in self.links.peers() {
            match (self.members.contains(&peer), members.contains(&peer)) {
                (false, true) => {
                    self.peer.peer_up(peer.0, now);
                }
                (true, false) => self.peer.peer_down(peer.0, now),
                _ => {}
            }
        }
        self.members = members;
        self.changed = true;
    }

    /// A clock of age nothing: whoever meets it does not follow it, but is followed.
    fn begin(&mut self, seed: u64, now: HostTime) {
        self.peer = ClockPeer::new(self.me.0, ClockConfig::default(), seed, now);
        for peer in self.links.peers().filter(|peer| self.members.contains(peer)) {
            self.peer.peer_up(peer.0, now);
        }
        self.peer.set_idle(self.idle, now);
        self.tell_map(self.peer.map());
        self.changed = true;
    }

    // Time.

    fn handle_due(&mut self) {
        let now = self.clock.now();
        if self.peer.poll_timeout().is_some_and(|deadline| deadline <= now) {
            self.peer.handle_timeout(now);
        }
        if let Some(socket) = &self.socket
            && self.links.poll_timeout().is_some_and(|deadline| deadline <= now)
        {
            self.changed |= self.links.handle_timeout(socket, &*self.clock, &mut self.datagram);
        }
    }

    // What goes out.

    fn send_packets(&mut self) {
        let socket = self.socket.take();
        self.send_packets_by(socket.as_ref());
        self.socket = socket;
    }

    fn send_packets_by(&mut self, socket: Option<&ClockSocket>) {
        while let Some(transmit) = self.peer.poll_transmit() {
            let (to, seq) = (transmit.to, transmit.seq);
            let Some(link) = self.links.get(PeerId(to)) else { continue };
            if let Sent::At(sent) = link.send(transmit, socket, &*self.clock, &mut self.datagram) {
                self.peer.handle_sent(to, seq, sent);
            }
            self.changed |= self.links.touched(PeerId(to));
        }
    }

    fn tell_events(&mut self) {
        while let Some(event) = self.peer.poll_event() {
            match event {
                ClockEvent::MapChanged(map) => self.tell_map(map),
                event => {
                    self.changed = true;
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

    /// The structured log lets several processes be compared from outside: with a machine's clock known, its maps
    /// say session time at any true moment.
    fn tell_map(&mut self, map: SessionMap) {
        tracing::debug!(
            target: "antiphon::clock::map",
            timebase = map.timebase.0,
            host_ns = map.host.0,
            session_ns = map.session.0,
            rate_ppb = map.rate_ppb,
        );
        self.inbox.write(|readout| readout.map = map);
        (self.on_map)(map);
    }

    /// Copies what others may read: at each change of lock, links or path, else now and then.
    fn update_readout(&mut self) {
        let now = self.clock.now();
        if !self.changed && now.saturating_since(self.read_out) < CLOCK_READOUT_EVERY_NS {
            return;
        }
        self.changed = false;
        self.read_out = now;
        let takes_part = |peer: PeerId| self.members.contains(&peer);
        let links = self.links.states(|peer| self.peer.quality(peer.0).filter(|_| takes_part(peer)));
        let datagrams = self.links.faults().plus(self.faults);
        let packets = self.peer.faults();
        let counters = ClockCounters { packets, datagrams, wakeups: self.wakeups, cpu_ns: own_cpu_ns() };
        let (map, overview) = (self.peer.map(), self.peer.overview());
        self.inbox.write(|readout| *readout = Readout { map, overview, links, counters });
    }
}

/// Processor time of the calling thread.
fn own_cpu_ns() -> u64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    spent.tv_sec.saturating_mul(1_000_000_000).saturating_add(spent.tv_nsec).unsigned_abs()
}
