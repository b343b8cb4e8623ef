//! Offline render: the same stream, as fast as it goes.
//!
//! The **canonical render** of a song, whose hash a published beat carries, is [`RenderOptions::canonical`]: at the
//! song's tempo and in its meter, from tick 0 of a run that starts at session time 0, over [`loop_bars`] whole bars, with everything that
//! was about to switch switched; steps at or after the end do not sound; notes that
//! do ring on for [`TAIL_FRAMES`], the last [`FADE_OUT_FRAMES`] of which fade to silence. Shared strips count, personal
//! ones do not. Its definition belongs to [`crate::ENGINE_VERSION`].

use std::ops::ControlFlow;

use antiphon_model::{Pattern, PlayMode, Song, Switch, Track};
use antiphon_timeline::{Frames, Meter, Run, SessionTime, TICKS_PER_STEP, Ticks};

use crate::{
    compile::compile,
    ears::Ears,
    limits::LOOP_BARS_MAX,
    player::{Controller, Player, player},
    sample::SamplePool,
};

/// How long notes may ring after the last bar (2 s).
pub const TAIL_FRAMES: u64 = 96_000;
/// The end of the tail fades over this many frames (10 ms).
pub const FADE_OUT_FRAMES: u64 = 480;

/// What to render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderOptions {
    /// Whole bars from tick 0 on.
    pub bars: u32,
    /// Frames after them.
    pub tail_frames: u64,
    /// Whose ears; the default is the mix that is shared.
    pub ears: Ears,
}

impl RenderOptions {
    /// The render that is hashed and compared.
    pub fn canonical(song: &Song) -> Self {
        Self::bars(loop_bars(song))
    }

    /// `bars` bars and the usual tail.
    pub fn bars(bars: u32) -> Self {
        Self { bars, tail_frames: TAIL_FRAMES, ears: Ears::default() }
    }
}

/// A run of the whole song from its first tick on, in its tempo and meter: what renders, lists and beats play.
pub fn song_run(song: &Song, start: SessionTime) -> Run {
    Run::new(start, Ticks::ZERO, song.tempo).with_meter(Ticks::ZERO, song.meter)
}

/// How far a render is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Frames rendered.
    pub done: u64,
    /// Frames in all.
    pub total: u64,
}

/// A render that is pulled block by block, of any sizes.
pub struct Render {
    player: Player,
    // Held so that what the player gives back is dropped here, not leaked into a full queue.
    controller: Controller,
    progress: Progress,
}

impl Render {
    /// Prepares a render of `song`.
    pub fn new(song: &Song, samples: &SamplePool, options: &RenderOptions) -> Self {
        let run = song_run(song, SessionTime::ZERO);
        let end = run.bar_start(i64::from(options.bars));
        let run = run.ending_at(end);
        let total = run.frame_at(end).0.max(0) as u64 + options.tail_frames;
        let (mut controller, mut player) = player();
        player.let_the_end_ring();
        controller.set_plan(compile(&settled(song), samples, &options.ears));
        controller.set_run(Some(run));
        Self { player, controller, progress: Progress { done: 0, total } }
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Fills `out` (interleaved stereo) as far as there is something left; how many frames it wrote.
    pub fn next_block(&mut self, out: &mut [f32]) -> usize {
        let Progress { done, total } = self.progress;
        let frames = (out.len() as u64 / 2).min(total - done) as usize;
        let out = &mut out[..frames * 2];
        self.player.process(Frames(done as i64), out);
        self.controller.collect();
        for (frame, pair) in (done..).zip(out.chunks_exact_mut(2)) {
            let left = total - 1 - frame;
            if left < FADE_OUT_FRAMES {
                pair.iter_mut().for_each(|sample| *sample *= left as f32 / FADE_OUT_FRAMES as f32);
            }
        }
        self.progress.done += frames as u64;
        frames
    }
}

/// Renders `song` block by block into `sink`, which sees each block with the progress after it and may stop it.
pub fn render(
    song: &Song,
    samples: &SamplePool,
    options: &RenderOptions,
    mut sink: impl FnMut(&[f32], Progress) -> ControlFlow<()>,
) -> Progress {
    let mut render = Render::new(song, samples, options);
    let mut block = [0.0; 2 * 1024];
    loop {
        let frames = render.next_block(&mut block);
        if frames == 0 || sink(&block[..frames * 2], render.progress()).is_break() {
            return render.progress();
        }
    }
}

/// BLAKE3 of interleaved samples as little-endian 32-bit floats.
#[derive(Default)]
pub struct PcmHasher(blake3::Hasher);

impl PcmHasher {
    /// Adds a block.
    pub fn update(&mut self, samples: &[f32]) {
        let mut bytes = [0; 4 * 256];
        for part in samples.chunks(256) {
            for (bytes, sample) in bytes.chunks_exact_mut(4).zip(part) {
                bytes.copy_from_slice(&sample.to_le_bytes());
            }
            self.0.update(&bytes[..part.len() * 4]);
        }
    }

    /// The hash of everything added.
    pub fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// The hash of a song's canonical render.
pub fn pcm_hash(song: &Song, samples: &SamplePool) -> [u8; 32] {
    let mut hasher = PcmHasher::default();
    render(song, samples, &RenderOptions::canonical(song), |block, _| {
        hasher.update(block);
        ControlFlow::Continue(())
    });
    hasher.finish()
}

/// The song as it is once everything has switched that is about to.
fn settled(song: &Song) -> Song {
    let mut song = song.clone();
    song.fill = Switch::settled(song.fill.to);
    song.mode = Switch::settled(song.mode.to);
    for track in &mut song.tracks {
        track.current = Switch::settled(track.current.to);
    }
    song
}

/// Bars of the canonical render, at least 1 and at most [`LOOP_BARS_MAX`]: once through the chain where it says what
/// plays; else until every track that sounds is back at its first step at a bar, which is their least common multiple.
pub fn loop_bars(song: &Song) -> u32 {
    let most = u64::from(LOOP_BARS_MAX);
    let bars = if song.mode.to == PlayMode::Chain && !song.chain.is_empty() {
        song.chain.iter().map(|link| u64::from(link.bars.get())).sum()
    } else {
        let patterns = song.tracks.iter().map(Track::pattern).filter(|pattern| pattern.sounds());
        patterns.fold(1, |bars, pattern| least_common_multiple(bars, bars_of(pattern, song.meter)).min(most))
    };
    bars.clamp(1, most) as u32
}

/// The least number of whole bars that holds a pattern a whole number of times.
fn bars_of(pattern: &Pattern, meter: Meter) -> u64 {
    let steps_per_bar = (meter.bar().0 / TICKS_PER_STEP).unsigned_abs();
    // It lasts length / (steps · speed) bars; the least whole multiple of a fraction in lowest terms is its numerator.
    let (numerator, denominator) = pattern.speed.ratio();
    let length = u64::from(pattern.length.get()) * denominator.unsigned_abs();
    length / common_divisor(length, steps_per_bar * numerator.unsigned_abs())
}

fn least_common_multiple(a: u64, b: u64) -> u64 {
    a / common_divisor(a, b) * b
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}
