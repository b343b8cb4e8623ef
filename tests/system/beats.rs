//! A beat's life: published, verified, altered, remixed, listed.

use std::fs;

use antiphon_testkit::is_long;
use antiphon_tests::{Door, Home, Serve};
use serde_json::{Value, json};

#[test]
fn a_beat_is_verified_from_its_file_alone_and_remembered_by_its_remix() {
    let (author, stranger) = (Home::new(), Home::new());
    let file = author.beside("first.beat");
    let said = author.run(&[&"publish", &file, &"--title", &"First", &"--json"]).ok();
    let published: Value = serde_json::from_str(&said.out).expect("JSON");
    let id = published["id"].as_str().expect("an id").to_owned();

    // The stranger has nothing but the file: not even a data folder is needed, or made.
    let verified = stranger.run(&[&"verify", &file, &"--render", &"--json"]).ok();
    let verdict: Value = serde_json::from_str(&verified.out).expect("JSON");
    assert_eq!(verdict["intact"], true);
    assert_eq!(verdict["render"]["state"], "same", "rendered again, the bits differ");
    assert_eq!(verdict["beat"]["id"], id);
    assert_eq!(verdict["beat"]["authors"][0]["peer"], published["authors"][0]["peer"]);
    assert!(!stranger.folder().exists(), "verifying made a data folder");
    let text = stranger.run(&[&"verify", &file]).ok().out;
    assert!(text.contains("First") && text.contains("intact") && text.contains("CC-BY-4.0"), "{text}");

    // The remix and what is published from it know where they come from.
    let remix = stranger.run(&[&"remix", &file, &"--json"]).ok();
    let remix: Value = serde_json::from_str(&remix.out).expect("JSON");
    assert_eq!(remix["open"], true);
    let session = stranger.run(&[&"show", &"--json"]).ok();
    let session: Value = serde_json::from_str(&session.out).expect("JSON");
    assert_eq!((&session["parent"], &session["id"]), (&json!(id), &remix["id"]));
    stranger.run(&[&"edit", &"tempo", &"96"]).ok();
    let child = stranger.beside("child.beat");
    stranger.run(&[&"publish", &child]).ok();
    let verified = author.run(&[&"verify", &child, &"--json"]).ok();
    let verdict: Value = serde_json::from_str(&verified.out).expect("JSON");
    assert_eq!(verdict["beat"]["parents"][0]["id"], id);

    let listed = stranger.run(&[&"beats", &"--json"]).ok();
    let listed: Value = serde_json::from_str(&listed.out).expect("JSON");
    let listed = listed.as_array().expect("a list");
    let child = listed.iter().find(|beat| beat["id"] == verdict["beat"]["id"]).expect("the remix's beat");
    assert_eq!(
        child["parents"][0],
        json!({ "id": id, "title": "First" }),
        "the parent is known by its title"
    );
    assert_eq!(listed.iter().filter(|beat| beat["id"] == json!(id)).count(), 1, "the parent is here too");
}

#[test]
fn a_beat_with_a_flipped_bit_is_refused_wherever_the_bit_is() {
    let home = Home::new();
    let file = home.beside("demo.beat");
    let bytes = {
        home.run(&[&"publish", &file]).ok();
        fs::read(&file).expect("the beat is there")
    };
    let running = Serve::new(&home).start();
    let mut door = running.door();
    assert!(is_intact(&mut door, &bytes));
    // By default one bit of every byte, another one each time; all of them on the long run.
    let bits: Vec<usize> = match is_long() {
        true => (0..bytes.len() * 8).collect(),
        false => (0..bytes.len()).map(|byte| byte * 8 + byte % 8).collect(),
    };
    let slipped: Vec<usize> = bits
        .iter()
        .copied()
        .filter(|bit| {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            is_intact(&mut door, &flipped)
        })
        .collect();
    println!("bar: {} of {} flipped bits refused", bits.len() - slipped.len(), bits.len());
    assert!(slipped.is_empty(), "altered beats were taken for intact, bits {slipped:?}");

    // Through the command line a few, in each part of the file.
    let altered = home.beside("altered.beat");
    for part in 0..6 {
        let mut flipped = bytes.clone();
        flipped[part * (bytes.len() - 1) / 5] ^= 0x10;
        fs::write(&altered, flipped).expect("a temporary file");
        home.run(&[&"verify", &altered]).refused(6, "");
        home.run(&[&"remix", &altered]).refused(6, "");
    }
}

fn is_intact(door: &mut Door, bytes: &[u8]) -> bool {
    let base64 = data_encoding::BASE64.encode(bytes);
    let verdict = door.call("verify", json!({ "beat": { "base64": base64 }, "render": false }));
    verdict["intact"] == true
}
