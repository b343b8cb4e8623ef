//! What can happen to a session, told as trials: a seed goes in, measured errors and broken promises come out.
//!
//! A trial runs one story in one room. It judges only what may never be (an established peer that steps,
//! session time that steps untold); how large an error may be is for the [gates](crate::gates) to say,
//! over many seeds.

mod churn;
mod cold_start;
mod crowd;
mod join;
mod liars;
mod meeting;
mod partition;
mod steady;
mod storm;
mod suspend;

use std::{
    collections::BTreeMap,
    ops::{AddAssign, Sub},
};

pub use self::{
    churn::churn,
    cold_start::cold_start,
    crowd::crowd,
    join::join,
    liars::liars,
    meeting::meeting,
    partition::partition,
    steady::{beside, steady},
    storm::storm,
    suspend::suspend,
};
use crate::{
    clock_lab::{ClockLab, PeerIndex, Traffic},
    errors::Errors,
};

/// From here on a session that starts with everybody is settled.
pub const SETTLE_S: f64 = 30.0;
/// Session time is whole nanoseconds, so a map that is bent may round by one and its reader by another.
const ROUNDING_NS: i64 = 2;

/// What came of one story.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// Measured quantities by name, in nanoseconds, thousandths or ppb as their bars say.
    pub series: BTreeMap<&'static str, Errors>,
    /// Promises that were not kept, in words.
    pub broken: Vec<String>,
    /// What our clocks did for it.
    pub cost: Cost,
}

/// Work of clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Seconds that peers were simulated, added up.
    pub peer_s: f64,
    /// Packets sent.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Cost {
    /// What a lab has cost so far.
    fn of(lab: &ClockLab) -> Self {
        let Traffic { packets, bytes } = lab.traffic();
        Self { peer_s: lab.peer_s(), packets, bytes }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.peer_s += other.peer_s;
        self.packets += other.packets;
        self.bytes += other.bytes;
    }
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let (packets, bytes) = (self.packets - other.packets, self.bytes - other.bytes);
        Self { peer_s: self.peer_s - other.peer_s, packets, bytes }
    }
}

impl Trial {
    /// Adds one value to a series.
    pub fn add(&mut self, series: &'static str, value: i64) {
        self.series.entry(series).or_default().add(value);
    }

    /// Adds many values to a series.
    pub fn extend(&mut self, series: &'static str, errors: &Errors) {
        self.series.entry(series).or_default().extend(errors);
    }

    /// Notes a broken promise, unless it was kept.
    pub fn promise(&mut self, kept: bool, otherwise: impl FnOnce() -> String) {
        if !kept {
            self.broken.push(otherwise());
        }
    }

    /// Adds another trial of the same story.
    pub fn absorb(&mut self, other: Self) {
        other.series.iter().for_each(|(name, errors)| self.extend(name, errors));
        self.broken.extend(other.broken);
        self.cost += other.cost;
    }

    fn count(&mut self, lab: &ClockLab) {
        self.cost += Cost::of(lab);
    }

    /// Session time may step only when it is told.
    fn promise_told(&mut self, lab: &ClockLab, peers: &[PeerIndex]) {
        let untold_ns = peers.iter().map(|&peer| lab.untold_step_max_ns(peer)).max().unwrap_or(0);
        self.promise(untold_ns <= ROUNDING_NS, || format!("session time stepped by {untold_ns} ns untold"));
    }
}

/// Seconds as nanoseconds.
fn nanos(seconds: f64) -> i64 {
    (seconds * 1e9) as i64
}
