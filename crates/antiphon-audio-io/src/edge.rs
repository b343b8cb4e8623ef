//! The whole way from the canonical stream to a card's frames, without the card.
//!
//! Per callback the edge learns when the card will play it ([`CallbackFilter`]); per sub-block it asks the
//! session map which place of the stream belongs there, lets the [`Cursor`] move towards it, and reads the
//! stream along the way.
#![allow(
    clippy::disallowed_methods,
    reason = "what one card plays is no peer's business; the canonical stream is made elsewhere"
)]

use antiphon_timeline::{CANONICAL_RATE, HostTime, SessionMap};

use crate::{
    callback_filter::{CallbackFilter, Observed},
    cursor::{Advance, Cue, Cursor, Target},
    limits::{CROSSFADE_MS, STEER_FRAMES_MAX},
    position::Position,
    reader::Reader,
    source::Source,
};

/// What is heard when: a place of the stream, the host time at which it leaves the speaker, and its speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// The place.
    pub position: Position,
    /// When it leaves the speaker.
    pub host: HostTime,
    /// Stream frames per second of the host's clock from there on.
    pub rate: f64,
}

impl Heard {
    /// The stream frame leaving the speaker at `host`.
    pub fn at(&self, host: HostTime) -> f64 {
        self.position.frames() + host.saturating_since(self.host) as f64 * 1e-9 * self.rate
    }

    pub(crate) fn to_words(self) -> [i64; 4] {
        let fraction = i64::from(self.position.fraction());
        [self.position.frame(), fraction, self.host.0, self.rate.to_bits().cast_signed()]
    }

    pub(crate) fn from_words([frame, fraction, host, rate]: [i64; 4]) -> Self {
        Self {
            position: Position((i128::from(frame) << 32) + i128::from(fraction)),
            host: HostTime(host),
            rate: f64::from_bits(rate.cast_unsigned()),
        }
    }
}

/// The output edge of one card.
pub struct Edge {
    filter: CallbackFilter,
    cursor: Cursor,
    reader: Reader,
    map: SessionMap,
    trim_ns: i64,
    cue: Cue,
    /// Frames of the card so far.
    played: i64,
    fade: Fade,
    /// Whether anything was played since the start, or the last restart.
    playing: bool,
    heard: Option<Heard>,
}

impl Edge {
    /// An edge for a card of `rate` that plays `source` where `map` says. Allocates; what follows does not.
    pub fn new(rate: u32, map: SessionMap, trim_ns: i64, source: Box<dyn Source>) -> Self {
        let fade = Fade::new(rate);
        let stretch = fade.frames().max(STEER_FRAMES_MAX) as u64 * u64::from(CANONICAL_RATE) * 11
            / (u64::from(rate.max(1)) * 10);
        Self {
            filter: CallbackFilter::new(rate),
            cursor: Cursor::new(),
            reader: Reader::new(source, rate, stretch as usize),
            map,
            trim_ns,
            cue: Cue::Steady,
            played: 0,
            fade,
            playing: false,
            heard: None,
        }
    }

    /// The same, with what was learnt of this card's rate before.
    #[must_use]
    pub fn with_rate_ppm(mut self, ppm: f64) -> Self {
        self.filter.assume_rate_ppm(ppm);
        self
    }

    /// Follows `map` from the next block on. Another timebase is a step that was asked for.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn set_map(&mut self, map: SessionMap) {
        if map.timebase != self.map.timebase {
            self.cue = Cue::Requested;
        }
        self.map = map;
    }

    /// Plays everything this much earlier, to make up for a speaker that is this late.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn set_trim_ns(&mut self, trim_ns: i64) {
        if trim_ns != self.trim_ns {
            self.cue = Cue::Requested;
        }
        self.trim_ns = trim_ns;
    }

    /// Notes that the card says it will play the next frame at `at`. Once per callback, before [`Self::fill`].
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn observe(&mut self, at: HostTime) -> Observed {
        let observed = self.filter.observe(self.played, at);
        if observed == Observed::Resynced {
            self.cue = self.cue.max(Cue::Resynced);
        }
        observed
    }

    /// Forgets when the card plays what, but not how fast it is: it stood still, or the machine slept. There is
    /// silence until its time is known again, and then the stream fades in at its right place.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn restart(&mut self) {
        self.filter.restart();
        self.cursor = Cursor::new();
        self.playing = false;
    }

    /// Fills the next frames of the card, interleaved stereo; silence until the card's time is known.
    ///
    /// Thread: audio. Real-time safe: yes, if the source is.
    pub fn fill(&mut self, out: &mut [f32]) {
        for block in out.chunks_mut(2 * STEER_FRAMES_MAX) {
            self.fill_block(block);
        }
    }

    /// What the last block let be heard.
    pub fn heard(&self) -> Option<Heard> {
        self.heard
    }

    /// When the card says it will play its next frame.
    pub fn next_played_at(&self) -> Option<HostTime> {
        self.filter.host_at(self.played)
    }

    /// When that is heard.
    pub fn next_heard_at(&self) -> Option<HostTime> {
        self.next_played_at().map(|host| host + self.trim_ns)
    }

    /// The card's rate by the host's clock, in parts per million above the nominal one.
    pub fn card_ppm(&self) -> f64 {
        self.filter.rate_ppm()
    }

    /// Whether that was learnt from this card.
    pub fn knows_card(&self) -> bool {
        self.filter.has_learnt()
    }

    fn fill_block(&mut self, out: &mut [f32]) {
        let frames = (out.len() / 2) as u32;
        let (start, next) = (self.played, self.played + i64::from(frames));
        self.played = next;
        let (Some(start), Some(end)) = (self.filter.host_at(start), self.filter.host_at(next)) else {
            out.fill(0.0);
            return;
        };
        let (start, end) = (start + self.trim_ns, end + self.trim_ns);
        let target = Target { start: self.place(start), end: self.place(end) };
        // One crossfade at a time; 5 ms later the reason to jump is still there.
        let cue =
            if self.fade.is_over() { std::mem::replace(&mut self.cue, Cue::Steady) } else { Cue::Fading };
        let moving = self.cursor.advance(target, frames, cue);
        self.play(moving, out);
        let nanos = end.saturating_since(start).max(1) as f64;
        let rate = moving.per_frame as f64 / 2_f64.powi(32) * f64::from(frames) * 1e9 / nanos;
        self.heard = Some(Heard { position: moving.from, host: start, rate });
    }

    fn place(&self, host: HostTime) -> Position {
        Position::at(self.map.to_session(host))
    }

    fn play(&mut self, moving: Advance, out: &mut [f32]) {
        if !std::mem::replace(&mut self.playing, true) {
            self.fade.begin();
            self.reader.jump(moving.from);
        } else if let Some(old) = moving.jumped_from {
            self.reader.read(old, moving.per_frame, self.fade.begin());
            self.reader.jump(moving.from);
        }
        self.reader.read(moving.from, moving.per_frame, out);
        self.fade.mix_into(out);
    }
}

/// The old stream dying away under the new one.
struct Fade {
    old: Box<[f32]>,
    done: usize,
}

impl Fade {
    fn new(rate: u32) -> Self {
        let frames = (rate * CROSSFADE_MS / 1000).max(1) as usize;
        Self { old: vec![0.0; 2 * frames].into_boxed_slice(), done: 2 * frames }
    }

    fn frames(&self) -> usize {
        self.old.len() / 2
    }

    fn is_over(&self) -> bool {
        self.done >= self.old.len()
    }

    /// Starts over; the caller writes the old stream's continuation, or leaves silence to fade in from.
    fn begin(&mut self) -> &mut [f32] {
        self.done = 0;
        self.old.fill(0.0);
        &mut self.old
    }

    fn mix_into(&mut self, out: &mut [f32]) {
        let total = self.frames() as f32;
        let old = self.old[self.done..].as_chunks::<2>().0;
        for (at, (new, old)) in out.as_chunks_mut::<2>().0.iter_mut().zip(old).enumerate() {
            let x = (self.done / 2 + at) as f32 / total;
            // A smooth step: no corner at either end.
            let gain = x * x * (3.0 - 2.0 * x);
            new[0] = gain * new[0] + (1.0 - gain) * old[0];
            new[1] = gain * new[1] + (1.0 - gain) * old[1];
        }
        self.done = (self.done + out.len()).min(self.old.len());
    }
}
