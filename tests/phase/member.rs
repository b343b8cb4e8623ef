//! One peer of the jam, from the folded acts to the card. Its clock lives in the lab.

use antiphon_audio_io::CardSpec;
use antiphon_engine::{Controller, Ears, compile, player, reference::SongBuilder};
use antiphon_model::{Gain, Song, Sound, Strip};
use antiphon_timeline::{
    Frames, Hlc, OpKind, Run, SessionTime, Tempo, Ticks, Timeline, TimelineOp, Transport,
};

use crate::{
    onsets::{CLICK, Onsets, click_pool},
    stage::Stage,
};

/// Every second step has a click.
pub const STEPS_APART: i64 = 2;
/// An act takes effect this long after it was made, as it does in company on a LAN.
const LEAD_NS: i64 = 80_000_000;

pub struct Member {
    pub onsets: Onsets,
    /// What plays; its first track has the clicks.
    pub song: Song,
    controller: Controller,
    timeline: Timeline,
    hlc: Hlc,
    /// Signs its acts.
    number: u8,
    /// What the engine plays.
    run: Option<Run>,
}

impl Member {
    /// Goes on the stage with a card and loads the song.
    pub fn start(stage: &mut Stage, spec: CardSpec) -> Self {
        let channels = spec.channels;
        let (controller, mut engine) = player();
        let strip = Strip { gain: Gain::default(), ..Strip::default() };
        let song = SongBuilder::new(120.0, 0).track(Sound::Sample(CLICK), strip, "0:127 .").build();
        let source = move |first: Frames, out: &mut [f32]| engine.process(first, out);
        let card = stage.join(spec, Box::new(source));
        let mut member = Self {
            onsets: Onsets::of(card, channels),
            timeline: Timeline::new(song.tempo),
            song,
            controller,
            hlc: Hlc::new(),
            number: stage.places.len() as u8,
            run: None,
        };
        member.edit(|_| {});
        member
    }

    /// Changes the song while it plays.
    pub fn edit(&mut self, change: impl FnOnce(&mut Song)) {
        change(&mut self.song);
        self.controller.set_plan(compile(&self.song, &click_pool(), &Ears::default()));
    }

    /// The run that plays.
    pub fn run(&self) -> &Run {
        self.run.as_ref().expect("somebody pressed play")
    }

    /// Starts the song from its beginning.
    pub fn play(&mut self, now: SessionTime) -> TimelineOp {
        self.act(now, OpKind::Play { at: now + LEAD_NS, from: Ticks::ZERO, count_in: Ticks::ZERO })
    }

    /// Changes the tempo of what plays.
    pub fn set_tempo(&mut self, now: SessionTime, tempo: Tempo) -> TimelineOp {
        let at = self.run().tick_at(now + LEAD_NS);
        self.act(now, OpKind::Tempo { at, tempo, ramp_ns: 0 })
    }

    fn act(&mut self, now: SessionTime, kind: OpKind) -> TimelineOp {
        TimelineOp { stamp: self.hlc.next(now), author: [self.number; 32], kind }
    }

    /// Folds the acts known at `now`, and has the engine play what they come to.
    pub fn fold(&mut self, ops: impl Iterator<Item = TimelineOp>, now: SessionTime) {
        for op in ops {
            self.hlc.observe(op.stamp, now);
            self.timeline.insert(op);
        }
        let run = match self.timeline.transport(now) {
            Transport::Playing(run) => Some(run),
            Transport::Stopped { .. } => None,
        };
        if run != self.run {
            self.controller.set_run(run.clone());
            self.run = run;
        }
        self.controller.collect();
    }
}
