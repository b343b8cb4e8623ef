//! What an hour leaves in memory.
//!
//! Alone in its binary: the resident size is the whole process's. Playback first: a stream that runs for an hour of its own
//! time while a plan of an edited song arrives twice a second. Nothing may grow. Then the document takes as many edits. It
//! grows, because it keeps its history for those who join later; by how much an edit is told and held to a bound.
#![forbid(unsafe_code)]

use std::{fs, sync::Arc};

use antiphon_document::{ActorId, SessionDocument};
use antiphon_engine::{Ears, SamplePool, compile, player};
use antiphon_model::{
    Colour, Drum, Edit, Name, OrderKey, PatternId, Preset, SessionId, Song, Sound, StepPatch, TrackId,
};
use antiphon_testkit::is_long;
use antiphon_timeline::{Frames, Run, SessionTime, Tempo, Ticks};

const NOW_MS: u64 = 1_790_000_000_000;
const TRACKS: u8 = 16;
const EDITS_PER_SECOND: u64 = 2;
/// Songs that take turns while playing.
const SONGS: u64 = 64;
const BLOCK: usize = 480;
/// Pages that come and go: the allocator's, the kernel's accounting in batches.
const GROWTH_KIB_MAX: i64 = 1_024;
/// A change in Automerge's memory, its undo and its place in the history.
const BYTES_PER_EDIT_MAX: i64 = 8_192;

#[test]
fn an_hour_of_edits_and_playback_leaves_nothing_but_history() {
    let seconds = if is_long() { 3_600 } else { 120 };
    let mut document = session();
    let songs: Vec<Arc<Song>> = (0..SONGS).map(|number| toggle(&mut document, number)).collect();
    let [start, half, end] = play(seconds, &songs);
    println!(
        "bar: {seconds} s of playback with {} plans: resident {:.1} MiB after a tenth, {:.1} at half, {:.1} at the end",
        seconds * EDITS_PER_SECOND,
        mib(start),
        mib(half),
        mib(end)
    );
    assert!(end - start <= GROWTH_KIB_MAX, "playback grew by {} KiB", end - start);

    let edits = seconds * EDITS_PER_SECOND;
    let before = resident_kib();
    for number in 0..edits {
        toggle(&mut document, SONGS + number);
    }
    let grown = (resident_kib() - before) * 1_024;
    println!(
        "bar: {edits} edits: the document grew by {:.1} MiB, {} bytes an edit; saved it has {} KiB",
        grown as f64 / 1_048_576.0,
        grown / edits as i64,
        document.save().len() / 1_024
    );
    // Few edits are lost in the noise of pages.
    assert!(grown <= edits as i64 * BYTES_PER_EDIT_MAX + GROWTH_KIB_MAX * 1_024, "{grown} bytes");
}

/// Plays for `seconds`; KiB resident after a tenth, at half, and at the end.
fn play(seconds: u64, songs: &[Arc<Song>]) -> [i64; 3] {
    let (mut controller, mut player) = player();
    let blocks = (seconds * 48_000 / BLOCK as u64) as i64;
    let per_plan = (48_000 / BLOCK as u64 / EDITS_PER_SECOND) as i64;
    controller.set_run(Some(Run::new(SessionTime::ZERO, Ticks::ZERO, Tempo::DEFAULT)));
    let mut out = [0.0; BLOCK * 2];
    let mut energy = 0.0_f64;
    let mut seen = Vec::new();
    for block in 0..blocks {
        if block % per_plan == 0 {
            let song = &songs[(block / per_plan) as usize % songs.len()];
            controller.set_plan(compile(song, &SamplePool::new(), &Ears::default()));
        }
        if block == blocks / 10 || block == blocks / 2 {
            seen.push(resident_kib());
        }
        player.process(Frames(block * BLOCK as i64), &mut out);
        energy += out.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
        controller.collect();
        controller.telemetry();
    }
    assert!(energy > 1_000.0, "the stream was silent");
    [seen[0], seen[1], resident_kib()]
}

/// Sixteen tracks, every sound.
fn session() -> SessionDocument {
    let name = |text: &str| Name::repaired(text, "Track");
    let session = SessionId([7; 16]);
    let actor = ActorId(std::array::from_fn(|at| (at as u8).wrapping_mul(37) ^ 0x5a));
    let (mut document, _) = SessionDocument::create(session, actor, name("Hour"), Tempo::DEFAULT, NOW_MS);
    let sounds = Drum::ALL.map(Sound::Drum).into_iter().chain(Preset::ALL.map(Sound::Synth));
    for (number, sound) in (0..TRACKS).zip(sounds.cycle()) {
        let last = document.song().tracks.last().map(|track| track.order.clone());
        let order = OrderKey::between(last.as_ref(), None);
        let (track, pattern) = (TrackId([number + 1; 16]), PatternId([number + 1; 16]));
        let colour = Colour::clamped(i64::from(number % 12));
        apply(
            &mut document,
            Edit::AddTrack { track, pattern, name: name("Track"), colour, sound, order, content: None },
        );
    }
    document
}

/// Switches the next step of a track on, or off again.
fn toggle(document: &mut SessionDocument, number: u64) -> Arc<Song> {
    let id = (number % u64::from(TRACKS)) as u8 + 1;
    let step = (number / 7 % 16) as u16;
    let (track, pattern) = (TrackId([id; 16]), PatternId([id; 16]));
    let on = document.song().pattern(track, pattern).map(|pattern| pattern.step(step).on).unwrap_or(false);
    let patch = StepPatch { on: Some(!on), ..StepPatch::default() };
    apply(document, Edit::SetSteps { track, pattern, steps: vec![(step, patch)] });
    document.song().clone()
}

fn apply(document: &mut SessionDocument, edit: Edit) {
    let valid = edit.validate(document.song()).expect("the edit fits the song");
    document.apply(&valid, NOW_MS).expect("the document takes the edit");
}

/// KiB of this process in memory.
fn resident_kib() -> i64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells about this process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a resident size");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}

fn mib(kib: i64) -> f64 {
    kib as f64 / 1_024.0
}
