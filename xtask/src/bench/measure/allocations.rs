//! Allocations: what one warm operation asks for, from the build with the counting allocator.

use anyhow::Result;

use super::{Sink, exactly, failure, last_words, run_kit};
use crate::bench::archive::{Sample, Stage};
use crate::bench::build::Binary;
use crate::bench::model::over_budget;
use crate::bench::plan::Plan;
use crate::bench::progress::Progress;
use crate::bench::protocol::{self, Allocations, CONTROL};

/// Counts the plan's benchmarks in the counting builds of its binaries, in the same order. Counts
/// are kept only from a binary whose control shows that the counter is alive.
pub(crate) fn allocations(plan: &Plan, counting: &[Binary], sink: &mut Sink<'_>) -> Result<()> {
    let progress = Progress::start("allocations", counting.len());
    for (index, binary) in counting.iter().enumerate() {
        progress.step(&binary.target.name);
        let ids = plan.ids(index);
        if ids.is_empty() {
            continue;
        }
        let mut filter = ids.clone();
        filter.push(CONTROL);
        let output = run_kit(&binary.path, &["alloc", "--filter", &exactly(&filter)])?;
        let origin = format!("{} --kit alloc", binary.target.name);
        let text = String::from_utf8_lossy(&output.stdout);
        let (counts, failed) = match protocol::lines_or_failures(&text, &origin) {
            Ok(read) => read,
            Err(error) => {
                sink(failure(Stage::Control, None, format!("{error:#}")))?;
                continue;
            }
        };
        for failed in &failed {
            progress.note(&format!("{} failed", failed.id));
            sink(failure(Stage::Allocations, Some(&failed.id), failed.error.as_str()))?;
        }
        if let Some(reason) = distrust(&counts) {
            sink(failure(Stage::Control, None, format!("{origin}: {reason}")))?;
            continue;
        }
        // The kit fails for a budget that was exceeded too; that is a result, and told as one.
        let told = !failed.is_empty() || counts.iter().any(|line| is_over_budget(plan, line));
        if !output.status.success() && !told {
            sink(failure(Stage::Allocations, None, last_words(&output)))?;
        }
        let is_told = |id: &str| {
            counts.iter().any(|line| line.id == id) || failed.iter().any(|line| line.id == id)
        };
        for id in ids.iter().filter(|id| !is_told(id)) {
            progress.note(&format!("{id} was not counted"));
            sink(failure(Stage::Allocations, Some(id), "printed no counts"))?;
        }
        for line in counts.into_iter().filter(|line| line.id != CONTROL) {
            sink(Sample::Allocations(line))?;
        }
    }
    progress.finish();
    Ok(())
}

fn is_over_budget(plan: &Plan, counts: &Allocations) -> bool {
    let planned = plan.benchmarks.iter().find(|planned| planned.benchmark.id == counts.id);
    planned.is_some_and(|planned| over_budget(&planned.benchmark, counts).is_some())
}

/// Why the counts of a binary are not to be believed.
fn distrust(counts: &[Allocations]) -> Option<String> {
    match counts.iter().find(|line| line.id == CONTROL) {
        Some(control) if control.allocs == 1.0 => None,
        Some(control) => Some(format!(
            "the control allocates once an operation, but {} was counted",
            control.allocs
        )),
        None => Some("the control that shows the counter alive was not counted".into()),
    }
}
