//! Every edit of the wire: what it does is there and told, undo takes it back, and what cannot be is refused.

mod studio;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use studio::Studio;

/// Ids of the session that the tables speak of.
struct Ids {
    kick: Value,
    bass: Value,
    /// The pattern of the bass that is launched, and another.
    line: Value,
    other: Value,
    scene: Value,
    link: Value,
}

impl Ids {
    async fn of(studio: &Studio) -> Self {
        let song = studio.song().await;
        let (kick, bass) = (song["tracks"][0]["id"].clone(), song["tracks"][1]["id"].clone());
        let made = studio.edit(json!({ "type": "addPattern", "track": bass, "name": "Turn" })).await;
        let scene = studio.edit(json!({ "type": "addScene", "name": "Verse" })).await["scene"].clone();
        studio.edit(json!({ "type": "addScene", "name": "Chorus" })).await;
        let link = studio.edit(json!({ "type": "addLink", "scene": scene, "bars": 4 })).await["link"].clone();
        studio.edit(json!({ "type": "addLink", "scene": scene, "bars": 2 })).await;
        let line = song["tracks"][1]["pattern"].clone();
        Self { kick, bass, line, other: made["pattern"].clone(), scene, link }
    }
}

/// Edits with what they make of the song: a place in it (JSON pointer) and what is there.
fn edits(ids: &Ids) -> Vec<(Value, &'static str, Value)> {
    let Ids { kick, bass, line, other, scene, link } = ids;
    let groove = json!({ "template": "laid-back", "amount": 60 });
    let tool = |tool: Value| json!({ "type": "reshape", "track": bass, "tool": tool });
    vec![
        (json!({ "type": "renameSession", "name": "Night" }), "/name", json!("Night")),
        (json!({ "type": "setTempo", "bpm": 133.5 }), "/bpm", json!(133.5)),
        (json!({ "type": "setTempo", "bpm": 99, "rampSeconds": 2.5 }), "/bpm", json!(99.0)),
        (json!({ "type": "setMeter", "beats": 7, "unit": 8 }), "/meter", json!({ "beats": 7, "unit": 8 })),
        (json!({ "type": "setQuantum", "quantum": "fourBars" }), "/quantum", json!("fourBars")),
        (json!({ "type": "setEditsAtBar", "on": true }), "/editsAtBar", json!(true)),
        (json!({ "type": "setSwing", "percent": 31 }), "/swing", json!(31)),
        (json!({ "type": "setGroove", "groove": groove }), "/groove", groove.clone()),
        (json!({ "type": "setMaster", "db": -3.5 }), "/masterDb", json!(-3.5)),
        (json!({ "type": "addTrack", "sound": "drum:clap", "index": 1 }), "/tracks/1/name", json!("Clap")),
        (json!({ "type": "removeTrack", "track": kick }), "/tracks/0/id", bass.clone()),
        (json!({ "type": "renameTrack", "track": kick, "name": "Thud" }), "/tracks/0/name", json!("Thud")),
        (json!({ "type": "setTrackColour", "track": kick, "colour": 7 }), "/tracks/0/colour", json!(7)),
        (json!({ "type": "moveTrack", "track": bass, "index": 0 }), "/tracks/0/id", bass.clone()),
        (
            json!({ "type": "setSound", "track": kick, "sound": "drum:tom" }),
            "/tracks/0/soundLabel",
            json!("Tom"),
        ),
        (json!({ "type": "setStrip", "track": kick, "gainDb": -9.25 }), "/tracks/0/gainDb", json!(-9.25)),
        (json!({ "type": "setStrip", "track": kick, "solo": true }), "/tracks/0/solo", json!(true)),
        (json!({ "type": "setTrackSwing", "track": kick, "percent": 12 }), "/tracks/0/swing", json!(12)),
        (
            json!({ "type": "setTrackGroove", "track": kick, "groove": groove }),
            "/tracks/0/groove",
            groove.clone(),
        ),
        (
            json!({ "type": "setTrigger", "track": kick, "trigger": "gated" }),
            "/tracks/0/trigger",
            json!("gated"),
        ),
        (json!({ "type": "setChoke", "track": kick, "group": 3 }), "/tracks/0/choke", json!(3)),
        (
            json!({ "type": "setParam", "track": bass, "param": "cutoff", "value": -1200 }),
            "/tracks/1/params",
            json!([{ "param": "cutoff", "value": -1200 }]),
        ),
        (
            json!({ "type": "setPatternLength", "track": bass, "length": 24 }),
            "/tracks/1/patterns/0/length",
            json!(24),
        ),
        (
            json!({ "type": "setPatternLength", "track": bass, "pattern": other, "length": 5 }),
            "/tracks/1/patterns/1/length",
            json!(5),
        ),
        (
            json!({ "type": "setSteps", "track": bass, "steps": [{ "step": 3, "on": true, "velocity": 90, "pitch": -5,
                "length": 24, "tie": true, "micro": -12, "ratchet": 3, "chance": 40, "condition": "!3:4" }] }),
            "/tracks/1/patterns/0/steps/3",
            json!({ "on": true, "velocity": 90, "pitch": -5, "length": 24, "tie": true, "micro": -12, "ratchet": 3,
                "chance": 40, "condition": "!3:4" }),
        ),
        (json!({ "type": "clearPattern", "track": bass }), "/tracks/1/patterns/0/steps/0/on", json!(false)),
        (
            json!({ "type": "setChords", "track": bass, "notes": [{ "step": 0, "pitch": 7, "length": 8 }] }),
            "/tracks/1/patterns/0/chords",
            json!([{ "step": 0, "pitch": 7, "length": 8 }]),
        ),
        (
            json!({ "type": "setLocks", "track": bass, "locks": [{ "step": 0, "param": "drive", "value": 40 }] }),
            "/tracks/1/patterns/0/locks",
            json!([{ "step": 0, "param": "drive", "value": 40 }]),
        ),
        (
            json!({ "type": "setNotes", "track": bass, "notes":
                [{ "note": { "startSteps": 2.5, "lengthSteps": 0.75, "pitch": 4, "velocity": 77 } }] }),
            "/tracks/1/patterns/0/notes/0/startSteps",
            json!(2.5),
        ),
        (
            json!({ "type": "setSpeed", "track": bass, "speed": "3/2" }),
            "/tracks/1/patterns/0/speed",
            json!("3/2"),
        ),
        (
            json!({ "type": "setHumanise", "track": bass, "percent": 25 }),
            "/tracks/1/patterns/0/humanise",
            json!(25),
        ),
        (
            json!({ "type": "renamePattern", "track": bass, "pattern": other, "name": "Break" }),
            "/tracks/1/patterns/1/name",
            json!("Break"),
        ),
        (
            json!({ "type": "setPatternText", "track": bass, "text": "x--- x--- x--- x-x-\nspeed 1/2" }),
            "/tracks/1/patterns/0/steps/14/on",
            json!(true),
        ),
        (
            json!({ "type": "pasteTrack", "text": "track \"Bell\" drum:cowbell\n--x-", "index": 0 }),
            "/tracks/0/patterns/0/length",
            json!(4),
        ),
        (
            json!({ "type": "copyPattern", "fromTrack": bass, "toTrack": kick }),
            "/tracks/0/patterns/0/steps/4/on",
            json!(true),
        ),
        (
            json!({ "type": "addPattern", "track": bass, "like": line }),
            "/tracks/1/patterns/2/steps/4/on",
            json!(true),
        ),
        (
            json!({ "type": "removePattern", "track": bass, "pattern": other }),
            "/tracks/1/patterns/1",
            Value::Null,
        ),
        (
            tool(json!({ "type": "euclid", "hits": 5, "rotation": 1 })),
            "/tracks/1/patterns/0/steps/1/on",
            json!(true),
        ),
        (tool(json!({ "type": "rotate", "steps": -1 })), "/tracks/1/patterns/0/steps/3/on", json!(true)),
        (tool(json!({ "type": "invert" })), "/tracks/1/patterns/0/steps/1/on", json!(true)),
        (tool(json!({ "type": "reverse" })), "/tracks/1/patterns/0/steps/15/on", json!(true)),
        (tool(json!({ "type": "mirror" })), "/tracks/1/patterns/0/steps/15/on", json!(true)),
        (
            tool(json!({ "type": "transpose", "semitones": 7 })),
            "/tracks/1/patterns/0/steps/0/pitch",
            json!(7),
        ),
        (
            tool(json!({ "type": "quantise", "grid": "1/16", "strength": 100 })),
            "/tracks/1/patterns/0/steps/4/micro",
            json!(0),
        ),
        (
            tool(json!({ "type": "block", "colour": 2, "rhythm": 3 })),
            "/tracks/1/patterns/0/length",
            json!(16),
        ),
        (
            json!({ "type": "launch", "slots": [{ "track": bass, "pattern": other }] }),
            "/tracks/1/pattern",
            other.clone(),
        ),
        (json!({ "type": "setFill", "on": true, "quantum": "beat" }), "/fill/to", json!(true)),
        (json!({ "type": "setPlayMode", "mode": "chain" }), "/mode/to", json!("chain")),
        (json!({ "type": "addScene", "name": "Coda", "index": 0 }), "/scenes/0/name", json!("Coda")),
        (json!({ "type": "removeScene", "scene": scene }), "/scenes/0/name", json!("Chorus")),
        (json!({ "type": "renameScene", "scene": scene, "name": "Intro" }), "/scenes/0/name", json!("Intro")),
        (json!({ "type": "moveScene", "scene": scene, "index": 1 }), "/scenes/1/id", scene.clone()),
        (
            json!({ "type": "setSceneSlot", "scene": scene, "track": bass, "pattern": other }),
            "/scenes/0/slots/1/pattern",
            other.clone(),
        ),
        (json!({ "type": "addLink", "scene": scene, "bars": 9, "index": 0 }), "/chain/0/bars", json!(9)),
        (json!({ "type": "setLink", "link": link, "bars": 7 }), "/chain/0/bars", json!(7)),
        (json!({ "type": "moveLink", "link": link, "index": 1 }), "/chain/1/id", link.clone()),
        (json!({ "type": "removeLink", "link": link }), "/chain/0/bars", json!(2)),
    ]
}

/// The state that the tables start from: a bass line that a tool can get hold of.
async fn prepared() -> (Studio, Ids) {
    let studio = Studio::new().await;
    let ids = Ids::of(&studio).await;
    let text = "x--- x>9--- ---- ----";
    studio.edit(json!({ "type": "setPatternText", "track": ids.bass, "text": text })).await;
    (studio, ids)
}

#[tokio::test]
async fn every_edit_is_done_told_and_undone_in_one_go() {
    let (mut studio, ids) = prepared().await;
    let before = studio.song().await;
    for (edit, place, expected) in edits(&ids) {
        studio.edit(edit.clone()).await;
        let song = studio.song().await;
        assert_eq!(song.pointer(place).unwrap_or(&Value::Null), &expected, "{edit}");
        studio.hear().await;
        studio.call("undo", Value::Null).await.expect("it can be undone");
        assert_eq!(studio.song().await, before, "undoing {edit}");
        studio.hear().await;
    }
}

#[tokio::test]
async fn a_launch_while_it_plays_waits_for_its_bar_and_says_so() {
    let (mut studio, ids) = prepared().await;
    studio.call("play", Value::Null).await.expect("it plays");
    studio.edit(json!({ "type": "launch", "slots": [{ "track": ids.bass, "pattern": ids.other }] })).await;
    studio.edit(json!({ "type": "setFill", "on": true })).await;
    let song = studio.song().await;
    let (track, fill) = (&song["tracks"][1], &song["fill"]);
    assert_eq!((&track["pattern"], &track["pending"]["from"]), (&ids.other, &ids.line));
    assert_eq!((&fill["to"], &fill["from"]), (&json!(true), &json!(false)));
    for at in [&track["pending"]["atSteps"], &fill["atSteps"]] {
        assert!(at.as_f64().is_some_and(|at| at >= 0.0 && at % 16.0 == 0.0), "{at}");
    }
    studio.hear().await;
    // In no other run does it wait: with the run that it waited in, the waiting ends.
    studio.call("stop", Value::Null).await.expect("it stops");
    studio.hear_until("/tracks/1/pending", &Value::Null).await;
    studio.hear_until("/fill/atSteps", &Value::Null).await;
}

#[tokio::test]
async fn a_scene_launches_what_it_names_and_dice_roll_anew() {
    let (studio, ids) = prepared().await;
    let slot = json!({ "type": "setSceneSlot", "scene": ids.scene, "track": ids.bass, "pattern": ids.other });
    studio.edit(slot).await;
    studio.edit(json!({ "type": "launchScene", "scene": ids.scene })).await;
    let song = studio.song().await;
    assert_eq!((&song["tracks"][1]["pattern"], &song["tracks"][0]["pending"]), (&ids.other, &Value::Null));
    studio.edit(json!({ "type": "reroll" })).await;
    assert_ne!(studio.song().await["seed"], song["seed"]);
}

/// Edits that cannot be, the kind of refusal, and a part of the cause that it must tell.
fn refusals(ids: &Ids) -> Vec<(Value, &'static str, &'static str)> {
    let Ids { kick, bass, line, other, scene, link } = ids;
    let nobody = json!("00".repeat(16));
    let many: Vec<_> = (1..=8).map(|pitch| json!({ "step": 0, "pitch": pitch, "length": 16 })).collect();
    let bad_groove = json!({ "template": "polka", "amount": 10 });
    let tool = |tool: Value| json!({ "type": "reshape", "track": bass, "tool": tool });
    let note = |note: Value| json!({ "type": "setNotes", "track": bass, "notes": [{ "note": note }] });
    vec![
        (json!({ "type": "frobnicate" }), "badRequest", "frobnicate"),
        (json!({ "type": "renameSession", "name": " " }), "invalid", "visible character"),
        (json!({ "type": "setTempo", "bpm": 4 }), "invalid", "20 to 999"),
        (json!({ "type": "setTempo", "bpm": 0 }), "invalid", "20 to 999"),
        (json!({ "type": "setTempo", "bpm": null }), "badRequest", "null"),
        (json!({ "type": "setTempo", "bpm": 99, "rampSeconds": 121 }), "invalid", "0 to 120"),
        (json!({ "type": "setMeter", "beats": 5, "unit": 3 }), "invalid", "5/3"),
        (json!({ "type": "setMeter", "beats": 0, "unit": 4 }), "invalid", "0/4"),
        (json!({ "type": "setQuantum", "quantum": "week" }), "badRequest", "week"),
        (json!({ "type": "setEditsAtBar", "on": 1 }), "badRequest", "1"),
        (json!({ "type": "setSwing", "percent": 101 }), "invalid", "0 to 100"),
        (json!({ "type": "setGroove", "groove": bad_groove }), "invalid", "there are straight"),
        (json!({ "type": "setMaster", "db": 7 }), "invalid", "-60 to 6"),
        (json!({ "type": "addTrack", "sound": "drum:gong" }), "invalid", "gong"),
        (json!({ "type": "pasteTrack", "text": "x--- x*9" }), "invalid", "line 1, column 8"),
        (json!({ "type": "removeTrack", "track": nobody }), "notFound", "there is no track"),
        (json!({ "type": "renameTrack", "track": kick, "name": "" }), "invalid", "visible character"),
        (json!({ "type": "setTrackColour", "track": kick, "colour": 12 }), "invalid", "0 to 11"),
        (json!({ "type": "moveTrack", "track": nobody, "index": 0 }), "notFound", "there is no track"),
        (json!({ "type": "setSound", "track": kick, "sound": "x" }), "invalid", "x"),
        (json!({ "type": "setStrip", "track": kick, "pan": 101 }), "invalid", "-100 to 100"),
        (json!({ "type": "setStrip", "track": kick }), "invalid", "sets nothing"),
        (json!({ "type": "setTrackSwing", "track": kick, "percent": -1 }), "invalid", "0 to 100"),
        (json!({ "type": "setTrackGroove", "track": kick, "groove": bad_groove }), "invalid", "polka"),
        (json!({ "type": "setTrigger", "track": kick, "trigger": "hold" }), "invalid", "one-shot, gated"),
        (json!({ "type": "setChoke", "track": kick, "group": 9 }), "invalid", "0 to 8"),
        (
            json!({ "type": "setParam", "track": kick, "param": "wobble", "value": 1 }),
            "invalid",
            "level, pan",
        ),
        (json!({ "type": "setParam", "track": kick, "param": "drive", "value": 101 }), "invalid", "0 to 100"),
        (json!({ "type": "setParam", "track": kick, "param": "pan", "value": 1 }), "invalid", "its strip's"),
        (json!({ "type": "setPatternLength", "track": kick, "length": 257 }), "invalid", "1 to 256"),
        (
            json!({ "type": "setPatternLength", "track": kick, "pattern": other, "length": 8 }),
            "notFound",
            "no pattern",
        ),
        (
            json!({ "type": "setSteps", "track": kick, "steps": [{ "step": 16, "on": true }] }),
            "invalid",
            "step 17",
        ),
        (json!({ "type": "setSteps", "track": kick, "steps": [] }), "invalid", "sets nothing"),
        (
            json!({ "type": "setSteps", "track": kick, "steps": [{ "step": 0, "micro": 128 }] }),
            "invalid",
            "-127 to 127",
        ),
        (
            json!({ "type": "setSteps", "track": kick, "steps": [{ "step": 0, "ratchet": 0 }] }),
            "invalid",
            "1 to 8",
        ),
        (
            json!({ "type": "setSteps", "track": kick, "steps": [{ "step": 0, "chance": 101 }] }),
            "invalid",
            "0 to 100",
        ),
        (
            json!({ "type": "setSteps", "track": kick, "steps": [{ "step": 0, "condition": "9:9" }] }),
            "invalid",
            "no condition",
        ),
        (json!({ "type": "clearPattern", "track": "xyz" }), "badRequest", "not an identifier"),
        (json!({ "type": "setChords", "track": bass, "notes": many }), "invalid", "at most 8 notes"),
        (
            json!({ "type": "setChords", "track": bass, "notes": [{ "step": 0, "pitch": 37, "length": 1 }] }),
            "invalid",
            "-36 to 36",
        ),
        (
            json!({ "type": "setLocks", "track": bass, "locks": [{ "step": 0, "param": "tune", "value": 9999 }] }),
            "invalid",
            "-2400 to 2400",
        ),
        (
            note(json!({ "startSteps": 256, "lengthSteps": 1, "pitch": 0, "velocity": 9 })),
            "invalid",
            "a free note starts within",
        ),
        (note(json!({ "startSteps": 0, "lengthSteps": 0, "pitch": 0, "velocity": 9 })), "invalid", "lasts"),
        (
            note(json!({ "startSteps": 1e300, "lengthSteps": 1, "pitch": 0, "velocity": 9 })),
            "invalid",
            "no place",
        ),
        (json!({ "type": "setSpeed", "track": bass, "speed": "5/4" }), "invalid", "1/8, 1/4"),
        (json!({ "type": "setHumanise", "track": bass, "percent": 101 }), "invalid", "0 to 100"),
        (
            json!({ "type": "renamePattern", "track": bass, "name": "x".repeat(65) }),
            "invalid",
            "65 characters",
        ),
        (
            json!({ "type": "setPatternText", "track": bass, "text": "x---\nx--- z" }),
            "invalid",
            "line 2, column 6",
        ),
        (
            json!({ "type": "copyPattern", "fromTrack": bass, "fromPattern": nobody, "toTrack": kick }),
            "notFound",
            "no pattern",
        ),
        (json!({ "type": "addPattern", "track": bass, "like": nobody }), "notFound", "no pattern"),
        (json!({ "type": "removePattern", "track": kick, "pattern": line }), "notFound", "no pattern"),
        (tool(json!({ "type": "euclid", "hits": 17, "rotation": 0 })), "invalid", "0 to 16"),
        (tool(json!({ "type": "euclid", "hits": -1, "rotation": 0 })), "invalid", "hits -1"),
        (tool(json!({ "type": "rotate", "steps": 1e6 as i64 })), "invalid", "1000000"),
        (tool(json!({ "type": "transpose", "semitones": 300 })), "invalid", "300"),
        (tool(json!({ "type": "quantise", "grid": "1/7", "strength": 50 })), "invalid", "1/16t"),
        (tool(json!({ "type": "block", "colour": 12, "rhythm": 0 })), "invalid", "0 to 11"),
        (json!({ "type": "launch", "slots": [] }), "invalid", "sets nothing"),
        (
            json!({ "type": "launch", "slots": [{ "track": kick, "pattern": other }] }),
            "notFound",
            "no pattern",
        ),
        (json!({ "type": "launchScene", "scene": nobody }), "notFound", "no scene"),
        (json!({ "type": "setFill", "on": "yes" }), "badRequest", "yes"),
        (json!({ "type": "setPlayMode", "mode": "party" }), "badRequest", "party"),
        (json!({ "type": "addScene", "name": "" }), "invalid", "visible character"),
        (json!({ "type": "removeScene", "scene": nobody }), "notFound", "no scene"),
        (json!({ "type": "renameScene", "scene": scene, "name": "" }), "invalid", "visible character"),
        (json!({ "type": "moveScene", "scene": nobody, "index": 0 }), "notFound", "no scene"),
        (
            json!({ "type": "setSceneSlot", "scene": scene, "track": kick, "pattern": other }),
            "notFound",
            "no pattern",
        ),
        (json!({ "type": "addLink", "scene": scene, "bars": 0 }), "invalid", "1 to 256"),
        (json!({ "type": "setLink", "link": link }), "invalid", "sets nothing"),
        (json!({ "type": "moveLink", "link": nobody, "index": 0 }), "notFound", "no link"),
        (json!({ "type": "removeLink", "link": nobody }), "notFound", "no link"),
    ]
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_a_cause_and_a_next_step() {
    let (studio, ids) = prepared().await;
    let before = studio.song().await;
    for (edit, code, cause) in refusals(&ids) {
        let refused = studio.call("edit", edit.clone()).await.expect_err(&edit.to_string());
        assert_eq!(serde_json::to_value(refused.code).unwrap(), code, "{edit}: {refused}");
        assert!(refused.message.contains(cause), "{edit}: {refused}");
        assert!(!refused.message.contains('\n'), "{edit}: {refused}");
        // What is no command at all is told of as it is.
        assert!(refused.next_step.is_some() || code == "badRequest", "{edit}: {refused}");
    }
    assert_eq!(studio.song().await, before);
}

#[tokio::test]
async fn no_edit_of_the_wire_is_left_out_of_these_tables() {
    let (_, ids) = prepared().await;
    let text = antiphon_api::typescript();
    let declared =
        text.lines().find(|line| line.starts_with("export type EditCommand =")).expect("it is there");
    let all: BTreeSet<&str> =
        declared.split("\"type\": \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let named = |edit: &Value| edit["type"].as_str().unwrap_or_default().to_owned();
    let mut done: BTreeSet<String> = edits(&ids).iter().map(|(edit, ..)| named(edit)).collect();
    done.extend(["launchScene".to_owned(), "reroll".to_owned()]);
    let mut refused: BTreeSet<String> = refusals(&ids).iter().map(|(edit, ..)| named(edit)).collect();
    // There is nothing about it that could be wrong.
    refused.insert("reroll".to_owned());
    let all: BTreeSet<String> = all.into_iter().map(str::to_owned).collect();
    assert_eq!(all.difference(&done).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(all.difference(&refused).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(all.len() > 40, "{all:?}");
}

#[tokio::test]
async fn a_pattern_goes_through_text_and_comes_back_the_same() {
    let (studio, ids) = prepared().await;
    let rich = json!({ "type": "setPatternText", "track": ids.bass, "text":
        "speed 3/4 humanise 20\nx 7(4,11=32){cutoff:-1200}*3 _ -5!90%50?!1:4>12 / x-\n@5+1/2 7 for 2" });
    studio.edit(rich).await;
    let asked = json!({ "track": ids.bass });
    let text = studio.call("pattern_text", asked).await.expect("it has a text")["text"].clone();
    let pasted = studio.edit(json!({ "type": "pasteTrack", "text": text })).await;
    let song = studio.song().await;
    let (bass, copy) = (&song["tracks"][1], &song["tracks"][2]);
    assert_eq!((copy["id"].clone(), &copy["sound"]), (pasted["track"].clone(), &bass["sound"]));
    for key in ["length", "speed", "humanise", "steps", "chords", "locks", "notes"] {
        assert_eq!(bass["patterns"][0][key], copy["patterns"][0][key], "{key} of {text}");
    }
}

#[tokio::test]
async fn a_paste_that_is_too_much_for_one_change_leaves_nothing_behind() {
    let (studio, _) = prepared().await;
    let before = studio.song().await;
    let notes: String = (0..5_000).map(|at| format!("@{}+{}/99 7 for 1\n", 1 + at % 256, at / 256)).collect();
    let paste = json!({ "type": "pasteTrack", "text": format!("x---\n{notes}") });
    let refused = studio.call("edit", paste).await.expect_err("it is too much");
    assert!(refused.message.contains("take fewer"), "{refused}");
    assert_eq!(studio.song().await, before);
}

#[tokio::test]
async fn what_sounds_is_told_with_its_dice() {
    let (studio, ids) = prepared().await;
    let text = "humanise 30\nx%50?1:2---";
    studio.edit(json!({ "type": "setPatternText", "track": ids.bass, "text": text })).await;
    let told = studio.call("events", json!({ "bars": 8 })).await.expect("events");
    let events = told["events"].as_array().expect("a list");
    assert_eq!((told["bars"].clone(), told["seed"].clone()), (json!(8), studio.song().await["seed"].clone()));
    assert!(!events.is_empty() && events.len() < 16, "{} of 32 sounded", events.len());
    for event in events {
        assert_eq!((&event["track"], &event["step"]), (&ids.bass, &json!(0)), "{event}");
        assert!(event["cycle"].as_i64().is_some_and(|cycle| cycle % 2 == 0), "{event}");
        assert!(event["dice"]["chance"].as_i64().is_some_and(|roll| (0..50).contains(&roll)), "{event}");
    }
    assert_eq!(
        studio.call("events", json!({ "bars": 8 })).await.expect("events"),
        told,
        "the same dice again"
    );
    let refused = studio.call("events", json!({ "bars": 0 })).await.expect_err("no bars");
    assert!(refused.message.contains("1 to 1024") && refused.next_step.is_some());
}

#[tokio::test]
async fn the_catalogue_offers_only_what_is_taken() {
    let (studio, ids) = prepared().await;
    let hello = studio.call("hello", Value::Null).await.expect("hello");
    let offered = |key: &str| hello["catalogue"][key].as_array().expect("a list").clone();
    for param in offered("params").iter().filter(|param| param["param"] != "pan") {
        let value = &param["max"];
        studio
            .edit(json!({ "type": "setParam", "track": ids.kick, "param": param["param"], "value": value }))
            .await;
    }
    for condition in offered("conditions") {
        let steps = json!([{ "step": 0, "condition": condition }]);
        studio.edit(json!({ "type": "setSteps", "track": ids.kick, "steps": steps })).await;
    }
    for speed in offered("speeds") {
        studio.edit(json!({ "type": "setSpeed", "track": ids.kick, "speed": speed })).await;
    }
    for groove in offered("grooves") {
        let groove = json!({ "template": groove["key"], "amount": 100 });
        studio.edit(json!({ "type": "setGroove", "groove": groove })).await;
    }
    for grid in offered("quantiseGrids") {
        let tool = json!({ "type": "quantise", "grid": grid["key"], "strength": 50 });
        studio.edit(json!({ "type": "reshape", "track": ids.kick, "tool": tool })).await;
    }
    for trigger in offered("triggers") {
        studio.edit(json!({ "type": "setTrigger", "track": ids.kick, "trigger": trigger["key"] })).await;
    }
    for at in 0..offered("colours").len() {
        let tool = json!({ "type": "block", "colour": at, "rhythm": offered("rhythms").len() - 1 - at });
        studio.edit(json!({ "type": "reshape", "track": ids.kick, "tool": tool })).await;
    }
}
