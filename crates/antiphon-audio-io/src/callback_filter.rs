//! From jittery callback timestamps to a smooth line: when is which frame of the card heard?
//!
//! Each callback says when its first frame will be played. What it says is the truth plus a delay: the thread
//! woke late, the driver's counter was stale. Delays vary and are never negative, so the *earliest* timestamps
//! are the honest ones, and the line we want is the lower envelope of all of them. (A mean, a least-squares line
//! or a delay-locked loop estimates the mean delay too, and that differs between two machines.)
//!
//! - Of every 50 ms only the earliest timestamp is kept, for 20 s.
//! - The slope is that of the lower convex hull around the middle of the window; the height is the lowest
//!   that all points allow. Until 2 s have been seen, the slope is the nominal one and the window half a second.
//! - A timestamp far off the line (1 ms late, 0.25 ms early) is ignored. When six are off and agree with each
//!   other, and none was near the line meanwhile, the card's timeline broke (an xrun, a new route): the line moves
//!   there and keeps its slope. Late ones among early ones prove nothing, they are ordinary. Starting is the
//!   same thing: there is no line until several agree.
//! - Where others come between those that agree, as from a sound server, it is the crowd that counts.
//! - A card that agrees on nothing for a second is simply noisier than that. The line moves to the narrowest crowd of
//!   that second, and the gate opens as wide as that crowd; it closes again slowly while timestamps fit.

mod agreement;
mod line;
mod window;

use agreement::Agreement;
use antiphon_timeline::{HostTime, NANOS_PER_SECOND};
use line::{Line, Point, Suspects, passes};
use window::Window;

use crate::limits::{FILTER_GATE_CLOSES, FILTER_GATE_MAX, FILTER_GIVES_UP_SECONDS, FILTER_RATE_PPM_MAX};

/// What became of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// There is no line yet.
    Starting,
    /// It is near the line and counts.
    Kept,
    /// It is far off the line, and for now alone with that.
    Ignored,
    /// It is one of several that agree on another line: that is the line now.
    Resynced,
}

/// The lower envelope of a card's callback times: frame of the card ↔ host time.
///
/// Every method is real-time safe: no allocation, lock or system call.
#[derive(Debug)]
pub struct CallbackFilter {
    rate: f64,
    nominal_ns: f64,
    origin: Option<HostTime>,
    line: Option<Line>,
    window: Window,
    early: Suspects,
    late: Suspects,
    agreement: Agreement,
    /// Since which frame no timestamp was near the line.
    unconfirmed_from: Option<f64>,
    /// How many times wider than usual the gate is.
    gate: f64,
}

impl CallbackFilter {
    /// A filter for a card of `rate` frames per second. Allocates; what follows does not.
    pub fn new(rate: u32) -> Self {
        let rate = f64::from(rate.max(1));
        let nominal_ns = NANOS_PER_SECOND as f64 / rate;
        Self {
            rate,
            nominal_ns,
            origin: None,
            line: None,
            window: Window::new(rate, nominal_ns),
            early: Suspects::default(),
            late: Suspects::default(),
            agreement: Agreement::new(),
            unconfirmed_from: None,
            gate: 1.0,
        }
    }

    /// Starts from what was learnt of this card's rate earlier.
    pub fn assume_rate_ppm(&mut self, ppm: f64) {
        let ppm = ppm.clamp(-FILTER_RATE_PPM_MAX, FILTER_RATE_PPM_MAX);
        self.window.assume_slope(-self.nominal_ns * ppm / (1e6 + ppm));
    }

    /// Forgets the line, but not the rate: as at the start, there is none until several callbacks agree.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn restart(&mut self) {
        (self.early, self.late) = Default::default();
        self.agreement.forget();
        self.unconfirmed_from = None;
        self.gate = 1.0;
        self.line = self.window.restart_at(None);
    }

    /// Takes note that the card says it will play its frame `frame` at `at`.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn observe(&mut self, frame: i64, at: HostTime) -> Observed {
        let origin = *self.origin.get_or_insert(at);
        let frames = frame as f64;
        let point = Point { frames, late_ns: at.saturating_since(origin) as f64 - frames * self.nominal_ns };
        let observed = self.judge(point);
        if observed == Observed::Resynced {
            self.agreement.forget();
        }
        let asks = self.agreement.add(point, self.window.slope(), self.rate);
        if asks && (self.follow_agreement(frames) || self.widen(frames)) {
            Observed::Resynced
        } else {
            observed
        }
    }

    /// When frame `frame` is played; nothing before the filter has started.
    ///
    /// Thread: audio. Real-time safe: yes.
    pub fn host_at(&self, frame: i64) -> Option<HostTime> {
        let (origin, line) = (self.origin?, self.line?);
        let frames = frame as f64;
        Some(origin + (frames * self.nominal_ns + line.at(frames)).round() as i64)
    }

    /// The card's rate by the host's clock, in parts per million above the nominal one.
    pub fn rate_ppm(&self) -> f64 {
        let slope = self.window.slope();
        -slope / (self.nominal_ns + slope) * 1e6
    }

    /// Whether the rate was learnt from this card.
    pub fn has_learnt(&self) -> bool {
        self.window.has_learnt()
    }

    /// Takes a timestamp by its distance from the line.
    fn judge(&mut self, point: Point) -> Observed {
        self.unconfirmed_from.get_or_insert(point.frames);
        let Some(line) = &mut self.line else {
            let start = self.late.add(point, self.window.slope());
            return self.move_to(start, Observed::Starting);
        };
        let off = point.late_ns - line.at(point.frames);
        if passes(off / self.gate) {
            (self.early, self.late) = Default::default();
            self.unconfirmed_from = None;
            if passes(2.0 * off / self.gate) {
                self.gate = 1.0 + (self.gate - 1.0) * FILTER_GATE_CLOSES;
            }
            self.window.keep(point, line);
            return Observed::Kept;
        }
        let suspects = if off < 0.0 { &mut self.early } else { &mut self.late };
        let start = suspects.add(point, self.window.slope());
        if off < 0.0 {
            self.late = Suspects::default();
        }
        self.move_to(start, Observed::Ignored)
    }

    /// Moves to the line that many of the newest timestamps lie on, if that is not this one.
    fn follow_agreement(&mut self, now: f64) -> bool {
        let (settled, since) = (self.window.has_learnt(), self.unconfirmed_from);
        let agreed = self.line.and_then(|line| self.agreement.against(line, settled, since, self.nominal_ns));
        self.take(agreed, 1.0, now)
    }

    /// Moves to the narrowest crowd there is, and opens the gate as wide, once nothing has been agreed on for long.
    fn widen(&mut self, now: f64) -> bool {
        let long =
            self.unconfirmed_from.is_some_and(|from| now - from >= FILTER_GIVES_UP_SECONDS * self.rate);
        let slope = self.window.slope();
        let crowd = if long { self.agreement.narrowest(slope, FILTER_GATE_MAX) } else { None };
        crowd.is_some_and(|(line, width)| self.take(Some(line), width, now))
    }

    fn take(&mut self, agreed: Option<Line>, gate: f64, now: f64) -> bool {
        let Some(agreed) = agreed else {
            return false;
        };
        self.window.assume_slope(agreed.slope);
        self.agreement.forget();
        self.move_to(Some(Point { frames: now, late_ns: agreed.at(now) }), Observed::Ignored);
        self.gate = gate;
        true
    }

    fn move_to(&mut self, start: Option<Point>, otherwise: Observed) -> Observed {
        let Some(at) = start else {
            return otherwise;
        };
        (self.early, self.late) = Default::default();
        self.unconfirmed_from = None;
        self.line = self.window.restart_at(Some(at));
        Observed::Resynced
    }
}

#[cfg(test)]
mod tests;
