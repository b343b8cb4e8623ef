//! A full disk: nothing is lost, nothing half-written, and everything goes on when there is room.

use std::{fs, path::Path, time::Duration};

use antiphon_tests::{Home, Mounted, Open, Serve, until};
use serde_json::{Value, json};

const STORAGE: i32 = 7;
/// The writer looks for room at least every two seconds.
const NOTICED: Duration = Duration::from_secs(10);
/// Less than the store insists on before it writes, and than a render needs.
const LEFT_BYTES: u64 = 1 << 20;

#[test]
fn a_full_disk_is_told_of_and_saving_goes_on_when_there_is_room() {
    let Some(disk) = Mounted::try_new("size=40m") else { return };
    let home = Home::at(&disk.file("data"));
    let mut running = Serve::new(&home).start();
    let mut door = running.door();
    let filler = disk.file("filler");
    fill(&filler, disk.path());

    door.call("edit", json!({ "type": "setTempo", "bpm": 141.0 }));
    let saved = until_saved_is(&mut door, "failing");
    let reason = saved["reason"].as_str().expect("a reason");
    assert!(reason.contains("full"), "{reason}");
    assert_eq!(Open::of(&mut door).song()["bpm"], 141.0, "the edit is there while the program runs");
    door.call("edit", json!({ "type": "setSwing", "percent": 37 }));

    // What needs room says so and leaves nothing.
    let before = names(disk.path());
    home.run(&[&"render", &disk.file("mix.wav")]).refused(STORAGE, "");
    assert_eq!(names(disk.path()), before, "a render left something");
    running.is_well();

    fs::remove_file(&filler).expect("the filler is there");
    let resumed = until("saving goes on", NOTICED, || Open::of(&mut door).saved() == "saved");
    println!("bar: saving resumed {:.2} s after room was made on a full disk", resumed.as_secs_f64());
    running.kill();

    let running = Serve::new(&home).start();
    let song = Open::of(&mut running.door());
    assert_eq!((&song.song()["bpm"], &song.song()["swing"]), (&json!(141.0), &json!(37)));
}

#[test]
fn a_start_on_a_full_disk_says_so() {
    let Some(disk) = Mounted::try_new("size=64k") else { return };
    fill(&disk.file("filler"), disk.path());
    let home = Home::at(&disk.file("data"));
    let ran = home.run(&[&"ls"]);
    ran.refused(STORAGE, "");
}

fn until_saved_is(door: &mut antiphon_tests::Door, state: &str) -> Value {
    antiphon_tests::until_some(&format!("saved becomes {state}"), NOTICED, || {
        let session = Open::of(door);
        (session.saved() == state).then(|| session.0["saved"].clone())
    })
}

/// Writes until hardly anything is left.
fn fill(filler: &Path, disk: &Path) {
    let left = |disk: &Path| {
        let facts = rustix::fs::statvfs(disk).expect("a file system");
        facts.f_bavail * facts.f_frsize
    };
    let bytes = left(disk).saturating_sub(LEFT_BYTES);
    fs::write(filler, vec![1; bytes as usize]).expect("there is room for this");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map_while(Result::ok);
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
