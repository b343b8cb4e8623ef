//! A storm of edits during playback: nothing is missed, doubled or moved, and the audio thread allocates nothing. Alone in
//! its binary: it replaces the allocator.

#[path = "support/songs.rs"]
mod songs;
mod support;

use antiphon_engine::{Compiler, Ears};
use antiphon_model::{Groove, OrderKey, SessionId, Song, Sound, Swing, Track};
use antiphon_timeline::{Frames, Ticks};
use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use songs::Rng;
use support::*;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const BLOCKS: i64 = 100_000;
const BLOCK: usize = 64;
/// A click on every fourth step at 240 BPM.
const CLICKS_APART: i64 = 12_000;
/// Half of the clicks fall on the first frame of a block, where plans change; the limiter puts blocks half of one off.
const START: i64 = 5_024;

#[test]
fn a_storm_of_edits_moves_no_click_by_a_frame() {
    let mut rng = Rng::new(3);
    let mut song = crowd(&mut rng);
    let click = click_track();
    let samples = pool(tick());
    let (mut stage, mut compiler) = (Stage::new(), Compiler::default());
    let run = run_at(START, Ticks::ZERO, 240.0);
    stage.controller.set_run(Some(run.clone()));
    let (mut out, mut edits) = ([0.0; BLOCK * 2], 0);
    let mut heard = Vec::new();
    for block in 0..BLOCKS {
        if block == 0 || rng.one_in(4) {
            songs::edit(&mut rng, &mut song, &run, stage.next);
            let mut whole = silenced(&song);
            whole.tracks.push(click.clone());
            // A compiler that knows nothing makes every track look new.
            if edits % 2 == 0 {
                compiler = Compiler::default();
            }
            stage.controller.set_plan(compiler.compile(&whole, &samples, &Ears::default()));
            edits += 1;
        }
        let first = Frames(stage.next);
        let player = &mut stage.player;
        assert_no_alloc(|| player.process(first, &mut out));
        heard.extend(tick_frames(&out).into_iter().map(|frame| frame + stage.next));
        stage.next += BLOCK as i64;
        stage.controller.collect();
    }
    let expected: Vec<i64> =
        (0..).map(|click| START + click * CLICKS_APART).take_while(|frame| frame + 1 < stage.next).collect();
    assert!(edits > 20_000 && expected.len() > 500);
    assert_eq!(heard, expected, "clicks were missed, doubled or moved");
}

/// Fifteen tracks that use everything.
fn crowd(rng: &mut Rng) -> Song {
    let start = run_at(START, Ticks::ZERO, 240.0).start();
    let mut song = songs::song(rng, start);
    song.session = SessionId([8; 16]);
    while song.tracks.len() < 15 {
        song.tracks.push(songs::track(rng, song.tracks.len() as u8 + 1, start));
    }
    song
}

/// The same song, to be heard by nobody.
fn silenced(song: &Song) -> Song {
    let mut song = song.clone();
    song.tracks.iter_mut().for_each(|track| track.strip.mute = true);
    song
}

fn click_track() -> Track {
    let song = one_track(240.0, Sound::Sample(SAMPLE), "0 . . .");
    let mut track = song.tracks.into_iter().next().unwrap();
    track.id = antiphon_model::TrackId([99; 16]);
    track.order = OrderKey::first();
    (track.swing, track.groove) = (Some(Swing::default()), Some(Groove::default()));
    track
}
