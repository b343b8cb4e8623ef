//! How quickly an edit here is applied there.

use std::time::Duration;

use antiphon_testkit::sound::quantile;
use antiphon_tests::{Stopwatch, Watchdog, may_use_namespaces, micros};

use crate::{
    alone,
    friends::{Friend, LIMIT, Pair, step},
};

const CLEAN_EDITS: usize = 200;
const EDITS_MAX: usize = 2_000;
/// While the machine itself stood still for longer, an edit's time says nothing about the product.
const STALL: Duration = Duration::from_millis(15);

#[test]
fn an_edit_here_is_applied_there_within_sixty_milliseconds() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let mut pair = Pair::jamming();
    let track = pair.ada.open().track_id(0);
    let watchdog = Watchdog::start();
    let (mut clean, mut all) = (Vec::new(), Vec::new());
    while clean.len() < CLEAN_EDITS {
        let number = all.len();
        assert!(number < EDITS_MAX, "the machine stands still too often: {} clean edits", clean.len());
        let (here, there) = match number % 2 {
            0 => (&mut pair.ada, &mut pair.bo),
            _ => (&mut pair.bo, &mut pair.ada),
        };
        watchdog.worst();
        let took = edit_to_applied(here, there, &track, number);
        if watchdog.worst() < STALL {
            clean.push(micros(took));
        }
        all.push(micros(took));
    }
    let figures = |times: &mut [f64]| [0.5, 0.99].map(|part| quantile(times, part) / 1e3);
    let ([p50, p99], [raw_p50, raw_p99]) = (figures(&mut clean), figures(&mut all));
    println!(
        "bar: edit here, applied there: p50 {p50:.2} ms, p99 {p99:.2} ms over {} edits without a stall of the machine \
         (at most 10 and 60); all {}: {raw_p50:.2}, {raw_p99:.2}",
        clean.len(),
        all.len()
    );
    assert!(p50 <= 10.0 && p99 <= 60.0);
}

/// From the moment an edit is sent to one peer until the other tells of the changed song.
fn edit_to_applied(here: &mut Friend, there: &mut Friend, track: &str, number: usize) -> Duration {
    there.door.forget_events();
    // Neighbouring edits differ in step and velocity, so no event of another is taken for this one's.
    let (at, velocity) = (number % 16, 1 + number % 127);
    let sent = Stopwatch::start();
    here.edit(step(track, at, velocity));
    let (applied, ()) = there.door.wait_for("the edit is applied there", LIMIT, |event| {
        let patterns = event["change"]["patterns"].as_array()?;
        let changed = patterns.iter().find(|changed| changed["track"] == track)?;
        let mut steps = changed["steps"].as_array()?.iter();
        steps.any(|step| step["index"] == at && step["step"]["velocity"] == velocity).then_some(())
    });
    sent.to(&applied)
}
