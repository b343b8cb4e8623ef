//! How many times faster than real time one core renders the reference song.
//!
//! `cargo run --release -p antiphon-engine --example speed`

use std::{ops::ControlFlow, time::Instant};

use antiphon_engine::{RenderOptions, SamplePool, reference, render};

fn main() {
    let song = reference::song();
    let options = RenderOptions::bars(64);
    // Builds the tables.
    render(&song, &SamplePool::new(), &RenderOptions::bars(1), |_, _| ControlFlow::Continue(()));
    let mut best = 0.0_f64;
    for round in 1..=3 {
        #[expect(clippy::disallowed_methods, reason = "this measures time")]
        let start = Instant::now();
        let frames = render(&song, &SamplePool::new(), &options, |_, _| ControlFlow::Continue(())).done;
        let speed = frames as f64 / 48_000.0 / start.elapsed().as_secs_f64();
        println!(
            "round {round}: {:.1} s of {} tracks at {speed:.0} x real time",
            frames as f64 / 48_000.0,
            song.tracks.len()
        );
        best = best.max(speed);
    }
    println!("best: {best:.0} x real time on one core");
}
