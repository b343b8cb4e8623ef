//! Snare drum: two modes of the skin that sag a little in pitch, and the wires as noise in two bands.
//!
//! The wires outlast the skin and get brighter with force, as the real ones do.

use antiphon_dsp::{Decay, Drive, Noise, SawTables, Svf};

use super::{Hit, Struck, mode::Mode};

pub(super) struct Snare {
    sag: Decay,
    skin: [Mode; 2],
    snap: Decay,
    wires: Decay,
    noise: Noise,
    low_wires: Svf,
    high_wires: Svf,
    air: Svf,
    drive: Drive,
}

impl Snare {
    pub(super) fn new(hit: Hit) -> Self {
        let (ratio, force) = (hit.ratio(), hit.force());
        // The wires do not change their size with the tuning as the skin does.
        let wires_ratio = ratio.sqrt();
        Self {
            sag: Decay::new(0.05),
            skin: [
                Mode::new(184.0 * ratio, 0.62, hit.body(0.20)),
                Mode::new(332.0 * ratio, 0.34, hit.body(0.12)),
            ],
            snap: Decay::new(hit.transient(0.028)),
            wires: Decay::new(hit.body(0.26 + 0.12 * force)),
            noise: Noise::new(hit.seed),
            low_wires: Svf::new(1_900.0 * wires_ratio, 0.9),
            high_wires: Svf::new(3_800.0 * wires_ratio, 0.7),
            air: Svf::new(6_000.0 + 9_000.0 * force, 0.7),
            drive: Drive::default(),
        }
    }
}

impl Struck for Snare {
    fn next(&mut self, _: &SawTables) -> f32 {
        let bend = 1.0 + 0.5 * self.sag.next_value();
        let [low, high] = &mut self.skin;
        let skin = low.next(bend) + high.next(bend);
        let noise = self.noise.next_value();
        let wires = self.low_wires.band(noise) * 0.9 + self.high_wires.high(noise) * 0.55;
        let envelope = self.wires.next_value() * 0.95 + self.snap.next_value() * 0.6;
        let wires = self.air.low(wires * envelope);
        self.drive.process((skin + wires) * 1.3)
    }

    fn level(&self) -> f32 {
        self.wires.level()
    }
}
