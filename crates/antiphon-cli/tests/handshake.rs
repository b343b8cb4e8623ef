//! `antiphon handshake` with files, as a person would use it.

use std::{
    path::Path,
    process::{Command, Output},
};

use antiphon_media::{RATE, WavFormat, WavWriter, decode};

fn antiphon(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antiphon"));
    command
        .current_dir(folder)
        .args(arguments)
        .args(["--discovery", "off"])
        .env("ANTIPHON_DATA", folder.join("peer"));
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The chirps of both voices as the program writes them.
fn chirps(folder: &Path) -> [Vec<f32>; 2] {
    ["a", "b"].map(|voice| {
        let file = format!("{voice}.wav");
        assert_eq!(
            out(&antiphon(folder, &["handshake", "chirp", "--voice", voice, "--out", &file])).trim(),
            file
        );
        let pcm = decode(&std::fs::read(folder.join(file)).unwrap(), Some("wav")).unwrap();
        assert_eq!((pcm.rate, pcm.channels), (RATE, 1));
        pcm.frames
    })
}

/// A recording in which each voice begins so many frames after the start.
fn record(folder: &Path, name: &str, chirps: &[Vec<f32>; 2], late: [usize; 2], gains: [f32; 2]) {
    let mut frames = vec![0.0_f32; 6 * RATE as usize];
    // A little noise, or the recording is of no room.
    let mut noise = 1_u32;
    for frame in &mut frames {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *frame = (noise >> 8) as f32 / (1 << 24) as f32 * 0.002 - 0.001;
    }
    for voice in 0..2 {
        for (to, chirp) in frames.iter_mut().skip(late[voice]).zip(&chirps[voice]) {
            *to += gains[voice] * chirp;
        }
    }
    let mut file = WavWriter::create(&folder.join(name), WavFormat::Int24, 1).unwrap();
    file.write(&frames).unwrap();
    file.finish().unwrap();
}

#[test]
fn two_recordings_give_the_difference_and_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chirps = chirps(folder);
    // The devices are 420 frames of sound apart; b is 480 frames (10 ms) late; each began to record when it liked.
    record(folder, "rec-a.wav", &chirps, [5_000, 5_000 + 420 + 480], [0.8, 0.05]);
    record(folder, "rec-b.wav", &chirps, [2_000 + 420, 2_000 + 480], [0.05, 0.8]);
    let told = out(&antiphon(folder, &["handshake", "measure", "rec-a.wav", "rec-b.wav"]));
    assert!(told.starts_with("voice b is 10.00 ms later than voice a (rounds within 0.00 ms"), "{told}");
    assert!(told.contains("3.0 m apart"), "{told}");
    assert!(
        told.contains("set: +10.00 ms more trim on the device of voice b, or -10.00 ms on the other one"),
        "{told}"
    );
    let json = out(&antiphon(folder, &["--json", "handshake", "measure", "rec-a.wav", "rec-b.wav"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!((json["laterMs"].as_f64().unwrap() - 10.0).abs() < 0.01, "{json}");
    assert_eq!((json["set"]["voice"].as_str(), json["applied"].is_null()), (Some("b"), true));
    assert!(!folder.join("peer").exists(), "files alone touch no data folder");
}

#[test]
fn each_refusal_says_why_and_what_to_do_next() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chirps = chirps(folder);
    record(folder, "good.wav", &chirps, [5_000, 5_500], [0.8, 0.1]);
    record(folder, "lonely.wav", &chirps, [5_000, 5_500], [0.8, 0.0]);
    let measure = |one: &str, two: &str| refused(&antiphon(folder, &["handshake", "measure", one, two]));
    let same = measure("good.wav", "good.wav");
    assert!(same.contains("hold the same recording") && same.contains("next: give one recording"), "{same}");
    let lonely = measure("good.wav", "lonely.wav");
    assert!(
        lonely.contains("lonely.wav: no chirp of voice b") && lonely.contains("next: check that both"),
        "{lonely}"
    );
    std::fs::write(folder.join("text.wav"), "no sound").unwrap();
    assert!(measure("good.wav", "text.wav").contains("next: record to a WAV file"));
    assert!(measure("nothing.wav", "good.wav").contains("nothing.wav: it cannot be read"));
}

#[test]
fn without_an_output_there_is_nothing_to_apply_it_to() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let chirps = chirps(folder);
    record(folder, "rec-a.wav", &chirps, [5_000, 5_900], [0.8, 0.05]);
    record(folder, "rec-b.wav", &chirps, [2_420, 2_480], [0.05, 0.8]);
    let arguments = ["--audio", "off", "handshake", "measure", "rec-a.wav", "rec-b.wav", "--apply"];
    let told = refused(&antiphon(folder, &arguments));
    assert!(told.contains("no audio output is open") && told.contains("next: connect an output"), "{told}");
}
