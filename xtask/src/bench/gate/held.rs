//! Exact figures held against the committed baseline of their class, and against the budgets.

use serde::{Deserialize, Serialize};

use super::rules::{Change, Finding, Grade, Metric, judge};
use super::table::Gates;
use crate::Outcome;
use crate::bench::archive::{Failure, Sample, Skipped, Stage};
use crate::bench::baseline::Baseline;
use crate::bench::exact::{self, Exact};
use crate::bench::fingerprint::Fingerprint;
use crate::bench::model::{over_budget, plural};
use crate::bench::protocol::Benchmark;

/// What the gates say of exact figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Held {
    /// The archive that the baseline was saved from; `None` where there is no baseline.
    pub(crate) baseline: Option<String>,
    /// Benchmarks that were held against it.
    pub(crate) compared: usize,
    /// Benchmarks that it does not have, or has with another definition.
    pub(crate) without: Vec<String>,
    pub(crate) found: Vec<Found>,
    pub(crate) skipped: Vec<Skipped>,
    /// Benchmarks that could not be measured, and why.
    pub(crate) failed: Vec<String>,
}

/// A finding, and of which benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

/// Holds our own benchmarks among the samples against the baseline and their budgets.
pub(crate) fn hold(
    gates: &Gates,
    baseline: Option<&Baseline>,
    fingerprint: &Fingerprint,
    samples: &[Sample],
) -> Held {
    let mut held = Held {
        baseline: baseline.map(|baseline| baseline.archive.clone()),
        compared: 0,
        without: Vec::new(),
        found: Vec::new(),
        skipped: Vec::new(),
        failed: Vec::new(),
    };
    for sample in samples {
        match sample {
            Sample::Skipped(skipped) => held.skipped.push(skipped.clone()),
            Sample::Failure(failure) if is_exact(failure) => held.failed.push(told(failure)),
            _ => {}
        }
    }
    let remedy = "cargo xtask bench run && cargo xtask bench baseline save".to_owned();
    let skip = |metric: &str, reason: String| {
        let (metric, remedy) = (metric.to_owned(), remedy.clone());
        Skipped { metric, reason, remedy }
    };
    let differences = baseline.map_or_else(Vec::new, |it| it.why_no_instructions(fingerprint));
    match baseline {
        None => {
            let reason = "there is none: budgets alone are checked".to_owned();
            held.skipped.push(skip("the comparison with a baseline", reason));
        }
        Some(_) if !differences.is_empty() => {
            let reason = format!("counted under other conditions: {}", differences.join("; "));
            held.skipped.push(skip("instructions/op against the baseline", reason));
        }
        Some(_) => {}
    }
    for (id, (benchmark, new)) in exact::figures(samples) {
        if benchmark.is_peers() || new.is_empty() {
            continue;
        }
        let mut findings: Vec<Finding> = budget(benchmark, samples).into_iter().collect();
        match baseline.and_then(|baseline| baseline.rows.get(id)) {
            Some(row) if row.source == benchmark.source => {
                let old = comparable(&row.exact, differences.is_empty());
                findings.extend(judge(gates, Change { old: &old, new: &new, time: None }));
                held.compared += 1;
            }
            Some(_) => held.without.push(format!("{id} (its definition changed)")),
            None if baseline.is_some() => held.without.push(id.to_owned()),
            None => {}
        }
        let found = |finding| Found { id: id.to_owned(), finding };
        held.found.extend(findings.into_iter().map(found));
    }
    held
}

/// Whether it keeps an exact figure from being known.
fn is_exact(failure: &Failure) -> bool {
    !matches!(failure.stage, Stage::Pairs | Stage::Timing)
}

fn told(failure: &Failure) -> String {
    let first = failure.message.lines().next().unwrap_or_default();
    format!("{}: {first}", failure.id.as_deref().unwrap_or("all"))
}

/// Instructions of another compiler or valgrind are others.
fn comparable(exact: &Exact, with_instructions: bool) -> Exact {
    if with_instructions {
        return exact.clone();
    }
    Exact { cold: None, steady: None, ..exact.clone() }
}

fn budget(benchmark: &Benchmark, samples: &[Sample]) -> Option<Finding> {
    let counts = samples.iter().find_map(|sample| match sample {
        Sample::Allocations(counts) if counts.id == benchmark.id => Some(counts),
        _ => None,
    })?;
    let text = over_budget(benchmark, counts)?;
    Some(Finding { metric: Metric::Allocs, grade: Grade::Fail, text })
}

impl Held {
    pub(crate) fn of(&self, grade: Grade) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(move |found| found.finding.grade == grade)
    }

    pub(crate) fn outcome(&self) -> Outcome {
        if !self.failed.is_empty() {
            Outcome::HarnessError
        } else if self.of(Grade::Fail).next().is_some() {
            Outcome::Regression
        } else {
            Outcome::Pass
        }
    }

    /// In a sentence.
    pub(crate) fn summary(&self) -> String {
        let Some(baseline) = &self.baseline else {
            return "no baseline to hold exact figures against".to_owned();
        };
        let compared = plural(self.compared, "benchmark");
        let benchmarks = |grade| {
            let mut ids: Vec<_> = self.of(grade).map(|found| &found.id).collect();
            ids.dedup();
            ids.len()
        };
        let (failed, flagged) = (benchmarks(Grade::Fail), benchmarks(Grade::Flag));
        let better = benchmarks(Grade::Better);
        format!(
            "exact figures of {compared} against the baseline {baseline}: {failed} regressed, \
             {flagged} flagged, {better} better"
        )
    }

    /// Everything, a line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for Found { id, finding } in &self.found {
            lines.push(format!("{}: {id}: {}", finding.grade.word(), finding.text));
        }
        lines.extend(self.failed.iter().map(|failed| format!("error: {failed}")));
        for Skipped { metric, reason, remedy } in &self.skipped {
            lines.push(format!("skipped {metric}: {reason}; {remedy}"));
        }
        if !self.without.is_empty() {
            lines.push(format!("not in the baseline: {}", self.without.join(", ")));
        }
        lines.push(self.summary());
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::gate::table::committed;
    use crate::bench::model::fixture;

    const ID: &str = "http11/parse/get-37/shockwave";

    fn held(change: impl Fn(&mut Sample)) -> Held {
        let (run, mut samples) = fixture::archive();
        let baseline = Baseline::of("before", &run, &samples).unwrap();
        samples.iter_mut().for_each(change);
        hold(&committed(), Some(&baseline), &run.session.fingerprint, &samples)
    }

    #[test]
    fn the_same_figures_pass() {
        let held = held(|_| {});
        assert_eq!((held.outcome(), held.found.len()), (Outcome::Pass, 0));
        assert_eq!(held.compared, 2, "ours alone that were counted");
        assert!(held.summary().ends_with("0 regressed, 0 flagged, 0 better"));
    }

    #[test]
    fn an_allocation_fails_by_the_baseline_and_the_budget() {
        let held = held(|sample| {
            if let Sample::Allocations(counts) = sample
                && counts.id == ID
            {
                counts.allocs += 1.0;
            }
        });
        assert_eq!(held.outcome(), Outcome::Regression);
        assert_eq!(held.of(Grade::Fail).filter(|found| found.id == ID).count(), 2);
    }

    #[test]
    fn another_definition_is_no_regression() {
        let held = held(|sample| match sample {
            Sample::Benchmark { benchmark, .. } if benchmark.id == ID => {
                benchmark.source = Some("another".into());
            }
            Sample::Instructions(counts) if counts.id == ID => counts.many *= 2,
            _ => {}
        });
        assert_eq!(held.outcome(), Outcome::Pass);
        assert_eq!(held.without, [format!("{ID} (its definition changed)")]);
    }

    #[test]
    fn instructions_of_another_toolchain_are_skipped_and_said_so() {
        let (mut run, mut samples) = fixture::archive();
        let baseline = Baseline::of("before", &run, &samples).unwrap();
        run.session.fingerprint.rustc = vec!["rustc 9.9.9".into()];
        for sample in &mut samples {
            if let Sample::Instructions(counts) = sample {
                counts.many *= 2;
            }
        }
        let held = hold(&committed(), Some(&baseline), &run.session.fingerprint, &samples);
        assert_eq!((held.outcome(), held.found.len()), (Outcome::Pass, 0));
        let told = held.lines().join("\n");
        assert!(told.contains("skipped instructions/op against the baseline"), "{told}");
    }

    #[test]
    fn without_a_baseline_budgets_are_checked_still() {
        let (run, mut samples) = fixture::archive();
        let hold = |samples: &[Sample]| hold(&committed(), None, &run.session.fingerprint, samples);
        assert_eq!(hold(&samples).outcome(), Outcome::Pass);
        for sample in &mut samples {
            if let Sample::Allocations(counts) = sample {
                counts.allocs += 1.0;
            }
        }
        assert_eq!(hold(&samples).outcome(), Outcome::Regression);
        assert!(hold(&samples).lines().join("\n").contains("budgets alone are checked"));
    }
}
