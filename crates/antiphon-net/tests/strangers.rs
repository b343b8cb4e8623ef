//! Peers that are no Antiphon: raw libp2p swarms and plain sockets that send whatever they like.

mod common;

use std::{
    io::{Read, Write},
    time::Duration,
};

use antiphon_identity::{DeviceKey, PeerId};
use antiphon_net::{Channel, DialFailure, DisconnectReason, FrameError, NetEvent};
use common::{DEADLINE, TestNet, ascending_seeds};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{Multiaddr, Stream, StreamProtocol, Swarm, SwarmBuilder, noise, swarm::SwarmEvent, tcp, yamux};

const CONTROL: StreamProtocol = StreamProtocol::new("/antiphon/control/1");
const SYNC: StreamProtocol = StreamProtocol::new("/antiphon/sync/1");
const BLOB: StreamProtocol = StreamProtocol::new("/antiphon/blob/1");
const CLOCK: StreamProtocol = StreamProtocol::new("/antiphon/clock/2");
const LANES: [StreamProtocol; 4] = [CONTROL, SYNC, BLOB, CLOCK];

fn raw_swarm(mut seed: [u8; 32]) -> Swarm<libp2p_stream::Behaviour> {
    let key = libp2p::identity::Keypair::ed25519_from_bytes(&mut seed).unwrap();
    SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|_| libp2p_stream::Behaviour::new())
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(60)))
        .build()
}

/// Runs a raw libp2p peer until `act` is done with it.
fn stranger<F, Fut>(seed: [u8; 32], act: F)
where
    F: FnOnce(libp2p_stream::Control, tokio::sync::mpsc::UnboundedSender<Multiaddr>) -> Fut,
    Fut: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut swarm = raw_swarm(seed);
        let control = swarm.behaviour().new_control();
        let (dial, mut dials) = tokio::sync::mpsc::unbounded_channel();
        let drive = async {
            loop {
                tokio::select! {
                    Some(address) = dials.recv() => swarm.dial(address).unwrap(),
                    _ = swarm.select_next_some() => {}
                }
            }
        };
        tokio::select! {
            () = act(control, dial) => {}
            () = drive => {}
            () = tokio::time::sleep(DEADLINE) => panic!("the stranger is stuck"),
        }
    });
}

fn libp2p_id(seed: [u8; 32]) -> libp2p::PeerId {
    let mut key = seed;
    libp2p::identity::Keypair::ed25519_from_bytes(&mut key).unwrap().public().to_peer_id()
}

/// The first stream; connecting takes a moment.
async fn open(control: &mut libp2p_stream::Control, peer: libp2p::PeerId, lane: StreamProtocol) -> Stream {
    loop {
        match control.open_stream(peer, lane.clone()).await {
            Ok(stream) => return stream,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
    let [a, b, c, _] = (content.len() as u32).to_le_bytes();
    [&[kind, a, b, c], content].concat()
}

/// Opens a link as an Antiphon would, then lets `act` have its four streams.
async fn linked(control: &mut libp2p_stream::Control, peer: libp2p::PeerId) -> Vec<Stream> {
    let mut streams = Vec::new();
    for lane in LANES {
        let mut stream = open(control, peer, lane).await;
        stream.write_all(&frame(2, &7_u64.to_le_bytes())).await.unwrap();
        stream.flush().await.unwrap();
        streams.push(stream);
    }
    let mut accept = [0; 4];
    streams[0].read_exact(&mut accept).await.unwrap();
    assert_eq!(accept, [3, 0, 0, 0]);
    streams[0].write_all(&frame(4, &[])).await.unwrap();
    streams[0].flush().await.unwrap();
    streams
}

/// Takes streams in and says nothing on them.
async fn hold(mut incoming: libp2p_stream::IncomingStreams) {
    let mut held = Vec::new();
    while let Some(stream) = incoming.next().await {
        held.push(stream);
    }
}

/// Reads until the other side ends the stream.
async fn drained(stream: &mut Stream) {
    let mut buffer = [0; 4096];
    while matches!(stream.read(&mut buffer).await, Ok(read) if read > 0) {}
}

/// A friend can still connect and talk.
fn still_works(net: &mut TestNet) {
    let mut friend = TestNet::start([77; 32]);
    friend.net.dial(&format!("127.0.0.1:{}", net.port())).unwrap();
    assert_eq!(friend.connected(), net.me);
    assert!(friend.net.send(net.me, Channel::Sync, b"hello".to_vec()));
    let me = friend.me;
    net.wait("the friend's frame", |event| {
        matches!(event, NetEvent::Frame { peer, bytes, .. } if *peer == me && bytes == b"hello").then_some(())
    });
}

fn disconnect_reason(net: &mut TestNet, stranger: PeerId) -> DisconnectReason {
    net.wait("the stranger's end", |event| match event {
        NetEvent::Disconnected { peer, reason } if *peer == stranger => Some(reason.clone()),
        _ => None,
    })
}

#[test]
fn a_frame_that_claims_too_much_ends_its_link_with_a_reason() {
    let (low, high) = ascending_seeds();
    let mut net = TestNet::start(high);
    let address: Multiaddr = net.listening("/tcp/").parse().unwrap();
    stranger(low, |mut control, dial| async move {
        dial.send(address).unwrap();
        let mut streams = linked(&mut control, libp2p_id(high)).await;
        streams[1].write_all(&[0, 1, 0, 16]).await.unwrap();
        streams[1].flush().await.unwrap();
        drained(&mut streams[1]).await;
    });
    let reason = disconnect_reason(&mut net, DeviceKey::from_seed(&low).peer_id());
    assert_eq!(reason, DisconnectReason::Garbage(FrameError::TooLong { bytes: 1_048_577, max: 1_048_576 }));
    still_works(&mut net);
}

#[test]
fn garbage_on_any_lane_ends_its_link_with_a_reason() {
    let (low, high) = ascending_seeds();
    for lane in 0..LANES.len() {
        let mut net = TestNet::start(high);
        let address: Multiaddr = net.listening("/tcp/").parse().unwrap();
        stranger(low, |mut control, dial| async move {
            dial.send(address).unwrap();
            let mut streams = linked(&mut control, libp2p_id(high)).await;
            streams[lane].write_all(&[0xff; 64]).await.unwrap();
            streams[lane].flush().await.unwrap();
            drained(&mut streams[lane]).await;
        });
        let reason = disconnect_reason(&mut net, DeviceKey::from_seed(&low).peer_id());
        assert!(matches!(reason, DisconnectReason::Garbage(_)), "lane {lane}: {reason:?}");
        still_works(&mut net);
    }
}

#[test]
fn an_offer_of_datagrams_that_makes_no_sense_ends_its_link_with_a_reason() {
    // Version 1, no flags, a port, a mailbox, a secret; see the frame in docs/PROTOCOL.md.
    let good = [&[1, 0, 0xa2, 0x0f][..], &[7; 36]].concat();
    let twice = [frame(6, &good), frame(6, &good)].concat();
    let after_a_packet = [frame(0, &[1; 104]), frame(6, &good)].concat();
    let cases = [
        (frame(6, &good[..39]), FrameError::BadOffer),
        (frame(6, &[&[2][..], &good[1..]].concat()), FrameError::BadOffer),
        (frame(6, &[&[1, 0, 0, 0][..], &good[4..]].concat()), FrameError::BadOffer),
        (frame(6, &[0; 513]), FrameError::TooLong { bytes: 513, max: 512 }),
        (twice, FrameError::OutOfPlace),
        (after_a_packet, FrameError::OutOfPlace),
    ];
    let (low, high) = ascending_seeds();
    for (bytes, expected) in cases {
        let mut net = TestNet::start(high);
        let address: Multiaddr = net.listening("/tcp/").parse().unwrap();
        stranger(low, |mut control, dial| async move {
            dial.send(address).unwrap();
            let mut streams = linked(&mut control, libp2p_id(high)).await;
            streams[3].write_all(&bytes).await.unwrap();
            streams[3].flush().await.unwrap();
            drained(&mut streams[3]).await;
        });
        let reason = disconnect_reason(&mut net, DeviceKey::from_seed(&low).peer_id());
        assert_eq!(reason, DisconnectReason::Garbage(expected));
        still_works(&mut net);
    }
}

#[test]
fn garbage_instead_of_a_link_is_never_told_and_harms_nobody() {
    let id = |n: &u8| DeviceKey::from_seed(&[*n; 32]).peer_id();
    // Lower ids than the net's, whose streams it takes in.
    let highest = (0..=255).max_by_key(id).unwrap();
    let high = [highest; 32];
    let mut net = TestNet::start(high);
    let address: Multiaddr = net.listening("/tcp/").parse().unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for round in (0..=255).filter(|seed| *seed != highest).take(30) {
        let address = address.clone();
        let bytes: Vec<u8> = (0..200)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as u8
            })
            .collect();
        stranger([round; 32], |mut control, dial| async move {
            dial.send(address).unwrap();
            let mut stream = open(&mut control, libp2p_id(high), LANES[round as usize % 4].clone()).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
            drained(&mut stream).await;
        });
    }
    let told = |event: &NetEvent| !matches!(event, NetEvent::Listening(_) | NetEvent::Clock(_));
    assert_eq!(net.count(Duration::from_millis(200), told), 0);
    still_works(&mut net);
}

#[test]
fn a_flood_of_streams_without_a_name_harms_nobody() {
    let (low, high) = ascending_seeds();
    let mut net = TestNet::start(high);
    let address: Multiaddr = net.listening("/tcp/").parse().unwrap();
    stranger(low, |mut control, dial| async move {
        dial.send(address).unwrap();
        let mut held = vec![open(&mut control, libp2p_id(high), CONTROL).await];
        for n in 0..300 {
            let next = control.open_stream(libp2p_id(high), LANES[n % 4].clone());
            match tokio::time::timeout(Duration::from_millis(200), next).await {
                Ok(Ok(stream)) => held.push(stream),
                _ => break,
            }
        }
        assert!(held.len() < 100, "{} streams are held open", held.len());
    });
    still_works(&mut net);
}

#[test]
fn the_higher_id_cannot_open_a_link() {
    let (low, high) = ascending_seeds();
    let mut net = TestNet::start(low);
    let address: Multiaddr = net.listening("/tcp/").parse().unwrap();
    stranger(high, |mut control, dial| async move {
        // The net opens the link itself. Taking its streams and staying silent keeps the connection.
        let taken = LANES.map(|lane| tokio::spawn(hold(control.accept(lane).unwrap())));
        dial.send(address).unwrap();
        let mut streams = Vec::new();
        for lane in LANES {
            let mut stream = open(&mut control, libp2p_id(low), lane).await;
            let _ = stream.write_all(&frame(2, &u64::MAX.to_le_bytes())).await;
            let _ = stream.flush().await;
            streams.push(stream);
        }
        assert!(streams[0].read_exact(&mut [0; 4]).await.is_err(), "the net accepted our link");
        taken.iter().for_each(tokio::task::JoinHandle::abort);
    });
    assert_eq!(net.count(Duration::from_millis(50), |event| matches!(event, NetEvent::Connected { .. })), 0);
    still_works(&mut net);
}

#[test]
fn a_dial_that_finds_another_program_says_so() {
    let mut net = TestNet::start([5; 32]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let web = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 64];
        let _ = stream.read(&mut asked);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    net.net.dial(&format!("/ip4/127.0.0.1/tcp/{}", address.port())).unwrap();
    assert_eq!(net.dial_failed(), DialFailure::NotAntiphon);
    web.join().unwrap();
    still_works(&mut net);
}

#[test]
fn a_libp2p_peer_without_our_protocols_is_not_antiphon() {
    let (low, high) = ascending_seeds();
    for (stranger_seed, net_seed) in [(low, high), (high, low)] {
        let mut net = TestNet::start(net_seed);
        let (told, address) = std::sync::mpsc::channel();
        let (done, ended) = tokio::sync::oneshot::channel::<()>();
        let listening = std::thread::spawn(move || listening_stranger(stranger_seed, told, ended));
        net.net.dial(&address.recv_timeout(DEADLINE).unwrap()).unwrap();
        assert_eq!(net.dial_failed(), DialFailure::NotAntiphon);
        drop(done);
        listening.join().unwrap();
        still_works(&mut net);
    }
}

/// A libp2p peer that listens and speaks none of our protocols.
fn listening_stranger(
    seed: [u8; 32],
    told: std::sync::mpsc::Sender<String>,
    ended: tokio::sync::oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut swarm = raw_swarm(seed);
        swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
        let drive = async {
            loop {
                if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                    told.send(address.to_string()).unwrap();
                }
            }
        };
        tokio::select! {
            () = drive => {}
            _ = ended => {}
        }
    });
}
