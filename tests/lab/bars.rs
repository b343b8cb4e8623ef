//! A table of what was measured, beside what it must be.

use std::fmt::Write;

/// Rows in the order they were measured.
#[derive(Debug, Default)]
pub struct Bars {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    what: String,
    figure: String,
    /// The bar and whether it is met; a figure without one is only told.
    bar: Option<(String, bool)>,
}

impl Bars {
    /// A figure that must stay at or below a bar, both in `unit`.
    pub fn at_most(&mut self, what: &str, value: f64, bar: f64, unit: &str) {
        // NaN is no figure and meets nothing.
        self.add(
            what,
            format!("{} {unit}", short(value)),
            Some((format!("≤ {} {unit}", short(bar)), value <= bar)),
        );
    }

    /// A figure that must reach a bar.
    pub fn at_least(&mut self, what: &str, value: f64, bar: f64, unit: &str) {
        self.add(
            what,
            format!("{} {unit}", short(value)),
            Some((format!("≥ {} {unit}", short(bar)), value >= bar)),
        );
    }

    /// Something that must hold.
    pub fn holds(&mut self, what: &str, found: impl Into<String>, bar: &str, met: bool) {
        self.add(what, found.into(), Some((bar.to_owned(), met)));
    }

    /// Something to know that no bar is set for.
    pub fn tell(&mut self, what: &str, found: impl Into<String>) {
        self.add(what, found.into(), None);
    }

    fn add(&mut self, what: &str, figure: String, bar: Option<(String, bool)>) {
        self.rows.push(Row { what: what.to_owned(), figure, bar });
    }

    /// Is every bar met?
    pub fn all_met(&self) -> bool {
        self.rows.iter().all(|row| row.bar.as_ref().is_none_or(|(_, met)| *met))
    }

    /// The table as Markdown.
    pub fn table(&self) -> String {
        let mut table = "| What | Figure | Bar | |\n|---|---|---|---|\n".to_owned();
        for Row { what, figure, bar } in &self.rows {
            let (bar, met) = match bar {
                Some((bar, true)) => (bar.as_str(), "met"),
                Some((bar, false)) => (bar.as_str(), "MISSED"),
                None => ("", ""),
            };
            // Writing to a string does not fail.
            let _ = writeln!(table, "| {what} | {figure} | {bar} | {met} |");
        }
        table
    }
}

/// Three digits that matter.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 0.1 || small == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_bar_and_a_figure_that_is_none_fail_the_table() {
        let mut bars = Bars::default();
        bars.at_most("p99", 99.0, 100.0, "µs");
        bars.tell("seed", "1");
        assert!(bars.all_met());
        assert!(bars.table().contains("| p99 | 99.0 µs | ≤ 100 µs | met |"), "{}", bars.table());
        bars.at_most("p50", f64::NAN, 100.0, "µs");
        assert!(!bars.all_met() && bars.table().contains("MISSED"));
    }
}
