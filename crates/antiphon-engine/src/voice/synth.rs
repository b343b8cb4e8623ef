//! The subtractive synth: two oscillators and a sub through a low-pass with an envelope of its own, a saturating
//! stage and an amplifier.
//!
//! Pitch, cutoff and pulse width are set anew every [`CONTROL_FRAMES`] of the voice's age; the cutoff glides in
//! between, so a quick envelope does not step. Everything else runs per frame.

use antiphon_dsp::{
    Adsr, AdsrTimes, CONTROL_FRAMES, Noise, Oscillator, Pulse, Ramp, SAMPLE_RATE, SawTables, Svf, SvfSetting,
    exp2, semitones_to_ratio, sin_turns,
};

use super::{
    preset::{FilterPatch, OscillatorPatch, Patch, Wave},
    tone::{Saturation, resonant},
};
use crate::{
    limits::SEGMENT_FRAMES,
    note_params::NoteParams,
    voice::{Rendered, Strike, Width},
};

/// Frequency of MIDI note 0.
const NOTE_0_HZ: f32 = 8.175_799;
/// How quickly a slide arrives: a time constant of 25 ms, in control steps.
const SLIDE_PER_CONTROL: f32 = CONTROL_FRAMES as f32 / (0.025 * SAMPLE_RATE);
/// How quickly the pulse width breathes.
const SWEEP_HZ: f32 = 0.45;
/// Q of the first of two stages in a steep filter; the second has the patch's.
pub(super) const FLAT_Q: f32 = 0.6;
/// What is left of one side's oscillator on the other in a wide patch.
const CROSS: f32 = 0.35;

/// A synth note.
#[derive(Clone)]
pub(crate) struct SynthBody {
    patch: &'static Patch,
    age: u32,
    /// Semitones from the root: now, and where a slide is going.
    semitones: f32,
    target: f32,
    /// The pitch that the oscillators have, vibrato and all.
    tuned: Option<f32>,
    accent: f32,
    velocity_octaves: f32,
    params: NoteParams,
    /// The filters' resonance, at the cutoff of the patch.
    filter: SvfSetting,
    gain: Ramp,
    oscillators: [Oscillator; 2],
    pulses: [Pulse; 2],
    sub: Oscillator,
    sweep_phase: f32,
    chains: [Chain; 2],
    amp: Adsr,
    envelope: Adsr,
}

/// What one channel passes through.
#[derive(Clone, Copy)]
pub(super) struct Chain {
    pub first: Svf,
    pub second: Svf,
    saturation: Option<Saturation>,
}

impl SynthBody {
    pub(crate) fn new(patch: &'static Patch, strike: Strike, params: &NoteParams, saw: &SawTables) -> Self {
        let mut noise = Noise::new(strike.seed);
        // Free-running oscillators meet in another phase at every note; the seed decides which.
        let mut phase = || noise.next_unipolar();
        let mut oscillator = || Oscillator::new(saw, 440.0, phase());
        let accent = accent(patch, strike);
        let chain = Chain {
            first: Svf::default(),
            second: Svf::default(),
            saturation: Saturation::new(1.0, patch.drive, params.drive),
        };
        let mut body = Self {
            patch,
            age: 0,
            semitones: strike.semitones,
            target: strike.semitones,
            tuned: None,
            accent,
            velocity_octaves: velocity_octaves(patch, strike),
            params: *params,
            filter: resonance(patch, params, accent),
            gain: Ramp::at(strike.gain() * patch.balance * params.level),
            oscillators: [oscillator(), oscillator()],
            pulses: [Pulse::SQUARE; 2],
            sub: Oscillator::new(saw, 440.0, 0.0),
            sweep_phase: phase(),
            chains: [chain; 2],
            amp: amplifier(patch, params),
            envelope: filter_envelope(patch, params, accent),
        };
        body.control(saw);
        let settings = stage_settings(body.setting(body.opening()));
        for chain in &mut body.chains {
            chain.stages().into_iter().zip(settings).for_each(|(stage, setting)| stage.set(setting));
        }
        body
    }

    pub(crate) fn is_mono(&self) -> bool {
        self.patch.mono
    }

    pub(crate) fn width(&self) -> Width {
        if self.patch.wide { Width::Stereo } else { Width::Mono }
    }

    pub(crate) fn level(&self) -> f32 {
        self.amp.level() * self.gain.target()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.amp.is_done()
    }

    pub(crate) fn release(&mut self) {
        self.amp.release();
        self.envelope.release();
    }

    /// Would a note with `params` sound as this voice does but for what can glide?
    pub(crate) fn takes(&self, params: &NoteParams) -> bool {
        self.params.drive == params.drive
    }

    /// The same sound at this moment, for a note with another drive.
    pub(crate) fn with_drive(&self, params: &NoteParams) -> Self {
        let mut other = self.clone();
        for chain in &mut other.chains {
            chain.saturation = Saturation::new(1.0, self.patch.drive, params.drive);
        }
        other
    }

    /// The pitch it is at or slides to.
    pub(crate) fn target(&self) -> f32 {
        self.target
    }

    /// Another note on the same voice. A slide keeps the envelopes going; otherwise they attack from where they are.
    pub(crate) fn take_over(&mut self, strike: Strike, params: &NoteParams, slide: bool, saw: &SawTables) {
        self.target = strike.semitones;
        self.accent = accent(self.patch, strike);
        self.velocity_octaves = velocity_octaves(self.patch, strike);
        self.params = *params;
        self.filter = resonance(self.patch, params, self.accent);
        self.gain.set(strike.gain() * self.patch.balance * params.level);
        if !slide {
            self.semitones = self.target;
            self.amp.strike_again(amplifier(self.patch, params));
            self.envelope.strike_again(filter_envelope(self.patch, params, self.accent));
            self.control(saw);
            let settings = stage_settings(self.setting(self.opening()));
            let frames = CONTROL_FRAMES - self.age % CONTROL_FRAMES;
            for chain in &mut self.chains {
                let stages = chain.stages().into_iter().zip(settings);
                stages.for_each(|(stage, setting)| stage.glide_to(setting, frames));
            }
        }
    }

    /// The next frames of a note that is let go after `held` of them.
    pub(crate) fn render(
        &mut self,
        saw: &SawTables,
        held: usize,
        left: &mut [f32],
        right: &mut [f32],
    ) -> Rendered {
        let mut gains = [0.0; SEGMENT_FRAMES];
        let gains = &mut gains[..left.len()];
        let openings = self.sources(saw, held, left, right);
        let openings = openings.map(|opening| opening.map(|(at, octaves)| (at, self.setting(octaves))));
        self.envelop(held, gains);
        let patch = self.patch;
        let sides = if patch.wide { 2 } else { 1 };
        for (chain, side) in self.chains.iter_mut().zip([&mut *left, &mut *right]).take(sides) {
            chain.filter(patch, &openings, side);
        }
        self.amplify(gains, left, right)
    }

    /// The first stage: what the oscillators put into the filters. Those, which the second stage runs, are to open as is
    /// given back.
    pub(super) fn sources(
        &mut self,
        saw: &SawTables,
        held: usize,
        left: &mut [f32],
        right: &mut [f32],
    ) -> Openings {
        let frames = left.len();
        let mut openings = [None; OPENINGS];
        let mut places = openings.iter_mut();
        // The oscillators play in one go as long as nothing changes for them: so far up to `played`.
        let (mut at, mut played) = (0, 0);
        while at < frames {
            if at == held {
                self.envelope.release();
            }
            let into = self.age % CONTROL_FRAMES;
            if into == 0 {
                self.envelope.next_value();
                let semitones = self.slide();
                if self.tuned != Some(semitones) || self.breathes() {
                    self.oscillate(saw, &mut left[played..at], &mut right[played..at]);
                    played = at;
                    self.tune(saw, semitones);
                    self.breathe();
                }
                if let Some(place) = places.next() {
                    *place = Some((at, self.opening()));
                }
            }
            let change = if at < held { held } else { frames };
            let end = frames.min(change).min(at + (CONTROL_FRAMES - into) as usize);
            self.age = self.age.wrapping_add((end - at) as u32);
            at = end;
        }
        self.oscillate(saw, &mut left[played..], &mut right[played..]);
        openings
    }

    fn oscillate(&mut self, saw: &SawTables, left: &mut [f32], right: &mut [f32]) {
        left.fill(0.0);
        self.add_source(0, saw, left);
        if !self.patch.wide {
            self.add_source(1, saw, left);
            self.add_sub(left);
            return;
        }
        right.fill(0.0);
        self.add_source(1, saw, right);
        let mut sub = [0.0; SEGMENT_FRAMES];
        self.add_sub(&mut sub[..left.len()]);
        for ((left, right), sub) in left.iter_mut().zip(right).zip(&sub) {
            (*left, *right) = (*left + *right * CROSS + sub, *right + *left * CROSS + sub);
        }
    }

    /// The levels of the amplifier's envelope, let go after `held` frames.
    pub(super) fn envelop(&mut self, held: usize, levels: &mut [f32]) {
        let (levels_held, levels_released) = levels.split_at_mut(held);
        self.amp.fill(levels_held);
        if !levels_released.is_empty() {
            self.amp.release();
            self.amp.fill(levels_released);
        }
    }

    pub(super) fn amp(&self) -> &Adsr {
        &self.amp
    }

    pub(super) fn amp_mut(&mut self) -> &mut Adsr {
        &mut self.amp
    }

    /// The last stage: saturation and amplifier, behind the filters. `levels` are those of the envelope.
    pub(super) fn amplify(&mut self, levels: &mut [f32], left: &mut [f32], right: &mut [f32]) -> Rendered {
        self.gain.apply(levels);
        let (width, active) = (self.width(), left.len());
        let sides = if width == Width::Stereo { 2 } else { 1 };
        for (chain, side) in self.chains.iter_mut().zip([left, right]).take(sides) {
            if let Some(saturation) = &mut chain.saturation {
                saturation.process(side);
            }
            multiply(side, levels);
        }
        Rendered { width, active, sounding: !self.is_done() }
    }

    /// Has the filter two stages?
    pub(super) fn is_steep(&self) -> bool {
        self.patch.filter.steep
    }

    pub(super) fn chain_mut(&mut self, side: usize) -> &mut Chain {
        &mut self.chains[side]
    }

    fn add_source(&mut self, at: usize, saw: &SawTables, out: &mut [f32]) {
        let OscillatorPatch { wave, level, .. } = self.patch.oscillators[at];
        match wave {
            _ if level == 0.0 => {}
            Wave::Saw => self.oscillators[at].add_saw(saw, level, out),
            Wave::Pulse { .. } => self.oscillators[at].add_pulse(saw, self.pulses[at], level, out),
        }
    }

    fn add_sub(&mut self, out: &mut [f32]) {
        if self.patch.sub > 0.0 {
            self.sub.add_sine(self.patch.sub, out);
        }
    }

    /// Sets what changes slowly for the oscillators.
    fn control(&mut self, saw: &SawTables) {
        let semitones = self.slide();
        self.tune(saw, semitones);
        self.breathe();
    }

    /// Slides on. The pitch to have from now on.
    fn slide(&mut self) -> f32 {
        let distance = self.target - self.semitones;
        self.semitones =
            if distance.abs() < 0.002 { self.target } else { self.semitones + distance * SLIDE_PER_CONTROL };
        self.semitones + self.vibrato()
    }

    fn tune(&mut self, saw: &SawTables, semitones: f32) {
        if self.tuned == Some(semitones) {
            return;
        }
        self.tuned = Some(semitones);
        for (oscillator, patch) in self.oscillators.iter_mut().zip(&self.patch.oscillators) {
            if patch.level > 0.0 {
                oscillator.set_hz(saw, note_hz(self.patch.root + semitones + patch.semitones));
            }
        }
        if self.patch.sub > 0.0 {
            self.sub.set_hz(saw, note_hz(self.patch.root + semitones - 12.0));
        }
    }

    fn vibrato(&self) -> f32 {
        let vibrato = &self.patch.vibrato;
        if vibrato.semitones == 0.0 {
            return 0.0;
        }
        let seconds = self.seconds();
        let depth = ((seconds - vibrato.delay_seconds) * 4.0).clamp(0.0, 1.0);
        if depth == 0.0 {
            return 0.0;
        }
        depth * vibrato.semitones * sin_turns((seconds - vibrato.delay_seconds) * vibrato.hz)
    }

    fn seconds(&self) -> f32 {
        self.age as f32 / SAMPLE_RATE
    }

    /// Does a pulse width move? One that does not was set when the note began.
    fn breathes(&self) -> bool {
        let sweeps =
            |patch: &OscillatorPatch| matches!(patch.wave, Wave::Pulse { sweep, .. } if sweep != 0.0);
        self.patch.oscillators.iter().any(sweeps)
    }

    fn breathe(&mut self) {
        let seconds = self.seconds();
        for (pulse, patch) in self.pulses.iter_mut().zip(&self.patch.oscillators) {
            if let Wave::Pulse { width, sweep } = patch.wave
                && (sweep != 0.0 || self.age == 0)
            {
                *pulse = Pulse::width(width + sweep * sin_turns(self.sweep_phase + seconds * SWEEP_HZ));
            }
        }
    }

    /// How far the filters are to open, in octaves from the patch's cutoff.
    fn opening(&self) -> f32 {
        let filter = &self.patch.filter;
        filter.envelope_octaves * (1.0 + 0.35 * self.accent) * self.envelope.level()
            + filter.key_follow * self.semitones * (1.0 / 12.0)
            + self.velocity_octaves
            + self.params.cutoff_octaves
    }

    /// Where that is. Apart from [`Self::opening`], because it is a long chain of dependent steps: those of several
    /// voices at once overlap in the processor.
    #[inline]
    pub(super) fn setting(&self, octaves: f32) -> SvfSetting {
        self.filter.with_cutoff((self.patch.filter.cutoff_hz * exp2(octaves)).clamp(20.0, 18_000.0))
    }
}

/// From which frame of a segment on the filters open how far, in octaves.
pub(super) type Openings = [Option<(usize, f32)>; OPENINGS];

/// At most one every [`CONTROL_FRAMES`].
pub(super) const OPENINGS: usize = SEGMENT_FRAMES.div_ceil(CONTROL_FRAMES as usize);

impl Chain {
    /// The second stage for one channel alone; [`super::section`] runs it for eight at once.
    fn filter(
        &mut self,
        patch: &Patch,
        openings: &[Option<(usize, SvfSetting)>; OPENINGS],
        samples: &mut [f32],
    ) {
        let mut at = 0;
        let mut openings = openings.iter().flatten().peekable();
        while at < samples.len() {
            if let Some((_, setting)) = openings.next_if(|(from, _)| *from == at) {
                self.stages().into_iter().zip(stage_settings(*setting)).for_each(|(stage, setting)| {
                    stage.glide_to(setting, CONTROL_FRAMES);
                });
            }
            let end = openings.peek().map_or(samples.len(), |(from, _)| *from);
            let samples = &mut samples[at..end];
            // Both stages in one loop: their recursions overlap in the processor.
            let (mut first, mut second) = (self.first, self.second);
            if patch.filter.steep {
                samples.iter_mut().for_each(|sample| *sample = second.low(first.low(*sample)));
            } else {
                samples.iter_mut().for_each(|sample| *sample = second.low(*sample));
            }
            (self.first, self.second) = (first, second);
            at = end;
        }
    }

    fn stages(&mut self) -> [&mut Svf; 2] {
        [&mut self.first, &mut self.second]
    }
}

/// The first of two stages is flat, the second has the resonance.
fn stage_settings(setting: SvfSetting) -> [SvfSetting; 2] {
    [setting.with_q(FLAT_Q), setting]
}

fn multiply(samples: &mut [f32], gains: &[f32]) {
    for (sample, gain) in samples.iter_mut().zip(gains) {
        *sample *= gain;
    }
}

fn note_hz(note: f32) -> f32 {
    NOTE_0_HZ * semitones_to_ratio(note)
}

fn resonance(patch: &Patch, params: &NoteParams, accent: f32) -> SvfSetting {
    let FilterPatch { cutoff_hz, q, .. } = patch.filter;
    SvfSetting::new(cutoff_hz, resonant(q * (1.0 + 0.6 * accent), params.resonance))
}

fn velocity_octaves(patch: &Patch, strike: Strike) -> f32 {
    patch.filter.velocity_octaves * (f32::from(strike.velocity) - 100.0) * (1.0 / 100.0)
}

/// 0 up to the default velocity, the patch's accent at the highest.
fn accent(patch: &Patch, strike: Strike) -> f32 {
    patch.filter.accent * ((f32::from(strike.velocity) - 100.0) * (1.0 / 27.0)).max(0.0)
}

fn amplifier(patch: &Patch, params: &NoteParams) -> Adsr {
    let AdsrTimes { attack, decay, sustain, release } = patch.amp;
    Adsr::new(AdsrTimes {
        attack: attack + params.attack_seconds,
        decay: decay * params.decay,
        sustain,
        release: release * params.release,
    })
}

/// The filter's envelope, which steps with the controls. An accented note snaps shut sooner.
fn filter_envelope(patch: &Patch, params: &NoteParams, accent: f32) -> Adsr {
    let AdsrTimes { attack, decay, sustain, release } = patch.envelope;
    Adsr::every(
        CONTROL_FRAMES,
        AdsrTimes {
            attack,
            decay: decay * (1.0 - 0.4 * accent) * params.decay,
            sustain,
            release: release * params.release,
        },
    )
}
