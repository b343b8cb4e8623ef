//! Handshakes under way, bounded per host: a host that opens connections and says nothing uses up its own
//! places, not its neighbours'.

use std::{collections::BTreeMap, convert::Infallible, net::IpAddr, task::Poll};

use libp2p::{
    Multiaddr, PeerId,
    core::{Endpoint as Side, transport::PortUse},
    multiaddr::Protocol,
    swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, ListenFailure, NetworkBehaviour, THandler,
        THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
    },
};

use crate::limits::{HANDSHAKES_MAX, HANDSHAKES_PER_HOST_MAX};

/// Incoming connections that have not proven a key yet.
#[derive(Debug, Default)]
pub(crate) struct Handshakes(BTreeMap<ConnectionId, Option<IpAddr>>);

/// Too many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many handshakes are under way")]
pub(crate) struct TooManyHandshakes;

impl Handshakes {
    fn begin(&mut self, connection: ConnectionId, host: Option<IpAddr>) -> Result<(), TooManyHandshakes> {
        let of_host = self.0.values().filter(|known| **known == host).count();
        if of_host >= HANDSHAKES_PER_HOST_MAX || self.0.len() >= HANDSHAKES_MAX {
            return Err(TooManyHandshakes);
        }
        self.0.insert(connection, host);
        Ok(())
    }

    fn end(&mut self, connection: ConnectionId) {
        self.0.remove(&connection);
    }
}

fn host_of(address: &Multiaddr) -> Option<IpAddr> {
    match address.iter().next()? {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => Some(ip.into()),
        _ => None,
    }
}

impl NetworkBehaviour for Handshakes {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.begin(connection, host_of(remote)).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.end(connection);
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Side,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        if let FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) = event {
            self.end(connection_id);
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_uses_up_its_own_places_only() {
        let mut handshakes = Handshakes::default();
        let host = |n: u8| Some(IpAddr::from([10, 77, 0, n]));
        let mut next = (0..).map(ConnectionId::new_unchecked);
        let granted = (0..500).filter(|_| handshakes.begin(next.next().unwrap(), host(1)).is_ok()).count();
        assert_eq!(granted, HANDSHAKES_PER_HOST_MAX);
        let friend = next.next().unwrap();
        assert_eq!(handshakes.begin(friend, host(2)), Ok(()));
        handshakes.end(friend);
        for n in 2..200 {
            let _ = handshakes.begin(next.next().unwrap(), host(n));
        }
        assert_eq!(handshakes.0.len(), HANDSHAKES_MAX);
    }
}
