//! What blocks of 128 frames cost the audio thread, in processor time: the reference song, and ten tracks of fifty notes.
//!
//! `cargo run --release -p antiphon-engine --example block_time`
//!
//! Processor time, not elapsed time: what other programs do on this machine is not counted.

use antiphon_engine::{Ears, SamplePool, compile, player, reference};
use antiphon_model::{Drum, Preset, Song, Sound, Strip};
use antiphon_timeline::{Frames, Run, SessionTime, Ticks};
use rustix::time::{ClockId, clock_gettime};

const BLOCK: usize = 128;
const BLOCK_NS: f64 = BLOCK as f64 * 1e9 / 48_000.0;
/// Four and a half minutes.
const BLOCKS: i64 = 100_000;
/// Tables, caches and the first page faults.
const WARM_UP: i64 = 1_000;

fn main() {
    println!(
        "{:<24}{:>9}{:>9}{:>9}{:>9}{:>9}   of the block's 2.67 ms",
        "", "mean", "p50", "p99", "p99.9", "worst"
    );
    measure("reference song", &reference::song());
    measure("10 tracks of 50 notes", &ten_tracks());
}

fn measure(name: &str, song: &Song) {
    let (mut controller, mut player) = player();
    controller.set_plan(compile(song, &SamplePool::new(), &Ears::default()));
    controller.set_run(Some(Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo)));
    let mut out = [0.0; BLOCK * 2];
    let mut costs = Vec::with_capacity(BLOCKS as usize);
    let mut energy = 0.0_f64;
    for block in 0..WARM_UP + BLOCKS {
        let before = thread_ns();
        player.process(Frames(block * BLOCK as i64), &mut out);
        let cost = thread_ns() - before;
        if block >= WARM_UP {
            costs.push(cost);
        }
        energy += out.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
        if block % 100 == 0 {
            controller.collect();
            controller.telemetry();
        }
    }
    assert!(energy > 1_000.0, "{name} was silent");
    costs.sort_unstable();
    let percent = |ns: f64| format!("{:.1} %", 100.0 * ns / BLOCK_NS);
    let quantile = |share: f64| percent(costs[((costs.len() - 1) as f64 * share) as usize] as f64);
    let mean = percent(costs.iter().sum::<i64>() as f64 / costs.len() as f64);
    let [half, p99, p999, worst] = [0.5, 0.99, 0.999, 1.0].map(quantile);
    println!("{name:<24}{mean:>9}{half:>9}{p99:>9}{p999:>9}{worst:>9}");
}

/// Every sound of the synth and two drums; fifty of 64 steps on.
fn ten_tracks() -> Song {
    let synths = Preset::ALL.map(Sound::Synth).into_iter().cycle().take(8);
    let sounds = synths.chain([Sound::Drum(Drum::Kick), Sound::Drum(Drum::ClosedHat)]);
    sounds
        .enumerate()
        .fold(reference::SongBuilder::new(120.0, 0), |builder, (track, sound)| {
            let step = |step: usize| match step % 9 {
                3 | 7 => ".".to_owned(),
                _ => format!("{}:100:24", (step * 5 + track * 3) % 13),
            };
            let steps: Vec<String> = (0..64).map(step).collect();
            debug_assert_eq!(steps.iter().filter(|step| *step != ".").count(), 50);
            builder.track(sound, Strip::default(), &steps.join(" "))
        })
        .build()
}

/// Processor time of this thread.
fn thread_ns() -> i64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
