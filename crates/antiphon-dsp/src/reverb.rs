//! Room: a feedback-delay network.
//!
//! Eight delay lines of unrelated lengths feed back into one another through a Hadamard matrix, which mixes all of
//! them and keeps their energy (Jot, 1992). So how long the sound lasts follows from one gain per line alone:
//! a line of d frames loses 60 dB · d / (T · 48 000) each time round. A one-pole low-pass in every line makes
//! the treble die away sooner, as air and walls do. Before the network each channel passes two allpass
//! filters, which turn a click into a burst: the echoes are dense from the beginning.
//!
//! Values below -300 dB become zero, so nothing ends in denormals.

use wide::f32x8;

use crate::{
    SAMPLE_RATE,
    math::{decay_factor, exp2},
};

const LINES: usize = 8;
/// Frames of each line: primes between 22 and 75 ms, spaced by a near constant ratio, none twice another.
const DELAYS: [usize; LINES] = [1_063, 1_259, 1_511, 1_789, 2_131, 2_543, 3_001, 3_571];
const RING: usize = 4_096;
/// Allpass filters in front, left and right, in frames; 2 to 8 ms.
const DIFFUSERS: [[usize; 2]; 2] = [[113, 337], [139, 389]];
const DIFFUSION: f32 = 0.6;
/// 1 / √8 keeps the energy of a Hadamard matrix of eight.
const MIX: f32 = 0.353_553_4;
/// -300 dB.
const NOTHING: f32 = 1e-15;

/// How a [`Reverb`] sounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReverbSettings {
    /// Seconds until the bass has fallen by 60 dB, 0.1 to 60.
    pub seconds: f32,
    /// How much sooner the treble dies away: 0 not at all, 1 almost at once.
    pub damping: f32,
}

impl Default for ReverbSettings {
    fn default() -> Self {
        Self { seconds: 1.8, damping: 0.35 }
    }
}

/// A stereo room; gives the wet sound alone.
pub struct Reverb {
    /// Frame-major, so that a frame is written in one go.
    ring: Box<[[f32; LINES]]>,
    at: usize,
    gains: f32x8,
    /// What a low-pass keeps of its own last value.
    damping: f32x8,
    damped: f32x8,
    diffusers: [[Allpass; 2]; 2],
}

impl Reverb {
    /// An empty room. Allocates; nothing else does.
    pub fn new(settings: ReverbSettings) -> Self {
        let mut reverb = Self {
            ring: vec![[0.0; LINES]; RING].into_boxed_slice(),
            at: 0,
            gains: f32x8::ZERO,
            damping: f32x8::ZERO,
            damped: f32x8::ZERO,
            diffusers: DIFFUSERS.map(|pair| pair.map(Allpass::new)),
        };
        reverb.set(settings);
        reverb
    }

    /// Changes the sound; what is in the room goes on with it.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn set(&mut self, settings: ReverbSettings) {
        let per_frame = decay_factor(settings.seconds.clamp(0.1, 60.0));
        let octaves = -settings.damping.clamp(0.0, 1.0) * 4.0;
        // The treble of a line of middle length lasts 2^octaves as long.
        let keep = (1.0 - exp2(octaves)) * 0.9;
        let gain = |delay: usize| power(per_frame, delay);
        let share = |delay: usize| keep * (delay as f32 / DELAYS[LINES - 1] as f32);
        self.gains = f32x8::from(DELAYS.map(gain));
        self.damping = f32x8::from(DELAYS.map(share));
    }

    /// Replaces the dry sound by the wet one.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (left, right) in left.iter_mut().zip(right.iter_mut()) {
            [*left, *right] = self.next(*left, *right);
        }
    }

    /// The next frame.
    #[inline]
    fn next(&mut self, left: f32, right: f32) -> [f32; 2] {
        let [into_left, into_right] = &mut self.diffusers;
        let left = into_left.iter_mut().fold(left, |sample, allpass| allpass.process(sample));
        let right = into_right.iter_mut().fold(right, |sample, allpass| allpass.process(sample));

        let mut heard = [0.0; LINES];
        for (line, (heard, delay)) in heard.iter_mut().zip(DELAYS).enumerate() {
            *heard = self.ring[(self.at + RING - delay) % RING][line];
        }
        let heard = f32x8::from(heard) * self.gains;
        self.damped = without_dust(heard + self.damping * (self.damped - heard));
        let out = self.damped.to_array();
        let back = mix(out);
        // Even lines are fed from the left and heard there, odd ones from and on the right.
        let input = f32x8::from([left, right, left, right, -left, -right, -left, -right]);
        self.ring[self.at] = (back + input).to_array();
        self.at = (self.at + 1) % RING;
        [MIX * ((out[0] - out[2]) + (out[4] - out[6])), MIX * ((out[1] - out[3]) + (out[5] - out[7]))]
    }
}

/// `x` to the power of `n` by squaring: the same steps everywhere.
fn power(x: f32, mut n: usize) -> f32 {
    let (mut square, mut product) = (f64::from(x), 1.0_f64);
    while n > 0 {
        if n % 2 == 1 {
            product *= square;
        }
        square *= square;
        n /= 2;
    }
    product as f32
}

fn without_dust(values: f32x8) -> f32x8 {
    f32x8::from(values.to_array().map(|value| if value.abs() < NOTHING { 0.0 } else { value }))
}

/// The Hadamard matrix of eight: three rounds of sums and differences.
#[inline]
fn mix(values: [f32; LINES]) -> f32x8 {
    let mut v = values;
    for distance in [1, 2, 4] {
        let last = v;
        for (at, out) in v.iter_mut().enumerate() {
            let other = last[at ^ distance];
            *out = if at & distance == 0 { last[at] + other } else { other - last[at] };
        }
    }
    f32x8::from(v) * MIX
}

/// Delays each frequency by another time and keeps its level.
struct Allpass {
    ring: Box<[f32]>,
    at: usize,
}

impl Allpass {
    fn new(frames: usize) -> Self {
        Self { ring: vec![0.0; frames].into_boxed_slice(), at: 0 }
    }

    #[inline]
    fn process(&mut self, input: f32) -> f32 {
        let Some(slot) = self.ring.get_mut(self.at) else { return input };
        let delayed = *slot;
        let fed = input - DIFFUSION * delayed;
        let fed = if fed.abs() < NOTHING { 0.0 } else { fed };
        *slot = fed;
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
        }
        delayed + DIFFUSION * fed
    }
}

const _: () = assert!(DELAYS[LINES - 1] < RING && SAMPLE_RATE == 48_000.0);
