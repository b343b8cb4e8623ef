//! The audio thread never allocates, whatever happens. Alone in its binary: it replaces the allocator.

mod support;

use antiphon_engine::{Ears, Metronome, SamplePool, TrackEars, compile, reference};
use antiphon_model::{Drum, Gain, Note, Pan, Preset, Sound, TrackId, Velocity};
use antiphon_timeline::{Frames, Tempo, Ticks};
use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use support::*;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const BLOCKS: i64 = 100_000;
const BLOCK: usize = 64;

#[test]
fn a_hundred_thousand_blocks_allocate_nothing_while_everything_changes() {
    let mut stage = Stage::new();
    let songs = [reference::song(), reference::full_song(Gain::default()), sampled_song()];
    let mut out = [0.0; BLOCK * 2];
    let mut energy = 0.0_f64;
    for block in 0..BLOCKS {
        disturb(&mut stage, block, &songs);
        let first = Frames(stage.next);
        let player = &mut stage.player;
        assert_no_alloc(|| player.process(first, &mut out));
        energy += out.iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
        // Now and then the stream jumps.
        stage.next += if block % 9_973 == 0 { 5_000 } else { BLOCK as i64 };
    }
    assert!(energy > 1_000.0, "the blocks were silent");
}

fn sampled_song() -> antiphon_model::Song {
    let steps = "0 12:90 -7:100 0 24:50 . 0 5";
    let builder = reference::SongBuilder::new(140.0, 40);
    builder
        .track(Sound::Sample(SAMPLE), flat(), steps)
        .track(Sound::Synth(Preset::Acid), flat(), steps)
        .build()
}

/// What the peer's thread does between two blocks.
fn disturb(stage: &mut Stage, block: i64, songs: &[antiphon_model::Song; 3]) {
    // A new sample each time, so that every plan gives one back.
    let samples = || pool(sine(220.0 + (block % 700) as f32, 0.05));
    if block % 50 == 0 {
        let song = &songs[(block / 50 % 3) as usize];
        let mut ears = Ears::default();
        ears.tracks.insert(TrackId([1; 16]), TrackEars { mute: block % 100 == 0, ..TrackEars::default() });
        // Now and then another waits for a frame to come, or has missed it.
        let other = &songs[(block / 100 % 3) as usize];
        let next = (block % 150 == 0)
            .then(|| (Frames(stage.next + block % 7_000 - 500), compile(other, &samples(), &ears)));
        stage.controller.set_plans(compile(song, &samples(), &ears), next);
    }
    if block % 333 == 0 {
        let run =
            run_at(stage.next - 10_000, Ticks::ZERO, 150.0).with_tempo(Ticks::from_steps(8), Tempo::MAX);
        let run = if block % 2 == 0 { run.ending_at(Ticks::from_steps(200)) } else { run };
        stage.controller.set_run((block % 1_998 != 0).then_some(run));
    }
    if block % 120 == 0 {
        stage
            .controller
            .set_metronome(Metronome { on: block % 360 != 0, volume: Gain::clamped(-(block % 800)) });
    }
    let track = TrackId([(block % 16) as u8 + 1; 16]);
    if block % 7 == 0 {
        stage.controller.note_on(track, Note::clamped(30 + block % 60), Velocity::clamped(block % 127));
    }
    if block % 11 == 0 {
        stage.controller.note_off(track, Note::clamped(30 + block % 60));
    }
    if block % 500 == 0 {
        stage.controller.all_notes_off();
    }
    if block % 97 == 0 {
        let sounds = [Sound::Sample(SAMPLE), Sound::Drum(Drum::OpenHat), Sound::Synth(Preset::Pad)];
        let pool = if block % 2 == 0 { samples() } else { SamplePool::new() };
        stage.controller.preview(&sounds[(block % 3) as usize], &pool);
    }
    if block % 5 == 0 {
        let track = (block % 3 != 0).then_some(track);
        stage.controller.set_strip_gesture(
            track,
            Some(Gain::clamped(-(block % 600))),
            Some(Pan::clamped(block % 100)),
        );
    }
    if block % 20 == 0 {
        stage.controller.collect();
        stage.controller.telemetry();
    }
}
