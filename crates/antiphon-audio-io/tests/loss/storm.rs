//! Everything that can happen to a device, at random.

use antiphon_audio_io::{CardSpec, VirtualCard};
use antiphon_testkit::{SeededRng, is_long, seed};

use super::{IN_PHASE_MS, card, common::SECOND, machine::Machine};

/// How long sound may be missing once there is a device again: the longest pause between two tries, and opening.
const BACK_S: f64 = 8.0;

fn strike(machine: &Machine, cards: &[VirtualCard], rng: &mut SeededRng) {
    let struck = rng.below(cards.len());
    let card = &cards[struck];
    match rng.below(9) {
        0 | 1 => card.unplug(),
        2 | 3 => card.plug(),
        4 => card.fall_quiet(),
        5 => card.call_again(),
        6 => card.change_format(if rng.chance(0.5) { 44_100 } else { 48_000 }, 256 << rng.below(4)),
        7 => machine.cards.set_default(card),
        _ => machine
            .output
            .choose([None, Some("speakers"), Some("headset"), Some("hall")][rng.below(4)].map(str::to_owned)),
    }
}

#[test]
fn in_a_storm_of_losses_no_click_is_doubled_or_stray_and_sound_always_returns() {
    for number in 1..=if is_long() { 200 } else { 6 } {
        let seed = seed(number);
        let mut rng = SeededRng::new(seed);
        let headset = CardSpec { rate: 44_100, buffer: 1_024, ..card("headset", -90.0) };
        let (mut machine, cards) =
            Machine::start([card("speakers", 80.0), headset, card("hall", 10.0)], None);
        machine.run(3 * SECOND);
        for _ in 0..30 {
            strike(&machine, &cards, &mut rng);
            machine.run((rng.between(0.02, 2.5) * 1e9) as i64);
        }
        let storm_s = machine.now_s();
        for card in &cards {
            card.plug();
            card.call_again();
        }
        let back_s = machine.seconds_until_heard(storm_s);
        assert!(back_s < BACK_S, "seed {seed}: {back_s} s, {:?}", machine.status());
        machine.run((10.0 * 1e9) as i64);
        let to_s = machine.now_s() - 0.1;
        let (twice, jumps) = machine.rendered_twice_and_jumps();
        println!("seed {seed}: back after {back_s:.3} s, {twice} frames rendered twice, {jumps} jumps");
        assert_eq!(twice, 0, "seed {seed}");
        // A plug that is pulled in the middle of a click leaves half of it, whose top is elsewhere.
        machine.missing(1.0, to_s, 1.0);
        assert!(machine.missing(to_s - 5.0, to_s, IN_PHASE_MS) <= 1, "seed {seed}");
    }
}
