//! The whole audio callback, engine and output edge, under LLVM's RealtimeSanitizer: `cargo xtask rtsan`.
//!
//! The sanitizer ends the program at the first allocation, free, lock or system call inside a function marked
//! `nonblocking`, and shows its stack. A virtual card makes 100,000 callbacks while plans, runs, notes, faders, samples,
//! the session clock and the card itself change between them. With the argument `fail` the callback allocates on
//! purpose: a sanitizer that does not see that proves nothing.
#![feature(sanitize)]

use std::{cell::Cell, process::ExitCode, rc::Rc, sync::Arc};

use antiphon_audio_io::{CardSpec, Output, OutputConfig, RoomClock, VirtualRoom};
use antiphon_engine::{Controller, Ears, SampleData, SamplePool, TrackEars, compile, player, reference};
use antiphon_model::{Drum, Gain, Note, Pan, Preset, SampleId, Song, Sound, Strip, TrackId, Velocity};
use antiphon_timeline::{Frames, Run, SessionMap, SessionTime, Tempo, Ticks, TimebaseId};

const CALLBACKS: u64 = 100_000;
const BUFFER: u32 = 64;
/// Time between two changes: six callbacks or so.
const STEP_NS: i64 = 8_000_000;
const SAMPLE: SampleId = SampleId([9; 32]);

fn main() -> ExitCode {
    let fails_on_purpose = std::env::args().nth(1).is_some_and(|word| word == "fail");
    let mut room = VirtualRoom::new();
    let card = room.card(CardSpec {
        buffer: BUFFER,
        rate: 44_100,
        ppm: 80.0,
        timestamp_noise_ns: 80_000,
        outliers: 0.01,
        lateness_ns: 100_000.0,
        ..CardSpec::default()
    });
    let callbacks = Rc::new(Cell::new(0));
    let count = callbacks.clone();
    room.guard_callbacks(move |callback| {
        count.set(count.get() + 1);
        nonblocking(callback);
    });
    let clock = room.clock(1_000, 10.0);
    let (mut controller, mut engine) = player();
    let mut calls = 0;
    let source = move |first: Frames, out: &mut [f32]| {
        calls += 1;
        if fails_on_purpose && calls == 1_000 {
            drop(std::hint::black_box(vec![0.0_f32; 64]));
        }
        engine.process(first, out);
    };
    let (config, start) = (OutputConfig::default(), map(&clock, 0, 0, 0));
    let output = Output::open_on(&card, config, Arc::new(clock.clone()), start, Box::new(source));
    let output = output.expect("a virtual card opens");
    let songs = [reference::song(), reference::full_song(Gain::default()), sampled_song()];
    let (mut step, mut energy) = (0_i64, 0.0_f64);
    while callbacks.get() < CALLBACKS {
        change(&mut controller, step, room.now_ns(), &songs);
        match step % 600 {
            150 => card.run_dry(500),
            300 => output.set_trim_ns(step % 5 * 10_000_000).expect("the trim is less than a second"),
            450 => output.set_session_map(map(&clock, room.now_ns(), step.cast_unsigned(), 40_000_000)),
            _ => {}
        }
        room.run_for(STEP_NS);
        output.maintain();
        energy += card.take().iter().map(|sample| f64::from(sample * sample)).sum::<f64>();
        step += 1;
    }
    println!(
        "{} callbacks of {BUFFER} frames, {step} rounds of changes, energy {energy:.0}",
        callbacks.get()
    );
    if energy < 1_000.0 {
        println!("the card was given silence: nothing was proven");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Everything called from here must not block.
#[sanitize(realtime = "nonblocking")]
#[inline(never)]
fn nonblocking(callback: &mut dyn FnMut()) {
    callback();
}

/// The map of the `number`th timebase, in which session time is `ahead_ns` ahead of true time.
fn map(clock: &RoomClock, true_ns: i64, number: u64, ahead_ns: i64) -> SessionMap {
    SessionMap {
        timebase: TimebaseId(number),
        host: clock.at(true_ns),
        session: SessionTime(true_ns + ahead_ns),
        rate_ppb: -10_000,
    }
}

fn sampled_song() -> Song {
    let steps = "0 12:90 -7:100 0 24:50 . 0 5";
    let builder = reference::SongBuilder::new(140.0, 40);
    let strip = || Strip { gain: Gain::default(), ..Strip::default() };
    builder
        .track(Sound::Sample(SAMPLE), strip(), steps)
        .track(Sound::Synth(Preset::Acid), strip(), steps)
        .build()
}

/// What the peer's thread does between two callbacks.
fn change(controller: &mut Controller, step: i64, now_ns: i64, songs: &[Song; 3]) {
    // A new sample each time, so that every plan gives one back.
    let samples = || {
        let frames = (0..2_400).map(|at| ((at * (step % 13 + 3)) % 200) as f32 / 100.0 - 1.0).collect();
        SamplePool::from([(SAMPLE, Arc::new(SampleData { channels: 1, frames }))])
    };
    if step % 8 == 0 {
        let mut ears = Ears::default();
        ears.tracks.insert(TrackId([1; 16]), TrackEars { mute: step % 16 == 0, ..TrackEars::default() });
        controller.set_plan(compile(&songs[(step / 8 % 3) as usize], &samples(), &ears));
    }
    if step % 56 == 0 {
        let run = Run::new(SessionTime(now_ns), Ticks::ZERO, Tempo::from_bpm(150.0).unwrap_or_default());
        let run = run.with_tempo(Ticks::from_steps(8), Tempo::MAX);
        controller.set_run((step % 392 != 336).then_some(run));
    }
    let track = TrackId([(step % 16) as u8 + 1; 16]);
    controller.note_on(track, Note::clamped(30 + step % 60), Velocity::clamped(step % 127));
    if step % 2 == 0 {
        controller.note_off(track, Note::clamped(30 + step % 60));
    }
    if step % 80 == 0 {
        controller.all_notes_off();
    }
    if step % 16 == 0 {
        let sounds = [Sound::Sample(SAMPLE), Sound::Drum(Drum::OpenHat), Sound::Synth(Preset::Pad)];
        let pool = if step % 32 == 0 { samples() } else { SamplePool::new() };
        controller.preview(&sounds[(step % 3) as usize], &pool);
    }
    let strip = (step % 3 != 0).then_some(track);
    controller.set_strip_gesture(strip, Some(Gain::clamped(-(step % 600))), Some(Pan::clamped(step % 100)));
    if step % 3 == 0 {
        controller.collect();
        controller.telemetry();
    }
}
