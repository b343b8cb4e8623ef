//! What can be relied on in a simulated room.

use antiphon_clock::wire::Packet;
use antiphon_testkit::{ClockLab, Departures, Lie, Method, Network, Room, follow};

#[test]
fn the_same_seed_gives_the_same_story_to_the_nanosecond() {
    let story = || {
        let mut lab = ClockLab::new(7, Network::BadWifi);
        lab.add_peers(4);
        lab.run_for_s(20.0);
        (lab.awake().into_iter().map(|peer| lab.session(peer)).collect::<Vec<_>>(), lab.traffic())
    };
    assert_eq!(story(), story());
}

#[test]
fn looking_changes_nothing() {
    let end = |look_s: f64| {
        let mut lab = ClockLab::new(8, Network::GoodWifi);
        let all = lab.add_peers(3);
        for _ in 0..(20.0 / look_s) as usize {
            lab.run_for_s(look_s);
            lab.spread_ns();
        }
        lab.session(all[2]).0
    };
    // Session time is rounded from where the crystal was read last.
    assert!((end(20.0) - end(0.5)).abs() <= 2_000, "{} {}", end(20.0), end(0.5));
}

#[test]
fn a_newcomer_changes_no_crystal_and_no_link_of_the_others() {
    let settled = |newcomer: bool| {
        let mut lab = ClockLab::new(9, Network::Internet);
        let all = lab.add_peers(3);
        lab.run_for_s(10.0);
        if newcomer {
            lab.add_peer();
        }
        lab.run_for_s(10.0);
        all.iter().map(|&peer| lab.session(peer)).collect::<Vec<_>>()
    };
    assert_eq!(settled(false), settled(true), "it is connected to nobody");
}

#[test]
fn a_way_is_the_other_ways_way_back() {
    let room = Room::from(Network::Internet);
    let (mut there, _) = room.ways(3, 1, 0);
    let (_, mut back) = room.ways(3, 0, 1);
    assert_eq!(
        (0..100).map(|n| there.send(n)).collect::<Vec<_>>(),
        (0..100).map(|n| back.send(n)).collect::<Vec<_>>()
    );
}

#[test]
fn doubled_and_replayed_packets_are_counted_and_harmless() {
    let room = Room { doubled: 0.5, ..Network::Lan.into() };
    let mut lab = ClockLab::new(1, room);
    let all = lab.add_peers(3);
    lab.run_for_s(20.0);
    let stale = lab.clock(all[0]).faults().stale;
    assert!(stale > 0, "half of the packets came twice and nobody noticed");
    lab.replay(0.1);
    let errors = lab.measure_pairs(10.0);
    assert!(lab.clock(all[0]).faults().stale > stale && errors.max_ns() < 150_000, "{errors}");
}

#[test]
fn a_cable_among_wireless_peers_is_a_cable() {
    let room = Room { wired: 2, ..Network::BadWifi.into() };
    let fastest = |a, b| {
        let (mut way, _) = room.ways(4, a, b);
        (0..50)
            .filter_map(|n| match way.send(n * 1_000_000) {
                antiphon_testkit::Delay::After(ns) => Some(ns),
                antiphon_testkit::Delay::Lost => None,
            })
            .min()
    };
    assert!(fastest(0, 1).unwrap() < 300_000 && fastest(0, 2).unwrap() > 600_000);
}

#[test]
fn a_late_departure_is_in_the_error_unless_it_is_told() {
    let p99 = |departures| {
        let mut lab = ClockLab::new(5, Room { departures, ..Network::Lan.into() });
        lab.add_peers(2);
        lab.run_for_s(30.0);
        lab.measure_pairs(120.0).quantile_ns(0.99)
    };
    let [late, told] = [Departures::Late, Departures::LateAndTold].map(p99);
    assert!(told < late, "{told} ns told, {late} ns not");
}

#[test]
fn every_lie_is_a_packet_that_is_read_as_one() {
    for lie in Lie::ALL {
        let mut lab = ClockLab::new(6, Network::Lan);
        let all = lab.add_peers(2);
        lab.lie(all[1], lie);
        lab.run_for_s(3.0);
        assert_eq!(lab.clock(all[0]).faults().malformed, 0, "{lie:?}");
    }
}

#[test]
fn a_tampered_packet_is_the_one_that_arrives() {
    let mut lab = ClockLab::new(6, Network::Lan);
    let all = lab.add_peers(2);
    lab.tamper(all[1], |bytes, _| {
        assert!(Packet::decode(bytes).is_some());
        bytes[0] = 0;
    });
    lab.run_for_s(3.0);
    assert!(lab.clock(all[0]).faults().malformed > 10);
}

#[test]
fn a_follower_has_the_crystal_that_our_peer_has() {
    // Two crystals part by as much whoever measures them: the one frozen offset shows it.
    let seconds = 100.0;
    let frozen = follow(Method::LinkOnce, 11, Network::Lan.into(), 2, 0.0, seconds).errors.max_ns();
    let mut lab = ClockLab::new(11, Network::Lan);
    let (a, b) = (lab.add_peer(), lab.add_peer());
    let before = lab.host_time(a).0 - lab.host_time(b).0;
    lab.run_for_s(seconds);
    let parted = (lab.host_time(a).0 - lab.host_time(b).0 - before).abs();
    assert!((frozen - parted).abs() < 300_000, "{frozen} and {parted} ns");
}
