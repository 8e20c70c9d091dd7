//! Allocations: what one warm operation asks for, from the build with the counting allocator.

use std::process::Output;

use anyhow::Result;

use super::{Deadline, Sink, exactly, failure, last_words, left_out, run_kit};
use crate::bench::archive::{Sample, Stage};
use crate::bench::build::Binary;
use crate::bench::model::over_budget;
use crate::bench::plan::Plan;
use crate::bench::progress::Progress;
use crate::bench::protocol::{self, Allocations, CONTROL, Failed};

/// Counts the plan's benchmarks in the counting builds of its binaries, in the same order. Counts
/// are kept only from a process whose control shows that the counter is alive. Where one ends
/// before it told of all, each benchmark gets a process of its own, so that one that crashes or
/// hangs takes no other with it.
pub(crate) fn allocations(
    plan: &Plan,
    counting: &[Binary],
    until: Deadline,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let progress = Progress::start("allocations", counting.len());
    for (index, binary) in counting.iter().enumerate() {
        if until.is_over() {
            sink(left_out("allocs/op and B/op", index, counting.len(), "executables"))?;
            break;
        }
        progress.step(&binary.target.name);
        let ids = plan.ids(index);
        if ids.is_empty() {
            continue;
        }
        let counted = Counted::of(binary, &ids)?;
        if !counted.ended_early() || ids.len() == 1 {
            counted.tell(plan, &progress, sink)?;
            continue;
        }
        for id in ids {
            Counted::of(binary, &[id])?.tell(plan, &progress, sink)?;
        }
    }
    progress.finish();
    Ok(())
}

/// What one process counted.
struct Counted<'a> {
    ids: &'a [&'a str],
    origin: String,
    output: Output,
    lines: Result<(Vec<Allocations>, Vec<Failed>)>,
}

impl<'a> Counted<'a> {
    fn of(binary: &Binary, ids: &'a [&'a str]) -> Result<Self> {
        let filter: Vec<&str> = ids.iter().copied().chain([CONTROL]).collect();
        let output = run_kit(binary, &["alloc", "--filter", &exactly(&filter)])?;
        let origin = format!("{} --kit alloc", binary.target.name);
        let lines = protocol::lines_or_failures(&String::from_utf8_lossy(&output.stdout), &origin);
        Ok(Self { ids, origin, output, lines })
    }

    /// The control is registered last: where it is missing from a process that failed, that one
    /// came to no proper end.
    fn ended_early(&self) -> bool {
        let has_control = self
            .lines
            .as_ref()
            .is_ok_and(|(counts, _)| counts.iter().any(|line| line.id == CONTROL));
        !self.output.status.success() && self.lines.is_ok() && !has_control
    }

    fn tell(self, plan: &Plan, progress: &Progress, sink: &mut Sink<'_>) -> Result<()> {
        let ended_early = self.ended_early();
        let Self { ids, origin, output, lines } = self;
        let (counts, failed) = match lines {
            Ok(read) => read,
            Err(error) => return sink(failure(Stage::Control, None, format!("{error:#}"))),
        };
        for failed in &failed {
            progress.note(&format!("{} failed", failed.id));
            sink(failure(Stage::Allocations, Some(&failed.id), failed.error.as_str()))?;
        }
        if let Some(reason) = distrust(&counts).filter(|_| !ended_early) {
            return sink(failure(Stage::Control, None, format!("{origin}: {reason}")));
        }
        // The kit fails for a budget that was exceeded too; that is a result, and told as one.
        let told = !failed.is_empty() || counts.iter().any(|line| is_over_budget(plan, line));
        if !output.status.success() && !told && !ended_early {
            sink(failure(Stage::Allocations, None, last_words(&output)))?;
        }
        let is_told = |id: &str| {
            counts.iter().any(|line| line.id == id) || failed.iter().any(|line| line.id == id)
        };
        for id in ids.iter().filter(|id| !is_told(id)) {
            progress.note(&format!("{id} was not counted"));
            let words = last_words(&output);
            let message = if ended_early { words } else { "printed no counts".into() };
            sink(failure(Stage::Allocations, Some(id), message))?;
        }
        for line in counts.into_iter().filter(|line| line.id != CONTROL) {
            sink(Sample::Allocations(line))?;
        }
        Ok(())
    }
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
