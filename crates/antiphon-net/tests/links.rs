//! Two nets on loopback: dialling, frames, closing, coming back.

mod common;

use std::time::Duration;

use antiphon_net::{Channel, DialFailure, DisconnectReason, FRAME_BYTES_MAX, Net, NetEvent};
use common::{DEADLINE, SkewedClock, TestNet, ascending_seeds, config, linked_pair, now};

fn numbered(n: u32, len: usize) -> Vec<u8> {
    let mut bytes = vec![n as u8; len];
    bytes[..4].copy_from_slice(&n.to_le_bytes());
    bytes
}

/// Sends `count` frames on every channel, waiting when the queue is long, and checks that they arrive in order.
fn flows(from: &TestNet, to: &mut TestNet, count: u32) {
    let lengths = [4, 100, 5_000, 70_000];
    let mut expected = [0_u32; 3];
    for n in 0..count {
        for channel in Channel::ALL {
            assert!(from.net.send(to.me, channel, numbered(n, lengths[n as usize % 4])));
        }
    }
    while expected != [count; 3] {
        let (channel, bytes) = to.frame();
        let next = &mut expected[channel as usize];
        assert_eq!(bytes, numbered(*next, lengths[*next as usize % 4]), "{channel:?}");
        *next += 1;
    }
}

#[test]
fn frames_arrive_in_order_on_three_channels_both_ways() {
    let (mut low, mut high) = linked_pair();
    flows(&low, &mut high, 200);
    flows(&high, &mut low, 200);
}

#[test]
fn the_higher_id_may_dial_and_the_lower_opens_the_link() {
    let (low, high) = ascending_seeds();
    let (mut low, mut high) = (TestNet::start(low), TestNet::start(high));
    let address = format!("127.0.0.1:{}", low.port());
    high.net.dial(&address).unwrap();
    assert_eq!(high.connected(), low.me);
    assert_eq!(low.connected(), high.me);
    let reached = high.wait("the dial's outcome", |event| match event {
        NetEvent::DialReached { peer, address } => Some((*peer, address.clone())),
        _ => None,
    });
    assert_eq!(reached, (low.me, address));
    flows(&low, &mut high, 10);
    flows(&high, &mut low, 10);
}

#[test]
fn a_link_over_quic_carries_the_same() {
    let (low, high) = ascending_seeds();
    let (mut low, mut high) = (TestNet::start(low), TestNet::start(high));
    let address = high.listening("/quic-v1");
    low.net.dial(&address).unwrap();
    let over = low.wait("a connection", |event| match event {
        NetEvent::Connected { address, .. } => Some(address.clone()),
        _ => None,
    });
    assert!(over.ends_with("/quic-v1"), "{over}");
    high.connected();
    flows(&low, &mut high, 50);
    flows(&high, &mut low, 50);
}

#[test]
fn the_longest_frame_passes_and_a_longer_one_is_refused_here() {
    let (low, mut high) = linked_pair();
    assert!(low.net.send(high.me, Channel::Blob, numbered(1, FRAME_BYTES_MAX)));
    assert_eq!(high.frame(), (Channel::Blob, numbered(1, FRAME_BYTES_MAX)));
    assert!(!low.net.send(high.me, Channel::Blob, vec![0; FRAME_BYTES_MAX + 1]));
    assert!(low.net.send(high.me, Channel::Blob, numbered(2, 4)), "the link stays");
    assert_eq!(high.frame(), (Channel::Blob, numbered(2, 4)));
}

#[test]
fn a_node_that_takes_nothing_slows_its_peer_until_it_is_dropped() {
    let (mut low, high) = linked_pair();
    let piece = vec![7; 256 * 1024];
    let until = now() + DEADLINE;
    while low.net.send(high.me, Channel::Blob, piece.clone()) {
        assert!(now() < until, "the queue never filled");
    }
    assert_eq!(low.disconnected(), DisconnectReason::TooSlow);
}

#[test]
fn closing_on_purpose_is_told_once_to_both_and_nobody_redials() {
    for dialler_closes in [true, false] {
        let (mut low, mut high) = linked_pair();
        assert!(low.net.send(high.me, Channel::Sync, vec![1]));
        high.frame();
        let (closes, hears) = if dialler_closes { (&mut low, &mut high) } else { (&mut high, &mut low) };
        closes.net.close(hears.me);
        assert_eq!(closes.disconnected(), DisconnectReason::Closed);
        assert_eq!(hears.disconnected(), DisconnectReason::ClosedByPeer);
        assert!(!closes.net.send(hears.me, Channel::Sync, vec![1]), "a closed peer takes nothing");
        let connections = |event: &NetEvent| matches!(event, NetEvent::Connected { .. });
        assert_eq!(closes.count(Duration::from_millis(700), connections), 1);
        assert_eq!(hears.count(Duration::from_millis(1), connections), 1);
        // But a person may dial again at once.
        let port = high.port();
        low.net.dial(&format!("127.0.0.1:{port}")).unwrap();
        low.connected();
        high.connected();
    }
}

#[test]
fn a_farewell_is_heard_although_all_streams_end() {
    for round in 0..20 {
        let (low, mut high) = linked_pair();
        low.net.close(high.me);
        assert_eq!(high.disconnected(), DisconnectReason::ClosedByPeer, "round {round}");
    }
}

#[test]
fn a_peer_that_restarts_on_its_port_is_found_again() {
    for restarts_lower in [true, false] {
        let (low, high) = ascending_seeds();
        let (seed, other) = if restarts_lower { (low, high) } else { (high, low) };
        let mut stays = TestNet::start(other);
        let mut restarts = TestNet::start(seed);
        let port = restarts.port();
        stays.net.dial(&format!("127.0.0.1:{port}")).unwrap();
        stays.connected();
        restarts.connected();
        restarts.net.shutdown();
        assert_eq!(stays.disconnected(), DisconnectReason::Left);
        drop(restarts);
        let mut again = TestNet::start_with(config(seed, port), SkewedClock::new(now(), 0, 0));
        let started = now();
        assert_eq!(stays.connected(), again.me);
        assert_eq!(again.connected(), stays.me);
        println!("back {:?} after its restart (lower: {restarts_lower})", started.elapsed());
        flows(&stays, &mut again, 10);
        flows(&again, &mut stays, 10);
    }
}

#[test]
fn two_peers_that_dial_each_other_at_once_have_one_link() {
    for round in 0..8 {
        let (low, high) = ascending_seeds();
        let (mut low, mut high) = (TestNet::start(low), TestNet::start(high));
        let (to_low, to_high) = (format!("127.0.0.1:{}", low.port()), format!("127.0.0.1:{}", high.port()));
        low.net.dial(&to_high).unwrap();
        high.net.dial(&to_low).unwrap();
        low.connected();
        high.connected();
        flows(&low, &mut high, 5);
        flows(&high, &mut low, 5);
        for side in [&mut low, &mut high] {
            let links = side.count(Duration::from_millis(50), |event| {
                matches!(event, NetEvent::Connected { .. } | NetEvent::Disconnected { .. })
            });
            assert_eq!(links, 1, "round {round}");
        }
    }
}

#[test]
fn dialling_a_friend_who_is_here_changes_nothing() {
    let (mut low, mut high) = linked_pair();
    let (to_low, to_high) = (format!("127.0.0.1:{}", low.port()), format!("127.0.0.1:{}", high.port()));
    let reached = |event: &NetEvent| matches!(event, NetEvent::DialReached { .. }).then_some(());
    low.net.dial(&to_high).unwrap();
    low.wait("the first dial's outcome", reached);
    low.net.dial(&to_high).unwrap();
    low.wait("the second dial's outcome", reached);
    high.net.dial(&to_low).unwrap();
    high.wait("the other side's outcome", reached);
    flows(&low, &mut high, 20);
    flows(&high, &mut low, 20);
    for side in [&mut low, &mut high] {
        let changes = side.count(Duration::from_millis(100), |event| {
            matches!(event, NetEvent::Connected { .. } | NetEvent::Disconnected { .. })
        });
        assert_eq!(changes, 1);
    }
}

#[test]
fn a_dial_that_leads_nowhere_says_why() {
    let mut net = TestNet::start([5; 32]);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    net.net.dial(&format!("/ip4/127.0.0.1/tcp/{}", free.port())).unwrap();
    assert_eq!(net.dial_failed(), DialFailure::Refused);
    net.net.dial(&free.to_string()).unwrap();
    assert_eq!(net.dial_failed(), DialFailure::Refused, "TCP's answer is told, not QUIC's silence");
    let own = format!("127.0.0.1:{}", net.port());
    net.net.dial(&own).unwrap();
    assert_eq!(net.dial_failed(), DialFailure::Myself);
    assert!(net.net.dial("friend").unwrap_err().to_string().contains("expected one like"));
}

#[test]
fn a_port_in_use_is_one_clear_error() {
    let mut first = TestNet::start([5; 32]);
    let port = first.port();
    first.listening("/quic-v1");
    let clock = SkewedClock::new(now(), 0, 0);
    let error = Net::start(config([6; 32], port), clock, Box::new(|_| {})).err().expect("the port is taken");
    assert!(error.to_string().starts_with(&format!("cannot listen on port {port}: ")), "{error}");
}

#[test]
fn a_dropped_handle_ends_the_net() {
    let (mut low, high) = linked_pair();
    drop(high);
    assert_eq!(low.disconnected(), DisconnectReason::Left);
}
