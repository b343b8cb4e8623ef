//! A tone that everybody plays, and how its phase, pitch and smoothness on a card betray every move of the stream.
//!
//! The canonical stream is a sine of 1 kHz. What a card plays of it is again a sine, whose phase in true time is the
//! place in the stream that is heard: nothing else is needed to see a jump, a gap, a slew or a change of pitch, to
//! nanoseconds. Every second sample of a sine is fixed by the two before it; a sample that breaks that rule is a click.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

use antiphon_audio_io::{CardSpec, Source, VirtualCard};
use antiphon_testkit::sound;
use antiphon_timeline::{CANONICAL_RATE, Frames};

use crate::stage::{SECOND, Stage};

const HERTZ: f64 = 1_000.0;
const LEVEL: f64 = 0.5;
/// Frames over which phase is measured: whole periods of the tone, a hundredth of a second.
const WINDOW: usize = 480;

struct Tone;

impl Source for Tone {
    fn render(&mut self, first: Frames, out: &mut [f32]) {
        // A period is exactly 48 frames, so that the phase is exact wherever the session is.
        let period = i64::from(CANONICAL_RATE) / HERTZ as i64;
        for (frame, place) in (first.0..).zip(out.as_chunks_mut::<2>().0) {
            let phase = frame.rem_euclid(period) as f64 / period as f64;
            *place = [(LEVEL * (std::f64::consts::TAU * phase).sin()) as f32; 2];
        }
    }
}

/// A card that plays the tone, and what it played.
pub struct Singer {
    card: VirtualCard,
    rate: f64,
    pub tape: Vec<f32>,
}

/// The tone in one window of a tape.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub at_s: f64,
    /// How far the stream is ahead of true time here, but for whole periods between two windows that nobody slews.
    pub ahead_ns: f64,
    /// How far from the neighbours' sine a sample is, relative to the tone.
    pub click: f64,
    /// The tone's level, relative to what is played.
    pub level: f64,
}

impl Singer {
    pub fn join(stage: &mut Stage, spec: CardSpec) -> Self {
        let rate = f64::from(spec.rate);
        Self { card: stage.join(spec, Box::new(Tone)), rate, tape: Vec::new() }
    }

    pub fn listen(&mut self) {
        self.tape.extend(sound::channel(&self.card.take(), 2, 0));
    }

    /// The tape from true time `from_s` on, window by window.
    pub fn moments(&self, from_s: f64) -> Vec<Moment> {
        let mut moments: Vec<Moment> = Vec::new();
        for (at, window) in self.tape.chunks_exact(WINDOW).enumerate() {
            let from = at * WINDOW;
            let at_s = self.card.heard_ns((from + WINDOW / 2) as f64) / 1e9;
            if at_s < from_s {
                continue;
            }
            let before = moments.last().map(|moment| moment.ahead_ns);
            moments.push(self.moment(from, window, at_s, before));
        }
        moments
    }

    fn moment(&self, from: usize, window: &[f32], at_s: f64, before: Option<f64>) -> Moment {
        let (mut re, mut im) = (0.0, 0.0);
        for (at, sample) in window.iter().enumerate() {
            let phase =
                std::f64::consts::TAU * (self.card.heard_ns((from + at) as f64) / 1e9 * HERTZ).fract();
            re += f64::from(*sample) * phase.sin();
            im += f64::from(*sample) * phase.cos();
        }
        let scale = 2.0 / window.len() as f64;
        let period_ns = SECOND as f64 / HERTZ;
        let ahead_ns = im.atan2(re) / std::f64::consts::TAU * period_ns;
        let whole = before.map_or(0.0, |before| ((before - ahead_ns) / period_ns).round());
        let click = self.worst_click(window);
        Moment { at_s, ahead_ns: ahead_ns + whole * period_ns, click, level: re.hypot(im) * scale / LEVEL }
    }

    fn worst_click(&self, window: &[f32]) -> f64 {
        let twice_cos = 2.0 * (std::f64::consts::TAU * HERTZ / self.rate).cos();
        let off = |three: &[f32]| {
            (f64::from(three[0]) - twice_cos * f64::from(three[1]) + f64::from(three[2])).abs() / LEVEL
        };
        window.windows(3).map(off).fold(0.0, f64::max)
    }
}

/// The largest deviation of pitch from that of the first five seconds, in cents, over tenths of seconds.
pub fn pitch_cents(moments: &[Moment]) -> f64 {
    let ppm = |pair: [&Moment; 2]| {
        (pair[1].ahead_ns - pair[0].ahead_ns) / ((pair[1].at_s - pair[0].at_s) * 1e9) * 1e6
    };
    let usual = ppm([&moments[0], &moments[500.min(moments.len() - 1)]]);
    let pairs = moments.iter().zip(moments.iter().skip(10));
    pairs.map(|(one, other)| (ppm([one, other]) - usual).abs() / 578.0).fold(0.0, f64::max)
}
