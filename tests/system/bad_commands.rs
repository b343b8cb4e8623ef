//! Commands that cannot be done: one sentence, a next step, an exit code, and everything as it was.

use std::{fs, time::Duration};

use antiphon_tests::{Home, Serve, run, run_with, until};

/// Exit codes, as the README lists them.
const INVALID: i32 = 2;
const NOT_FOUND: i32 = 3;
const NOT_ALLOWED: i32 = 4;
const UNREACHABLE: i32 = 5;
const STORAGE: i32 = 7;

const LIST_LIMIT: Duration = Duration::from_secs(5);

#[test]
fn arguments_that_make_no_sense_are_named() {
    let home = Home::new();
    home.run(&[&"--frob", &"ls"]).misunderstood("--frob");
    home.run(&[&"frob"]).misunderstood("frob");
    home.run(&[]).misunderstood("Usage");
    home.run(&[&"ls", &"--peer-port", &"70000"]).misunderstood("70000");
    home.run(&[&"ls", &"--clock-skew-ppm", &"-900000"]).misunderstood("-900000");
    home.run(&[&"play", &"--seconds", &"0"]).misunderstood("--seconds");
    home.run(&[&"render", &"--bars", &"2000", &"x.wav"]).misunderstood("--bars");
    home.run(&[&"edit", &"step", &"Kick", &"0"]).misunderstood("0");
    home.run(&[&"edit", &"tempo", &"NaN"]).misunderstood("NaN");
    home.run(&[&"edit", &"master", &"-inf"]).misunderstood("-inf");
    for (name, value) in
        [("ANTIPHON_DISCOVERY", "maybe"), ("ANTIPHON_PEER_PORT", "x"), ("ANTIPHON_AUDIO", "loud")]
    {
        run_with(&[(name, value)], &[&"--data", &home.folder(), &"ls"]).misunderstood(value);
    }
    assert!(!home.folder().exists(), "a command that was not understood made a data folder");
}

#[test]
fn values_that_cannot_be_are_refused_and_change_nothing() {
    let home = Home::new();
    let before = home.song();
    let refused = |arguments: &[&str], code, cause: &str| {
        let all: Vec<&dyn AsRef<std::ffi::OsStr>> = arguments.iter().map(|one| one as _).collect();
        home.run(&all).refused(code, cause);
    };
    refused(&["edit", "tempo", "5"], INVALID, "20 to 999");
    refused(&["edit", "swing", "101"], INVALID, "0 to 100");
    refused(&["edit", "master", "99"], INVALID, "-60 to 6");
    refused(&["edit", "name", ""], INVALID, "name");
    refused(&["edit", "step", "Kick", "200"], INVALID, "outside the pattern");
    refused(&["edit", "step", "Kick", "1", "--velocity", "500"], INVALID, "1 to 127");
    refused(&["edit", "length", "Kick", "0"], INVALID, "pattern length");
    refused(&["edit", "add", "drum:cowbells"], INVALID, "drum:cowbells");
    refused(&["edit", "sound", "Kick", "nonsense"], INVALID, "nonsense");
    refused(&["edit", "rename", "Nobody", "Somebody"], NOT_FOUND, "Nobody");
    refused(&["publish", "--licence", "no such!"], INVALID, "no such!");
    refused(&["name", ""], INVALID, "name");
    refused(&["join", "a:b"], INVALID, "a:b");
    refused(&["join", "192.0.2.1:99999"], INVALID, "192.0.2.1:99999");
    refused(&["join", "antiphon://join/scribble"], INVALID, "invite");
    refused(&["show", "--session", "nope"], NOT_FOUND, "nope");
    refused(&["open", "nope"], NOT_FOUND, "nope");
    refused(&["allow", "bob"], NOT_FOUND, "bob");
    refused(&["remix", "nope"], NOT_FOUND, "nope");
    refused(&["verify", "/nowhere/x.beat"], NOT_FOUND, "/nowhere/x.beat");
    refused(&["import", "/nowhere/x.wav"], NOT_FOUND, "/nowhere/x.wav");
    refused(&["render", "/nowhere/x.wav"], STORAGE, "/nowhere/x.wav");
    refused(&["publish", "/nowhere/x.beat"], STORAGE, "/nowhere/x.beat");
    assert!(home.song() == before, "a refused command changed the session");
}

#[test]
fn what_is_so_already_is_no_error() {
    let home = Home::new();
    home.run(&[&"edit", &"tempo", &"120"]).ok();
    home.run(&[&"edit", &"tempo", &"120"]).ok();
    home.run(&[&"edit", &"strip", &"Kick", &"--mute", &"true"]).ok();
    home.run(&[&"edit", &"strip", &"Kick", &"--mute", &"true"]).ok();
}

#[test]
fn a_render_onto_a_folder_leaves_nothing_half_written() {
    let home = Home::new();
    home.run(&[&"ls"]).ok();
    let folder = home.beside("target");
    fs::create_dir(&folder).expect("a temporary folder");
    home.run(&[&"render", &folder, &"--bars", &"1"]).refused(STORAGE, "target");
    let beside: Vec<_> = fs::read_dir(folder.parent().expect("the temporary folder"))
        .expect("the temporary folder")
        .filter_map(|entry| Some(entry.ok()?.file_name()))
        .filter(|name| name != "target" && name != "data")
        .collect();
    assert!(beside.is_empty(), "left behind: {beside:?}");
}

#[test]
fn a_second_owner_is_refused_and_every_other_command_attaches() {
    let home = Home::new();
    let mut running = Serve::new(&home).start();
    let second = Serve::new(&home).try_start().expect_err("one folder has one owner");
    second.refused(NOT_ALLOWED, "another Antiphon");
    home.run(&[&"edit", &"tempo", &"133"]).ok();
    // The list is written a moment after the edit.
    until("the list shows it", LIST_LIMIT, || home.run(&[&"ls"]).ok().out.contains("133.00 BPM"));
    assert_eq!(running.door().call("session", serde_json::Value::Null)["song"]["bpm"], 133.0);
    running.is_well();
    running.stop();
    assert!(home.run(&[&"ls"]).ok().out.contains("133.00 BPM"), "and it is on disk");
}

#[test]
fn a_gateway_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let home = Home::new();
    home.run(&[&"serve", &"--port", &port]).refused(UNREACHABLE, &port);
    run(&[&"--version"]).ok();
}

#[test]
fn a_peer_port_that_is_taken_is_named_with_the_cause() {
    let taken = std::net::TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let home = Home::new();
    let refused = home.run(&[&"serve", &"--peer-port", &port]);
    refused.refused(UNREACHABLE, &port);
    assert!(refused.err.contains("in use"), "{}", refused.err);
}

#[test]
fn an_invite_needs_a_door_that_stays_open() {
    let home = Home::new();
    let refused = home.run(&[&"invite"]);
    refused.refused(UNREACHABLE, "no Antiphon is running");
    assert!(refused.out.is_empty(), "a dead link was printed: {}", refused.out);
}
