//! Tom: two modes of a skin whose pitch falls as it relaxes, and the stroke as dull noise.

use antiphon_dsp::{Decay, Drive, SawTables, Svf};

use super::{
    Hit, Struck,
    mode::{Mode, Stroke},
};

pub(super) struct Tom {
    tension: Decay,
    sag: Decay,
    skin: [Mode; 2],
    stroke: Stroke,
    push: f32,
    drive: Drive,
}

impl Tom {
    pub(super) fn new(hit: Hit) -> Self {
        let (ratio, force) = (hit.ratio(), hit.force());
        let tone = Svf::new((900.0 + 2_200.0 * force) * ratio.sqrt(), 0.8);
        Self {
            tension: Decay::new(0.05),
            sag: Decay::new(0.38),
            skin: [
                Mode::new(104.0 * ratio, 0.9, hit.body(0.72)),
                Mode::new(165.0 * ratio, 0.28, hit.body(0.30)),
            ],
            stroke: Stroke::new(hit.seed, 0.6, hit.transient(0.045), tone),
            push: 0.9 + 0.7 * force,
            drive: Drive::default(),
        }
    }
}

impl Struck for Tom {
    fn next(&mut self, _: &SawTables) -> f32 {
        let bend = 1.0 + 0.55 * self.tension.next_value() + 0.38 * self.sag.next_value();
        let [low, high] = &mut self.skin;
        let hit = low.next(bend) + high.next(bend) + self.stroke.next_value();
        self.drive.process(hit * self.push)
    }

    fn level(&self) -> f32 {
        self.skin[0].level()
    }
}
