//! Meter: how many beats a bar has, and which note a beat is.
//!
//! Bars count from tick 0 of a run, whatever tick it starts with. A change takes effect at a bar line, so every bar is
//! whole, and every bar line and beat lies on a sixteenth.

use crate::units::{TICKS_PER_QUARTER, Ticks};

/// A time signature: 1 to 16 beats, each a half, a quarter, an eighth or a sixteenth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Meter {
    beats: u8,
    unit: u8,
}

/// Why two numbers are not a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("meter {beats}/{unit} is none; a bar has 1 to 16 halves, quarters, eighths or sixteenths")]
pub struct MeterError {
    /// The upper number that was refused.
    pub beats: i64,
    /// The lower number that was refused.
    pub unit: i64,
}

impl Meter {
    /// 4/4.
    pub const DEFAULT: Self = Self { beats: 4, unit: 4 };
    /// The most beats in a bar.
    pub const BEATS_MAX: u8 = 16;
    /// The notes that a beat can be.
    pub const UNITS: [u8; 4] = [2, 4, 8, 16];

    /// Checks the two numbers of a time signature.
    pub fn new(beats: i64, unit: i64) -> Result<Self, MeterError> {
        let known = Self::UNITS.into_iter().find(|known| i64::from(*known) == unit);
        match (known, u8::try_from(beats)) {
            (Some(unit), Ok(beats @ 1..=Self::BEATS_MAX)) => Ok(Self { beats, unit }),
            _ => Err(MeterError { beats, unit }),
        }
    }

    /// The upper number.
    pub const fn beats(self) -> u8 {
        self.beats
    }

    /// The lower number.
    pub const fn unit(self) -> u8 {
        self.unit
    }

    /// How long a beat lasts.
    pub const fn beat(self) -> Ticks {
        Ticks(TICKS_PER_QUARTER * 4 / self.unit as i64)
    }

    /// How long a bar lasts.
    pub const fn bar(self) -> Ticks {
        Ticks(self.beat().0 * self.beats as i64)
    }
}

impl Default for Meter {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl std::fmt::Display for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.beats, self.unit)
    }
}

impl std::str::FromStr for Meter {
    type Err = MeterError;

    /// Reads `3/4`: the way it is shown, and no other.
    fn from_str(text: &str) -> Result<Self, MeterError> {
        let (beats, unit) = text.split_once('/').unwrap_or((text, ""));
        let number = |digits: &str| digits.parse().unwrap_or(0);
        let meter = Self::new(number(beats), number(unit))?;
        if meter.to_string() == text {
            Ok(meter)
        } else {
            Err(MeterError { beats: number(beats), unit: number(unit) })
        }
    }
}

/// A bar of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// Counted from 0 at tick 0.
    pub number: i64,
    /// Its first tick.
    pub start: Ticks,
    /// Its meter.
    pub meter: Meter,
}

impl Bar {
    /// The first tick of the next bar.
    pub fn end(&self) -> Ticks {
        self.start + self.meter.bar().0
    }
}

/// From bar `number` on, which begins at `tick`, the music is in `meter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct MeterChange {
    number: i64,
    tick: Ticks,
    meter: Meter,
}

/// The meters of a run, one after the other. Never empty; the first holds from bar 0 and before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meters(Vec<MeterChange>);

impl Meters {
    pub(crate) fn of(meter: Meter) -> Self {
        Self(vec![MeterChange { number: 0, tick: Ticks::ZERO, meter }])
    }

    /// Changes to `meter` at the first bar line at or after `at`, and forgets the changes from there on. At or before
    /// tick 0 it is the meter of the whole run.
    ///
    /// Past `most` changes the oldest is forgotten; the first bars then count in the second meter.
    pub(crate) fn set(&mut self, at: Ticks, meter: Meter, most: usize) {
        let kept = self.0.partition_point(|change| change.tick < at).max(1);
        self.0.truncate(kept);
        let line = self.line_at_or_after(at);
        let Some(last) = self.0.last_mut() else { return };
        if line.start <= last.tick {
            last.meter = meter;
        } else if last.meter != meter {
            self.0.push(MeterChange { number: line.number, tick: line.start, meter });
        }
        if self.0.len() > most {
            self.0.remove(0);
        }
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = (Ticks, Meter)> {
        self.0.iter().map(|change| (change.tick, change.meter))
    }

    pub(crate) fn last(&self) -> Meter {
        self.0.last().map_or(Meter::DEFAULT, |change| change.meter)
    }

    /// The bar that holds `tick`.
    pub(crate) fn bar_at(&self, tick: Ticks) -> Bar {
        self.bar_of(self.by(|change| change.tick <= tick), |change, bar| (tick - change.tick).div_euclid(bar))
    }

    /// The bar with this number.
    pub(crate) fn bar(&self, number: i64) -> Bar {
        self.bar_of(self.by(|change| change.number <= number), |change, _| {
            number.saturating_sub(change.number)
        })
    }

    /// The first bar that begins at or after `tick`.
    pub(crate) fn line_at_or_after(&self, tick: Ticks) -> Bar {
        let bar = self.bar_at(tick);
        if bar.start >= tick { bar } else { self.bar_at(bar.end()) }
    }

    fn bar_of(&self, change: MeterChange, bars: impl Fn(&MeterChange, i64) -> i64) -> Bar {
        let bar = change.meter.bar().0;
        let after = bars(&change, bar);
        Bar {
            number: change.number.saturating_add(after),
            start: change.tick + after.saturating_mul(bar),
            meter: change.meter,
        }
    }

    fn by(&self, starts: impl Fn(&MeterChange) -> bool) -> MeterChange {
        let after = self.0.partition_point(starts);
        let first = MeterChange { number: 0, tick: Ticks::ZERO, meter: Meter::DEFAULT };
        self.0.get(after.saturating_sub(1)).copied().unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bars_that_can_be_counted_are_meters() {
        for (beats, unit) in
            [(0, 0), (0, 4), (17, 4), (4, 0), (4, 3), (4, 32), (-3, 4), (i64::MAX, 4), (4, i64::MIN)]
        {
            assert_eq!(Meter::new(beats, unit), Err(MeterError { beats, unit }));
        }
        for unit in Meter::UNITS {
            for beats in 1..=Meter::BEATS_MAX {
                let meter = Meter::new(beats.into(), unit.into()).unwrap();
                assert_eq!(meter.to_string().parse(), Ok(meter));
                assert_eq!(meter.bar().0 % crate::units::TICKS_PER_STEP, 0);
            }
        }
        for text in ["", "3", "3/", "/4", "03/4", "3/4 ", "+3/4", "3/4/4"] {
            assert!(text.parse::<Meter>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_meter_changes_at_the_next_bar_line_and_every_bar_is_whole() {
        let three = Meter::new(3, 4).unwrap();
        let mut meters = Meters::of(Meter::DEFAULT);
        // Asked for in the middle of bar 1, it begins with bar 2.
        meters.set(Ticks(TICKS_PER_QUARTER * 5), three, 10);
        let bar = |tick: i64| meters.bar_at(Ticks(TICKS_PER_QUARTER * tick)).number;
        assert_eq!([0, 3, 4, 7, 8, 10, 11, 14].map(bar), [0, 0, 1, 1, 2, 2, 3, 4]);
        assert_eq!(meters.bar_at(Ticks(-1)).number, -1);
        for number in -3..100 {
            let found = meters.bar(number);
            assert_eq!((found.number, meters.bar_at(found.start)), (number, found));
            assert_eq!(meters.bar_at(found.end()).number, number + 1);
            assert_eq!(meters.line_at_or_after(found.start), found);
            assert_eq!(meters.line_at_or_after(found.start + -1), found);
        }
    }

    #[test]
    fn a_later_change_replaces_those_that_lay_after_it() {
        let (three, five) = (Meter::new(3, 4).unwrap(), Meter::new(5, 8).unwrap());
        let mut meters = Meters::of(Meter::DEFAULT);
        meters.set(Ticks::from_bars(8), three, 10);
        meters.set(Ticks::from_bars(4), five, 10);
        assert_eq!((meters.bar(4).meter, meters.bar(100).meter, meters.last()), (five, five, five));
        meters.set(Ticks(i64::MIN), three, 10);
        assert_eq!(meters, Meters::of(three));
        // At the end of time nothing overflows.
        for tick in [i64::MIN, -1, 0, i64::MAX] {
            meters.set(Ticks(tick), five, 10);
            meters.bar_at(Ticks(tick));
            meters.bar(tick).end();
            meters.line_at_or_after(Ticks(tick));
        }
    }
}
