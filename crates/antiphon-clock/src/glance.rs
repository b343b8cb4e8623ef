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
    /// How much faster their clock ran since the glance before, as a ratio.
    pub drift: f64,
}

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
        let drift = before.filter(|before| at > before.at).map_or(0.0, |before| {
            (remote - before.remote).saturating_sub(at - before.at) as f64 / (at - before.at) as f64
        });
        Self { at, remote, round_trip_ns, drift }
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
