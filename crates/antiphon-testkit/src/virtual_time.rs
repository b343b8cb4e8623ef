//! Time that passes when a test says so, and host clocks that read it with an offset and a skew.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use antiphon_timeline::{HostClock, HostTime};

/// True time of a test, in nanoseconds. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct VirtualTime(Arc<AtomicI64>);

impl VirtualTime {
    /// Time 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// True time now.
    pub fn now_ns(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }

    /// Lets `ns` pass.
    pub fn advance(&self, ns: i64) {
        self.0.fetch_add(ns, Ordering::AcqRel);
    }

    /// A machine's clock that read `offset_ns` at true time 0 and gains `ppb` parts per billion.
    pub fn clock(&self, offset_ns: i64, ppb: i64) -> VirtualClock {
        VirtualClock { time: self.clone(), offset_ns: AtomicI64::new(offset_ns).into(), ppb }
    }
}

/// A host clock that runs by [`VirtualTime`].
#[derive(Debug, Clone)]
pub struct VirtualClock {
    time: VirtualTime,
    offset_ns: Arc<AtomicI64>,
    ppb: i64,
}

impl VirtualClock {
    /// Steps this clock, as a broken or suspended machine's does.
    pub fn step(&self, ns: i64) {
        self.offset_ns.fetch_add(ns, Ordering::AcqRel);
    }
}

impl HostClock for VirtualClock {
    fn now(&self) -> HostTime {
        let now_ns = self.time.now_ns();
        let gained = i128::from(now_ns) * i128::from(self.ppb) / 1_000_000_000;
        HostTime(now_ns + gained as i64 + self.offset_ns.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skewed_clock_gains_what_it_says() {
        let time = VirtualTime::new();
        let clock = time.clock(500, 20_000);
        time.advance(1_000_000_000);
        assert_eq!(clock.now(), HostTime(1_000_020_500));
        clock.step(-500);
        assert_eq!(clock.now(), HostTime(1_000_020_000));
    }
}
