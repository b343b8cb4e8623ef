//! What an edit costs on the disk and on the wire.

use antiphon_store::Store;
use antiphon_tests::{Home, Open, Serve};
use serde_json::json;

/// A step toggle, signed and sealed.
const TOGGLE_BYTES_MAX: usize = 400;

#[test]
fn a_step_toggle_is_a_small_envelope() {
    let home = Home::new();
    let running = Serve::new(&home).start();
    let mut door = running.door();
    let open = Open::of(&mut door);
    for step in 0..8 {
        let on = open.steps(&open.track_id(0))[step]["on"] == json!(true);
        let steps = json!([{ "step": step, "on": !on }]);
        door.call("edit", json!({ "type": "setSteps", "track": open.track_id(0), "steps": steps }));
    }
    running.stop();
    let store = Store::open(home.folder()).expect("a stopped peer's store opens");
    let stored = store.changes(open.id().parse().expect("a session id")).expect("it can be read");
    let sizes: Vec<usize> = stored.envelopes.iter().rev().take(8).map(Vec::len).collect();
    let largest = sizes.iter().copied().max().expect("eight toggles");
    println!("bar: a step toggle's envelope has {largest} bytes (at most {TOGGLE_BYTES_MAX})");
    assert!(largest <= TOGGLE_BYTES_MAX, "{sizes:?}");
}
