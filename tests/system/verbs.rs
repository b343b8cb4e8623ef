//! Every verb of `antiphon edit` that the sequencer has, as a person types it.

use std::{
    ffi::OsStr,
    io::Write,
    process::{Command, Stdio},
};

use antiphon_tests::{Door, Home, Open, Ran, Running, Serve, antiphon};
use serde_json::{Value, json};

const INVALID: i32 = 2;
const NOT_FOUND: i32 = 3;
const BAD_FILE: i32 = 6;

/// A peer that runs, and a person at a terminal beside it.
struct Desk {
    home: Home,
    door: Door,
    _running: Running,
}

impl Desk {
    /// With a session of two tracks: an empty kick and a bass line.
    fn new() -> Self {
        let home = Home::new();
        let running = Serve::new(&home).start();
        let desk = Self { door: running.door(), home, _running: running };
        for words in ["new Room", "edit add drum:kick", "edit add synth:bass", "edit step Bass 1 5 9"] {
            desk.says(words).ok();
        }
        desk
    }

    /// One command, split at blanks.
    fn says(&self, words: &str) -> Ran {
        let words: Vec<&str> = words.split(' ').collect();
        self.home.run(&words.iter().map(|word| word as &dyn AsRef<OsStr>).collect::<Vec<_>>())
    }

    fn song(&mut self) -> Value {
        Open::of(&mut self.door).song().clone()
    }
}

/// A line that is typed, a place in the song (JSON pointer), and what is there afterwards.
const VERBS: &[(&str, &str, &str)] = &[
    ("edit swing 30 --track Kick", "/tracks/0/swing", "30"),
    ("edit swing session --track Kick", "/tracks/0/swing", "null"),
    ("edit groove laid-back --amount 60", "/groove/amount", "60"),
    ("edit groove push --track Kick", "/tracks/0/groove/template", "\"push\""),
    ("edit groove session --track Kick", "/tracks/0/groove", "null"),
    ("edit trigger Kick gated", "/tracks/0/trigger", "\"gated\""),
    ("edit choke Kick 2", "/tracks/0/choke", "2"),
    ("edit param Bass cutoff -1200", "/tracks/1/params/0/value", "-1200"),
    ("edit param Bass cutoff", "/tracks/1/params", "[]"),
    (
        "edit step Kick 3 --micro -20 --ratchet 4 --chance 50 --condition !3:4",
        "/tracks/0/patterns/0/steps/2/micro",
        "-20",
    ),
    ("edit step Kick 3 --tie true", "/tracks/0/patterns/0/steps/2/tie", "true"),
    ("edit step Kick 3 --off", "/tracks/0/patterns/0/steps/2/on", "false"),
    ("edit chord Bass 1 4 7 --length 8", "/tracks/1/patterns/0/chords/1/pitch", "7"),
    ("edit chord Bass 1 4 --off", "/tracks/1/patterns/0/chords/1", "null"),
    ("edit lock Bass drive 40 1 5", "/tracks/1/patterns/0/locks/1/value", "40"),
    ("edit unlock Bass drive 1", "/tracks/1/patterns/0/locks/1", "null"),
    ("edit note Bass 3.5 --pitch 7 --length 2", "/tracks/1/patterns/0/notes/0/startSteps", "2.5"),
    ("edit note Bass 3.5 --pitch 7 --off", "/tracks/1/patterns/0/notes", "[]"),
    ("edit speed Bass 3/2", "/tracks/1/patterns/0/speed", "\"3/2\""),
    ("edit humanise Bass 25", "/tracks/1/patterns/0/humanise", "25"),
    ("edit rotate Bass 1", "/tracks/1/patterns/0/steps/1/on", "true"),
    ("edit invert Bass", "/tracks/1/patterns/0/steps/1/on", "false"),
    ("edit invert Bass", "/tracks/1/patterns/0/steps/1/on", "true"),
    ("edit reverse Bass", "/tracks/1/patterns/0/steps/14/on", "true"),
    ("edit reverse Bass", "/tracks/1/patterns/0/steps/1/on", "true"),
    ("edit mirror Bass", "/tracks/1/patterns/0/steps/14/on", "true"),
    ("edit transpose Bass -5", "/tracks/1/patterns/0/steps/1/pitch", "-5"),
    ("edit step Bass 2 --micro 60", "/tracks/1/patterns/0/steps/1/micro", "60"),
    ("edit quantise Bass --strength 50", "/tracks/1/patterns/0/steps/1/micro", "30"),
    ("edit copy Bass Kick", "/tracks/0/patterns/0/steps/1/pitch", "-5"),
    ("edit euclid Kick 4", "/tracks/0/patterns/0/steps/4/on", "true"),
    ("edit pattern add Kick --name Fill --like A", "/tracks/0/patterns/1/steps/4/on", "true"),
    ("edit clear Kick --pattern Fill", "/tracks/0/patterns/1/steps/4/on", "false"),
    ("edit length Kick 5 --pattern Fill", "/tracks/0/patterns/1/length", "5"),
    ("edit pattern rename Kick Fill Roll", "/tracks/0/patterns/1/name", "\"Roll\""),
    ("edit block Bass 2 3 --pattern A", "/tracks/1/patterns/0/length", "16"),
    ("edit block Bass 2 tresillo", "/tracks/1/patterns/0/steps/3/on", "true"),
    ("edit scene add Verse", "/scenes/0/name", "\"Verse\""),
    ("edit scene add Chorus", "/scenes/1/name", "\"Chorus\""),
    ("edit pattern launch Kick Roll", "/tracks/0/patterns/1/name", "\"Roll\""),
    ("edit scene launch Verse", "/tracks/0/pending", "null"),
    ("edit scene rename Verse Intro", "/scenes/0/name", "\"Intro\""),
    ("edit scene move Intro 2", "/scenes/1/name", "\"Intro\""),
    ("edit scene set Intro Bass", "/scenes/1/slots/1", "null"),
    ("edit chain add Intro 3", "/chain/0/bars", "3"),
    ("edit chain add Chorus --place 1", "/chain/1/bars", "3"),
    ("edit chain set 2 --bars 9", "/chain/1/bars", "9"),
    ("edit chain move 2 1", "/chain/0/bars", "9"),
    ("edit chain on", "/mode/to", "\"chain\""),
    ("edit chain off", "/mode/to", "\"live\""),
    ("edit fill on", "/fill/to", "true"),
    ("edit chain remove 1", "/chain/1", "null"),
    ("edit scene remove Chorus", "/scenes/1", "null"),
    ("edit pattern remove Kick Roll", "/tracks/0/patterns/1", "null"),
];

#[test]
fn every_verb_does_what_it_says() {
    let mut desk = Desk::new();
    for (words, place, expected) in VERBS {
        desk.says(words).ok();
        let song = desk.song();
        let found = song.pointer(place).unwrap_or(&Value::Null);
        let expected: Value = serde_json::from_str(expected).expect("the table holds JSON");
        assert_eq!(*found, expected, "after `antiphon {words}`: {place}");
    }
    let seed = desk.song()["seed"].clone();
    desk.says("edit reroll").ok();
    assert_ne!(desk.song()["seed"], seed);
    let shown = desk.says("show").ok().out;
    assert!(shown.contains("Kick") && shown.contains("Intro"), "{shown}");
}

#[test]
fn bad_values_name_the_cause_and_the_next_step() {
    let mut desk = Desk::new();
    desk.says("edit scene add Verse").ok();
    let before = desk.song();
    for (words, code, cause) in [
        ("edit step Kick 1 --ratchet 9", INVALID, "1 to 8"),
        ("edit step Kick 1 --chance 101", INVALID, "0 to 100"),
        ("edit step Kick 1 --micro 200", INVALID, "-127 to 127"),
        ("edit step Kick 1 --condition 9:9", INVALID, "no condition"),
        ("edit step Kick 1 --pattern Nope", NOT_FOUND, "Nope"),
        ("edit chord Kick 1 99", INVALID, "-36 to 36"),
        ("edit lock Kick wobble 3 1", INVALID, "wobble"),
        ("edit lock Kick drive 300 1", INVALID, "0 to 100"),
        ("edit note Kick 900", INVALID, "a free note starts within"),
        ("edit speed Kick 5/4", INVALID, "5/4"),
        ("edit humanise Kick 101", INVALID, "0 to 100"),
        ("edit euclid Kick 40", INVALID, "0 to 16"),
        ("edit transpose Kick 999", INVALID, "999"),
        ("edit swing 30 --track Nobody", NOT_FOUND, "Nobody"),
        ("edit groove polka", INVALID, "polka"),
        ("edit trigger Kick hold", INVALID, "hold"),
        ("edit choke Kick 9", INVALID, "0 to 8"),
        ("edit param Kick pan 10", INVALID, "strip"),
        ("edit pattern remove Kick A", INVALID, "last pattern"),
        ("edit pattern launch Kick B", NOT_FOUND, "no pattern"),
        ("edit scene launch Bridge", NOT_FOUND, "Bridge"),
        ("edit chain add Bridge", NOT_FOUND, "Bridge"),
        ("edit chain add Verse 900", INVALID, "1 to 256"),
        ("edit chain set 7 --bars 2", NOT_FOUND, "no place 7"),
        ("text Nobody", NOT_FOUND, "Nobody"),
        ("text Kick --set /nowhere/pattern.txt", BAD_FILE, "/nowhere/pattern.txt"),
    ] {
        desk.says(words).refused(code, cause);
    }
    desk.says("edit block Bass 13 1").misunderstood("13");
    desk.says("edit block Bass 1 Waltz").misunderstood("Tresillo");
    desk.says("events --bars 0").misunderstood("0");
    assert_eq!(desk.song(), before, "a refused command changed the session");
}

#[test]
fn a_pattern_goes_out_as_text_and_comes_back_in() {
    let mut desk = Desk::new();
    desk.says("edit step Bass 2 --ratchet 3 --pitch 7 --condition fill").ok();
    desk.says("edit chord Bass 1 4 7").ok();
    let text = desk.says("text Bass").ok().out;
    let file = desk.home.beside("bass.txt");
    std::fs::write(&file, &text).expect("a temporary file");
    let before = desk.song()["tracks"][1]["patterns"][0].clone();
    desk.says("edit clear Bass").ok();
    desk.home.run(&[&"text", &"Bass", &"--set", &file]).ok();
    assert_eq!(desk.song()["tracks"][1]["patterns"][0], before, "{text}");
    desk.home.run(&[&"paste", &file]).ok();
    assert_eq!(desk.song()["tracks"][2]["patterns"][0]["steps"], before["steps"]);

    let mut paste = Command::new(antiphon());
    paste.arg("--data").arg(desk.home.folder()).args(["paste", "-"]);
    let mut paste = paste.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("antiphon starts");
    let slip = "track \"Odd\" drum:rim\nx--- x*9--";
    paste.stdin.take().expect("piped").write_all(slip.as_bytes()).expect("it reads");
    let ran = Ran::from(paste.wait_with_output().expect("it ends"));
    ran.refused(INVALID, "line 2, column 8");
    assert_eq!(desk.song()["tracks"].as_array().map(Vec::len), Some(3));
}

#[test]
fn what_sounds_is_printed_with_its_dice_and_beside_a_render() {
    let desk = Desk::new();
    desk.says("edit step Bass 1 5 9 --chance 50").ok();
    let printed = desk.says("events --bars 4").ok().out;
    let told: Value = serde_json::from_str(&desk.says("events --bars 4 --json").ok().out).expect("JSON");
    let events = told["events"].as_array().expect("a list");
    assert!(!events.is_empty() && events.len() < 12, "{printed}");
    assert_eq!(printed.lines().filter(|line| line.contains("chance ")).count(), events.len(), "{printed}");
    let (wav, list) = (desk.home.beside("mix.wav"), desk.home.beside("mix.txt"));
    desk.home.run(&[&"render", &wav, &"--bars", &"4", &"--events", &list]).ok();
    assert_eq!(std::fs::read_to_string(list).expect("it is written"), printed);
    assert!(wav.exists());
    let first = &events[0];
    assert_eq!(first["trackName"], json!("Bass"), "{first}");
}
