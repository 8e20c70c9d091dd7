//! The report as data, built from an archive alone. Markdown, HTML and JSON show this and no more.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use super::advice::{self, Advice};
use super::archive::{Failure, Instructions, Pair, Run, Sample, Skipped, Stage, Timing};
use super::changes::Changes;
use super::gate::Grade;
use super::health::{self, Check};
use super::load::model::LoadReport;
use super::peers;
use super::protocol::{Allocations, Benchmark, MODES, Throughput, Verified};
use super::stats::{Estimate, coefficient_of_variation};
use super::targets::{self, Standing, Status};
use crate::Outcome;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// The archive's folder name.
    pub(crate) archive: String,
    pub(crate) run: Run,
    pub(crate) verdict: Verdict,
    pub(crate) reproduce: String,
    pub(crate) categories: Vec<Category>,
    pub(crate) rows: Vec<Row>,
    pub(crate) comparisons: Vec<Comparison>,
    /// Our allocation modes, held against the standard one.
    pub(crate) modes: Vec<Comparison>,
    pub(crate) summaries: Vec<Summary>,
    pub(crate) targets: Vec<Status>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) health: Vec<Check>,
    pub(crate) advice: Vec<Advice>,
    pub(crate) changes: Changes,
    /// The newest runs of `bench load` of the same commit and machine, if any.
    pub(crate) loads: Vec<LoadReport>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) word: &'static str,
    pub(crate) exit_code: u8,
    pub(crate) reasons: Vec<String>,
}

/// One benchmark with all that was measured of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) benchmark: Benchmark,
    /// Nanoseconds an operation: the median of the process medians.
    pub(crate) time: Option<Estimate>,
    /// The process medians, by round.
    pub(crate) medians: Vec<f64>,
    pub(crate) variation: Option<f64>,
    pub(crate) allocations: Option<Allocations>,
    pub(crate) instructions: Option<Count>,
    pub(crate) verified: bool,
    pub(crate) accepts_malformed: Vec<String>,
    pub(crate) over_budget: Option<String>,
    pub(crate) failed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Count {
    pub(crate) cold: u64,
    pub(crate) steady: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Category {
    pub(crate) name: String,
    pub(crate) selected: usize,
    pub(crate) run: usize,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

/// One of our engines against one peer: below 1 we are faster.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    pub(crate) id: String,
    pub(crate) category: String,
    pub(crate) peer: String,
    pub(crate) ratio: Estimate,
    /// Nanoseconds an operation in those pairs, ours and the peer's.
    pub(crate) times: [Option<f64>; 2],
    pub(crate) allocations: Option<Allocations>,
    pub(crate) peer_allocations: Option<Allocations>,
    /// Malformed inputs that the peer accepts: it checks less, or for something else.
    pub(crate) peer_accepts_malformed: usize,
    /// How one of the two does less work than the other. There is no ranking then, and no mean.
    pub(crate) differs: Option<String>,
}

impl Comparison {
    /// Whether the peer was faster in the median.
    pub(crate) fn is_lost(&self) -> bool {
        self.ratio.median >= 1.0
    }
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) category: String,
    pub(crate) peer: String,
    pub(crate) ratio: f64,
    pub(crate) matched: usize,
}

impl Row {
    pub(crate) fn is_run(&self) -> bool {
        self.time.is_some() || self.allocations.is_some() || self.instructions.is_some()
    }

    pub(crate) fn operations_per_second(&self) -> Option<f64> {
        Some(1e9 / self.time?.median)
    }

    /// Bytes or elements a second, where the benchmark says how many an operation has.
    pub(crate) fn throughput(&self) -> Option<(f64, &'static str)> {
        let per_second = self.operations_per_second()?;
        match self.benchmark.throughput? {
            Throughput::Bytes(bytes) => Some((bytes as f64 * per_second, "B/s")),
            Throughput::Elements(1) => None,
            Throughput::Elements(elements) => Some((elements as f64 * per_second, "elem/s")),
        }
    }
}

impl Report {
    pub(crate) fn build(archive: &str, run: Run, samples: Vec<Sample>) -> Result<Self> {
        let mut parts = Parts::default();
        for sample in samples {
            parts.take(sample);
        }
        let rows = parts.rows();
        let (modes, comparisons): (Vec<_>, Vec<_>) = peers::compare(&rows, &parts.pairs)
            .into_iter()
            .partition(|comparison| comparison.category == MODES);
        let targets = targets::evaluate(&run.targets, &rows, &comparisons)?;
        let changes = Changes::of(&run);
        let mut report = Self {
            archive: archive.to_owned(),
            verdict: verdict(&run, &rows, &parts.failures, &targets),
            reproduce: reproduce(&run),
            categories: categories(&rows),
            summaries: peers::summarise(&comparisons),
            health: health::checks(&run, &rows, &peers::controls(&parts.pairs)),
            rows,
            comparisons,
            modes,
            targets,
            failures: parts.failures,
            skipped: parts.skipped,
            run,
            advice: Vec::new(),
            loads: Vec::new(),
            changes,
        };
        report.advise();
        Ok(report)
    }

    /// Derives the advice again, once more is known.
    pub(crate) fn advise(&mut self) {
        self.advice = advice::advice(self);
    }

    pub(crate) fn outcome(&self) -> Outcome {
        [Outcome::HarnessError, Outcome::Regression, Outcome::Inconclusive]
            .into_iter()
            .find(|outcome| outcome.code() == self.verdict.exit_code)
            .unwrap_or(Outcome::Pass)
    }

    /// The categories that have results, in the order of their names.
    pub(crate) fn rows_of<'a>(&'a self, category: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.benchmark.category == category)
    }

    pub(crate) fn lost(&self) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter().filter(|comparison| comparison.is_lost())
    }

    pub(crate) fn targets_with(&self, standing: Standing) -> usize {
        self.targets.iter().filter(|status| status.standing == standing).count()
    }
}

/// The samples by kind.
#[derive(Debug, Default)]
struct Parts {
    benchmarks: BTreeMap<String, Benchmark>,
    verified: BTreeMap<String, Verified>,
    allocations: BTreeMap<String, Allocations>,
    instructions: BTreeMap<String, Instructions>,
    timings: Vec<Timing>,
    pairs: Vec<Pair>,
    failures: Vec<Failure>,
    skipped: Vec<Skipped>,
}

impl Parts {
    fn take(&mut self, sample: Sample) {
        match sample {
            Sample::Benchmark { benchmark, .. } => {
                self.benchmarks.insert(benchmark.id.clone(), benchmark);
            }
            Sample::Verified(line) => {
                self.verified.insert(line.id.clone(), line);
            }
            Sample::Allocations(counts) => {
                self.allocations.insert(counts.id.clone(), counts);
            }
            Sample::Instructions(counts) => {
                self.instructions.insert(counts.id.clone(), counts);
            }
            Sample::Timing(timing) => self.timings.push(timing),
            Sample::Pair(pair) => self.pairs.push(pair),
            // A run has one version alone.
            Sample::Evidence(_) => {}
            Sample::Failure(failure) => self.failures.push(failure),
            Sample::Skipped(skipped) => self.skipped.push(skipped),
        }
    }

    /// Every selected benchmark has a row, whether anything was measured of it or not.
    fn rows(&self) -> Vec<Row> {
        let mut medians: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for timing in &self.timings {
            medians.entry(&timing.id).or_default().extend(timing.median());
        }
        let row = |benchmark: &Benchmark| {
            let id = benchmark.id.as_str();
            let medians = medians.get(id).cloned().unwrap_or_default();
            let allocations = self.allocations.get(id).cloned();
            let over_budget = allocations.as_ref().and_then(|a| over_budget(benchmark, a));
            let verified = self.verified.get(id);
            let failed = self.failures.iter().any(|failure| failure.id.as_deref() == Some(id));
            Row {
                benchmark: benchmark.clone(),
                time: Estimate::of(&medians),
                variation: coefficient_of_variation(&medians),
                medians,
                failed: failed || over_budget.is_some(),
                over_budget,
                allocations,
                instructions: self
                    .instructions
                    .get(id)
                    .map(|counts| Count { cold: counts.once, steady: counts.steady() }),
                verified: verified.is_some_and(|line| line.accepts.is_some()),
                accepts_malformed: verified
                    .map_or_else(Vec::new, |line| line.accepts_malformed.clone()),
            }
        };
        self.benchmarks.values().map(row).collect()
    }
}

/// The command that gives the run again; what was not committed it cannot give.
fn reproduce(run: &Run) -> String {
    let commit = run.session.commit.get(..12).unwrap_or(&run.session.commit);
    let changes = if run.session.dirty { " # and the changes that were not committed" } else { "" };
    format!("git checkout {commit} && cargo xtask {}{changes}", run.session.arguments.join(" "))
}

/// How the counts exceed the benchmark's budget, if they do.
pub(crate) fn over_budget(benchmark: &Benchmark, counts: &Allocations) -> Option<String> {
    let budget = benchmark.budget?;
    let over = counts.allocs > budget.allocs as f64 || counts.bytes > budget.bytes as f64;
    over.then(|| {
        format!(
            "{} allocs and {} B an operation, where {} and {} B are allowed",
            counts.allocs, counts.bytes, budget.allocs, budget.bytes
        )
    })
}

fn categories(rows: &[Row]) -> Vec<Category> {
    let mut categories: BTreeMap<&str, Category> = BTreeMap::new();
    for row in rows {
        let name = row.benchmark.category.as_str();
        let category = categories.entry(name).or_insert_with(|| Category {
            name: name.to_owned(),
            selected: 0,
            run: 0,
            passed: 0,
            failed: 0,
        });
        category.selected += 1;
        category.run += usize::from(row.is_run());
        category.failed += usize::from(row.failed);
        category.passed += usize::from(row.is_run() && !row.failed);
    }
    categories.into_values().collect()
}

/// The worst that happened decides; every reason is told. Targets decide nothing: they are what is
/// to be reached, not what must not be lost.
fn verdict(run: &Run, rows: &[Row], failures: &[Failure], targets: &[Status]) -> Verdict {
    let mut outcome = Outcome::Pass;
    let mut reasons = Vec::new();
    let count = |matches: &dyn Fn(&Failure) -> bool| failures.iter().filter(|f| matches(f)).count();
    let untrusted = count(&|failure| failure.stage == Stage::Control);
    if untrusted > 0 {
        outcome = Outcome::Inconclusive;
        reasons.push("allocations are not decided: the counter's control failed".to_owned());
    }
    let over: Vec<_> = rows.iter().filter(|row| row.over_budget.is_some()).collect();
    if !over.is_empty() {
        outcome = Outcome::Regression;
        reasons.push(format!("{} over the allocation budget", benchmarks(over.len())));
    }
    let wrong = count(&|failure| failure.stage == Stage::Verify);
    if wrong > 0 {
        outcome = Outcome::HarnessError;
        reasons.push(format!("{} of verification", plural(wrong, "failure")));
    }
    let broken = failures.len() - untrusted - wrong;
    if broken > 0 {
        outcome = Outcome::HarnessError;
        reasons.push(format!("{} to measure", plural(broken, "failure")));
    }
    if reasons.is_empty() {
        reasons.push(format!("{} kept to what was asked of them", benchmarks(rows.len())));
    }
    if let Some(held) = &run.held {
        let regressed = held.of(Grade::Fail).count() > 0;
        if regressed && outcome != Outcome::HarnessError {
            outcome = Outcome::Regression;
        }
        reasons.push(held.summary());
    }
    let with = |standing| targets.iter().filter(|status| status.standing == standing).count();
    if with(Standing::NotMeasured) < targets.len() {
        let (met, missed) = (with(Standing::Met), with(Standing::Missed));
        let open = with(Standing::Undecidable);
        reasons.push(format!("targets: {met} met, {missed} missed, {open} undecidable"));
    }
    if run.partial {
        reasons.push("the run was not finished: this is what it had measured".to_owned());
    }
    let word = match outcome {
        Outcome::Pass if run.partial => "PARTIAL",
        outcome => outcome.word(),
    };
    Verdict { word, exit_code: outcome.code(), reasons }
}

fn benchmarks(count: usize) -> String {
    plural(count, "benchmark")
}

pub(crate) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
pub(crate) mod fixture;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::gate::{Finding, Found, Held, Metric};

    fn build(change: impl FnOnce(&mut Run, &mut Vec<Sample>)) -> Report {
        let (mut run, mut samples) = fixture::archive();
        change(&mut run, &mut samples);
        Report::build("fixture", run, samples).unwrap()
    }

    fn failed(stage: Stage) -> Sample {
        let id = Some("http11/parse/get-37/shockwave".to_owned());
        Sample::Failure(Failure { stage, id, message: "it broke".into() })
    }

    #[test]
    fn all_well() {
        let report = build(|_, _| {});
        assert_eq!(report.verdict.word, "PASS");
        assert_eq!(report.outcome(), Outcome::Pass);
        let http11 = &report.categories[0];
        assert_eq!((http11.selected, http11.run, http11.passed, http11.failed), (4, 4, 4, 0));
    }

    #[test]
    fn an_allocation_over_the_budget_is_a_regression() {
        let report = build(|_, samples| {
            for sample in samples {
                if let Sample::Allocations(counts) = sample {
                    counts.allocs += 1.0;
                }
            }
        });
        assert_eq!(report.outcome(), Outcome::Regression);
        // The peer has no budget.
        assert_eq!(report.rows.iter().filter(|row| row.over_budget.is_some()).count(), 2);
    }

    #[test]
    fn the_baseline_decides_with_the_budget() {
        let held = |grade| {
            let finding = Finding { metric: Metric::Instructions, grade, text: "more".into() };
            let found = vec![Found { id: "http11/parse/get-37/shockwave".into(), finding }];
            let (baseline, compared) = (Some("before".into()), 2);
            Held { baseline, compared, found, without: vec![], skipped: vec![], failed: vec![] }
        };
        let judged = |grade| build(|run, _| run.held = Some(held(grade))).outcome();
        assert_eq!(judged(Grade::Fail), Outcome::Regression);
        assert_eq!(judged(Grade::Flag), Outcome::Pass);
        let report = build(|run, _| run.held = Some(held(Grade::Flag)));
        let told = report.verdict.reasons.join("; ");
        assert!(told.contains("2 benchmarks against the baseline before: 0 regressed, 1 flagged"));
    }

    #[test]
    fn a_mismatch_is_a_harness_error_and_names_the_benchmark() {
        let report = build(|_, samples| samples.push(failed(Stage::Verify)));
        assert_eq!(report.outcome(), Outcome::HarnessError);
        assert_eq!(report.rows.iter().filter(|row| row.failed).count(), 1);
    }

    #[test]
    fn a_dead_counter_is_inconclusive() {
        let report = build(|_, samples| samples.push(failed(Stage::Control)));
        assert_eq!(report.outcome(), Outcome::Inconclusive);
    }

    #[test]
    fn allocation_modes_stand_apart_from_the_peers() {
        let report = build(|_, samples| samples.extend(fixture::modes()));
        assert_eq!((report.comparisons.len(), report.modes.len()), (2, 1));
        let arena = &report.modes[0];
        assert_eq!((arena.peer.as_str(), arena.ratio.median), ("standard", 0.5));
        assert!(report.summaries.iter().all(|summary| summary.category == "http11"));
    }

    #[test]
    fn a_partial_run_says_so() {
        let report = build(|run, samples| {
            run.partial = true;
            samples.retain(|sample| !matches!(sample, Sample::Pair(_)));
        });
        assert_eq!(report.verdict.word, "PARTIAL");
        assert!(report.comparisons.is_empty() && report.rows.len() == 5);
    }
}
