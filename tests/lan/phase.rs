//! Finding one another, being let in, and playing in phase.

use std::time::Duration;

use antiphon_tests::{Door, Home, Lan, Stopwatch, may_use_namespaces, until};
use serde_json::{Value, json};

use crate::{
    alone,
    friends::{CLOCKS, ClockError, DISCOVERY_LIMIT, start},
};

/// From the owner's yes until both play in phase.
const PHASE_LIMIT: Duration = Duration::from_secs(5);
/// Session clocks of peers that play in phase differ by less.
const PHASE_MS: f64 = 1.0;

#[test]
fn strangers_are_in_phase_within_five_seconds_of_the_owners_yes() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let lan = Lan::new(2);
    let homes = [Home::new(), Home::new()];
    let mut ada = start(&homes[0], &lan.places()[0], CLOCKS[0]);
    ada.edit(json!({ "type": "setTempo", "bpm": 120.0 }));
    ada.door.call("play", Value::Null);
    let started = Stopwatch::start();
    let mut bo = start(&homes[1], &lan.places()[1], CLOCKS[1]);
    bo.see(&ada.id, started.left(DISCOVERY_LIMIT));
    let found = started.elapsed().as_secs_f64();
    println!("bar: discovered {found:.2} s after the start of the process (at most 3)");

    bo.door.call("join", json!({ "peer": ada.id }));
    let allowed = ada.allow(&bo.id);
    until("both play in phase", allowed.left(PHASE_LIMIT), || {
        let same_song = ada.open().song() == bo.open().song();
        let playing = ada.open().is_playing() && bo.open().is_playing();
        same_song && playing && apart_ms(&mut ada.door, &mut bo.door).is_some_and(|ms| ms.abs() < PHASE_MS)
    });
    println!("bar: in phase {:.2} s after Allow (at most 5)", allowed.elapsed().as_secs_f64());

    let mut worst = 0.0_f64;
    for _ in 0..50 {
        let apart = apart_ms(&mut ada.door, &mut bo.door).expect("they share a session clock");
        worst = worst.max(apart.abs());
    }
    println!("bar: session clocks at most {worst:.4} ms apart in 50 looks (below 1)");
    assert!(worst < PHASE_MS);
    let apart = playheads_apart_steps(&mut ada.door, &mut bo.door);
    println!("bar: playheads {apart:.3} steps apart, as two screens show them (below 0.25)");
    assert!(apart < 0.25);

    bo.door.call("stop", Value::Null);
    until("a stop is everybody's", PHASE_LIMIT, || !ada.open().is_playing() && !bo.open().is_playing());
    bo.door.call("play", Value::Null);
    until("so is a play", PHASE_LIMIT, || ada.open().is_playing() && bo.open().is_playing());
    let apart = playheads_apart_steps(&mut ada.door, &mut bo.door);
    assert!(apart < 0.25, "after the friend's play the playheads are {apart} steps apart");
}

/// A reading of a peer's session clock, at a true moment.
struct Reading {
    timebase: String,
    true_ms: f64,
    session_ms: f64,
    /// Session milliseconds per true millisecond.
    rate: f64,
}

impl Reading {
    fn of(door: &mut Door, (offset_ms, skew_ppm): ClockError) -> Self {
        let clock = door.call("clock", Value::Null);
        let number = |name: &str| clock[name].as_f64().expect("a number");
        let skewed = 1.0 + skew_ppm as f64 / 1e6;
        Self {
            timebase: clock["timebase"].as_str().expect("a name").to_owned(),
            // What the peer takes for its machine's clock was bent on purpose: this bends it back.
            true_ms: (number("hostMs") - offset_ms as f64) / skewed,
            session_ms: number("sessionMs"),
            rate: skewed * (1.0 + number("ratePpm") / 1e6),
        }
    }

    fn session_ms_at(&self, true_ms: f64) -> f64 {
        self.session_ms + (true_ms - self.true_ms) * self.rate
    }
}

/// How far apart the session clocks of Ada and Bo are at one true moment; `None` while they follow different ones.
fn apart_ms(ada: &mut Door, bo: &mut Door) -> Option<f64> {
    let (ada, bo) = (Reading::of(ada, CLOCKS[0]), Reading::of(bo, CLOCKS[1]));
    let same = ada.timebase == bo.timebase;
    same.then(|| ada.session_ms_at(bo.true_ms) - bo.session_ms)
}

/// The median distance of what two screens show: coarse, but the music itself, not only its clock.
fn playheads_apart_steps(ada: &mut Door, bo: &mut Door) -> f64 {
    let mut apart: Vec<f64> = (0..15)
        .map(|_| {
            let ((ada_at, ada_steps, speed), (bo_at, bo_steps, _)) = (playhead(ada), playhead(bo));
            let (later, earlier) = (ada_at.to(&bo_at).as_secs_f64(), bo_at.to(&ada_at).as_secs_f64());
            (ada_steps + (later - earlier) * speed - bo_steps).abs()
        })
        .collect();
    antiphon_testkit::sound::quantile(&mut apart, 0.5)
}

/// Where a peer hears the music, and how fast it moves, by the newest telemetry.
fn playhead(door: &mut Door) -> (Stopwatch, f64, f64) {
    door.forget_events();
    let (at, (steps, speed)) = door.wait_for("telemetry", PHASE_LIMIT, |event| {
        let telemetry = &event["telemetry"];
        let playing = telemetry["playing"] == true;
        playing
            .then(|| Some((telemetry["positionSteps"].as_f64()?, telemetry["stepsPerSecond"].as_f64()?)))?
    });
    (at, steps, speed)
}
