//! Plans that take over at a frame, and bars that are not of four quarters.

mod support;

use antiphon_engine::{Ears, RenderOptions, compile, event_list, loop_bars, song_run};
use antiphon_model::{
    Bars, Change, Link, LinkId, Moment, OrderKey, PatternId, PlayMode, Scene, SceneId, Song, Sound, Switch,
};
use antiphon_timeline::{Frames, Meter, Run, SessionTime, TICKS_PER_QUARTER, Tempo, Ticks};
use support::*;

fn ticking(steps: &str) -> Song {
    one_track(120.0, Sound::Sample(SAMPLE), steps)
}

/// The frame of bar 1 of [`started`]'s run.
const BAR: i64 = 2_000 + 96_000;

/// A stage with a run from frame 2 000 on, pulled in blocks of this size.
fn started(song: &Song, block: usize) -> Stage {
    let mut stage = Stage::with(song, &pool(tick()));
    stage.block = block;
    stage.controller.set_run(Some(run_at(2_000, Ticks::ZERO, 120.0)));
    stage
}

fn wait_for(stage: &mut Stage, song: &Song, next: Option<(i64, &Song)>) {
    let compile = |song| compile(song, &pool(tick()), &Ears::default());
    let next = next.map(|(at, song)| (Frames(at), compile(song)));
    stage.controller.set_plans(compile(song), next);
}

#[test]
fn a_plan_takes_over_on_its_very_frame_whatever_the_blocks() {
    let (before, after) = (ticking("0 . . ."), ticking(". . 0 0"));
    let heard = |block: usize, told_after: usize| {
        let mut stage = started(&before, block);
        stage.play(told_after / block * block);
        wait_for(&mut stage, &before, Some((BAR, &after)));
        stage.play(150_000 - stage.heard.len() / 2);
        stage.heard
    };
    let expected = heard(128, 0);
    assert_eq!(
        tick_frames(&expected),
        [2_000, 26_000, 50_000, 74_000, BAR + 12_000, BAR + 18_000, BAR + 36_000, BAR + 42_000]
    );
    // Whoever hears of it in time has the same bits, in blocks of any size.
    for (block, told_after) in [(1, 90_000), (64, 50_000), (441, 97_000), (1_024, 1_024), (48_000, 48_000)] {
        assert!(heard(block, told_after) == expected, "blocks of {block}, told after {told_after}");
    }
}

#[test]
fn a_plan_that_comes_after_its_frame_takes_over_at_once() {
    let (before, after) = (ticking("0 . . ."), ticking(". . 0 ."));
    let mut stage = started(&before, 128);
    stage.play(BAR as usize + 5_000);
    wait_for(&mut stage, &before, Some((BAR, &after)));
    stage.play(30_000);
    assert_eq!(tick_frames(&stage.heard), [2_000, 26_000, 50_000, 74_000, BAR, BAR + 12_000]);
}

#[test]
fn what_was_to_take_over_does_not_after_another_plan() {
    let (before, never, after) = (ticking("0 . . ."), ticking("0"), ticking(". 0 . ."));
    let mut stage = started(&before, 128);
    wait_for(&mut stage, &before, Some((BAR, &never)));
    stage.play(60_000);
    wait_for(&mut stage, &before, Some((BAR + 24_000, &after)));
    stage.play(90_000);
    let heard = tick_frames(&stage.heard);
    assert_eq!(heard, [2_000, 26_000, 50_000, 74_000, BAR, BAR + 24_000 + 6_000]);
    stage.set(&before, &pool(tick()), &Ears::default());
    stage.play(10_000);
    assert_eq!(stage.controller.telemetry().map(|_| ()), Some(()));
}

/// A song in 3/4 whose chain plays one pattern for a bar and another for two.
fn waltz() -> Song {
    let mut song = ticking("0 . . .");
    song.meter = Meter::new(3, 4).unwrap();
    let track = song.tracks[0].id;
    let first = song.tracks[0].current.to;
    let second = PatternId([9; 16]);
    let offbeats = ticking(". . 0 .").tracks[0].pattern().clone();
    song.tracks[0].patterns.insert(second, offbeats);
    for (number, pattern, bars) in [(1, first, 1), (2, second, 2)] {
        let scene = SceneId([number; 16]);
        let name = song.name.clone();
        song.scenes.push(Scene {
            id: scene,
            name,
            order: OrderKey::first(),
            slots: [(track, pattern)].into(),
        });
        let (id, bars) = (LinkId([number; 16]), Bars::clamped(bars));
        song.chain.push(Link { id, scene, bars, order: OrderKey::first() });
    }
    song.mode = Switch::settled(PlayMode::Chain);
    song
}

fn quarters_of(song: &Song, run: &Run, quarters: i64) -> Vec<f64> {
    let events = event_list(song, run, Ticks::ZERO..Ticks(TICKS_PER_QUARTER * quarters));
    events.iter().map(|event| event.tick.0 as f64 / TICKS_PER_QUARTER as f64).collect()
}

#[test]
fn links_of_the_chain_last_bars_of_the_meter() {
    let song = waltz();
    let run = song_run(&song, SessionTime::ZERO);
    let expected = [0.0, 1.0, 2.0, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.0, 10.0, 11.0];
    assert_eq!(quarters_of(&song, &run, 12), expected);
    // Where the meter changes on the way, a link still lasts its bars: this one two of 4/4.
    let run = run.with_meter(Ticks(TICKS_PER_QUARTER * 3), Meter::DEFAULT);
    let expected = [0.0, 1.0, 2.0, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.0];
    assert_eq!(quarters_of(&song, &run, 12), expected);
    let bars: Vec<i64> = event_list(&song, &run, Ticks::ZERO..Ticks(TICKS_PER_QUARTER * 12))
        .iter()
        .map(|event| event.origin_bar)
        .collect();
    assert_eq!(bars, [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 3]);
}

#[test]
fn a_render_lasts_whole_bars_of_the_songs_meter() {
    let mut song = ticking("0 . . .");
    for (meter, bars) in [("4/4", 1), ("3/4", 1), ("5/4", 1), ("7/8", 2), ("1/16", 4)] {
        song.meter = meter.parse().unwrap();
        assert_eq!(loop_bars(&song), bars, "{meter}");
    }
    song.meter = "3/4".parse().unwrap();
    let pcm = rendered(&song, &pool(tick()), &RenderOptions::canonical(&song));
    // Three quarters and the tail.
    assert_eq!(pcm.len() / 2, 72_000 + 96_000);
    assert_eq!(tick_frames(&pcm), [0, 24_000, 48_000]);
}

#[test]
fn a_launch_off_the_bar_takes_effect_on_its_sixteenth() {
    let mut song = waltz();
    song.mode = Switch::settled(PlayMode::Live);
    let run = song_run(&song, SessionTime::ZERO).with_ramp(Ticks::ZERO, Tempo::MAX, 3_000_000_000);
    let track = &mut song.tracks[0];
    let (from, to) = (track.current.to, PatternId([9; 16]));
    let at = Moment { run: run.start(), tick: Ticks::from_steps(10) };
    track.current = Switch { to, change: Some(Change { from, at }) };
    assert_eq!(quarters_of(&song, &run, 5), [0.0, 1.0, 2.0, 2.5, 3.5, 4.5]);
}
