//! Metronome, count-in and tap, asked for as an interface does.

mod studio;

use serde_json::{Value, json};
use studio::Studio;

async fn ask(studio: &Studio, command: &str, args: Value) -> Value {
    studio.call(command, args).await.expect(command)
}

#[tokio::test]
async fn a_metronome_is_set_in_parts_and_survives_a_restart() {
    let studio = Studio::new().await;
    let first = ask(&studio, "metronome", json!({})).await;
    assert_eq!(first, json!({ "on": false, "volumeDb": 0.0, "countInBars": 0 }));
    ask(&studio, "metronome", json!({ "on": true, "volumeDb": -6.5 })).await;
    let set = ask(&studio, "metronome", json!({ "countInBars": 2 })).await;
    assert_eq!(set, json!({ "on": true, "volumeDb": -6.5, "countInBars": 2 }));
    let studio = studio.restarted().await;
    assert_eq!(ask(&studio, "metronome", json!({})).await, set);
}

#[tokio::test]
async fn a_metronome_out_of_range_is_refused_and_stays_as_it_is() {
    let studio = Studio::new().await;
    for (args, code) in [
        (json!({ "on": true, "volumeDb": 6.01 }), "invalid"),
        (json!({ "volumeDb": -61 }), "invalid"),
        (json!({ "countInBars": 9 }), "invalid"),
        (json!({ "countInBars": -1 }), "invalid"),
        (json!({ "on": "loud" }), "badRequest"),
    ] {
        let refused = studio.call("metronome", args.clone()).await.expect_err(&args.to_string());
        assert_eq!(serde_json::to_value(refused.code).unwrap(), code, "{args}: {refused}");
    }
    let refused = studio.call("play", json!({ "countInBars": 40 })).await.expect_err("too many bars");
    assert!(refused.message.contains("0 to 8") && refused.next_step.is_some(), "{refused}");
    assert_eq!(ask(&studio, "metronome", json!({})).await["on"], json!(false));
}

#[tokio::test]
async fn a_count_in_is_told_beat_by_beat_before_the_music_moves() {
    let mut studio = Studio::new().await;
    studio.edit(json!({ "type": "setTempo", "bpm": 999 })).await;
    studio.edit(json!({ "type": "setMeter", "beats": 3, "unit": 4 })).await;
    ask(&studio, "play", json!({ "countInBars": 1 })).await;
    let mut counted = vec![];
    let started = studio
        .telemetry_until(|telemetry| {
            let left = telemetry["countIn"].as_u64().expect("a number of beats");
            if left > 0 && counted.last() != Some(&left) {
                counted.push(left);
                assert_eq!(telemetry["positionSteps"], json!(0.0));
            }
            telemetry["positionSteps"].as_f64() > Some(0.0)
        })
        .await;
    assert!(!counted.is_empty() && counted.is_sorted_by(|a, b| a > b) && counted[0] <= 3, "{counted:?}");
    assert_eq!((&started["bar"], &started["meter"]["beats"]), (&json!(0), &json!(3)));
}

#[tokio::test]
async fn the_third_tap_sets_the_tempo() {
    let studio = Studio::new().await;
    assert_eq!(ask(&studio, "tap", Value::Null).await, json!({ "bpm": null }));
    assert_eq!(ask(&studio, "tap", Value::Null).await, json!({ "bpm": null }));
    let tapped = ask(&studio, "tap", Value::Null).await["bpm"].clone();
    assert!(tapped.as_f64() > Some(30.0), "{tapped}");
    assert_eq!(studio.song().await["bpm"], tapped);
    // Nobody plays, so the same tempo once more is no refusal.
    assert!(ask(&studio, "tap", Value::Null).await["bpm"].is_number());
}

#[tokio::test]
async fn edits_that_wait_for_a_bar_are_counted_and_named_until_it_comes() {
    let mut studio = Studio::new().await;
    studio.edit(json!({ "type": "setMeter", "beats": 16, "unit": 4 })).await;
    studio.edit(json!({ "type": "setEditsAtBar", "on": true })).await;
    ask(&studio, "play", json!({})).await;
    studio.telemetry_until(|telemetry| telemetry["positionSteps"].as_f64() > Some(0.0)).await;
    studio.edit(json!({ "type": "setSwing", "percent": 30 })).await;
    studio.edit(json!({ "type": "setSwing", "percent": 40 })).await;
    let waiting = studio.told_until("waiting", |waiting| waiting["edits"] == 2).await;
    assert_eq!(waiting, json!({ "edits": 2, "bar": 1 }));
    assert_eq!(ask(&studio, "session", Value::Null).await["waiting"], waiting);
    assert_eq!(studio.song().await["swing"], 40);
    // The bar is eight seconds long at 120: whoever stops hears the edits when they play again.
    ask(&studio, "stop", Value::Null).await;
    studio.told_until("waiting", Value::is_null).await;
    assert_eq!(ask(&studio, "session", Value::Null).await["waiting"], Value::Null);
}
