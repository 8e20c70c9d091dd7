//! Instruction counts, by callgrind: exact, and the same on a busy machine as on a quiet one.
//!
//! One call is the cold count; what a hundred more calls add, divided by a hundred, is the steady
//! one. Counts do not see memory latency or the width of an instruction: they show change in one
//! piece of code, and do not rank different libraries.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::{Context as _, Result};

use super::{Deadline, Sink, failure, left_out};
use crate::bench::archive::{Instructions, Sample, Skipped, Stage};
use crate::bench::plan::{Plan, Planned};
use crate::bench::profile::{CALLS, callgrind, total};
use crate::bench::progress::Progress;
use crate::shell;

/// Counting is exact on a busy machine too, so the processes may run beside each other.
const AT_A_TIME: usize = 2;

/// The program, so that a test can put another in its place.
#[derive(Debug)]
pub(crate) struct Valgrind(Option<PathBuf>);

impl Valgrind {
    pub(crate) fn find() -> Self {
        Self(shell::version("valgrind", &["--version"]).map(|_| "valgrind".into()))
    }

    pub(crate) fn program(&self) -> Option<&Path> {
        self.0.as_deref()
    }

    /// What is said where it is not installed.
    pub(crate) fn missing(metric: &str) -> Skipped {
        Skipped {
            metric: metric.to_owned(),
            reason: "valgrind is not installed".into(),
            remedy: "apt-get install valgrind".into(),
        }
    }

    #[cfg(test)]
    pub(crate) fn at(path: Option<PathBuf>) -> Self {
        Self(path)
    }
}

/// Counts every benchmark of the plan, or says why not. `scratch` is for callgrind's files.
pub(crate) fn instructions(
    plan: &Plan,
    valgrind: &Valgrind,
    scratch: &Path,
    until: Deadline,
    sink: &mut Sink<'_>,
) -> Result<()> {
    let Some(program) = valgrind.program() else {
        return sink(Sample::Skipped(Valgrind::missing("instructions/op")));
    };
    if plan.benchmarks.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(scratch)?;
    let progress = Progress::start("instructions", plan.benchmarks.len());
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let planned = plan.benchmarks.get(index).filter(|_| !until.is_over());
                    let Some(planned) = planned else { break };
                    let file = scratch.join(format!("callgrind.{index}"));
                    if sender.send((planned, count(program, plan, planned, &file))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut taken = 0;
        for (planned, counted) in receiver {
            taken += 1;
            let id = &planned.benchmark.id;
            progress.step(id);
            sink(match counted {
                Ok(counted) => Sample::Instructions(counted),
                Err(error) => {
                    progress.note(&format!("{id} failed"));
                    failure(Stage::Instructions, Some(id), format!("{error:#}"))
                }
            })?;
        }
        if taken < plan.benchmarks.len() {
            sink(left_out("instructions/op", taken, plan.benchmarks.len(), "benchmarks"))?;
        }
        anyhow::Ok(())
    })?;
    progress.finish();
    Ok(())
}

fn count(program: &Path, plan: &Plan, planned: &Planned, file: &Path) -> Result<Instructions> {
    let binary = plan.binaries.get(planned.binary).context("no such binary")?;
    let id = &planned.benchmark.id;
    let run = |calls: u64| {
        let text = callgrind(program, binary, (id, calls), file, &[])?;
        std::fs::remove_file(file)?;
        total(&text, "Ir").context("callgrind's file has no total")
    };
    Ok(Instructions { id: id.clone(), once: run(1)?, many: run(1 + CALLS)?, calls: CALLS })
}
