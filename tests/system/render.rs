//! The demo session as a file.

use antiphon_tests::{Home, Recording};

#[test]
fn the_demo_renders_to_the_same_bytes_twice_at_a_sane_level() {
    let home = Home::new();
    let [first, second] = ["first.wav", "second.wav"].map(|name| {
        let file = home.beside(name);
        home.run(&[&"render", &file]).ok();
        Recording::read(&file)
    });
    println!(
        "bar: the demo renders to {:.1} s, peak {:.2} dBFS, RMS {:.1} dB",
        first.seconds(),
        first.peak_db(),
        first.rms_db()
    );
    assert!(first.bytes == second.bytes, "two renders of one session differ");
    assert!(first.seconds() > 4.0);
    assert!((-12.0..=-0.3).contains(&first.peak_db()), "peak {} dBFS", first.peak_db());
    assert!((-30.0..=-9.0).contains(&first.rms_db()), "RMS {} dB", first.rms_db());
}

#[test]
fn an_edit_is_heard_in_the_render() {
    let home = Home::new();
    let before = home.beside("before.wav");
    home.run(&[&"render", &before, &"--bars", &"2"]).ok();
    home.run(&[&"edit", &"strip", &"Kick", &"--mute", &"true"]).ok();
    let after = home.beside("after.wav");
    home.run(&[&"render", &after, &"--bars", &"2"]).ok();
    let (before, after) = (Recording::read(&before), Recording::read(&after));
    assert_eq!(before.samples.len(), after.samples.len());
    assert!(after.rms_db() < before.rms_db() - 0.5, "{} and {} dB", before.rms_db(), after.rms_db());
}
