//! Measures two versions: answers and exact counts of each, then both side by side.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::archive::{Line, Side, Stage};
use super::judge;
use crate::bench::archive::{self, Pair, Sample, Skipped};
use crate::bench::build::Binary;
use crate::bench::gate::{Gates, Launches};
use crate::bench::measure::{self, Deadline, Valgrind, failure};
use crate::bench::paired::{self, Contest, Entrant, OtherProtocol, Settings};
use crate::bench::plan::{Plan, Planned};
use crate::bench::stats::Random;

/// Benchmarks of the newer version that are held against a copy of themselves.
const CONTROLS: usize = 5;

/// A version that is ready to be run.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) side: Side,
    pub(crate) plan: Plan,
    /// The builds that count, in the order of the plan's binaries.
    pub(crate) counting: Vec<Binary>,
}

/// What is to be measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct What<'a> {
    pub(crate) gates: &'a Gates,
    /// Where instructions are to be counted.
    pub(crate) valgrind: Option<&'a Valgrind>,
    pub(crate) time: bool,
    /// Also the time of executables that are the same, octet by octet.
    pub(crate) identical: bool,
    pub(crate) seed: u64,
    /// After this moment no launch is begun.
    pub(crate) until: Option<Instant>,
    /// A folder for what lives no longer than the measurement.
    pub(crate) scratch: &'a Path,
}

/// Passes lines on as they come and keeps them, since the screening is judged before the
/// confirmation.
struct Recorder<'a> {
    lines: &'a mut dyn FnMut(&Line) -> Result<()>,
    kept: Vec<Line>,
    remarks: Vec<String>,
}

impl Recorder<'_> {
    fn take(&mut self, side: Option<usize>, stage: Option<Stage>, sample: Sample) -> Result<()> {
        let line = Line { side, stage, sample };
        (self.lines)(&line)?;
        self.kept.push(line);
        Ok(())
    }

    fn remark(&mut self, remark: String) {
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }
}

/// Measures both versions; each line goes on as it comes. Returns what a reader of the times should
/// know.
pub(crate) fn measure(
    versions: &mut [Version; 2],
    what: &What<'_>,
    lines: &mut dyn FnMut(&Line) -> Result<()>,
) -> Result<Vec<String>> {
    let mut recorder = Recorder { lines, kept: Vec::new(), remarks: Vec::new() };
    for (side, version) in versions.iter_mut().enumerate() {
        let mut sink = |sample| recorder.take(Some(side), None, sample);
        count(version, what, &mut sink)?;
    }
    if what.time {
        match time(versions, what, &mut recorder) {
            Err(error) if error.is::<OtherProtocol>() => recorder.take(
                None,
                None,
                skipped(format!("{error:#}"), "compare with a later version; the counts stand"),
            )?,
            result => result?,
        }
    }
    Ok(recorder.remarks)
}

/// The benchmarks of one version: their answers, what they allocate, their instructions.
fn count(version: &mut Version, what: &What<'_>, sink: &mut measure::Sink<'_>) -> Result<()> {
    let plan = &mut version.plan;
    for planned in &plan.benchmarks {
        let binary = plan.binaries.get(planned.binary).map(|binary| binary.target.name.clone());
        let benchmark = planned.benchmark.clone();
        sink(Sample::Benchmark { binary: binary.unwrap_or_default(), benchmark })?;
    }
    measure::verify(plan, Deadline::none(), sink)?;
    let mut failed = BTreeSet::new();
    measure::allocations(plan, &version.counting, Deadline::none(), &mut |sample| {
        if let Sample::Failure(failure) = &sample {
            failed.extend(failure.id.clone());
        }
        sink(sample)
    })?;
    // What panicked or hung once would do so again.
    plan.benchmarks.retain(|planned| !failed.contains(&planned.benchmark.id));
    match what.valgrind {
        Some(valgrind) => {
            measure::instructions(plan, valgrind, what.scratch, Deadline::none(), sink)
        }
        None => Ok(()),
    }
}

/// Screens every benchmark that both versions have, beside the controls, and confirms what is
/// suspicious with fresh launches.
fn time(versions: &[Version; 2], what: &What<'_>, recorder: &mut Recorder<'_>) -> Result<()> {
    let mut random = Random::new(what.seed);
    let contests = contests(versions, what, recorder)?;
    let controls = controls(&contests, what.scratch, &mut random)?;
    let stages = std::iter::repeat_n(Stage::Screen, contests.len());
    let stages: Vec<Stage> =
        stages.chain(std::iter::repeat_n(Stage::Control, controls.len())).collect();
    let screening: Vec<Contest> = contests.iter().cloned().chain(controls).collect();
    let screen = what.gates.time.screen;
    run("screening", &screening, &stages, screen, what, &mut random, recorder)?;

    let suspicious = judge::suspicious(what.gates, what.seed, &recorder.kept);
    let is_suspicious = |contest: &Contest| suspicious.contains(contest.sides[1].id.as_str());
    let confirming: Vec<Contest> = contests.into_iter().filter(is_suspicious).collect();
    let stages = vec![Stage::Confirm; confirming.len()];
    let confirm = what.gates.time.confirm;
    run("confirming", &confirming, &stages, confirm, what, &mut random, recorder)
}

/// One contest for each benchmark of which both versions have the same definition.
fn contests(
    versions: &[Version; 2],
    what: &What<'_>,
    recorder: &mut Recorder<'_>,
) -> Result<Vec<Contest>> {
    let [old, new] = versions;
    let mut contests = Vec::new();
    for newer in &new.plan.benchmarks {
        let id = newer.benchmark.id.as_str();
        let same = |older: &&Planned| older.benchmark.id == id;
        let Some(older) = old.plan.benchmarks.iter().find(same) else { continue };
        if judge::is_redefined(&older.benchmark, &newer.benchmark) {
            continue;
        }
        let binaries = [binary(&old.plan, older)?, binary(&new.plan, newer)?];
        if !what.identical && is_same(binaries)? {
            recorder.remark(format!(
                "{}: both versions compile to the same executable, so that no time was taken",
                binaries[1].target.name
            ));
            continue;
        }
        contests.push(Contest { sides: binaries.map(|binary| Entrant::new(binary, id)) });
    }
    Ok(contests)
}

fn binary<'a>(plan: &'a Plan, planned: &Planned) -> Result<&'a Binary> {
    plan.binaries.get(planned.binary).context("no such binary")
}

/// Whether the two do the same because they are the same.
fn is_same([old, new]: [&Binary; 2]) -> Result<bool> {
    let read = |binary: &Binary| {
        std::fs::read(&binary.path).with_context(|| format!("cannot read {:?}", binary.path))
    };
    Ok(old.environment == new.environment && read(old)? == read(new)?)
}

/// Some of the newer sides against a copy of themselves: what such a control says is noise. Which
/// ones they are changes with the seed.
fn controls(contests: &[Contest], scratch: &Path, random: &mut Random) -> Result<Vec<Contest>> {
    let mut order: Vec<&Contest> = contests.iter().collect();
    random.shuffle(&mut order);
    let mut controls = Vec::new();
    for contest in order.into_iter().take(CONTROLS) {
        let [_, new] = &contest.sides;
        let copy = Entrant { binary: copied(&new.binary, scratch)?, ..new.clone() };
        controls.push(Contest { sides: [copy, new.clone()] });
    }
    Ok(controls)
}

fn copied(binary: &Path, scratch: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(scratch)?;
    let copy = scratch.join(binary.file_name().context("an executable has a name")?);
    if !copy.exists() {
        std::fs::copy(binary, &copy).with_context(|| format!("cannot copy {binary:?}"))?;
    }
    Ok(copy)
}

fn run(
    name: &str,
    contests: &[Contest],
    stages: &[Stage],
    size: Launches,
    what: &What<'_>,
    random: &mut Random,
    recorder: &mut Recorder<'_>,
) -> Result<()> {
    let settings = Settings { until: what.until, ..Settings::new(size.launches, size.blocks) };
    let summary = paired::run(name, contests, &settings, random, &mut |index, launch| {
        let ids = contests[index].sides.each_ref().map(|side| side.id.clone());
        match launch {
            Ok(launch) => {
                let stage = stages.get(index).copied();
                recorder.take(None, stage, Sample::Pair(Pair::of(ids, launch)))
            }
            Err(error) if error.is::<OtherProtocol>() => Err(error),
            Err(error) => {
                let message = format!("side by side with the older version: {error:#}");
                let failure = failure(archive::Stage::Pairs, Some(&ids[1]), message);
                recorder.take(Some(1), None, failure)
            }
        }
    })?;
    if let Some(reason) = summary.not_pinned {
        recorder.remark(format!("processes were not kept on a CPU each: {reason}"));
    }
    if summary.repeated > 0 {
        let repeated = summary.repeated;
        recorder.remark(format!("{name}: {repeated} launches were disturbed and done again"));
    }
    if summary.rounds < size.launches && !contests.is_empty() {
        let reason = format!("{name}: time for {} of {} launches", summary.rounds, size.launches);
        recorder.take(None, None, skipped(reason, "a larger --budget"))?;
    }
    Ok(())
}

fn skipped(reason: String, remedy: &str) -> Sample {
    Sample::Skipped(Skipped { metric: "ns/op".into(), reason, remedy: remedy.to_owned() })
}
