//! The notes as a Csound score; the orchestra is `bench/voices.orc`.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

use super::patch::{
    AMP, CUTOFF_OCTAVES, DAMP, DETUNE_CENTS, FILTER, GATE_SECONDS, LEVEL, Note, Q, ROOM, SAW, SECONDS, WET,
    place,
};

/// The whole score. Instrument 1 takes the numbers of the patch as fields, so that they are written down once.
pub fn score(notes: &[Note]) -> String {
    let join = |numbers: &[f64]| numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
    let ratio = (DETUNE_CENTS / 1200.0).exp2();
    let patch = [LEVEL, SAW, ratio, CUTOFF_OCTAVES, Q];
    let patch = join(&[&patch[..], &AMP, &FILTER].concat());
    let mut score = format!("i 99 0 {SECONDS} {}\n", join(&[WET, ROOM, DAMP]));
    for note in notes {
        // Csound's pan2 counts from 0 to 1.
        let own = join(&[
            note.start_seconds(),
            GATE_SECONDS,
            note.hz(),
            note.cutoff_hz(),
            (place(note.voice) + 1.0) / 2.0,
        ]);
        score += &format!("i 1 {own} {patch}\n");
    }
    score + "e\n"
}
