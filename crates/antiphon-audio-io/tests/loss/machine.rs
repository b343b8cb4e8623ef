//! One machine with several cards: what is heard of it, on all of them together.

use std::sync::{Arc, Mutex, PoisonError};

use antiphon_audio_io::{
    CardSpec, Output, OutputConfig, OutputStatus, RoomCards, RoomClock, VirtualCard, VirtualRoom,
};
use antiphon_timeline::Frames;

use crate::common::{Clicks, Peer, Recorder, SECOND, exact_map, number_of, off_ms};

/// How often the keeper ticks here, as its thread does while it is busy.
pub const TICK: i64 = 10_000_000;
pub const CLOCK_PPM: f64 = 35.0;

/// Blocks of the stream in the order in which they were rendered: first frame and length.
type Rendered = Arc<Mutex<Vec<(i64, i64)>>>;

pub struct Machine {
    pub room: VirtualRoom,
    pub clock: RoomClock,
    pub cards: RoomCards,
    pub output: Output,
    recorders: Vec<Recorder>,
    rendered: Rendered,
    /// Session time minus what it would be by the exact map.
    pub map_error_ns: i64,
    pub steered: bool,
}

/// A click that was heard: which, and how much too early or late.
#[derive(Debug, Clone, Copy)]
pub struct Heard {
    pub number: i64,
    pub off_ms: f64,
}

impl Machine {
    /// Starts playing on the first card, which is the default one, or on `chosen`.
    pub fn start(
        specs: impl IntoIterator<Item = CardSpec>,
        chosen: Option<&str>,
    ) -> (Self, Vec<VirtualCard>) {
        let mut room = VirtualRoom::new();
        let clock = room.clock(77 * SECOND, CLOCK_PPM);
        let channels: Vec<CardSpec> = specs.into_iter().collect();
        let all: Vec<VirtualCard> = channels.iter().map(|spec| room.card(spec.clone())).collect();
        let recorders =
            all.iter().zip(&channels).map(|(card, spec)| Recorder::of(card.clone(), spec.channels));
        let cards = RoomCards::new(all.clone());
        let rendered = Rendered::default();
        let (mut clicks, record) = (Clicks::new(), rendered.clone());
        let source = move |first: Frames, out: &mut [f32]| {
            record.lock().unwrap_or_else(PoisonError::into_inner).push((first.0, out.len() as i64 / 2));
            antiphon_audio_io::Source::render(&mut clicks, first, out);
        };
        let config = OutputConfig { output: chosen.map(str::to_owned), ..OutputConfig::default() };
        let map = exact_map(&clock, CLOCK_PPM, 0);
        let output = Output::driven(cards.clone(), config, Arc::new(clock.clone()), map, Box::new(source));
        let machine = Self {
            room,
            clock,
            cards,
            output,
            recorders: recorders.collect(),
            rendered,
            map_error_ns: 0,
            steered: true,
        };
        (machine, all)
    }

    /// Lets time pass, with the session's map kept exact.
    pub fn run(&mut self, nanos: i64) {
        let end = self.room.now_ns() + nanos;
        while self.room.now_ns() < end {
            self.room.run_for(TICK.min(end - self.room.now_ns()));
            if self.steered {
                self.steer();
            }
            self.output.maintain();
            if self.room.now_ns() % SECOND == 0 {
                self.recorders.iter_mut().for_each(Recorder::listen);
            }
        }
    }

    pub fn steer(&self) {
        let mut map = exact_map(&self.clock, CLOCK_PPM, self.room.now_ns());
        map.session = map.session + self.map_error_ns;
        self.output.set_session_map(map);
    }

    pub fn status(&self) -> OutputStatus {
        self.output.status()
    }

    pub fn now_s(&self) -> f64 {
        self.room.now_ns() as f64 / 1e9
    }

    /// Runs until something is heard again; how many seconds that took from `since_s` on.
    pub fn seconds_until_heard(&mut self, since_s: f64) -> f64 {
        let deadline = self.room.now_ns() + 20 * SECOND;
        while self.room.now_ns() < deadline {
            self.run(SECOND / 10);
            self.recorders.iter_mut().for_each(Recorder::listen);
            let heard = self.recorders.iter().flat_map(|recorder| &recorder.heard_ns);
            if let Some(first) = heard.copied().filter(|at| *at > since_s * 1e9).min_by(f64::total_cmp) {
                return first / 1e9 - since_s;
            }
        }
        panic!("nothing is heard: {:?}", self.status());
    }

    /// All clicks heard from `from_s` to `to_s`, on whatever card, in their order.
    #[track_caller]
    pub fn heard(&mut self, from_s: f64, to_s: f64) -> Vec<Heard> {
        self.recorders.iter_mut().for_each(Recorder::listen);
        let heard = self.recorders.iter().flat_map(|recorder| recorder.heard_ns.iter().copied());
        let mut heard: Vec<f64> = heard.filter(|at| (from_s * 1e9..to_s * 1e9).contains(at)).collect();
        heard.sort_by(f64::total_cmp);
        heard.into_iter().map(|at_ns| Heard { number: number_of(at_ns), off_ms: off_ms(at_ns) }).collect()
    }

    /// The same, checked: no click doubled, and none where there should be none. How many are missing.
    #[track_caller]
    pub fn missing(&mut self, from_s: f64, to_s: f64, tolerance_ms: f64) -> i64 {
        let [from, to] = [from_s, to_s].map(|at_s| Peer::clicks_at(at_s * 1e9).ceil() as i64);
        let mut heard = self.heard(from_s - 0.01, to_s + 0.01);
        heard.retain(|click| (from..to).contains(&click.number));
        assert!(!heard.is_empty(), "nothing was heard at all");
        for pair in heard.windows(2) {
            assert!(pair[0].number < pair[1].number, "doubled: {pair:?}");
        }
        let worst = heard.iter().fold(0.0, |worst: f64, click| worst.max(click.off_ms.abs()));
        println!(
            "from {from_s:.2} to {to_s:.2} s: {} of {} clicks, off by {worst:.3} ms at most",
            heard.len(),
            to - from
        );
        for click in &heard {
            assert!(click.off_ms.abs() <= tolerance_ms, "stray: {click:?}");
        }
        to - from - heard.len() as i64
    }

    /// Frames of the stream that were rendered twice, and how often the stream was not read on.
    pub fn rendered_twice_and_jumps(&self) -> (i64, usize) {
        let rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs = rendered.windows(2).map(|pair| pair[1].0 - (pair[0].0 + pair[0].1));
        pairs.fold((0, 0), |(twice, jumps), gap| (twice + (-gap).max(0), jumps + usize::from(gap != 0)))
    }
}
