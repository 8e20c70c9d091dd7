//! The verdicts over an archive of a comparison: a row for each benchmark, and what is to be done.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::archive::{Comparison, Line, Stage};
use crate::Outcome;
use crate::bench::archive::{Failure, Instructions, Pair, Sample, Skipped};
use crate::bench::exact::Exact;
use crate::bench::gate::{self, Change, Finding, Gates, Grade, Metric, Time};
use crate::bench::profile::Evidence;
use crate::bench::protocol::{Allocations, Benchmark};
use crate::bench::stats::{
    Estimate, benjamini_hochberg, bootstrap, geometric_mean, median, shift,
    smallest_detectable_effect, wilcoxon,
};

const CONFIDENCE: f64 = 0.95;
const RESAMPLES: usize = 1000;

/// What a comparison says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Judgement {
    pub(crate) rows: Vec<Row>,
    pub(crate) controls: Controls,
    /// The geometric mean of the times' ratios over the rows that have one, and how many.
    pub(crate) geometric_mean: Option<(f64, usize)>,
    /// Why benchmarks differ that regressed.
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) outcome: Outcome,
    pub(crate) reasons: Vec<String>,
}

/// A benchmark in two versions.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// Of the newer version, where it has it.
    pub(crate) benchmark: Benchmark,
    pub(crate) presence: Presence,
    pub(crate) old: Exact,
    pub(crate) new: Exact,
    pub(crate) time: Option<Time>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) failed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Presence {
    Both,
    /// In both, but it does not do the same: a difference says nothing of the code.
    Redefined,
    Added,
    Removed,
}

/// The newer version against a copy of itself.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Controls {
    pub(crate) run: usize,
    /// Those that the gate would have failed or praised.
    pub(crate) flagged: Vec<String>,
    /// The greatest change seen, which is none.
    pub(crate) floor: f64,
    /// Of all launches that decided: how many there were, and how many stayed disturbed.
    pub(crate) launches: usize,
    pub(crate) disturbed: usize,
    /// Of all comparisons: the smallest change that would have been seen, in the median.
    pub(crate) smallest: Option<f64>,
}

impl Row {
    pub(crate) fn worst(&self) -> Option<Grade> {
        self.findings.iter().map(|finding| finding.grade).max()
    }

    /// The verdict in a few words.
    pub(crate) fn word(&self) -> String {
        if self.failed {
            return "ERROR".into();
        }
        match self.presence {
            Presence::Added => return "added".into(),
            Presence::Removed => return "removed".into(),
            Presence::Redefined => return "definition changed".into(),
            Presence::Both => {}
        }
        let with = |grade| self.findings.iter().filter(move |finding| finding.grade == grade);
        let named = |grade| {
            let mut words: Vec<_> = with(grade).map(|finding| finding.metric.word()).collect();
            words.dedup();
            words.join(", ")
        };
        let is_suspected = self.findings.iter().any(|finding| finding.metric == Metric::Layout);
        let suspected = if is_suspected { " (layout suspected)" } else { "" };
        match self.worst() {
            Some(Grade::Fail) => format!("FAIL {}{suspected}", named(Grade::Fail)),
            Some(Grade::Inconclusive) => "noisy, inconclusive".into(),
            Some(Grade::Flag) => format!("flagged {}{suspected}", named(Grade::Flag)),
            _ if with(Grade::Better).any(|finding| finding.metric == Metric::Time) => {
                "ok faster".into()
            }
            _ => "ok".into(),
        }
    }
}

/// Whether both say what they are, and not the same.
pub(crate) fn is_redefined(old: &Benchmark, new: &Benchmark) -> bool {
    old.source.is_some() && new.source.is_some() && old.source != new.source
}

/// The lines, by what they are about.
#[derive(Debug, Default)]
struct Parts<'a> {
    benchmarks: [BTreeMap<&'a str, &'a Benchmark>; 2],
    allocations: [BTreeMap<&'a str, &'a Allocations>; 2],
    instructions: [BTreeMap<&'a str, &'a Instructions>; 2],
    pairs: BTreeMap<(Stage, &'a str), Vec<&'a Pair>>,
    evidence: Vec<Evidence>,
    failures: Vec<Failure>,
    skipped: Vec<Skipped>,
}

impl<'a> Parts<'a> {
    fn of(lines: &'a [Line]) -> Self {
        let mut parts = Self::default();
        for Line { side, stage, sample } in lines {
            let side = side.unwrap_or(1).min(1);
            match sample {
                Sample::Benchmark { benchmark, .. } => {
                    parts.benchmarks[side].insert(&benchmark.id, benchmark);
                }
                Sample::Allocations(counts) => {
                    parts.allocations[side].insert(&counts.id, counts);
                }
                Sample::Instructions(counts) => {
                    parts.instructions[side].insert(&counts.id, counts);
                }
                Sample::Pair(pair) => {
                    let key = (stage.unwrap_or(Stage::Screen), pair.ids[1].as_str());
                    parts.pairs.entry(key).or_default().push(pair);
                }
                Sample::Evidence(evidence) => parts.evidence.push(evidence.clone()),
                Sample::Failure(failure) => {
                    let version = ["the older version: ", ""][side];
                    let message = format!("{version}{}", failure.message);
                    parts.failures.push(Failure { message, ..failure.clone() });
                }
                Sample::Skipped(skipped) if !parts.skipped.contains(skipped) => {
                    parts.skipped.push(skipped.clone());
                }
                Sample::Skipped(_) | Sample::Verified(_) | Sample::Timing(_) => {}
            }
        }
        parts
    }

    fn exact(&self, side: usize, id: &str) -> Exact {
        let (allocations, instructions) = (&self.allocations[side], &self.instructions[side]);
        Exact::of(allocations.get(id).copied(), instructions.get(id).copied())
    }

    /// Of the stages in question, the time of each benchmark; where one has launches of several,
    /// those of the last one decide.
    fn times(&self, stages: &[Stage], seed: u64) -> BTreeMap<&'a str, Time> {
        let mut times = BTreeMap::new();
        for ((stage, id), pairs) in &self.pairs {
            if stages.contains(stage)
                && let Some(time) = time_of(pairs, *stage == Stage::Confirm, seed)
            {
                times.insert(*id, time);
            }
        }
        let p: Vec<f64> = times.values().map(|time: &Time| time.p).collect();
        let adjusted = benjamini_hochberg(&p).unwrap_or(p);
        for (time, adjusted) in times.values_mut().zip(adjusted) {
            time.adjusted = adjusted;
        }
        times
    }
}

/// What the launches of one benchmark say. The p-value is not adjusted yet.
pub(crate) fn time_of(pairs: &[&Pair], confirmed: bool, seed: u64) -> Option<Time> {
    let ratios: Vec<f64> = pairs.iter().filter_map(|pair| pair.log_ratio()).collect();
    let side =
        |side| Estimate::of(&pairs.iter().filter_map(|pair| pair.time(side)).collect::<Vec<_>>());
    let interval = bootstrap(&ratios, shift, CONFIDENCE, RESAMPLES, seed)?;
    // Without any difference there is nothing to rank.
    let p = wilcoxon(&ratios).map_or(1.0, |test| test.p);
    Some(Time {
        sides: [side(0)?, side(1)?],
        change: shift(&ratios)?.exp_m1(),
        low: interval.low.exp_m1(),
        high: interval.high.exp_m1(),
        p,
        adjusted: p,
        launches: ratios.len(),
        disturbed: pairs.iter().filter(|pair| pair.noise.is_some()).count(),
        confirmed,
        smallest: smallest_detectable_effect(&ratios, ratios.len())?,
    })
}

/// The benchmarks whose screening needs fresh launches: it decides nothing itself, so that here the
/// p-values are taken as they are. What was too noisy to be judged gets more launches as well.
pub(crate) fn suspicious(gates: &Gates, seed: u64, lines: &[Line]) -> BTreeSet<String> {
    let times = Parts::of(lines).times(&[Stage::Screen], seed);
    let is_suspicious = |time: &Time| {
        let differs = time.p < gates.time.adjusted_p
            && time.change.abs() * 100.0 > gates.time.near_end_percent;
        differs || time.smallest.max(time.high) * 100.0 > gates.time.fail_percent
    };
    let suspicious = times.into_iter().filter(|(_, time)| is_suspicious(time));
    suspicious.map(|(id, _)| id.to_owned()).collect()
}

/// Judges a comparison by these gates.
pub(crate) fn judge(comparison: &Comparison, lines: &[Line], gates: &Gates) -> Judgement {
    let parts = Parts::of(lines);
    let seed = comparison.session.seed;
    let times = parts.times(&[Stage::Screen, Stage::Confirm], seed);
    let controls = controls(&parts, &times, gates, seed);
    let [older, newer] = &parts.benchmarks;
    let ids: BTreeSet<&str> = older.keys().chain(newer.keys()).copied().collect();
    let row = |id: &str| {
        let (old, new) = (older.get(id).copied(), newer.get(id).copied());
        let presence = match (old, new) {
            (Some(old), Some(new)) if is_redefined(old, new) => Presence::Redefined,
            (None, _) => Presence::Added,
            (_, None) => Presence::Removed,
            _ => Presence::Both,
        };
        let benchmark = new.or(old)?.clone();
        let (old, new, time) = (parts.exact(0, id), parts.exact(1, id), times.get(id).copied());
        let mut findings = Vec::new();
        if presence == Presence::Both {
            let change = Change { old: &old, new: &new, time: time.as_ref() };
            findings = gate::judge(gates, change);
        }
        if !controls.flagged.is_empty() {
            distrust(&mut findings);
        }
        let failed = parts.failures.iter().any(|failure| failure.id.as_deref() == Some(id));
        Some(Row { benchmark, presence, old, new, time, findings, failed })
    };
    let rows: Vec<Row> = ids.into_iter().filter_map(row).collect();
    let (outcome, reasons) = decide(comparison, &rows, &controls, &parts.failures);
    let ratios: Vec<f64> = rows
        .iter()
        .filter(|row| row.presence == Presence::Both)
        .filter_map(|row| Some(1.0 + row.time?.change))
        .collect();
    Judgement {
        geometric_mean: geometric_mean(&ratios).map(|mean| (mean, ratios.len())),
        rows,
        controls,
        evidence: parts.evidence,
        failures: parts.failures,
        skipped: parts.skipped,
        outcome,
        reasons,
    }
}

/// Where identical code differs, a difference of the time is nothing to fail for.
fn distrust(findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| finding.metric == Metric::Time) {
        if finding.grade == Grade::Fail {
            finding.grade = Grade::Inconclusive;
            finding.text.push_str("; but identical code differed as well");
        }
    }
}

fn controls(parts: &Parts<'_>, times: &BTreeMap<&str, Time>, gates: &Gates, seed: u64) -> Controls {
    let controls = parts.times(&[Stage::Control], seed);
    let is_flagged = |time: &Time| {
        let mirrored = Time {
            change: 1.0 / (1.0 + time.change) - 1.0,
            low: 1.0 / (1.0 + time.high) - 1.0,
            high: 1.0 / (1.0 + time.low) - 1.0,
            ..*time
        };
        time.exceeds(gates) || mirrored.exceeds(gates)
    };
    let flagged = controls.iter().filter(|(_, time)| is_flagged(time));
    let smallest: Vec<f64> = times.values().map(|time| time.smallest).collect();
    Controls {
        run: controls.len(),
        flagged: flagged.map(|(id, _)| (*id).to_owned()).collect(),
        floor: controls.values().map(|time| time.change.abs()).fold(0.0, f64::max),
        launches: times.values().map(|time| time.launches).sum(),
        disturbed: times.values().map(|time| time.disturbed).sum(),
        smallest: median(&smallest),
    }
}

/// The worst that happened decides; every reason is told.
fn decide(
    comparison: &Comparison,
    rows: &[Row],
    controls: &Controls,
    failures: &[Failure],
) -> (Outcome, Vec<String>) {
    let mut reasons = Vec::new();
    let mut outcome = Outcome::Pass;
    let graded =
        |grade| rows.iter().filter(|row| !row.failed && row.worst() == Some(grade)).count();
    let mut tell = |count: usize, what: &str| {
        if count > 0 {
            reasons.push(format!("{count} {what}"));
        }
        count > 0
    };
    tell(graded(Grade::Flag), "flagged, which fails nothing");
    let redefined = rows.iter().filter(|row| row.presence == Presence::Redefined).count();
    tell(redefined, "with a changed definition, which cannot be compared");
    if tell(graded(Grade::Inconclusive), "that the machine could not judge") {
        outcome = Outcome::Inconclusive;
    }
    if tell(controls.flagged.len(), "of the controls differed from a copy of themselves") {
        outcome = Outcome::Inconclusive;
    }
    if tell(graded(Grade::Fail), "regressed") {
        outcome = Outcome::Regression;
    }
    if tell(failures.len(), "could not be measured") || comparison.partial {
        outcome = Outcome::HarnessError;
    }
    if comparison.partial {
        reasons.push("the comparison was not finished".into());
    }
    let compared = rows.iter().filter(|row| row.presence == Presence::Both).count();
    reasons.push(format!("{compared} benchmarks compared"));
    reasons.reverse();
    (outcome, reasons)
}
