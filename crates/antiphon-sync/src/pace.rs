//! How fast somebody may go: a bucket that fills steadily and is emptied by use.

use antiphon_timeline::{HostTime, NANOS_PER_SECOND};

/// A token bucket. Time that goes back fills nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    nanos_per_token: i64,
    /// How far ahead of the steady pace the user may be.
    burst_nanos: i64,
    /// The time at which the bucket would be full again.
    full_at: HostTime,
}

impl Pace {
    pub fn new(per_second: u32, burst: u32) -> Self {
        let nanos_per_token = NANOS_PER_SECOND / i64::from(per_second.max(1));
        Self { nanos_per_token, burst_nanos: nanos_per_token * i64::from(burst), full_at: HostTime(i64::MIN) }
    }

    /// Takes a token; `false` when there is none.
    pub fn take(&mut self, now: HostTime) -> bool {
        let after = self.full_at.max(now) + self.nanos_per_token;
        let allowed = after - now <= self.burst_nanos;
        if allowed {
            self.full_at = after;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_once_and_then_the_steady_pace() {
        let mut pace = Pace::new(50, 500);
        let taken = (0..600).filter(|_| pace.take(HostTime(0))).count();
        assert_eq!(taken, 500);
        let later = (0..600).filter(|_| pace.take(HostTime(NANOS_PER_SECOND))).count();
        assert_eq!(later, 50);
    }
}
