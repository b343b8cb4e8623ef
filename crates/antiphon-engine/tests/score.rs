//! The score against the slow and obvious sequencer: the same notes, whatever the song, from wherever it is read.
//!
//! `ANTIPHON_LONG=1` runs more songs, and an hour of each where a test says so.

#[path = "support/naive.rs"]
mod naive;
#[path = "support/songs.rs"]
mod songs;
mod support;

use antiphon_engine::{
    Ears, Event, Plan, SamplePool, Sequencer, compile, event_list, reference::SongBuilder,
};
use antiphon_model::{Chance, Drum, Pattern, Song, Sound, Track};
use antiphon_timeline::{Frames, Run, SessionTime, Speed, TICKS_PER_STEP, Tempo, Ticks};
use naive::first_difference;
use proptest::prelude::*;
use songs::Rng;
use std::sync::Arc;
use support::flat;

fn long() -> bool {
    std::env::var_os("ANTIPHON_LONG").is_some()
}

fn cases(default: u32) -> ProptestConfig {
    ProptestConfig { cases: if long() { default * 50 } else { default }, ..ProptestConfig::default() }
}

fn plan(song: &Song) -> Plan {
    compile(song, &SamplePool::new(), &Ears::default())
}

/// A song, a run of it, and the frame until which it is looked at.
fn scene(seed: u64) -> (Rng, Song, Run, i64) {
    let mut rng = Rng::new(seed);
    let start = songs::run_start(&mut rng);
    let song = songs::song(&mut rng, start);
    let run = songs::run(&mut rng, start, &song);
    let end = run.stream_frame_at(run.first_tick() + Ticks::from_bars(rng.in_range(1, 9)).0).0;
    (rng, song, run, end)
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn every_song_sounds_as_the_slow_and_obvious_sequencer_says(seed: u64) {
        let (_, song, run, end) = scene(seed);
        let expected = naive::events(&song, &run, end);
        let events = plan(&song).events(&run, Frames(i64::MIN)..Frames(end));
        prop_assert!(events == expected, "{}", first_difference(&events, &expected));
    }

    #[test]
    fn any_part_of_the_list_is_part_of_the_whole(seed: u64) {
        let (mut rng, song, run, end) = scene(seed);
        let plan = plan(&song);
        let whole = plan.events(&run, Frames(i64::MIN)..Frames(end));
        let first = run.first_frame().0;
        for _ in 0..20 {
            let from = rng.in_range(first - 1_000, end);
            let to = if rng.one_in(3) { from + 1 } else { rng.in_range(from, end + 1) };
            let part = plan.events(&run, Frames(from)..Frames(to));
            let expected: Vec<Event> = cut(&whole, from, to);
            prop_assert!(part == expected, "{from}..{to}: {}", first_difference(&part, &expected));
        }
    }

    #[test]
    fn blocks_of_any_size_and_seeks_to_anywhere_play_the_list(seed: u64) {
        let (mut rng, song, run, end) = scene(seed);
        let plan = plan(&song);
        let whole = plan.events(&run, Frames(i64::MIN)..Frames(end));
        let mut stage = Stage::new(&plan, run.clone());
        let first = run.first_frame().0;
        for _ in 0..6 {
            let from = if rng.one_in(3) { first + rng.in_range(-3_000, 1_000) } else { rng.in_range(first, end) };
            stage.seek(from);
            let to = rng.in_range(from, end.max(from + 1) + 1);
            stage.play_until(to, &mut rng);
            let late = if (first..=first + 960).contains(&from) { first } else { from };
            let mut expected = cut(&whole, late, to);
            expected.iter_mut().for_each(|event| event.frame = event.frame.max(Frames(from)));
            expected.sort_by_key(|e| (e.frame, e.track_index, e.nominal, e.source, e.hit, e.chord));
            let heard = std::mem::take(&mut stage.heard);
            prop_assert!(heard == expected, "{from}..{to}: {}", first_difference(&heard, &expected));
        }
    }

    #[test]
    fn a_run_that_starts_anywhere_rolls_the_same_dice(seed: u64) {
        let mut rng = Rng::new(seed);
        let song = songs::song(&mut rng, SessionTime(1));
        // Far from the switches of the other run: everything that was about to switch has.
        let whole = Run::new(SessionTime(77), Ticks::ZERO, song.tempo);
        let bars = if long() { 1_800 } else { 24 };
        let from = Ticks::from_bars(rng.in_range(0, bars));
        let later = Run::new(SessionTime(123_456_789), from, song.tempo);
        let to = from + Ticks::from_bars(4).0;
        // Away from the beginning, where what is played early sounds at once.
        let settled = from + 20 * TICKS_PER_STEP;
        let places = |run: &Run| -> Vec<Event> {
            let events = event_list(&song, run, from..to);
            events.into_iter().filter(|e| (settled..to + -TICKS_PER_STEP).contains(&e.tick))
                .map(|e| Event { frame: Frames(0), ..e }).collect()
        };
        let (mut a, mut b) = (places(&whole), places(&later));
        for events in [&mut a, &mut b] {
            // Two runs round to frames at different places, and notes of one frame are ordered by track.
            events.sort_by_key(|e| (e.tick, e.track_index, e.nominal, e.source, e.hit, e.chord));
        }
        prop_assert!(a == b, "{}", first_difference(&a, &b));
    }
}

fn cut(events: &[Event], from: i64, to: i64) -> Vec<Event> {
    events.iter().filter(|event| (from..to).contains(&event.frame.0)).copied().collect()
}

/// The audio thread's sequencer, pulled block by block.
struct Stage<'a> {
    sequencer: Sequencer,
    plan: &'a Plan,
    now: i64,
    heard: Vec<Event>,
}

impl<'a> Stage<'a> {
    fn new(plan: &'a Plan, run: Run) -> Self {
        let mut sequencer = Sequencer::new();
        sequencer.swap(&Plan::silent(), plan, None);
        sequencer.set_run(Some(Box::new(run)), None);
        Self { sequencer, plan, now: 0, heard: Vec::new() }
    }

    fn seek(&mut self, to: i64) {
        self.now = to;
        self.sequencer.seek(to);
    }

    fn play_until(&mut self, to: i64, rng: &mut Rng) {
        while self.now < to {
            let block = rng.pick(&[1, 17, 64, 480, 4_096, 100_000]).min(to - self.now);
            let end = self.now + block;
            while self.now < end {
                if self.sequencer.next_frame() <= self.now {
                    let heard = &mut self.heard;
                    self.sequencer.play_due(self.plan, self.now, |event| heard.push(*event));
                }
                assert!(self.sequencer.next_frame() > self.now, "the sequencer stands still");
                self.now = self.sequencer.next_frame().min(end);
            }
        }
    }
}

fn ticking(lengths: &[usize], speed: Speed) -> Song {
    let rows = lengths.iter().map(|length| format!("0 {}", ". ".repeat(length - 1)));
    let mut song =
        rows.fold(SongBuilder::new(120.0, 0), |song, row| song.track(Sound::Drum(Drum::Rim), flat(), &row));
    let mut song = song_with(&mut song, |pattern| pattern.speed = speed);
    song.tempo = Tempo::from_bpm(120.0).unwrap();
    song
}

fn song_with(song: &mut SongBuilder, change: impl Fn(&mut Pattern)) -> Song {
    let mut song = song.clone().build();
    for track in &mut song.tracks {
        change_pattern(track, &change);
    }
    song
}

fn change_pattern(track: &mut Track, change: impl Fn(&mut Pattern)) {
    for pattern in track.patterns.values_mut() {
        change(Arc::make_mut(pattern));
    }
}

#[test]
fn three_four_five_and_seven_against_sixteen_are_exact_over_their_common_multiple() {
    let lengths = [3, 4, 5, 7, 16];
    let song = ticking(&lengths, Speed::One);
    let run = Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo);
    // 1680 steps are the first at which all meet again; three times over.
    let steps = 1_680 * 3;
    let events = event_list(&song, &run, Ticks::ZERO..Ticks::from_steps(steps + 1));
    let mut expected = Vec::new();
    for step in 0..=steps {
        for (track, length) in lengths.iter().enumerate() {
            if step % *length as i64 == 0 {
                expected.push((step * 6_000, track, step / *length as i64));
            }
        }
    }
    let heard: Vec<_> = events.iter().map(|e| (e.frame.0, e.track_index, e.cycle)).collect();
    assert_eq!(heard, expected);
    assert_eq!(heard.iter().filter(|event| event.0 == 1_680 * 6_000).count(), lengths.len());
}

#[test]
fn every_speed_is_exact_for_an_hour() {
    for speed in Speed::ALL {
        let song = ticking(&[1], speed);
        let run = Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo);
        let (numerator, denominator) = speed.ratio();
        let events = event_list(&song, &run, Ticks::ZERO..Ticks::from_bars(1_800));
        assert_eq!(events.len() as i64, 28_800 * numerator / denominator, "{speed:?}");
        for (k, event) in (0..).zip(&events) {
            // 6 000 frames to a step at speed 1, and no error that adds up.
            assert_eq!(event.frame.0, (k * 6_000 * denominator + numerator - 1) / numerator, "{speed:?} {k}");
        }
    }
}

#[test]
fn a_chance_comes_true_as_often_as_it_says() {
    let mut song = ticking(&[1], Speed::One);
    for percent in [0, 1, 30, 50, 99, 100] {
        change_pattern(&mut song.tracks[0], |pattern| {
            pattern.steps.get_mut(&0).unwrap().chance = Chance::clamped(percent);
        });
        let run = Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo);
        let count = event_list(&song, &run, Ticks::ZERO..Ticks::from_steps(10_000)).len() as i64;
        assert!(
            (count - percent * 100).abs() <= if percent % 100 == 0 { 0 } else { 150 },
            "{percent}: {count}"
        );
    }
}

#[test]
fn an_hour_started_at_random_bars_is_the_same_hour() {
    let (songs, bars) = if long() { (4, 1_800) } else { (4, 60) };
    for seed in 0..songs {
        let mut rng = Rng::new(seed);
        let start = songs::run_start(&mut rng);
        let mut song = songs::song(&mut rng, start);
        song.tempo = Tempo::from_bpm(120.0).unwrap();
        let run = Run::new(start, Ticks::ZERO, song.tempo);
        let plan = plan(&song);
        let end = run.stream_frame_at(Ticks::from_bars(bars)).0;
        let whole = plan.events(&run, Frames(0)..Frames(end));
        for _ in 0..10 {
            let from = run.stream_frame_at(Ticks::from_bars(rng.in_range(1, bars))).0;
            let mut stage = Stage::new(&plan, run.clone());
            stage.seek(from);
            stage.play_until(end, &mut rng);
            let expected = cut(&whole, from, end);
            assert!(stage.heard == expected, "seed {seed}: {}", first_difference(&stage.heard, &expected));
        }
    }
}
