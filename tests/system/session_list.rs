//! The list of sessions says what is so.

use antiphon_tests::{Home, Serve};
use serde_json::{Value, json};

#[test]
fn opening_a_session_is_no_change_of_it() {
    let home = Home::new();
    let edited_at = || {
        let listed: Value = serde_json::from_str(&home.run(&[&"ls", &"--json"]).ok().out).expect("JSON");
        listed[0]["editedAtMs"].as_u64().expect("a time")
    };
    // The first start makes the session.
    home.run(&[&"ls"]).ok();
    let first = edited_at();
    assert_eq!(edited_at(), first, "a look at the list made the session newer");
    home.run(&[&"edit", &"tempo", &"99"]).ok();
    assert!(edited_at() > first, "an edit makes it newer");
}

#[test]
fn a_session_that_was_renamed_and_left_at_once_is_listed_by_its_new_name() {
    let home = Home::new();
    let running = Serve::new(&home).start();
    let mut door = running.door();
    door.call("edit", json!({ "type": "renameSession", "name": "Left in a hurry" }));
    door.call("new_session", json!({ "name": "Elsewhere" }));
    let listed = door.call("sessions", Value::Null);
    let names: Vec<_> = listed.as_array().expect("a list").iter().map(|entry| &entry["name"]).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&&json!("Left in a hurry")), "{names:?}");
    running.stop();
}
