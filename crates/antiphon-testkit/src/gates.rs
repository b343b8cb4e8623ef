//! The gates: what the session clock must keep to, over many seeds, and how a sweep of them is judged.

mod list;
mod table;
mod verdict;

pub use self::{
    list::{Effort, all, comparison, variants},
    table::{comparison_table, cost_table, gate_table, lie_table},
    verdict::{Bar, Figure, Row, Unit},
};
use crate::scenario::Trial;

/// A story, told for many seeds, and the bars its figures must stay under.
pub struct Gate {
    /// What is tested, such as `join`.
    pub subject: &'static str,
    /// In which case, such as `LAN`.
    pub case: String,
    /// The figures that are judged.
    pub bars: Vec<Bar>,
    trial: Box<dyn Fn(u64) -> Trial + Send + Sync>,
}

impl Gate {
    /// A gate without a bar yet.
    pub fn new(
        subject: &'static str,
        case: impl Into<String>,
        trial: impl Fn(u64) -> Trial + Send + Sync + 'static,
    ) -> Self {
        Self { subject, case: case.into(), bars: Vec::new(), trial: Box::new(trial) }
    }

    /// The same with one more bar.
    #[must_use]
    pub fn bar(mut self, what: &'static str, figure: Figure, unit: Unit, at_most: f64) -> Self {
        self.bars.push(Bar { what, figure, unit, at_most });
        self
    }

    /// What both parts of its name are in one.
    pub fn name(&self) -> String {
        format!("{}, {}", self.subject, self.case)
    }

    /// Tells the story for one seed.
    pub fn run(&self, seed: u64) -> Trial {
        (self.trial)(seed)
    }

    /// Judges what came of all seeds.
    pub fn judge(&self, trials: &Trial) -> Vec<Row> {
        let mut rows: Vec<Row> = self.bars.iter().map(|bar| bar.judge(trials)).collect();
        rows.push(Row::promises(&trials.broken));
        rows
    }
}
