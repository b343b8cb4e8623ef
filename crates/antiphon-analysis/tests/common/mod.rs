//! A room with two devices in it, simulated: speakers, microphones, walls, a table, noise, crystals.
//!
//! Walls are mirrors (the image-source method): every reflection up to the third order and a diffuse tail after
//! them. A recording is rendered in its own recorder's time, so a crystal that is off costs nothing and is exact.
#![allow(clippy::disallowed_methods, reason = "simulates; nobody has to get the same bits")]
#![allow(dead_code, reason = "each test binary uses its part")]

use std::f64::consts::TAU;

use antiphon_analysis::{Voice, train};
use realfft::RealFftPlanner;

pub const SOUND: f64 = 343.0;
/// The players' waveform is kept this fine, so that any instant of it is a short interpolation away.
const FINE: u32 = 384_000;

pub type Point = [f64; 3];

/// Random numbers from a seed (xorshift).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        (0..8).for_each(|_| {
            dice.unit();
        });
        dice
    }

    pub fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (TAU * self.unit()).cos()
    }
}

/// One device.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    pub speaker: Point,
    pub microphone: Point,
    /// How much later than agreed its speaker plays, seconds.
    pub output_late: f64,
    /// How much after the agreed start its recording begins, seconds; its input latency is part of that.
    pub recording_starts: f64,
    /// How fast its recorder runs.
    pub ppm: f64,
    /// Samples a second of its recording.
    pub rate: u32,
}

/// What disturbs a recording.
#[derive(Debug, Clone, Copy)]
pub struct Disturbance {
    /// White noise, this much below the farther device's chirps.
    pub snr_db: f64,
    /// 50 Hz and its harmonics, of this amplitude.
    pub hum: f64,
    /// The recorder clips here; a recording is scaled to a peak of 1 before.
    pub clip_at: f64,
}

impl Default for Disturbance {
    fn default() -> Self {
        Self { snr_db: 30.0, hum: 0.0, clip_at: f64::INFINITY }
    }
}

/// A room.
#[derive(Debug, Clone)]
pub struct Room {
    pub size: Point,
    /// What a wall gives back.
    pub reflects: f64,
    /// The time in which the tail falls by 60 dB, seconds.
    pub rings: f64,
    /// What the direct way between the two devices keeps: a screen may stand in it.
    pub direct: f64,
    pub devices: [Device; 2],
    pub seconds: f64,
}

fn distance(one: Point, two: Point) -> f64 {
    one.iter().zip(two).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

impl Room {
    /// A room, its devices and their crystals, drawn from `dice`.
    pub fn random(dice: &mut Dice) -> Self {
        let size = [dice.within(3.0, 8.0), dice.within(3.0, 6.0), dice.within(2.3, 3.2)];
        let rates = [44_100, 48_000, 96_000];
        let device = |dice: &mut Dice, place: Point| {
            let reach = dice.within(0.05, 0.35);
            let angle = dice.within(0.0, TAU);
            Device {
                speaker: place,
                microphone: [place[0] + reach * angle.cos(), place[1] + reach * angle.sin(), place[2] + 0.1],
                output_late: dice.within(0.005, 0.3),
                recording_starts: dice.within(-0.5, 0.05),
                ppm: dice.within(-100.0, 100.0),
                rate: rates[(dice.unit() * 3.0) as usize],
            }
        };
        let spot = |dice: &mut Dice| {
            let along = |dice: &mut Dice, length: f64| dice.within(0.5, length - 0.5);
            [along(dice, size[0]), along(dice, size[1]), dice.within(0.78, 1.1)]
        };
        let first = spot(dice);
        let second = loop {
            let place = spot(dice);
            if distance(first, place) > 0.7 {
                break place;
            }
        };
        Self {
            size,
            reflects: dice.within(0.5, 0.85),
            rings: dice.within(0.2, 0.6),
            direct: dice.within(0.5, 1.0),
            devices: [device(dice, first), device(dice, second)],
            seconds: 5.5,
        }
    }

    /// How far from the speaker of `player` to the microphone of `recorder`.
    pub fn way(&self, player: usize, recorder: usize) -> f64 {
        distance(self.devices[player].speaker, self.devices[recorder].microphone)
    }

    /// By how much device 1 (voice b) is later, and what half the ways add to it: what a perfect ear would find.
    pub fn truth(&self) -> f64 {
        let outputs = self.devices[1].output_late - self.devices[0].output_late;
        let ways = self.way(1, 0) - self.way(0, 0) + self.way(1, 1) - self.way(0, 1);
        outputs + ways / (2.0 * SOUND)
    }

    /// What device `recorder` records.
    pub fn record(&self, recorder: usize, disturbance: Disturbance, dice: &mut Dice) -> Vec<f32> {
        let voices = [Voice::A, Voice::B].map(|voice| self.heard(voice, recorder, dice));
        let far = &voices[1 - recorder];
        let loud = far.iter().fold(0.0_f64, |peak, value| peak.max(value.abs()));
        // The power of the chirps alone, not of the silence between them.
        let active: Vec<f64> = far.iter().copied().filter(|value| value.abs() > 0.05 * loud).collect();
        let power = active.iter().map(|value| value * value).sum::<f64>() / active.len().max(1) as f64;
        let noise = (power / 10_f64.powf(disturbance.snr_db / 10.0)).sqrt();
        let rate = f64::from(self.devices[recorder].rate);
        let mixed = voices[0].iter().zip(&voices[1]).enumerate().map(|(frame, (a, b))| {
            let turn = TAU * 50.0 * frame as f64 / rate;
            let hum = disturbance.hum * (turn.sin() + 0.5 * (3.0 * turn).sin() + 0.3 * (7.0 * turn).sin());
            a + b + hum + noise * dice.normal()
        });
        let mixed: Vec<f64> = mixed.collect();
        let peak = mixed.iter().fold(1e-9_f64, |peak, value| peak.max(value.abs()));
        let clip = disturbance.clip_at;
        mixed.iter().map(|value| (value / peak).clamp(-clip, clip) as f32).collect()
    }

    fn heard(&self, voice: Voice, recorder: usize, dice: &mut Dice) -> Vec<f64> {
        let player = usize::from(voice == Voice::B);
        let (from, to) = (self.devices[player], self.devices[recorder]);
        let rate = f64::from(to.rate) * (1.0 + to.ppm * 1e-6);
        let fine = train(voice, FINE);
        let frames = (self.seconds * f64::from(to.rate)) as usize;
        let dry = (0..frames).map(|frame| {
            let session = to.recording_starts + frame as f64 / rate;
            interpolated(&fine, (session - from.output_late) * f64::from(FINE))
        });
        convolved(&dry.collect::<Vec<f64>>(), &self.response(player, recorder, rate, dice))
    }

    /// The impulse response from a speaker to a microphone.
    fn response(&self, player: usize, recorder: usize, rate: f64, dice: &mut Dice) -> Vec<f64> {
        let (speaker, microphone) = (self.devices[player].speaker, self.devices[recorder].microphone);
        let mut response = vec![0.0; (rate * (self.rings + 0.1)) as usize];
        let screen = if player == recorder { 1.0 } else { self.direct };
        add_path(&mut response, rate, distance(speaker, microphone), screen);
        // The table both stand on, 75 cm high.
        let mirrored = [speaker[0], speaker[1], 1.5 - speaker[2]];
        add_path(&mut response, rate, distance(mirrored, microphone), 0.5 * screen);
        for (image, bounces) in self.images(speaker) {
            let gain = self.reflects.powi(bounces);
            add_path(&mut response, rate, distance(image, microphone), gain);
        }
        let begins = (self.size[0] + self.size[1]) / SOUND;
        for (frame, value) in response.iter_mut().enumerate() {
            let seconds = frame as f64 / rate;
            if seconds > begins {
                *value += 0.02
                    * self.reflects
                    * dice.normal()
                    * (-6.9 * seconds / self.rings).exp()
                    * (48_000.0 / rate).sqrt();
            }
        }
        response
    }

    /// The speaker in the mirrors, with the number of bounces; not the speaker itself.
    fn images(&self, speaker: Point) -> Vec<(Point, i32)> {
        let along = |axis: usize| {
            let (at, length) = (speaker[axis], self.size[axis]);
            (-3_i32..=3).map(move |n| {
                let own = f64::from(n) * length + if n % 2 == 0 { at } else { length - at };
                (own, n.abs())
            })
        };
        let mut images = Vec::new();
        for (x, i) in along(0) {
            for (y, j) in along(1) {
                for (z, k) in along(2) {
                    if (1..=3).contains(&(i + j + k)) {
                        images.push(([x, y, z], i + j + k));
                    }
                }
            }
        }
        images
    }
}

/// One way of sound: a fractional delay of 32 windowed-sinc taps, and the loss of distance.
fn add_path(response: &mut [f64], rate: f64, metres: f64, gain: f64) {
    let at = metres / SOUND * rate;
    let first = at.floor() as i64 - 15;
    for tap in first..first + 32 {
        let x = tap as f64 - at;
        let window = (0.5 + 0.5 * (TAU / 2.0 * x / 16.5).cos()).max(0.0);
        let sinc = if x.abs() < 1e-9 { 1.0 } else { (TAU / 2.0 * x).sin() / (TAU / 2.0 * x) };
        // What comes before time 0 belongs to a speaker within the microphone.
        if let Some(value) = usize::try_from(tap).ok().and_then(|tap| response.get_mut(tap)) {
            *value += gain / metres.max(0.05) * sinc * window;
        }
    }
}

/// Four-point Hermite; the waveform is 50 times finer than its highest tone.
fn interpolated(fine: &[f32], at: f64) -> f64 {
    let index = at.floor();
    let x = at - index;
    let value = |offset: i64| {
        usize::try_from(index as i64 + offset).ok().and_then(|i| fine.get(i)).map_or(0.0, |v| f64::from(*v))
    };
    let [a, b, c, d] = [value(-1), value(0), value(1), value(2)];
    let slope = (c - a) / 2.0;
    let curve = a - 2.5 * b + 2.0 * c - 0.5 * d;
    let bend = (d - a) / 2.0 + 1.5 * (b - c);
    ((bend * x + curve) * x + slope) * x + b
}

fn convolved(signal: &[f64], response: &[f64]) -> Vec<f64> {
    let length = (signal.len() + response.len()).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
    let transform = |values: &[f64]| {
        let (mut input, mut bins) = (forward.make_input_vec(), forward.make_output_vec());
        input[..values.len()].copy_from_slice(values);
        forward.process(&mut input, &mut bins).unwrap();
        bins
    };
    let (mut bins, other) = (transform(signal), transform(response));
    for (bin, other) in bins.iter_mut().zip(other) {
        *bin *= other;
    }
    let mut out = inverse.make_output_vec();
    let last = bins.len() - 1;
    bins[0].im = 0.0;
    bins[last].im = 0.0;
    inverse.process(&mut bins, &mut out).unwrap();
    out.truncate(signal.len());
    out.iter().map(|value| value / length as f64).collect()
}
