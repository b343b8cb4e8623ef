//! What an output's threads share: steering in one direction, facts in the other.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering},
};

use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};

use crate::{bell::Bell, edge::Heard, latest::Latest};

/// The steering that all streams of an output follow, one after the other.
#[derive(Debug)]
pub(crate) struct Desk {
    map: Latest<4>,
    map_writer: Mutex<()>,
}

impl Desk {
    pub(crate) fn new(map: SessionMap) -> Self {
        let desk = Self { map: Latest::empty(), map_writer: Mutex::new(()) };
        desk.set_map(map);
        desk
    }

    pub(crate) fn set_map(&self, map: SessionMap) {
        let _turn = self.map_writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.map.write([map.timebase.0.cast_signed(), map.host.0, map.session.0, map.rate_ppb]);
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn map(&self) -> Option<SessionMap> {
        self.map.read().map(map_of)
    }

    /// The same for a thread that has no next block.
    pub(crate) fn map_patiently(&self) -> Option<SessionMap> {
        self.map.read_patiently().map(map_of)
    }
}

fn map_of([timebase, host, session, rate_ppb]: [i64; 4]) -> SessionMap {
    SessionMap {
        timebase: TimebaseId(timebase.cast_unsigned()),
        host: HostTime(host),
        session: SessionTime(session),
        rate_ppb,
    }
}

/// Shared by one stream's audio thread and the keeper of the output.
///
/// Everything that the audio thread touches is an atomic or a [`Latest`]; `lost` is locked only by the others
/// and by the error callback of a stream that has ended.
#[derive(Debug)]
pub(crate) struct StreamDesk {
    trim_ns: AtomicI64,
    bridge_ns: Latest<1>,
    heard: Latest<4>,
    /// The card's learnt rate, ppb above the nominal one; [`UNKNOWN`] until then.
    rate_ppb: AtomicI64,
    pub(crate) latency_ns: AtomicI64,
    pub(crate) xruns: AtomicU64,
    pub(crate) resyncs: AtomicU64,
    pub(crate) blocks: AtomicU64,
    /// Frames that the card last asked for at once.
    pub(crate) block_frames: AtomicU32,
    /// What is known of the card's time is void.
    restart: AtomicBool,
    load: AtomicU32,
    lost: Mutex<Option<String>>,
    bell: Arc<Bell>,
}

const UNKNOWN: i64 = i64::MIN;

impl StreamDesk {
    /// `bell` rings when the stream is lost.
    pub(crate) fn new(trim_ns: i64, bell: Arc<Bell>) -> Self {
        Self {
            trim_ns: AtomicI64::new(trim_ns),
            bridge_ns: Latest::empty(),
            heard: Latest::empty(),
            rate_ppb: AtomicI64::new(UNKNOWN),
            latency_ns: AtomicI64::new(0),
            xruns: AtomicU64::new(0),
            resyncs: AtomicU64::new(0),
            blocks: AtomicU64::new(0),
            block_frames: AtomicU32::new(0),
            restart: AtomicBool::new(false),
            load: AtomicU32::new(0),
            lost: Mutex::new(None),
            bell,
        }
    }

    pub(crate) fn set_trim_ns(&self, trim_ns: i64) {
        self.trim_ns.store(trim_ns, Ordering::Relaxed);
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn trim_ns(&self) -> i64 {
        self.trim_ns.load(Ordering::Relaxed)
    }

    /// Only the keeper calls this.
    pub(crate) fn set_bridge_ns(&self, offset: i64) {
        self.bridge_ns.write([offset]);
    }

    /// Host time minus stream time. Thread: audio. Real-time safe: yes.
    pub(crate) fn bridge_ns(&self) -> Option<i64> {
        self.bridge_ns.read().map(|[offset]| offset)
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn set_heard(&self, heard: Heard) {
        self.heard.write(heard.to_words());
    }

    pub(crate) fn heard(&self) -> Option<Heard> {
        self.heard.read_patiently().map(Heard::from_words)
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn set_rate_ppm(&self, ppm: f64) {
        self.rate_ppb.store((ppm * 1e3).round() as i64, Ordering::Relaxed);
    }

    pub(crate) fn rate_ppm(&self) -> Option<f64> {
        Some(self.rate_ppb.load(Ordering::Relaxed)).filter(|ppb| *ppb != UNKNOWN).map(|ppb| ppb as f64 * 1e-3)
    }

    /// Has the audio thread find the card's time anew: the machine was asleep.
    pub(crate) fn restart(&self) {
        self.restart.store(true, Ordering::Relaxed);
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn take_restart(&self) -> bool {
        self.restart.load(Ordering::Relaxed) && self.restart.swap(false, Ordering::Relaxed)
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn set_load(&self, load: f32) {
        self.load.store(load.to_bits(), Ordering::Relaxed);
    }

    pub(crate) fn load(&self) -> f32 {
        f32::from_bits(self.load.load(Ordering::Relaxed))
    }

    /// The first reason stays: what follows is its consequence.
    pub(crate) fn lose(&self, reason: String) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
        self.bell.ring();
    }

    pub(crate) fn lost(&self) -> Option<String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
