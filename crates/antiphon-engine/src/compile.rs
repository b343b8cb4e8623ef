//! Song to plan: look everything up once, off the audio thread.

use antiphon_dsp::{PanGains, db_to_gain};
use antiphon_model::{Gain, Pan, Song, Step, Track, limits::TRACKS_MAX};
use antiphon_timeline::TICKS_PER_STEP;

use crate::{
    ears::{Ears, Solos},
    plan::{Instrument, Plan, PlanStep, PlanStrip, PlanTrack, track_seed},
    sample::SamplePool,
};

/// Compiles `song` for one person's `ears`.
///
/// Pure and quick (tens of microseconds for 16 tracks), so it simply runs again after every edit. A track
/// whose sample is not in `samples` is silent until a later plan has it.
pub fn compile(song: &Song, samples: &SamplePool, ears: &Ears) -> Plan {
    let solos = ears.solos(song);
    let volume = gain(ears.volume);
    Plan {
        tracks: (song.tracks.iter().take(TRACKS_MAX))
            .map(|track| compile_track(track, samples, ears, solos))
            .collect(),
        swing_percent: song.swing.get(),
        master: gain(song.master),
        boost: volume.max(1.0),
        volume: volume.min(1.0),
    }
}

fn compile_track(track: &Track, samples: &SamplePool, ears: &Ears, solos: Solos) -> PlanTrack {
    let pattern = track.pattern();
    let mut steps = vec![None; usize::from(pattern.length.get())].into_boxed_slice();
    for (index, step) in &pattern.steps {
        if let Some(slot) = steps.get_mut(usize::from(*index)) {
            *slot = step.on.then(|| compile_step(step));
        }
    }
    PlanTrack {
        id: track.id,
        seed: track_seed(track.id),
        instrument: Instrument::new(&track.sound, samples),
        strip: PlanStrip {
            gain: gain(track.strip.gain),
            pan: pan(track.strip.pan),
            personal: gain(ears.track(track.id).gain),
            audible: ears.hears(solos, track.id, track.strip),
        },
        steps,
    }
}

fn compile_step(step: &Step) -> PlanStep {
    PlanStep {
        velocity: step.velocity.get(),
        semitones: step.pitch.get(),
        length_ticks: i64::from(step.length.get()) * (TICKS_PER_STEP / 16),
    }
}

/// The factor that a fader position stands for.
pub(crate) fn gain(gain: Gain) -> f32 {
    if gain.is_silent() { 0.0 } else { db_to_gain(f32::from(gain.get()) / 100.0) }
}

pub(crate) fn pan(pan: Pan) -> PanGains {
    PanGains::at(f32::from(pan.get()) / 100.0)
}
