//! Runs gates over many seeds on several threads. The result does not depend on how many.

use std::{
    ops::Range,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::{gates::Gate, scenario::Trial};

/// A gate and what came of all its seeds.
pub struct Outcome {
    /// The gate.
    pub gate: Gate,
    /// All trials together. Broken promises begin with their seed.
    pub trials: Trial,
    /// Processor time of it.
    pub cpu_s: f64,
    /// How many there were before the sweep was stopped.
    pub seeds: usize,
}

/// How far a sweep is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Trials that are over.
    pub done: usize,
    /// Of so many.
    pub of: usize,
    /// What the last one was about.
    pub last: &'a str,
}

/// Runs every gate for every seed, as long as `goes_on`. `cpu_s` reads the processor time of the calling
/// thread.
pub fn sweep(
    gates: Vec<Gate>,
    seeds: Range<u64>,
    threads: usize,
    cpu_s: fn() -> f64,
    goes_on: impl Fn() -> bool + Sync,
    mut tell: impl FnMut(Progress<'_>),
) -> Vec<Outcome> {
    // Seed by seed, so that all gates are about equally far when somebody stops looking.
    let jobs: Vec<(u64, usize)> =
        seeds.flat_map(|seed| (0..gates.len()).map(move |gate| (seed, gate))).collect();
    let next = AtomicUsize::new(0);
    let mut sums = vec![Sum::default(); gates.len()];
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (sender, jobs, gates, next, goes_on) = (sender.clone(), &jobs, &gates, &next, &goes_on);
            scope.spawn(move || {
                while let Some(&(seed, gate)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if !goes_on() {
                        return;
                    }
                    let before_s = cpu_s();
                    let trial = gates[gate].run(seed);
                    if sender.send((seed, gate, trial, cpu_s() - before_s)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (done, (seed, gate, trial, cpu_s)) in receiver.iter().enumerate() {
            sums[gate].absorb(seed, trial, cpu_s);
            tell(Progress { done: done + 1, of: jobs.len(), last: gates[gate].subject });
        }
    });
    gates.into_iter().zip(sums).map(|(gate, sum)| sum.outcome(gate)).collect()
}

/// What came of the seeds so far.
#[derive(Debug, Clone, Default)]
struct Sum {
    trials: Trial,
    broken: Vec<(u64, String)>,
    cpu_s: f64,
    seeds: usize,
}

impl Sum {
    fn absorb(&mut self, seed: u64, mut trial: Trial, cpu_s: f64) {
        self.broken.extend(trial.broken.drain(..).map(|what| (seed, what)));
        self.trials.absorb(trial);
        self.cpu_s += cpu_s;
        self.seeds += 1;
    }

    fn outcome(mut self, gate: Gate) -> Outcome {
        self.broken.sort();
        let broken = self.broken.into_iter().map(|(seed, what)| format!("seed {seed}: {what}"));
        let trials = Trial { broken: broken.collect(), ..self.trials };
        Outcome { gate, trials, cpu_s: self.cpu_s, seeds: self.seeds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(threads: usize) -> Vec<Outcome> {
        let gate = |name: &'static str| {
            Gate::new(name, "", move |seed| {
                let mut trial = Trial::default();
                trial.add(name, seed as i64);
                trial.promise(seed % 10 != 3, || "a three".to_owned());
                trial
            })
        };
        let mut told = 0;
        let outcomes = sweep(
            vec![gate("a"), gate("b")],
            0..100,
            threads,
            || 0.0,
            || true,
            |progress| {
                told += 1;
                assert_eq!((progress.done, progress.of), (told, 200));
            },
        );
        assert_eq!(told, 200);
        outcomes
    }

    #[test]
    fn a_stopped_sweep_tells_how_many_seeds_it_has() {
        let left = AtomicUsize::new(7);
        let goes_on =
            || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        let outcomes =
            sweep(vec![Gate::new("a", "", |_| Trial::default())], 0..100, 2, || 0.0, goes_on, |_| {});
        assert_eq!(outcomes[0].seeds, 7);
    }

    #[test]
    fn more_threads_give_the_same_result_in_the_same_order() {
        for (one, many) in run(1).into_iter().zip(run(4)) {
            assert_eq!(one.gate.subject, many.gate.subject);
            assert_eq!(one.trials.broken, many.trials.broken);
            assert_eq!(one.trials.broken[..2], ["seed 3: a three", "seed 13: a three"]);
            assert_eq!(one.trials.series[one.gate.subject].max_ns(), 99);
            assert_eq!(many.trials.series[one.gate.subject].len(), 100);
        }
    }
}
