//! From the kernel's stamps to the host's clock.
//!
//! The kernel notes by the calendar clock when a datagram reached the machine, or left it; this thread reads it
//! later, by as much as its wake-up took. Reading host, calendar, host in a row gives the age of a stamp, and so
//! the host time of the event without the wake-up in it. The calendar can be set at any moment, so a stamp is
//! believed only while it runs along with the host's clock and says something near.

use antiphon_timeline::{HostClock, HostTime};

const MILLISECOND: i64 = 1_000_000;
/// A stamp older than this says that the calendar was set, or that the thread stood still.
const AGE_MAX_NS: i64 = 100 * MILLISECOND;
/// What the calendar may gain on the host's clock between two looks, beside its steering.
const STEP_NS: i64 = MILLISECOND;
/// The kernel steers the calendar by at most 500 ppm; a bent clock of a test runs as much beside it.
const STEERING_MAX_PPM: i64 = 1_000;

/// Nanoseconds since 1970 by the calendar clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CalendarTime(pub(crate) i64);

/// Maps stamps as they come.
#[derive(Debug, Default)]
pub(crate) struct StampBridge {
    last: Option<(HostTime, i64)>,
}

/// One look at both clocks, taken as soon as the datagram is in hand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    before: HostTime,
    calendar: CalendarTime,
    after: HostTime,
}

impl Look {
    pub(crate) fn take(clock: &dyn HostClock) -> Self {
        let before = clock.now();
        let calendar = calendar_now();
        Self { before, calendar, after: clock.now() }
    }
}

impl StampBridge {
    /// When the stamped event happened, by the host's clock: the stamp's answer, or the look's where the stamp
    /// is missing or cannot be true. Never later than the look.
    pub(crate) fn host_time(&mut self, look: Look, stamp: Option<CalendarTime>) -> HostTime {
        let steady = self.is_steady(&look);
        let Some(stamp) = stamp.filter(|_| steady) else { return look.before };
        let age_ns = look.calendar.0.saturating_sub(stamp.0);
        if !(0..AGE_MAX_NS).contains(&age_ns) {
            return look.before;
        }
        // Both are at or after the event, whatever held the thread up between its readings: a packet may seem later
        // than it was, but never earlier, which is what the bounds of the link filter rest on.
        (look.after + -age_ns).min(look.before)
    }

    /// Whether the calendar has run along with the host's clock since the last look.
    fn is_steady(&mut self, look: &Look) -> bool {
        let offset_ns = look.calendar.0.saturating_sub(look.before.0);
        let steady = self.last.is_some_and(|(then, offset_then_ns)| {
            let steering_ns =
                look.before.saturating_since(then).saturating_abs() / 1_000_000 * STEERING_MAX_PPM;
            offset_ns.saturating_sub(offset_then_ns).saturating_abs() < steering_ns.saturating_add(STEP_NS)
        });
        self.last = Some((look.before, offset_ns));
        steady
    }
}

#[expect(clippy::disallowed_methods, reason = "the kernel stamps datagrams by the calendar clock")]
fn calendar_now() -> CalendarTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    CalendarTime(since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A look at `us` after the start, on a machine whose calendar is `offset_us` ahead of its host clock.
    fn look(us: i64, offset_us: i64) -> Look {
        let before = HostTime(us * 1_000);
        Look { before, calendar: CalendarTime((us + offset_us) * 1_000), after: before + 400 }
    }

    fn stamp(us: i64) -> Option<CalendarTime> {
        Some(CalendarTime(us * 1_000))
    }

    fn running() -> StampBridge {
        let mut bridge = StampBridge::default();
        bridge.host_time(look(0, 5_000), None);
        bridge
    }

    #[test]
    fn a_stamp_takes_the_wake_up_out_of_the_time() {
        let received = running().host_time(look(1_000_000, 5_000), stamp(1_004_930));
        assert_eq!(received, HostTime(1_000_000_000 - 70_000 + 400));
    }

    #[test]
    fn a_thread_held_up_between_its_readings_never_makes_a_packet_earlier() {
        let mut bridge = running();
        let held_up = Look { after: HostTime(1_003_000_000), ..look(1_000_000, 5_000) };
        assert_eq!(bridge.host_time(held_up, stamp(1_004_930)), HostTime(1_000_000_000));
    }

    #[test]
    fn a_stamp_of_the_future_or_of_long_ago_is_not_believed() {
        let mine = HostTime(1_000_000_000);
        assert_eq!(running().host_time(look(1_000_000, 5_000), stamp(1_005_001)), mine);
        assert_eq!(running().host_time(look(1_000_000, 5_000), stamp(905_000)), mine);
        assert_eq!(running().host_time(look(1_000_000, 5_000), None), mine);
    }

    #[test]
    fn stamps_are_passed_over_while_the_calendar_is_being_set() {
        let mut bridge = running();
        let mine = HostTime(1_000_000_000);
        assert_eq!(bridge.host_time(look(1_000_000, 50_000), stamp(1_049_000)), mine, "set ahead by 45 ms");
        let next = bridge.host_time(look(1_000_500, 50_000), stamp(1_050_400));
        assert_eq!(next, HostTime(1_000_400_000 + 400), "and believed again after that");
    }

    #[test]
    fn the_first_stamp_has_nothing_to_be_checked_against() {
        let received = StampBridge::default().host_time(look(10, 5_000), stamp(5_000));
        assert_eq!(received, HostTime(10_000));
    }
}
