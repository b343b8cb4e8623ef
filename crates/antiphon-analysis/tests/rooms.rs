//! How exactly two devices in a simulated room find their difference, and when they say that they cannot.
//!
//! Three rooms per row by default, 200 with `ANTIPHON_LONG=1`, which prints the table of docs/HANDSHAKE.md:
//! `ANTIPHON_LONG=1 cargo test --release -p antiphon-analysis --test rooms -- --nocapture`.

mod common;

use antiphon_analysis::{Difference, Recording, compare, listen};
use common::{Dice, Disturbance, Room};

/// One measurement in `room`: the difference found, or in words why there is none.
fn measure(room: &Room, disturbance: Disturbance, dice: &mut Dice) -> Result<Difference, String> {
    let heard = [0, 1].map(|recorder| {
        let samples = room.record(recorder, disturbance, dice);
        let rate = room.devices[recorder].rate;
        listen(Recording { samples: &samples, rate }).map_err(|error| error.to_string())
    });
    let [one, two] = heard;
    compare(&one?, &two?).map_err(|error| error.to_string())
}

fn rooms() -> usize {
    if std::env::var_os("ANTIPHON_LONG").is_some_and(|value| value == "1") { 200 } else { 3 }
}

/// Errors of measurements in random rooms, µs, sorted; and how many gave none.
fn errors(disturbance: Disturbance, change: impl Fn(&mut Room)) -> (Vec<f64>, Vec<String>) {
    let (mut errors, mut refused) = (Vec::new(), Vec::new());
    for seed in 1..=rooms() as u64 {
        let mut dice = Dice::new(seed);
        let mut room = Room::random(&mut dice);
        change(&mut room);
        match measure(&room, disturbance, &mut dice) {
            Ok(difference) => {
                let error = difference.later_ns as f64 * 1e-3 - room.truth() * 1e6;
                if error.abs() > 100.0 {
                    println!("seed {seed}: {error:.1} µs, {difference:?}");
                }
                errors.push(error.abs());
            }
            Err(reason) => refused.push(format!("seed {seed}: {reason}")),
        }
    }
    errors.sort_by(f64::total_cmp);
    (errors, refused)
}

fn check(row: &str, disturbance: Disturbance, p99_us: f64, refusals: usize, change: impl Fn(&mut Room)) {
    let (errors, refused) = errors(disturbance, change);
    assert!(refused.len() <= refusals, "{row}: {refused:#?}");
    let last = errors.len().saturating_sub(1);
    let part = |share: f64| errors.get(((errors.len() as f64 * share) as usize).min(last)).copied();
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| part(share).unwrap_or(0.0));
    println!("{row:<28} p50 {p50:6.1}  p99 {p99:6.1}  max {max:6.1} µs  refused {}", refused.len());
    assert!(p99 <= p99_us, "{row}: p99 {p99} µs");
}

fn snr(snr_db: f64) -> Disturbance {
    Disturbance { snr_db, ..Disturbance::default() }
}

#[test]
fn a_quiet_room_gives_the_difference() {
    check("quiet, 30 dB", snr(30.0), 100.0, rooms() / 50, |_| {});
}

#[test]
fn a_noisy_room_gives_the_difference() {
    check("noisy, 10 dB", snr(10.0), 100.0, rooms() / 50, |_| {});
}

#[test]
fn noise_as_loud_as_the_chirps_leaves_the_difference_or_is_told() {
    check("as loud, 0 dB", snr(0.0), 100.0, usize::MAX, |_| {});
}

#[test]
fn noise_louder_than_the_chirps_leaves_the_difference_or_is_told() {
    check("louder, -10 dB", snr(-10.0), 100.0, usize::MAX, |_| {});
}

#[test]
fn hum_leaves_the_difference() {
    check("hum ten times as loud", Disturbance { hum: 10.0, ..snr(20.0) }, 100.0, rooms() / 50, |_| {});
}

#[test]
fn clipping_leaves_the_difference() {
    check(
        "clipped at a quarter",
        Disturbance { clip_at: 0.25, ..snr(20.0) },
        100.0,
        1 + rooms() / 50,
        |_| {},
    );
}

#[test]
fn a_hidden_direct_way_leaves_the_difference() {
    check("direct way 12 dB weaker", snr(20.0), 100.0, rooms() / 50, |room| room.direct = 0.25);
}

#[test]
fn a_hall_leaves_the_difference_or_is_told() {
    check("rings for 1.2 s", snr(20.0), 100.0, usize::MAX, |room| {
        room.rings = 1.2;
        room.reflects = 0.95;
    });
}
