//! The bar: two peers on cards that disagree by 200 ppm sound each click within 0.2 ms of each other.

mod common;

use antiphon_audio_io::{CardSpec, VirtualRoom};
use common::{Peer, SECOND, differences_ms, run, summary_us};

fn minutes() -> i64 {
    if antiphon_testkit::is_long() { 60 } else { 10 }
}

/// A deterministic number in -1..1 that looks random.
fn wobble(n: i64) -> f64 {
    let mixed = n
        .cast_unsigned()
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .rotate_left(31)
        .wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[test]
fn two_peers_sound_every_click_once_and_within_a_fifth_of_a_millisecond() {
    let mut room = VirtualRoom::new();
    let mut peers = [
        Peer::join(&mut room, 123 * SECOND, 30.0, CardSpec::consumer(100.0, 11)),
        Peer::join(&mut room, -7 * SECOND + 12_345, -45.0, CardSpec::consumer(-100.0, 22)),
    ];
    let settled = 5 * SECOND;
    run(&mut room, &mut peers, minutes() * 60 * SECOND, |now, peers| {
        if now % (SECOND / 4) == 0 {
            for (who, peer) in peers.iter().enumerate() {
                peer.steer(now, (5_000.0 * wobble(now + who as i64)) as i64);
            }
        }
    });
    let [ada, bo] = &peers;
    let clicks = (minutes() * 60 - 5) * 8 - 1;
    for peer in &peers {
        let errors = peer.errors_ms(settled);
        assert!(errors.len() as i64 >= clicks, "{} of {clicks}", errors.len());
        assert_eq!(peer.output.status().lost, None);
    }
    let [p50, p99, worst] = summary_us(&differences_ms(ada, bo, settled));
    println!(
        "onset difference over {} min: p50 {p50:.1} us, p99 {p99:.1} us, worst {worst:.1} us",
        minutes()
    );
    let [p50, p99, worst] = summary_us(&ada.errors_ms(settled));
    println!("one peer against session time: p50 {p50:.1} us, p99 {p99:.1} us, worst {worst:.1} us");
    let [_, p99, worst] = summary_us(&differences_ms(ada, bo, settled));
    assert!(p99 <= 200.0 && worst <= 1_000.0, "p99 {p99} us, worst {worst} us");
}

/// Runs two peers of these cards for a minute, and gives their difference after `settled`.
fn a_minute_of(one: CardSpec, other: CardSpec, settled: i64) -> [f64; 3] {
    let mut room = VirtualRoom::new();
    let mut peers =
        [Peer::join(&mut room, 50 * SECOND, 20.0, one), Peer::join(&mut room, 9 * SECOND, -20.0, other)];
    run(&mut room, &mut peers, 60 * SECOND, |now, peers| peers.iter().for_each(|peer| peer.steer(now, 0)));
    for peer in &peers {
        assert!(peer.errors_ms(settled).len() as i64 >= (60 - settled / SECOND) * 8 - 2);
    }
    let summary = summary_us(&differences_ms(&peers[0], &peers[1], settled));
    let [p50, p99, worst] = summary;
    println!("p50 {p50:.1} us, p99 {p99:.1} us, worst {worst:.1} us");
    summary
}

#[test]
fn cards_of_44_1_and_96_khz_are_in_phase() {
    let one = CardSpec { rate: 44_100, buffer: 1_024, ..CardSpec::consumer(73.0, 3) };
    let other = CardSpec { rate: 96_000, buffer: 256, ..CardSpec::consumer(-91.0, 4) };
    let [_, p99, worst] = a_minute_of(one, other, 5 * SECOND);
    assert!(p99 <= 100.0 && worst <= 150.0);
}

#[test]
fn a_card_with_exact_timestamps_and_one_with_noisy_ones_are_in_phase() {
    let exact = CardSpec { ppm: -60.0, buffer: 128, ..CardSpec::default() };
    let [_, p99, worst] = a_minute_of(exact, CardSpec::consumer(100.0, 5), 5 * SECOND);
    assert!(p99 <= 150.0 && worst <= 200.0);
}

#[test]
fn mono_and_sixteen_bits_sound_at_the_same_time_as_floats() {
    let mono = CardSpec { channels: 1, format: cpal::SampleFormat::I16, ..CardSpec::consumer(10.0, 8) };
    let [_, p99, _] = a_minute_of(mono, CardSpec::consumer(-10.0, 9), 5 * SECOND);
    assert!(p99 <= 100.0);
}

#[test]
fn from_the_first_second_on_every_click_is_in_phase() {
    let [_, p99, worst] = a_minute_of(CardSpec::consumer(100.0, 31), CardSpec::consumer(-100.0, 32), SECOND);
    assert!(p99 <= 200.0 && worst <= 500.0);
}

#[test]
fn a_late_joiner_is_in_phase_after_a_second() {
    let mut room = VirtualRoom::new();
    let mut peers = vec![Peer::join(&mut room, 0, 20.0, CardSpec::consumer(40.0, 1))];
    let follow = |now: i64, peers: &mut [Peer]| peers.iter().for_each(|peer| peer.steer(now, 0));
    run(&mut room, &mut peers, 20 * SECOND, follow);
    peers.push(Peer::join(&mut room, SECOND, 0.0, CardSpec::consumer(-80.0, 2)));
    run(&mut room, &mut peers, 20 * SECOND, follow);
    assert!(peers[1].errors_ms(21 * SECOND).len() >= 150);
    let [_, p99, worst] = summary_us(&differences_ms(&peers[0], &peers[1], 21 * SECOND));
    println!("p99 {p99:.1} us, worst {worst:.1} us");
    assert!(p99 <= 200.0 && worst <= 300.0);
}

#[test]
fn a_correction_of_the_map_is_slewed_without_losing_or_doubling_a_click() {
    let mut room = VirtualRoom::new();
    let mut peers = [Peer::join(&mut room, 0, 0.0, CardSpec::consumer(50.0, 6))];
    // The session clock is corrected back and forth by up to 20 ms: within the reach of slewing.
    run(&mut room, &mut peers, 120 * SECOND, |now, peers| {
        let step_ms = [0, 20, -5, 7, 0, -20][(now / (20 * SECOND)) as usize % 6];
        peers[0].steer(now, step_ms * 1_000_000);
    });
    // Continuity is checked by `errors_ms`; the last correction ends at 25 ms, 1000 ppm of 20 s are 20 ms.
    let errors = peers[0].errors_ms(5 * SECOND);
    assert!(errors.iter().all(|error| error.abs() < 26.0));
    let pitch: Vec<f64> = peers[0]
        .heard_ns
        .windows(2)
        .filter(|pair| pair[0] > 5e9)
        .map(|pair| ((pair[1] - pair[0]) / 125e6 - 1.0) * 1e6)
        .collect();
    assert!(pitch.iter().all(|ppm| ppm.abs() < 1_050.0), "{pitch:?}");
    assert_eq!(peers[0].output.status().resyncs, 0);
}

#[test]
fn a_seek_of_the_session_lands_at_once_on_another_place() {
    let mut room = VirtualRoom::new();
    let mut peers = [Peer::join(&mut room, 0, 0.0, CardSpec::consumer(50.0, 7))];
    // Ten seconds and 60 ms later the session clock is another one, 60 ms ahead.
    run(&mut room, &mut peers, 20 * SECOND, |now, peers| {
        peers[0].steer(now, if now >= 10 * SECOND { 60_000_000 } else { 0 });
    });
    let after: Vec<f64> = peers[0].heard_ns.iter().filter(|at| **at > 10.2e9).map(|at| at + 60e6).collect();
    assert!(after.len() >= 77, "{}", after.len());
    for at in after {
        let clicks = Peer::clicks_at(at);
        assert!((clicks - clicks.round()).abs() * 125.0 < 0.2, "{clicks}");
    }
}

#[test]
fn after_an_xrun_the_output_is_back_in_phase_within_half_a_second() {
    let mut room = VirtualRoom::new();
    let mut peers = [Peer::join(&mut room, 0, 0.0, CardSpec::consumer(50.0, 12))];
    run(&mut room, &mut peers, 20 * SECOND, |now, peers| {
        peers[0].steer(now, 0);
        if now == 10 * SECOND {
            peers[0].card.run_dry(1_000);
        }
    });
    let status = peers[0].output.status();
    assert_eq!((status.xruns, status.resyncs, status.lost), (1, 1, None));
    let before = peers[0].heard_ns.iter().filter(|at| **at < 10e9).count();
    assert!(before >= 78, "{before}");
    let after = peers[0].errors_ms(10 * SECOND + SECOND / 2);
    assert!(after.len() >= 74 && after.iter().all(|error| error.abs() < 0.2), "{after:?}");
}
