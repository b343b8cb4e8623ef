//! Joining, leaving and healing are inaudible in the others' stream.
//!
//! *Inaudible* is measured on the sound of an incumbent's card, a tone (see [`crate::tone`]), in three ways:
//!
//! - **No click and no gap**: no sample is off the sine through its neighbours by more than -54 dB of the tone, and its
//!   level never changes. There is no documented crossfade in these stories, so this holds for every sample.
//! - **The null test**: the same jam with the same seeds is lived through twice, with the event and without. Until
//!   the event both tapes are equal to the bit. After it session time itself may differ, as the newcomer's or the lost
//!   one's opinion counts in the mean; the two tapes are lined up window by window, by what lies between the phases of
//!   the tone. Over all incumbents the mean of that must not exceed how far a joiner may move them (60 µs on a LAN,
//!   100 µs on good Wi-Fi), and for each of them what two peers may be apart (150 and 750 µs). Lined up, nothing else
//!   is left: both are the same sine of the same level without a click.
//! - **Pitch**: over any tenth of a second within 0.5 cent of the usual, and within 2 cents while a band heals.

use antiphon_audio_io::CardSpec;
use antiphon_testkit::{Network, PeerIndex, is_long, seed};

use crate::{
    stage::{SECOND, Stage},
    tone::{Moment, Singer, pitch_cents},
};

/// -54 dB: a slew of 1000 ppm bends the sine by -90 dB, a jump by one frame of it by -18 dB.
const CLICK: f64 = 0.002;

fn spec(number: u64) -> CardSpec {
    let ppm = [80.0, -120.0, 35.0, -60.0, 5.0, -15.0][number as usize % 6];
    CardSpec::consumer(ppm, 11 * number + 5)
}

/// An event in the life of a band.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    None,
    Join,
    /// The founder quits.
    Leave,
}

/// The incumbents' tapes around an event at 30 s, in a band of four.
fn tapes(network: Network, event: Event) -> Vec<Singer> {
    let mut stage = Stage::new(seed(5), network);
    let mut singers: Vec<Singer> = (0..4).map(|number| Singer::join(&mut stage, spec(number))).collect();
    stage.run_for(30 * SECOND);
    match event {
        Event::None => {}
        Event::Join => drop(Singer::join(&mut stage, spec(4))),
        Event::Leave => stage.lab.leave(PeerIndex(0)),
    }
    stage.run_for(20 * SECOND);
    // Who leaves is no incumbent, in any of the stories.
    singers.remove(0);
    singers.iter_mut().for_each(Singer::listen);
    singers
}

#[track_caller]
fn assert_smooth(moments: &[Moment]) {
    for moment in moments {
        assert!(moment.click <= CLICK, "a click: {moment:?}");
        assert!((moment.level - 1.0).abs() < 1e-3, "a gap: {moment:?}");
    }
}

/// How far two tapes of one singer are apart, window by window, in µs.
fn apart_us(one: &[Moment], other: &[Moment]) -> Vec<f64> {
    one.iter().zip(other).map(|(one, other)| (one.ahead_ns - other.ahead_ns) / 1e3).collect()
}

#[test]
fn who_joins_or_leaves_is_not_heard_in_the_others_stream() {
    for (network, mean_max_us, each_max_us) in
        [(Network::Lan, 60.0, 150.0), (Network::GoodWifi, 100.0, 750.0)]
    {
        let without = tapes(network, Event::None);
        for event in [Event::Join, Event::Leave] {
            let with = tapes(network, event);
            let mut apart = Vec::new();
            let (mut cents, mut click): (f64, f64) = (0.0, 0.0);
            for (with, without) in with.iter().zip(&without) {
                let until = 29 * 48_000;
                assert!(with.tape[..until] == without.tape[..until], "{event:?}: equal to the bit before it");
                let (with, without) = (with.moments(10.0), without.moments(10.0));
                assert_smooth(&with);
                assert_smooth(&without);
                apart.push(apart_us(&with, &without));
                cents = cents.max(pitch_cents(&with));
                click = with.iter().map(|moment| moment.click).fold(click, f64::max);
            }
            let worst = |values: &mut dyn Iterator<Item = f64>| {
                values.fold(0.0, |worst: f64, us| worst.max(us.abs()))
            };
            let mean_of = |at: usize| apart.iter().map(|us| us[at]).sum::<f64>() / apart.len() as f64;
            let windows = apart.iter().map(Vec::len).min().unwrap_or(0);
            let mean_us = worst(&mut (0..windows).map(mean_of));
            let each_us = worst(&mut apart.iter().flatten().copied());
            println!(
                "{network:?}, {event:?}: from the stream without it {mean_us:.1} us in the mean of the incumbents, \
                 {each_us:.1} us at most; pitch within {cents:.3} cent, largest click {click:.6}"
            );
            assert!(
                mean_us <= mean_max_us && each_us <= each_max_us,
                "{network:?}, {event:?}: {mean_us}, {each_us} us"
            );
            assert!(cents <= 0.5, "{network:?}, {event:?}: {cents} cents");
        }
    }
}

#[test]
fn a_band_that_was_parted_heals_without_a_glitch() {
    let parted_s = if is_long() { 300 } else { 60 };
    for network in [Network::Lan, Network::GoodWifi] {
        let mut stage = Stage::new(seed(6), network);
        let mut singers: Vec<Singer> = (0..6).map(|number| Singer::join(&mut stage, spec(number))).collect();
        stage.run_for(20 * SECOND);
        let half: Vec<PeerIndex> = stage.places[..3].iter().map(|place| place.index).collect();
        stage.lab.part(&half);
        stage.run_for(parted_s * SECOND);
        let apart_us = stage.lab.spread_ns() as f64 / 1e3;
        let healed_s = stage.now_ns() as f64 / 1e9;
        stage.lab.heal();
        stage.run_for(40 * SECOND);
        singers.iter_mut().for_each(Singer::listen);
        for (number, singer) in singers.iter().enumerate() {
            let moments = singer.moments(10.0);
            assert_smooth(&moments);
            let healing = moments.partition_point(|moment| moment.at_s < healed_s);
            let steady = pitch_cents(&moments[..healing]);
            let healing = pitch_cents(&moments[healing.saturating_sub(600)..]);
            println!(
                "{network:?}, parted {parted_s} s, {apart_us:.0} us apart, singer {number}: pitch within {steady:.3} \
                 cent until then, {healing:.3} cents while healing"
            );
            assert!(
                steady <= 0.5 && healing <= 2.0,
                "{network:?}, singer {number}: {steady}, {healing} cents"
            );
        }
        let left_us = stage.lab.spread_ns() as f64 / 1e3;
        println!("{network:?}: {left_us:.0} us apart 40 s later");
    }
}
