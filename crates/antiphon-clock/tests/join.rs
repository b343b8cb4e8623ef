//! Newcomers and meetings of islands.

use antiphon_clock::{ClockConfig, ClockEvent, ClockPeer};
use antiphon_testkit::{ClockLab, Errors, Network, PeerIndex, is_long, seed};
use antiphon_timeline::HostTime;

fn trials() -> std::ops::Range<u64> {
    seed(100)..seed(100) + if is_long() { 200 } else { 30 }
}

/// `peers` that have played together for `seconds`.
fn island(lab: &mut ClockLab, peers: usize, seconds: f64) -> Vec<PeerIndex> {
    let all: Vec<PeerIndex> = (0..peers).map(|_| lab.add_peer()).collect();
    for (nth, &a) in all.iter().enumerate() {
        all[..nth].iter().for_each(|&b| lab.connect(a, b));
    }
    lab.run_for_s(seconds);
    all
}

#[test]
fn a_peer_alone_locks_after_its_wait() {
    let second = 1_000_000_000;
    let mut clock = ClockPeer::new([1; 32], ClockConfig::default(), 1, HostTime(5 * second));
    while let Some(at) = clock.poll_timeout().filter(|_| !clock.is_locked()) {
        clock.handle_timeout(at);
        assert!(at.0 - 5 * second <= 850_000_000, "still unlocked {at:?}");
    }
    assert_eq!(clock.poll_event(), Some(ClockEvent::Locked));
    assert_eq!(clock.map().to_session(HostTime(7 * second)).0, 2 * second);
}

#[test]
fn a_peer_alone_can_play_at_once() {
    let mut clock = ClockPeer::new([1; 32], ClockConfig::default(), 1, HostTime(0));
    clock.lock_now(HostTime(0));
    clock.lock_now(HostTime(1));
    assert!(clock.is_locked());
    assert_eq!((clock.poll_event(), clock.poll_event()), (Some(ClockEvent::Locked), None));
}

/// A newcomer to four: how long until it is locked and right to `limit_us`, its error at the lock, and
/// how far the others' mean moved, against what they do in a twin lab without it.
fn join(network: Network, limit_us: i64) -> (Errors, Errors, usize) {
    let (mut times, mut errors, mut moved) = (Errors::new(), Errors::new(), 0);
    for seed in trials() {
        let mut lab = ClockLab::new(seed, network);
        let all = island(&mut lab, 4, 40.0);
        let steps: Vec<usize> = all.iter().map(|&peer| lab.steps(peer)).collect();
        let timebase = lab.timebase(all[0]);
        let joiner = lab.add_peer();
        all.iter().for_each(|&peer| lab.connect(joiner, peer));
        let joined = lab.run_until(10.0, |lab| {
            let error_ns = lab.pair_error_ns(joiner, all[0]).abs();
            lab.is_locked(joiner) && lab.timebase(joiner) == timebase && error_ns < limit_us * 1000
        });
        times.add(joined.map_or(i64::MAX, |seconds| (seconds * 1e9) as i64));
        errors.add(lab.pair_error_ns(joiner, all[0]));
        lab.run_for_s(5.0);
        moved += all.iter().zip(steps).filter(|&(&peer, before)| lab.steps(peer) != before).count();
    }
    println!("{network:?}: joined after {times}, error then {errors}, {moved} others moved");
    (times, errors, moved)
}

#[track_caller]
fn check_join(network: Network, limit_us: i64, within_ms: i64) {
    let (times, _, moved) = join(network, limit_us);
    assert!(times.quantile_ns(0.99) <= within_ms * 1_000_000, "{network:?}: {times}");
    assert_eq!(moved, 0, "{network:?}: a joiner moved established peers");
}

#[test]
fn a_joiner_is_right_within_half_a_second_and_moves_nobody() {
    check_join(Network::Lan, 1000, 200);
    check_join(Network::GoodWifi, 1000, 500);
    check_join(Network::BadWifi, 2000, 700);
    check_join(Network::Internet, 5000, 700);
}

/// Session time of four peers 10 s after a fifth joined, or did not.
fn ten_seconds_later(seed: u64, network: Network, joins: bool) -> Vec<i64> {
    let mut lab = ClockLab::new(seed, network);
    let all = island(&mut lab, 4, 40.0);
    if joins {
        let joiner = lab.add_peer();
        all.iter().for_each(|&peer| lab.connect(joiner, peer));
    }
    lab.run_for_s(10.0);
    all.iter().map(|&peer| lab.session(peer).0).collect()
}

#[track_caller]
fn check_pull(network: Network, limit_us: i64) {
    let mut pulls = Errors::new();
    for seed in trials() {
        let (with, without) =
            (ten_seconds_later(seed, network, true), ten_seconds_later(seed, network, false));
        let pulled_ns: i64 = with.iter().zip(&without).map(|(with, without)| with - without).sum();
        pulls.add(pulled_ns / 4);
    }
    println!("{network:?}: the four's mean was pulled by {pulls}");
    assert!(pulls.quantile_ns(0.99) <= limit_us * 1000, "{network:?}: {pulls}");
}

#[test]
fn a_joiner_does_not_pull_the_others() {
    check_pull(Network::Lan, 60);
    check_pull(Network::GoodWifi, 100);
    check_pull(Network::BadWifi, 200);
}

#[test]
fn peers_that_start_together_find_one_time() {
    for network in [Network::Lan, Network::GoodWifi, Network::BadWifi] {
        for seed in trials() {
            let mut lab = ClockLab::new(seed, network);
            (0..5).for_each(|_| {
                lab.add_peer();
            });
            lab.connect_all();
            let found = lab.run_until(6.0, |lab| lab.is_one_island());
            assert!(found.is_some(), "{network:?}, seed {seed}: not one island after 6 s");
            lab.run_for_s(10.0);
            assert!(lab.is_one_island(), "{network:?}, seed {seed}: fell apart again");
        }
    }
}

#[test]
fn when_sessions_meet_the_larger_one_does_not_move() {
    for (many, few) in [(4, 2), (3, 1), (5, 3)] {
        for seed in trials() {
            let mut lab = ClockLab::new(seed, Network::GoodWifi);
            let small = island(&mut lab, few, 20.0);
            let large = island(&mut lab, many, 20.0);
            let timebase = lab.timebase(large[0]);
            let steps: Vec<usize> = large.iter().map(|&peer| lab.steps(peer)).collect();
            lab.connect_all();
            let merged = lab.run_until(6.0, |lab| lab.is_one_island());
            assert!(merged.is_some(), "{many} and {few}, seed {seed}: not merged after 6 s");
            lab.run_for_s(10.0);
            assert_eq!(lab.timebase(small[0]), timebase, "{many} and {few}, seed {seed}");
            let now: Vec<usize> = large.iter().map(|&peer| lab.steps(peer)).collect();
            assert_eq!(now, steps, "{many} and {few}, seed {seed}: the larger island moved");
        }
    }
}

#[test]
fn islands_joined_by_one_link_become_one() {
    let mut lab = ClockLab::new(seed(3), Network::Lan);
    let large = island(&mut lab, 4, 10.0);
    let small = island(&mut lab, 2, 10.0);
    lab.connect(large[0], small[0]);
    let merged = lab.run_until(30.0, |lab| lab.is_one_island());
    assert!(merged.is_some(), "still two islands after 30 s");
    assert!(large.iter().all(|&peer| lab.steps(peer) <= 1), "the larger island moved");
}
