//! Where a benchmark spends its time: stacks that perf samples by the CPU's clock, which works
//! without hardware counters, as in virtual machines.
//!
//! The program is the one that is timed. It keeps no frame pointers, so that perf copies a piece of
//! the stack with each sample and unwinds it later. Inlined functions are named by us: perf gives
//! some of them the name of the function that they were compiled into.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::callgrind::REGION;
use super::helper::{Frames, Helper};
use super::source::{Frame, Function, responsible};
use crate::bench::archive::Skipped;
use crate::bench::build::Binary;
use crate::bench::measure::last_words;
use crate::shell;

/// Samples a second: a prime number, so as not to keep step with what it samples.
const FREQUENCY: u32 = 997;
/// Octets of the stack that are copied with each sample: futures are large.
const STACK: u32 = 16 << 10;

/// The samples of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Samples {
    /// How often each stack was seen inside the region, the outermost frame first.
    pub(crate) folded: BTreeMap<String, u64>,
    /// How often each function was at work itself; what Rust's library does is its caller's.
    pub(crate) functions: BTreeMap<Function, u64>,
    /// Samples inside the region, and those outside of it: set-up, and stacks that were cut off.
    pub(crate) inside: u64,
    pub(crate) outside: u64,
}

/// Runs a benchmark for so many seconds, or says why it cannot be sampled here.
pub(crate) fn take(
    binary: &Binary,
    id: &str,
    seconds: f64,
    folder: &Path,
    helper: &Helper,
) -> Result<Result<Samples, Skipped>> {
    if shell::version("perf", &["--version"]).is_none() {
        return Ok(Err(skipped("perf is not installed".into(), "apt-get install linux-perf")));
    }
    let data = folder.join("perf.data");
    let mut command = Command::new("perf");
    command.args(["record", "--quiet", "--event", "cpu-clock", "--output"]).arg(&data);
    command.args(["--freq", &FREQUENCY.to_string()]);
    command.args(["--call-graph", &format!("dwarf,{STACK}"), "--"]);
    command.arg(&binary.path).args(["--bench", "--noplot", "--exact", id, "--profile-time"]);
    command.arg(format!("{seconds}")).env("CRITERION_HOME", folder.join("criterion"));
    let output = command.stdin(Stdio::null()).output().context("cannot start perf")?;
    if !output.status.success() {
        let reason = last_words(&output).lines().next().unwrap_or_default().to_owned();
        return Ok(Err(skipped(reason, "sysctl kernel.perf_event_paranoid=1")));
    }
    let mut command = Command::new("perf");
    command.args(["script", "--fields", "ip,sym,dso", "--no-inline", "--input"]).arg(&data);
    let script = command.stdin(Stdio::null()).output().context("cannot start perf")?;
    anyhow::ensure!(script.status.success(), "perf script: {}", last_words(&script));
    let name = binary.path.to_string_lossy();
    let stacks = read(&String::from_utf8_lossy(&script.stdout), &name);
    let offsets = stacks.iter().flatten().filter_map(|raw| raw.offset).collect::<BTreeSet<_>>();
    let frames = helper.frames_at(&binary.path, &offsets)?;
    // Tens of megabytes, of no use beside what they were made into.
    std::fs::remove_file(&data)?;
    let _ = std::fs::remove_dir_all(folder.join("criterion"));
    Ok(Ok(samples(&stacks, &frames)))
}

fn skipped(reason: String, remedy: &str) -> Skipped {
    Skipped { metric: "CPU samples".into(), reason, remedy: remedy.into() }
}

/// A frame as perf tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Raw {
    symbol: String,
    /// Where it is in the benchmark's own file. Of a caller: within the call, not after it.
    offset: Option<u64>,
}

/// Reads what `perf script` prints: a stack a paragraph, the innermost frame first, each as
/// `offset symbol (file)`.
fn read(text: &str, binary: &str) -> Vec<Vec<Raw>> {
    let mut stacks = vec![Vec::new()];
    for line in text.lines() {
        let Some(frame) = line.strip_prefix('\t') else {
            stacks.push(Vec::new());
            continue;
        };
        let Some((address, rest)) = frame.trim_start().split_once(' ') else { continue };
        let (symbol, file) = match rest.trim_end().rsplit_once(" (") {
            Some((symbol, file)) => (symbol, file.trim_end_matches(')')),
            None => (rest, ""),
        };
        let Some(stack) = stacks.last_mut() else { continue };
        let address = u64::from_str_radix(address, 16).ok().filter(|_| file == binary);
        let within = u64::from(!stack.is_empty());
        let offset = address.map(|address| address.saturating_sub(within));
        stack.push(Raw { symbol: symbol.to_owned(), offset });
    }
    stacks.retain(|stack| !stack.is_empty());
    stacks
}

fn samples(stacks: &[Vec<Raw>], frames: &Frames) -> Samples {
    let mut samples = Samples::default();
    for stack in stacks {
        let expanded: Vec<Frame> = stack.iter().flat_map(|raw| expand(raw, frames)).collect();
        let Some(region) = expanded.iter().position(|frame| frame.name == REGION) else {
            samples.outside += 1;
            continue;
        };
        let inside = &expanded[..region];
        samples.inside += 1;
        // A semicolon parts frames.
        let names: Vec<_> = inside.iter().rev().map(|frame| frame.name.replace(';', ",")).collect();
        let names = if names.is_empty() { REGION.to_owned() } else { names.join(";") };
        *samples.folded.entry(names).or_default() += 1;
        if let Some(frame) = responsible(inside).or_else(|| expanded.first()) {
            *samples.functions.entry(frame.function()).or_default() += 1;
        }
    }
    samples
}

/// The functions at one address; what is not known of the file is named as perf does.
fn expand(raw: &Raw, frames: &Frames) -> Vec<Frame> {
    let known = raw.offset.and_then(|offset| frames.get(&offset)).filter(|all| !all.is_empty());
    known.cloned().unwrap_or_else(|| vec![Frame::new(&raw.symbol, "")])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = include_str!("../../../testdata/perf.script");

    fn frames() -> Frames {
        let std = Frame::new("get<u8>", "/rustc/59/library/core/src/slice/index.rs:1");
        let parse = Frame::new("parse", "/w/crates/http11/src/head/mod.rs:7");
        let region = Frame::new(REGION, "/w/benches/kit/src/region.rs:12");
        // The first is the leaf; of the others, the address is the one before what perf says.
        Frames::from([(0x2584a7, vec![std, parse]), (0x251b5c, vec![region])])
    }

    #[test]
    fn stacks_are_read_as_they_are_printed() {
        let stacks = read(SCRIPT, "/t/http11-1f");
        let lengths: Vec<_> = stacks.iter().map(Vec::len).collect();
        assert_eq!(lengths, [3, 3, 4]);
        let raw = |symbol: &str, offset| Raw { symbol: symbol.into(), offset };
        assert_eq!(stacks[0][0], raw("parse_request_head", Some(0x2584a7)));
        assert_eq!(stacks[0][1], raw("shockwave_bench_region", Some(0x251b5c)));
        assert_eq!(stacks[2][0], raw("next_uptodate_folio", None));
        assert_eq!(stacks[1][0].symbol, "<alloc::string::String as core::fmt::Write>::write_str");
    }

    #[test]
    fn samples_of_the_region_are_folded_and_the_rest_counted() {
        let samples = samples(&read(SCRIPT, "/t/http11-1f"), &frames());
        assert_eq!((samples.inside, samples.outside), (2, 1));
        let folded: Vec<_> = samples.folded.iter().map(|(s, n)| (s.as_str(), *n)).collect();
        assert_eq!(folded, [("asm_exc_page_fault;next_uptodate_folio", 1), ("parse;get", 1)]);
        let own: Vec<_> = samples.functions.iter().map(|(f, n)| (f.name.as_str(), *n)).collect();
        assert_eq!(own, [("next_uptodate_folio", 1), ("parse", 1)]);
    }
}
