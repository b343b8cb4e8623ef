//! What a block and an edit cost.
//!
//! `cargo bench -p antiphon-engine`

use antiphon_engine::{Ears, SamplePool, compile, player, reference};
use antiphon_model::Gain;
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

/// Sixteen tracks of 64 steps.
#[divan::bench]
fn compile_16_tracks_of_64_steps(bencher: Bencher) {
    let song = reference::full_song(Gain::default());
    bencher.bench_local(|| compile(divan::black_box(&song), &SamplePool::new(), &Ears::default()));
}
