//! Two peers in a room: clocks, cards, outputs, and a stream of clicks.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::sync::Arc;

use antiphon_audio_io::{CardSpec, Output, OutputConfig, RoomClock, Source, VirtualCard, VirtualRoom};
use antiphon_testkit::sound;
use antiphon_timeline::{Frames, SessionMap, SessionTime, TimebaseId};

/// Frames of the stream from click to click.
pub const CLICK_EVERY: i64 = 6_000;
/// Session time at true time 0: about an hour into a session.
pub const SESSION_STARTS_NS: i64 = 3_600_000_000_000;
pub const SECOND: i64 = 1_000_000_000;
pub const STEP: i64 = 50_000_000;

/// A smooth click centred on every [`CLICK_EVERY`]th frame of the stream, the same for any block size.
pub struct Clicks {
    pub next: Option<i64>,
    pub jumps: u32,
    bell: Vec<f32>,
}

const REACH: i64 = 12;

impl Clicks {
    pub fn new() -> Self {
        let bell = (-REACH..=REACH).map(|at| 0.9 * sound::smooth_click(at as f64)).collect();
        Self { next: None, jumps: 0, bell }
    }
}

impl Source for Clicks {
    fn render(&mut self, first: Frames, out: &mut [f32]) {
        self.jumps += u32::from(self.next.is_some_and(|next| next != first.0));
        self.next = Some(first.0 + (out.len() / 2) as i64);
        for (frame, place) in (first.0..).zip(out.as_chunks_mut::<2>().0) {
            let off = (frame + CLICK_EVERY / 2).rem_euclid(CLICK_EVERY) - CLICK_EVERY / 2;
            let index = usize::try_from(off + REACH).unwrap_or(usize::MAX);
            *place = [self.bell.get(index).copied().unwrap_or(0.0); 2];
        }
    }
}

/// What a card plays, boiled down to the times of its clicks.
pub struct Recorder {
    pub card: VirtualCard,
    /// Recorded and not yet looked at, and the card's frame it begins with.
    rest: Vec<f32>,
    rest_from: usize,
    channels: usize,
    /// True times of the clicks heard so far.
    pub heard_ns: Vec<f64>,
}

impl Recorder {
    pub fn of(card: VirtualCard, channels: u16) -> Self {
        let channels = usize::from(channels);
        Self { card, rest: Vec::new(), rest_from: 0, channels, heard_ns: Vec::new() }
    }

    /// Looks for clicks in what was recorded since the last time.
    pub fn listen(&mut self) {
        // A click at the end might not be complete yet: leave it for the next time.
        const MARGIN: usize = 400;
        let new = sound::channel(&self.card.take(), self.channels, 0);
        self.rest.extend(new);
        let found = sound::clicks(&self.rest, 0.3, MARGIN / 2);
        let done = self.rest.len().saturating_sub(MARGIN);
        let keep = found.iter().map(|place| *place as usize).find(|place| *place >= done);
        let cut = keep.map_or(done, |place| place.saturating_sub(MARGIN / 2)).min(done);
        for place in found.into_iter().filter(|place| (*place as usize) < cut) {
            self.heard_ns.push(self.card.heard_ns(self.rest_from as f64 + place));
        }
        self.rest.drain(..cut);
        self.rest_from += cut;
    }
}

/// The number of the click that is nearest to this true time.
pub fn number_of(true_ns: f64) -> i64 {
    Peer::clicks_at(true_ns).round() as i64
}

/// How much too early or late a click heard at this true time is, in ms.
pub fn off_ms(true_ns: f64) -> f64 {
    (Peer::clicks_at(true_ns) - number_of(true_ns) as f64) * CLICK_EVERY as f64 / 48.0
}

/// One peer: its clock, its card, its output, and what was found in its recording.
pub struct Peer {
    pub clock: RoomClock,
    pub clock_ppm: f64,
    pub card: VirtualCard,
    pub output: Output,
    recorder: Recorder,
    /// True times of the clicks heard so far.
    pub heard_ns: Vec<f64>,
}

/// The exact map of a peer whose clock shows `offset` and runs `ppm` fast, anchored at true time `at`.
pub fn exact_map(clock: &RoomClock, ppm: f64, true_ns: i64) -> SessionMap {
    SessionMap {
        timebase: TimebaseId(7),
        host: clock.at(true_ns),
        session: SessionTime(SESSION_STARTS_NS + true_ns),
        rate_ppb: ((1.0 / (1.0 + ppm * 1e-6) - 1.0) * 1e9).round() as i64,
    }
}

impl Peer {
    pub fn join(room: &mut VirtualRoom, offset_ns: i64, clock_ppm: f64, spec: CardSpec) -> Self {
        let clock = room.clock(offset_ns, clock_ppm);
        let channels = spec.channels;
        let card = room.card(spec);
        let map = exact_map(&clock, clock_ppm, room.now_ns());
        let config = OutputConfig::default();
        let output = Output::open_on(&card, config, Arc::new(clock.clone()), map, Box::new(Clicks::new()))
            .expect("a virtual card opens");
        let recorder = Recorder::of(card.clone(), channels);
        Self { clock, clock_ppm, card, output, recorder, heard_ns: Vec::new() }
    }

    /// Sets the map that is exact at `true_ns`, off by `error_ns`.
    pub fn steer(&self, true_ns: i64, error_ns: i64) {
        let mut map = exact_map(&self.clock, self.clock_ppm, true_ns);
        map.session = map.session + error_ns;
        self.output.set_session_map(map);
    }

    /// Looks for clicks in what was recorded since the last time.
    pub fn listen(&mut self) {
        self.recorder.listen();
        self.heard_ns.clone_from(&self.recorder.heard_ns);
    }

    /// Stream frame that is due at this true time, as a count of clicks.
    pub fn clicks_at(true_ns: f64) -> f64 {
        (true_ns + SESSION_STARTS_NS as f64) * 48_000.0 / 1e9 / CLICK_EVERY as f64
    }

    /// How far each click after `from_ns` was from its place in session time, in ms; panics when
    /// one is missing or heard twice.
    pub fn errors_ms(&self, from_ns: i64) -> Vec<f64> {
        let heard: Vec<f64> = self.heard_ns.iter().copied().filter(|at| *at >= from_ns as f64).collect();
        for pair in heard.windows(2) {
            let (one, next) = (number_of(pair[0]), number_of(pair[1]));
            assert_eq!(next - one, 1, "click {one} at {} s is followed by {next}", pair[0] / 1e9);
        }
        heard.into_iter().map(off_ms).collect()
    }
}

/// Lets time pass for everybody, with the clock bridges kept and `each` called every [`STEP`].
pub fn run(room: &mut VirtualRoom, peers: &mut [Peer], nanos: i64, mut each: impl FnMut(i64, &mut [Peer])) {
    let end = room.now_ns() + nanos;
    while room.now_ns() < end {
        room.run_for(STEP);
        peers.iter().for_each(|peer| peer.output.maintain());
        each(room.now_ns(), peers);
        if room.now_ns() % (10 * SECOND) == 0 || room.now_ns() >= end {
            peers.iter_mut().for_each(Peer::listen);
        }
    }
}

/// Difference in ms between the times at which two peers sounded the same click.
pub fn differences_ms(one: &Peer, other: &Peer, from_ns: i64) -> Vec<f64> {
    let numbered = |peer: &Peer| -> std::collections::BTreeMap<i64, f64> {
        peer.heard_ns.iter().map(|at| (Peer::clicks_at(*at).round() as i64, *at)).collect()
    };
    let others = numbered(other);
    let pairs = numbered(one).into_iter().filter(|(_, at)| *at >= from_ns as f64);
    pairs.filter_map(|(click, at)| Some((at - others.get(&click)?) / 1e6)).collect()
}

/// The sizes of these at p50, p99 and worst, in microseconds.
pub fn summary_us(values_ms: &[f64]) -> [f64; 3] {
    let mut sizes: Vec<f64> = values_ms.iter().map(|value| value.abs() * 1e3).collect();
    [0.5, 0.99, 1.0].map(|part| sound::quantile(&mut sizes, part))
}
