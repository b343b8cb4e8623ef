//! What runs on the audio thread each time the card wants frames.

use std::sync::{Arc, atomic::Ordering, mpsc::SyncSender};

use antiphon_timeline::{HostClock, HostTime};
use cpal::{FromSample, OutputCallbackInfo, SizedSample};

use crate::{
    bridge::stream_ns, callback_filter::Observed, desk::Desk, edge::Edge, limits::STEER_FRAMES_MAX,
    source::Source,
};

/// How fast the shown load follows the measured one: over about thirty blocks.
const LOAD_FOLLOWS: f32 = 1.0 / 32.0;

/// The audio thread's side of an output.
pub(crate) struct CardCallback {
    /// Taken only when the callback is dropped.
    edge: Option<Edge>,
    desk: Arc<Desk>,
    clock: Arc<dyn HostClock>,
    rate: u32,
    channels: usize,
    stereo: Box<[f32]>,
    bridge_ns: Option<i64>,
    load: f32,
    started: bool,
    home: SyncSender<Box<dyn Source>>,
}

impl CardCallback {
    pub(crate) fn new(
        edge: Edge,
        desk: Arc<Desk>,
        clock: Arc<dyn HostClock>,
        (rate, channels): (u32, u16),
        home: SyncSender<Box<dyn Source>>,
    ) -> Self {
        let stereo = vec![0.0; 2 * STEER_FRAMES_MAX].into_boxed_slice();
        let channels = usize::from(channels.max(1));
        let (bridge_ns, load, started) = (None, 0.0, false);
        Self { edge: Some(edge), desk, clock, rate, channels, stereo, bridge_ns, load, started, home }
    }

    /// Writes the card's next frames.
    ///
    /// Thread: audio. Real-time safe: yes (no allocation, lock or log; the host clock is read twice).
    pub(crate) fn run<T: SizedSample + FromSample<f32>>(&mut self, out: &mut [T], info: &OutputCallbackInfo) {
        let woke = self.clock.now();
        let frames = out.len() / self.channels;
        let Some(edge) = &mut self.edge else {
            return out.fill(T::EQUILIBRIUM);
        };
        if let Some(map) = self.desk.map() {
            edge.set_map(map);
        }
        edge.set_trim_ns(self.desk.trim_ns());
        self.bridge_ns = self.desk.bridge_ns().or(self.bridge_ns);
        if let Some(bridge_ns) = self.bridge_ns {
            let heard_at = HostTime(stream_ns(info.timestamp().playback).saturating_add(bridge_ns));
            if edge.observe(heard_at) == Observed::Resynced {
                // The first one is the start, not a break.
                let breaks = u64::from(std::mem::replace(&mut self.started, true));
                self.desk.resyncs.fetch_add(breaks, Ordering::Relaxed);
            }
        }
        if let Some(heard_at) = edge.next_heard_at() {
            self.desk.latency_ns.store(heard_at.saturating_since(woke), Ordering::Relaxed);
        }
        for block in out.chunks_mut(STEER_FRAMES_MAX * self.channels) {
            let stereo = &mut self.stereo[..2 * (block.len() / self.channels)];
            edge.fill(stereo);
            spread(stereo, self.channels, block);
        }
        if let Some(heard) = edge.heard() {
            self.desk.set_heard(heard);
        }
        self.account(woke, frames);
    }

    fn account(&mut self, woke: HostTime, frames: usize) {
        let spent = self.clock.now().saturating_since(woke) as f32;
        let block = frames.max(1) as f32 * 1e9 / self.rate as f32;
        self.load += (spent / block - self.load) * LOAD_FOLLOWS;
        self.desk.set_load(self.load);
        self.desk.blocks.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for CardCallback {
    /// The source goes home, so that another output can play it.
    fn drop(&mut self) {
        if let Some(edge) = self.edge.take() {
            let _ = self.home.try_send(edge.into_source());
        }
    }
}

/// Stereo into the card's own channels and format: mixed down for one, the first two of many.
fn spread<T: SizedSample + FromSample<f32>>(stereo: &[f32], channels: usize, out: &mut [T]) {
    for (frame, places) in stereo.as_chunks::<2>().0.iter().zip(out.chunks_mut(channels)) {
        let [left, right] = frame.map(audible);
        match places {
            [mono] => *mono = T::from_sample((left + right) * 0.5),
            [first, second, others @ ..] => {
                *first = T::from_sample(left);
                *second = T::from_sample(right);
                others.fill(T::EQUILIBRIUM);
            }
            [] => {}
        }
    }
}

/// Never more than full scale, and never a NaN: some cards answer one with full-scale noise.
fn audible(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests;
