//! Every tool over a pattern, through two peers: both have the same song, and it sounds the same to the bit.

use antiphon_tests::{may_use_namespaces, until};
use serde_json::{Value, json};

use crate::{
    alone,
    friends::{LIMIT, Pair},
};

/// Everything that works on a pattern, one after the other on the same line.
fn tools(track: &str, other: &str) -> Vec<Value> {
    let on_pattern = |edit: Value| {
        let mut edit = edit;
        edit["track"] = json!(track);
        edit
    };
    let reshape = |tool: Value| on_pattern(json!({ "type": "reshape", "tool": tool }));
    let text = "speed 3/4 humanise 30\nx 7(4,11=32){cutoff:-1200}*3 _ -5!90%50?!1:4>12 x--x o--o -x-x";
    vec![
        on_pattern(json!({ "type": "setPatternText", "text": text })),
        reshape(json!({ "type": "rotate", "steps": 3 })),
        reshape(json!({ "type": "invert" })),
        reshape(json!({ "type": "reverse" })),
        reshape(json!({ "type": "transpose", "semitones": 5 })),
        reshape(json!({ "type": "quantise", "grid": "1/16t", "strength": 60 })),
        reshape(json!({ "type": "mirror" })),
        on_pattern(json!({ "type": "setHumanise", "percent": 45 })),
        on_pattern(json!({ "type": "setSpeed", "speed": "3/2" })),
        on_pattern(json!({ "type": "setNotes", "notes":
            [{ "note": { "startSteps": 1.25, "lengthSteps": 2, "pitch": 12, "velocity": 90 } }] })),
        on_pattern(json!({ "type": "setChords", "notes": [{ "step": 0, "pitch": 7, "length": 20 }] })),
        on_pattern(json!({ "type": "setLocks", "locks": [{ "step": 0, "param": "drive", "value": 60 }] })),
        json!({ "type": "copyPattern", "fromTrack": track, "toTrack": other }),
        json!({ "type": "reshape", "track": other, "tool": { "type": "euclid", "hits": 5, "rotation": 2 } }),
        json!({ "type": "pasteTrack", "text": "track \"Bells\" synth:pluck\nx--x--x-" }),
        on_pattern(json!({ "type": "addPattern", "name": "B" })),
        json!({ "type": "addScene", "name": "Verse" }),
        json!({ "type": "reroll" }),
        reshape(json!({ "type": "block", "colour": 4, "rhythm": 6 })),
    ]
}

#[test]
fn every_pattern_tool_gives_both_peers_one_song_and_one_sound() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let mut pair = Pair::jamming();
    let (track, other) = (pair.ada.open().track_id(4), pair.ada.open().track_id(5));
    for (number, tool) in tools(&track, &other).into_iter().enumerate() {
        let before = pair.ada.open().song().clone();
        let (here, there) = match number % 2 {
            0 => (&mut pair.ada, &mut pair.bo),
            _ => (&mut pair.bo, &mut pair.ada),
        };
        here.edit(tool.clone());
        let after = here.open().song().clone();
        assert_ne!(after, before, "{tool} changed nothing");
        until(&format!("{tool} is there too"), LIMIT, || *there.open().song() == after);
        here.door.call("undo", Value::Null);
        until(&format!("{tool} is undone there too"), LIMIT, || here.open().song() == there.open().song());
        here.door.call("redo", Value::Null);
        until(&format!("{tool} is redone there too"), LIMIT, || here.open().song() == there.open().song());
    }
    let file = |number: usize| pair.homes[number].beside("mix.wav");
    let files = [file(0), file(1)];
    let sounds = [pair.ada.render(&files[0]), pair.bo.render(&files[1])];
    assert!(sounds[0].peak_db() > -60.0 && sounds[0].bytes == sounds[1].bytes, "they do not sound the same");
    let listed = [&mut pair.ada, &mut pair.bo].map(|friend| friend.door.call("events", json!({ "bars": 8 })));
    assert!(listed[0]["events"].as_array().is_some_and(|events| events.len() > 20));
    assert_eq!(listed[0], listed[1], "their dice differ");
}
