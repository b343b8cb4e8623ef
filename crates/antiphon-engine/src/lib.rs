//! Song to sound: compiler, sequencer, voices, mixer, offline render.
//!
//! ```text
//! Song ── compile ──> Plan ══ bounded queue ══> Player (audio thread) ──> canonical stream
//! ```
//!
//! The **canonical stream** is 48 kHz stereo `f32`, counted in absolute frames: frame `F` is session time
//! `F / 48 000 s`. Every peer that plays the same song over the same run computes the same bits, whatever
//! the block size, the build profile or the processor. Three rules keep that true:
//!
//! 1. What happens is tied to frames, never to blocks: a step sounds at the first frame at or after its
//!    tick, control values change at multiples of [`antiphon_dsp::CONTROL_FRAMES`] of a voice's own age, and
//!    ramps advance once a frame.
//! 2. Only basic IEEE operations, `sqrt` and `libm` are on the signal path; a test greps for the rest.
//! 3. Sums have a fixed order: of a lane first its synth voices (those with one filter stage, then those with two), then
//!    the others, each in the order they started; lanes in the order of the plan's tracks.
//!
//! Every choice that chance makes, and the noise of every note, is [rolled](roll) for its place in the song, so it does
//! not depend on what was played before. [`event_list`] tells what sounds when; `docs/SEQUENCER.md` says why.
//!
//! ```
//! use antiphon_engine::{Ears, SamplePool, compile, player, reference};
//! use antiphon_timeline::{Frames, Run, SessionTime, Ticks};
//!
//! let song = reference::song();
//! let (mut controller, mut player) = player();
//! controller.set_plan(compile(&song, &SamplePool::new(), &Ears::default()));
//! controller.set_run(Some(Run::new(SessionTime::ZERO, Ticks::ZERO, song.tempo)));
//!
//! // On the audio thread: frames 0 to 479 of the stream.
//! let mut out = [0.0; 480 * 2];
//! player.process(Frames(0), &mut out);
//! assert!(out.iter().any(|sample| *sample != 0.0));
//! ```
//!
//! What is personal ([`Ears`]) is applied here as well, but a render for others uses [`Ears::default`].
#![forbid(unsafe_code)]

mod compile;
mod compile_pattern;
mod conditions;
mod dice;
mod ears;
mod event;
mod laid;
pub mod limits;
mod meters;
mod metronome;
mod mixer;
mod note_params;
mod plan;
mod played;
mod player;
mod processor;
pub mod reference;
mod render;
mod sample;
mod sample_bank;
mod score;
mod sequencer;
mod spans;
mod voice;
mod voice_bank;
mod voices;

pub use compile::{Compiler, compile};
pub use dice::{Purpose, Source, roll};
pub use ears::{Ears, TrackEars};
pub use event::{Dice, Event, event_list};
pub use meters::{Meters, TrackMeter};
pub use metronome::Metronome;
pub use plan::Plan;
pub use player::{Controller, Player, player};
pub use render::{PcmHasher, Progress, Render, RenderOptions, loop_bars, pcm_hash, render, song_run};
pub use sample::{SampleData, SamplePool};
pub use sequencer::{RunChange, Sequencer};

/// Names the sound of this engine: two engines with one version render one song to the same bits.
///
/// Raised whenever the canonical render of any song changes.
pub const ENGINE_VERSION: u32 = 2;
