//! The measurements, each from processes of the bench binaries. Whatever comes goes to a sink at
//! once, so that an interrupted run keeps all that it measured; whatever fails is named and kept.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result};

use super::archive::{Failure, Sample, Stage};

mod allocations;
mod instructions;
mod pairs;
mod timing;
mod verify;

pub(crate) use allocations::allocations;
pub(crate) use instructions::{Valgrind, instructions};
pub(crate) use pairs::pairs;
pub(crate) use timing::timings;
pub(crate) use verify::verify;

/// Where samples go as they come.
pub(crate) type Sink<'a> = dyn FnMut(Sample) -> Result<()> + 'a;

/// A regular expression that matches these ids and nothing else.
fn exactly(ids: &[&str]) -> String {
    let escaped: Vec<_> = ids.iter().map(|id| regex::escape(id)).collect();
    format!("^(?:{})$", escaped.join("|"))
}

fn run_kit(binary: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(binary);
    command.arg("--kit").args(arguments).stdin(Stdio::null());
    command.output().with_context(|| format!("cannot start {binary:?}"))
}

fn failure(stage: Stage, id: Option<&str>, message: impl Into<String>) -> Sample {
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
