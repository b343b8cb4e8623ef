//! Partitions, sleep, broken clocks, liars and forged packets.

use antiphon_clock::{ClockConfig, ClockEvent, ClockPeer};
use antiphon_testkit::{ClockLab, Network, PeerIndex, SeededRng, is_long, seed};
use antiphon_timeline::HostTime;

fn lab_of(peers: usize, seed: u64, network: Network) -> (ClockLab, Vec<PeerIndex>) {
    let mut lab = ClockLab::new(seed, network);
    let all: Vec<PeerIndex> = (0..peers).map(|_| lab.add_peer()).collect();
    lab.connect_all();
    lab.run_for_s(40.0);
    assert!(lab.is_one_island(), "seed {seed}: not one island at first");
    (lab, all)
}

fn seeds() -> std::ops::Range<u64> {
    seed(200)..seed(200) + if is_long() { 100 } else { 10 }
}

#[test]
fn a_healed_partition_comes_together_without_a_step() {
    for seed in seeds() {
        let (mut lab, all) = lab_of(6, seed, Network::Lan);
        let steps: Vec<usize> = all.iter().map(|&peer| lab.steps(peer)).collect();
        lab.part(&all[..3]);
        lab.run_for_s(600.0);
        let apart_ns = lab.spread_ns();
        lab.heal();
        let healed = lab.run_until(15.0, |lab| lab.spread_ns() < 200_000);
        println!("seed {seed}: {apart_ns} ns apart, together after {healed:?} s");
        assert!(healed.is_some(), "seed {seed}: {} ns apart after 15 s", lab.spread_ns());
        for (&peer, before) in all.iter().zip(&steps) {
            assert_eq!(lab.steps(peer), *before, "seed {seed}: a peer stepped");
            assert!(lab.untold_step_max_ns(peer) <= 2, "seed {seed}: session time stepped untold");
        }
    }
}

#[test]
fn a_peer_that_slept_is_back_within_a_second_and_the_others_stay() {
    for seed in seeds() {
        let (mut lab, all) = lab_of(4, seed, Network::GoodWifi);
        let steps: Vec<usize> = all[1..].iter().map(|&peer| lab.steps(peer)).collect();
        lab.sleep(all[0]);
        lab.run_for_s(30.0);
        lab.wake(all[0], 30_000_000_000);
        assert!(!lab.is_locked(all[0]));
        let back = lab.run_until(5.0, |lab| lab.is_one_island() && lab.spread_ns() < 1_000_000);
        println!("seed {seed}: back after {back:?} s");
        assert!(back.is_some_and(|seconds| seconds < 1.0), "seed {seed}: {back:?}");
        lab.run_for_s(10.0);
        assert!(lab.spread_ns() < 1_000_000, "seed {seed}");
        let now: Vec<usize> = all[1..].iter().map(|&peer| lab.steps(peer)).collect();
        assert_eq!(now, steps, "seed {seed}: the others stepped");
    }
}

#[test]
fn a_clock_step_nobody_noticed_is_proved_and_mended() {
    for seed in seeds() {
        for step_ns in [20_000_000, -3_000_000_000] {
            let (mut lab, all) = lab_of(4, seed, Network::Lan);
            lab.step_clock(all[2], step_ns);
            let mended = lab.run_until(5.0, |lab| lab.is_one_island() && lab.spread_ns() < 1_000_000);
            assert!(mended.is_some(), "seed {seed}, step {step_ns}: {} ns apart", lab.spread_ns());
            let told = lab.events(all[2]).iter().any(|(_, event)| *event == ClockEvent::ClockStepped);
            assert!(told, "seed {seed}, step {step_ns}: not told");
            for peer in [all[0], all[1], all[3]] {
                let blamed = lab.events(peer).iter().any(|(_, event)| *event == ClockEvent::ClockStepped);
                assert!(!blamed, "seed {seed}, step {step_ns}: another peer thinks it was itself");
            }
        }
    }
}

#[test]
fn two_peers_mend_a_step_as_well() {
    for seed in seeds() {
        for step_ns in [20_000_000, 700_000_000] {
            let (mut lab, all) = lab_of(2, seed, Network::Lan);
            lab.step_clock(all[1], step_ns);
            let mended = lab.run_until(20.0, |lab| lab.spread_ns() < 1_000_000);
            assert!(mended.is_some(), "seed {seed}, step {step_ns}: {} ns apart", lab.spread_ns());
        }
    }
}

#[test]
fn the_founder_leaving_changes_nothing() {
    for seed in seeds() {
        let mut lab = ClockLab::new(seed, Network::Lan);
        let founder = lab.add_peer();
        lab.run_for_s(10.0);
        let rest: Vec<PeerIndex> = (0..3).map(|_| lab.add_peer()).collect();
        lab.connect_all();
        lab.run_for_s(40.0);
        let (timebase, steps) = (lab.timebase(founder), lab.steps(rest[0]));
        lab.leave(founder);
        let errors = lab.measure_pairs(20.0);
        assert!(errors.max_ns() < 150_000, "seed {seed}: {errors}");
        assert_eq!((lab.timebase(rest[0]), lab.steps(rest[0])), (timebase, steps), "seed {seed}");
    }
}

#[test]
fn forged_packets_are_counted_and_change_nothing() {
    let (mut lab, all) = lab_of(3, seed(5), Network::Lan);
    let mut rng = SeededRng::new(5);
    let (friend, stranger) = (lab.key(all[1]), [0xee; 32]);
    let host = lab.host_time(all[0]);
    let before = lab.clock(all[0]).map();
    for length in 0..200_usize {
        let bytes: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
        lab.clock(all[0]).handle_packet(friend, host, &bytes);
        lab.clock(all[0]).handle_packet(stranger, host, &bytes);
    }
    let faults = lab.clock(all[0]).faults();
    assert_eq!((faults.malformed, faults.unknown), (200, 200));
    assert_eq!(lab.clock(all[0]).map(), before);
    let errors = lab.measure_pairs(10.0);
    assert!(errors.max_ns() < 150_000, "{errors}");
}

#[test]
fn any_packet_at_any_time_is_harmless() {
    let mut rng = SeededRng::new(seed(6));
    for _ in 0..30 {
        let mut clock = ClockPeer::new([1; 32], ClockConfig::default(), rng.next_u64(), HostTime(0));
        let mut now = HostTime(0);
        (2..5).for_each(|n| {
            clock.peer_up([n; 32], now);
        });
        for _ in 0..500 {
            now = now + rng.below(200_000_000) as i64;
            clock.handle_timeout(now);
            let Some(mut transmit) = clock.poll_transmit() else { continue };
            // A peer's own packet thrown back with some bytes changed is nearly always well formed.
            for _ in 0..rng.below(4) {
                let place = 2 + rng.below(72);
                let value = *rng.pick(&[0, 1, 0x7f, 0x80, 0xff]).unwrap();
                transmit.bytes[place] = value;
            }
            let from = [2 + rng.below(3) as u8; 32];
            let received = HostTime(*rng.pick(&[now.0, 0, i64::MAX, i64::MIN]).unwrap());
            clock.handle_packet(from, received, &transmit.bytes);
            assert!(clock.map().rate_ppb.abs() <= 3_250_000);
        }
    }
}

/// Sends packets whose announced session time is off, as a lying peer would.
#[test]
fn one_liar_among_five_pulls_nobody_apart() {
    for seed in seeds() {
        let (mut lab, all) = lab_of(5, seed, Network::Lan);
        // A clock that runs 400 ppm fast and is never mended lies about everything all the time.
        lab.crystal(all[4]).set_error_ppm(600.0);
        lab.run_for_s(20.0);
        let mut worst_ns = 0;
        for _ in 0..40 {
            lab.run_for_s(0.5);
            let honest: Vec<i64> = all[..4].iter().map(|&peer| lab.session(peer).0).collect();
            worst_ns = worst_ns.max(honest.iter().max().unwrap() - honest.iter().min().unwrap());
        }
        assert!(worst_ns < 150_000, "seed {seed}: honest peers {worst_ns} ns apart");
    }
}

#[test]
fn links_are_bounded() {
    let mut clock = ClockPeer::new([1; 32], ClockConfig::default(), 1, HostTime(0));
    let up = (0..200_u8).filter(|n| clock.peer_up([*n; 32], HostTime(0))).count();
    assert_eq!(up, antiphon_clock::LINKS_MAX);
    for second in 0..100 {
        clock.handle_timeout(HostTime(second * 1_000_000_000));
    }
    let waiting = std::iter::from_fn(|| clock.poll_transmit()).count();
    assert!(waiting <= 4 * antiphon_clock::LINKS_MAX, "{waiting} packets wait");
}
