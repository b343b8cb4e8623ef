//! What an output's threads share: steering in one direction, facts in the other.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering},
};

use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};

use crate::{edge::Heard, latest::Latest};

/// Shared by the audio thread, the thread that keeps the clock bridge, and whoever holds the `Output`.
///
/// Everything that the audio thread touches is an atomic or a [`Latest`]; `lost` is locked only by the others
/// and by the error callback of a stream that has ended.
#[derive(Debug)]
pub(crate) struct Desk {
    map: Latest<4>,
    map_writer: Mutex<()>,
    trim_ns: AtomicI64,
    bridge_ns: Latest<1>,
    heard: Latest<4>,
    pub(crate) latency_ns: AtomicI64,
    pub(crate) xruns: AtomicU64,
    pub(crate) resyncs: AtomicU64,
    pub(crate) blocks: AtomicU64,
    load: AtomicU32,
    lost: Mutex<Option<String>>,
}

impl Desk {
    pub(crate) fn new(map: SessionMap, trim_ns: i64) -> Self {
        let desk = Self {
            map: Latest::empty(),
            map_writer: Mutex::new(()),
            trim_ns: AtomicI64::new(trim_ns),
            bridge_ns: Latest::empty(),
            heard: Latest::empty(),
            latency_ns: AtomicI64::new(0),
            xruns: AtomicU64::new(0),
            resyncs: AtomicU64::new(0),
            blocks: AtomicU64::new(0),
            load: AtomicU32::new(0),
            lost: Mutex::new(None),
        };
        desk.set_map(map);
        desk
    }

    pub(crate) fn set_map(&self, map: SessionMap) {
        let _turn = self.map_writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.map.write([map.timebase.0.cast_signed(), map.host.0, map.session.0, map.rate_ppb]);
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn map(&self) -> Option<SessionMap> {
        let [timebase, host, session, rate_ppb] = self.map.read()?;
        Some(SessionMap {
            timebase: TimebaseId(timebase.cast_unsigned()),
            host: HostTime(host),
            session: SessionTime(session),
            rate_ppb,
        })
    }

    pub(crate) fn set_trim_ns(&self, trim_ns: i64) {
        self.trim_ns.store(trim_ns, Ordering::Relaxed);
    }

    /// Thread: audio. Real-time safe: yes.
    pub(crate) fn trim_ns(&self) -> i64 {
        self.trim_ns.load(Ordering::Relaxed)
    }

    /// Only the keeper of the bridge calls this.
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
    pub(crate) fn set_load(&self, load: f32) {
        self.load.store(load.to_bits(), Ordering::Relaxed);
    }

    pub(crate) fn load(&self) -> f32 {
        f32::from_bits(self.load.load(Ordering::Relaxed))
    }

    /// The first reason stays: what follows is its consequence.
    pub(crate) fn lose(&self, reason: String) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
    }

    pub(crate) fn lost(&self) -> Option<String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
