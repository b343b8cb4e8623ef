//! Starting the net: its configuration, its threads, its handle.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
    io,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use antiphon_clock::{LinkQuality, Overview};
use antiphon_identity::PeerId;
use antiphon_timeline::{HostClock, SessionMap};
use tokio::sync::mpsc;

use crate::{
    address::{AddressError, PeerAddress},
    behaviour,
    clock::{
        counters::{ClockCounters, ClockLinkState},
        desk::{ClockDesk, ToClock},
        socket::ClockSocket,
        standstill,
        thread::{self as clock_thread, ClockParts, OnMap},
        way::ClockPath,
    },
    driver::{Command, Driver},
    event::{Channel, DisconnectReason, NetEvent},
    limits::{COMMANDS_WAITING_MAX, EVENTS_WAITING_MAX, FRAME_BYTES_MAX},
    link::{LinkDesk, Stop},
    listening::Listening,
    outbox::{Outboxes, Refused},
    peer_key,
};

/// What the net is told at its start.
#[derive(Clone)]
pub struct NetConfig {
    /// The device key's secret seed: it is the transport's identity too.
    pub seed: [u8; 32],
    /// Whether to announce ourselves and look for others by mDNS.
    pub discovery: bool,
    /// The port for TCP and QUIC; 0 takes any free one.
    pub port: u16,
    /// Whether only this machine can reach us, for tests and development.
    pub listen_loopback_only: bool,
    /// Whether clock packets may travel as datagrams. Without, they keep to the links' streams.
    pub clock_udp: bool,
}

/// Why the net cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartNetError {
    /// The threads or the runtime could not be made.
    #[error("the network threads cannot start: {0}")]
    Threads(#[from] io::Error),
    /// A transport could not be set up.
    #[error("the network transports cannot start: {0}")]
    Transport(String),
    /// The wanted port is in use, or not allowed.
    #[error("cannot listen on port {port}: {cause}; choose another port, or 0 for any")]
    Listen {
        /// The wanted port.
        port: u16,
        /// In the system's words.
        cause: String,
    },
}

/// The net.
pub struct Net;

impl Net {
    /// Starts listening, discovery and the clock. Two threads of its own do all the work; nothing of the caller's
    /// runtime is used. `on_map` is called from the clock thread, once at the start and then with each new map.
    pub fn start(
        config: NetConfig,
        clock: Arc<dyn HostClock>,
        on_map: OnMap,
    ) -> Result<(NetHandle, mpsc::Receiver<NetEvent>), StartNetError> {
        let keypair = peer_key::keypair(config.seed);
        let me = antiphon_identity::DeviceKey::from_seed(&config.seed).peer_id();
        let (events, event_receiver) = mpsc::channel(EVENTS_WAITING_MAX);
        let (commands, command_receiver) = mpsc::channel(COMMANDS_WAITING_MAX);
        let (news, news_receiver) = mpsc::channel(EVENTS_WAITING_MAX);
        let outboxes = Outboxes::default();
        let listening = Listening::default();
        let (clock_desk, clock_join) = clock_thread::start(ClockParts {
            me,
            seed: chance(),
            clock: Arc::clone(&clock),
            socket: clock_socket(&config),
            slept_ns: standstill::system(),
            on_map,
            events: events.clone(),
        })?;

        let desk =
            LinkDesk { events, outboxes: outboxes.clone(), clock_desk: clock_desk.clone(), clock, news };
        let driver_listening = listening.clone();
        let (started, start_result) = std::sync::mpsc::sync_channel(1);
        let run = move || {
            let runtime = match tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("antiphon-net-io")
                .enable_all()
                .build()
            {
                Ok(runtime) => runtime,
                Err(error) => return drop(started.send(Err(error.into()))),
            };
            runtime.block_on(async move {
                let driver = behaviour::swarm(keypair, config.discovery)
                    .and_then(|swarm| Driver::new(me, swarm, desk, news_receiver, driver_listening, &config));
                match driver {
                    Ok(driver) => {
                        let _ = started.send(Ok(()));
                        driver.run(command_receiver).await;
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            });
            runtime.shutdown_background();
        };
        let net_join = std::thread::Builder::new().name("antiphon-net".into()).spawn(run)?;
        let threads = Threads(Mutex::new(vec![net_join, clock_join]));
        let inner = Inner { me, commands, outboxes, clock_desk, listening, threads };
        let handle = NetHandle(Arc::new(inner));
        match start_result.recv() {
            Ok(Ok(())) => Ok((handle, event_receiver)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(StartNetError::Threads(io::Error::other("the network thread ended at once"))),
        }
    }
}

/// The clock's socket: next to the port that was asked for, so that a firewall can be told of it. Without one the
/// streams carry the clock.
fn clock_socket(config: &NetConfig) -> Option<ClockSocket> {
    if !config.clock_udp {
        return None;
    }
    let port = if config.port == 0 { 0 } else { config.port.checked_add(1).unwrap_or(0) };
    match ClockSocket::open(port, config.listen_loopback_only) {
        Ok(socket) => {
            tracing::info!(port = socket.port(), "clock datagrams");
            Some(socket)
        }
        Err(error) => {
            tracing::warn!(%error, "no socket for the clock; the links' streams carry it");
            None
        }
    }
}

/// Any number, different every time: for jitter and for the name of a timebase, not for secrets.
pub(crate) fn chance() -> u64 {
    // Each `RandomState` has fresh keys.
    RandomState::new().hash_one(0_u8)
}

/// The way to a running net. Clones are the same net; when the last one goes, the net ends. Nothing here waits,
/// except [`NetHandle::shutdown`].
#[derive(Clone)]
pub struct NetHandle(Arc<Inner>);

struct Inner {
    me: PeerId,
    commands: mpsc::Sender<Command>,
    outboxes: Outboxes,
    clock_desk: ClockDesk,
    listening: Listening,
    threads: Threads,
}

/// The net's threads, to be joined once.
struct Threads(Mutex<Vec<JoinHandle<()>>>);

impl NetHandle {
    /// Who we are.
    pub fn peer_id(&self) -> PeerId {
        self.0.me
    }

    /// Queues a frame; frames of one channel arrive in order or not at all. False means that the peer is not
    /// connected, or that it did not keep up and is now being dropped (a `Disconnected` follows). A frame over
    /// [`FRAME_BYTES_MAX`] is a mistake of the caller: it is refused and logged, and the peer stays.
    pub fn send(&self, peer: PeerId, channel: Channel, bytes: Vec<u8>) -> bool {
        if bytes.len() > FRAME_BYTES_MAX {
            tracing::error!(peer = %peer.short(), ?channel, bytes = bytes.len(), "a frame is too long to send");
            return false;
        }
        match self.0.outboxes.push(peer, channel, bytes) {
            Ok(()) => true,
            Err(Refused::Gone) => false,
            Err(Refused::Full) => {
                tracing::warn!(peer = %peer.short(), ?channel, "peer does not keep up");
                self.tell(Command::Close(peer, Stop { reason: DisconnectReason::TooSlow, farewell: None }));
                false
            }
        }
    }

    /// How many bytes wait to be sent to a connected peer on a channel, so that bulk can be paced.
    pub fn waiting_bytes(&self, peer: PeerId, channel: Channel) -> Option<usize> {
        self.0.outboxes.waiting_bytes(peer, channel)
    }

    /// Connects to an address as a person types it (`192.0.2.7:4001`) or as libp2p writes it. The text is checked
    /// at once; `Connected` or `DialFailed` follows. The peer found there is dialled again whenever it is lost.
    pub fn dial(&self, address: &str) -> Result<(), AddressError> {
        let parsed = PeerAddress::parse(address)?;
        self.tell(Command::Dial(address.trim().to_owned(), parsed));
        Ok(())
    }

    /// Ends the link to a peer and leaves it alone for a while. Dialling it by hand brings it back at once.
    pub fn close(&self, peer: PeerId) {
        self.tell(Command::Close(peer, Stop::on_purpose()));
    }

    /// The addresses at which we can be reached, as multiaddrs.
    pub fn addresses(&self) -> Vec<String> {
        self.0.listening.addresses()
    }

    /// Whose clocks count. Others' packets are ignored and nothing is sent to them.
    pub fn set_clock_members(&self, members: BTreeSet<PeerId>) {
        self.0.clock_desk.tell(ToClock::Members(members));
    }

    /// Locks the clock to its own timebase at once, to play without waiting for others.
    pub fn lock_clock_now(&self) {
        self.0.clock_desk.tell(ToClock::LockNow);
    }

    /// Begins a session clock of our own, with a fresh timebase; `seed` is random bits. Call it when a session is
    /// opened or joined: the age of a clock decides whom a band follows, and that is the age in *this* session.
    pub fn begin_clock(&self, seed: u64) {
        self.0.clock_desk.tell(ToClock::Begin { seed });
    }

    /// The session clock's present map.
    pub fn clock_map(&self) -> SessionMap {
        self.0.clock_desk.read(|readout| readout.map)
    }

    /// Whether session time can be relied on.
    pub fn clock_is_locked(&self) -> bool {
        self.0.clock_desk.read(|readout| readout.overview.locked)
    }

    /// What is known of a peer's clock.
    pub fn link_quality(&self, peer: PeerId) -> Option<LinkQuality> {
        self.clock_link(peer)?.quality
    }

    /// What carries clock packets to a connected peer.
    pub fn clock_path(&self, peer: PeerId) -> Option<ClockPath> {
        Some(self.clock_link(peer)?.path)
    }

    /// A connected peer's clock link: quality, path, faults and traffic.
    pub fn clock_link(&self, peer: PeerId) -> Option<ClockLinkState> {
        self.0.clock_desk.read(|readout| readout.links.get(&peer).copied())
    }

    /// The whole session clock at one glance.
    pub fn clock_overview(&self) -> Overview {
        self.0.clock_desk.read(|readout| readout.overview)
    }

    /// Everything that was refused on the way to the clock, and by it, since the start.
    pub fn clock_counters(&self) -> ClockCounters {
        self.0.clock_desk.read(|readout| readout.counters)
    }

    /// Whether nobody listens here now (not playing, and hidden or alone): the clock then asks more seldom.
    pub fn set_clock_idle(&self, idle: bool) {
        self.0.clock_desk.tell(ToClock::Idle(idle));
    }

    /// Says goodbye to all peers and ends the net's threads. Waits for them, less than a second.
    pub fn shutdown(&self) {
        self.0.stop();
        let threads = std::mem::take(&mut *self.0.threads.0.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a network thread panicked");
            }
        }
    }

    fn tell(&self, command: Command) {
        if self.0.commands.try_send(command).is_err() {
            tracing::warn!("the network is busy or ended; a command is lost");
        }
    }
}

impl Inner {
    fn stop(&self) {
        self.listening.stop();
        self.clock_desk.tell(ToClock::Stop);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}
