//! Evidence for what changed: for each benchmark that regressed, the functions and the allocations
//! that differ, and the commits that touched them. It is taken unasked.

use std::path::Path;

use anyhow::Result;

use super::archive::{Line, Side};
use super::judge::{Judgement, Presence, Row};
use super::measure::Version;
use crate::bench::archive::{Sample, Stage};
use crate::bench::build::Binary;
use crate::bench::gate::Grade;
use crate::bench::measure::{Valgrind, failure};
use crate::bench::profile::{self, Evidence};
use crate::bench::progress::Progress;

/// Benchmarks that are looked into, the first of those that failed: each takes some ten seconds.
const MOST: usize = 8;

/// Takes the evidence for whatever the verdicts hold against the newer version; each goes on as a
/// line. `scratch` is for the tools' files.
pub(super) fn take(
    judgement: &Judgement,
    versions: &[Version; 2],
    valgrind: &Valgrind,
    scratch: &Path,
    lines: &mut dyn FnMut(&Line) -> Result<()>,
) -> Result<usize> {
    let worse = worse(&judgement.rows);
    if worse.is_empty() || valgrind.program().is_none() {
        // What could not be counted for want of valgrind was said already.
        return Ok(0);
    }
    let progress = Progress::start("evidence", worse.len());
    for row in &worse {
        let id = row.benchmark.id.as_str();
        progress.step(id);
        let sides = versions.each_ref().map(|version| binary(version, id));
        let [Some(old), Some(new)] = sides else { continue };
        let sample = match profile::evidence([old, new], id, valgrind, scratch) {
            Ok(mut evidence) => {
                let [older, newer] = versions.each_ref().map(|version| reference(&version.side));
                evidence.add_commits(&older, &newer);
                Sample::Evidence(evidence)
            }
            Err(error) => failure(Stage::Instructions, Some(id), format!("evidence: {error:#}")),
        };
        lines(&Line { side: None, stage: None, sample })?;
    }
    progress.finish();
    Ok(worse.len())
}

/// The rows that need evidence: those that fail first, then those that are flagged.
fn worse(rows: &[Row]) -> Vec<&Row> {
    let comparable = |row: &&Row| row.presence == Presence::Both && !row.failed;
    let of = |grade| rows.iter().filter(comparable).filter(move |row| row.worst() == Some(grade));
    of(Grade::Fail).chain(of(Grade::Flag)).take(MOST).collect()
}

fn binary<'a>(version: &'a Version, id: &str) -> Option<&'a Binary> {
    let planned = version.plan.benchmarks.iter().find(|planned| planned.benchmark.id == id)?;
    version.plan.binaries.get(planned.binary)
}

/// What Git calls a side; the work tree goes by the commit that it is over.
fn reference(side: &Side) -> String {
    side.commit.clone().unwrap_or_else(|| "HEAD".into())
}

/// An evidence as lines of text.
pub(super) fn told(evidence: &Evidence) -> Vec<String> {
    let mut lines = vec![format!("evidence: {}", evidence.id)];
    for change in &evidence.functions {
        let (before, after) = (change.before, change.after);
        let difference = change.difference();
        let function = &change.function;
        lines.push(format!("  {difference:+.1} instr/op in {function}: {before:.1} to {after:.1}"));
    }
    for change in &evidence.allocations {
        let ([before, after], [less, more]) = (change.allocs, change.bytes);
        let site = &change.site;
        lines.push(format!("  {:+} allocs/op, {:+} B/op at {site}", after - before, more - less));
    }
    lines.extend(evidence.commits.iter().map(|commit| format!("  touched by {commit}")));
    for skipped in &evidence.skipped {
        lines.push(format!("  skipped {}: {}", skipped.metric, skipped.reason));
    }
    if lines.len() == 1 {
        lines.push("  no instruction and no allocation differs: suspect the layout".into());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::profile::{Function, FunctionChange, SiteChange};

    #[test]
    fn evidence_is_told_in_a_few_lines() {
        let function = Function { name: "parse".into(), file: "crates/a.rs".into() };
        let site = "grow (crates/a.rs:7)".to_owned();
        let mut evidence = Evidence { id: "a/b/c/d".into(), ..Evidence::default() };
        assert!(told(&evidence)[1].contains("suspect the layout"));
        evidence.functions = vec![FunctionChange { function, before: 10.0, after: 24.5 }];
        evidence.allocations = vec![SiteChange { site, allocs: [0.0, 2.0], bytes: [0.0, 64.0] }];
        evidence.commits = vec!["1f2e3d4 a change".into()];
        let expected = [
            "evidence: a/b/c/d",
            "  +14.5 instr/op in parse (crates/a.rs): 10.0 to 24.5",
            "  +2 allocs/op, +64 B/op at grow (crates/a.rs:7)",
            "  touched by 1f2e3d4 a change",
        ];
        assert_eq!(told(&evidence), expected);
    }
}
