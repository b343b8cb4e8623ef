//! The drum kit: eight struck sounds, each made from a handful of parts.
//!
//! Pitch is the tuning of the drum, velocity its level and brightness. Levels are balanced so that all sounds of the
//! engine are equally loud (`tests/loudness.rs`).

mod clap;
mod cowbell;
mod hat;
mod kick;
mod mode;
mod rim;
mod snare;
mod tom;

use antiphon_dsp::SawTables;
use antiphon_model::Drum;

use self::{clap::Clap, cowbell::Cowbell, hat::Hat, kick::Kick, rim::Rim, snare::Snare, tom::Tom};
use crate::{
    note_params::NoteParams,
    voice::{Rendered, Strike, Width},
};

/// A sound that is struck and dies away by itself.
trait Struck {
    /// The next frame, about 1 at its loudest.
    fn next(&mut self, saw: &SawTables) -> f32;
    /// The envelope that lasts longest; zero when it has ended.
    fn level(&self) -> f32;
}

/// How a drum is hit.
#[derive(Clone, Copy)]
struct Hit {
    strike: Strike,
    seed: u64,
    /// Factor on how long the drum rings.
    decay: f32,
}

impl Hit {
    fn ratio(&self) -> f32 {
        self.strike.ratio()
    }

    fn force(&self) -> f32 {
        self.strike.force()
    }

    /// How long what rings does so.
    fn body(&self, seconds: f32) -> f32 {
        seconds * self.decay
    }

    /// How long the noise of the stroke lasts: never longer than as made, and shortened with the drum, which would
    /// cut it off otherwise.
    fn transient(&self, seconds: f32) -> f32 {
        seconds * self.decay.min(1.0)
    }
}

/// A struck drum.
pub(crate) struct DrumBody {
    drum: Drum,
    gain: f32,
    sound: DrumSound,
}

enum DrumSound {
    Kick(Kick),
    Snare(Snare),
    Clap(Clap),
    Hat(Hat),
    Tom(Tom),
    Rim(Rim),
    Cowbell(Cowbell),
}

/// Factors that make the sounds equally loud.
fn balance(drum: Drum) -> f32 {
    match drum {
        Drum::Kick => 0.2579,
        Drum::Snare => 0.4587,
        Drum::Clap => 0.4370,
        Drum::ClosedHat => 0.6862,
        Drum::OpenHat => 0.3548,
        Drum::Tom => 0.2469,
        Drum::Rim => 0.3664,
        Drum::Cowbell => 0.4226,
    }
}

impl DrumBody {
    pub(crate) fn new(drum: Drum, strike: Strike, params: &NoteParams, saw: &SawTables) -> Self {
        let hit = Hit { strike, seed: strike.seed, decay: params.decay };
        let sound = match drum {
            Drum::Kick => DrumSound::Kick(Kick::new(hit)),
            Drum::Snare => DrumSound::Snare(Snare::new(hit)),
            Drum::Clap => DrumSound::Clap(Clap::new(hit)),
            Drum::ClosedHat => DrumSound::Hat(Hat::closed(hit, saw)),
            Drum::OpenHat => DrumSound::Hat(Hat::open(hit, saw)),
            Drum::Tom => DrumSound::Tom(Tom::new(hit)),
            Drum::Rim => DrumSound::Rim(Rim::new(hit)),
            Drum::Cowbell => DrumSound::Cowbell(Cowbell::new(hit, saw)),
        };
        Self { drum, gain: balance(drum) * strike.gain() * params.level, sound }
    }

    pub(crate) fn drum(&self) -> Drum {
        self.drum
    }

    /// The amplitude it is struck with.
    pub(crate) fn gain(&self) -> f32 {
        self.gain
    }

    pub(crate) fn level(&self) -> f32 {
        self.gain * self.sound.struck().level()
    }

    /// Writes the next frames.
    pub(crate) fn render(&mut self, saw: &SawTables, out: &mut [f32]) -> Rendered {
        match &mut self.sound {
            DrumSound::Kick(sound) => fill(sound, saw, self.gain, out),
            DrumSound::Snare(sound) => fill(sound, saw, self.gain, out),
            DrumSound::Clap(sound) => fill(sound, saw, self.gain, out),
            DrumSound::Hat(sound) => fill(sound, saw, self.gain, out),
            DrumSound::Tom(sound) => fill(sound, saw, self.gain, out),
            DrumSound::Rim(sound) => fill(sound, saw, self.gain, out),
            DrumSound::Cowbell(sound) => fill(sound, saw, self.gain, out),
        }
    }
}

impl DrumSound {
    fn struck(&self) -> &dyn Struck {
        match self {
            Self::Kick(sound) => sound,
            Self::Snare(sound) => sound,
            Self::Clap(sound) => sound,
            Self::Hat(sound) => sound,
            Self::Tom(sound) => sound,
            Self::Rim(sound) => sound,
            Self::Cowbell(sound) => sound,
        }
    }
}

/// One dispatch for a whole segment: the loop is compiled for each sound.
fn fill(sound: &mut impl Struck, saw: &SawTables, gain: f32, out: &mut [f32]) -> Rendered {
    let width = Width::Mono;
    for (active, out) in out.iter_mut().enumerate() {
        if sound.level() == 0.0 {
            // The rest stays silent; the filters behind an ended envelope are not run into denormals.
            return Rendered { width, active, sounding: false };
        }
        *out = sound.next(saw) * gain;
    }
    Rendered { width, active: out.len(), sounding: sound.level() > 0.0 }
}
