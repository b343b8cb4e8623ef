//! Which counters of a direction have been seen: each is taken once, and none that is too old to know.

/// How far behind the newest a counter may come. Wi-Fi reorders by a handful; a burst has 36.
const WINDOW: u64 = 128;

/// The newest counter and the ones just below it, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ReplayWindow {
    newest: u64,
    /// Bit n is set when `newest - n` was taken.
    taken: u128,
}

impl ReplayWindow {
    /// Whether `counter` may still be taken. Asked before a datagram is opened; nothing changes.
    pub(crate) fn is_fresh(&self, counter: u64) -> bool {
        match self.newest.checked_sub(counter) {
            None => true,
            Some(behind) => counter != 0 && behind < WINDOW && self.taken & (1 << behind) == 0,
        }
    }

    /// Notes a counter whose datagram was genuine. Says whether it is the newest so far.
    pub(crate) fn take(&mut self, counter: u64) -> bool {
        match counter.checked_sub(self.newest) {
            Some(ahead) if ahead > 0 => {
                self.taken = if ahead < WINDOW { self.taken << ahead } else { 0 } | 1;
                self.newest = counter;
                true
            }
            _ => {
                let behind = self.newest - counter;
                if behind < WINDOW {
                    self.taken |= 1 << behind;
                }
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_counter_is_fresh_once_and_never_after_the_window_has_passed_it() {
        let mut window = ReplayWindow::default();
        assert!(!window.is_fresh(0), "counters start at 1");
        assert!(window.is_fresh(1) && window.take(1) && !window.is_fresh(1));
        assert!(window.take(200));
        assert!(!window.is_fresh(72), "128 behind");
        assert!(window.is_fresh(73));
        assert!(!window.take(73) && !window.is_fresh(73));
        assert!(window.take(u64::MAX) && !window.is_fresh(200) && !window.is_fresh(u64::MAX));
    }

    proptest! {
        #[test]
        fn no_order_of_arrival_lets_a_counter_in_twice(
            counters in proptest::collection::vec(1_u64..400, 1..300)
        ) {
            let (mut window, mut seen) = (ReplayWindow::default(), BTreeSet::new());
            let mut newest = 0;
            for counter in counters {
                let fresh = window.is_fresh(counter);
                let expected = !seen.contains(&counter) && counter + WINDOW > newest;
                prop_assert_eq!(fresh, expected, "{} after {}", counter, newest);
                if fresh {
                    prop_assert_eq!(window.take(counter), counter > newest);
                    seen.insert(counter);
                    newest = newest.max(counter);
                }
            }
        }
    }
}
