//! Hi-hat: a cluster of six squares that share no common pitch, of which only the top is let through, and some noise.
//!
//! Six clashing squares are how analogue machines imitate a cymbal's many modes. Here they are band-limited, so what
//! is heard at 10 kHz are their true harmonics and not folded ones. Closed and open differ in their decay.

use antiphon_dsp::{Decay, Noise, Oscillator, Pulse, SawTables, Svf};

use super::{Hit, Struck};

const CLUSTER_HZ: [f32; 6] = [263.0, 389.5, 411.3, 541.7, 677.9, 821.1];

pub(super) struct Hat {
    cluster: [Oscillator; 6],
    noise: Noise,
    floor: Svf,
    ring: Svf,
    stick: Decay,
    sizzle: Decay,
    air: Svf,
}

impl Hat {
    pub(super) fn closed(hit: Hit, saw: &SawTables) -> Self {
        Self::new(hit, saw, 0.12 + 0.07 * hit.force())
    }

    pub(super) fn open(hit: Hit, saw: &SawTables) -> Self {
        Self::new(hit, saw, 0.75 + 0.25 * hit.force())
    }

    fn new(hit: Hit, saw: &SawTables, seconds: f32) -> Self {
        let (ratio, force) = (hit.ratio(), hit.force());
        let mut noise = Noise::new(hit.seed);
        let upper = ratio.sqrt();
        Self {
            cluster: CLUSTER_HZ.map(|hz| Oscillator::new(saw, hz * ratio, noise.next_unipolar())),
            floor: Svf::new(6_800.0 * upper, 0.8),
            ring: Svf::new(9_400.0 * upper, 1.6),
            stick: Decay::new(hit.transient(0.022)),
            sizzle: Decay::new(hit.body(seconds)),
            air: Svf::new(9_000.0 + 9_000.0 * force, 0.6),
            noise,
        }
    }
}

impl Struck for Hat {
    fn next(&mut self, saw: &SawTables) -> f32 {
        let mut cluster = 0.0;
        for oscillator in &mut self.cluster {
            cluster += oscillator.pulse(saw, Pulse::SQUARE);
        }
        let metal = cluster * 0.5 + self.noise.next_value() * 0.55;
        let metal = self.ring.band(metal) * 0.8 + metal * 0.5;
        let envelope = self.sizzle.next_value() * 0.8 + self.stick.next_value() * 0.3;
        self.air.low(self.floor.high(metal)) * envelope
    }

    fn level(&self) -> f32 {
        self.sizzle.level()
    }
}
