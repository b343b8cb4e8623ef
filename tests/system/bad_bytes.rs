//! Bytes that are not what they should be: files to bring in, and messages to the local socket.

use std::{fs, path::PathBuf};

use antiphon_api::COMMANDS;
use antiphon_tests::{Home, Serve, write_tone};
use serde_json::{Value, json};

const BAD_FILE: i32 = 6;
/// More than a message may have.
const MESSAGE_TOO_LONG: usize = 97 * 1024 * 1024;

#[test]
fn audio_that_cannot_be_used_is_refused_with_its_reason() {
    let home = Home::new();
    let good = home.beside("good.wav");
    write_tone(&good, 440.0, 0.5);
    let bytes = fs::read(&good).expect("just written");
    let before = home.song();
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = home.beside(name);
        fs::write(&path, bytes).expect("a temporary file");
        path
    };
    let import = |path: PathBuf| home.run(&[&"import", &path]);
    import(file("cut.wav", &bytes[..bytes.len() / 2])).refused(BAD_FILE, "cut off");
    import(file("head.wav", &bytes[..20])).refused(BAD_FILE, "");
    import(file("empty.wav", b"")).refused(BAD_FILE, "empty");
    import(file("text.ogg", b"not music at all")).refused(BAD_FILE, "not an audio file");
    import(file("noise.mp3", &noise(5_000))).refused(BAD_FILE, "");
    import(home.beside("")).refused(BAD_FILE, "");
    import("/dev/zero".into()).refused(BAD_FILE, "/dev/zero");

    let oversized = home.beside("oversized.wav");
    let made = fs::File::create(&oversized).and_then(|file| file.set_len(70 << 20));
    made.expect("a sparse file");
    import(oversized).refused(BAD_FILE, "at most");
    assert!(home.song() == before, "a refused file changed the session");

    // A wrong name does not matter where the sound is good; nor does bringing it in twice.
    import(file("mislabelled.mp3", &bytes)).ok();
    import(good).ok();
}

#[test]
fn files_that_are_no_intact_beat_are_refused() {
    let home = Home::new();
    let good = home.beside("good.beat");
    home.run(&[&"publish", &good]).ok();
    let bytes = fs::read(&good).expect("just written");
    let before = home.run(&[&"ls", &"--json"]).ok().out;
    let refused = |name: &str, bytes: &[u8], cause: &str| {
        let path = home.beside(name);
        fs::write(&path, bytes).expect("a temporary file");
        home.run(&[&"verify", &path]).refused(BAD_FILE, cause);
        home.run(&[&"remix", &path]).refused(BAD_FILE, cause);
    };
    for part in 1..8 {
        refused("cut.beat", &bytes[..bytes.len() * part / 8], "");
    }
    refused("longer.beat", &[&bytes[..], b"and more"].concat(), "");
    refused("empty.beat", b"", "not a beat");
    refused("noise.beat", &noise(3_000), "not a beat");
    home.run(&[&"verify", &"/dev/zero"]).refused(BAD_FILE, "/dev/zero");
    home.run(&[&"verify", &home.beside("")]).refused(BAD_FILE, "");
    let oversized = home.beside("oversized.beat");
    fs::File::create(&oversized).and_then(|file| file.set_len(70 << 20)).expect("a sparse file");
    home.run(&[&"verify", &oversized]).refused(BAD_FILE, "at most");
    assert_eq!(home.run(&[&"ls", &"--json"]).ok().out, before, "a refused beat made a session");
}

#[test]
fn garbage_on_the_local_socket_is_answered_and_harms_nobody() {
    let home = Home::new();
    let mut running = Serve::new(&home).start();
    let mut door = running.door();
    for line in
        [&b"garbage"[..], b"{}", b"[]", b"{\"id\":\"x\"}", b"{\"id\":1}", b"null", b"{\"id\":-1,\"name\":3}"]
    {
        door.send_raw(line).expect("the peer reads");
        let answer = door.answer_to(0).expect("an answer");
        assert_eq!(answer.expect_err("refused").code, "badRequest");
    }
    assert_eq!(door.refused("frob", json!({})).code, "badRequest");
    // What is not even text, or too long, ends this connection only.
    let mut binary = running.door();
    binary.send_raw(&[0xFF, 0xFE, 0x80]).expect("the peer reads");
    assert!(binary.answer_to(0).is_none(), "the connection ends");
    let mut long = running.door();
    // The peer may hang up before it has all of it.
    let _ = long.send_raw(&vec![b'x'; MESSAGE_TOO_LONG]);
    assert!(long.answer_to(0).is_none(), "the connection ends");
    door.call("hello", Value::Null);
    running.is_well();
    running.stop();
}

#[test]
fn no_command_takes_nonsense_for_a_defect() {
    let home = Home::new();
    let mut running = Serve::new(&home).start();
    let mut door = running.door();
    let track = "0".repeat(32);
    let nonsense = [
        Value::Null,
        json!({}),
        json!([]),
        json!("x"),
        json!(-1e300),
        json!({ "session": "zz" }),
        json!({ "session": track }),
        json!({ "type": "setSteps", "track": track, "steps": [{ "step": 65_535, "velocity": -9 }] }),
        json!({ "type": "setTempo", "bpm": 1e308 }),
        json!({ "type": "addTrack", "sound": "", "index": u32::MAX }),
        json!({ "track": track, "gainDb": 1e308, "pan": i64::MIN, "note": i64::MAX, "velocity": i64::MIN, "step": 9 }),
        json!({ "positionSteps": -1.0, "name": "\u{0}\u{202e}", "path": "", "base64": "!", "sound": "sample:x" }),
        json!({ "path": "\u{0}", "name": "x", "peer": "x", "link": "antiphon://", "address": "", "beat": "x" }),
        json!({ "beat": { "base64": "AAAA" }, "render": true, "trimMs": 1e300, "bars": 0 }),
    ];
    let mut refused = 0;
    for name in COMMANDS {
        for args in &nonsense {
            // Some are sensible by accident (`new_session` needs no name): those are done.
            if let Err(refusal) = door.try_call(name, args.clone()) {
                refused += 1;
                assert_ne!(refusal.code, "internal", "{name} {args}: {refusal:?}");
                assert!(!refusal.message.is_empty());
            }
        }
    }
    println!(
        "bar: {} commands with {} kinds of nonsense: {refused} refusals, 0 defects",
        COMMANDS.len(),
        nonsense.len()
    );
    running.is_well();
    running.stop();
}

/// Bytes without a meaning, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut random = antiphon_testkit::SeededRng::new(7);
    (0..length).map(|_| random.below(256) as u8).collect()
}
