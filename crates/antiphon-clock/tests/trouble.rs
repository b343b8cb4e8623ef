//! Partitions, sleep, broken clocks, liars and forged packets.

use antiphon_clock::{ClockConfig, ClockEvent, ClockPeer, Suspicion};
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
                let place = 2 + rng.below(100);
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

/// Neither speed is one that a crystal can have.
#[test]
fn a_clock_at_double_or_half_speed_is_told_counted_and_moves_nobody() {
    for (friends, ppm) in [(1, 1e6), (1, -5e5), (4, 1e6), (4, -5e5), (15, 1e6)] {
        for seed in seeds() {
            let (mut lab, honest) = lab_of(friends, seed, Network::Lan);
            let wrong = lab.add_peer();
            lab.crystal(wrong).set_error_ppm(ppm);
            lab.connect_all();
            let before: Vec<_> = honest.iter().map(|&peer| (lab.steps(peer), lab.timebase(peer))).collect();
            lab.run_for_s(10.0);
            let key = lab.key(wrong);
            let case = format!("{friends} friends, {ppm} ppm, seed {seed}");
            for (&peer, before) in honest.iter().zip(before) {
                let told = ClockEvent::PeerSuspect { peer: key, why: Suspicion::Runaway };
                let asked = lab.clock(peer).partners().any(|partner| partner == key);
                if friends <= 4 {
                    assert!(lab.events(peer).iter().any(|(_, event)| *event == told), "{case}: not told");
                    assert_eq!(lab.clock(peer).suspicion(key), Some(Suspicion::Runaway), "{case}");
                    assert!(lab.clock(peer).faults().disbelieved > 10, "{case}: not counted");
                    let shown = lab.clock(peer).quality(key).expect("a suspect is shown");
                    let drift_ppm = shown.drift_ppb as f64 / 1e3;
                    assert!(!shown.locked && (drift_ppm / ppm - 1.0).abs() < 0.05, "{case}: {shown:?}");
                } else {
                    assert!(!asked || lab.clock(peer).suspicion(key).is_some(), "{case}: not told");
                }
                assert_eq!((lab.steps(peer), lab.timebase(peer)), before, "{case}: moved");
                assert!(lab.untold_step_max_ns(peer) <= 2, "{case}");
                let blamed = lab.events(peer).iter().any(|(_, event)| *event == ClockEvent::ClockStepped);
                assert!(!blamed, "{case}: an honest peer thinks it was itself");
            }
        }
    }
}

/// Where a packet carries its sender's session time.
const SESSION_AT: std::ops::Range<usize> = 56..64;

fn shift_session(packet: &mut [u8], ns: i64) {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&packet[SESSION_AT]);
    packet[SESSION_AT].copy_from_slice(&i64::from_le_bytes(bytes).wrapping_add(ns).to_le_bytes());
}

#[test]
fn one_liar_among_five_moves_nobody_far() {
    let lies: [fn(&mut [u8], PeerIndex); 4] = [
        |packet, _| shift_session(packet, 30_000_000),
        |packet, _| shift_session(packet, 500_000),
        |packet, _| shift_session(packet, 5_000_000_000),
        // Two faces: early to one half, late to the other.
        |packet, to| shift_session(packet, if to.0 % 2 == 0 { 2_000_000 } else { -2_000_000 }),
    ];
    for (nth, lie) in lies.into_iter().enumerate() {
        for seed in seeds() {
            let (mut lab, all) = lab_of(5, seed, Network::Lan);
            lab.tamper(all[4], lie);
            let mut worst_ns = 0;
            for _ in 0..80 {
                lab.run_for_s(0.5);
                let honest = all[..4].iter().map(|&peer| lab.session(peer).0);
                let honest: Vec<i64> = honest.collect();
                worst_ns = worst_ns.max(honest.iter().max().unwrap() - honest.iter().min().unwrap());
            }
            assert!(worst_ns < 150_000, "lie {nth}, seed {seed}: honest peers {worst_ns} ns apart");
            assert!(all[..4].iter().all(|&peer| lab.untold_step_max_ns(peer) <= 2));
        }
    }
}

#[test]
fn a_newcomer_is_not_followed_before_it_has_settled() {
    let mut lab = ClockLab::new(seed(8), Network::Lan);
    let founder = lab.add_peer();
    lab.run_for_s(10.0);
    let map = lab.clock(founder).map();
    let newcomer = lab.add_peer();
    lab.tamper(newcomer, |packet, _| shift_session(packet, 2_000_000));
    lab.connect(founder, newcomer);
    lab.run_for_s(3.0);
    assert!(lab.is_one_island());
    let moved_ns = lab.session(founder) - map.to_session(lab.host_time(founder));
    assert!(moved_ns.abs() < 1_000, "moved by {moved_ns} ns");
    lab.run_for_s(3.0);
    let moved_ns = lab.session(founder) - map.to_session(lab.host_time(founder));
    assert!(moved_ns > 100_000, "of two, nobody can tell who lies: {moved_ns} ns");
}

#[test]
fn after_a_parting_too_long_to_steer_the_smaller_part_steps() {
    for seed in seeds() {
        let (mut lab, all) = lab_of(6, seed, Network::Lan);
        let (large, small) = all.split_at(4);
        lab.part(small);
        small.iter().for_each(|&peer| lab.crystal(peer).set_error_ppm(500.0));
        lab.run_for_s(600.0);
        assert!(lab.spread_ns() > 100_000_000, "seed {seed}: only {} ns apart", lab.spread_ns());
        lab.heal();
        let together = lab.run_until(10.0, |lab| lab.spread_ns() < 2_000_000);
        assert!(together.is_some(), "seed {seed}: {} ns apart after 10 s", lab.spread_ns());
        assert!(large.iter().all(|&peer| lab.steps(peer) <= 1), "seed {seed}: the larger part stepped");
        assert!(small.iter().all(|&peer| lab.steps(peer) >= 1), "seed {seed}: the smaller part did not");
    }
}

#[test]
fn coming_and_going_disturbs_nobody_who_is_settled() {
    for seed in seeds() {
        let (mut lab, mut all) = lab_of(4, seed, Network::Lan);
        let mut worst_ns = 0;
        for _ in 0..6 {
            lab.leave(all.remove(0));
            let settled = all.clone();
            let joiner = lab.add_peer();
            settled.iter().for_each(|&peer| lab.connect(joiner, peer));
            all.push(joiner);
            for _ in 0..24 {
                lab.run_for_s(0.25);
                let times: Vec<i64> = settled.iter().map(|&peer| lab.session(peer).0).collect();
                worst_ns = worst_ns.max(times.iter().max().unwrap() - times.iter().min().unwrap());
            }
        }
        assert!(worst_ns < 250_000, "seed {seed}: settled peers {worst_ns} ns apart");
    }
}

#[test]
fn links_are_bounded() {
    let mut clock = ClockPeer::new([1; 32], ClockConfig::default(), 1, HostTime(0));
    let up = (0..500_u16)
        .filter(|n| {
            clock.peer_up([[*n as u8; 16], [(*n >> 8) as u8; 16]].concat().try_into().unwrap(), HostTime(0))
        })
        .count();
    assert_eq!(up, antiphon_clock::PEERS_KNOWN_MAX);
    for second in 0..100 {
        clock.handle_timeout(HostTime(second * 1_000_000_000));
    }
    let waiting = std::iter::from_fn(|| clock.poll_transmit()).count();
    assert!(waiting <= 2 * antiphon_clock::PEERS_KNOWN_MAX, "{waiting} packets wait");
}
