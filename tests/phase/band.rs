//! The sound gates: bands of five and of ten, every pair of them, over each network.

use antiphon_audio_io::CardSpec;
use antiphon_testkit::{Network, is_long, seed};

use crate::jam::{Jam, SECOND};

/// From when everybody has started until the band is judged.
const SETTLED_AFTER: i64 = 15 * SECOND;

fn minutes() -> i64 {
    if is_long() { 60 } else { 3 }
}

/// Plays for so long, with cards off by these ppm; p99 of what lies between the onsets of any two.
#[track_caller]
fn p99_ns(network: Network, ppm: &[f64], nanos: i64) -> i64 {
    let seed = seed(7);
    let mut jam = Jam::new(seed, network);
    let members: Vec<usize> = (0..)
        .zip(ppm)
        .map(|(number, ppm)| {
            jam.join(CardSpec { lateness_ns: 300_000.0, ..CardSpec::consumer(*ppm, 11 * number + 5) })
        })
        .collect();
    jam.run_for(6 * SECOND);
    jam.play(members[0]);
    jam.run_for(SETTLED_AFTER);
    let settled = jam.now_ns();
    jam.run_for(nanos);
    let compared = jam.compare(&members, settled);
    let amiss = (compared.missed, compared.doubled, compared.stray);
    println!(
        "bar: {} members, {network:?}, {} s, seed {seed}: onset difference of all pairs {} ({} triggers; {} missed, {} \
         doubled, {} stray)",
        members.len(),
        nanos / SECOND,
        compared.differences,
        compared.triggers,
        amiss.0,
        amiss.1,
        amiss.2,
    );
    // A click is two steps, half a quarter; the rest of a second is margin.
    let expected = 120.0 / 30.0 * nanos as f64 / SECOND as f64;
    assert!((compared.triggers as f64 - expected).abs() <= 2.0, "{} triggers", compared.triggers);
    assert_eq!(amiss, (0, 0, 0), "seed {seed}: missed, doubled, stray");
    compared.differences.quantile_ns(0.99)
}

/// Two of them are off by +80 and -120 ppm.
const FIVE: [f64; 5] = [80.0, -120.0, 35.0, -60.0, 5.0];
/// All of ±500 ppm.
const TEN: [f64; 10] = [500.0, -500.0, 390.0, -410.0, 280.0, -260.0, 150.0, -130.0, 45.0, -20.0];

#[test]
fn five_on_a_lan_sound_within_60_us() {
    let p99 = p99_ns(Network::Lan, &FIVE, minutes() * 60 * SECOND);
    assert!(p99 <= 60_000, "{p99} ns");
}

#[test]
fn five_on_good_wifi_sound_within_two_fifths_of_a_millisecond() {
    let p99 = p99_ns(Network::GoodWifi, &FIVE, minutes() * 60 * SECOND);
    assert!(p99 <= 400_000, "{p99} ns");
}

#[test]
fn five_on_bad_wifi_sound_within_1_3_milliseconds() {
    let p99 = p99_ns(Network::BadWifi, &FIVE, minutes() * 60 * SECOND);
    assert!(p99 <= 1_300_000, "{p99} ns");
}

/// A LAN keeps ten within a third of a millisecond. So young a band on the air does not: with this seed p99 is 0.46 ms
/// over the first minute, and the bound is a sixth of the 3 ms that jitter is allowed.
#[test]
fn ten_with_cards_of_500_ppm_sound_within_a_third_of_a_millisecond_on_a_lan_and_half_of_one_on_the_air() {
    let nanos = if is_long() { 3_600 } else { 30 } * SECOND;
    for (network, bar_ns) in [(Network::Lan, 333_000), (Network::GoodWifi, 500_000)] {
        let p99 = p99_ns(network, &TEN, nanos);
        assert!(p99 <= bar_ns, "{network:?}: {p99} ns");
    }
}
