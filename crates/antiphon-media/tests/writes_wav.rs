//! A WAV file appears whole, with the bits that were written, or not at all.

mod audio;

use antiphon_media::{WavFormat, WavWriter, WriteWavError, decode};
use audio::sine;

fn tone() -> Vec<f32> {
    sine(48_000, 440.0, 0.5, 2000).into_iter().map(|sample| sample as f32).collect()
}

#[test]
fn floats_come_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mix.wav");
    let mut writer = WavWriter::create(&path, WavFormat::Float32, 2).unwrap();
    tone().chunks(334).for_each(|block| writer.write(block).unwrap());
    assert!(!path.exists(), "nothing is seen before it is finished");
    writer.finish().unwrap();
    let pcm = decode(&std::fs::read(&path).unwrap(), None).unwrap();
    assert_eq!((pcm.rate, pcm.channels), (48_000, 2));
    assert_eq!(pcm.frames, tone());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn integers_are_rounded_and_clipped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mix.wav");
    let mut writer = WavWriter::create(&path, WavFormat::Int24, 1).unwrap();
    writer.write(&[0.5, -1.0, 1.0, 2.0, f32::NAN, 0.3]).unwrap();
    writer.finish().unwrap();
    let pcm = decode(&std::fs::read(&path).unwrap(), None).unwrap();
    let top = 8_388_607.0 / 8_388_608.0;
    assert_eq!(pcm.frames[..5], [0.5, -1.0, top, top, 0.0]);
    assert!((pcm.frames[5] - 0.3).abs() < 1.0 / 8_388_608.0);
}

#[test]
fn giving_up_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mix.wav");
    std::fs::write(&path, b"the old one").unwrap();
    let mut writer = WavWriter::create(&path, WavFormat::Float32, 2).unwrap();
    writer.write(&tone()).unwrap();
    drop(writer);
    assert_eq!(std::fs::read(&path).unwrap(), b"the old one");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn bad_calls_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("none").join("mix.wav");
    assert!(matches!(WavWriter::create(&nowhere, WavFormat::Int24, 2), Err(WriteWavError::Io { .. })));
    let mut writer = WavWriter::create(&folder.path().join("mix.wav"), WavFormat::Int24, 2).unwrap();
    assert!(matches!(writer.write(&[0.0; 3]), Err(WriteWavError::PartFrame { samples: 3, channels: 2 })));
}
