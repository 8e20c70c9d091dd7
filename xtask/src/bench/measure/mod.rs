//! The measurements, each from processes of the bench binaries. Whatever comes goes to a sink at
//! once, so that an interrupted run keeps all that it measured; whatever fails is named and kept.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::archive::{Failure, Sample, Skipped, Stage};
use super::build::Binary;
use super::plan::Plan;
use super::progress::Progress;

mod allocations;
mod instructions;
mod pairs;
pub(crate) mod process;
mod timing;
mod verify;

pub(crate) use allocations::allocations;
pub(crate) use instructions::{Valgrind, instructions};
pub(crate) use pairs::pairs;
pub(crate) use timing::timings;
pub(crate) use verify::verify;

/// Where samples go as they come.
pub(crate) type Sink<'a> = dyn FnMut(Sample) -> Result<()> + 'a;

/// When the time for all measurements is up, if it is limited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    until: Option<Instant>,
}

impl Deadline {
    pub(crate) fn none() -> Self {
        Self { until: None }
    }

    pub(crate) fn after(budget: Option<Duration>) -> Self {
        Self { until: budget.map(|budget| Instant::now() + budget) }
    }

    pub(crate) fn until(self) -> Option<Instant> {
        self.until
    }

    fn is_over(self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Where the time is limited, what is left of it.
    fn left(self) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(Instant::now()))
    }
}

/// What is said of a metric for which the time was not enough.
fn left_out(metric: &str, taken: usize, of: usize, what: &str) -> Sample {
    Sample::Skipped(Skipped {
        metric: metric.to_owned(),
        reason: format!("the time was up after {taken} of {of} {what}"),
        remedy: "a larger --budget".into(),
    })
}

/// A regular expression that matches these ids and nothing else.
fn exactly(ids: &[&str]) -> String {
    let escaped: Vec<_> = ids.iter().map(|id| regex::escape(id)).collect();
    format!("^(?:{})$", escaped.join("|"))
}

/// Does a thing to each benchmark of the plan, two beside each other: for what is exact on a busy
/// machine too. `work` gets the benchmark's number, binary and id; results come as they are ready.
/// Answers how many there were before the time was up.
pub(crate) fn two_at_a_time<T: Send>(
    name: &str,
    plan: &Plan,
    until: Deadline,
    work: &(dyn Fn(usize, &Binary, &str) -> Result<T> + Sync),
    each: &mut dyn FnMut(&str, Result<T>) -> Result<()>,
) -> Result<usize> {
    let progress = Progress::start(name, plan.benchmarks.len());
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut count = 0;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let planned = plan.benchmarks.get(index).filter(|_| !until.is_over());
                    let Some(planned) = planned else { break };
                    let id = planned.benchmark.id.as_str();
                    let binary = plan.binaries.get(planned.binary).context("no such binary");
                    let done = binary.and_then(|binary| work(index, binary, id));
                    if sender.send((id, done)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (id, done) in receiver {
            count += 1;
            progress.step(id);
            if done.is_err() {
                progress.note(&format!("{id} failed"));
            }
            each(id, done)?;
        }
        anyhow::Ok(())
    })?;
    progress.finish();
    Ok(count)
}

pub(crate) fn run_kit(binary: &Binary, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(&binary.path);
    command.arg("--kit").args(arguments).envs(binary.environment.iter().cloned());
    process::output(&mut command, binary.patience)
}

pub(crate) fn failure(stage: Stage, id: Option<&str>, message: impl Into<String>) -> Sample {
    Sample::Failure(Failure { stage, id: id.map(str::to_owned), message: message.into() })
}

/// What a process said before it failed, short enough for a report.
pub(crate) fn last_words(output: &Output) -> String {
    const LINES: usize = 12;
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let shown = lines[lines.len().saturating_sub(LINES)..].join("\n");
    if shown.is_empty() { format!("no message, {}", output.status) } else { shown }
}

#[cfg(test)]
mod tests;
