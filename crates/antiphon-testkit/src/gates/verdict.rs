//! One bar, and whether a figure stays under it.

use std::fmt;

use crate::{errors::Errors, scenario::Trial};

/// What is read off the series of all trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// The value that this share of a series does not exceed.
    Quantile(&'static str, f64),
    /// The mean of a series.
    Mean(&'static str),
    /// The largest value of a series.
    Max(&'static str),
    /// The largest 99th percentile of all other series, in multiples of that of this one.
    WorstOver(&'static str),
}

/// What a figure counts, which says how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Time,
    /// Parts per thousand million.
    Rate,
    /// Thousandths of packets a second.
    Packets,
    /// A bare number.
    Times,
}

impl Unit {
    /// A figure with its unit.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Time if value < 1e6 => format!("{:.0} µs", value / 1e3),
            Self::Time if value < 1e9 => format!("{:.2} ms", value / 1e6),
            Self::Time => format!("{:.2} s", value / 1e9),
            Self::Rate => format!("{:.0} ppm", value / 1e3),
            Self::Packets => format!("{:.1}/s", value / 1e3),
            Self::Times if value > 1e3 => format!("{value:.0e}x"),
            Self::Times => format!("{value:.2}x"),
        }
    }
}

/// A figure and its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// What the figure is, in words.
    pub what: &'static str,
    /// How it is read off.
    pub figure: Figure,
    /// What it counts.
    pub unit: Unit,
    /// The limit.
    pub at_most: f64,
}

impl Bar {
    /// Reads the figure off all trials. A series that nobody measured fails.
    pub fn judge(&self, trials: &Trial) -> Row {
        let series = |name: &str| trials.series.get(name).filter(|errors| !errors.is_empty());
        let (value, note) = match self.figure {
            Figure::Quantile(name, share) => {
                (series(name).map(|errors| errors.quantile_ns(share) as f64), None)
            }
            Figure::Mean(name) => (series(name).map(Errors::mean_ns), None),
            Figure::Max(name) => (series(name).map(|errors| errors.max_ns() as f64), None),
            Figure::WorstOver(name) => worst_over(trials, name),
        };
        let note = note.unwrap_or_default();
        Row {
            what: self.what.to_owned(),
            bar: self.unit.show(self.at_most),
            figure: value.map_or("not measured".to_owned(), |value| self.unit.show(value) + &note),
            passed: value.is_some_and(|value| value <= self.at_most),
        }
    }
}

fn worst_over(trials: &Trial, name: &str) -> (Option<f64>, Option<String>) {
    let p99 = |name: &str| trials.series.get(name).map(|errors| errors.quantile_ns(0.99).max(1) as f64);
    let Some(base) = p99(name) else { return (None, None) };
    let others = trials.series.keys().filter(|other| **other != name);
    let worst =
        others.filter_map(|other| Some((p99(other)? / base, *other))).max_by(|a, b| a.0.total_cmp(&b.0));
    let note = worst.map(|(_, other)| format!(" of {} ({other})", Unit::Time.show(base)));
    (worst.map(|(times, _)| times), note)
}

/// A line of the table of gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What was judged.
    pub what: String,
    /// The limit.
    pub bar: String,
    /// What was measured.
    pub figure: String,
    /// Whether it is within the limit.
    pub passed: bool,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, bar, figure, passed } = self;
        let mark = if *passed { "" } else { " **too much**" };
        write!(f, "{what} {figure} ({bar}){mark}")
    }
}

impl Row {
    /// The row of the promises that every single trial must keep.
    pub fn promises(broken: &[String]) -> Self {
        let figure = match broken {
            [] => "0".to_owned(),
            [first, ..] => format!("{}: {first}", broken.len()),
        };
        Self { what: "promises broken".to_owned(), bar: "0".to_owned(), figure, passed: broken.is_empty() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trials() -> Trial {
        let mut trials = Trial::default();
        (1..=100).for_each(|n| trials.add("quiet", n * 1000));
        (1..=100).for_each(|n| trials.add("loud", n * 3000));
        trials
    }

    fn judge(figure: Figure, at_most: f64) -> Row {
        Bar { what: "error", figure, unit: Unit::Time, at_most }.judge(&trials())
    }

    #[test]
    fn a_figure_at_the_limit_passes_and_one_past_it_fails() {
        let row = judge(Figure::Max("quiet"), 100_000.0);
        assert!(row.passed && row.figure == "100 µs", "{row:?}");
        assert!(!judge(Figure::Max("quiet"), 99_999.0).passed);
        assert!(!judge(Figure::Quantile("loud", 0.99), 290_000.0).passed);
    }

    #[test]
    fn what_was_not_measured_does_not_pass() {
        assert!(!judge(Figure::Max("nothing"), 1e12).passed);
        assert!(!judge(Figure::WorstOver("nothing"), 1e12).passed);
        assert!(!Row::promises(&["broken".to_owned()]).passed && Row::promises(&[]).passed);
    }

    #[test]
    fn the_worst_of_the_others_counts() {
        let row = Bar { what: "", figure: Figure::WorstOver("quiet"), unit: Unit::Times, at_most: 2.9 };
        let row = row.judge(&trials());
        assert!(!row.passed && row.figure.starts_with("3.00x of 99 µs (loud)"), "{row:?}");
    }
}
