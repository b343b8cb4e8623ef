//! Cowbell: two squares a rough fifth apart through a band-pass, struck and then ringing.

use antiphon_dsp::{Decay, Oscillator, Pulse, SawTables, Svf};

use super::{Hit, Struck};

const BELL_HZ: [f32; 2] = [557.0, 843.0];

pub(super) struct Cowbell {
    bells: [Oscillator; 2],
    strike: Decay,
    ring: Decay,
    band: Svf,
    floor: Svf,
    air: Svf,
}

impl Cowbell {
    pub(super) fn new(hit: Hit, saw: &SawTables) -> Self {
        let (ratio, force) = (hit.ratio(), hit.force());
        Self {
            bells: BELL_HZ.map(|hz| Oscillator::new(saw, hz * ratio, 0.0)),
            strike: Decay::new(hit.transient(0.05)),
            ring: Decay::new(hit.body(0.55)),
            band: Svf::new(1_150.0 * ratio, 1.4),
            floor: Svf::new(430.0 * ratio, 0.8),
            air: Svf::new(3_500.0 + 5_500.0 * force, 0.7),
        }
    }
}

impl Struck for Cowbell {
    fn next(&mut self, saw: &SawTables) -> f32 {
        let [low, high] = &mut self.bells;
        let bells = low.pulse(saw, Pulse::SQUARE) * 0.5 + high.pulse(saw, Pulse::SQUARE) * 0.45;
        let bells = self.band.band(bells) + bells * 0.25;
        let envelope = self.strike.next_value() * 0.55 + self.ring.next_value() * 0.55;
        self.air.low(self.floor.high(bells)) * envelope
    }

    fn level(&self) -> f32 {
        self.ring.level()
    }
}
