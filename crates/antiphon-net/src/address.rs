//! Addresses as people type them, and as libp2p writes them.
//!
//! `192.0.2.7:4001` means TCP first and QUIC on the same port second; the long form names one of the two.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use antiphon_identity::PeerId;
use libp2p::{Multiaddr, multiaddr::Protocol};

use crate::{limits::ADDRESS_TEXT_MAX, peer_key};

/// Where a peer may answer: addresses to try in order, and who is expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeerAddress {
    pub(crate) candidates: Vec<Multiaddr>,
    pub(crate) expected: Option<PeerId>,
}

/// Why a text is not an address that can be dialled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither of the two forms.
    #[error("\"{0}\" is not an address: expected one like 192.0.2.7:4001 or /ip4/192.0.2.7/tcp/4001")]
    NotAnAddress(String),
    /// An IP address without the port.
    #[error("\"{0}\" has no port: expected one like {0}:4001")]
    NoPort(String),
    /// Port 0 is a wish of listeners.
    #[error("port 0 cannot be dialled")]
    PortZero,
    /// Addresses such as 0.0.0.0 or a multicast group belong to nobody.
    #[error("{0} is not the address of one machine")]
    NotOneMachine(IpAddr),
    /// A multiaddr of a transport that is not spoken here.
    #[error("\"{0}\" names a transport other than TCP and QUIC")]
    OtherTransport(String),
}

impl PeerAddress {
    /// Reads either form. The text comes from a person or a link: anything may be in it.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let shown = || text.chars().take(ADDRESS_TEXT_MAX).collect::<String>();
        if text.is_empty() || text.len() > ADDRESS_TEXT_MAX {
            return Err(AddressError::NotAnAddress(shown()));
        }
        if let Ok(socket) = text.parse::<SocketAddr>() {
            return Self::of_socket(socket);
        }
        if text.parse::<IpAddr>().is_ok() {
            return Err(AddressError::NoPort(shown()));
        }
        let address: Multiaddr = text.parse().map_err(|_| AddressError::NotAnAddress(shown()))?;
        let (address, expected) = split_peer(address);
        let Some(Endpoint { socket, .. }) = Endpoint::of(&address) else {
            return Err(AddressError::OtherTransport(shown()));
        };
        check_machine(socket)?;
        Ok(Self { candidates: vec![address], expected })
    }

    fn of_socket(socket: SocketAddr) -> Result<Self, AddressError> {
        check_machine(socket)?;
        let candidates =
            [Transport::Tcp, Transport::Quic].map(|transport| Endpoint { socket, transport }.to_multiaddr());
        Ok(Self { candidates: candidates.into(), expected: None })
    }
}

fn check_machine(socket: SocketAddr) -> Result<(), AddressError> {
    let ip = socket.ip();
    if ip.is_unspecified() || ip.is_multicast() || ip == IpAddr::from([255, 255, 255, 255]) {
        return Err(AddressError::NotOneMachine(ip));
    }
    if socket.port() == 0 {
        return Err(AddressError::PortZero);
    }
    Ok(())
}

/// Takes a trailing `/p2p/<peer>` off.
pub(crate) fn split_peer(mut address: Multiaddr) -> (Multiaddr, Option<PeerId>) {
    match address.pop() {
        Some(Protocol::P2p(peer)) => (address, peer_key::from_libp2p(&peer)),
        Some(other) => (address.with(other), None),
        None => (address, None),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Tcp,
    Quic,
}

/// One socket address and the transport spoken there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) socket: SocketAddr,
    pub(crate) transport: Transport,
}

impl Endpoint {
    /// Reads exactly `/ip…/tcp/…` or `/ip…/udp/…/quic-v1`.
    pub(crate) fn of(address: &Multiaddr) -> Option<Self> {
        let mut parts = address.iter();
        let ip = match parts.next()? {
            Protocol::Ip4(ip) => IpAddr::V4(ip),
            Protocol::Ip6(ip) => IpAddr::V6(ip),
            _ => return None,
        };
        let (port, transport) = match (parts.next()?, parts.next()) {
            (Protocol::Tcp(port), None) => (port, Transport::Tcp),
            (Protocol::Udp(port), Some(Protocol::QuicV1)) => (port, Transport::Quic),
            _ => return None,
        };
        parts.next().is_none().then_some(Self { socket: SocketAddr::new(ip, port), transport })
    }

    pub(crate) fn to_multiaddr(self) -> Multiaddr {
        let address = Multiaddr::from(self.socket.ip());
        match self.transport {
            Transport::Tcp => address.with(Protocol::Tcp(self.socket.port())),
            Transport::Quic => address.with(Protocol::Udp(self.socket.port())).with(Protocol::QuicV1),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_multiaddr().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(text: &str) -> Vec<String> {
        PeerAddress::parse(text).unwrap().candidates.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_short_address_tries_tcp_then_quic() {
        assert_eq!(
            candidates(" 192.0.2.7:4001\n"),
            ["/ip4/192.0.2.7/tcp/4001", "/ip4/192.0.2.7/udp/4001/quic-v1"]
        );
        assert_eq!(
            candidates("[2001:db8::7]:4001"),
            ["/ip6/2001:db8::7/tcp/4001", "/ip6/2001:db8::7/udp/4001/quic-v1"]
        );
    }

    #[test]
    fn a_long_address_means_itself() {
        for text in ["/ip4/192.0.2.7/tcp/4001", "/ip4/192.0.2.7/udp/4001/quic-v1", "/ip6/2001:db8::7/tcp/1"] {
            assert_eq!(candidates(text), [text]);
        }
    }

    #[test]
    fn a_named_peer_is_expected() {
        let peer = peer_key::keypair([7; 32]).public().to_peer_id();
        let address = PeerAddress::parse(&format!("/ip4/192.0.2.7/tcp/4001/p2p/{peer}")).unwrap();
        assert_eq!(address.expected, peer_key::from_libp2p(&peer));
        assert_eq!(address.candidates, ["/ip4/192.0.2.7/tcp/4001".parse().unwrap()]);
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        let refused = |text: &str| PeerAddress::parse(text).unwrap_err().to_string();
        assert!(refused("").contains("expected one like"));
        assert!(refused("friend").contains("expected one like"));
        assert!(refused("192.0.2.7").contains("no port"));
        assert!(refused("192.0.2.7:0").contains("port 0"));
        assert!(refused("192.0.2.7:70000").contains("expected one like"));
        assert!(refused("0.0.0.0:4001").contains("not the address of one machine"));
        assert!(refused("/ip4/224.0.0.1/tcp/4001").contains("not the address of one machine"));
        assert!(refused("/ip4/192.0.2.7/tcp/0").contains("port 0"));
        assert!(refused("/ip4/192.0.2.7/udp/4001").contains("other than TCP and QUIC"));
        assert!(refused("/ip4/192.0.2.7/tcp/4001/ws").contains("other than TCP and QUIC"));
        assert!(refused("/dns4/example.org/tcp/4001").contains("other than TCP and QUIC"));
        assert!(refused(&"9".repeat(100_000)).len() < 400);
    }
}
