//! The driver's part in links: it opens them, takes them in, and learns how they end.

use antiphon_identity::PeerId;
use tokio::{sync::oneshot, task::JoinHandle, time::Instant};

use super::Driver;
use crate::{
    address::Endpoint,
    event::{DialFailure, DisconnectReason, NetEvent},
    frame::LinkNumber,
    intake::Inward,
    lanes::SetupError,
    limits::SETUP_DEADLINE,
    link::{Link, LinkEnd, LinkNews, News, Role, Stop},
    peer_key,
    start::chance,
};

/// How often the set-up of a link is tried on one connection.
const SETUPS_PER_CONNECTION_MAX: u32 = 3;

/// A link's task, and the way to end it.
pub(super) struct LinkHandle {
    number: LinkNumber,
    attempt: u32,
    stop: Option<oneshot::Sender<Stop>>,
    pub(super) task: JoinHandle<()>,
}

impl LinkHandle {
    pub(super) fn stop(&mut self, stop: Stop) {
        if let Some(sender) = self.stop.take() {
            // Fails when the link is ending by itself.
            let _ = sender.send(stop);
        }
    }
}

impl Driver {
    pub(super) fn open_link(&mut self, peer: PeerId, attempt: u32) {
        // The clock only ever rises, so a later link has the higher number.
        let number = LinkNumber(self.desk.clock.now().0.unsigned_abs());
        let streams = self.swarm.behaviour().streams.new_control();
        self.start_link(peer, number, attempt, Role::Opener(streams), None);
    }

    pub(super) fn start_link(
        &mut self,
        peer: PeerId,
        number: LinkNumber,
        attempt: u32,
        role: Role,
        previous: Option<JoinHandle<()>>,
    ) {
        let address = self.remote.get(&peer).map(ToString::to_string).unwrap_or_default();
        let remote = self.remote.get(&peer).and_then(Endpoint::of).map(|endpoint| endpoint.socket.ip());
        let link = Link { peer, number, address, remote, desk: self.desk.clone() };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            if let Some(previous) = previous {
                // Its `Disconnected` comes before our `Connected`.
                let _ = previous.await;
            }
            link.run(role, stopped).await;
        });
        self.awaited.remove(&peer);
        self.links.insert(peer, LinkHandle { number, attempt, stop: Some(stop), task });
    }

    pub(super) fn handle_inward(&mut self, inward: Inward) {
        match inward {
            Inward::Arrived(arrived) => {
                let peer = arrived.peer;
                let Some((number, lanes)) = self.gathering.add(arrived, Instant::now()) else { return };
                let previous = self.links.remove(&peer).map(|mut link| {
                    link.stop(Stop { reason: DisconnectReason::Replaced, farewell: None });
                    link.task
                });
                self.start_link(peer, number, 0, Role::Acceptor(Box::new(lanes)), previous);
            }
            Inward::Bad(peer, SetupError::Garbage(error)) => {
                tracing::warn!(peer = %peer.short(), %error, "peer closed: a stream began with garbage");
                let garbage = Stop { reason: DisconnectReason::Garbage(error), farewell: None };
                self.book.rest(peer, Instant::now());
                self.close(peer, garbage);
            }
            Inward::Bad(peer, error) => tracing::debug!(peer = %peer.short(), %error, "stream dropped"),
        }
    }

    pub(super) async fn handle_news(&mut self, LinkNews { peer, number, news }: LinkNews) {
        let Some(link) = self.links.get(&peer).filter(|link| link.number == number) else { return };
        let attempt = link.attempt;
        match news {
            News::Works => {
                self.book.connected(peer);
                self.tell_reached(peer).await;
            }
            News::Ended(LinkEnd::Setup(error)) => {
                self.links.remove(&peer);
                self.set_up_failed(peer, attempt, &error).await;
            }
            News::Ended(LinkEnd::Disconnected(reason)) => {
                self.links.remove(&peer);
                self.disconnect(peer);
                let now = Instant::now();
                match reason {
                    DisconnectReason::Closed
                    | DisconnectReason::ClosedByPeer
                    | DisconnectReason::Garbage(_) => {
                        self.book.rest(peer, now);
                    }
                    _ => self.book.missing(peer, now, chance()),
                }
            }
        }
    }

    pub(super) async fn set_up_failed(&mut self, peer: PeerId, attempt: u32, error: &SetupError) {
        tracing::debug!(peer = %peer.short(), attempt, %error, "link not set up");
        let connected = self.swarm.is_connected(&peer_key::to_libp2p(peer));
        let lost = matches!(error, SetupError::Lost(_));
        if connected && lost && self.me < peer && attempt < SETUPS_PER_CONNECTION_MAX {
            // Of two connections one was closed while its streams were being opened: use the other.
            self.open_link(peer, attempt + 1);
        } else if connected && lost && self.me > peer {
            self.awaited.insert(peer, Instant::now() + SETUP_DEADLINE);
        } else {
            self.give_up(peer, error).await;
        }
    }

    /// A connected peer that cannot be talked to.
    pub(super) async fn give_up(&mut self, peer: PeerId, error: &SetupError) {
        let now = Instant::now();
        self.disconnect(peer);
        match error {
            SetupError::NotAntiphon | SetupError::Garbage(_) => {
                self.book.rest(peer, now);
                self.tell_failed(peer, DialFailure::NotAntiphon).await;
            }
            SetupError::Late | SetupError::Lost(_) => {
                self.book.missing(peer, now, chance());
                self.tell_failed(peer, DialFailure::NoAnswer).await;
            }
        }
    }

    pub(super) async fn tell_reached(&mut self, peer: PeerId) {
        if let Some(address) = self.manual.settle(peer) {
            self.tell(NetEvent::DialReached { peer, address }).await;
        }
    }

    pub(super) async fn tell_failed(&mut self, peer: PeerId, reason: DialFailure) {
        if let Some(address) = self.manual.settle(peer) {
            self.tell(NetEvent::DialFailed { address, reason }).await;
        }
    }
}
