//! Real sounds: every file of Debian's `sonic-pi-samples` and `hydrogen-drumkits` becomes a sample.
//!
//! The packages are installed at test time and not committed. Without them this test says so; where
//! `CI` or `ANTIPHON_REQUIRE_SAMPLES` is set it fails instead. A tenth of the files by default, all with
//! `ANTIPHON_LONG=1`.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

use std::path::{Path, PathBuf};

use antiphon_media::{decode, decode_blob, prepare};

const FOLDERS: [(&str, &str); 2] = [
    ("sonic-pi-samples", "/usr/share/sonic-pi/samples"),
    ("hydrogen-drumkits", "/usr/share/hydrogen/data/drumkits"),
];

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn audio_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        if path.is_dir() {
            audio_files(&path, found);
        } else if ["wav", "flac", "ogg", "mp3", "aif", "aiff"].contains(&extension.as_str()) {
            found.push(path);
        }
    }
}

#[test]
fn every_sound_of_the_packs_becomes_a_sample() {
    for (package, folder) in FOLDERS {
        let mut files = Vec::new();
        audio_files(Path::new(folder), &mut files);
        files.sort();
        if files.is_empty() {
            let notice =
                format!("{package} is not installed ({folder}); `apt-get install {package}` for this test");
            assert!(!is_set("CI") && !is_set("ANTIPHON_REQUIRE_SAMPLES"), "{notice}");
            eprintln!("NOT TESTED: {notice}");
            continue;
        }
        let step = if is_set("ANTIPHON_LONG") { 1 } else { 10 };
        let mut checked = 0;
        for path in files.iter().step_by(step) {
            check(path);
            checked += 1;
        }
        println!("{package}: {checked} of {} files became samples", files.len());
    }
}

fn check(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let extension = path.extension().and_then(|extension| extension.to_str());
    let sample = prepare(&bytes, extension).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (channels, pcm) =
        decode_blob(&sample.blob).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(channels == sample.channels && pcm == sample.pcm, "{}", path.display());
    // Some kits hold silent files on purpose, so power is compared: resampling keeps it, turning down may take some.
    let (before, after) = (power(&decode(&bytes, None).unwrap().frames), power(&pcm));
    let kept = after >= 0.25 * before && after <= 1.1 * before;
    assert!(kept || before < 1e-9, "{}: power {before} became {after}", path.display());
}

fn power(frames: &[f32]) -> f64 {
    frames.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / frames.len() as f64
}
