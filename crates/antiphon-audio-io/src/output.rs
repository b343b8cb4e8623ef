//! A place where the canonical stream is heard.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

use antiphon_timeline::{HostClock, HostTime, SessionMap};

use crate::{
    bell::Bell,
    card::{Cards, NoCards, SystemCards},
    desk::Desk,
    hands::Hands,
    keeper::Keeper,
    limits::{OPEN_PATIENCE_MS, ORDERS_MAX},
    position::Position,
    shown::{Board, OutputStatus},
    source::Source,
    stream::Opening,
    trims::{PassingTrims, TrimOutOfRange, Trims, checked},
    turns::Turns,
};

/// Which output, and where its trim is kept.
#[derive(Clone)]
pub struct OutputConfig {
    /// Id or name; the system's default when absent.
    pub output: Option<String>,
    /// How far off the reported latency of each output is.
    pub trims: Arc<dyn Trims>,
}

impl Default for OutputConfig {
    fn default() -> Self {
        Self { output: None, trims: Arc::new(PassingTrims::default()) }
    }
}

/// A running output. Dropping it stops it.
///
/// It keeps itself going: a device that vanishes gives way to silence that keeps time, and to the same device or
/// the default one as soon as there is one. No call here waits for that.
pub struct Output {
    desk: Arc<Desk>,
    board: Arc<Board>,
    orders: Arc<Orders>,
    way: Way,
}

enum Way {
    /// A thread ticks the keeper.
    Kept { stop: Arc<AtomicBool>, ended: Receiver<()> },
    /// The caller does.
    #[cfg_attr(not(feature = "virtual-card"), expect(dead_code, reason = "only simulated cards are driven"))]
    Driven(Box<Mutex<Keeper>>),
}

/// What was asked of the keeper since its last tick.
#[derive(Default)]
struct Orders {
    waiting: Mutex<Vec<Order>>,
}

enum Order {
    Choose(Option<String>),
    Trim(i64),
}

impl Orders {
    fn give(&self, order: Order) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == ORDERS_MAX {
            // The oldest say nothing any more that a later one does not.
            waiting.remove(0);
        }
        waiting.push(order);
    }

    fn carry_out(&self, keeper: &mut Keeper) {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        for order in waiting {
            match order {
                Order::Choose(wanted) => keeper.choose(wanted),
                Order::Trim(trim_ns) => keeper.set_trim_ns(trim_ns),
            }
        }
    }
}

impl Output {
    /// Plays `source` on a card, or keeps time in silence until there is one; its status says why.
    ///
    /// Waits for the first card as long as a sound server may take to answer, so that what follows is heard.
    pub fn open_or_silent(
        config: OutputConfig,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
        source: Box<dyn Source>,
    ) -> Self {
        let output = Self::kept(config, SystemCards, clock, map, source);
        output.board.wait_settled(Duration::from_millis(OPEN_PATIENCE_MS));
        output
    }

    /// No output: a thread keeps time and pulls `source`. `reason` is what the status shows as lost.
    pub fn silent(clock: Arc<dyn HostClock>, map: SessionMap, source: Box<dyn Source>, reason: &str) -> Self {
        let cards = NoCards { reason: reason.to_owned() };
        let output = Self::kept(OutputConfig::default(), cards, clock, map, source);
        output.board.wait_settled(Duration::from_millis(OPEN_PATIENCE_MS));
        output
    }

    /// Plays `source` on these cards, without a thread of its own: the caller calls [`Self::maintain`] every 10 to
    /// 100 ms. For simulated cards.
    #[cfg(feature = "virtual-card")]
    pub fn driven(
        cards: impl Cards,
        config: OutputConfig,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
        source: Box<dyn Source>,
    ) -> Self {
        let (desk, keeper, _) = keeper(config, cards, clock, map, source, false);
        let output = Self {
            desk,
            board: keeper.board(),
            orders: Arc::default(),
            way: Way::Driven(Box::new(Mutex::new(keeper))),
        };
        output.maintain();
        output
    }

    /// The same on one card, which has to open.
    #[cfg(feature = "virtual-card")]
    pub fn open_on(
        card: &crate::VirtualCard,
        config: OutputConfig,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
        source: Box<dyn Source>,
    ) -> Result<Self, crate::OpenOutputError> {
        crate::card::CardFormat::choose(card)?;
        Ok(Self::driven(card.clone(), config, clock, map, source))
    }

    fn kept(
        config: OutputConfig,
        cards: impl Cards,
        clock: Arc<dyn HostClock>,
        map: SessionMap,
        source: Box<dyn Source>,
    ) -> Self {
        let (desk, mut keeper, bell) = keeper(config, cards, clock, map, source, true);
        let (stop, orders): (Arc<AtomicBool>, Arc<Orders>) = Default::default();
        let (tell_end, ended) = channel();
        let board = keeper.board();
        let (told, carried) = (stop.clone(), orders.clone());
        let keep = move || {
            while !told.load(Ordering::Relaxed) {
                carried.carry_out(&mut keeper);
                let pause = keeper.tick();
                bell.wait(pause);
            }
            drop(keeper);
            let _ = tell_end.send(());
        };
        let started = thread::Builder::new().name("antiphon-output".into()).spawn(keep);
        if let Err(error) = started {
            tracing::error!(%error, "no thread to keep the output");
        }
        Self { desk, board, orders, way: Way::Kept { stop, ended } }
    }

    /// Plays on this one, by id or name, or on the default one, as soon as it is open. The music goes on in phase.
    pub fn choose(&self, output: Option<String>) {
        self.orders.give(Order::Choose(output));
        self.board.write(|shown| shown.is_settled = false);
    }

    /// Follows `map` from the next block on.
    pub fn set_session_map(&self, map: SessionMap) {
        self.desk.set_map(map);
    }

    /// Makes up for an output that is heard this much later than it claims, and keeps that under the id of the
    /// device that is really open, or is being opened. The stream moves there with a crossfade.
    pub fn set_trim_ns(&self, trim_ns: i64) -> Result<(), TrimOutOfRange> {
        let trim_ns = checked(trim_ns)?;
        self.orders.give(Order::Trim(trim_ns));
        Ok(())
    }

    /// How it is doing.
    pub fn status(&self) -> OutputStatus {
        self.board.read().status()
    }

    /// The stream frame leaving the speaker at `host`.
    pub fn audible(&self, host: HostTime) -> f64 {
        let planned = || {
            let map = self.desk.map_patiently();
            map.map_or(0.0, |map| Position::at(map.to_session(host)).frames())
        };
        let heard = self.board.read().desk().and_then(|desk| desk.heard());
        heard.map_or_else(planned, |heard| heard.at(host))
    }

    /// Looks after a driven output. The others do so by themselves.
    pub fn maintain(&self) {
        if let Way::Driven(keeper) = &self.way {
            let mut keeper = keeper.lock().unwrap_or_else(PoisonError::into_inner);
            self.orders.carry_out(&mut keeper);
            keeper.tick();
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Way::Kept { stop, ended } = &self.way {
            stop.store(true, Ordering::Relaxed);
            // A driver that hangs must not keep the program from ending.
            let _ = ended.recv_timeout(Duration::from_millis(OPEN_PATIENCE_MS));
        }
    }
}

fn keeper(
    config: OutputConfig,
    cards: impl Cards,
    clock: Arc<dyn HostClock>,
    map: SessionMap,
    source: Box<dyn Source>,
    threads: bool,
) -> (Arc<Desk>, Keeper, Arc<Bell>) {
    let desk = Arc::new(Desk::new(map));
    let opening = Arc::new(Opening::new(clock, desk.clone(), Turns::new(source), config.trims));
    let bell = opening.bell.clone();
    let hands = Hands::new(cards, opening.clone(), threads);
    (desk, Keeper::new(opening, hands, config.output), bell)
}
