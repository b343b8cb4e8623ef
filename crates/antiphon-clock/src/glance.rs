//! What the newest exchanges alone say of a clock, for showing one that no line fits.
//!
//! It is never steered by: a single exchange is off by half its round trip, and two of them tell a rate only
//! where it is as wrong as that of a clock at double speed.

use antiphon_timeline::HostTime;

/// The newest exchange, and how their clock ran since the one before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glance {
    /// Our clock when the answer came.
    pub at: HostTime,
    /// Their clock then, if both ways took the same.
    pub remote: HostTime,
    /// What both ways took.
    pub round_trip_ns: i64,
    /// How much faster their clock ran lately, as a ratio, by when answers left and came.
    pub drift: f64,
    /// When an answer left, by their clock, and came, from which on `drift` is reckoned next.
    from: (HostTime, HostTime),
}

/// Answers closer together than this tell more of the network than of a clock.
const APART_MIN_NS: i64 = 200_000_000;

impl Glance {
    /// The glance after `before`: our packet left at `sent` and arrived at `arrived` by their clock; theirs
    /// left at `answered` by their clock and came at `at`.
    pub fn after(
        before: Option<Self>,
        (sent, arrived): (HostTime, HostTime),
        (answered, at): (HostTime, HostTime),
    ) -> Self {
        let round_trip_ns = (at - sent).saturating_sub(answered - arrived).max(0);
        let remote = answered + round_trip_ns / 2;
        let (drift, from) = match before {
            Some(before) if at - before.from.1 >= APART_MIN_NS => {
                let passed_ns = at - before.from.1;
                let gained_ns = (answered - before.from.0).saturating_sub(passed_ns);
                (gained_ns as f64 / passed_ns as f64, (answered, at))
            }
            Some(before) => (before.drift, before.from),
            None => (0.0, (answered, at)),
        };
        Self { at, remote, round_trip_ns, drift, from }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    #[test]
    fn two_exchanges_tell_the_rate_of_a_hasty_clock() {
        let theirs = |at: i64| HostTime(7_000 * MS + 2 * at);
        let exchange = |before, sent: i64| {
            let ours = (HostTime(sent), theirs(sent + MS));
            Glance::after(before, ours, (theirs(sent + MS), HostTime(sent + 2 * MS)))
        };
        let first = exchange(None, 100 * MS);
        assert_eq!((first.round_trip_ns, first.drift), (2 * MS, 0.0));
        let second = exchange(Some(first), 350 * MS);
        assert!((second.drift - 1.0).abs() < 1e-9, "{second:?}");
        assert!((second.remote - theirs(352 * MS)).abs() <= MS);
    }

    #[test]
    fn hostile_times_are_only_wrong() {
        let times = [i64::MIN, i64::MAX, 0, -1].map(HostTime);
        let mut glance = None;
        for (a, b) in times.into_iter().flat_map(|a| times.map(|b| (a, b))) {
            for (c, d) in times.into_iter().flat_map(|c| times.map(|d| (c, d))) {
                glance = Some(Glance::after(glance, (a, b), (c, d)));
            }
        }
        assert!(glance.is_some_and(|glance| glance.round_trip_ns >= 0));
    }
}
