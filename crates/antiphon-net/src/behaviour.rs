//! The libp2p swarm: transports, protocols and limits.

use libp2p::{
    Swarm, SwarmBuilder, connection_limits, identify,
    identity::Keypair,
    mdns, noise,
    swarm::{NetworkBehaviour, behaviour::toggle::Toggle},
    tcp, yamux,
};

use crate::{
    handshakes::Handshakes,
    limits::{
        CONNECTIONS_MAX, CONNECTIONS_PER_PEER_MAX, DIAL_DEADLINE, DIALS_PENDING_MAX, IDLE_CONNECTION,
        MDNS_QUERY_EVERY, MDNS_TTL, QUIC_IDLE, QUIC_KEEP_ALIVE, STREAMS_PER_CONNECTION_MAX,
    },
    start::StartNetError,
};

/// Told to every peer by identify; says what we speak and nothing about who or where we are.
const AGENT: &str = concat!("antiphon/", env!("CARGO_PKG_VERSION"));
const PROTOCOL: &str = "/antiphon/1";

#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    // First, so that a connection over the limits reaches no other protocol.
    limits: connection_limits::Behaviour,
    handshakes: Handshakes,
    // Needed for the translation of addresses; it also tells diagnostics what the other side runs.
    identify: identify::Behaviour,
    pub(crate) streams: libp2p_stream::Behaviour,
    pub(crate) mdns: Toggle<mdns::tokio::Behaviour>,
}

/// Builds the swarm. Must be called within a tokio runtime.
pub(crate) fn swarm(keypair: Keypair, discovery: bool) -> Result<Swarm<Behaviour>, StartNetError> {
    let transport = |error: &dyn std::error::Error| StartNetError::Transport(error.to_string());
    let swarm = SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux_config)
        .map_err(|error| transport(&error))?
        .with_quic_config(quic_config)
        .with_behaviour(|keypair| behaviour(keypair, discovery))
        .map_err(|error| transport(&error))?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_CONNECTION))
        .with_connection_timeout(DIAL_DEADLINE)
        .build();
    Ok(swarm)
}

fn yamux_config() -> yamux::Config {
    let mut config = yamux::Config::default();
    config.set_max_num_streams(STREAMS_PER_CONNECTION_MAX);
    config
}

fn quic_config(mut config: libp2p::quic::Config) -> libp2p::quic::Config {
    config.max_idle_timeout = QUIC_IDLE.as_millis() as u32;
    config.keep_alive_interval = QUIC_KEEP_ALIVE;
    config.max_concurrent_stream_limit = STREAMS_PER_CONNECTION_MAX as u32;
    config
}

fn behaviour(keypair: &Keypair, discovery: bool) -> Behaviour {
    let me = keypair.public().to_peer_id();
    let limits = connection_limits::ConnectionLimits::default()
        .with_max_established(Some(CONNECTIONS_MAX))
        .with_max_established_per_peer(Some(CONNECTIONS_PER_PEER_MAX))
        .with_max_pending_outgoing(Some(DIALS_PENDING_MAX));
    Behaviour {
        limits: connection_limits::Behaviour::new(limits),
        handshakes: Handshakes::default(),
        identify: identify::Behaviour::new(
            identify::Config::new(PROTOCOL.into(), keypair.public()).with_agent_version(AGENT.into()),
        ),
        streams: libp2p_stream::Behaviour::new(),
        mdns: discovery.then(|| mdns(me)).flatten().into(),
    }
}

/// Discovery, unless this system has none: a manual address works all the same.
fn mdns(me: libp2p::PeerId) -> Option<mdns::tokio::Behaviour> {
    let config = mdns::Config { ttl: MDNS_TTL, query_interval: MDNS_QUERY_EVERY, enable_ipv6: false };
    mdns::tokio::Behaviour::new(config, me)
        .inspect_err(|error| tracing::warn!(%error, "discovery cannot start; peers need an address"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_names_the_program_and_its_version_only() {
        let rest = AGENT.strip_prefix("antiphon/").unwrap();
        assert!(rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{AGENT}");
    }
}
