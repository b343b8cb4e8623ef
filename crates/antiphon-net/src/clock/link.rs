//! One link as the clock's thread sees it: its stream, its sealed way, and what was counted.

use std::net::{IpAddr, SocketAddr};

use antiphon_clock::Transmit;
use antiphon_identity::PeerId;
use antiphon_timeline::{HostClock, HostTime};

use super::{
    allowance::Allowance,
    counters::{ClockTraffic, DatagramFaults},
    desk::{ClockOutbox, ToStream},
    offer::{Mailbox, Offer, Secret},
    seal::{Direction, Header, Kind, Opener, Refused, Sealer},
    socket::ClockSocket,
    way::{ClockPath, Way},
};
use crate::{
    frame::LinkNumber,
    limits::{CLOCK_PACKETS_PER_SECOND_MAX, CLOCK_STRANGE_PER_SECOND_MAX},
};

/// Headers of UDP and IPv4 around each datagram.
const UDP_IP_BYTES: u64 = 28;

/// What this side put into its offer.
pub(crate) struct Own {
    pub(crate) id: PeerId,
    pub(crate) mailbox: Mailbox,
    pub(crate) secret: Secret,
}

/// The keys and the way of a link on which both sides made an offer.
struct Sealed {
    sealer: Sealer,
    opener: Opener,
    way: Way,
    /// Datagrams from where the peer is known to be.
    known: Allowance,
    /// Datagrams from elsewhere. Few: a peer that moved needs one, a forger gets no more.
    strange: Allowance,
}

pub(crate) struct ClockLink {
    pub(crate) peer: PeerId,
    pub(crate) number: LinkNumber,
    remote: Option<IpAddr>,
    outbox: ClockOutbox,
    /// `None` where this side has no socket.
    own: Option<Own>,
    sealed: Option<Box<Sealed>>,
    /// What was last told of the path.
    told: ClockPath,
    pub(crate) faults: DatagramFaults,
    pub(crate) traffic: ClockTraffic,
}

/// A genuine datagram.
pub(crate) struct Taken<'a> {
    pub(crate) kind: Kind,
    pub(crate) content: &'a [u8],
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// As a datagram that left right after this moment.
    At(HostTime),
    /// By the stream, whose writer stamps it; or not at all.
    Unmeasured,
}

impl ClockLink {
    /// A link that the stream carries. The offer, if any, is the first thing the stream is given.
    pub(crate) fn new(
        peer: PeerId,
        number: LinkNumber,
        remote: Option<IpAddr>,
        outbox: ClockOutbox,
        own: Option<(Own, u16)>,
    ) -> Self {
        if let Some((Own { mailbox, secret, .. }, port)) = &own {
            let offer = Offer { port: *port, mailbox: *mailbox, secret: *secret };
            // The queue is as long as it ever will be, so this fails only when the link has ended already.
            let _ = outbox.try_send(ToStream::Offer(offer));
        }
        Self {
            peer,
            number,
            remote,
            outbox,
            own: own.map(|(own, _)| own),
            sealed: None,
            told: ClockPath::Stream,
            faults: DatagramFaults::default(),
            traffic: ClockTraffic::default(),
        }
    }

    pub(crate) fn mailbox(&self) -> Option<Mailbox> {
        self.own.as_ref().map(|own| own.mailbox)
    }

    /// The other side's offer has come: with ours it makes the keys.
    pub(crate) fn handle_offer(&mut self, offer: &Offer, now: HostTime) {
        let Some(own) = &self.own else { return };
        let (ours, theirs) = ((own.id, own.secret), (self.peer, offer.secret));
        let sending = Direction { sender: ours, receiver: theirs, link: self.number };
        let receiving = Direction { sender: theirs, receiver: ours, link: self.number };
        let address = self.remote.map(|ip| SocketAddr::new(ip.to_canonical(), offer.port));
        self.sealed = Some(Box::new(Sealed {
            sealer: Sealer::new(&sending, offer.mailbox),
            opener: Opener::new(&receiving),
            way: Way::new(address, now),
            known: Allowance::new(CLOCK_PACKETS_PER_SECOND_MAX, now),
            strange: Allowance::new(CLOCK_STRANGE_PER_SECOND_MAX, now),
        }));
    }

    pub(crate) fn path(&self) -> ClockPath {
        self.sealed.as_ref().map_or(ClockPath::Stream, |sealed| sealed.way.path())
    }

    /// Writes a change of path into the log, once. True when there was one.
    pub(crate) fn tell_path(&mut self) -> bool {
        let path = self.path();
        let changed = std::mem::replace(&mut self.told, path) != path;
        if changed {
            tracing::info!(target: "antiphon::clock", event = "path", peer = %self.peer, ?path);
        }
        changed
    }

    /// A datagram for this link's mailbox. Whatever is wrong with it is counted; only a genuine one comes back.
    pub(crate) fn open<'a>(
        &mut self,
        header: &Header,
        from: SocketAddr,
        received: HostTime,
        body: &'a mut [u8],
    ) -> Option<Taken<'a>> {
        let Some(sealed) = &mut self.sealed else {
            // Its offer is still on the way here, so nothing can be opened yet. Another probe will come.
            return None;
        };
        let known = sealed.way.address() == Some(from);
        let allowance = if known { &mut sealed.known } else { &mut sealed.strange };
        if !allowance.take(received) {
            self.faults.flooded += 1;
            return None;
        }
        let opened = match sealed.opener.open(header, body) {
            Ok(opened) => opened,
            Err(Refused::Forged) => {
                self.faults.forged += 1;
                return None;
            }
            Err(Refused::Replayed) => {
                self.faults.replayed += 1;
                return None;
            }
        };
        self.traffic.udp_received += 1;
        if opened.newest {
            sealed.way.is_at(from);
        }
        match opened.kind {
            Kind::Packet => sealed.way.handle_packet(received),
            Kind::Probe => sealed.way.handle_probe(received),
            Kind::Answer => sealed.way.handle_answer(),
        }
        Some(Taken { kind: opened.kind, content: opened.content })
    }

    /// Datagrams are over: the socket is gone.
    pub(crate) fn close_way(&mut self) {
        self.sealed = None;
    }

    pub(crate) fn handle_stream_packet(&mut self, now: HostTime) {
        self.traffic.stream_received += 1;
        if let Some(sealed) = &mut self.sealed {
            sealed.way.handle_stream_packet(now);
        }
    }

    /// Sends a packet by the way that is proved.
    pub(crate) fn send(
        &mut self,
        mut transmit: Transmit,
        socket: Option<&ClockSocket>,
        clock: &dyn HostClock,
        datagram: &mut Vec<u8>,
    ) -> Sent {
        if let (ClockPath::Udp, Some(socket)) = (self.path(), socket) {
            transmit.stamp(clock.now());
            if let Some(sent) = self.send_datagram(Kind::Packet, &transmit.bytes, socket, clock, datagram) {
                return Sent::At(sent);
            }
        }
        match self.outbox.try_send(ToStream::Packet(transmit)) {
            Ok(()) => self.traffic.stream_sent += 1,
            // A full outbox is a slow link: the packet is lost, as on any network.
            Err(_) => self.traffic.unsent += 1,
        }
        Sent::Unmeasured
    }

    pub(crate) fn answer(&mut self, socket: &ClockSocket, clock: &dyn HostClock, datagram: &mut Vec<u8>) {
        self.send_datagram(Kind::Answer, &[], socket, clock, datagram);
    }

    /// When [`Self::handle_timeout`] has something to do next.
    pub(crate) fn poll_timeout(&self) -> Option<HostTime> {
        self.sealed.as_ref()?.way.poll_timeout()
    }

    /// Probes when that is due.
    pub(crate) fn handle_timeout(
        &mut self,
        socket: &ClockSocket,
        clock: &dyn HostClock,
        datagram: &mut Vec<u8>,
    ) {
        if self.sealed.as_mut().is_some_and(|sealed| sealed.way.is_probe_due(clock.now())) {
            self.send_datagram(Kind::Probe, &[], socket, clock, datagram);
        }
    }

    /// Seals and sends. The time read last before the system is asked to send is never later than the true one,
    /// which a reading afterwards would be: the bound of the link filter rests on that.
    fn send_datagram(
        &mut self,
        kind: Kind,
        content: &[u8],
        socket: &ClockSocket,
        clock: &dyn HostClock,
        datagram: &mut Vec<u8>,
    ) -> Option<HostTime> {
        let sealed = self.sealed.as_mut()?;
        let address = sealed.way.address()?;
        if !sealed.sealer.seal(kind, content, datagram) {
            return None;
        }
        let sent = clock.now();
        match socket.send(address, datagram) {
            Ok(()) => {
                self.traffic.udp_sent += 1;
                self.traffic.udp_sent_bytes += datagram.len() as u64 + UDP_IP_BYTES;
                if kind == Kind::Packet {
                    sealed.way.sent(sent);
                }
                Some(sent)
            }
            Err(error) => {
                tracing::debug!(peer = %self.peer.short(), %address, %error, "datagram not sent");
                self.traffic.unsent += 1;
                sealed.way.handle_failure(sent);
                None
            }
        }
    }
}
