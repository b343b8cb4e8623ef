//! What 64 bare synth voices cost.
//!
//! `cargo run --release -p antiphon-engine --example voice_bank`

use std::time::Instant;

use antiphon_engine::reference::VoiceBank;

const SECONDS: usize = 60;
const VOICES: usize = 64;

fn main() {
    let mut bank = VoiceBank::new(VOICES);
    let mut out = [0.0; 2 * 64];
    let mut energy = 0.0_f64;
    #[expect(clippy::disallowed_methods, reason = "this measures time")]
    let start = Instant::now();
    for block in 0..SECONDS * 48_000 / 64 {
        // Every voice plays a note of a second, the next begins 1/64 s later.
        if block % 12 == 0 {
            let note = block / 12;
            bank.strike(note % VOICES, (note * 5 % 48) as f32 - 24.0, 40_000);
        }
        bank.render(&mut out);
        energy += out.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
    }
    let seconds = start.elapsed().as_secs_f64();
    let nanos = seconds * 1e9 / (SECONDS * 48_000 * VOICES) as f64;
    println!(
        "{SECONDS} s of {VOICES} voices in {seconds:.3} s: {nanos:.2} ns per voice and frame (energy {energy:.6})"
    );
}
