//! A player and its controller on one thread, and what tests look for in sound.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::{ops::ControlFlow, sync::Arc};

use antiphon_engine::{
    Controller, Ears, Player, RenderOptions, SampleData, SamplePool, compile, player, reference::SongBuilder,
    render,
};
use antiphon_model::{Gain, SampleId, Song, Sound, Strip};
use antiphon_timeline::{Frames, Run, SessionTime, Tempo, Ticks};

pub const RATE: usize = 48_000;

/// A strip that changes nothing.
pub fn flat() -> Strip {
    Strip { gain: Gain::default(), ..Strip::default() }
}

/// A song of one track.
pub fn one_track(bpm: f64, sound: Sound, steps: &str) -> Song {
    SongBuilder::new(bpm, 0).track(sound, flat(), steps).build()
}

/// The whole render of `song` over `bars`, interleaved.
pub fn rendered(song: &Song, samples: &SamplePool, options: &RenderOptions) -> Vec<f32> {
    let mut pcm = Vec::new();
    render(song, samples, options, |block, _| {
        pcm.extend_from_slice(block);
        ControlFlow::Continue(())
    });
    pcm
}

/// A run at `bpm` whose tick `from` sounds at stream frame `start`.
pub fn run_at(start: i64, from: Ticks, bpm: f64) -> Run {
    Run::new(SessionTime(Frames(start).nanos()), from, Tempo::from_bpm(bpm).unwrap())
}

pub const SAMPLE: SampleId = SampleId([1; 32]);

/// A pool with one mono sample.
pub fn pool(frames: Vec<f32>) -> SamplePool {
    SamplePool::from([(SAMPLE, Arc::new(SampleData { channels: 1, frames: frames.into() }))])
}

/// `seconds` of a sine of amplitude ½.
pub fn sine(hz: f32, seconds: f32) -> Vec<f32> {
    (0..(seconds * 48_000.0) as usize)
        .map(|i| 0.5 * antiphon_dsp::sin_turns(i as f32 * hz / 48_000.0))
        .collect()
}

/// A single full-scale frame, then enough silence for it not to be the sample's faded end. The first frame is
/// zero, so it is not faded in either: a trigger at frame F is heard at F + 1.
pub fn tick() -> Vec<f32> {
    let mut frames = vec![0.0; 600];
    frames[1] = 0.5;
    frames
}

/// A player that is pulled in blocks of one size.
pub struct Stage {
    pub controller: Controller,
    pub player: Player,
    pub next: i64,
    pub block: usize,
    /// Interleaved, from the frame it was made at.
    pub heard: Vec<f32>,
}

impl Stage {
    pub fn new() -> Self {
        let (controller, player) = player();
        Self { controller, player, next: 0, block: 128, heard: Vec::new() }
    }

    /// A stage with `song` set.
    pub fn with(song: &Song, samples: &SamplePool) -> Self {
        let mut stage = Self::new();
        stage.set(song, samples, &Ears::default());
        stage
    }

    pub fn set(&mut self, song: &Song, samples: &SamplePool, ears: &Ears) {
        self.controller.set_plan(compile(song, samples, ears));
    }

    /// Plays `frames` frames and returns them.
    pub fn play(&mut self, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames * 2];
        for block in out.chunks_mut(self.block * 2) {
            self.player.process(Frames(self.next), block);
            self.next += block.len() as i64 / 2;
            self.controller.collect();
        }
        self.heard.extend_from_slice(&out);
        out
    }
}

/// The left channel.
pub fn left(pcm: &[f32]) -> Vec<f32> {
    pcm.iter().step_by(2).copied().collect()
}

pub fn right(pcm: &[f32]) -> Vec<f32> {
    pcm.iter().skip(1).step_by(2).copied().collect()
}

pub fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

pub fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

/// Frames at which single-frame ticks of [`tick`] lie (left channel), as the frames of their triggers.
pub fn tick_frames(pcm: &[f32]) -> Vec<i64> {
    let loud = |(_, sample): &(i64, f32)| sample.abs() > 0.05;
    (-1..).zip(left(pcm)).filter(loud).map(|(frame, _)| frame).collect()
}

/// The sharpest corner: the largest second difference. A jump of 0.1 is 0.1; a fade over 4 ms of a sine of
/// amplitude ½ makes 0.003.
pub fn sharpest_corner(channel: &[f32]) -> f32 {
    channel.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).fold(0.0, f32::max)
}
