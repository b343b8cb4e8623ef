//! A simulated sound card, behind the traits of a cpal host with one device.
//!
//! Its crystal is off by some ppm, its timestamps are noisy and now and then wrong, its callbacks come late or not
//! at all; somebody pulls its plug, or the system gives it another rate. What it plays is recorded with the exact
//! true time of each frame, which no real card can tell.
//!
//! It is driven through the typed door of cpal's `DeviceTrait`. The untyped one, which `cpal::Host` with a custom
//! host goes through, hands out raw pointers and would need `unsafe` here; so [`crate::Output::driven`] takes the
//! card as it is.
#![allow(clippy::disallowed_methods, reason = "measures and simulates; nobody has to get the same bits")]

mod device;
mod recording;
mod spec;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use cpal::{Error, ErrorKind, OutputCallbackInfo, OutputStreamTimestamp, StreamInstant, traits::DeviceTrait};

pub use spec::CardSpec;

use crate::{
    card::{Cards, OutputInfo},
    error::OpenOutputError,
};
use recording::Recording;
use spec::Noise;

/// Callbacks come this many buffers before their frames are played.
const LEAD_BUFFERS: u32 = 2;

/// A simulated card. Clones are the same card.
#[derive(Clone)]
pub struct VirtualCard {
    name: Arc<str>,
    now_ns: Arc<AtomicI64>,
    state: Arc<Mutex<CardState>>,
}

struct CardState {
    spec: CardSpec,
    plugged: bool,
    stream: Option<Callbacks>,
    /// Streams opened so far; the number of the present one.
    streams: u64,
    playing: bool,
    calling: bool,
    due_ns: i64,
    last_stamp_ns: i64,
    /// How much of the time the stream clock did not count.
    slept_ns: i64,
    noise: Noise,
    recording: Recording,
}

/// Has an output write one block, and appends it to the recording.
type RecordBlock = dyn FnMut(&mut Vec<f32>, &OutputCallbackInfo) + Send;

/// The two callbacks of a stream, its sample type erased.
struct Callbacks {
    data: Box<RecordBlock>,
    error: Box<dyn FnMut(Error) + Send>,
}

impl VirtualCard {
    pub(crate) fn new(spec: CardSpec, now_ns: Arc<AtomicI64>) -> Self {
        let state = CardState {
            noise: Noise::new(spec.seed),
            plugged: true,
            stream: None,
            streams: 0,
            playing: false,
            calling: true,
            due_ns: 0,
            last_stamp_ns: i64::MIN,
            slept_ns: 0,
            recording: Recording::default(),
            spec,
        };
        Self { name: state.spec.name.as_str().into(), now_ns, state: Arc::new(Mutex::new(state)) }
    }

    /// The true time at which frame `frame` of the recording is heard.
    pub fn heard_ns(&self, frame: f64) -> f64 {
        self.state().recording.heard_ns(frame)
    }

    /// Takes what was heard since the last time, as f32 of the card's channels interleaved.
    pub fn take(&self) -> Vec<f32> {
        self.state().recording.take(self.true_ns())
    }

    /// The card runs dry for `frames` frames: silence is heard, and what follows is that much later.
    pub fn run_dry(&self, frames: u32) {
        let mut state = self.state();
        state.recording.silence(frames);
        state.report(ErrorKind::Xrun);
    }

    /// Somebody pulls the plug. What the card has queued is not heard any more.
    pub fn unplug(&self) {
        self.end(ErrorKind::DeviceNotAvailable, |state| state.plugged = false);
    }

    /// The plug is put back.
    pub fn plug(&self) {
        self.state().plugged = true;
    }

    /// The system gives the card another rate and buffer: its stream ends, and can be opened anew.
    pub fn change_format(&self, rate: u32, buffer: u32) {
        self.end(ErrorKind::StreamInvalidated, |state| (state.spec.rate, state.spec.buffer) = (rate, buffer));
    }

    /// Callbacks stop without a word, as when a driver hangs. What is queued is still heard.
    pub fn fall_quiet(&self) {
        self.state().calling = false;
    }

    /// Callbacks come again.
    pub fn call_again(&self) {
        let now_ns = self.true_ns();
        let state = &mut *self.state();
        if !std::mem::replace(&mut state.calling, true) && state.playing {
            state.start_at(now_ns);
        }
    }

    /// The machine wakes after a sleep of which clocks did not count this much; cards start again.
    pub fn wake(&self, uncounted_ns: i64) {
        let mut state = self.state();
        state.slept_ns += uncounted_ns;
        state.last_stamp_ns = i64::MIN;
        drop(state);
        self.call_again();
    }

    fn end(&self, why: ErrorKind, change: impl FnOnce(&mut CardState)) {
        let now_ns = self.true_ns();
        let state = &mut *self.state();
        if std::mem::replace(&mut state.playing, false) {
            state.recording.cut(now_ns);
        }
        change(state);
        state.report(why);
    }

    pub(crate) fn due_ns(&self) -> Option<i64> {
        let state = self.state();
        (state.playing && state.calling && state.stream.is_some()).then_some(state.due_ns)
    }

    /// Makes the callback that is due, inside `guard`.
    pub(crate) fn call_back(&self, guard: &mut dyn FnMut(&mut dyn FnMut())) {
        let now_ns = self.true_ns();
        let state = &mut *self.state();
        let dry_ns = now_ns as f64 - state.recording.next_heard_ns();
        if dry_ns > 0.0 {
            // The queue has run out. A buffer that is written now is heard one lead from now.
            let lead_ns = state.lead_frames() * 1e9 / state.spec.true_rate();
            let missing = (dry_ns + lead_ns) * state.spec.true_rate() / 1e9;
            state.recording.silence(missing.ceil() as u32);
            state.report(ErrorKind::Xrun);
        }
        let heard_ns = state.recording.next_heard_ns() as i64;
        let stamp_ns = (heard_ns + state.spec.stamp_error_ns(&mut state.noise)).max(state.last_stamp_ns);
        state.last_stamp_ns = stamp_ns;
        let origin_ns = state.spec.stream_clock_origin_ns - state.slept_ns;
        let instant = |ns: i64| StreamInstant::from_nanos((ns + origin_ns).max(0).cast_unsigned());
        let stamps = OutputStreamTimestamp { callback: instant(now_ns), playback: instant(stamp_ns) };
        let info = OutputCallbackInfo::new(stamps);
        let recorded = state.recording.space(state.spec.buffer);
        if let Some(stream) = &mut state.stream {
            guard(&mut || (stream.data)(recorded, &info));
        }
        state.due_next(now_ns);
    }

    fn true_ns(&self) -> i64 {
        self.now_ns.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, CardState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CardState {
    fn lead_frames(&self) -> f64 {
        f64::from(LEAD_BUFFERS * self.spec.buffer)
    }

    /// Frames are played from one lead after `now_ns` on.
    fn start_at(&mut self, now_ns: i64) {
        let rate = self.spec.true_rate();
        self.due_ns = now_ns;
        self.recording.begin(now_ns as f64 + self.lead_frames() * 1e9 / rate, rate, self.spec.channels);
    }

    fn due_next(&mut self, now_ns: i64) {
        let wanted_ns = self.recording.next_heard_ns() - self.lead_frames() * 1e9 / self.spec.true_rate();
        let late_ns = self.spec.late_ns(&mut self.noise);
        self.due_ns = ((wanted_ns + late_ns) as i64).max(now_ns);
    }

    fn report(&mut self, kind: ErrorKind) {
        if let Some(stream) = &mut self.stream {
            (stream.error)(Error::new(kind));
        }
    }
}

/// The only output there is, while it is plugged.
impl Cards for VirtualCard {
    type Card = Self;

    fn outputs(&self) -> Vec<OutputInfo> {
        let plugged = self.state().plugged.then_some(&self.name);
        let info = |name: &Arc<str>| OutputInfo {
            id: self.id().map_or_else(|_| name.to_string(), |id| id.to_string()),
            name: name.to_string(),
            is_default: true,
        };
        plugged.into_iter().map(info).collect()
    }

    fn find(&self, wanted: Option<&str>) -> Result<Self, OpenOutputError> {
        let found = self.outputs();
        if found.iter().any(|own| wanted.is_none_or(|wanted| own.name == wanted || own.id == wanted)) {
            return Ok(self.clone());
        }
        let available = found.into_iter().map(|own| own.name).collect();
        Err(wanted.map_or(OpenOutputError::NoOutput, |wanted| {
            let wanted = wanted.to_owned();
            OpenOutputError::NotFound { wanted, available }
        }))
    }
}
