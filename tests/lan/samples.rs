//! A sound that one brings in is heard by the other.

use antiphon_tests::{may_use_namespaces, write_tone};
use serde_json::json;

use crate::{
    alone,
    friends::{LIMIT, Pair, agree, step},
};

#[test]
fn a_sample_reaches_the_friend_and_sounds_the_same_there() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let mut pair = Pair::jamming();
    let file = pair.homes[0].beside("whistle.wav");
    write_tone(&file, 997.0, 1.5);
    let imported = pair.ada.door.call("import_sample", json!({ "name": "whistle.wav", "path": file }));
    let (sample, track) = (&imported["sample"], imported["track"].as_str().expect("a new track"));
    pair.bo.door.wait_for("the sample is here", LIMIT, |event| {
        let samples = event["samples"].as_array()?;
        samples.iter().any(|here| here["id"] == *sample && here["here"] == true).then_some(())
    });
    // Only the sample is heard: a render without it would be silence.
    pair.bo.edit(step(track, 0, 100));
    pair.bo.edit(json!({ "type": "setStrip", "track": track, "solo": true }));
    agree(&mut pair.ada, &mut pair.bo);
    let [here, there] = [("ada.wav", &mut pair.ada), ("bo.wav", &mut pair.bo)]
        .map(|(name, friend)| friend.render(&pair.homes[0].beside(name)));
    assert!(here.rms_db() > -50.0, "the sample is silent: {} dB", here.rms_db());
    assert!(here.bytes == there.bytes, "the sample sounds different there");
    println!("bar: a sample's renders are the same {} bytes on both sides", here.bytes.len());
}
