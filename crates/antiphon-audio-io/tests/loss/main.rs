//! An output keeps itself going: whatever happens to its device, time goes on, and sound is back in phase.

#[path = "../common/mod.rs"]
mod common;
mod machine;
mod storm;

use antiphon_audio_io::{CardSpec, VirtualCard};
use common::SECOND;
use machine::Machine;

/// Error of a consumer's card whose rate is known: steady, or one that has returned.
const STEADY_MS: f64 = 0.15;
/// The same in the first two seconds of one that is met for the first time.
const IN_PHASE_MS: f64 = 0.25;

fn card(name: &str, ppm: f64) -> CardSpec {
    CardSpec { name: name.to_owned(), ..CardSpec::consumer(ppm, name.len() as u64) }
}

fn speakers_and_headset(chosen: Option<&str>) -> (Machine, VirtualCard, VirtualCard) {
    let headset = CardSpec { rate: 44_100, buffer: 1_024, ..card("headset", -90.0) };
    let (machine, mut cards) = Machine::start([card("speakers", 80.0), headset], chosen);
    let headset = cards.pop().expect("two cards");
    (machine, cards.pop().expect("two cards"), headset)
}

#[test]
fn a_device_that_vanishes_in_a_note_is_played_on_in_phase_when_it_returns() {
    let (mut machine, cards) = Machine::start([card("speakers", 80.0)], None);
    machine.run(10 * SECOND);
    // In the middle of a click.
    let on_a_click = (125_000_000 - machine.room.now_ns() % 125_000_000) % 125_000_000;
    machine.run(on_a_click);
    let vanished_s = machine.now_s();
    cards[0].unplug();
    let lost = machine.status().lost.expect("it is said at once");
    assert!(lost.contains("not available"), "{lost}");
    machine.run(5 * SECOND);
    assert!(machine.heard(vanished_s + 0.01, machine.now_s()).is_empty());
    let returned_s = machine.now_s();
    cards[0].plug();
    let back_s = machine.seconds_until_heard(returned_s);
    println!("back {back_s:.3} s after the device");
    assert!(back_s < 2.5, "{back_s} s");
    machine.run(20 * SECOND);
    let to_s = machine.now_s() - 0.1;
    assert_eq!(machine.missing(1.0, vanished_s - 0.05, IN_PHASE_MS), 0);
    assert_eq!(machine.missing(returned_s + back_s - 0.01, to_s, STEADY_MS), 0);
    assert_eq!(machine.status().lost, None);
    let (twice, jumps) = machine.rendered_twice_and_jumps();
    assert_eq!((twice, jumps), (0, 0), "the stream went on from frame to frame");
}

#[test]
fn without_its_device_the_default_one_plays_in_its_place_until_it_returns() {
    let (mut machine, _, headset) = speakers_and_headset(Some("headset"));
    machine.run(6 * SECOND + 60_000_000);
    assert_eq!((machine.status().name.as_str(), machine.status().rate), ("headset", 44_100));
    let vanished_s = machine.now_s();
    headset.unplug();
    assert!(machine.status().lost.is_some());
    let back_s = machine.seconds_until_heard(vanished_s);
    println!("on the default output after {back_s:.3} s");
    assert!(back_s < 0.5, "{back_s} s");
    machine.run(5 * SECOND);
    let status = machine.status();
    assert_eq!((status.name.as_str(), status.lost), ("speakers", None));
    assert_eq!(status.stands_in_for.as_deref(), Some("headset"));
    let returned_s = machine.now_s();
    headset.plug();
    machine.run(10 * SECOND);
    assert_eq!((machine.status().name.as_str(), machine.status().stands_in_for), ("headset", None));
    let to_s = machine.now_s() - 0.1;
    assert!(machine.missing(vanished_s - 2.0, vanished_s + 2.0, IN_PHASE_MS) <= 3);
    assert!(machine.missing(returned_s - 1.0, to_s, IN_PHASE_MS) <= 1);
    assert_eq!(machine.rendered_twice_and_jumps(), (0, 0));
}

#[test]
fn another_default_output_takes_over_in_phase() {
    let (mut machine, _, headset) = speakers_and_headset(None);
    machine.run(5 * SECOND);
    assert_eq!(machine.status().name, "speakers");
    machine.cards.set_default(&headset);
    machine.run(10 * SECOND);
    assert_eq!((machine.status().name.as_str(), machine.status().lost), ("headset", None));
    let to_s = machine.now_s() - 0.1;
    assert!(machine.missing(1.0, to_s, IN_PHASE_MS) <= 1);
    assert_eq!(machine.rendered_twice_and_jumps(), (0, 0));
}

#[test]
fn choosing_back_and_forth_doubles_nothing_and_misses_a_click_at_most() {
    let (mut machine, _, _) = speakers_and_headset(None);
    machine.run(3 * SECOND);
    for turn in 0..12 {
        let chosen = ["headset", "speakers"][turn % 2];
        machine.output.choose(Some(chosen.to_owned()));
        assert!(!machine.status().is_settled);
        machine.run(3 * SECOND + 37_000_000);
        let status = machine.status();
        assert_eq!((status.name.as_str(), status.lost, status.is_settled), (chosen, None, true));
    }
    let to_s = machine.now_s() - 0.1;
    let missing = machine.missing(1.0, to_s, IN_PHASE_MS);
    println!("{missing} clicks missing over 12 changes");
    assert!(missing <= 12, "{missing}");
    let (twice, jumps) = machine.rendered_twice_and_jumps();
    assert_eq!((twice, jumps), (0, 0));
}

#[test]
fn choosing_what_plays_changes_nothing() {
    let (mut machine, _, _) = speakers_and_headset(None);
    machine.run(3 * SECOND);
    machine.output.choose(Some("speakers".to_owned()));
    machine.run(5 * SECOND);
    let to_s = machine.now_s() - 0.1;
    assert_eq!(machine.missing(1.0, to_s, IN_PHASE_MS), 0);
    assert!(machine.status().is_settled);
}

#[test]
fn a_device_that_stops_calling_is_noticed_and_played_on_when_it_calls_again() {
    for quiet in [SECOND, 9 * SECOND] {
        let (mut machine, cards) = Machine::start([card("speakers", 80.0)], None);
        machine.run(6 * SECOND);
        cards[0].fall_quiet();
        machine.run(400_000_000);
        let lost = machine.status().lost.expect("it is noticed");
        assert!(lost.contains("stopped asking"), "{lost}");
        machine.run(quiet - 400_000_000);
        let again_s = machine.now_s();
        cards[0].call_again();
        let back_s = machine.seconds_until_heard(again_s);
        println!("quiet for {} s: back after {back_s:.3} s", quiet / SECOND);
        machine.run(10 * SECOND);
        let to_s = machine.now_s() - 0.1;
        assert!(back_s < if quiet == SECOND { 0.5 } else { 2.5 }, "{back_s} s");
        assert_eq!(machine.missing(again_s + back_s - 0.01, to_s, STEADY_MS), 0);
        assert_eq!(machine.status().lost, None);
        assert_eq!(machine.rendered_twice_and_jumps(), (0, 0));
    }
}

#[test]
fn another_rate_and_buffer_of_the_device_are_taken_up_in_phase() {
    let (mut machine, cards) = Machine::start([card("speakers", 80.0)], None);
    machine.run(5 * SECOND);
    for (rate, buffer) in [(44_100, 1_024), (96_000, 256), (48_000, 2_048), (48_000, 512)] {
        let changed_s = machine.now_s();
        cards[0].change_format(rate, buffer);
        let back_s = machine.seconds_until_heard(changed_s);
        println!("{rate} Hz, {buffer} frames: back after {back_s:.3} s");
        assert!(back_s < 0.8, "{back_s} s");
        machine.run(8 * SECOND);
        assert_eq!((machine.status().rate, machine.status().lost), (rate, None));
        let to_s = machine.now_s() - 0.1;
        assert_eq!(machine.missing(changed_s + back_s - 0.01, to_s, IN_PHASE_MS), 0);
    }
    assert_eq!(machine.rendered_twice_and_jumps().0, 0);
}

#[test]
fn a_card_that_drops_out_now_and_then_is_in_phase_between() {
    let spec = CardSpec { stalls: 0.000_5, ..card("speakers", 60.0) };
    let (mut machine, _) = Machine::start([spec], None);
    machine.run(120 * SECOND);
    let status = machine.status();
    assert!(status.xruns >= 2, "{}", status.xruns);
    let heard = machine.heard(2.0, 119.0);
    let in_phase = heard.iter().filter(|click| click.off_ms.abs() <= IN_PHASE_MS).count();
    println!("{} drop-outs: {in_phase} of {} clicks in phase, of {}", status.xruns, heard.len(), 117 * 8);
    // Each costs the clicks of less than half a second.
    assert!(in_phase as u64 >= 117 * 8 - 4 * status.xruns, "{in_phase}");
    assert!(heard.windows(2).all(|pair| pair[0].number < pair[1].number), "doubled");
}

#[test]
fn a_trim_belongs_to_the_device_and_is_out_of_range_beyond_a_second() {
    let (mut machine, _, _) = speakers_and_headset(None);
    machine.run(2 * SECOND);
    machine.output.set_trim_ns(7_000_000).expect("in range");
    assert!(machine.output.set_trim_ns(1_000_000_001).is_err());
    assert!(machine.output.set_trim_ns(i64::MIN).is_err());
    machine.run(SECOND);
    assert_eq!(machine.status().trim_ns, 7_000_000);
    // A trim that is given along with a choice is the chosen one's.
    machine.output.choose(Some("headset".to_owned()));
    machine.output.set_trim_ns(-30_000_000).expect("in range");
    machine.run(2 * SECOND);
    assert_eq!((machine.status().name.as_str(), machine.status().trim_ns), ("headset", -30_000_000));
    let from_s = machine.now_s();
    machine.output.choose(None);
    machine.run(3 * SECOND);
    assert_eq!((machine.status().name.as_str(), machine.status().trim_ns), ("speakers", 7_000_000));
    machine.output.choose(Some("headset".to_owned()));
    machine.run(3 * SECOND);
    assert_eq!(machine.status().trim_ns, -30_000_000);
    let offs: Vec<f64> = machine.heard(from_s + 1.0, from_s + 3.0).iter().map(|click| click.off_ms).collect();
    assert!(offs.len() >= 15 && offs.iter().all(|off| (off + 7.0).abs() < IN_PHASE_MS), "{offs:?}");
}

#[test]
fn after_a_sleep_that_the_clock_counted_sound_is_at_the_right_place() {
    let (mut machine, cards) = Machine::start([card("speakers", 80.0)], None);
    machine.run(10 * SECOND + 60_000_000);
    cards[0].fall_quiet();
    // Nobody runs while the machine sleeps.
    machine.room.run_for(30 * SECOND);
    let woke_s = machine.now_s();
    cards[0].wake(0);
    machine.steer();
    let back_s = machine.seconds_until_heard(woke_s);
    println!("back {back_s:.3} s after the wake-up");
    assert!(back_s < 0.6, "{back_s} s");
    machine.run(10 * SECOND);
    let to_s = machine.now_s() - 0.1;
    assert_eq!(machine.missing(woke_s + back_s - 0.01, to_s, IN_PHASE_MS), 0);
    assert_eq!(machine.rendered_twice_and_jumps().0, 0);
}

#[test]
fn after_a_sleep_that_the_clock_did_not_count_nothing_stale_is_heard() {
    for corrected_after in [0, 700_000_000] {
        let (mut machine, cards) = Machine::start([card("speakers", 80.0)], None);
        machine.run(10 * SECOND + 60_000_000);
        cards[0].fall_quiet();
        machine.room.run_for(30 * SECOND);
        machine.clock.wake(30 * SECOND);
        cards[0].wake(30 * SECOND);
        let woke_s = machine.now_s();
        // The session clock notices a little later; until then its map is 30 s behind.
        machine.steered = false;
        machine.run(corrected_after);
        assert!(machine.heard(woke_s, machine.now_s()).is_empty(), "stale sound");
        machine.steered = true;
        let back_s = machine.seconds_until_heard(woke_s);
        println!("map right after {} ms: back after {back_s:.3} s", corrected_after / 1_000_000);
        assert!(back_s < 0.6 + corrected_after as f64 / 1e9, "{back_s} s");
        machine.run(10 * SECOND);
        let to_s = machine.now_s() - 0.1;
        assert_eq!(machine.missing(woke_s + back_s - 0.01, to_s, STEADY_MS), 0);
        assert_eq!(machine.heard(woke_s, woke_s + back_s - 0.001).len(), 0, "stale sound");
        assert_eq!(machine.rendered_twice_and_jumps().0, 0);
    }
}

#[test]
fn who_is_alone_plays_on_after_a_sleep_where_it_stopped() {
    let (mut machine, cards) = Machine::start([card("speakers", 80.0)], None);
    machine.run(10 * SECOND + 60_000_000);
    cards[0].fall_quiet();
    machine.room.run_for(30 * SECOND);
    machine.clock.wake(30 * SECOND);
    cards[0].wake(30 * SECOND);
    let woke_s = machine.now_s();
    machine.steered = false;
    let back_s = machine.seconds_until_heard(woke_s);
    assert!((1.0..2.5).contains(&back_s), "{back_s} s");
}
