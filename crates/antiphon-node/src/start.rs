//! Starting a node: store, key, peer, sound, net, loop.

use std::{
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use antiphon_audio_io::OutputConfig;
use antiphon_engine::ENGINE_VERSION;
use antiphon_identity::{DeviceKey, Pseudonym};
use antiphon_model::Name;
use antiphon_net::{Net, NetConfig};
use antiphon_peer::{Peer, PeerConfig};
use antiphon_store::Store;
use antiphon_timeline::{HostClock, HostTime, SessionMap, TimebaseId};
use tokio::sync::{broadcast, mpsc, watch};

use crate::{
    clock::SystemClock,
    config::NodeConfig,
    error::StartNodeError,
    event::NodeEvent,
    handle::NodeHandle,
    metronome::Counting,
    node::{Inlets, Node, Outlets},
    outputs::StoredTrims,
    random, settings,
    sound::Sound,
};

/// Asks that wait for the loop; a face that asks faster waits itself.
const ASKS_MAX: usize = 256;
/// Events kept for a slow reader before the oldest are dropped.
const EVENTS_MAX: usize = 512;

/// How long each part of the start took.
pub type Timings = Vec<(&'static str, Duration)>;

struct Watch {
    clock: SystemClock,
    last: HostTime,
    timings: Timings,
}

impl Watch {
    fn lap(&mut self, part: &'static str) {
        let now = self.clock.now();
        self.timings.push((part, Duration::from_nanos((now - self.last).max(0) as u64)));
        self.last = now;
    }
}

/// Starts a node; needs a tokio runtime around it.
pub async fn start(config: NodeConfig) -> Result<NodeHandle, StartNodeError> {
    let clock = SystemClock::new(config.clock_offset_ns, config.clock_skew_ppb);
    let mut watch_parts = Watch { clock, last: clock.now(), timings: Vec::new() };

    let store = Arc::new(Store::open(&config.folder)?);
    let seed = store.device_seed(random::bytes()?)?;
    let key = Arc::new(DeviceKey::from_seed(&seed));
    watch_parts.lap("store");

    let own_map = SessionMap::identity(TimebaseId(u64::from_le_bytes(random::bytes()?)));
    let (events, _) = broadcast::channel(EVENTS_MAX);
    let (asks, asks_inlet) = mpsc::channel(ASKS_MAX);
    let (map_outlet, maps) = watch::channel(own_map);

    let (net, net_inlet) = if config.network {
        let net_config = NetConfig {
            seed,
            discovery: config.discovery,
            port: config.port,
            listen_loopback_only: false,
            clock_udp: config.clock_udp,
        };
        let on_map = Box::new(move |map| {
            map_outlet.send_replace(map);
        });
        let (net, inlet) = Net::start(net_config, Arc::new(clock), on_map)?;
        (Some(net), Some(inlet))
    } else {
        (None, None)
    };
    watch_parts.lap("network");

    let map = net.as_ref().map_or(own_map, |net| net.clock_map());
    let name = settings::name(&store)
        .unwrap_or_else(|| Name::repaired(&Pseudonym::of(key.peer_id()).to_string(), "Someone"));
    let peer_config = PeerConfig {
        name,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        engine: ENGINE_VERSION,
        timebase: map.timebase,
    };
    let peer = Peer::new(key.clone(), peer_config);
    let output =
        OutputConfig { output: settings::output(&store), trims: Arc::new(StoredTrims(store.clone())) };
    let mut sound = Sound::start(config.audio, output, Arc::new(clock), map);
    sound.set_metronome(Counting::stored(&store).metronome);
    watch_parts.lap("sound");

    let saved_events = events.clone();
    store.watch(Box::new(move |_| drop(saved_events.send(NodeEvent::Saved))));
    let outlets = Outlets { net, events: events.clone(), asks: asks.clone() };
    let node = Node::new(peer, sound, store.clone(), clock, outlets);
    tokio::spawn(node.run(Inlets { asks: asks_inlet, net: net_inlet, maps }));
    let handle = NodeHandle {
        asks,
        events,
        store,
        key,
        clock,
        config,
        jobs: Arc::new(AtomicU32::new(1)),
        timings: Arc::default(),
    };
    handle.open_last().await;
    watch_parts.lap("session");
    let _ = handle.timings.set(watch_parts.timings);
    Ok(handle)
}
