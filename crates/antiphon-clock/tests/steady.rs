//! How well peers agree once they have settled.

use antiphon_testkit::{ClockLab, Errors, Network, PeerIndex, is_long, seed};

/// Errors of all pairs from 30 s on, over some seeds; no peer may have stepped untold.
fn settled(network: Network, peers: usize, in_order: bool) -> Errors {
    let mut errors = Errors::new();
    let (seeds, seconds) = if is_long() { (100, 600.0) } else { (20, 90.0) };
    for seed in seed(0)..seed(0) + seeds {
        let lab = ClockLab::new(seed, network);
        let mut lab = if in_order { lab.in_order() } else { lab };
        let all: Vec<PeerIndex> = (0..peers).map(|_| lab.add_peer()).collect();
        lab.connect_all();
        lab.run_for_s(30.0);
        assert!(lab.is_one_island(), "seed {seed}: not one island after 30 s");
        let steps: Vec<usize> = all.iter().map(|&peer| lab.steps(peer)).collect();
        errors.extend(&lab.measure_pairs(seconds));
        for (&peer, before) in all.iter().zip(steps) {
            assert_eq!(lab.steps(peer), before, "seed {seed}: a settled peer stepped");
            assert!(lab.untold_step_max_ns(peer) <= 2, "seed {seed}: session time stepped untold");
        }
    }
    println!("{network:?}, {peers} peers, {}: {errors}", if in_order { "stream" } else { "datagrams" });
    errors
}

#[track_caller]
fn check(network: Network, peers: usize, in_order: bool, p99_us: i64, max_us: i64) {
    let errors = settled(network, peers, in_order);
    assert!(!errors.is_empty());
    assert!(errors.quantile_ns(0.99) <= p99_us * 1000, "p99 over {p99_us} µs: {errors}");
    assert!(errors.max_ns() <= max_us * 1000, "max over {max_us} µs: {errors}");
}

#[test]
fn two_peers_on_a_lan_agree_to_fifty_microseconds() {
    check(Network::Lan, 2, false, 50, 150);
}

#[test]
fn five_peers_on_a_lan_agree_to_fifty_microseconds() {
    check(Network::Lan, 5, false, 50, 150);
}

#[test]
fn good_wifi_agrees_to_a_third_of_a_millisecond() {
    check(Network::GoodWifi, 2, false, 400, 750);
    check(Network::GoodWifi, 5, false, 350, 750);
}

#[test]
fn bad_wifi_and_the_internet_stay_near_their_asymmetry() {
    check(Network::BadWifi, 5, false, 1_250, 2_500);
    check(Network::Internet, 5, false, 3_500, 4_500);
}

#[test]
fn an_ordered_stream_is_as_good_as_datagrams() {
    check(Network::Lan, 5, true, 50, 150);
    check(Network::GoodWifi, 5, true, 350, 750);
    check(Network::BadWifi, 5, true, 1_250, 2_500);
}

#[test]
fn the_shown_bound_holds() {
    for network in Network::ALL {
        let mut lab = ClockLab::new(seed(7), network);
        let (ada, bo) = (lab.add_peer(), lab.add_peer());
        lab.connect_all();
        for _ in 0..60 {
            lab.run_for_s(1.0);
            let key = lab.key(bo);
            let Some(quality) = lab.clock(ada).quality(key).filter(|quality| quality.locked) else {
                continue;
            };
            let error_ns = lab.pair_error_ns(bo, ada);
            // The bound is of the last tick; since then the clocks have moved by 250 ms of slew.
            assert!(error_ns.abs() <= quality.bound_ns + 250_000, "{network:?}: {error_ns} of {quality:?}");
        }
        let key = lab.key(bo);
        assert!(lab.clock(ada).quality(key).is_some_and(|quality| quality.locked && quality.loss < 0.2));
    }
}

#[test]
fn a_bad_link_does_not_spoil_the_good_ones() {
    let mut wired = Errors::new();
    for seed in seed(0)..seed(0) + 20 {
        let mut lab = ClockLab::new(seed, Network::BadWifi);
        let all: Vec<PeerIndex> = (0..5).map(|_| lab.add_peer()).collect();
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            lab.connect_over(Network::Lan, all[a], all[b]);
        }
        lab.connect_all();
        lab.run_for_s(30.0);
        for _ in 0..200 {
            lab.run_for_s(0.25);
            wired.add(lab.pair_error_ns(all[0], all[1]));
        }
    }
    println!("wired pair among wireless ones: {wired}");
    assert!(wired.quantile_ns(0.99) <= 80_000, "{wired}");
}
