//! The loop that owns the swarm: who is dialled, which connection becomes a link, what is told to the node.
//!
//! It waits for nothing but its inputs and the node's event queue. A node that takes no events stops it, which is
//! the wanted back-pressure: nothing piles up here.

mod links;

use std::collections::BTreeMap;

use antiphon_identity::PeerId;
use futures::StreamExt;
use libp2p::{
    Multiaddr, Swarm,
    core::ConnectedPoint,
    mdns,
    multiaddr::Protocol,
    swarm::{
        ConnectionId, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use self::links::LinkHandle;
use crate::{
    address::{Endpoint, PeerAddress, Transport, split_peer},
    address_book::AddressBook,
    behaviour::{Behaviour, BehaviourEvent},
    event::{DialFailure, DisconnectReason, NetEvent},
    frame::Farewell,
    gathering::Gathering,
    intake::{Inward, accept_streams},
    lanes::SetupError,
    limits::{FAREWELL_DEADLINE, SETUP_DEADLINE},
    link::{LinkDesk, LinkNews, Stop},
    listening::Listening,
    manual_dials::ManualDials,
    peer_key,
    start::{NetConfig, StartNetError, chance},
};

/// What the handle asks for.
#[derive(Debug)]
pub(crate) enum Command {
    Dial(String, PeerAddress),
    Close(PeerId, Stop),
}

pub(crate) struct Driver {
    me: PeerId,
    swarm: Swarm<Behaviour>,
    desk: LinkDesk,
    news: mpsc::Receiver<LinkNews>,
    inward: mpsc::Receiver<Inward>,
    listening: Listening,
    /// Whether QUIC still waits for the port that TCP was given.
    quic_follows_tcp: bool,
    book: AddressBook,
    manual: ManualDials,
    gathering: Gathering,
    links: BTreeMap<PeerId, LinkHandle>,
    /// Connected peers with no link yet, whose turn it is to open one; and until when.
    awaited: BTreeMap<PeerId, Instant>,
    /// The newest connection's remote address.
    remote: BTreeMap<PeerId, Multiaddr>,
}

impl Driver {
    pub(crate) fn new(
        me: PeerId,
        mut swarm: Swarm<Behaviour>,
        desk: LinkDesk,
        news: mpsc::Receiver<LinkNews>,
        listening: Listening,
        config: &NetConfig,
    ) -> Result<Self, StartNetError> {
        listen(&mut swarm, config)?;
        let inward = accept_streams(me, &swarm);
        Ok(Self {
            me,
            swarm,
            desk,
            news,
            inward,
            listening,
            quic_follows_tcp: config.port == 0,
            book: AddressBook::new(me),
            manual: ManualDials::default(),
            gathering: Gathering::default(),
            links: BTreeMap::new(),
            awaited: BTreeMap::new(),
            remote: BTreeMap::new(),
        })
    }

    /// Works until the handle asks to stop, then says goodbye.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let listening = self.listening.clone();
        tokio::select! {
            () = self.work(&mut commands) => {}
            () = listening.stopped() => {}
        }
        self.say_goodbye().await;
    }

    async fn work(&mut self, commands: &mut mpsc::Receiver<Command>) {
        loop {
            let wake_at = self.next_due();
            tokio::select! {
                event = self.swarm.select_next_some() => self.handle_swarm(event).await,
                Some(news) = self.news.recv() => self.handle_news(news).await,
                Some(inward) = self.inward.recv() => self.handle_inward(inward),
                command = commands.recv() => match command {
                    Some(command) => self.handle_command(command).await,
                    None => return,
                },
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {}
            }
            self.handle_due(Instant::now()).await;
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let awaited = self.awaited.values().min().copied();
        [self.book.next_due(), self.manual.next_due(), self.gathering.next_due(), awaited]
            .into_iter()
            .flatten()
            .min()
    }

    async fn tell(&self, event: NetEvent) {
        // Fails only when the node dropped its end, and then nobody misses the event.
        let _ = self.desk.events.send(event).await;
    }

    // Time.

    async fn handle_due(&mut self, now: Instant) {
        self.gathering.expire(now);
        let late: Vec<PeerId> =
            self.awaited.iter().filter(|(_, until)| **until <= now).map(|(peer, _)| *peer).collect();
        for peer in late {
            self.awaited.remove(&peer);
            self.give_up(peer, &SetupError::NotAntiphon).await;
        }
        for peer in self.book.due(now, chance()) {
            self.redial(peer);
        }
        while let Some(next) = self.manual.next_try(now) {
            let opts = match next.expected {
                Some(peer) => DialOpts::peer_id(peer_key::to_libp2p(peer))
                    .addresses(vec![next.address])
                    .condition(PeerCondition::Always)
                    .allocate_new_port()
                    .build(),
                None => DialOpts::unknown_peer_id().address(next.address).allocate_new_port().build(),
            };
            self.manual.started(next.dial, opts.connection_id());
            let connection = opts.connection_id();
            if let Err(error) = self.swarm.dial(opts) {
                self.dial_failed(connection, (&error).into()).await;
            }
        }
    }

    fn redial(&mut self, peer: PeerId) {
        let ways = self.book.ways(peer);
        if ways.is_empty() || self.links.contains_key(&peer) || self.awaited.contains_key(&peer) {
            return;
        }
        // A fresh local port: dialling from the listening one makes two peers that dial each other meet in one
        // half-open TCP connection. Not `Disconnected`: a dead connection may take long to close.
        let opts = DialOpts::peer_id(peer_key::to_libp2p(peer))
            .addresses(ways)
            .condition(PeerCondition::NotDialing)
            .allocate_new_port()
            .build();
        if let Err(error) = self.swarm.dial(opts) {
            tracing::debug!(peer = %peer.short(), %error, "not dialled");
        }
    }

    // Commands.

    async fn handle_command(&mut self, command: Command) {
        match command {
            Command::Dial(text, address) => {
                if let Err(reason) = self.manual.add(text.clone(), address, Instant::now()) {
                    self.tell(NetEvent::DialFailed { address: text, reason }).await;
                }
            }
            Command::Close(peer, stop) => self.close(peer, stop),
        }
    }

    fn close(&mut self, peer: PeerId, stop: Stop) {
        if stop.reason == DisconnectReason::Closed {
            self.book.rest(peer, Instant::now());
        }
        match self.links.get_mut(&peer) {
            Some(link) => link.stop(stop),
            None => self.disconnect(peer),
        }
    }

    fn disconnect(&mut self, peer: PeerId) {
        self.awaited.remove(&peer);
        self.gathering.forget(peer);
        // An error means that there was no connection, which is what is wanted.
        let _ = self.swarm.disconnect_peer_id(peer_key::to_libp2p(peer));
    }

    // The swarm.

    async fn handle_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => self.listens(address).await,
            SwarmEvent::ExpiredListenAddr { address, .. } => self.listening.remove(&address),
            SwarmEvent::ListenerClosed { reason: Err(error), .. }
            | SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!(%error, "listening failed");
            }
            SwarmEvent::ConnectionEstablished {
                peer_id, connection_id, endpoint, established_in, ..
            } => {
                tracing::debug!(%peer_id, remote = %endpoint.get_remote_address(), ?established_in, "connection");
                self.connection_made(&peer_id, connection_id, &endpoint).await;
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established, cause, .. } => {
                tracing::debug!(%peer_id, num_established, ?cause, "connection closed");
                if let (0, Some(peer)) = (num_established, peer_key::from_libp2p(&peer_id)) {
                    self.connections_gone(peer).await;
                }
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                tracing::debug!(%error, "dial failed");
                self.dial_failed(connection_id, (&error).into()).await;
            }
            SwarmEvent::Behaviour(BehaviourEvent::Mdns(event)) => self.handle_mdns(event).await,
            _ => {}
        }
    }

    async fn listens(&mut self, address: Multiaddr) {
        let endpoint = Endpoint::of(&address);
        if let Some(Endpoint { socket, transport: Transport::Tcp }) = endpoint
            && std::mem::take(&mut self.quic_follows_tcp)
        {
            let ip =
                if socket.ip().is_loopback() { socket.ip() } else { std::net::Ipv4Addr::UNSPECIFIED.into() };
            let quic = Endpoint { socket: (ip, socket.port()).into(), transport: Transport::Quic };
            // TCP alone is enough to work; the same port of UDP may be another program's.
            if let Err(error) = self.swarm.listen_on(quic.to_multiaddr()) {
                tracing::warn!(%error, %quic, "cannot listen for QUIC");
            }
        }
        if self.listening.add(address.clone()) {
            self.tell(NetEvent::Listening(address.to_string())).await;
        }
    }

    async fn connection_made(
        &mut self,
        peer_id: &libp2p::PeerId,
        connection: ConnectionId,
        endpoint: &ConnectedPoint,
    ) {
        let Some(peer) = peer_key::from_libp2p(peer_id) else {
            // Keys of another kind are not ours.
            self.swarm.close_connection(connection);
            return;
        };
        let (address, _) = split_peer(endpoint.get_remote_address().clone());
        if self.manual.answered(connection, peer) {
            self.book.dialled(peer, address.clone());
        }
        if self.links.contains_key(&peer) {
            self.one_too_many(peer, connection).await;
        } else {
            self.remote.insert(peer, address);
            if self.me < peer {
                self.open_link(peer, 0);
            } else {
                self.awaited.entry(peer).or_insert_with(|| Instant::now() + SETUP_DEADLINE);
            }
        }
    }

    /// Both dialled at once, or a person dialled a friend who is here already. The lower id closes the newer
    /// connection, so that both agree which one stays.
    async fn one_too_many(&mut self, peer: PeerId, connection: ConnectionId) {
        if self.me < peer {
            self.swarm.close_connection(connection);
        }
        if self.desk.outboxes.contains(peer) {
            self.tell_reached(peer).await;
        }
    }

    async fn connections_gone(&mut self, peer: PeerId) {
        self.remote.remove(&peer);
        self.gathering.forget(peer);
        if self.awaited.remove(&peer).is_some() {
            self.tell_failed(peer, DialFailure::NotAntiphon).await;
        }
        if !self.links.contains_key(&peer) {
            self.book.missing(peer, Instant::now(), chance());
        }
    }

    async fn dial_failed(&mut self, connection: ConnectionId, reason: DialFailure) {
        if let Some((address, reason)) = self.manual.failed(connection, reason, Instant::now()) {
            self.tell(NetEvent::DialFailed { address, reason }).await;
        }
    }

    async fn handle_mdns(&mut self, event: mdns::Event) {
        match event {
            mdns::Event::Discovered(list) => {
                let mut grown = std::collections::BTreeSet::new();
                for (peer_id, address) in list {
                    let (address, _) = split_peer(address);
                    if let (Some(peer), Some(_)) = (peer_key::from_libp2p(&peer_id), Endpoint::of(&address))
                        && peer != self.me
                        && self.book.discovered(peer, address)
                    {
                        grown.insert(peer);
                    }
                }
                for peer in grown {
                    let addresses = self.book.announced(peer);
                    self.tell(NetEvent::Discovered { peer, addresses }).await;
                    if !self.links.contains_key(&peer) {
                        self.book.found(peer, Instant::now());
                    }
                }
            }
            mdns::Event::Expired(list) => {
                for (peer_id, address) in list {
                    if let Some(peer) = peer_key::from_libp2p(&peer_id) {
                        self.book.expired(peer, &split_peer(address).0);
                    }
                }
            }
        }
    }

    // The end.

    async fn say_goodbye(&mut self) {
        let mut tasks = Vec::new();
        for mut link in std::mem::take(&mut self.links).into_values() {
            link.stop(Stop { reason: DisconnectReason::Closed, farewell: Some(Farewell::Leaving) });
            tasks.push(link.task);
        }
        // The node may no longer take events, so even this has an end.
        let _ = timeout(FAREWELL_DEADLINE * 2, futures::future::join_all(tasks)).await;
        let connected: Vec<_> = self.swarm.connected_peers().copied().collect();
        for peer in connected {
            let _ = self.swarm.disconnect_peer_id(peer);
        }
        // Closing in order is what carries the farewells out of the buffers.
        let _ = timeout(FAREWELL_DEADLINE, async {
            while self.swarm.connected_peers().next().is_some() {
                self.swarm.select_next_some().await;
            }
        })
        .await;
    }
}

fn listen(swarm: &mut Swarm<Behaviour>, config: &NetConfig) -> Result<(), StartNetError> {
    let ip = if config.listen_loopback_only { [127, 0, 0, 1] } else { [0, 0, 0, 0] };
    let tcp = Multiaddr::from(std::net::Ipv4Addr::from(ip)).with(Protocol::Tcp(config.port));
    let mut addresses = vec![tcp];
    if config.port != 0 {
        let quic = Endpoint { socket: (ip, config.port).into(), transport: Transport::Quic };
        addresses.push(quic.to_multiaddr());
    }
    for address in addresses {
        swarm
            .listen_on(address)
            .map_err(|error| StartNetError::Listen { port: config.port, cause: deepest_cause(&error) })?;
    }
    Ok(())
}

/// What the system said: the transports wrap it in errors that say nothing themselves.
fn deepest_cause(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
