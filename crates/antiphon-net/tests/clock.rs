//! The clock over real links: machines whose clocks differ agree on session time, by datagrams and by streams.

mod common;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use antiphon_identity::PeerId;
use antiphon_net::{ClockPath, DatagramFaults, NetConfig};
use antiphon_timeline::SessionMap;
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
    let paths = [low.net.clock_path(high.me), high.net.clock_path(low.me)];
    assert_eq!(paths, [Some(ClockPath::Udp); 2]);
    assert_eq!(low.net.clock_counters().datagrams, DatagramFaults::default());
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

/// Nets on loopback that all know each other, each with a clock of its own.
struct Band {
    path: ClockPath,
    nets: Vec<(TestNet, Arc<SkewedClock>)>,
    errors: Vec<i64>,
}

impl Band {
    fn start(size: u8, path: ClockPath) -> Self {
        let origin = now();
        let nets = (0..size).map(|number| {
            let spread = i64::from(number);
            let clock = SkewedClock::new(origin, spread * 77_000_000_000, spread * 41_000 - 80_000);
            let config = NetConfig { clock_udp: path == ClockPath::Udp, ..config([100 + number; 32], 0) };
            (TestNet::start_with(config, clock.clone()), clock)
        });
        let mut band = Self { path, nets: nets.collect(), errors: Vec::new() };
        let everybody: BTreeSet<PeerId> = band.nets.iter().map(|(net, _)| net.me).collect();
        for index in 0..band.nets.len() {
            let (others, rest) = band.nets.split_at_mut(index);
            let [(net, _), ..] = rest else { unreachable!() };
            net.net.set_clock_members(everybody.clone());
            for (other, _) in others {
                net.net.dial(&format!("127.0.0.1:{}", other.port())).unwrap();
                net.connected();
            }
        }
        band
    }

    /// Session times of all at one instant; `None` while they are not in one timebase.
    fn look(&self) -> Option<Vec<i64>> {
        let maps: Vec<SessionMap> = self.nets.iter().map(|(net, _)| net.net.clock_map()).collect();
        let instant = now();
        let one = maps.windows(2).all(|two| two[0].timebase == two[1].timebase);
        let times = maps.iter().zip(&self.nets).map(|(map, (_, clock))| map.to_session(clock.at(instant)).0);
        one.then(|| times.collect())
    }

    fn agrees(&self) -> bool {
        let locked = self.nets.iter().all(|(net, _)| net.net.clock_is_locked());
        locked
            && self
                .look()
                .is_some_and(|times| times.iter().max().unwrap() - times.iter().min().unwrap() < 500_000)
    }

    /// Notes how far each is from the first.
    fn note(&mut self) {
        let times = self.look().expect("one timebase");
        self.errors.extend(times.iter().skip(1).map(|time| (time - times[0]).abs()));
    }

    fn report(&mut self) -> i64 {
        let everybody: Vec<PeerId> = self.nets.iter().map(|(net, _)| net.me).collect();
        for (net, _) in &self.nets {
            let paths =
                everybody.iter().filter(|peer| **peer != net.me).map(|peer| net.net.clock_path(*peer));
            assert!(paths.into_iter().all(|path| path == Some(self.path)));
        }
        self.errors.sort_unstable();
        let at = |share: f64| self.errors[((self.errors.len() - 1) as f64 * share) as usize];
        println!(
            "{} peers by {:?}: error p50 {} p99 {} max {} us",
            self.nets.len(),
            self.path,
            at(0.5) / 1_000,
            at(0.99) / 1_000,
            at(1.0) / 1_000
        );
        at(0.99)
    }
}

#[test]
fn datagrams_and_streams_both_keep_a_band_together() {
    let (size, settle, watch) =
        if std::env::var_os("ANTIPHON_LONG").is_some() { (5, 30, 120) } else { (3, 2, 3) };
    let mut bands = [ClockPath::Udp, ClockPath::Stream].map(|path| Band::start(size, path));
    let begun = now();
    while !bands.iter().all(Band::agrees) {
        assert!(begun.elapsed() < DEADLINE, "no agreement");
        bands[0].nets[0].0.next(Duration::from_millis(20));
    }
    let settled = now() + Duration::from_secs(settle);
    let until = settled + Duration::from_secs(watch);
    // Both at the same time, so that the machine's stalls meet both.
    while now() < until {
        bands[0].nets[0].0.next(Duration::from_millis(20));
        if now() > settled {
            bands.iter_mut().for_each(Band::note);
        }
    }
    for band in &mut bands {
        let p99 = band.report();
        assert!(p99 < 1_000_000, "{:?}: {p99} ns", band.path);
    }
}
