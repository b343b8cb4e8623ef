//! Session time of a peer at any true moment, from the maps that it logged.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use antiphon_timeline::{HostTime, SessionMap, SessionTime, TimebaseId};
use serde_json::Value;

/// What a peer must log to be traced.
pub const MAP_LOG: &str = "info,antiphon::clock::map=debug";
const MAP_TARGET: &str = "antiphon::clock::map";
const BILLION: i128 = 1_000_000_000;

/// A peer's clock as it was bent: a function of the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BentClock {
    pub offset_ms: i64,
    pub skew_ppm: i64,
}

impl BentClock {
    /// What it shows at a true moment; the same integers as in the peer.
    pub fn host_at(self, true_ns: i64) -> HostTime {
        let skew_ns = i128::from(true_ns) * i128::from(self.skew_ppm * 1_000) / BILLION;
        HostTime(true_ns + skew_ns as i64 + self.offset_ms * 1_000_000)
    }

    /// When it showed that, to the nanosecond or two.
    pub fn true_at(self, host: HostTime) -> i64 {
        let skewed = i128::from(host.0 - self.offset_ms * 1_000_000);
        (skewed * BILLION / (BILLION + i128::from(self.skew_ppm * 1_000))) as i64
    }
}

/// Every map of one peer, in the order it had them.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    clock: BentClock,
    maps: Vec<SessionMap>,
}

impl Trace {
    /// Reads the log of a peer whose clock was bent like this.
    pub fn read(log: &Path, clock: BentClock) -> std::io::Result<Self> {
        let lines = BufReader::new(File::open(log)?).lines().map_while(Result::ok);
        let maps = lines.filter(|line| line.contains(MAP_TARGET)).filter_map(|line| map_of(&line)).collect();
        Ok(Self { clock, maps })
    }

    /// How many maps there were.
    pub fn len(&self) -> usize {
        self.maps.len()
    }

    pub fn is_empty(&self) -> bool {
        self.maps.is_empty()
    }

    /// The timebase and session time at a true moment; `None` before the first map.
    pub fn at(&self, true_ns: i64) -> Option<(TimebaseId, SessionTime)> {
        let host = self.clock.host_at(true_ns);
        let next = self.maps.partition_point(|map| map.host <= host);
        let map = self.maps.get(next.checked_sub(1)?)?;
        Some((map.timebase, map.to_session(host)))
    }

    /// The true moment since which the peer has followed the timebase that it ended with.
    pub fn settled_since(&self) -> Option<i64> {
        let last = self.maps.last()?.timebase;
        let first = self.maps.iter().rposition(|map| map.timebase != last).map_or(0, |before| before + 1);
        Some(self.clock.true_at(self.maps.get(first)?.host))
    }

    /// The greatest jump of session time between two maps, and the steepest slope against the machine's true
    /// clock in parts per million, from a true moment on. A change of timebase counts as a jump of a second.
    pub fn roughness(&self, from_ns: i64) -> Roughness {
        let from = self.clock.host_at(from_ns);
        let mut worst = Roughness::default();
        for pair in self.maps.windows(2) {
            let [before, after] = pair else { continue };
            if after.host < from {
                continue;
            }
            let jump = after.session.0 - before.to_session(after.host).0;
            let jump = if before.timebase == after.timebase { jump.abs() } else { BILLION as i64 };
            worst.step_ns = worst.step_ns.max(jump);
            worst.bend_ppm = worst.bend_ppm.max((after.rate_ppb - before.rate_ppb).abs() as f64 / 1e3);
        }
        worst
    }
}

/// How far from smooth a peer's session time was.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Roughness {
    /// The greatest jump.
    pub step_ns: i64,
    /// The greatest change of rate from one map to the next.
    pub bend_ppm: f64,
}

fn map_of(line: &str) -> Option<SessionMap> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = &line["fields"];
    let number = |name: &str| fields[name].as_i64();
    Some(SessionMap {
        timebase: TimebaseId(timebase(&fields["timebase"])?),
        host: HostTime(number("host_ns")?),
        session: SessionTime(number("session_ns")?),
        rate_ppb: number("rate_ppb")?,
    })
}

/// A number, or the same number as text.
fn timebase(field: &Value) -> Option<u64> {
    field.as_u64().or_else(|| field.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: BentClock = BentClock { offset_ms: -5, skew_ppm: 100 };

    fn line(timebase: u64, host_ns: i64, session_ns: i64, rate_ppb: i64) -> String {
        serde_json::json!({ "target": MAP_TARGET, "fields": {
            "timebase": timebase, "host_ns": host_ns, "session_ns": session_ns, "rate_ppb": rate_ppb } })
        .to_string()
    }

    fn trace(lines: &[String]) -> Trace {
        Trace { clock: FAST, maps: lines.iter().filter_map(|line| map_of(line)).collect() }
    }

    #[test]
    fn a_bent_clock_bends_back() {
        for true_ns in [0, 1, 123_456_789_012_345] {
            assert!((FAST.true_at(FAST.host_at(true_ns)) - true_ns).abs() <= 2);
        }
        assert_eq!(FAST.host_at(1_000_000_000), HostTime(1_000_000_000 + 100_000 - 5_000_000));
    }

    #[test]
    fn session_time_at_a_true_moment_is_that_of_the_map_in_force() {
        let host = |true_ns| FAST.host_at(true_ns).0;
        let trace = trace(&[line(7, host(1_000), 50, 0), line(7, host(3_000_000_000), 9_000, 500_000)]);
        assert_eq!(trace.at(0), None);
        assert_eq!(trace.at(2_000), Some((TimebaseId(7), SessionTime(50 + 1_000))));
        let (_, later) = trace.at(4_000_000_000).unwrap();
        // A second of the true clock is 100 ppm more on the peer's, and its map adds 500 ppm.
        assert!((later.0 - 9_000 - 1_000_600_050).abs() <= 1, "{later:?}");
    }

    #[test]
    fn a_jump_and_a_change_of_timebase_are_rough_and_a_bend_is_not() {
        let smooth = trace(&[line(7, 0, 0, 0), line(7, 1_000, 1_000, 900_000)]);
        assert_eq!(smooth.roughness(i64::MIN / 4), Roughness { step_ns: 0, bend_ppm: 900.0 });
        let jumps = trace(&[line(7, 0, 0, 0), line(7, 1_000, 1_300, 0)]);
        assert_eq!(jumps.roughness(i64::MIN / 4).step_ns, 300);
        let moves = trace(&[line(7, 0, 0, 0), line(8, 1_000, 1_000, 0)]);
        assert_eq!(moves.roughness(i64::MIN / 4).step_ns, 1_000_000_000);
        assert_eq!(moves.settled_since(), Some(FAST.true_at(HostTime(1_000))));
    }
}
