//! Every gate with its bars. The figures are those the project has set itself; none is fitted to a result.

use super::{Figure, Gate, Unit};
use crate::{
    baseline::Method,
    network::Network::{self, BadWifi, GoodWifi, Internet, Lan},
    room::{Departures, Room},
    scenario::{self, Trial},
};

const MICROSECOND: f64 = 1e3;
const MILLISECOND: f64 = 1e6;
const SECOND: f64 = 1e9;

/// How much larger errors of the honest may be where others lie.
const BESIDE_LIARS: f64 = 2.5;

/// How much of everything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// How long errors are collected where nothing happens.
    pub seconds: f64,
    /// The same beside liars, newcomers and in a crowd, where a trial is many labs or many peers.
    pub trouble_seconds: f64,
}

impl Effort {
    /// For every change: the same seeds and stories, looked at for a shorter time.
    pub const QUICK: Self = Self { seconds: 60.0, trouble_seconds: 8.0 };
    /// For the tables.
    pub const FULL: Self = Self::of_seconds(300.0);

    /// In proportion.
    pub const fn of_seconds(seconds: f64) -> Self {
        Self { seconds, trouble_seconds: seconds / 5.0 }
    }
}

/// All gates.
pub fn all(effort: Effort) -> Vec<Gate> {
    let mut gates = Vec::new();
    for network in Network::ALL {
        gates.extend([2, 5].map(|peers| steady(network, peers, effort)));
    }
    gates.extend([Lan, GoodWifi, BadWifi, Internet].map(join));
    for network in Network::ALL {
        gates.extend([2, 5, 8].map(|peers| cold_start(network, peers)));
    }
    gates.extend([Lan, GoodWifi, BadWifi].map(|network| churn(network, effort)));
    for network in [Lan, GoodWifi, BadWifi] {
        gates.extend([(4, 1), (5, 1), (7, 2), (10, 3)].map(|company| liars(network, company, effort)));
    }
    gates.extend([Lan, GoodWifi, BadWifi].map(partition));
    for network in [Lan, GoodWifi, BadWifi] {
        gates.extend([(4, 2), (3, 3), (1, 1), (5, 3)].map(|sizes| meeting(network, sizes)));
    }
    for network in [Lan, GoodWifi] {
        gates.extend([false, true].map(|known| suspend(network, known)));
    }
    gates.extend([Lan, GoodWifi].map(|network| crowd(network, effort)));
    gates.extend(Network::ALL.map(storm));
    gates
}

/// Ours and the other methods, as gates without a bar.
pub fn comparison(effort: Effort) -> Vec<Gate> {
    let mut gates = Vec::new();
    for network in Network::ALL {
        gates.push(Gate::new(network.name(), "**Antiphon**", move |seed| {
            scenario::steady(seed, network.into(), 5, effort.seconds)
        }));
        gates.extend(Method::ALL.map(|method| {
            Gate::new(network.name(), method.name(), move |seed| {
                scenario::beside(method, seed, network.into(), 5, effort.seconds)
            })
        }));
    }
    gates
}

/// The same in other rooms.
pub fn variants(effort: Effort) -> Vec<Gate> {
    let gate = |case: &'static str, room: Room| {
        Gate::new(room.network.name(), case, move |seed| scenario::steady(seed, room, 5, effort.seconds))
    };
    let kind = |network: Network| Room { kind_crystals: true, ..network.into() };
    let warming = |network: Network| Room { warming: true, ..network.into() };
    let doubled = |network: Network| Room { doubled: 0.05, ..network.into() };
    vec![
        gate("crystals of 5 to 20 ppm", kind(Lan)),
        gate("crystals of 5 to 20 ppm", kind(GoodWifi)),
        gate("one crystal warming and cooling 10 ppm a minute", warming(Lan)),
        gate("one crystal warming and cooling 10 ppm a minute", warming(GoodWifi)),
        gate("5 % of packets arrive twice", doubled(GoodWifi)),
        gate("packets leave late", Room { departures: Departures::Late, ..Lan.into() }),
        gate("packets leave late and it is told", Room { departures: Departures::LateAndTold, ..Lan.into() }),
        gate("bursts on all links at once", Room { shared_bursts: true, ..BadWifi.into() }),
        gate("three wired peers among wireless ones", Room { wired: 3, ..BadWifi.into() }),
    ]
}

/// The largest error of pairs where nothing happens.
const fn steady_bars(network: Network) -> (f64, f64) {
    match network {
        Lan => (50.0 * MICROSECOND, 150.0 * MICROSECOND),
        GoodWifi => (350.0 * MICROSECOND, 750.0 * MICROSECOND),
        BadWifi => (1.25 * MILLISECOND, 2.5 * MILLISECOND),
        Internet => (3.5 * MILLISECOND, 4.5 * MILLISECOND),
    }
}

/// What "right" means for a newcomer.
const fn right_within_ns(network: Network) -> i64 {
    match network {
        Lan | GoodWifi => 1_000_000,
        BadWifi => 2_000_000,
        Internet => 5_000_000,
    }
}

fn steady(network: Network, peers: usize, effort: Effort) -> Gate {
    let (p99, max) = steady_bars(network);
    let case = format!("{}, n = {peers}", network.name());
    Gate::new("steady", case, move |seed| scenario::steady(seed, network.into(), peers, effort.seconds))
        .bar("pair error, p99", Figure::Quantile("pair", 0.99), Unit::Time, p99)
        .bar("pair error, max", Figure::Max("pair"), Unit::Time, max)
}

fn join(network: Network) -> Gate {
    let (lock_s, moved) = match network {
        Lan => (0.2, 60.0 * MICROSECOND),
        GoodWifi => (0.5, 100.0 * MICROSECOND),
        BadWifi => (0.7, 200.0 * MICROSECOND),
        Internet => (0.6, f64::INFINITY),
    };
    let right = right_within_ns(network);
    let gate = Gate::new("join", network.name(), move |seed| scenario::join(seed, network.into(), right))
        .bar("right for 10 s, p99", Figure::Quantile("right", 0.99), Unit::Time, lock_s * SECOND);
    if network == Internet {
        return gate;
    }
    gate.bar("the others' mean moved, p99", Figure::Quantile("moved", 0.99), Unit::Time, moved)
}

fn cold_start(network: Network, peers: usize) -> Gate {
    let case = format!("{}, n = {peers}", network.name());
    Gate::new("cold start", case, move |seed| scenario::cold_start(seed, network.into(), peers)).bar(
        "one time base, max",
        Figure::Max("one island"),
        Unit::Time,
        3.5 * SECOND,
    )
}

fn churn(network: Network, effort: Effort) -> Gate {
    // Members may never be further apart than where nobody comes or goes.
    let (_, max) = steady_bars(network);
    let seconds = effort.seconds;
    Gate::new("churn", network.name(), move |seed| scenario::churn(seed, network.into(), seconds)).bar(
        "pair error of members, p99",
        Figure::Quantile("pair", 0.99),
        Unit::Time,
        max,
    )
}

fn liars(network: Network, (peers, liars): (usize, usize), effort: Effort) -> Gate {
    let case = format!("{}, {liars} of {peers}", network.name());
    let seconds = effort.trouble_seconds;
    Gate::new("liars", case, move |seed| scenario::liars(seed, network.into(), peers, liars, seconds)).bar(
        "honest p99 over that without",
        Figure::WorstOver("without"),
        Unit::Times,
        BESIDE_LIARS,
    )
}

fn partition(network: Network) -> Gate {
    let (_, limit) = steady_bars(network);
    Gate::new("partition", network.name(), move |seed| {
        scenario::partition(seed, network.into(), limit as i64)
    })
    .bar("healed, max", Figure::Max("healed"), Unit::Time, 15.0 * SECOND)
    .bar("slew, max", Figure::Max("slew"), Unit::Rate, 1_000_000.0)
}

fn meeting(network: Network, (many, few): (usize, usize)) -> Gate {
    let case = format!("{}, {many} v {few}", network.name());
    Gate::new("meeting", case, move |seed| scenario::meeting(seed, network.into(), many, few))
        .bar("one time base, max", Figure::Max("one time"), Unit::Time, 3.0 * SECOND)
        .bar("winners moved in 50 ms, max", Figure::Max("moved"), Unit::Time, 50.0 * MICROSECOND)
}

fn suspend(network: Network, gap_known: bool) -> Gate {
    let case = format!("{}, gap {}", network.name(), if gap_known { "known" } else { "unknown" });
    let right = right_within_ns(network);
    let (_, max) = steady_bars(network);
    Gate::new("suspend 30 s", case, move |seed| scenario::suspend(seed, network.into(), right, gap_known))
        .bar("relocked, max", Figure::Max("relocked"), Unit::Time, 0.6 * SECOND)
        .bar("the others, max", Figure::Max("others"), Unit::Time, max)
}

fn crowd(network: Network, effort: Effort) -> Gate {
    let case = format!("{}, n = 100", network.name());
    let seconds = effort.trouble_seconds / 2.0;
    let p99 = if network == Lan { 100.0 * MICROSECOND } else { 350.0 * MICROSECOND };
    Gate::new("crowd", case, move |seed| scenario::crowd(seed, network.into(), 100, seconds))
        .bar("pair error, p99", Figure::Quantile("pair", 0.99), Unit::Time, p99)
        .bar("packets a peer", Figure::Mean("sent"), Unit::Packets, 30_000.0)
}

/// Every trial is so many schedules: 1,000 seeds are 12,000 of them.
const SCHEDULES: u64 = 3;

fn storm(network: Network) -> Gate {
    // Some of them lie.
    let (p99, max) = steady_bars(network);
    Gate::new("storm", network.name(), move |seed| {
        let mut trial = Trial::default();
        (0..SCHEDULES).for_each(|nth| trial.absorb(scenario::storm(seed * SCHEDULES + nth, network)));
        trial
    })
    .bar("one island once it is calm, max", Figure::Max("calm"), Unit::Time, 15.0 * SECOND)
    .bar("then pair error of the honest, p99", Figure::Quantile("pair", 0.99), Unit::Time, BESIDE_LIARS * p99)
    .bar("max", Figure::Max("pair"), Unit::Time, BESIDE_LIARS * max)
}
