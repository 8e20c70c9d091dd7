//! Instruction counts, by callgrind: exact, and the same on a busy machine as on a quiet one.
//!
//! One call is the cold count; what a hundred more calls add, divided by a hundred, is the steady
//! one. Counts do not see memory latency or the width of an instruction: they show change in one
//! piece of code, and do not rank different libraries.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::{Context as _, Result, anyhow, bail};

use super::{Sink, failure, last_words};
use crate::bench::archive::{Instructions, Sample, Skipped, Stage};
use crate::bench::plan::{Plan, Planned};
use crate::bench::progress::Progress;
use crate::shell;

/// The function of the kit inside which the measured calls happen.
const REGION: &str = "shockwave_bench_region";
/// Calls after the first that the steady count is taken over.
const CALLS: u64 = 100;
/// Counting is exact on a busy machine too, so the processes may run beside each other.
const AT_A_TIME: usize = 2;

/// The program, so that a test can put another in its place.
#[derive(Debug)]
pub(crate) struct Valgrind(Option<PathBuf>);

impl Valgrind {
    pub(crate) fn find() -> Self {
        Self(shell::version("valgrind", &["--version"]).map(|_| "valgrind".into()))
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
    sink: &mut Sink<'_>,
) -> Result<()> {
    let Valgrind(Some(program)) = valgrind else {
        return sink(Sample::Skipped(Skipped {
            metric: "instructions/op".into(),
            reason: "valgrind is not installed".into(),
            remedy: "apt-get install valgrind".into(),
        }));
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
                    let Some(planned) = plan.benchmarks.get(index) else { break };
                    let file = scratch.join(format!("callgrind.{index}"));
                    if sender.send((planned, count(program, plan, planned, &file))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (planned, counted) in receiver {
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
        anyhow::Ok(())
    })?;
    progress.finish();
    Ok(())
}

fn count(program: &Path, plan: &Plan, planned: &Planned, file: &Path) -> Result<Instructions> {
    let binary = plan.binaries.get(planned.binary).context("no such binary")?;
    let id = &planned.benchmark.id;
    let run = |calls: u64| {
        let mut command = Command::new(program);
        command.arg("--tool=callgrind").arg(format!("--toggle-collect={REGION}"));
        command.arg(format!("--callgrind-out-file={}", file.display()));
        command.arg(&binary.path).args(["--kit", "once", id, &calls.to_string()]);
        let output = command.stdin(Stdio::null()).output().context("cannot start valgrind")?;
        if !output.status.success() {
            bail!("{}", last_words(&output));
        }
        let text = std::fs::read_to_string(file).context("callgrind wrote no file")?;
        std::fs::remove_file(file)?;
        let total = total(&text).ok_or_else(|| anyhow!("callgrind's file has no total"))?;
        if total == 0 {
            bail!("no instruction was counted inside {REGION}");
        }
        Ok(total)
    };
    Ok(Instructions { id: id.clone(), once: run(1)?, many: run(1 + CALLS)?, calls: CALLS })
}

/// The total of a callgrind file.
fn total(text: &str) -> Option<u64> {
    let line = |name: &str| text.lines().rev().find_map(|line| line.strip_prefix(name));
    line("totals:").or_else(|| line("summary:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_callgrind_file() {
        assert_eq!(
            total("version: 1\nevents: Ir\nsummary: 7\n\nfn=a\n1 2\n\ntotals: 2584\n"),
            Some(2584)
        );
        assert_eq!(total("summary: 7\n"), Some(7));
        assert_eq!(total("events: Ir\n"), None);
    }
}
