//! Verification: every engine of a group gives the same answer, before anything is timed.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Sink, exactly, failure, last_words, run_kit};
use crate::bench::archive::{Sample, Stage};
use crate::bench::plan::Plan;
use crate::bench::progress::Progress;
use crate::bench::protocol::{self, Verified};

/// Verifies the plan and takes the groups out of it that failed: what may do other work than its
/// rivals is not timed beside them.
pub(crate) fn verify(plan: &mut Plan, sink: &mut Sink<'_>) -> Result<()> {
    let progress = Progress::start("verify", plan.binaries.len());
    let mut failed_groups = BTreeSet::new();
    for (index, binary) in plan.binaries.iter().enumerate() {
        progress.step(&binary.target.name);
        let ids = plan.ids(index);
        if ids.is_empty() {
            continue;
        }
        let output = run_kit(&binary.path, &["verify", "--filter", &exactly(&ids)])?;
        let origin = format!("{} --kit verify", binary.target.name);
        let text = String::from_utf8_lossy(&output.stdout);
        let verified: Vec<Verified> = match protocol::lines(&text, &origin) {
            Ok(verified) => verified,
            Err(error) => {
                sink(failure(Stage::Verify, None, format!("{error:#}")))?;
                Vec::new()
            }
        };
        if !output.status.success() {
            let message = last_words(&output);
            let blamed = blamed(plan, index, &verified, &message);
            if blamed.is_empty() {
                sink(failure(Stage::Verify, None, message.as_str()))?;
            }
            for (id, group) in blamed {
                progress.note(&format!("{id} failed"));
                sink(failure(Stage::Verify, Some(&id), message.as_str()))?;
                failed_groups.insert(group);
            }
        }
        for line in verified {
            sink(Sample::Verified(line))?;
        }
    }
    progress.finish();
    plan.benchmarks.retain(|planned| !failed_groups.contains(&planned.benchmark.group()));
    Ok(())
}

/// Ids and groups that a failed verification is about: those that its message names; if it names
/// none, those that it printed no line for; if there are none of these either, all of the binary's.
fn blamed(
    plan: &Plan,
    binary: usize,
    verified: &[Verified],
    message: &str,
) -> Vec<(String, String)> {
    let here: Vec<_> = plan
        .benchmarks
        .iter()
        .filter(|planned| planned.binary == binary)
        .map(|planned| (planned.benchmark.id.clone(), planned.benchmark.group()))
        .collect();
    let named = |id: &str| {
        message.match_indices(id).any(|(at, _)| {
            let rest = message[at + id.len()..].chars().next();
            !rest.is_some_and(|c| c.is_ascii_alphanumeric() || "-_/".contains(c))
        })
    };
    let silent = |id: &str| !verified.iter().any(|line| line.id == id);
    for is_blamed in [&named as &dyn Fn(&str) -> bool, &silent] {
        let blamed: Vec<_> = here.iter().filter(|(id, _)| is_blamed(id)).cloned().collect();
        if !blamed.is_empty() {
            return blamed;
        }
    }
    here
}
