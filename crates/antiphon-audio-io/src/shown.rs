//! What an output shows of itself.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use antiphon_timeline::CANONICAL_RATE;

use crate::{desk::StreamDesk, stream::OpenStream};

/// How an output is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputStatus {
    /// What people call it.
    pub name: String,
    /// The id of the device that is really open, the default one's too.
    pub id: Option<String>,
    /// The chosen output that is not there, while the default one plays in its place.
    pub stands_in_for: Option<String>,
    /// Its frames per second.
    pub rate: u32,
    /// From asking for a frame until it is heard, as the card reports it, with the trim.
    pub latency_ns: i64,
    /// How much earlier it plays to make up for a speaker that is late.
    pub trim_ns: i64,
    /// Times it ran dry, where the system says so.
    pub xruns: u64,
    /// Times its timeline broke: ran dry, was rerouted, or its timestamps stepped.
    pub resyncs: u64,
    /// Why nothing is heard, when that is so.
    pub lost: Option<String>,
    /// Part of each block's time that rendering takes.
    pub load: f32,
    /// False while another output is being opened.
    pub is_settled: bool,
}

/// Where the keeper shows it.
#[derive(Default)]
pub(crate) struct Board {
    shown: Mutex<Shown>,
    settled: Condvar,
}

impl Board {
    pub(crate) fn read(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self, change: impl FnOnce(&mut Shown)) {
        change(&mut self.read());
        self.settled.notify_all();
    }

    /// Waits until no output is being opened, or for so long.
    pub(crate) fn wait_settled(&self, deadline: Duration) {
        let waited = self.settled.wait_timeout_while(self.read(), deadline, |shown| !shown.is_settled);
        drop(waited);
    }
}

/// What the keeper shows, and the stream whose figures count.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) reason: Option<String>,
    pub(crate) is_settled: bool,
    pub(crate) stands_in_for: Option<String>,
    stream: Option<ShownStream>,
    /// Of streams that have ended.
    xruns: u64,
    resyncs: u64,
}

struct ShownStream {
    id: String,
    name: String,
    rate: u32,
    desk: Arc<StreamDesk>,
}

impl Shown {
    pub(crate) fn set_stream(&mut self, stream: Option<&OpenStream>) {
        let shown = self.stream.as_ref().map(|shown| Arc::as_ptr(&shown.desk));
        if shown != stream.map(|stream| Arc::as_ptr(&stream.desk)) {
            self.stream = stream.map(|stream| ShownStream {
                id: stream.id.clone(),
                name: stream.name.clone(),
                rate: stream.rate,
                desk: stream.desk.clone(),
            });
        }
    }

    /// Adds up what a stream went through that ends now.
    pub(crate) fn count(&mut self, desk: &StreamDesk) {
        self.xruns += desk.xruns.load(Ordering::Relaxed);
        self.resyncs += desk.resyncs.load(Ordering::Relaxed);
        self.set_stream(None);
    }

    pub(crate) fn desk(&self) -> Option<&StreamDesk> {
        self.stream.as_ref().map(|stream| &*stream.desk)
    }

    /// A lost stream is said to be lost at once, before the keeper has come to it.
    pub(crate) fn status(&self) -> OutputStatus {
        let desk = self.desk();
        let opening = || desk.is_none().then(|| "the output is being opened".to_owned());
        let count = |past: u64, now: fn(&StreamDesk) -> u64| past + desk.map_or(0, now);
        OutputStatus {
            name: self.stream.as_ref().map_or("no output", |stream| &stream.name).to_owned(),
            id: self.stream.as_ref().map(|stream| stream.id.clone()),
            stands_in_for: self.stands_in_for.clone(),
            rate: self.stream.as_ref().map_or(CANONICAL_RATE, |stream| stream.rate),
            latency_ns: desk.map_or(0, |desk| desk.latency_ns.load(Ordering::Relaxed)),
            trim_ns: desk.map_or(0, StreamDesk::trim_ns),
            xruns: count(self.xruns, |desk| desk.xruns.load(Ordering::Relaxed)),
            resyncs: count(self.resyncs, |desk| desk.resyncs.load(Ordering::Relaxed)),
            lost: self.reason.clone().or_else(|| desk.and_then(StreamDesk::lost)).or_else(opening),
            load: desk.map_or(0.0, StreamDesk::load),
            is_settled: self.is_settled,
        }
    }
}
