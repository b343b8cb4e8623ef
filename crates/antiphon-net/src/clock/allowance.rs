//! How many packets somebody may still send: a second's worth, refilled evenly. More are dropped unread.

use antiphon_timeline::HostTime;

/// An allowance in thousand-millionths of a packet, so that it is exact.
#[derive(Debug)]
pub(crate) struct Allowance {
    per_second: i64,
    left: i64,
    counted_at: HostTime,
}

const PACKET: i64 = 1_000_000_000;

impl Allowance {
    pub(crate) fn new(per_second: u32, now: HostTime) -> Self {
        let per_second = i64::from(per_second);
        Self { per_second, left: per_second * PACKET, counted_at: now }
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&mut self, now: HostTime) -> bool {
        let passed_ns = now.saturating_since(self.counted_at).clamp(0, PACKET);
        self.counted_at = now;
        self.left = (self.left + passed_ns * self.per_second).min(self.per_second * PACKET);
        let granted = self.left >= PACKET;
        if granted {
            self.left -= PACKET;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_thinned_to_the_allowed_rate() {
        let mut allowance = Allowance::new(200, HostTime(7));
        let granted = (0..100_000).filter(|n| allowance.take(HostTime(7 + n * 20_000))).count();
        // A full second's worth at first, then two seconds of refill.
        assert!((599..=600).contains(&granted), "{granted}");
    }

    #[test]
    fn a_clock_that_jumps_gives_a_second_at_most() {
        let mut allowance = Allowance::new(10, HostTime(0));
        let granted =
            |allowance: &mut Allowance, at: i64| (0..100).filter(|_| allowance.take(HostTime(at))).count();
        assert_eq!(granted(&mut allowance, 0), 10);
        assert_eq!(granted(&mut allowance, i64::MAX), 10);
        assert_eq!(granted(&mut allowance, i64::MIN), 0);
    }
}
