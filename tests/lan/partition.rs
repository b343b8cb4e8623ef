//! A cut cable: both go on alone, and merge when it is plugged in again.

use std::{thread, time::Duration};

use antiphon_testkit::is_long;
use antiphon_tests::{Door, Open, Stopwatch, may_use_namespaces, until};
use serde_json::{Value, json};

use crate::{
    alone,
    friends::{Pair, agree, company},
    stored,
};

const EDITS_EACH: usize = 500;
/// From the plug on until both have one song.
const MERGE_LIMIT: Duration = Duration::from_secs(15);
/// Edits between two looks at the song.
const ROUND: usize = 25;

#[test]
fn a_thousand_edits_on_both_sides_of_a_cut_merge_into_one_song() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let mut pair = Pair::jamming();
    let length = Duration::from_secs(if is_long() { 600 } else { 6 });
    let cable = &pair.lan.places()[1];
    let cut = Stopwatch::start();
    cable.cut();
    let (ada, bo) = (&mut pair.ada, &mut pair.bo);
    thread::scope(|scope| {
        scope.spawn(|| edit_a_lot(&mut ada.door, 0));
        scope.spawn(|| edit_a_lot(&mut bo.door, 1));
    });
    company(ada, 0);
    company(bo, 0);
    until("the cut is long enough", length, || cut.elapsed() >= length);
    assert_ne!(ada.open().song(), bo.open().song(), "they were apart");
    let apart = cut.elapsed();
    cable.heal();
    let merged = agree(ada, bo);
    println!(
        "bar: {} edits during a cut of {:.1} s, merged {:.2} s after it",
        2 * EDITS_EACH,
        apart.as_secs_f64(),
        merged.as_secs_f64()
    );

    assert!(merged <= MERGE_LIMIT, "merged only after {merged:?}");
    let [here, there] = [("ada.wav", &mut pair.ada), ("bo.wav", &mut pair.bo)]
        .map(|(name, friend)| friend.render(&pair.homes[0].beside(name)));
    println!("bar: both render {} bytes, {:.1} dB RMS", here.bytes.len(), here.rms_db());
    assert!(here.rms_db() > -50.0, "the render is silent");
    assert!(here.bytes == there.bytes, "the renders differ");

    let session = pair.ada.open().id().to_owned();
    pair.ada.running.stop();
    pair.bo.running.stop();
    let [ada, bo] = pair.homes.each_ref().map(|home| stored::heads(home.folder(), &session));
    println!("bar: equal heads on both disks after {} changes", ada.changes);
    assert_eq!(ada, bo);
    assert!(ada.changes >= 2 * EDITS_EACH, "{} changes", ada.changes);
}

/// Edits of every kind. The two sides touch the same tracks and differ in what they set.
fn edit_a_lot(door: &mut Door, side: usize) {
    let (mut tried, mut done) = (0, 0);
    while done < EDITS_EACH {
        let song = Open::of(door);
        let tracks: Vec<String> = (0..song.tracks().len()).map(|index| song.track_id(index)).collect();
        for number in tried..tried + ROUND {
            match door.try_call("edit", edit(&tracks, number, side)) {
                Ok(_) => done += 1,
                // Such an edit makes no change, so it does not count.
                Err(refusal) => assert_eq!(refusal.message, "nothing would change", "{number}"),
            }
        }
        tried += ROUND;
    }
}

fn edit(tracks: &[String], number: usize, side: usize) -> Value {
    let track = &tracks[(number * 7 + side) % tracks.len()];
    let name = ["Ada's", "Bo's"][side];
    match number % ROUND {
        0 if number < 4 * ROUND => json!({ "type": "addTrack", "sound": "drum:clap" }),
        1 => json!({ "type": "renameTrack", "track": track, "name": format!("{name} {number}") }),
        2 => json!({ "type": "setTempo", "bpm": 100 + number % 50 + side }),
        3 => json!({ "type": "moveTrack", "track": track, "index": number % tracks.len() }),
        4 => {
            json!({ "type": "setStrip", "track": track, "gainDb": -((number % 12) as f64), "pan": number % 90 })
        }
        5 => json!({ "type": "setSwing", "percent": number % 60 + side }),
        6 => {
            json!({ "type": "setPatternLength", "track": track, "length": 16 << ((number / ROUND + side) % 3) })
        }
        // Once: each side removes a track that the other goes on editing.
        7 if number / ROUND == 4 => json!({ "type": "removeTrack", "track": tracks[1 + side] }),
        7 if number / ROUND == 9 => json!({ "type": "clearPattern", "track": track }),
        _ => json!({ "type": "setSteps", "track": tracks[number % 2 * (tracks.len() - 1)], "steps": [{
            "step": number % 16, "on": !(number + side).is_multiple_of(3), "velocity": 1 + (number * 5 + side) % 127, "pitch": number % 12,
        }] }),
    }
}
