//! Stub.
use crate::{
    meters::Snapshot,
    player::{Command, Returned, Returns},
};
use antiphon_dsp::PanGains;
use antiphon_model::TrackId;
use antiphon_timeline::Frames;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Gesture {
    pub track: Option<TrackId>,
    pub gain: Option<f32>,
    pub pan: Option<PanGains>,
}

pub(crate) struct Processor;

impl Processor {
    pub(crate) fn new() -> Self {
        Self
    }
    pub(crate) fn handle(&mut self, command: Command, returns: &mut Returns) {
        let _ = match command {
            Command::Plan(plan) => returns.send(Returned::Plan { _plan: plan }),
            Command::Run(Some(run)) => returns.send(Returned::Run { _run: run }),
            _ => Ok(()),
        };
    }
    pub(crate) fn let_the_end_ring(&mut self) {}
    pub(crate) fn process(&mut self, _first: Frames, out: &mut [f32], _returns: &mut Returns) {
        out.fill(0.0);
    }
    pub(crate) fn take_snapshot(&mut self) -> Option<Snapshot> {
        None
    }
}
