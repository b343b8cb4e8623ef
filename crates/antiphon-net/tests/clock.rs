//! The clock thread over real streams: two machines whose clocks differ agree on session time.

mod common;

use std::{collections::BTreeSet, time::Duration};

use common::{DEADLINE, SkewedClock, TestNet, ascending_seeds, config, now};

#[test]
fn two_skewed_clocks_agree_on_session_time() {
    let origin = now();
    let (low, high) = ascending_seeds();
    let low_clock = SkewedClock::new(origin, 5_000_000_000_000, 60_000);
    let high_clock = SkewedClock::new(origin, -77_000_000_000, -45_000);
    let mut low = TestNet::start_with(config(low, 0), low_clock.clone());
    let mut high = TestNet::start_with(config(high, 0), high_clock.clone());
    let port = high.port();
    low.net.dial(&format!("127.0.0.1:{port}")).unwrap();
    low.connected();
    high.connected();
    let linked = now();
    low.net.set_clock_members(BTreeSet::from([high.me]));
    high.net.set_clock_members(BTreeSet::from([low.me]));

    // Where both maps put one and the same instant.
    let error_ns = |low: &TestNet, high: &TestNet| {
        let (low_map, high_map) = (low.net.clock_map(), high.net.clock_map());
        let instant = now();
        (low_map.timebase == high_map.timebase)
            .then(|| low_map.to_session(low_clock.at(instant)) - high_map.to_session(high_clock.at(instant)))
    };
    let agreed = |low: &TestNet, high: &TestNet| {
        low.net.clock_is_locked()
            && high.net.clock_is_locked()
            && error_ns(low, high).is_some_and(|error| error.abs() < 1_000_000)
    };
    while !agreed(&low, &high) {
        assert!(linked.elapsed() < DEADLINE, "no agreement: {:?} ns", error_ns(&low, &high));
        low.next(Duration::from_millis(20));
    }
    println!("agreed {:?} after the link", linked.elapsed());

    // And it stays so, which a wrong estimate of the skew would not.
    let (mut worst, until) = (0, now() + Duration::from_secs(3));
    while now() < until {
        low.next(Duration::from_millis(20));
        high.next(Duration::from_millis(1));
        worst = worst.max(error_ns(&low, &high).expect("one timebase").abs());
    }
    println!("worst error {} us in 3 s", worst / 1_000);
    assert!(worst < 1_000_000, "{worst} ns");
    let quality = low.net.link_quality(high.me).expect("the link is measured");
    println!("{quality:?}");
    assert!(quality.bound_ns < 5_000_000);
}

#[test]
fn a_peer_that_is_no_member_moves_no_clock() {
    let origin = now();
    let (low, high) = ascending_seeds();
    let mut low = TestNet::start_with(config(low, 0), SkewedClock::new(origin, 0, 0));
    let mut high = TestNet::start_with(config(high, 0), SkewedClock::new(origin, 9_000_000_000, 0));
    let port = high.port();
    low.net.dial(&format!("127.0.0.1:{port}")).unwrap();
    low.connected();
    high.connected();
    let timebase = low.net.clock_map().timebase;
    // Only one side counts the other: its pings are dropped there.
    high.net.set_clock_members(BTreeSet::from([low.me]));
    low.net.lock_clock_now();
    low.count(Duration::from_secs(2), |_| false);
    assert_eq!(low.net.clock_map().timebase, timebase);
    assert_eq!(low.net.link_quality(high.me), None);
    assert_ne!(high.net.clock_map().timebase, timebase);
}
