//! One net on a real network, its events as lines on standard output: for the namespace tests and for finding out
//! why two machines do not see each other.
//!
//! `netprobe SEED [--port N] [--dial ADDRESS] [--no-discovery] [--offset-ns N] [--skew-ppb N] [--round-trips N]
//! [--no-clock-udp]`
//! `netprobe SEED --silent-sockets ADDRESS` is an unfriendly host instead.
//!
//! Everybody who connects takes part in the clock, and every frame on the sync channel is sent back.

use std::{
    collections::BTreeSet,
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use antiphon_identity::PeerId;
use antiphon_net::{Channel, Net, NetConfig, NetEvent, NetHandle};
use antiphon_timeline::{HostClock, HostTime};

struct SkewedClock {
    origin: Instant,
    offset_ns: i64,
    skew_ppb: i64,
}

impl HostClock for SkewedClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock read of the probe")]
    fn now(&self) -> HostTime {
        let elapsed = Instant::now().saturating_duration_since(self.origin).as_nanos() as i64;
        HostTime(self.offset_ns + elapsed + elapsed / 1_000 * self.skew_ppb / 1_000_000)
    }
}

#[derive(Default)]
struct Arguments {
    seed: u8,
    port: u16,
    dial: Option<String>,
    discovery: bool,
    clock_udp: bool,
    offset_ns: i64,
    skew_ppb: i64,
    round_trips: u32,
    silent_sockets: Option<String>,
}

fn arguments() -> Result<Arguments, String> {
    let mut words = std::env::args().skip(1);
    let mut read = Arguments { discovery: true, clock_udp: true, ..Arguments::default() };
    read.seed = number(words.next(), "SEED")?;
    while let Some(word) = words.next() {
        match word.as_str() {
            "--port" => read.port = number(words.next(), "--port")?,
            "--dial" => read.dial = words.next(),
            "--no-discovery" => read.discovery = false,
            "--no-clock-udp" => read.clock_udp = false,
            "--offset-ns" => read.offset_ns = number(words.next(), "--offset-ns")?,
            "--skew-ppb" => read.skew_ppb = number(words.next(), "--skew-ppb")?,
            "--silent-sockets" => read.silent_sockets = words.next(),
            "--round-trips" => read.round_trips = number(words.next(), "--round-trips")?,
            other => return Err(format!("unknown argument {other}")),
        }
    }
    Ok(read)
}

fn number<T: std::str::FromStr>(word: Option<String>, name: &str) -> Result<T, String> {
    word.and_then(|word| word.parse().ok()).ok_or_else(|| format!("{name} wants a number"))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments()?;
    if let Some(address) = &arguments.silent_sockets {
        return hold_silent_sockets(address);
    }
    let config = NetConfig {
        seed: [arguments.seed; 32],
        discovery: arguments.discovery,
        port: arguments.port,
        listen_loopback_only: false,
        clock_udp: arguments.clock_udp,
    };
    #[expect(clippy::disallowed_methods, reason = "the origin of the probe's clock")]
    let origin = Instant::now();
    let clock =
        Arc::new(SkewedClock { origin, offset_ns: arguments.offset_ns, skew_ppb: arguments.skew_ppb });
    let (net, mut events) = Net::start(config, clock.clone(), Box::new(|_| {}))?;
    let mut probe =
        Probe { net, clock, members: BTreeSet::new(), round_trips: Vec::new(), wanted: 0, sent: HostTime(0) };
    probe.say(&format!("me {}", probe.net.peer_id()))?;
    if let Some(address) = &arguments.dial {
        probe.net.dial(address)?;
    }
    probe.wanted = arguments.round_trips;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => probe.handle(event)?,
                    None => return Ok(()),
                },
                _ = tick.tick() => probe.say_clock()?,
            }
        }
    })
}

/// An unfriendly host: holds two hundred connections open that say nothing, and opens those anew that are closed.
fn hold_silent_sockets(address: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut sockets = Vec::new();
    for _ in 0..200 {
        sockets.push(TcpStream::connect(address)?);
    }
    writeln!(io::stdout(), "silent sockets")?;
    for n in (0..sockets.len()).cycle() {
        sockets[n].set_read_timeout(Some(Duration::from_millis(1)))?;
        if matches!(sockets[n].read(&mut [0; 64]), Ok(0)) {
            sockets[n] = TcpStream::connect(address)?;
        }
    }
    Ok(())
}

struct Probe {
    net: NetHandle,
    clock: Arc<SkewedClock>,
    members: BTreeSet<PeerId>,
    round_trips: Vec<i64>,
    wanted: u32,
    sent: HostTime,
}

impl Probe {
    fn say(&self, line: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()
    }

    /// The session time of a moment that all probes on this machine can name.
    #[expect(clippy::disallowed_methods, reason = "the clock that all probes on a machine share")]
    fn say_clock(&self) -> io::Result<()> {
        let map = self.net.clock_map();
        let before = SystemTime::now();
        let session = map.to_session(self.clock.now());
        let unix = before.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let locked = self.net.clock_is_locked();
        self.say(&format!("clock {} {} {locked} {unix}", map.timebase.0, session.0))
    }

    fn handle(&mut self, event: NetEvent) -> io::Result<()> {
        match event {
            NetEvent::Listening(address) => self.say(&format!("listening {address}")),
            NetEvent::Discovered { peer, addresses } => {
                self.say(&format!("discovered {peer} {}", addresses.join(" ")))
            }
            NetEvent::Connected { peer, address } => {
                self.members.insert(peer);
                self.net.set_clock_members(self.members.clone());
                self.say(&format!("connected {peer} {address}"))?;
                self.round_trips.clear();
                self.ping(peer);
                Ok(())
            }
            NetEvent::Disconnected { peer, reason } => self.say(&format!("disconnected {peer} {reason}")),
            NetEvent::Frame { peer, channel: Channel::Sync, bytes } => self.frame(peer, bytes),
            NetEvent::Frame { .. } => Ok(()),
            NetEvent::DialReached { peer, address } => self.say(&format!("reached {peer} {address}")),
            NetEvent::DialFailed { address, reason } => self.say(&format!("failed {address}: {reason}")),
            NetEvent::Clock(event) => self.say(&format!("event {event:?}")),
        }
    }

    fn ping(&mut self, peer: PeerId) {
        if (self.round_trips.len() as u32) < self.wanted {
            self.sent = self.clock.now();
            self.net.send(peer, Channel::Sync, b"ping".to_vec());
        }
    }

    fn frame(&mut self, peer: PeerId, bytes: Vec<u8>) -> io::Result<()> {
        if bytes == b"ping" {
            self.net.send(peer, Channel::Sync, b"pong".to_vec());
            return Ok(());
        }
        self.round_trips.push(self.clock.now() - self.sent);
        if self.round_trips.len() as u32 == self.wanted {
            self.round_trips.sort_unstable();
            let at =
                |share: f64| self.round_trips[((self.round_trips.len() - 1) as f64 * share) as usize] / 1_000;
            self.say(&format!("round trip us p50 {} p99 {} max {}", at(0.5), at(0.99), at(1.0)))?;
        }
        self.ping(peer);
        Ok(())
    }
}
