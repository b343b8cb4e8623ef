//! A player under way: runs, plans, live notes, gestures, meters.
#![allow(clippy::disallowed_methods, reason = "measures sound; nobody has to get the same bits")]

mod support;

use antiphon_engine::{Ears, SamplePool, compile, reference::SongBuilder};
use antiphon_model::{Drum, Gain, Note, Pan, Preset, Song, Sound, TrackId, Velocity};
use antiphon_timeline::{Frames, Tempo, Ticks};
use support::*;

const TRACK: TrackId = TrackId([1; 16]);

fn ticking(steps: &str) -> Song {
    one_track(120.0, Sound::Sample(SAMPLE), steps)
}

/// A stage at stream frame `next`, told of its plan but of no run.
fn at(next: i64, song: &Song) -> Stage {
    let mut stage = Stage::with(song, &pool(tick()));
    stage.next = next;
    stage.play(1_000);
    stage.heard.clear();
    stage
}

/// Frames of the ticks heard, from stream frame `from` on.
fn ticks(stage: &Stage, from: i64) -> Vec<i64> {
    tick_frames(&stage.heard).into_iter().map(|frame| frame + from).collect()
}

#[test]
fn a_run_is_laid_on_the_stream_where_it_says() {
    let mut stage = at(1_000_000, &ticking("0 . . ."));
    stage.controller.set_run(Some(run_at(1_005_000, Ticks::ZERO, 120.0)));
    stage.play(60_000);
    assert_eq!(ticks(&stage, 1_001_000), [1_005_000, 1_029_000, 1_053_000]);
}

#[test]
fn a_joiner_lands_in_phase() {
    // The run began long ago; a track of 5 and one of 16 steps; the joiner hears what the others hear.
    let song = SongBuilder::new(120.0, 30)
        .track(Sound::Sample(SAMPLE), flat(), "0 . . . .")
        .track(Sound::Sample(SAMPLE), flat(), ". . . 0 . . . . . . . . . . . .")
        .build();
    let run = run_at(500, Ticks::from_steps(7), 120.0);
    let mut veteran = at(0, &song);
    veteran.controller.set_run(Some(run.clone()));
    veteran.play(2_000_000);
    let mut joiner = at(1_000_000, &song);
    joiner.controller.set_run(Some(run));
    joiner.play(999_000);
    let expected: Vec<i64> = ticks(&veteran, 1_000).into_iter().filter(|frame| *frame >= 1_002_000).collect();
    let heard: Vec<i64> =
        ticks(&joiner, 1_001_000).into_iter().filter(|f| (1_002_000..).contains(f)).collect();
    assert!(heard.len() > 40);
    assert_eq!(heard, expected[..heard.len()]);
}

#[test]
fn a_late_run_still_plays_its_first_step() {
    let mut stage = at(0, &ticking("0 . . ."));
    stage.controller.set_run(Some(run_at(700, Ticks::ZERO, 120.0)));
    stage.play(30_000);
    // 1 000 frames are over and the limiter holds 96 more.
    assert_eq!(ticks(&stage, 1_000), [1_096, 24_700]);
    let mut stage = at(0, &ticking("0 . . ."));
    stage.play(9_000);
    stage.controller.set_run(Some(run_at(700, Ticks::ZERO, 120.0)));
    stage.play(20_000);
    assert_eq!(ticks(&stage, 1_000), [24_700], "half a beat late is too late");
}

#[test]
fn tempo_changes_inside_a_run_fall_on_their_tick() {
    let mut stage = at(0, &ticking("0 . . ."));
    let run = run_at(2_000, Ticks::ZERO, 120.0);
    stage.controller.set_run(Some(run.clone()));
    stage.play(30_000);
    let doubled = run.with_tempo(Ticks::from_steps(8), Tempo::from_bpm(240.0).unwrap());
    stage.controller.set_run(Some(doubled));
    stage.play(60_000);
    assert_eq!(ticks(&stage, 1_000), [2_000, 26_000, 50_000, 62_000, 74_000, 86_000]);
}

#[test]
fn a_tempo_change_that_moves_a_due_step_into_the_past_does_not_lose_it() {
    let mut stage = at(0, &ticking("0 . . ."));
    let run = run_at(2_000, Ticks::ZERO, 120.0);
    stage.controller.set_run(Some(run.clone()));
    stage.play(24_000);
    // Step 4 would sound at 26 000; it is 25 096 inside the limiter. At 125 BPM it belongs at 25 040.
    stage.controller.set_run(Some(run.with_tempo(Ticks::ZERO, Tempo::from_bpm(125.0).unwrap())));
    stage.play(30_000);
    assert_eq!(ticks(&stage, 1_000), [2_000, 25_096, 48_080]);
    // And back again: step 8 has sounded, although it is ahead once more.
    stage.controller.set_run(Some(run_at(2_000, Ticks::ZERO, 120.0)));
    stage.play(40_000);
    assert_eq!(ticks(&stage, 1_000), [2_000, 25_096, 48_080, 74_000]);
}

#[test]
fn a_fader_moved_in_silence_is_there_when_the_sound_comes() {
    let mut song = ticking("0 . . . . . . .");
    let mut stage = at(0, &song);
    song.tracks[0].strip.gain = Gain::clamped(-600);
    stage.set(&song, &pool(tick()), &Ears::default());
    stage.play(9_600);
    stage.controller.set_run(Some(run_at(20_000, Ticks::ZERO, 120.0)));
    let level = peak(&stage.play(20_000));
    assert!((antiphon_dsp::gain_to_db(level / 0.5) + 6.0).abs() < 0.01, "{level}");
}

#[test]
fn nothing_sounds_at_or_after_the_end_of_a_run() {
    let mut stage = at(0, &ticking("0"));
    stage.controller.set_run(Some(run_at(2_000, Ticks::ZERO, 120.0).ending_at(Ticks::from_steps(3))));
    stage.play(60_000);
    assert_eq!(ticks(&stage, 1_000), [2_000, 8_000, 14_000]);
}

#[test]
fn swapping_plans_loses_and_doubles_nothing() {
    // A new plan before every block of any size, swing changing all the time on every other one.
    let mut stage = at(0, &ticking("0"));
    stage.controller.set_run(Some(run_at(2_000, Ticks::ZERO, 240.0)));
    let mut song = ticking("0");
    for (round, block) in (0..900).zip([64, 1, 480, 127, 33].into_iter().cycle()) {
        song.swing = antiphon_model::Swing::clamped(if round % 2 == 0 { round / 7 % 100 } else { 0 });
        stage.set(&song, &pool(tick()), &Ears::default());
        stage.block = block;
        stage.play(block);
    }
    let played = (stage.next - 2_000) / 3_000;
    let heard = ticks(&stage, 1_000);
    assert!((played - 1..=played + 1).contains(&(heard.len() as i64)), "{} of {played}", heard.len());
    let gaps: Vec<i64> = heard.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| (1_300..=4_700).contains(gap)), "{gaps:?}");
}

#[test]
fn an_edit_of_a_step_ahead_is_heard_when_it_comes() {
    let mut stage = at(0, &ticking(". . . . . . . ."));
    stage.controller.set_run(Some(run_at(2_000, Ticks::ZERO, 120.0)));
    stage.play(20_000);
    stage.set(&ticking(". . . . 0 . . ."), &pool(tick()), &Ears::default());
    stage.play(20_000);
    assert_eq!(ticks(&stage, 1_000), [26_000]);
}

#[test]
fn live_notes_sound_while_stopped_and_end_when_let_go() {
    let song = one_track(120.0, Sound::Synth(Preset::Lead), ". .");
    let mut stage = Stage::with(&song, &SamplePool::new());
    stage.play(1_000);
    stage.controller.note_on(TRACK, Note::clamped(72), Velocity::default());
    stage.controller.note_on(TRACK, Note::clamped(76), Velocity::default());
    stage.play(48_000);
    assert!(rms(&stage.play(4_800)) > 0.05, "held notes go on");
    stage.controller.note_off(TRACK, Note::clamped(72));
    stage.play(48_000);
    assert!(rms(&stage.play(4_800)) > 0.03, "the other note goes on");
    stage.controller.all_notes_off();
    stage.play(48_000);
    assert_eq!(peak(&stage.play(4_800)), 0.0);
}

#[test]
fn all_notes_off_ends_what_sounds_and_lets_the_next_step_sound() {
    // Two bars of 120 BPM between the steps: a pad that would ring through.
    let steps = format!("0:100:512 {}", ". ".repeat(31));
    let song = one_track(120.0, Sound::Synth(Preset::Pad), &steps);
    let mut stage = Stage::with(&song, &SamplePool::new());
    stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 120.0)));
    stage.controller.note_on(TRACK, Note::clamped(72), Velocity::default());
    assert!(rms(&stage.play(48_000)) > 0.01);
    stage.controller.all_notes_off();
    stage.play(480);
    assert_eq!(peak(&stage.play(48_000)), 0.0, "something still sounds");
    stage.play(4 * 48_000 - 2 * 48_000 - 480);
    assert!(rms(&stage.play(48_000)) > 0.01, "the next step is silent");
}

#[test]
fn live_notes_are_at_their_pitch() {
    // A4 on every preset: count rising zero crossings of the fundamental through a narrow filter.
    for preset in Preset::ALL {
        let song = one_track(120.0, Sound::Synth(preset), ". .");
        let mut stage = Stage::with(&song, &SamplePool::new());
        stage.controller.note_on(TRACK, Note::clamped(69), Velocity::default());
        let heard = left(&stage.play(24_000));
        let level = |hz: f32| {
            let (mut re, mut im) = (0.0, 0.0);
            for (i, sample) in heard.iter().enumerate() {
                let turns = (i as f32 * hz / 48_000.0).fract();
                re += sample * antiphon_dsp::sin_turns(turns);
                im += sample * antiphon_dsp::sin_turns(turns + 0.25);
            }
            re.hypot(im)
        };
        let best = (400..480).max_by(|a, b| level(*a as f32).total_cmp(&level(*b as f32)));
        assert!((438..=442).contains(&best.unwrap()), "{preset:?} at {best:?} Hz");
    }
}

#[test]
fn stopping_leaves_live_notes_alone() {
    let song = one_track(120.0, Sound::Synth(Preset::Pad), ". .");
    let mut stage = Stage::with(&song, &SamplePool::new());
    stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 120.0)));
    stage.controller.note_on(TRACK, Note::clamped(60), Velocity::default());
    stage.play(24_000);
    stage.controller.set_run(None);
    stage.play(24_000);
    assert!(rms(&stage.play(4_800)) > 0.03);
}

#[test]
fn a_preview_sounds_past_mutes_and_without_tracks() {
    let mut stage = Stage::with(&SongBuilder::new(120.0, 0).build(), &SamplePool::new());
    for sound in [Sound::Drum(Drum::Snare), Sound::Synth(Preset::Bass), Sound::Sample(SAMPLE)] {
        stage.controller.preview(&sound, &pool(sine(440.0, 0.3)));
        assert!(peak(&stage.play(9_600)) > 0.1, "{sound}");
        stage.play(96_000);
    }
}

#[test]
fn a_closed_hat_cuts_an_open_one_on_another_track() {
    let song = |second: &str| {
        SongBuilder::new(120.0, 0)
            .track(Sound::Drum(Drum::OpenHat), flat(), "0 . . . . . . . . . . . . . . .")
            .track(Sound::Drum(Drum::ClosedHat), flat(), second)
            .build()
    };
    let tail = |second: &str| {
        let mut stage = Stage::with(&song(second), &SamplePool::new());
        stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 120.0)));
        stage.play(17_000);
        rms(&stage.play(1_000))
    };
    assert!(tail(". . 0:1 . . . . . . . . . . . . .") < 0.02 * tail(". . . ."));
}

#[test]
fn acid_slides_between_overlapping_notes_and_strikes_separate_ones() {
    let voices = |steps: &str| {
        let mut stage = Stage::with(&one_track(120.0, Sound::Synth(Preset::Acid), steps), &SamplePool::new());
        stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 120.0)));
        stage.play(5_990);
        let before = rms(&stage.play(100));
        stage.play(12_000);
        (before, stage.controller.telemetry().unwrap().voices)
    };
    assert_eq!(voices("0:100:24 12:100:24").1, 1);
    assert_eq!(voices("0:100:8 12:100:8").1, 1);
}

#[test]
fn a_gesture_is_heard_at_once_and_ends_with_the_edit() {
    let mut song = one_track(120.0, Sound::Synth(Preset::Pad), ". .");
    let mut stage = Stage::with(&song, &SamplePool::new());
    stage.controller.note_on(TRACK, Note::clamped(60), Velocity::default());
    stage.play(48_000);
    let level = |stage: &mut Stage| {
        stage.play(9_600);
        let heard = stage.play(48_000);
        (rms(&left(&heard)), rms(&right(&heard)))
    };
    let (whole, _) = level(&mut stage);
    stage.controller.set_strip_gesture(Some(TRACK), Some(Gain::clamped(-2_000)), None);
    let (turned, _) = level(&mut stage);
    assert!((0.08..0.12).contains(&(turned / whole)), "{turned} of {whole}");
    // A plan for another reason does not touch it.
    song.swing = antiphon_model::Swing::clamped(10);
    stage.set(&song, &SamplePool::new(), &Ears::default());
    assert!(level(&mut stage).0 / whole < 0.13);
    // The edit that follows the gesture.
    song.tracks[0].strip.gain = Gain::clamped(-600);
    stage.set(&song, &SamplePool::new(), &Ears::default());
    assert!((0.42..0.6).contains(&(level(&mut stage).0 / whole)));
    stage.controller.set_strip_gesture(Some(TRACK), None, Some(Pan::clamped(100)));
    assert!(level(&mut stage).0 < 1e-3 * level(&mut stage).1);
    stage.controller.set_strip_gesture(Some(TRACK), None, None);
    assert!(level(&mut stage).0 > 0.3 * whole);
    stage.controller.set_strip_gesture(None, Some(Gain::MIN), None);
    assert_eq!(level(&mut stage), (0.0, 0.0));
}

#[test]
fn meters_show_peak_and_rms_per_track_since_the_last_reading() {
    let song = SongBuilder::new(120.0, 0)
        .track(Sound::Sample(SAMPLE), flat(), "0:100 . . . . . . . . . . . . . . .")
        .track(Sound::Drum(Drum::Kick), flat(), ". . . . . . . .")
        .build();
    let mut stage = Stage::with(&song, &pool(sine(480.0, 1.0)));
    assert_eq!(stage.controller.telemetry(), None);
    stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 120.0)));
    stage.play(4_800);
    stage.controller.telemetry();
    stage.play(1_920);
    let meters = stage.controller.telemetry().unwrap();
    assert_eq!(meters.tracks.iter().map(|meter| meter.track).collect::<Vec<_>>(), [TRACK, TrackId([2; 16])]);
    assert!((meters.tracks[0].peak - 0.5).abs() < 0.005 && (meters.tracks[0].rms - 0.3535).abs() < 0.01);
    assert_eq!((meters.tracks[1].peak, meters.tracks[1].rms), (0.0, 0.0));
    assert!((meters.master_peak[0] - 0.5).abs() < 0.005 && (meters.master_rms[1] - 0.3535).abs() < 0.01);
    assert_eq!(meters.limiter_db, 0.0);
    stage.play(60_000);
    // What did not fit in the queue comes with the reading after.
    for _ in 0..2 {
        stage.controller.telemetry();
        stage.play(1_920);
    }
    assert_eq!(stage.controller.telemetry().unwrap().master_peak, [0.0, 0.0]);
}

#[test]
fn the_latest_plan_and_run_arrive_although_the_queue_was_full() {
    let mut stage = Stage::with(&ticking(". ."), &pool(tick()));
    for _ in 0..5_000 {
        stage.controller.note_on(TRACK, Note::clamped(60), Velocity::default());
    }
    stage.set(&ticking("0 . . ."), &pool(tick()), &Ears::default());
    stage.controller.set_run(Some(run_at(100_000, Ticks::ZERO, 120.0)));
    stage.play(60_000);
    stage.heard.clear();
    let from = stage.next;
    stage.play(60_000);
    assert_eq!(ticks(&stage, from)[..], [100_000]);
}

#[test]
fn a_run_beyond_all_time_does_not_hold_the_audio_thread() {
    use antiphon_timeline::{Run, SessionTime};
    let far = [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX];
    for start in far {
        for from in far {
            let mut stage = at(0, &ticking("0"));
            let run = Run::new(SessionTime(start), Ticks(from), Tempo::MAX);
            stage.controller.set_run(Some(run.clone()));
            stage.play(1_000);
            stage.controller.set_run(Some(run.ending_at(Ticks(from))));
            stage.next = i64::MAX / 4;
            stage.play(1_000);
        }
    }
}

#[test]
fn block_sizes_that_are_odd_or_empty_are_fine() {
    let mut stage = Stage::with(&ticking("0"), &pool(tick()));
    stage.player.process(Frames(0), &mut []);
    let mut odd = [1.0; 7];
    stage.player.process(Frames(0), &mut odd);
    assert!(odd.iter().all(|sample| sample.is_finite()));
}

#[test]
fn an_empty_or_strange_sample_is_silent() {
    let strange = |channels: u8, frames: Vec<f32>| {
        let data = antiphon_engine::SampleData { channels, frames: frames.into() };
        SamplePool::from([(SAMPLE, std::sync::Arc::new(data))])
    };
    for pool in [strange(1, vec![]), strange(0, vec![1.0; 9]), strange(7, vec![1.0; 99]), SamplePool::new()] {
        let mut stage = Stage::new();
        stage.controller.set_plan(compile(&ticking("0"), &pool, &Ears::default()));
        stage.controller.set_run(Some(run_at(0, Ticks::ZERO, 120.0)));
        assert_eq!(peak(&stage.play(10_000)), 0.0);
    }
}
