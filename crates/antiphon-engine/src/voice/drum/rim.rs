//! Rim shot: stick on metal and wood. Two short, inharmonic tones and a tick, pushed into saturation.

use antiphon_dsp::{Drive, SawTables, Svf};

use super::{
    Hit, Struck,
    mode::{Mode, Stroke},
};

pub(super) struct Rim {
    wood: Mode,
    metal: Mode,
    tick: Stroke,
    floor: Svf,
    push: f32,
    drive: Drive,
}

impl Rim {
    pub(super) fn new(hit: Hit) -> Self {
        let (ratio, force) = (hit.ratio(), hit.force());
        let tone = Svf::new((2_800.0 + 3_400.0 * force) * ratio.sqrt(), 1.2);
        Self {
            wood: Mode::new(478.0 * ratio, 0.65, hit.body(0.085)),
            metal: Mode::new(1_735.0 * ratio, 0.75, hit.body(0.055)),
            tick: Stroke::new(hit.seed, 0.6, hit.transient(0.016), tone),
            floor: Svf::new(320.0, 0.7),
            push: 1.2 + 1.4 * force,
            drive: Drive::default(),
        }
    }
}

impl Struck for Rim {
    fn next(&mut self, _: &SawTables) -> f32 {
        let hit = self.wood.next(1.0) + self.metal.next(1.0) + self.tick.next_value();
        self.drive.process(self.floor.high(hit) * self.push)
    }

    fn level(&self) -> f32 {
        self.wood.level()
    }
}
