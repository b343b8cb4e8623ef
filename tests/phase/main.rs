//! Phase, through the whole chain: the clocks of two peers agree over a network, their timelines fold the same
//! acts into one run, their engines render it, their outputs play it on cards that disagree, and what leaves the
//! cards is compared.
//!
//! Every part is the real one but the network, the crystals and the cards, and those are simulated: their true
//! times are known exactly, which no microphone can tell. Nothing sleeps; the same seed gives the same sound.
#![forbid(unsafe_code)]

mod band;
mod comparison;
mod crystal_clock;
mod jam;
mod member;
mod onsets;
mod stage;
mod storm;
mod tone;
mod undisturbed;

use antiphon_audio_io::CardSpec;
use antiphon_testkit::{Errors, Network, is_long, seed};

use comparison::Comparison;
use jam::{Jam, SECOND};

/// The joiner is judged from this long after it connected.
const SETTLED_AFTER: i64 = 5 * SECOND;

/// The tempo that Bo changes to, from 120.
const FASTER: f64 = 137.5;

fn minutes() -> i64 {
    if is_long() { 60 } else { 3 }
}

/// Ada plays alone, Bo joins her and changes the tempo half way. What lies between their onsets, none of which may
/// be missing or double, from when Bo is settled. His output is made to sound early by `trim_ns`.
fn jam_of_two(network: Network, cards: [CardSpec; 2], trim_ns: i64, nanos: i64) -> Errors {
    let [adas, bos] = cards;
    let mut jam = Jam::new(seed(1), network);
    let ada = jam.join(adas);
    jam.run_for(2 * SECOND);
    jam.play(ada);
    jam.run_for(8 * SECOND);
    let bo = jam.join(bos);
    jam.trim(bo, trim_ns);
    let settled = jam.now_ns() + SETTLED_AFTER;
    jam.run_for(nanos / 2);
    jam.set_tempo(bo, FASTER);
    jam.run_for(nanos / 2);
    let compared = jam.compare(&[ada, bo], settled);
    check(&compared, network, nanos);
    compared.differences
}

/// Tells what was found, and that nothing is missing or double.
#[track_caller]
fn check(compared: &Comparison, network: Network, nanos: i64) {
    let (seed, seconds, triggers) = (seed(1), nanos / SECOND, compared.triggers);
    let amiss = (compared.missed, compared.doubled, compared.stray);
    println!(
        "bar: onset difference {} ({network:?}, {seconds} s, seed {seed}: {triggers} triggers, {} missed, {} doubled, \
         {} stray)",
        compared.differences, amiss.0, amiss.1, amiss.2,
    );
    println!(
        "     from the run, by Ada's session clock: Ada's {}, Bo's {}",
        compared.errors[0], compared.errors[1]
    );
    // Counted without the run: a click is two steps, half a quarter.
    let clicks = |bpm: f64, nanos: i64| bpm / 30.0 * nanos as f64 / SECOND as f64;
    let expected = clicks(120.0, nanos / 2 - SETTLED_AFTER) + clicks(FASTER, nanos / 2);
    assert!((triggers as f64 - expected).abs() <= 2.0, "{triggers} triggers instead of {expected:.1}");
    assert_eq!(amiss, (0, 0, 0), "seed {seed}: missed, doubled, stray");
    assert_eq!(compared.differences.len(), triggers, "seed {seed}: an onset has no partner");
}

/// The same of one peer that is compared with itself.
#[track_caller]
fn check_one(compared: &Comparison, expected: f64) {
    let (seed, triggers) = (seed(3), compared.triggers);
    println!(
        "bar: {triggers} triggers in a storm of edits (seed {seed}), from the run {}",
        compared.errors[0]
    );
    assert!((triggers as f64 - expected).abs() <= 2.0, "{triggers} triggers instead of {expected:.1}");
    let amiss = (compared.missed, compared.doubled, compared.stray);
    assert_eq!(amiss, (0, 0, 0), "seed {seed}: missed, doubled, stray");
}

fn alike() -> [CardSpec; 2] {
    [CardSpec::consumer(100.0, 11), CardSpec::consumer(-100.0, 22)]
}

#[test]
fn on_a_lan_every_step_of_two_peers_sounds_once_and_within_a_fifth_of_a_millisecond() {
    let differences = jam_of_two(Network::Lan, alike(), 0, minutes() * 60 * SECOND);
    assert!(differences.quantile_ns(0.99) <= 200_000, "{differences}");
}

/// The bar on the air is the band's (see [`band`]): of two there is nobody to average with. With this seed p99 is 0.44 ms
/// over three minutes; another seed may miss this bound, and that alone is no fault. None may be missing or double with
/// any.
#[test]
fn on_good_wifi_every_step_of_two_peers_sounds_once_and_within_half_a_millisecond() {
    let differences = jam_of_two(Network::GoodWifi, alike(), 0, minutes() * 60 * SECOND);
    assert!(differences.quantile_ns(0.99) <= 500_000, "{differences}");
}

/// What noise does to both cards alike cancels between two of a kind. Here it does not.
#[test]
fn cards_of_different_rates_buffers_and_noise_are_within_a_fifth_of_a_millisecond() {
    let exact = CardSpec { ppm: -100.0, rate: 44_100, buffer: 1_024, ..CardSpec::default() };
    let differences = jam_of_two(Network::Lan, [CardSpec::consumer(100.0, 11), exact], 0, 60 * SECOND);
    assert!(differences.quantile_ns(0.99) <= 200_000, "{differences}");
}

/// The ruler is checked with a known length.
#[test]
fn a_card_that_is_heard_a_third_of_a_millisecond_early_shows() {
    let differences = jam_of_two(Network::Lan, alike(), 333_000, 30 * SECOND);
    let median = differences.quantile_ns(0.5);
    assert!((283_000..383_000).contains(&median), "{differences}");
}
