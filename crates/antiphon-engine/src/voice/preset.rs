//! The synth's presets: numbers only, what they mean is in [`super::synth`].

use antiphon_dsp::AdsrTimes;
use antiphon_model::Preset;

/// A setting of the synth.
pub(crate) struct Patch {
    /// MIDI note of a step with pitch 0.
    pub root: f32,
    pub oscillators: [OscillatorPatch; 2],
    /// Level of a sine one octave below the first oscillator.
    pub sub: f32,
    pub filter: FilterPatch,
    /// Gain into the saturating stage behind the filter; 0 leaves it out.
    pub drive: f32,
    pub amp: AdsrTimes,
    pub envelope: AdsrTimes,
    pub vibrato: Vibrato,
    /// One voice per track that slides between overlapping notes.
    pub mono: bool,
    /// Each oscillator mostly on a side of its own.
    pub wide: bool,
    /// Factor that makes the presets equally loud.
    pub balance: f32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct OscillatorPatch {
    pub wave: Wave,
    /// From the note's pitch.
    pub semitones: f32,
    pub level: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wave {
    Saw,
    /// A pulse whose width moves by `sweep` around `width`, slowly.
    Pulse {
        width: f32,
        sweep: f32,
    },
}

pub(crate) struct FilterPatch {
    pub cutoff_hz: f32,
    /// How much of the note's distance from the root the cutoff follows.
    pub key_follow: f32,
    /// How far the envelope opens it, in octaves.
    pub envelope_octaves: f32,
    /// How far velocity opens it, in octaves per 100; none at the default velocity of 100.
    pub velocity_octaves: f32,
    pub q: f32,
    /// 24 instead of 12 dB per octave.
    pub steep: bool,
    /// How much velocities beyond 100 add to the resonance and shorten the envelope: an accent.
    pub accent: f32,
}

/// Vibrato that sets in late, as players do it.
pub(crate) struct Vibrato {
    pub hz: f32,
    pub semitones: f32,
    pub delay_seconds: f32,
}

const NO_VIBRATO: Vibrato = Vibrato { hz: 0.0, semitones: 0.0, delay_seconds: 0.0 };

pub(crate) fn patch(preset: Preset) -> &'static Patch {
    match preset {
        Preset::Bass => &BASS,
        Preset::Lead => &LEAD,
        Preset::Pad => &PAD,
        Preset::Pluck => &PLUCK,
        Preset::Acid => &ACID,
    }
}

/// Round and firm: saw and square over a sub, through a steep filter that closes quickly.
static BASS: Patch = Patch {
    root: 36.0,
    oscillators: [
        OscillatorPatch { wave: Wave::Saw, semitones: 0.04, level: 0.6 },
        OscillatorPatch { wave: Wave::Pulse { width: 0.5, sweep: 0.0 }, semitones: -0.04, level: 0.35 },
    ],
    sub: 0.55,
    filter: FilterPatch {
        cutoff_hz: 260.0,
        key_follow: 0.5,
        envelope_octaves: 3.1,
        velocity_octaves: 0.8,
        q: 1.1,
        steep: true,
        accent: 0.0,
    },
    drive: 1.2,
    amp: AdsrTimes { attack: 0.003, decay: 0.6, sustain: 0.7, release: 0.09 },
    envelope: AdsrTimes { attack: 0.002, decay: 0.28, sustain: 0.22, release: 0.12 },
    vibrato: NO_VIBRATO,
    mono: false,
    wide: false,
    balance: 0.3640,
};

/// Two saws that beat gently, bright, with a vibrato on long notes.
static LEAD: Patch = Patch {
    root: 60.0,
    oscillators: [
        OscillatorPatch { wave: Wave::Saw, semitones: 0.06, level: 0.6 },
        OscillatorPatch { wave: Wave::Saw, semitones: -0.06, level: 0.5 },
    ],
    sub: 0.12,
    filter: FilterPatch {
        cutoff_hz: 1_900.0,
        key_follow: 0.7,
        envelope_octaves: 1.7,
        velocity_octaves: 0.9,
        q: 1.2,
        steep: false,
        accent: 0.0,
    },
    drive: 0.0,
    amp: AdsrTimes { attack: 0.004, decay: 0.5, sustain: 0.8, release: 0.16 },
    envelope: AdsrTimes { attack: 0.004, decay: 0.35, sustain: 0.35, release: 0.2 },
    vibrato: Vibrato { hz: 5.4, semitones: 0.14, delay_seconds: 0.28 },
    mono: false,
    wide: false,
    balance: 0.1716,
};

/// Warm and wide: a saw on one side, a slowly breathing pulse on the other.
static PAD: Patch = Patch {
    root: 60.0,
    oscillators: [
        OscillatorPatch { wave: Wave::Saw, semitones: 0.07, level: 0.6 },
        OscillatorPatch { wave: Wave::Pulse { width: 0.42, sweep: 0.16 }, semitones: -0.07, level: 0.5 },
    ],
    sub: 0.2,
    filter: FilterPatch {
        cutoff_hz: 900.0,
        key_follow: 0.5,
        envelope_octaves: 1.0,
        velocity_octaves: 0.8,
        q: 0.8,
        steep: false,
        accent: 0.0,
    },
    drive: 0.0,
    amp: AdsrTimes { attack: 0.11, decay: 0.8, sustain: 0.85, release: 0.9 },
    envelope: AdsrTimes { attack: 0.25, decay: 1.2, sustain: 0.5, release: 0.9 },
    vibrato: Vibrato { hz: 0.7, semitones: 0.03, delay_seconds: 0.0 },
    mono: false,
    wide: true,
    balance: 0.1711,
};

/// A string let go: bright at first, dull at once.
static PLUCK: Patch = Patch {
    root: 60.0,
    oscillators: [
        OscillatorPatch { wave: Wave::Saw, semitones: 0.03, level: 0.6 },
        OscillatorPatch { wave: Wave::Pulse { width: 0.25, sweep: 0.0 }, semitones: 12.0, level: 0.28 },
    ],
    sub: 0.1,
    filter: FilterPatch {
        cutoff_hz: 420.0,
        key_follow: 0.9,
        envelope_octaves: 4.0,
        velocity_octaves: 1.2,
        q: 1.0,
        steep: true,
        accent: 0.0,
    },
    drive: 0.0,
    amp: AdsrTimes { attack: 0.0015, decay: 0.75, sustain: 0.0, release: 0.32 },
    envelope: AdsrTimes { attack: 0.001, decay: 0.30, sustain: 0.0, release: 0.25 },
    vibrato: NO_VIBRATO,
    mono: false,
    wide: false,
    balance: 0.3166,
};

/// One saw, a resonant filter that snaps shut, saturation. Overlapping notes slide; velocities beyond 100 accent.
static ACID: Patch = Patch {
    root: 36.0,
    oscillators: [
        OscillatorPatch { wave: Wave::Saw, semitones: 0.0, level: 0.8 },
        OscillatorPatch { wave: Wave::Saw, semitones: 0.0, level: 0.0 },
    ],
    sub: 0.0,
    filter: FilterPatch {
        cutoff_hz: 260.0,
        key_follow: 0.3,
        envelope_octaves: 3.0,
        velocity_octaves: 1.0,
        q: 5.5,
        steep: true,
        accent: 1.0,
    },
    drive: 1.6,
    amp: AdsrTimes { attack: 0.003, decay: 1.2, sustain: 0.75, release: 0.05 },
    envelope: AdsrTimes { attack: 0.002, decay: 0.32, sustain: 0.05, release: 0.1 },
    vibrato: NO_VIBRATO,
    mono: true,
    wide: false,
    balance: 0.2219,
};

/// What synthesizers are compared by ([`crate::reference::VoiceBank`]): two saws, a resonant low-pass with an envelope, an
/// ADSR. No track can have it.
pub(crate) static COMPARISON: Patch = Patch {
    root: 60.0,
    oscillators: [
        OscillatorPatch { wave: Wave::Saw, semitones: 0.06, level: 0.5 },
        OscillatorPatch { wave: Wave::Saw, semitones: -0.06, level: 0.5 },
    ],
    sub: 0.0,
    filter: FilterPatch {
        cutoff_hz: 800.0,
        key_follow: 0.5,
        envelope_octaves: 2.5,
        velocity_octaves: 0.0,
        q: 2.5,
        steep: false,
        accent: 0.0,
    },
    drive: 0.0,
    amp: AdsrTimes { attack: 0.01, decay: 0.3, sustain: 0.7, release: 0.3 },
    envelope: AdsrTimes { attack: 0.01, decay: 0.4, sustain: 0.3, release: 0.3 },
    vibrato: NO_VIBRATO,
    mono: false,
    wide: false,
    balance: 0.1,
};
