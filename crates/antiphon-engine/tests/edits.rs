//! Plans that change while they play: every hit sounds once at most, and what an edit does not touch sounds exactly once.
//!
//! The law is written down once more, without the engine's memory: between two edits sounds what the slow and obvious
//! sequencer lists for the song of that time, but for what has sounded already; at an edit, what became past by it
//! and is at most 20 ms late sounds at once.

#[path = "support/naive.rs"]
mod naive;
#[path = "support/songs.rs"]
mod songs;
mod support;

use std::{collections::HashSet, sync::Arc};

use antiphon_engine::{Compiler, Ears, Event, Plan, SamplePool, Sequencer, Source};
use antiphon_model::{
    Humanise, Micro, Moment, NoteId, Pattern, PatternLength, Ratchet, Song, Swing, Switch, TrackId,
};
use antiphon_timeline::{Frames, Run, Speed, Ticks};
use naive::first_difference;
use proptest::prelude::*;
use songs::Rng;

/// How late something may still sound.
const LATE: i64 = 960;

/// What makes a hit the same hit after an edit.
type Key = (TrackId, Option<NoteId>, i64, u8);

fn key(song: &Song, event: &Event) -> Key {
    match event.source {
        Source::Step(_) => (event.track, None, event.nominal.0, event.hit),
        Source::Note(id) => {
            // The round of the pattern in which it sounds is named by where that began.
            let track = song.tracks.iter().find(|track| track.id == event.track).unwrap();
            (event.track, Some(id), naive::cycle_start(&track.patterns[&event.pattern], id, event), event.hit)
        }
    }
}

struct Law {
    played: HashSet<Key>,
    expected: Vec<Event>,
}

impl Law {
    /// What sounds from `from` (an edit, or the beginning) to `to`.
    fn play(&mut self, song: &Song, run: &Run, floor: i64, from: i64, to: i64) {
        let earliest = floor.max(from - LATE);
        let mut events = naive::events(song, run, to);
        events.retain(|event| event.frame.0 >= earliest && !self.played.contains(&key(song, event)));
        self.played.extend(events.iter().map(|event| key(song, event)));
        events.iter_mut().for_each(|event| event.frame = event.frame.max(Frames(from)));
        events.sort_by_key(|e| (e.frame, e.track_index, e.nominal, e.source, e.hit, e.chord));
        self.expected.extend(events);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if std::env::var_os("ANTIPHON_LONG").is_some() { 5_000 } else { 120 },
        ..ProptestConfig::default()
    })]

    #[test]
    fn edits_during_playback_miss_and_double_nothing(seed: u64) {
        let mut rng = Rng::new(seed);
        let start = songs::run_start(&mut rng);
        let mut song = songs::song(&mut rng, start);
        // A run that ends is tested elsewhere; here the tempo changes now and then.
        let mut run = Run::new(start, Ticks::from_steps(rng.in_range(0, 40)), song.tempo);
        let floor = run.first_frame().0;
        let mut compiler = Compiler::default();
        let mut compile = |song: &Song| compiler.compile(song, &SamplePool::new(), &Ears::default());
        let mut plan = compile(&song);
        let mut sequencer = Sequencer::new();
        sequencer.swap(&Plan::silent(), &plan, None);
        sequencer.set_run(Some(Box::new(run.clone())), None);
        sequencer.seek(floor);
        let mut law = Law { played: HashSet::new(), expected: Vec::new() };
        let mut heard = Vec::new();
        let mut now = floor;
        for round in 0..40 {
            let to = now + rng.pick(&[1, 64, 500, 2_000, 9_000]);
            law.play(&song, &run, floor, now, to);
            while now < to {
                sequencer.play_due(&plan, now, |event| heard.push(*event));
                prop_assert!(sequencer.next_frame() > now);
                now = sequencer.next_frame().min(to);
            }
            prop_assert!(
                heard == law.expected,
                "round {round}, until {to}: {}", first_difference(&heard, &law.expected)
            );
            if rng.one_in(12) {
                let at = run.tick_at_stream_frame(Frames(now)) + rng.in_range(-1 << 28, 1 << 28);
                run.set_tempo(at.max(run.first_tick()), songs::tempo(&mut rng));
                sequencer.set_run(Some(Box::new(run.clone())), Some(now));
            } else {
                edit(&mut rng, &mut song, &run, now);
                let next = compile(&song);
                sequencer.swap(&plan, &next, Some(now));
                plan = next;
            }
        }
    }
}

/// Some edit of somebody.
fn edit(rng: &mut Rng, song: &mut Song, run: &Run, now: i64) {
    let bar = run.tick_at_stream_frame(Frames(now)).0.max(0) >> 34;
    let at = Moment { run: run.start(), tick: Ticks::from_bars(bar + rng.in_range(0, 3)) };
    match rng.in_range(0, 12) {
        0 => song.swing = Swing::clamped(rng.in_range(0, 101)),
        1 => song.fill = song.fill.followed_by(rng.one_in(2), rng.one_in(2).then_some(at)),
        2 if song.tracks.len() > 1 => song.tracks.swap(0, 1),
        3 => {
            let index = rng.in_range(0, song.tracks.len() as i64) as usize;
            let track = &mut song.tracks[index];
            let ids: Vec<_> = track.patterns.keys().copied().collect();
            let to = rng.pick(&ids);
            let launched = track.current.followed_by(to, rng.one_in(2).then_some(at));
            track.current = if rng.one_in(5) { Switch::settled(to) } else { launched };
        }
        // Of no consequence for the score.
        4 => song.tracks[0].strip.mute ^= true,
        _ => {
            let index = rng.in_range(0, song.tracks.len() as i64) as usize;
            let track = &mut song.tracks[index];
            let ids: Vec<_> = track.patterns.keys().copied().collect();
            let pattern = Arc::make_mut(track.patterns.get_mut(&rng.pick(&ids)).unwrap());
            edit_pattern(rng, pattern);
        }
    }
}

fn edit_pattern(rng: &mut Rng, pattern: &mut Pattern) {
    let at = rng.in_range(0, pattern.length.get().into()) as u16;
    match rng.in_range(0, 9) {
        0 => pattern.length = PatternLength::clamped(rng.in_range(1, 40)),
        1 => pattern.speed = rng.pick(&Speed::ALL),
        2 => pattern.humanise = Humanise::clamped(rng.in_range(0, 101)),
        3 => {
            let note = songs::free_note(rng, pattern.length.get().into());
            let notes = Arc::make_mut(&mut pattern.notes);
            notes.insert(NoteId([rng.in_range(0, 60) as u8; 16]), note);
        }
        4 => pattern.steps.entry(at).or_default().on ^= true,
        5 | 6 => pattern.steps.entry(at).or_default().micro = Micro::clamped(rng.in_range(-127, 128)),
        7 => pattern.steps.entry(at).or_default().ratchet = Ratchet::clamped(rng.in_range(1, 9)),
        _ => {
            let step = songs::step(rng);
            pattern.steps.insert(at, step);
        }
    }
}
