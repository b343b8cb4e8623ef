//! Hand clap: several hands a few milliseconds apart, then the room.
//!
//! The same band of noise is struck three times in short succession and a fourth time with a longer tail. When exactly
//! each hand lands follows from the note's seed, so claps vary without ever differing between two peers.

use antiphon_dsp::{Decay, Noise, SawTables, Svf};

use super::{Hit, Struck};

/// When the later hands land, in frames (10, 19 and 29 ms), give or take [`LOOSE_FRAMES`].
const HANDS: [f32; 3] = [480.0, 930.0, 1_400.0];
const LOOSE_FRAMES: f32 = 70.0;
const HAND_SECONDS: f32 = 0.026;

pub(super) struct Clap {
    age: u32,
    hands: [u32; 3],
    landed: usize,
    hand: Decay,
    hand_seconds: f32,
    room: Decay,
    noise: Noise,
    palm: Svf,
    fingers: Svf,
    air: Svf,
}

impl Clap {
    pub(super) fn new(hit: Hit) -> Self {
        let (ratio, force) = (hit.ratio(), hit.force());
        let mut noise = Noise::new(hit.seed);
        Self {
            age: 0,
            hands: HANDS.map(|frames| (frames + noise.next_value() * LOOSE_FRAMES) as u32),
            landed: 0,
            hand: Decay::new(hit.transient(HAND_SECONDS)),
            hand_seconds: hit.transient(HAND_SECONDS),
            room: Decay::new(hit.body(0.34)),
            noise,
            palm: Svf::new(1_050.0 * ratio, 1.6),
            fingers: Svf::new(2_300.0 * ratio, 1.1),
            air: Svf::new(5_000.0 + 7_000.0 * force, 0.6),
        }
    }

    fn envelope(&mut self) -> f32 {
        if self.hands.get(self.landed) == Some(&self.age) {
            self.landed += 1;
            self.hand = Decay::new(self.hand_seconds);
        }
        self.age += 1;
        // The room answers the last hand.
        let room = if self.landed == HANDS.len() { 0.5 * self.room.next_value() } else { 0.0 };
        self.hand.next_value() + room
    }
}

impl Struck for Clap {
    fn next(&mut self, _: &SawTables) -> f32 {
        let noise = self.noise.next_value() * self.envelope();
        let hands = self.palm.band(noise) * 1.5 + self.fingers.band(noise) * 0.8;
        self.air.low(hands) * 1.6
    }

    fn level(&self) -> f32 {
        self.room.level()
    }
}
