//! Nothing that people do makes a click.
//!
//! The material is a sampled sine, whose own second difference is 0.0003; a jump would be as large as the sine's level
//! at that moment, a fade within a few milliseconds stays below 0.01.

mod support;

use antiphon_engine::{Ears, SamplePool, TrackEars};
use antiphon_model::{Drum, Gain, Note, Pan, Preset, Song, Sound, TrackId, Velocity};
use antiphon_timeline::Ticks;
use support::*;

const SMOOTH: f32 = 0.01;

fn sine_song() -> Song {
    one_track(120.0, Sound::Sample(SAMPLE), "0:100 . . . . . . . . . . . . . . .")
}

fn sine_pool() -> SamplePool {
    pool(sine(200.0, 20.0))
}

/// A stage on which the sine has sounded for a while (not a whole number of periods).
fn sounding() -> Stage {
    let mut stage = Stage::with(&sine_song(), &sine_pool());
    stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 120.0)));
    stage.play(10_037);
    assert!(peak(&stage.heard) > 0.4);
    stage
}

#[track_caller]
fn assert_smooth(stage: &Stage) {
    for channel in [left(&stage.heard), right(&stage.heard)] {
        let corner = sharpest_corner(&channel);
        assert!(corner < SMOOTH, "a corner of {corner}");
    }
}

#[track_caller]
fn assert_silent_after(stage: &mut Stage, frames: usize) {
    stage.play(frames);
    assert_eq!(peak(&stage.play(1_000)), 0.0);
}

#[test]
fn the_measure_finds_a_click() {
    let mut wave = sine(200.0, 0.1);
    assert!(sharpest_corner(&wave) < 0.001);
    wave.truncate(2_500);
    wave.extend([0.0; 100]);
    assert!(sharpest_corner(&wave) > SMOOTH);
}

#[test]
fn stop_fades_within_five_milliseconds() {
    let mut stage = sounding();
    stage.controller.set_run(None);
    // The block in which it is told, the limiter's delay, the fade.
    assert_silent_after(&mut stage, 96 + 192);
    assert_smooth(&stage);
}

#[test]
fn the_end_of_a_run_fades() {
    let mut stage = sounding();
    stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 120.0).ending_at(Ticks::from_steps(2))));
    let end = 12_000;
    let heard = stage.play(2_500);
    let at = (end - (stage.next - 2_500)) as usize;
    assert!(peak(&heard[..at * 2]) > 0.4);
    assert_eq!(peak(&heard[(at + 192) * 2..]), 0.0);
    assert_smooth(&stage);
}

#[test]
fn locating_elsewhere_fades_what_sounded() {
    let mut stage = sounding();
    stage.controller.set_run(Some(run_at(stage.next + 1_000, Ticks::from_steps(5), 120.0)));
    assert_silent_after(&mut stage, 300);
    assert_smooth(&stage);
}

#[test]
fn a_jump_of_the_stream_fades_within_two_milliseconds() {
    let mut stage = sounding();
    stage.next += 1_000_000;
    // The new place is in the middle of the loop: no step falls on it.
    stage.next -= stage.next % 96_000 - 20_000;
    assert_silent_after(&mut stage, 96);
    assert_smooth(&stage);
}

#[test]
fn mute_solo_gain_pan_volume_and_master_move_smoothly() {
    let mut stage = sounding();
    let track = TrackId([1; 16]);
    let ears = |mute: bool, gain: i64, volume: i64| {
        let mut ears = Ears { volume: Gain::clamped(volume), ..Ears::default() };
        ears.tracks.insert(track, TrackEars { mute, solo: false, gain: Gain::clamped(gain) });
        ears
    };
    for ears in [
        ears(true, 0, 0),
        ears(false, 0, 0),
        ears(false, -1_200, 0),
        ears(false, 300, -900),
        ears(false, 0, 600),
    ] {
        stage.set(&sine_song(), &sine_pool(), &ears);
        stage.play(3_001);
    }
    let mut song = sine_song();
    for (gain, pan, mute, master) in
        [(-600, -100, false, 0), (0, 100, false, -800), (0, 0, true, 0), (0, 0, false, 0)]
    {
        let strip = &mut song.tracks[0].strip;
        (strip.gain, strip.pan, strip.mute) = (Gain::clamped(gain), Pan::clamped(pan), mute);
        song.master = Gain::clamped(master);
        stage.set(&song, &sine_pool(), &Ears::default());
        stage.play(3_001);
    }
    assert_smooth(&stage);
}

#[test]
fn removing_a_track_or_changing_its_sound_fades_or_keeps_it() {
    let mut stage = sounding();
    let mut song = sine_song();
    song.tracks[0].sound = Sound::Drum(Drum::Rim);
    stage.set(&song, &SamplePool::new(), &Ears::default());
    assert!(peak(&stage.play(5_000)) > 0.4, "what sounds goes on");
    song.tracks.clear();
    stage.set(&song, &SamplePool::new(), &Ears::default());
    assert_silent_after(&mut stage, 400);
    assert_smooth(&stage);
}

#[test]
fn stealing_fades_within_five_milliseconds() {
    let mut stage = Stage::with(&one_track(120.0, Sound::Synth(Preset::Pad), ". ."), &SamplePool::new());
    let track = TrackId([1; 16]);
    for note in 0..64 {
        // Low and quiet, so that the material itself is smooth.
        stage.controller.note_on(track, Note::clamped(24 + note % 12), Velocity::clamped(8));
        stage.play(700);
    }
    stage.play(19_000);
    // Empties the queue: what follows is the present.
    stage.controller.telemetry();
    stage.play(1_000);
    stage.heard.clear();
    let before = stage.controller.telemetry().unwrap().voices;
    assert_eq!(before, 64);
    for note in 0..64 {
        stage.controller.note_on(track, Note::clamped(24 + note % 12), Velocity::clamped(8));
        stage.play(517);
        // One may be fading.
        assert!((64..=65).contains(&stage.controller.telemetry().unwrap().voices));
    }
    assert_smooth(&stage);
}

#[test]
fn a_sample_that_begins_or_ends_abruptly_is_rounded() {
    // A constant: it begins and ends with a jump.
    let song = one_track(120.0, Sound::Sample(SAMPLE), "0:100 . . . . . . .");
    let mut stage = Stage::with(&song, &pool(vec![0.3; 9_000]));
    stage.play(100);
    stage.controller.set_run(Some(run_at(500, Ticks::ZERO, 120.0)));
    stage.play(20_000);
    assert!(peak(&stage.heard) > 0.29);
    assert_smooth(&stage);
}

#[test]
fn a_second_preview_replaces_the_first_smoothly() {
    let mut stage = Stage::with(&sine_song(), &SamplePool::new());
    // Low, since each preview begins with the sine's own slope.
    for _ in 0..5 {
        stage.controller.preview(&Sound::Sample(SAMPLE), &pool(sine(80.0, 1.0)));
        assert!(peak(&stage.play(4_321)) > 0.4);
    }
    assert_smooth(&stage);
}

#[test]
fn drums_and_synths_begin_near_zero() {
    let sounds = Drum::ALL.map(Sound::Drum).into_iter().chain(Preset::ALL.map(Sound::Synth));
    for sound in sounds {
        let song = one_track(120.0, sound.clone(), "0:127 . . . . . . .");
        let mut stage = Stage::with(&song, &SamplePool::new());
        stage.play(100);
        stage.controller.set_run(Some(run_at(1_000, Ticks::ZERO, 120.0)));
        let heard = left(&stage.play(5_000));
        let onset = heard.iter().position(|sample| *sample != 0.0).unwrap();
        assert!((899..903).contains(&onset), "{sound} begins at {onset}");
        assert!(heard[onset].abs() < 0.02, "{sound} begins with {}", heard[onset]);
    }
}

#[test]
fn retriggered_sounds_do_not_click() {
    // Kick and tom are smooth enough that the cut of one by the next would stand out.
    for drum in [Drum::Kick, Drum::Tom] {
        let song = one_track(230.0, Sound::Drum(drum), "-24:60");
        let mut stage = Stage::with(&song, &SamplePool::new());
        stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 230.0)));
        let first = stage.play(3_000);
        let own = sharpest_corner(&left(&first));
        stage.play(60_000);
        let all = sharpest_corner(&left(&stage.heard));
        assert!(all < own * 1.5 + 0.002, "{drum:?}: {all} after {own}");
    }
}
