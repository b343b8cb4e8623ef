//! Bass drum: a sine that falls from a knock to its note, a beater's click, and a saturating stage that lets
//! small speakers hear it.
//!
//! Two exponentials bend the pitch: a quick one that is heard as the attack, and a slow one as weight.

use antiphon_dsp::{Decay, Drive, SawTables, Svf};

use super::{
    Hit, Struck,
    mode::{Mode, Stroke},
};

const NOTE_HZ: f32 = 49.0;

pub(super) struct Kick {
    knock: Decay,
    weight: Decay,
    skin: Mode,
    beater: Stroke,
    push: f32,
    drive: Drive,
}

impl Kick {
    pub(super) fn new(hit: Hit) -> Self {
        let force = hit.force();
        let tone = Svf::new(1_800.0 + 3_600.0 * force, 0.8);
        Self {
            knock: Decay::new(0.055),
            weight: Decay::new(0.30),
            skin: Mode::new(NOTE_HZ * hit.ratio(), 1.0, hit.body(0.62)),
            beater: Stroke::new(hit.seed, 0.15 + 0.55 * force * force, hit.transient(0.014), tone),
            push: 1.1 + 1.1 * force,
            drive: Drive::default(),
        }
    }
}

impl Struck for Kick {
    fn next(&mut self, _: &SawTables) -> f32 {
        let bend = 1.0 + 5.2 * self.knock.next_value() + 0.75 * self.weight.next_value();
        let hit = self.skin.next(bend) + self.beater.next_value();
        self.drive.process(hit * self.push)
    }

    fn level(&self) -> f32 {
        self.skin.level()
    }
}
