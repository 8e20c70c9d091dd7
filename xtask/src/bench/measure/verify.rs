//! Verification: every engine of a group gives the same answer, before anything is timed.

use std::collections::BTreeSet;
use std::process::Output;

use anyhow::Result;

use super::{Deadline, Sink, exactly, failure, last_words, left_out, run_kit};
use crate::bench::archive::{Sample, Stage};
use crate::bench::plan::Plan;
use crate::bench::progress::Progress;
use crate::bench::protocol::{self, Verified};

/// Verifies the plan and takes the groups out of it that failed: what may do other work than its
/// rivals is not timed beside them.
pub(crate) fn verify(plan: &mut Plan, until: Deadline, sink: &mut Sink<'_>) -> Result<()> {
    let progress = Progress::start("verify", plan.binaries.len());
    let mut failed_groups = BTreeSet::new();
    let mut unverified = BTreeSet::new();
    for (index, binary) in plan.binaries.iter().enumerate() {
        if until.is_over() {
            sink(left_out("verification", index, plan.binaries.len(), "executables"))?;
            unverified.extend(index..plan.binaries.len());
            break;
        }
        progress.step(&binary.target.name);
        let ids = plan.ids(index);
        if ids.is_empty() {
            continue;
        }
        let output = run_kit(binary, &["verify", "--filter", &exactly(&ids)])?;
        let origin = format!("{} --kit verify", binary.target.name);
        let text = String::from_utf8_lossy(&output.stdout);
        let (verified, failed) = protocol::lines_or_failures::<Verified>(&text, &origin)?;
        let mut blamed: Vec<(String, String)> =
            failed.into_iter().map(|failed| (failed.id, failed.error)).collect();
        if !output.status.success() {
            blamed.extend(differing(plan, index, &output));
            if blamed.is_empty() {
                let message = last_words(&output);
                blamed = silent(plan, index, &verified).map(|id| (id, message.clone())).collect();
            }
        }
        for (id, message) in blamed {
            progress.note(&format!("{id} failed"));
            failed_groups.extend(id.rsplit_once('/').map(|(group, _)| group.to_owned()));
            sink(failure(Stage::Verify, Some(&id), message))?;
        }
        for line in verified {
            sink(Sample::Verified(line))?;
        }
    }
    progress.finish();
    plan.benchmarks.retain(|planned| {
        !failed_groups.contains(&planned.benchmark.group()) && !unverified.contains(&planned.binary)
    });
    Ok(())
}

/// The benchmarks of each group that a line on standard error names, with that line: the kit says
/// so where the engines of a group do not agree.
fn differing(plan: &Plan, binary: usize, output: &Output) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(&output.stderr);
    let mut found = Vec::new();
    for planned in plan.benchmarks.iter().filter(|planned| planned.binary == binary) {
        let group = planned.benchmark.group();
        let names = |line: &&str| line.split_whitespace().any(|word| word == group);
        if let Some(line) = text.lines().find(names) {
            found.push((planned.benchmark.id.clone(), line.to_owned()));
        }
    }
    found
}

/// The benchmarks that were to be verified and were not told of; where all were, all of them, since
/// something failed.
fn silent(
    plan: &Plan,
    binary: usize,
    verified: &[Verified],
) -> impl Iterator<Item = String> + use<> {
    let ids = plan.ids(binary);
    let told = |id: &str| verified.iter().any(|line| line.id == id);
    let silent: Vec<String> =
        ids.iter().filter(|id| !told(id)).map(|id| (*id).to_owned()).collect();
    let all: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    if silent.is_empty() { all } else { silent }.into_iter()
}
