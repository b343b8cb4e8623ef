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

use std::collections::HashMap;

use antiphon_engine::{Compiler, Ears, Event, Plan, SamplePool, Sequencer, Source};
use antiphon_model::{NoteId, PatternId, Song, TrackId};
use antiphon_timeline::{Frames, Run, Ticks};
use naive::first_difference;
use proptest::prelude::*;
use songs::Rng;

/// How late something may still sound.
const LATE: i64 = 960;

/// What makes a hit the same hit after an edit.
type Key = (TrackId, Option<(PatternId, NoteId)>, i64, u8);

fn key(song: &Song, event: &Event) -> Key {
    match event.source {
        Source::Step(_) => (event.track, None, event.nominal.0, event.hit),
        Source::Note(id) => {
            // The round of the pattern in which it sounds is named by where that began.
            let track = song.tracks.iter().find(|track| track.id == event.track).unwrap();
            (
                event.track,
                Some((event.pattern, id)),
                naive::cycle_start(&track.patterns[&event.pattern], id, event),
                event.hit,
            )
        }
    }
}

/// An edit that moves a hit by so much makes it another one.
const SAME_HIT: i64 = 24 << 30;

struct Law {
    played: HashMap<Key, Vec<Ticks>>,
    expected: Vec<Event>,
}

impl Law {
    /// What sounds from `from` (an edit, or the beginning) to `to`.
    fn play(&mut self, song: &Song, run: &Run, floor: i64, from: i64, to: i64) {
        let earliest = floor.max(from - LATE);
        let mut events = naive::events(song, run, to);
        events.retain(|event| {
            let played = self.played.get(&key(song, event));
            let same = |tick: &Ticks| (event.tick - *tick).abs() < SAME_HIT;
            event.frame.0 >= earliest && !played.is_some_and(|played| played.iter().any(same))
        });
        for event in &events {
            self.played.entry(key(song, event)).or_default().push(event.tick);
        }
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
        let mut law = Law { played: HashMap::new(), expected: Vec::new() };
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
                songs::edit(&mut rng, &mut song, &run, now);
                let next = compile(&song);
                sequencer.swap(&plan, &next, Some(now));
                plan = next;
            }
        }
    }
}
