//! Whether each benchmark measures what it says: an answer that is checked, work that is done once
//! for each operation and for nothing else, inputs that the branch predictor cannot learn.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use super::{Finding, Standing};
use crate::bench::archive::{Sample, Stage};
use crate::bench::build::{self, BenchTarget, Binary};
use crate::bench::measure::{self, Deadline, Valgrind, last_words};
use crate::bench::paired::{self, Entrant};
use crate::bench::plan::Plan;
use crate::bench::profile::{callgrind, total};
use crate::bench::progress::Progress;
use crate::metadata::Metadata;

const AREA: &str = "benchmarks";
/// Operations: a multiple of all numbers of distinct inputs, so that each gets its turn.
const CALLS: u64 = 64;
/// How far counts may be from twice as many: hash tables with random keys differ by 0.013 %.
const TOLERANCE: f64 = 0.002;
/// What is taken for twice the time.
const DOUBLE: RangeInclusive<f64> = 1.7..=2.3;
/// A loop with a call in it costs that much by itself.
const FEWEST_INSTRUCTIONS: f64 = 4.0;
/// Distinct inputs from which on a branch predictor has no use for what it learned.
const DISTINCT: u32 = 64;

pub(super) fn findings(
    mut plan: Plan,
    targets: &[BenchTarget],
    metadata: &Metadata,
) -> Result<Vec<Finding>> {
    let mut findings = vec![distinct(&plan)];
    let all = plan.benchmarks.len();
    let verified = collect(|sink| measure::verify(&mut plan, Deadline::none(), sink))?;
    findings.push(answers(all, &verified));
    let counting = build::build(targets, true)?;
    let counted = collect(|sink| measure::allocations(&plan, &counting, Deadline::none(), sink))?;
    findings.extend(counts(&counted));
    findings.push(checksums(&plan)?);
    findings.push(times(&plan));
    let scratch = metadata.target_directory.join(format!("xtask-doctor-{}", std::process::id()));
    findings.extend(doubling(&plan, &Valgrind::find(), &scratch)?);
    Ok(findings)
}

fn collect(measure: impl FnOnce(&mut measure::Sink<'_>) -> Result<()>) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    measure(&mut |sample| {
        samples.push(sample);
        Ok(())
    })?;
    Ok(samples)
}

/// A finding over all benchmarks: those that are wrong are named with the reason.
fn over_all(name: &str, all: usize, wrong: &[String], worst: Standing) -> Finding {
    let value = format!("{} of {all}", all.saturating_sub(wrong.len()));
    let standing = if wrong.is_empty() { Standing::Well } else { worst };
    Finding::new(AREA, name, value, standing, wrong.join("; "))
}

fn failures(samples: &[Sample]) -> Vec<String> {
    let message = |sample: &Sample| match sample {
        Sample::Failure(failure) => {
            let id = failure.id.as_deref().unwrap_or("all");
            Some(format!("{id}: {}", failure.message.lines().next().unwrap_or_default()))
        }
        _ => None,
    };
    samples.iter().filter_map(message).collect()
}

fn answers(all: usize, samples: &[Sample]) -> Finding {
    let mut wrong = failures(samples);
    let unchecked = samples.iter().filter_map(|sample| match sample {
        Sample::Verified(line) if line.accepts.is_none() => Some(&line.id),
        _ => None,
    });
    wrong.extend(unchecked.map(|id| format!("{id}: nobody checks its answer")));
    over_all("answers checked and right", all, &wrong, Standing::Fault)
}

/// The counter, and whether allocations are by the operation: where set-up is inside of the timed
/// region, blocks of n and of 2n operations show it.
fn counts(samples: &[Sample]) -> [Finding; 2] {
    let control = samples.iter().find_map(|sample| match sample {
        Sample::Failure(failure) if failure.stage == Stage::Control => Some(&failure.message),
        _ => None,
    });
    let (standing, value, note) = match control {
        None => (Standing::Well, "counts one where there is one", ""),
        Some(message) => (Standing::Fault, "is not to be trusted", message.as_str()),
    };
    let control = Finding::new(AREA, "allocation counter", value.into(), standing, note);
    let mut all = 0;
    let mut uneven = failures(samples);
    for sample in samples {
        if let Sample::Allocations(counts) = sample {
            all += 1;
            if counts.linear == Some(false) {
                uneven.push(format!("{}: {} on average", counts.id, counts.allocs));
            }
        }
    }
    [control, over_all("allocations are by the operation", all, &uneven, Standing::Note)]
}

/// What an operation answers goes into a checksum: one that is the same for twice the operations
/// does not depend on them. Where every answer is 0, as of a search that finds nothing, the sum
/// cannot show it.
fn checksums(plan: &Plan) -> Result<Finding> {
    let (mut wrong, mut zero) = (Vec::new(), 0);
    for planned in &plan.benchmarks {
        let binary = plan.binaries.get(planned.binary).context("no such binary")?;
        let id = &planned.benchmark.id;
        let sum = |n| checksum(binary, id, n);
        let sums = [CALLS, CALLS, 2 * CALLS].into_iter().map(sum).collect::<Result<Vec<_>>>();
        match sums.as_deref() {
            Ok([0, 0, 0]) => zero += 1,
            Ok([once, again, _]) if once != again => wrong.push(format!("{id}: differs each time")),
            Ok([once, _, twice]) if once == twice => {
                wrong.push(format!("{id}: {once} for {CALLS} operations, and for twice as many"));
            }
            Ok(_) => {}
            Err(error) => wrong.push(format!("{id}: {error:#}")),
        }
    }
    let mut finding = over_all("answers are used", plan.benchmarks.len(), &wrong, Standing::Fault);
    if zero > 0 {
        finding.value.push_str(&format!(", of which {zero} can only answer 0"));
    }
    Ok(finding)
}

fn checksum(binary: &Binary, id: &str, n: u64) -> Result<u64> {
    #[derive(Deserialize)]
    struct Ran {
        checksum: u64,
    }
    let output = measure::run_kit(binary, &["once", id, &n.to_string()])?;
    if !output.status.success() {
        bail!("{}", last_words(&output));
    }
    let ran: Ran = serde_json::from_slice(&output.stdout).context("it printed no checksum")?;
    Ok(ran.checksum)
}

/// Twice the operations take twice the time. A machine that is busy can spoil that, so that a
/// benchmark is asked again before it is noted.
fn times(plan: &Plan) -> Finding {
    const TRIES: usize = 3;
    let mut wrong = Vec::new();
    let progress = Progress::start("times", plan.benchmarks.len());
    for planned in &plan.benchmarks {
        let id = planned.benchmark.id.as_str();
        progress.step(id);
        let Some(binary) = plan.binaries.get(planned.binary) else { continue };
        let entrant = Entrant::new(binary, id);
        let mut last = String::new();
        let doubles = (0..TRIES).any(|_| match paired::doubling(&entrant) {
            Ok(ratio) => {
                last = format!("{ratio:.2} times as long");
                DOUBLE.contains(&ratio)
            }
            Err(error) => {
                last = format!("{error:#}");
                false
            }
        });
        if !doubles {
            wrong.push(format!("{id}: {last}"));
        }
    }
    progress.finish();
    over_all("times double with the operations", plan.benchmarks.len(), &wrong, Standing::Note)
}

/// Twice the operations are twice the instructions, and each is some.
fn doubling(plan: &Plan, valgrind: &Valgrind, scratch: &Path) -> Result<Vec<Finding>> {
    let Some(program) = valgrind.program() else {
        let note = Valgrind::missing("").remedy;
        let name = "instructions double with the operations";
        return Ok(vec![Finding::new(AREA, name, "skipped".into(), Standing::Note, note)]);
    };
    std::fs::create_dir_all(scratch)?;
    let (mut uneven, mut nothing, mut all) = (Vec::new(), Vec::new(), 0);
    let count = |index: usize, binary: &Binary, id: &str| {
        let run = |calls: u64| {
            let file = scratch.join(format!("callgrind.{index}"));
            total(&callgrind(program, binary, (id, calls), &file, &[])?, "Ir").context("no total")
        };
        Ok([run(1)?, run(1 + CALLS)?, run(1 + 2 * CALLS)?])
    };
    let mut judge = |id: &str, counts: Result<[u64; 3]>| {
        all += 1;
        match counts.map(|[once, n, twice]| (n - once.min(n), twice - once.min(twice))) {
            Ok((n, _)) if (n as f64) < FEWEST_INSTRUCTIONS * CALLS as f64 => {
                nothing.push(format!("{id}: {n} for {CALLS} operations"));
            }
            Ok((n, twice)) => {
                let ratio = twice as f64 / n as f64;
                if (ratio / 2.0 - 1.0).abs() > TOLERANCE {
                    uneven.push(format!("{id}: {ratio:.3} times as many"));
                }
            }
            Err(error) => uneven.push(format!("{id}: {error:#}")),
        }
        Ok(())
    };
    measure::two_at_a_time("instructions", plan, Deadline::none(), &count, &mut judge)?;
    std::fs::remove_dir_all(scratch)?;
    Ok(vec![
        over_all("instructions double with the operations", all, &uneven, Standing::Fault),
        over_all("operations are not optimised away", all, &nothing, Standing::Fault),
    ])
}

/// Each category that parses heads has a case of many distinct ones, `distinct-<number>`.
fn distinct(plan: &Plan) -> Finding {
    let mut parsing = BTreeSet::new();
    let mut most: BTreeMap<&str, u32> = BTreeMap::new();
    for planned in &plan.benchmarks {
        let benchmark = &planned.benchmark;
        if benchmark.operation.starts_with("parse-request") {
            parsing.insert(benchmark.category.as_str());
        }
        let number = benchmark.case.strip_prefix("distinct-").and_then(|n| n.parse().ok());
        let most = most.entry(&benchmark.category).or_default();
        *most = number.unwrap_or(0).max(*most);
    }
    let few: Vec<_> = parsing
        .iter()
        .filter(|category| most.get(**category).is_none_or(|most| *most < DISTINCT))
        .map(|category| format!("{category}: no case `distinct-{DISTINCT}` or above"))
        .collect();
    let name = "categories that parse have many distinct inputs";
    over_all(name, parsing.len(), &few, Standing::Note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::archive::Failure;
    use crate::bench::protocol::{Allocations, CONTROL};

    fn failure(stage: Stage, id: Option<&str>) -> Sample {
        Sample::Failure(Failure { stage, id: id.map(str::to_owned), message: "broke\nmore".into() })
    }

    fn allocations(id: &str, linear: bool) -> Sample {
        let text = format!(r#"{{"id":"{id}","allocs":0.5,"bytes":8,"linear":{linear}}}"#);
        Sample::Allocations(serde_json::from_str::<Allocations>(&text).unwrap())
    }

    #[test]
    fn what_failed_is_named_with_its_first_line() {
        let finding = answers(3, &[failure(Stage::Verify, Some("a/b/c/d"))]);
        assert_eq!((finding.value.as_str(), finding.standing), ("2 of 3", Standing::Fault));
        assert_eq!(finding.note, "a/b/c/d: broke");
        assert_eq!(answers(3, &[]).standing, Standing::Well);
    }

    #[test]
    fn a_dead_counter_is_a_fault_and_an_average_is_a_note() {
        let [control, linear] =
            counts(&[allocations(CONTROL, true), allocations("a/b/c/d", false)]);
        assert_eq!((control.standing, linear.standing), (Standing::Well, Standing::Note));
        assert_eq!(linear.note, "a/b/c/d: 0.5 on average");
        let [control, _] = counts(&[failure(Stage::Control, None)]);
        assert_eq!(control.standing, Standing::Fault);
    }
}
