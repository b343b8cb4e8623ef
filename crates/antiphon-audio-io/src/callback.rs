//! What runs on the audio thread each time the card wants frames.

use std::sync::{Arc, atomic::Ordering};

use antiphon_timeline::{HostClock, HostTime};
use cpal::{FromSample, OutputCallbackInfo, SizedSample};

use crate::{
    bridge::stream_ns,
    callback_filter::Observed,
    desk::{Desk, StreamDesk},
    edge::Edge,
    limits::{GAP_NS, SLEPT_NS, STEER_FRAMES_MAX},
};

/// How fast the shown load follows the measured one: over about thirty blocks.
const LOAD_FOLLOWS: f32 = 1.0 / 32.0;

/// The audio thread's side of a stream.
pub(crate) struct CardCallback {
    edge: Edge,
    desk: Arc<Desk>,
    stream: Arc<StreamDesk>,
    clock: Arc<dyn HostClock>,
    rate: u32,
    channels: usize,
    stereo: Box<[f32]>,
    bridge_ns: Option<i64>,
    /// When all that the card has been given so far will have been heard.
    queue_ends: Option<HostTime>,
    /// How long the machine had slept at the last callback.
    slept_ns: i64,
    load: f32,
    started: bool,
}

impl CardCallback {
    pub(crate) fn new(
        edge: Edge,
        desk: Arc<Desk>,
        stream: Arc<StreamDesk>,
        clock: Arc<dyn HostClock>,
        (rate, channels): (u32, u16),
    ) -> Self {
        let stereo = vec![0.0; 2 * STEER_FRAMES_MAX].into_boxed_slice();
        let channels = usize::from(channels.max(1));
        Self {
            edge,
            desk,
            stream,
            slept_ns: clock.slept_ns(),
            clock,
            rate,
            channels,
            stereo,
            bridge_ns: None,
            queue_ends: None,
            load: 0.0,
            started: false,
        }
    }

    /// Writes the card's next frames.
    ///
    /// Thread: audio. Real-time safe: yes (no allocation or log, no lock that is waited for; the host's clocks
    /// are read).
    pub(crate) fn run<T: SizedSample + FromSample<f32>>(&mut self, out: &mut [T], info: &OutputCallbackInfo) {
        let woke = self.clock.now();
        let frames = out.len() / self.channels;
        if let Some(map) = self.desk.map() {
            self.edge.set_map(map);
        }
        self.edge.set_trim_ns(self.stream.trim_ns());
        let slept_ns = self.clock.slept_ns();
        if slept_ns.saturating_sub(self.slept_ns) > SLEPT_NS || self.stream.take_restart() {
            // The clock stood still, and with it everything that says what is to be heard now. The keeper decides
            // when it can be believed again; until then there is silence.
            self.edge.restart();
        }
        self.slept_ns = slept_ns;
        self.bridge_ns = self.stream.bridge_ns().or(self.bridge_ns);
        if let Some(bridge_ns) = self.bridge_ns {
            self.observe(HostTime(stream_ns(info.timestamp().playback).saturating_add(bridge_ns)), woke);
        }
        if let Some(heard_at) = self.edge.next_heard_at() {
            self.stream.latency_ns.store(heard_at.saturating_since(woke), Ordering::Relaxed);
        }
        for block in out.chunks_mut(STEER_FRAMES_MAX * self.channels) {
            let stereo = &mut self.stereo[..2 * (block.len() / self.channels)];
            self.edge.fill(stereo);
            spread(stereo, self.channels, block);
        }
        self.queue_ends = self.edge.next_played_at();
        if let Some(heard) = self.edge.heard() {
            self.stream.set_heard(heard);
        }
        self.account(woke, frames);
    }

    /// Learns from the card's timestamp, and finds out when the card stood still.
    fn observe(&mut self, heard_at: HostTime, woke: HostTime) {
        let mut observed = self.edge.observe(heard_at);
        let stood_still = self.queue_ends.is_some_and(|ends| woke.saturating_since(ends) > GAP_NS);
        if observed == Observed::Ignored && stood_still {
            // The timestamp and the clock agree that what comes next is heard elsewhere than on the line. Playing
            // on along it until several more agree would be sound of the past.
            self.edge.restart();
            observed = self.edge.observe(heard_at);
        }
        if observed == Observed::Resynced {
            // The first one is the start, not a break.
            let breaks = u64::from(std::mem::replace(&mut self.started, true));
            self.stream.resyncs.fetch_add(breaks, Ordering::Relaxed);
        }
        if self.edge.knows_card() {
            self.stream.set_rate_ppm(self.edge.card_ppm());
        }
    }

    fn account(&mut self, woke: HostTime, frames: usize) {
        let spent = self.clock.now().saturating_since(woke) as f32;
        let block = frames.max(1) as f32 * 1e9 / self.rate as f32;
        self.load += (spent / block - self.load) * LOAD_FOLLOWS;
        self.stream.set_load(self.load);
        self.stream.block_frames.store(u32::try_from(frames).unwrap_or(u32::MAX), Ordering::Relaxed);
        self.stream.blocks.fetch_add(1, Ordering::Relaxed);
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
