//! What a block and an edit cost.
//!
//! `cargo bench -p antiphon-engine`

use std::sync::Arc;

use antiphon_engine::{Compiler, Ears, Plan, SamplePool, compile, event_list, player, reference};
use antiphon_model::{FreeNote, Gain, NoteId, Pattern, Pitch, Song, Velocity};
use antiphon_timeline::{Frames, Run, SessionTime, Ticks};
use divan::{Bencher, counter::ItemsCount};

fn main() {
    divan::main();
}

/// One block of 128 frames (2.67 ms) of the reference song, over the whole song.
#[divan::bench(sample_count = 200, sample_size = 25)]
fn block_of_128_frames(bencher: Bencher) {
    let song = reference::song();
    let (mut controller, mut player) = player();
    controller.set_plan(compile(&song, &SamplePool::new(), &Ears::default()));
    controller.set_run(Some(Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo)));
    let mut out = [0.0; 256];
    let mut next = 0;
    bencher.counter(ItemsCount::new(128_usize)).bench_local(|| {
        player.process(Frames(next), &mut out);
        next += 128;
        divan::black_box(&out);
    });
}

/// Sixteen tracks of 64 steps, from nothing.
#[divan::bench]
fn compile_16_tracks_of_64_steps(bencher: Bencher) {
    let song = reference::full_song(Gain::default());
    bencher.bench_local(|| compile(divan::black_box(&song), &SamplePool::new(), &Ears::default()));
}

/// The same after an edit of one step. The songs share their patterns, as those of a document do.
#[divan::bench]
fn compile_one_edited_step_of_16_tracks(bencher: Bencher) {
    edited(bencher, &reference::full_song(Gain::default()), |pattern, round| {
        pattern.steps.entry(5).or_default().on = round % 2 == 0;
    });
}

/// One step edited beside 100 000 free notes.
#[divan::bench]
fn compile_one_edited_step_beside_100_000_free_notes(bencher: Bencher) {
    let mut song = reference::full_song(Gain::default());
    for pattern in song.tracks[0].patterns.values_mut() {
        let note = |index: u32| FreeNote {
            start: Ticks(i64::from(index) << 19),
            length: Ticks(1 << 28),
            pitch: Pitch::DEFAULT,
            velocity: Velocity::DEFAULT,
        };
        let id = |index: u32| {
            let mut id = [0; 16];
            id[..4].copy_from_slice(&index.to_le_bytes());
            NoteId(id)
        };
        Arc::make_mut(pattern).notes = Arc::new((0..100_000).map(|index| (id(index), note(index))).collect());
    }
    edited(bencher, &song, |pattern, round| pattern.steps.entry(5).or_default().on = round % 2 == 0);
}

/// Compiles versions of a song in which the first track's pattern changes.
fn edited(bencher: Bencher, song: &Song, edit: impl Fn(&mut Pattern, usize)) {
    let versions: Vec<Song> = (0..64)
        .map(|round| {
            let mut song = song.clone();
            for pattern in song.tracks[0].patterns.values_mut() {
                edit(Arc::make_mut(pattern), round);
            }
            song
        })
        .collect();
    let mut compiler = Compiler::default();
    let mut round = 0;
    bencher.bench_local(|| -> Plan {
        round += 1;
        compiler.compile(&versions[round % versions.len()], &SamplePool::new(), &Ears::default())
    });
}

/// Every note of four bars of the reference song.
#[divan::bench]
fn list_four_bars(bencher: Bencher) {
    let song = reference::song();
    let run = Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo);
    bencher.bench_local(|| event_list(&song, &run, Ticks::ZERO..Ticks::from_bars(4)));
}
