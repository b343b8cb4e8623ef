//! The hash of every song of the corpus in every block size: the same on every machine, or something is wrong.
//!
//! `cargo run --release -p antiphon-engine --example corpus`

use std::process::ExitCode;

use antiphon_engine::{ENGINE_VERSION, PcmHasher, Render, RenderOptions, reference};

const BLOCKS: [usize; 7] = [1, 17, 64, 128, 480, 1_024, 4_096];

fn main() -> ExitCode {
    let samples = reference::corpus_samples();
    let mut same = true;
    println!("engine version {ENGINE_VERSION}");
    for (name, song) in reference::corpus() {
        let hashes = BLOCKS.map(|block| {
            let mut render = Render::new(&song, &samples, &RenderOptions::canonical(&song));
            let (mut hasher, mut out) = (PcmHasher::default(), vec![0.0; block * 2]);
            loop {
                match render.next_block(&mut out) {
                    0 => break hasher.finish().map(|byte| format!("{byte:02x}")).concat(),
                    frames => hasher.update(&out[..frames * 2]),
                }
            }
        });
        for (block, hash) in BLOCKS.iter().zip(&hashes) {
            println!("{name} {block} {hash}");
        }
        same &= hashes.iter().all(|hash| *hash == hashes[0]);
    }
    println!("{}", if same { "every block size renders the same bits" } else { "BLOCK SIZES DIFFER" });
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
