//! Islands: peers that share a timebase. Where two meet, one of them moves, and both know which.
//!
//! A peer that starts is an island of one, so joining and merging are the same act. The larger island
//! stays, of equal ones the older, of equally old ones that with the lower name.

use antiphon_timeline::TimebaseId;

/// Ages closer than this are equal: they are only measured.
const SAME_AGE_NS: i64 = 500_000_000;

/// What decides whether an island stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub members: usize,
    /// Session time since the timebase was founded.
    pub age_ns: i64,
    pub timebase: TimebaseId,
}

impl Standing {
    /// Whether peers of `other` should move here.
    pub fn outranks(&self, other: &Self) -> bool {
        if self.members != other.members {
            return self.members > other.members;
        }
        let older_ns = self.age_ns.saturating_sub(other.age_ns);
        if older_ns.saturating_abs() > SAME_AGE_NS {
            return older_ns > 0;
        }
        self.timebase < other.timebase
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_islands_exactly_one_stays() {
        let mut islands = Vec::new();
        for members in [1, 4] {
            for age_ns in [i64::MIN, 0, SAME_AGE_NS, i64::MAX] {
                for timebase in [1, 2].map(TimebaseId) {
                    islands.push(Standing { members, age_ns, timebase });
                }
            }
        }
        for a in &islands {
            for b in islands.iter().filter(|b| b.timebase != a.timebase) {
                assert_ne!(a.outranks(b), b.outranks(a), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn size_goes_before_age_and_age_before_name() {
        let young_crowd = Standing { members: 3, age_ns: 0, timebase: TimebaseId(9) };
        let old_pair = Standing { members: 2, age_ns: i64::MAX, timebase: TimebaseId(8) };
        let new_pair = Standing { members: 2, age_ns: 0, timebase: TimebaseId(7) };
        assert!(young_crowd.outranks(&old_pair) && old_pair.outranks(&new_pair));
    }
}
