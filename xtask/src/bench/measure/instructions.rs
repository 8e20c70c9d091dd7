//! Instruction counts, by callgrind: exact, and the same on a busy machine as on a quiet one.
//!
//! One call is the cold count; what a hundred more calls add, divided by a hundred, is the steady
//! one. Counts do not see memory latency or the width of an instruction: they show change in one
//! piece of code, and do not rank different libraries.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{Deadline, Sink, failure, left_out, two_at_a_time};
use crate::bench::archive::{Instructions, Sample, Skipped, Stage};
use crate::bench::build::Binary;
use crate::bench::plan::Plan;
use crate::bench::profile::{CALLS, callgrind, total};
use crate::shell;

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
    let count = |index: usize, binary: &Binary, id: &str| {
        count(program, binary, id, &scratch.join(format!("callgrind.{index}")))
    };
    let mut each = |id: &str, counted: Result<Instructions>| {
        sink(match counted {
            Ok(counted) => Sample::Instructions(counted),
            Err(error) => failure(Stage::Instructions, Some(id), format!("{error:#}")),
        })
    };
    let taken = two_at_a_time("instructions", plan, until, &count, &mut each)?;
    if taken < plan.benchmarks.len() {
        sink(left_out("instructions/op", taken, plan.benchmarks.len(), "benchmarks"))?;
    }
    Ok(())
}

fn count(program: &Path, binary: &Binary, id: &str, file: &Path) -> Result<Instructions> {
    let run = |calls: u64| {
        let text = callgrind(program, binary, (id, calls), file, &[])?;
        std::fs::remove_file(file)?;
        total(&text, "Ir").context("callgrind's file has no total")
    };
    Ok(Instructions { id: id.to_owned(), once: run(1)?, many: run(1 + CALLS)?, calls: CALLS })
}
