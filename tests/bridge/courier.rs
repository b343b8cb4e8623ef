//! The courier: holds frames until they are due, and hands them over as exactly as the machine lets it.

use std::{
    cmp::Ordering,
    collections::BinaryHeap,
    hint,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::lateness::Lateness;
use crate::deadline::true_now_ns;

/// It wakes this much before a frame is due and waits the rest awake: waking takes about as long.
const AWAKE_NS: i64 = 60_000;

#[derive(Debug, Default)]
pub(super) struct Courier {
    bag: Mutex<Bag>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Bag {
    parcels: BinaryHeap<Parcel>,
    taken: u64,
    lateness: Lateness,
    stopped: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Parcel {
    due_ns: i64,
    number: u64,
    port: usize,
    frame: Vec<u8>,
}

impl Ord for Parcel {
    /// The heap gives its greatest first: that is what is due soonest, and of those what came first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due_ns, other.number).cmp(&(self.due_ns, self.number))
    }
}

impl PartialOrd for Parcel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Courier {
    /// Takes a frame to hand over at `due_ns`.
    pub(super) fn take(&self, due_ns: i64, port: usize, frame: Vec<u8>) {
        let mut bag = self.bag();
        bag.taken += 1;
        let number = bag.taken;
        bag.parcels.push(Parcel { due_ns, number, port, frame });
        let is_next = bag.parcels.peek().is_some_and(|next| next.number == number);
        drop(bag);
        if is_next {
            self.bell.notify_one();
        }
    }

    /// Hands over until it is stopped.
    pub(super) fn run(&self, mut hand_over: impl FnMut(usize, &[u8])) {
        while let Some(parcel) = self.next() {
            while true_now_ns() < parcel.due_ns {
                hint::spin_loop();
            }
            let late_ns = true_now_ns().saturating_sub(parcel.due_ns);
            hand_over(parcel.port, &parcel.frame);
            self.bag().lateness.add(late_ns);
        }
    }

    /// The next frame, once it is almost due.
    fn next(&self) -> Option<Parcel> {
        let mut bag = self.bag();
        while !bag.stopped {
            let nap_ns = bag.parcels.peek().map(|next| next.due_ns - AWAKE_NS - true_now_ns());
            bag = match nap_ns {
                None => self.bell.wait(bag).unwrap_or_else(PoisonError::into_inner),
                Some(nap_ns) if nap_ns > 0 => {
                    let nap = Duration::from_nanos(nap_ns.unsigned_abs());
                    self.bell.wait_timeout(bag, nap).unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => return bag.parcels.pop(),
            };
        }
        None
    }

    pub(super) fn stop(&self) {
        self.bag().stopped = true;
        self.bell.notify_one();
    }

    /// What it was late since the last question.
    pub(super) fn lateness(&self) -> Lateness {
        std::mem::take(&mut self.bag().lateness)
    }

    fn bag(&self) -> MutexGuard<'_, Bag> {
        self.bag.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_handed_over_in_the_order_they_are_due_and_never_early() {
        let courier = Courier::default();
        let now = true_now_ns();
        for (due_ms, port) in [(9, 3), (3, 1), (3, 2), (0, 0)] {
            courier.take(now + due_ms * 1_000_000, port, vec![0]);
        }
        let mut handed = Vec::new();
        courier.run(|port, _| {
            handed.push((port, true_now_ns() - now));
            if handed.len() == 4 {
                courier.stop();
            }
        });
        assert_eq!(handed.iter().map(|(port, _)| *port).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(handed[1].1 >= 3_000_000 && handed[3].1 >= 9_000_000, "{handed:?}");
        assert_eq!(courier.lateness().count(), 4);
        assert_eq!(courier.lateness().count(), 0, "a question empties it");
    }
}
